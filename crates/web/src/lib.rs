//! The pages of Candor's own: the privacy centre that visitors read, and the console that operators read. Routers only; who listens is not decided
//! here. Every page works without script.

mod api;
mod asker;
mod assets;
mod console;
mod features;
mod forgery;
mod forms;
mod headers;
mod inserts;
mod language;
mod local_path;
mod negotiate;
mod pages;
mod phrases;
mod prefix;
mod readers;
mod reports;
mod routes;
mod state;

pub use asker::Asker;
pub use console::{ConsoleClient, ConsoleSettings, Count, Operations};
pub use inserts::{HeldBack, Inserts, SitePage};
pub use prefix::{BadPrefix, Prefix};
pub use reports::Reports;
pub use routes::{csp_report_path, owns, private, public, without_secret};
pub use state::{PrivateState, Settings, State};
