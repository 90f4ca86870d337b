//! What of the site's answer reaches the visitor: everything, but for what the plan of the visit does not permit it to leave behind.

mod clear_site_data;
mod cookie_date;
pub(crate) mod csp;
mod link;
mod manners;
mod set_cookie;
mod site_cookies;
mod site_headers;

pub(crate) use clear_site_data::clear_storage_too;
pub(crate) use site_cookies::{Withdrawn, expire, settle};
pub(crate) use site_headers::settle_headers;
