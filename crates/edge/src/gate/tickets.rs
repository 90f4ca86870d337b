//! Tickets that are too old to be believed by themselves: who is asked about them, when, and what is remembered of the answers.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use domain::{SessionId, Timestamp};
use http::request::Parts;
use parking_lot::Mutex;
use policy::cookie::{SessionPart, SignedIn, TICKET_RENEWED_AFTER};
use policy::{Revocations, TicketStanding};

use super::visitor::{Writing, is_navigation};
use super::{Bearer, Judged};
use crate::Renewed;
use crate::counts::add;
use crate::listen::{Caller, Worker};

/// What sessions' rows said lately. A browser shows an old ticket until a page brings it a new one, and what is no page brings none.
#[derive(Debug, Default)]
pub(crate) struct Tickets {
    known: Mutex<HashMap<SessionId, Known>>,
    /// Until then nobody is asked, in milliseconds of the monotonic clock.
    rests_until: AtomicU64,
}

#[derive(Debug)]
enum Known {
    Ticket(SessionPart),
    /// It never comes back.
    Ended,
}

/// A question about a session that is still open.
pub(crate) type Renewal = Pin<Box<dyn Future<Output = Renewed> + Send>>;

impl Tickets {
    const KNOWN_MAX: usize = 4_096;

    /// Whoever had to be waited for in vain is left alone for so long: others would wait in vain as well.
    const RESTS_MS: u64 = 5_000;

    /// What is known of a session, while it is fresh and nothing has happened to it since.
    fn known(&self, session: SessionId, revocations: &Revocations, now: Timestamp) -> Option<Renewed> {
        let known = self.known.lock();
        match known.get(&session)? {
            Known::Ended => Some(Renewed::Ended),
            Known::Ticket(ticket) => {
                let is_fresh = TICKET_RENEWED_AFTER.after(ticket.renewed) > now && ticket.renewed <= now;
                let is_good = is_fresh && revocations.standing_of(ticket) == TicketStanding::Good;
                is_good.then(|| Renewed::Ticket(ticket.clone()))
            }
        }
    }

    fn remember(&self, session: SessionId, renewed: &Renewed) {
        let found = match renewed {
            Renewed::Ticket(ticket) => Known::Ticket(ticket.clone()),
            Renewed::Ended => Known::Ended,
            Renewed::Unknown => return,
        };
        let mut known = self.known.lock();
        if known.len() >= Self::KNOWN_MAX {
            known.clear();
        }
        known.insert(session, found);
    }
}

/// Asks about a session, unless the answer is known.
fn ask(session: SessionId, now: Timestamp, worker: &Arc<Worker>) -> Renewal {
    let worker = worker.clone();
    if worker.clock.coarse() < worker.tickets.rests_until.load(Ordering::Relaxed) {
        return Box::pin(std::future::ready(Renewed::Unknown));
    }
    Box::pin(async move {
        let asked = worker.wiring.sessions.renew(session, now);
        let renewed = tokio::time::timeout(worker.settings.limits.renewal, asked).await.unwrap_or_else(|_| {
            worker.tickets.rests_until.store(worker.clock.coarse() + Tickets::RESTS_MS, Ordering::Relaxed);
            Renewed::Unknown
        });
        worker.tickets.remember(session, &renewed);
        match &renewed {
            Renewed::Ticket(_) => add(&worker.counts.sessions_renewed, 1),
            Renewed::Ended => add(&worker.counts.sessions_ended, 1),
            Renewed::Unknown => add(&worker.counts.sessions_unknown, 1),
        }
        renewed
    })
}

/// Finds out who somebody is whose ticket is not believed by itself, and decides again. Says whether that changed anything: where nobody can say, they
/// count as signed out, and keep their cookie.
pub(crate) async fn settle(judged: &mut Judged, parts: &Parts, worker: &Arc<Worker>, caller: &Caller) -> bool {
    let SignedIn::Unsure(session) = judged.bearer.signed_in else { return false };
    let known = worker.tickets.known(session, &worker.wiring.revocations.load(), judged.now);
    let renewed = match known {
        Some(known) => known,
        None => ask(session, judged.now, worker).await,
    };
    let Some(bearer) = bearer_after(&renewed, judged, worker).map(Arc::new) else { return false };
    caller.remembered.replace(&judged.bearer, bearer.clone());
    judged.become_of(bearer, parts, worker);
    true
}

fn bearer_after(renewed: &Renewed, judged: &Judged, worker: &Worker) -> Option<Bearer> {
    match renewed {
        Renewed::Unknown => None,
        Renewed::Ended => Some(judged.bearer.signed_out()),
        // It may have ended while its row was being read: then the row is no proof.
        Renewed::Ticket(ticket) => match worker.wiring.revocations.load().standing_of(ticket) {
            TicketStanding::Unsure => None,
            TicketStanding::Ended => Some(judged.bearer.signed_out()),
            TicketStanding::Good => {
                let wiring = &worker.wiring;
                let writing = Writing { keys: &wiring.keys.load(), random: &*wiring.random, now: judged.now, https: judged.https };
                judged.bearer.renewed(ticket.clone(), &writing, &judged.plan.policy)
            }
        },
    }
}

/// The question about a ticket that is still believed but should be renewed, where a page brings the new one to the browser.
pub(crate) fn due(judged: &Judged, parts: &Parts, worker: &Arc<Worker>) -> Option<Renewal> {
    let account = judged.bearer.account().filter(|account| account.is_due(judged.now))?;
    if !is_navigation(&parts.method, &parts.headers) {
        return None;
    }
    let session = account.session();
    match worker.tickets.known(session, &worker.wiring.revocations.load(), judged.now) {
        Some(known) => Some(Box::pin(std::future::ready(known))),
        None => Some(ask(session, judged.now, worker)),
    }
}

/// An answer that is there waits so long for a ticket, and no longer: the ticket it has is good for minutes yet.
const LINGERS: Duration = Duration::from_millis(50);

/// Answers and renews at the same time.
pub(crate) async fn beside<T>(answering: impl Future<Output = T>, renewal: Option<Renewal>) -> (T, Renewed) {
    let Some(mut renewal) = renewal else {
        return (answering.await, Renewed::Unknown);
    };
    let mut renewed = None;
    let mut answering = std::pin::pin!(answering);
    let answer = std::future::poll_fn(|cx| {
        if renewed.is_none()
            && let Poll::Ready(now) = renewal.as_mut().poll(cx)
        {
            renewed = Some(now);
        }
        answering.as_mut().poll(cx)
    })
    .await;
    let renewed = match renewed {
        Some(renewed) => renewed,
        None => tokio::time::timeout(LINGERS, renewal).await.unwrap_or(Renewed::Unknown),
    };
    (answer, renewed)
}
