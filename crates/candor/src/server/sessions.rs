//! Sessions, between the edge, which asks whether one goes on, and the accounts, which know.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::people::{Accounts, SEEN_WRITTEN_EVERY};
use app::programs::Programs;
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

/// Writes down now and then when sessions were last seen, and tokens last used; and forgets the browsers of those who do not want to be recognised.
pub(super) async fn keep_seen_now_and_then(accounts: Arc<Accounts>, programs: Arc<Programs>) {
    let mut turns = tokio::time::interval(SEEN_WRITTEN_EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        keep_seen(&accounts, &programs).await;
    }
}

pub(super) async fn keep_seen(accounts: &Accounts, programs: &Programs) {
    if let Err(error) = accounts.write_seen().await {
        tracing::error!(%error, "when sessions were last seen could not be kept; it is tried again");
    }
    if let Err(error) = accounts.forget_unrecognised().await {
        tracing::error!(%error, "the browsers of people who are not to be recognised could not be forgotten; it is tried again");
    }
    if let Err(error) = programs.write_used().await {
        tracing::error!(%error, "when tokens were last used could not be kept; it is tried again");
    }
}

#[cfg(test)]
mod tests {
    use app::people::Endings;
    use domain::{Clock, ManualClock, SeededRandom};
    use edge::Sessions as _;
    use policy::cookie::SessionPart;
    use policy::{StorageCapability, TicketStanding};
    use records::{Account, Address, MasterKeys, People, Records, Vault};

    use super::*;
    use crate::server::revoking::Revoking;
    use crate::server::testing;

    /// Accounts, and what the edge would know of them.
    struct House {
        accounts: Arc<Accounts>,
        people: People,
        records: Records,
        revoking: Arc<Revoking>,
        clock: Arc<ManualClock>,
        folder: std::path::PathBuf,
    }

    impl Drop for House {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a test stands in for the wiring")]
    const fn storage() -> StorageCapability {
        StorageCapability::issue()
    }

    impl House {
        async fn named(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("candor-sessions-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
            let clock = Arc::new(ManualClock::at("2026-03-02T12:00:00Z".parse().expect("a time")));
            let random: Arc<SeededRandom> = Arc::new(SeededRandom::new(3));
            let records = Records::open(&Address::Sqlite(folder.join("records.sqlite"))).await.expect("records");
            let masters = MasterKeys::parse(&MasterKeys::new_line(&SeededRandom::new(1))).expect("a master key");
            let vault = Vault::open(&Address::Sqlite(folder.join("keys.sqlite")), masters, storage(), random.clone()).await;
            let people = People::new(records.clone(), vault.expect("a vault"));
            let revoking = Arc::new(Revoking::starting_now(clock.clone()));
            let accounts = Accounts::new(people.clone(), random).telling(Arc::clone(&revoking) as Arc<dyn Endings>);
            clock.advance(std::time::Duration::from_secs(60));
            Self { accounts: Arc::new(accounts), people, records, revoking, clock, folder }
        }

        fn programs(&self) -> Programs {
            Programs::new(self.people.clone(), self.records.clone(), Arc::new(SeededRandom::new(9)))
        }

        fn now(&self) -> Timestamp {
            self.clock.now()
        }

        async fn anna(&self) -> Account {
            testing::anna(&self.people, self.now()).await
        }

        async fn signed_in(&self, account: &Account) -> SessionPart {
            testing::sign_in(&self.accounts, account, None, self.now()).await
        }

        async fn renewed(&self, ticket: &SessionPart) -> Renewed {
            Sessions::of(&self.accounts).renew(ticket.session, self.now()).await
        }

        fn standing(&self, ticket: &SessionPart) -> TicketStanding {
            self.revoking.revocations().load().standing_of(ticket)
        }
    }

    #[tokio::test]
    async fn a_ticket_is_renewed_until_somebody_signs_out() {
        let house = House::named("renewed").await;
        let anna = house.anna().await;
        let ticket = house.signed_in(&anna).await;
        house.clock.advance(std::time::Duration::from_secs(600));
        let Renewed::Ticket(renewed) = house.renewed(&ticket).await else { panic!("it goes on") };
        assert_eq!((renewed.renewed, renewed.started, renewed.session), (house.now(), ticket.started, ticket.session));
        assert_eq!((house.standing(&ticket), house.standing(&renewed)), (TicketStanding::Good, TicketStanding::Good));
        let other = house.signed_in(&anna).await;
        house.accounts.sign_out(ticket.session).await.expect("signed out");
        assert_eq!((house.standing(&renewed), house.standing(&other)), (TicketStanding::Ended, TicketStanding::Good));
        assert!(matches!(house.renewed(&ticket).await, Renewed::Ended));
        assert!(matches!(house.renewed(&other).await, Renewed::Ticket(_)));
    }

    #[tokio::test]
    async fn signing_in_again_ends_the_session_of_the_same_browser() {
        let house = House::named("again").await;
        let anna = house.anna().await;
        let old = house.signed_in(&anna).await;
        let new = testing::sign_in(&house.accounts, &anna, Some(&old), house.now()).await;
        assert_eq!((house.standing(&old), house.standing(&new)), (TicketStanding::Ended, TicketStanding::Good));
    }

    #[tokio::test]
    async fn signing_out_everywhere_and_closing_take_every_ticket_along() {
        let house = House::named("everywhere").await;
        let anna = house.anna().await;
        let tickets = [house.signed_in(&anna).await, house.signed_in(&anna).await];
        house.accounts.sign_out_everywhere(anna.id).await.expect("signed out");
        for ticket in &tickets {
            assert_eq!(house.standing(ticket), TicketStanding::Unsure);
            assert!(matches!(house.renewed(ticket).await, Renewed::Ended));
        }
        house.clock.advance(std::time::Duration::from_secs(1));
        let again = house.signed_in(&anna).await;
        assert_eq!(house.standing(&again), TicketStanding::Good);
        house.accounts.close(anna.id, house.now()).await.expect("closed");
        assert_eq!(house.standing(&again), TicketStanding::Ended);
        assert!(matches!(house.renewed(&again).await, Renewed::Ended));
        house.clock.advance(std::time::Duration::from_secs(11 * 60));
        house.revoking.forget();
        assert_eq!(house.standing(&SessionPart { renewed: house.now(), ..again }), TicketStanding::Good, "the rows say the rest");
    }

    #[tokio::test]
    async fn when_sessions_were_seen_is_written_together() {
        let house = House::named("seen").await;
        let anna = house.anna().await;
        let ticket = house.signed_in(&anna).await;
        house.clock.advance(std::time::Duration::from_secs(600));
        house.renewed(&ticket).await;
        let seen = async || house.accounts.sessions(anna.id, house.now()).await.expect("read")[0].seen;
        assert_eq!(seen().await, ticket.started);
        keep_seen(&house.accounts, &house.programs()).await;
        assert_eq!(seen().await, house.now());
        house.clock.advance(std::time::Duration::from_secs(15 * 86_400));
        assert_eq!(house.accounts.forget_sessions(house.now()).await.expect("removed"), 1);
    }

    #[tokio::test]
    async fn a_database_that_is_gone_says_nothing_of_anybody() {
        let house = House::named("gone").await;
        let anna = house.anna().await;
        let ticket = house.signed_in(&anna).await;
        house.people.vault().close().await;
        assert!(matches!(house.renewed(&ticket).await, Renewed::Unknown));
    }
}
