//! One process owns a data folder. A lock file says which; commands that run beside it ask it over a socket in the folder.

mod lock;
mod protocol;
mod socket;

pub(crate) use lock::{DataFolder, OwnerError};
pub(crate) use protocol::{
    Answer, KeysQuestion, KeysReport, NewTokenRow, OwnerLink, PersonQuestion, PublishQuestion, Question, SeenCookieRow, SeenResourceRow,
    TokenQuestion, TokenRow,
};
pub(crate) use socket::{ask, serve};
