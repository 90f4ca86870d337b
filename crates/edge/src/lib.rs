//! The edge: the reverse proxy that a site's visitors reach first.
//!
//! `listen` accepts connections and reads requests, `gate` decides once for each of them, `forward` sends it to the site, `rewrite` holds
//! back of its answer what is not permitted, `record` hands exactly one
//! visit to the log however the request ended. Requests for Candor's own pages go to [`OwnPages`]. Nothing here knows SQL, or a web framework.

mod answer;
mod body;
mod counts;
mod forward;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod listen;
mod pages;
mod places;
mod record;
mod rewrite;
mod seen;
mod serve;
mod sessions;
mod settings;
mod signals;

pub use body::{AnswerBody, BodyError, RequestBody};
pub use counts::EdgeCounts;
pub use gate::sign_in::{BadSignInPath, SignInPath};
pub use listen::{BindError, Bound, Counter, Running, Wiring, bind};
pub use pages::{Held, Inserts, OwnPages, Page, RequestFacts, Room};
pub use places::Places;
pub use record::Record;
pub use seen::{CookieSightings, ResourceSightings, Sightings};
pub use sessions::{Renewed, Sessions};
pub use settings::{BadNetwork, BadUpstream, Enforcement, Limits, Network, Settings, TlsFiles, Upstream};
pub use signals::{KeepSignals, Signal};
