//! What cases of minors leave to be done, whenever there is something, and looked for now and then, so that a crash loses nothing of it.

use std::sync::Arc;
use std::time::Duration;

use app::minors::Minors;
use arc_swap::ArcSwap;
use domain::Clock;
use policy::Policy;

/// Often enough that a deadline of hours is kept.
const EVERY: Duration = Duration::from_secs(20);

pub(super) async fn run(minors: Arc<Minors>, policy: Arc<ArcSwap<Policy>>, clock: Arc<dyn Clock>) {
    loop {
        let in_force = policy.load_full();
        match minors.reconcile(&in_force, clock.now()).await {
            Ok(done) if done.is_nothing() => {}
            Ok(done) => {
                let (erased, told, reports, forgotten) = (done.erased, done.told, done.reports, done.forgotten);
                tracing::info!(erased, told, reports, forgotten, "cases of minors are looked after");
            }
            Err(error) => tracing::error!(%error, "cases of minors could not be looked after; it is tried again"),
        }
        // Whatever begins meanwhile is told.
        let _ = tokio::time::timeout(EVERY, minors.until_due()).await;
    }
}
