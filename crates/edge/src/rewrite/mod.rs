//! What of the site's answer reaches the visitor: everything, but for what the plan of the visit does not permit it to leave behind.

mod asked;
mod charset;
mod coding;
mod cookie_date;
pub(crate) mod csp;
mod html;
mod kind;
mod obligations;
mod page;
mod ranges;
mod set_cookie;
mod signs;
mod site_cookies;
mod stream;
mod transform;
mod validators;

pub(crate) use obligations::Obligations;
pub(crate) use page::{ask, settle as settle_page};
pub(crate) use ranges::{is_part, whole_instead};
pub(crate) use site_cookies::{Withdrawn, expire, settle};
pub(crate) use stream::PageBody;
