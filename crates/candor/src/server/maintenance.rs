//! What has to be done now and then while the server runs: new signing keys, and visits, recorded answers, sessions, registrations and links that
//! have had their time; and dependents who come of age.

use std::sync::Arc;
use std::time::Duration;

use ::visits::Log;
use app::choices::ChoiceRecords;
use app::operators::Operators;
use app::people::{Accounts, LookedAfter};
use app::programs::Programs;
use app::publishing::Versions;
use domain::Clock;

use super::assertions::AssertionFile;
use super::keys::KeyFile;
use super::revoking::Revoking;

/// Often enough that nothing outlives its time by more than the log promises.
const EVERY: Duration = Duration::from_secs(15 * 60);

/// What is looked after.
pub(super) struct Kept {
    pub(super) log: Arc<Log>,
    pub(super) keys: KeyFile,
    pub(super) choices: Arc<ChoiceRecords>,
    pub(super) versions: Arc<Versions>,
    pub(super) assertions: AssertionFile,
    pub(super) accounts: Arc<Accounts>,
    pub(super) programs: Arc<Programs>,
    pub(super) operators: Arc<Operators>,
    pub(super) revoking: Arc<Revoking>,
}

pub(super) async fn run(kept: Kept, clock: Arc<dyn Clock>) {
    let Kept { log, keys, choices, versions, assertions, accounts, programs, operators, revoking } = kept;
    let (keys, assertions) = (Arc::new(keys), Arc::new(assertions));
    let mut turns = tokio::time::interval(EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    match accounts.erase_again(clock.now()).await {
        Ok(0) => {}
        Ok(erased) => tracing::warn!(erased, "an older copy of the records brought people back who were erased; they are erased again"),
        Err(error) => tracing::error!(%error, "whether people came back who were erased could not be found out"),
    }
    loop {
        turns.tick().await;
        match choices.forget(&versions, clock.now()).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "recorded answers that have had their time are gone"),
            Err(error) => tracing::error!(%error, "recorded answers that have had their time could not be removed"),
        }
        match accounts.forget_what_nobody_followed(clock.now()).await {
            Ok((0, _)) => {}
            Ok((registrations, _)) => tracing::info!(registrations, "registrations that nobody confirmed in time are gone"),
            Err(error) => tracing::error!(%error, "registrations and links that have had their time could not be removed"),
        }
        match accounts.forget_sessions(clock.now()).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "sessions that have had their time are gone"),
            Err(error) => tracing::error!(%error, "sessions that have had their time could not be removed"),
        }
        match versions.current() {
            None => {}
            Some(policy) => match accounts.look_after_dependents(&policy, clock.now()).await {
                Ok(LookedAfter { forgotten: 0, passed: 0, closed: 0 }) => {}
                Ok(LookedAfter { forgotten, passed, closed }) => {
                    tracing::info!(
                        forgotten,
                        passed,
                        closed,
                        "dependents who came of age, or whom nobody confirmed or took up, are seen to"
                    );
                }
                Err(error) => tracing::error!(%error, "dependents could not be looked after; it is tried again"),
            },
        }
        match accounts.erase_closed(clock.now()).await {
            Ok(0) => {}
            Ok(erased) => tracing::info!(erased, "closed accounts are erased"),
            Err(error) => tracing::error!(%error, "closed accounts could not be erased; it is tried again"),
        }
        if let Err(error) = accounts.forget_what_is_over(clock.now()).await {
            tracing::error!(%error, "agreements and links to browsers that have had their time could not be removed");
        }
        if let Err(error) = programs.forget(clock.now()).await {
            tracing::error!(%error, "tokens and answers that have had their time could not be removed");
        }
        if let Err(error) = operators.forget(clock.now()).await {
            tracing::error!(%error, "operators' sessions and links that have had their time could not be removed");
        }
        revoking.forget();
        let (log, keys, assertions, clock) = (Arc::clone(&log), Arc::clone(&keys), Arc::clone(&assertions), Arc::clone(&clock));
        let turn = tokio::task::spawn_blocking(move || {
            if let Err(error) = keys.rotate() {
                tracing::error!(%error, "the signing keys could not be looked after");
            }
            if let Err(error) = assertions.rotate() {
                tracing::error!(%error, "the keys of assertions could not be looked after");
            }
            match log.seal(clock.now()) {
                Ok(done) if done.visits > 0 => tracing::info!(visits = done.visits, files = done.files, "visits are sealed"),
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "visits could not be sealed; they stay as they are, and it is tried again"),
            }
            match log.maintain(clock.now()) {
                Ok(done) if done.removed_visits > 0 || done.aged_visits > 0 => {
                    tracing::info!(removed = done.removed_visits, aged = done.aged_visits, "visits that have had their time are gone");
                }
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "visits that have had their time could not be removed"),
            }
        });
        if turn.await.is_err() {
            tracing::error!("maintenance ended early; it is tried again");
        }
    }
}
