//! The edge, through its front door: real sockets on both sides of it.

mod common;
mod connections;
mod fields;
mod http2;
mod own_pages;
mod page_codings;
mod page_streams;
mod page_validators;
mod pages;
mod passing;
mod places;
mod recording;
mod refusing;
mod return_visits;
mod sessions;
mod sign_in;
mod signals;
mod site_cookies;
mod site_failures;
mod site_headers;
mod upgrades;
mod with_python;
