//! One process owns a data folder. A lock file says which; commands that run beside it ask it over a socket in the folder.

mod lock;
mod protocol;
mod socket;
mod stream;

pub(crate) use lock::{DataFolder, OwnerError};
pub(crate) use protocol::{
    Answer, BrokenLine, ImportQuestion, KeysQuestion, KeysReport, LogReport, NewTokenRow, OwnerLink, PersonQuestion, PublishQuestion,
    Question, SeenCookieRow, SeenResourceRow, TokenQuestion, TokenRow,
};
pub(crate) use socket::{ask, ask_with, serve};
