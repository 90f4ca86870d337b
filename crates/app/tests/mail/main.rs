//! Letters on their way: real records, a real mail server, and a process that is killed in the middle.

mod erasing;
mod house;
mod minors;
mod server;
mod with_smtp;
