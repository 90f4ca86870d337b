use std::collections::HashMap;

use domain::{AccountId, SessionId, Timestamp};

use super::tickets::{TicketStanding, Tickets};
use crate::Set;
use crate::cookie::SessionPart;
use crate::model::{Policy, Purpose};

/// What changed for single people since they got their signed ticket: small, kept in memory, and shared by every node. It only ever takes away.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    accounts: HashMap<AccountId, Revoked>,
    tickets: Tickets,
}

#[derive(Clone, Copy, Debug, Default)]
struct Revoked {
    closed: bool,
    withdrawn: Set<Purpose>,
}

impl Revocations {
    /// None yet, and nobody knows what ended before this moment: every ticket that is no younger has to be asked about.
    pub fn known_since(start: Timestamp) -> Self {
        Self { accounts: HashMap::new(), tickets: Tickets::known_since(start) }
    }

    /// A session was ended; its row was gone by then.
    pub fn end_session(&mut self, session: SessionId, at: Timestamp) {
        self.tickets.end_session(session, at);
    }

    /// Every session of an account was ended; their rows were gone by then.
    pub fn end_sessions_of(&mut self, account: AccountId, at: Timestamp) {
        self.tickets.end_account(account, false, at);
    }

    /// An account was closed, and everybody signed out of it. Unlike [`Self::close`] it is forgotten when no ticket can still say otherwise.
    pub fn end_account(&mut self, account: AccountId, at: Timestamp) {
        self.tickets.end_account(account, true, at);
    }

    /// Forgets what ended so long ago that every ticket has been asked about since.
    pub fn forget(&mut self, now: Timestamp) {
        self.tickets.forget(now);
    }

    /// What a ticket is worth, whatever it says itself.
    pub fn standing_of(&self, ticket: &SessionPart) -> TicketStanding {
        if self.is_closed(ticket.account) { TicketStanding::Ended } else { self.tickets.standing(ticket) }
    }

    pub fn close(&mut self, account: AccountId) {
        self.accounts.entry(account).or_default().closed = true;
    }

    pub fn withdraw(&mut self, account: AccountId, purposes: Set<Purpose>) {
        let revoked = self.accounts.entry(account).or_default();
        revoked.withdrawn = revoked.withdrawn.union(purposes);
    }

    pub fn is_closed(&self, account: AccountId) -> bool {
        self.accounts.get(&account).is_some_and(|revoked| revoked.closed) || self.tickets.is_closed(account)
    }

    pub fn withdrawn_by(&self, account: AccountId) -> Set<Purpose> {
        self.accounts.get(&account).map_or(Set::EMPTY, |revoked| revoked.withdrawn)
    }

    /// The same, for another version of the policy, in which the purposes stand in other places. A purpose it does not have cannot be permitted anyway.
    #[must_use]
    pub fn carried_over(&self, old: &Policy, new: &Policy) -> Self {
        let moved = |purposes: Set<Purpose>| -> Set<Purpose> {
            let ids = purposes.iter().filter_map(|index| old.purposes.get(index.get()));
            ids.filter_map(|purpose| new.purpose_named(purpose.id.as_str())).collect()
        };
        let account = |(account, revoked): (&AccountId, &Revoked)| (*account, Revoked { withdrawn: moved(revoked.withdrawn), ..*revoked });
        Self { accounts: self.accounts.iter().map(account).collect(), tickets: self.tickets.clone() }
    }

    /// All that either takes away: right while it is not certain which of two versions somebody asks.
    #[must_use]
    pub fn together_with(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for (account, revoked) in &other.accounts {
            let known = both.accounts.entry(*account).or_default();
            known.closed |= revoked.closed;
            known.withdrawn = known.withdrawn.union(revoked.withdrawn);
        }
        both.tickets.add(&other.tickets);
        both
    }
}
