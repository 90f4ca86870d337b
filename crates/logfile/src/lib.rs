//! Reads the access logs that other servers wrote: nginx, Apache, lighttpd, Caddy, Traefik, HAProxy, IIS and whoever writes as they do.
//!
//! [`LineReader`] takes lines out of a file, packed or not; [`Format::find`] says from the first of them what they are; a [`Parser`] reads each into
//! an [`Entry`] that borrows from it. What cannot be read is [`Broken`], which says why and never what: a line of a log is personal.
//!
//! ```
//! use logfile::{Format, LineReader, Parser};
//!
//! let log = "192.0.2.7 - - [10/Oct/2024:13:55:36 +0200] \"GET /a?b HTTP/1.1\" 200 2326\n";
//! let mut lines = LineReader::open(log.as_bytes()).unwrap();
//! let format = Format::find(lines.beginning(100).unwrap()).unwrap();
//! let mut parser = Parser::new(format);
//! while let Some(line) = lines.next().unwrap() {
//!     let entry = line.read(&mut parser).unwrap().unwrap();
//!     assert_eq!(entry.path.as_deref(), Some("/a"));
//! }
//! ```

mod broken;
mod entry;
mod find;
mod formats;
mod json;
mod number;
mod parser;
mod reader;
mod request;
#[cfg(test)]
mod testing;
mod text;
mod time;

pub use broken::{Broken, Why};
pub use entry::Entry;
pub use find::Format;
pub use parser::Parser;
pub use reader::{Ending, LINE_BYTES_MAX, Line, LineReader};
