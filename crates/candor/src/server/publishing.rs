//! The next version: the same for a command that asks this server and for one that opens the folder itself.

use std::path::Path;
use std::sync::Arc;

use ::visits::{Log, Retention};
use anyhow::Context;
use app::publishing::{PublishError, Published, Versions};
use arc_swap::ArcSwap;
use disk::RealDisk;
use domain::{Clock, Timestamp};
use parking_lot::Mutex;
use policy::Policy;
use policy::syntax::SiteSources;

use super::revoking::Revoking;
use crate::clock::SystemClock;
use crate::owner::Answer;
use crate::report::PublishReport;

type Say<'a> = &'a mut dyn FnMut(Answer) -> anyhow::Result<()>;

/// Publishes into a folder that no server owns, or only tries.
pub(crate) fn publish_in_folder(folder: &Path, sources: &SiteSources, is_only_tried: bool, say: Say<'_>) -> anyhow::Result<()> {
    let versions = Versions::open(Arc::new(RealDisk::new(folder))).context("the published versions cannot be read")?;
    publish(&versions, sources, is_only_tried, SystemClock::new().now(), |_| Ok(()), say)
}

/// What a new version has to be told to while the server runs.
pub(super) struct InForce {
    pub(super) versions: Arc<Versions>,
    pub(super) policy: Arc<ArcSwap<Policy>>,
    pub(super) revoking: Arc<Revoking>,
    pub(super) log: Arc<Log>,
    pub(super) clock: Arc<dyn Clock>,
    /// One version after the other comes into force.
    pub(super) turn: Mutex<()>,
}

impl InForce {
    pub(super) fn publish(&self, sources: &SiteSources, say: Say<'_>) -> anyhow::Result<()> {
        let _turn = self.turn.lock();
        publish(&self.versions, sources, false, self.clock.now(), |published| self.bring_into_force(published), say)
    }

    fn bring_into_force(&self, published: &Published) -> anyhow::Result<()> {
        self.revoking.change_policy(&self.policy, &published.policy);
        self.log.set_retention(retention(&self.versions))?;
        tracing::info!(version = published.record.version.0, material = published.is_material(), "a new version of the policy is in force");
        Ok(())
    }
}

/// How long visits are kept, by every version since the first.
pub(super) fn retention(versions: &Versions) -> Retention {
    let all = versions.all();
    Retention::of_versions(all.iter().rev().map(|published| (published.record.published, &*published.policy)))
}

fn publish(
    versions: &Versions,
    sources: &SiteSources,
    is_only_tried: bool,
    now: Timestamp,
    bring_into_force: impl FnOnce(&Published) -> anyhow::Result<()>,
    say: Say<'_>,
) -> anyhow::Result<()> {
    let proposed = match versions.propose(sources, now) {
        Ok(proposed) => proposed,
        Err(why) => return refuse(why, say),
    };
    // A version that the log cannot keep would be published for good.
    if let Err(why) = Retention::of(&proposed.policy).check() {
        return say(Answer::Refused(why.to_string()));
    }
    if is_only_tried {
        return say(Answer::Published(PublishReport::of(&proposed, false)));
    }
    match versions.publish(sources, now) {
        Ok(published) => {
            bring_into_force(&published)?;
            say(Answer::Published(PublishReport::of(&published, true)))
        }
        Err(why) => refuse(why, say),
    }
}

fn refuse(why: PublishError, say: Say<'_>) -> anyhow::Result<()> {
    match why {
        PublishError::Disk(error) => Err(error.into()),
        why => say(Answer::Refused(why.to_string())),
    }
}
