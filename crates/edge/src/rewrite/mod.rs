//! What of the site's answer reaches the visitor: everything, but for what the plan of the visit does not permit it to leave behind.

mod cookie_date;
pub(crate) mod csp;
mod set_cookie;
mod site_cookies;

pub(crate) use site_cookies::{Withdrawn, expire, settle};
