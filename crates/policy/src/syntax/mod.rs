//! Reading a site folder's text: `policy.toml` into rules and `policy.md` into words, each with the exact place of everything.
//!
//! Nothing here stops at the first mistake. What cannot be read becomes a [`Problem`], and the rest is read on, so that one check shows them all.

mod forms;
mod place;
mod problem;
mod reader;
mod rules;
mod sections;
mod sources;
mod values;
mod words;

pub use sources::{SiteSources, SourceFile};

pub(crate) use forms::{EraseForm, OwnerForm, StoreUrlForm, Translations};
pub(crate) use place::{Spanned, position};
pub(crate) use problem::{Problem, ProblemKind, list_in_words, nearest};
pub(crate) use reader::{Entry, Section};
pub(crate) use rules::{Rules, read_rules, vocabulary};
pub(crate) use sections::*;
pub(crate) use words::{TaggedText, WordsDocument, markdown_options, read_words};
