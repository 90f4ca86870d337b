//! The edge: the reverse proxy that a site's visitors reach first.
//!
//! `listen` accepts connections and reads requests, `gate` decides once for each of them, `forward` sends it to the site, `record` hands exactly one
//! visit to the log however the request ended. Requests for Candor's own pages go to [`OwnPages`]. Nothing here knows SQL, or a web framework.

mod answer;
mod body;
mod counts;
mod forward;
mod gate;
mod listen;
mod pages;
mod record;
mod serve;
mod settings;

pub use body::{AnswerBody, BodyError, RequestBody};
pub use counts::EdgeCounts;
pub use listen::{BindError, Bound, Counter, Running, Wiring, bind};
pub use pages::{OwnPages, RequestFacts};
pub use record::Record;
pub use settings::{BadNetwork, BadUpstream, Limits, Network, Settings, TlsFiles, Upstream};
