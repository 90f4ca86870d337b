//! What the stories are told with: the real binary, a site of our own behind it, a plain HTTP client in front, and folders that go away afterwards.
//!
//! Nothing here uses Candor's own crates: the stories know only what people and programs outside can know.

mod command;
mod database;
mod folder;
mod form;
pub mod hostile;
pub mod http;
mod listener;
mod log_writer;
mod mail_server;
mod nginx;
mod regions;
mod s3_server;
mod server;
mod site;
mod tools;
mod visitor;
mod wait;

pub use command::{Finished, candor};
pub use database::Database;
pub use folder::{Folder, example};
pub use form::Form;
pub use http::{Connection, Request, Response};
pub use listener::Seen;
pub use log_writer::{LOG_ZONE, LogStyle, LogWriter, free_port};
pub use mail_server::{MailServer, Mailed};
pub use nginx::Nginx;
pub use regions::{database_without_regions, region_database};
pub use s3_server::S3Server;
pub use server::{Counts, Place, Server, differences};
pub use site::Site;
pub use tools::{browser_script, documentation, find};
pub use visitor::Visitor;
pub use wait::{eventually, stopwatch, world_time};
