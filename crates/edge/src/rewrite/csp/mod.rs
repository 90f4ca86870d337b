//! Content-Security-Policy: what the site's own says of our style and forms, and the second one, which lets in what the visit permits and nothing else.
//!
//! Everything is read as browsers read it (CSP Level 3), and nothing of the site's own is changed but for the one source that our style needs.

mod allow_list;
mod amend;
mod parse;
mod reports;
mod site;
mod source;

pub(crate) use allow_list::{OWN_ONLY, allow_list};
pub(crate) use amend::amend_meta;
pub(crate) use reports::without_reports;
pub(crate) use site::{Site, meta_allows_forms_to_self};

#[cfg(test)]
mod tests;
