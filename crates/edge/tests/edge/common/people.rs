//! People who are signed in, and who says so.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;

use domain::{AccountId, Age, Field, SessionId, Timestamp};
use edge::{Renewed, Sessions};
use policy::Sealed;
use policy::cookie::{CookieParts, CookieState, SessionPart};

use super::{Edge, NOW};

/// The sessions that have a row, and how whoever keeps them answers.
#[derive(Default)]
pub(crate) struct Rows {
    rows: Mutex<HashMap<SessionId, SessionPart>>,
    manner: Mutex<Manner>,
    asked: Mutex<usize>,
}

#[derive(Clone, Copy, Default)]
pub(crate) enum Manner {
    #[default]
    AtOnce,
    /// The database is down.
    NotAtAll,
    /// It hangs.
    Never,
}

impl Rows {
    pub(crate) fn answer(&self, manner: Manner) {
        *self.manner.lock().expect("unbroken") = manner;
    }

    pub(crate) fn end(&self, session: SessionId) {
        self.rows.lock().expect("unbroken").remove(&session);
    }

    /// How often anybody asked.
    pub(crate) fn asked(&self) -> usize {
        *self.asked.lock().expect("unbroken")
    }
}

impl Sessions for Rows {
    fn renew(&self, session: SessionId, now: Timestamp) -> Pin<Box<dyn Future<Output = Renewed> + Send>> {
        *self.asked.lock().expect("unbroken") += 1;
        let row = self.rows.lock().expect("unbroken").get(&session).cloned();
        let manner = *self.manner.lock().expect("unbroken");
        Box::pin(async move {
            match (manner, row) {
                (Manner::NotAtAll, _) => Renewed::Unknown,
                (Manner::Never, _) => std::future::pending().await,
                (Manner::AtOnce, None) => Renewed::Ended,
                (Manner::AtOnce, Some(row)) => Renewed::Ticket(SessionPart { renewed: now, ..row }),
            }
        })
    }
}

/// Somebody who signed in at the beginning of the test.
pub(crate) fn ticket(username: &str) -> SessionPart {
    let now: Timestamp = NOW.parse().expect("a time");
    SessionPart {
        session: SessionId([0x11; 16]),
        account: AccountId([0xaa; 16]),
        username: Sealed::new(Field::AccountUsername, username.to_owned()),
        age: Age::Adult,
        started: now,
        renewed: now,
        agreements: Vec::new(),
    }
}

/// A moment longer than a connection or a coarse clock could remember anything by itself.
pub(crate) const A_MINUTE: Duration = Duration::from_secs(60);

impl Edge {
    /// The cookie of somebody who is signed in with this ticket, whose session has a row.
    pub(crate) fn sign_in(&self, ticket: SessionPart) -> String {
        self.sessions.rows.lock().expect("unbroken").insert(ticket.session, ticket.clone());
        self.cookie_with(CookieParts { session: Some(ticket), ..CookieParts::default() })
    }

    pub(crate) fn anna(&self) -> String {
        self.sign_in(ticket("anna"))
    }

    pub(crate) fn cookie_with(&self, parts: CookieParts) -> String {
        format!("Cookie: {}", self.cookie(&parts))
    }

    /// The parts of a cookie that the browser was sent.
    pub(crate) fn parts_of(&self, set_cookie: &str) -> CookieParts {
        let now = self.clock_now();
        let state = policy::cookie::read_back(&self.policy.load(), &self.keys.load(), now, &CookieState::Absent, &[set_cookie.to_owned()]);
        state.parts().unwrap_or_else(|| panic!("{set_cookie} is not believed")).clone()
    }
}
