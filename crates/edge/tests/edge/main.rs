//! The edge, through its front door: real sockets on both sides of it.

mod common;
mod passing;
