use std::fmt;
use std::sync::Arc;

use app::choices::ChoiceRecords;
use app::held::Holdings;
use app::people::Accounts;
use app::publishing::Versions;
use arc_swap::ArcSwap;
use domain::Random;
use policy::assertion::AssertionKeys;
use policy::cookie::SigningKeys;

use crate::{Prefix, Reports};

/// What the public pages work with. Cheap to clone.
#[derive(Clone)]
pub struct State {
    pub versions: Arc<Versions>,
    pub holdings: Arc<Holdings>,
    pub choices: Arc<ChoiceRecords>,
    pub accounts: Arc<Accounts>,
    /// The keys of our cookie and forms; whoever rotates them swaps them here.
    pub keys: Arc<ArcSwap<SigningKeys>>,
    /// The keys of what the site is told of people; likewise.
    pub assertions: Arc<ArcSwap<AssertionKeys>>,
    pub random: Arc<dyn Random>,
    pub settings: Arc<Settings>,
    /// Who hears what browsers report.
    pub reports: Arc<dyn Reports>,
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
}

impl Default for Settings {
    fn default() -> Self {
        Self { prefix: Prefix::default(), account: Prefix::account(), origin: None }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("State").field("settings", &self.settings).finish_non_exhaustive()
    }
}
