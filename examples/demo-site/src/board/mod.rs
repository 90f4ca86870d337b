//! The community board: neighbors ask, neighbors answer.

mod pages;
mod store;

pub(crate) use pages::router;
pub(crate) use store::{Board, Draft, PostLine};
