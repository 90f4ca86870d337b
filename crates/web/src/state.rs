use std::fmt;
use std::sync::Arc;

use app::choices::{ChoiceRecords, KeepLater};
use app::held::Holdings;
use app::minors::Minors;
use app::operators::Operators;
use app::people::Accounts;
use app::programs::Programs;
use app::publishing::Versions;
use app::visit_log::VisitLog;
use arc_swap::ArcSwap;
use domain::{Clock, Random};
use policy::assertion::AssertionKeys;
use policy::cookie::SigningKeys;

use crate::{ConsoleSettings, Operations, Prefix, Reports};

/// What the public pages work with. Cheap to clone.
#[derive(Clone)]
pub struct State {
    pub versions: Arc<Versions>,
    pub holdings: Arc<Holdings>,
    pub choices: Arc<ChoiceRecords>,
    pub accounts: Arc<Accounts>,
    pub minors: Arc<Minors>,
    /// Who writes down what nobody waits for.
    pub later: Arc<dyn KeepLater>,
    /// The keys of our cookie and forms; whoever rotates them swaps them here.
    pub keys: Arc<ArcSwap<SigningKeys>>,
    /// The keys of what the site is told of people; likewise.
    pub assertions: Arc<ArcSwap<AssertionKeys>>,
    pub random: Arc<dyn Random>,
    pub settings: Arc<Settings>,
    /// Who hears what browsers report.
    pub reports: Arc<dyn Reports>,
}

/// What the console and the API work with. Cheap to clone.
#[derive(Clone)]
pub struct PrivateState {
    pub versions: Arc<Versions>,
    pub accounts: Arc<Accounts>,
    pub minors: Arc<Minors>,
    pub programs: Arc<Programs>,
    pub visits: Arc<VisitLog>,
    pub operators: Arc<Operators>,
    pub operations: Arc<dyn Operations>,
    pub settings: Arc<ConsoleSettings>,
    pub keys: Arc<ArcSwap<SigningKeys>>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

impl fmt::Debug for PrivateState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PrivateState").finish_non_exhaustive()
    }
}

/// How the public pages are set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the privacy centre lives.
    pub prefix: Prefix,
    /// Where people's accounts live.
    pub account: Prefix,
    /// Where people reach the site, as `https://example.org`; none is wherever a request went.
    pub origin: Option<String>,
    /// Obligations are only observed: nothing is held back yet, and the pages say so instead of claiming an effect.
    pub observing: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { prefix: Prefix::default(), account: Prefix::account(), origin: None, observing: false }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("State").field("settings", &self.settings).finish_non_exhaustive()
    }
}
