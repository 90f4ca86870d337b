//! Sessions, between the edge, which asks whether one goes on, and the accounts, which know.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::people::{Accounts, SEEN_WRITTEN_EVERY};
use domain::{SessionId, Timestamp};
use edge::Renewed;

pub(super) struct Sessions {
    accounts: Arc<Accounts>,
    /// The last question got no answer. It is told once, and not with every visit.
    fails: Arc<AtomicBool>,
}

impl Sessions {
    pub(super) fn of(accounts: &Arc<Accounts>) -> Self {
        Self { accounts: Arc::clone(accounts), fails: Arc::default() }
    }
}

impl edge::Sessions for Sessions {
    fn renew(&self, session: SessionId, now: Timestamp) -> Pin<Box<dyn Future<Output = Renewed> + Send>> {
        let (accounts, fails) = (Arc::clone(&self.accounts), Arc::clone(&self.fails));
        Box::pin(async move {
            let renewed = accounts.renew(session, now).await;
            let failed_before = fails.swap(renewed.is_err(), Ordering::Relaxed);
            match renewed {
                Ok(ticket) => {
                    if failed_before {
                        tracing::info!("sessions can be looked up again");
                    }
                    ticket.map_or(Renewed::Ended, Renewed::Ticket)
                }
                Err(error) => {
                    if !failed_before {
                        tracing::error!(%error, "sessions cannot be looked up: people count as signed out until they can");
                    }
                    Renewed::Unknown
                }
            }
        })
    }
}

/// Writes down now and then when sessions were last seen.
pub(super) async fn keep_seen_now_and_then(accounts: Arc<Accounts>) {
    let mut turns = tokio::time::interval(SEEN_WRITTEN_EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        keep_seen(&accounts).await;
    }
}

pub(super) async fn keep_seen(accounts: &Accounts) {
    if let Err(error) = accounts.write_seen().await {
        tracing::error!(%error, "when sessions were last seen could not be kept; it is tried again");
    }
}
