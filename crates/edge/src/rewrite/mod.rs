//! What of the site's answer reaches the visitor: everything, but for what the plan of the visit does not permit it to leave behind.

mod asked;
mod charset;
mod clear_site_data;
mod coding;
mod cookie_date;
pub(crate) mod csp;
mod destination;
mod first;
mod html;
mod kind;
mod link;
mod manners;
mod obligations;
mod page;
mod ranges;
mod refresh;
mod reports;
mod service_worker;
mod set_cookie;
mod signs;
mod site_cookies;
mod site_headers;
mod stream;
mod transform;
mod validators;

pub(crate) use clear_site_data::{clear_copies, clear_storage_too};
#[cfg(feature = "fuzzing")]
pub(crate) use html::{Elements, Page as HtmlPage, PageInserts, Reading};
pub(crate) use obligations::Obligations;
pub(crate) use page::{ask, settle as settle_page};
pub(crate) use ranges::{is_part, whole_instead};
pub(crate) use service_worker::{answer as answer_service_worker, is_refused as refuses_service_worker};
#[cfg(feature = "fuzzing")]
pub(crate) use set_cookie::SetCookie;
pub(crate) use site_cookies::{Withdrawn, expire, settle};
pub(crate) use site_headers::settle_headers;
pub(crate) use stream::PageBody;
