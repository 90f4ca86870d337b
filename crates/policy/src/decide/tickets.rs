use std::collections::HashMap;

use domain::{AccountId, SessionId, Timestamp};

use crate::cookie::{CLOCKS_DIFFER, SessionPart, TICKET_LIVES};

/// Which tickets are not worth what they say any more. What ended is kept for as long as a ticket can still say otherwise, and no longer.
#[derive(Clone, Debug, Default)]
pub(super) struct Tickets {
    /// What was ended before this is not known here: a ticket that is no younger has to be asked about.
    known_since: Option<Timestamp>,
    sessions: HashMap<SessionId, Timestamp>,
    accounts: HashMap<AccountId, SignedOut>,
}

/// Every session of an account ended.
#[derive(Clone, Copy, Debug)]
struct SignedOut {
    at: Timestamp,
    /// With the account itself.
    closed: bool,
}

/// What a ticket is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketStanding {
    /// Nothing speaks against it.
    Good,
    /// Only the session's row can say.
    Unsure,
    /// Its session is over.
    Ended,
}

impl Tickets {
    /// Beyond this everybody's ticket is asked about once, instead of keeping more.
    const ENTRIES_MAX: usize = 4_096;

    pub(super) fn known_since(start: Timestamp) -> Self {
        Self { known_since: Some(start), ..Self::default() }
    }

    pub(super) fn end_session(&mut self, session: SessionId, at: Timestamp) {
        self.make_room(at);
        self.sessions.insert(session, at);
    }

    pub(super) fn end_account(&mut self, account: AccountId, closed: bool, at: Timestamp) {
        self.make_room(at);
        let known = self.accounts.get(&account);
        let closed = closed || known.is_some_and(|known| known.closed);
        self.accounts.insert(account, SignedOut { at, closed });
    }

    fn make_room(&mut self, now: Timestamp) {
        self.forget(now);
        if self.sessions.len() + self.accounts.len() >= Self::ENTRIES_MAX {
            *self = Self::known_since(now);
        }
    }

    /// Forgets what no ticket can say otherwise any more.
    pub(super) fn forget(&mut self, now: Timestamp) {
        let matters = |at: Timestamp| CLOCKS_DIFFER.after(TICKET_LIVES.after(at)) > now;
        self.sessions.retain(|_, at| matters(*at));
        self.accounts.retain(|_, ended| matters(ended.at));
    }

    pub(super) fn is_closed(&self, account: AccountId) -> bool {
        self.accounts.get(&account).is_some_and(|ended| ended.closed)
    }

    /// A ticket of the very moment in which something ended was perhaps made before it, so it does not count as younger.
    pub(super) fn standing(&self, ticket: &SessionPart) -> TicketStanding {
        if self.sessions.contains_key(&ticket.session) {
            return TicketStanding::Ended;
        }
        let signed_out = match self.accounts.get(&ticket.account) {
            Some(SignedOut { closed: true, .. }) => return TicketStanding::Ended,
            known => known.map(|ended| ended.at),
        };
        let is_older = |than: Option<Timestamp>| than.is_some_and(|than| ticket.renewed <= than);
        if is_older(self.known_since) || is_older(signed_out) { TicketStanding::Unsure } else { TicketStanding::Good }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.known_since = self.known_since.max(other.known_since);
        for (session, at) in &other.sessions {
            let known = self.sessions.entry(*session).or_insert(*at);
            *known = (*known).max(*at);
        }
        for (account, ended) in &other.accounts {
            let known = self.accounts.entry(*account).or_insert(*ended);
            *known = SignedOut { at: known.at.max(ended.at), closed: known.closed || ended.closed };
        }
    }
}
