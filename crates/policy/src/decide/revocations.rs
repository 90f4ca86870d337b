use std::collections::HashMap;

use domain::{AccountId, SessionId, Timestamp};

use super::tickets::{TicketStanding, Tickets};
use crate::cookie::{CLOCKS_DIFFER, SessionPart, TICKET_LIVES};
use crate::model::{Policy, Purpose};
use crate::{Index, Set};

/// What changed for single people since they got their signed ticket: small, kept in memory, and shared by every node. It only ever takes away.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    accounts: HashMap<AccountId, Revoked>,
    tickets: Tickets,
    /// What people's last answers refuse, in whichever browser they gave them, and when that was last heard.
    refused: HashMap<AccountId, Vec<(Index<Purpose>, Timestamp)>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Revoked {
    closed: bool,
    withdrawn: Set<Purpose>,
}

impl Revocations {
    /// So many people's refusals are known at once; each takes a few dozen bytes.
    const REFUSING_MAX: usize = 16_384;

    /// None yet, and nobody knows what ended before this moment: every ticket that is no younger has to be asked about.
    pub fn known_since(start: Timestamp) -> Self {
        Self { tickets: Tickets::known_since(start), ..Self::default() }
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

    /// Somebody refuses these, in all their browsers. It is heard again whenever one of their tickets is renewed, so it need not be kept for longer than
    /// a ticket is believed; and where there are too many of them, everybody's ticket is asked about instead.
    pub fn refuse(&mut self, account: AccountId, purposes: Set<Purpose>, at: Timestamp) {
        if purposes.is_empty() {
            return;
        }
        if self.refused.len() >= Self::REFUSING_MAX {
            self.forget(at);
            if self.refused.len() >= Self::REFUSING_MAX {
                self.refused.clear();
                self.tickets = Tickets::known_since(at);
            }
        }
        let known = self.refused.entry(account).or_default();
        for purpose in purposes.iter() {
            match known.iter_mut().find(|(refused, _)| *refused == purpose) {
                Some((_, heard)) => *heard = at.max(*heard),
                None => known.push((purpose, at)),
            }
        }
    }

    /// Somebody said yes to these. Each of their browsers stands at its own answer again.
    pub fn permit(&mut self, account: AccountId, purposes: Set<Purpose>) {
        if let Some(known) = self.refused.get_mut(&account) {
            known.retain(|(refused, _)| !purposes.contains(*refused));
        }
    }

    /// Forgets what ended, and what was refused, so long ago that every ticket has been asked about since.
    pub fn forget(&mut self, now: Timestamp) {
        self.tickets.forget(now);
        self.refused.retain(|_, known| {
            known.retain(|(_, heard)| CLOCKS_DIFFER.after(TICKET_LIVES.after(*heard)) > now);
            !known.is_empty()
        });
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
        let withdrawn = self.accounts.get(&account).map_or(Set::EMPTY, |revoked| revoked.withdrawn);
        let refused = self.refused.get(&account).into_iter().flatten().map(|(purpose, _)| *purpose);
        withdrawn.union(refused.collect())
    }

    /// The same, for another version of the policy, in which the purposes stand in other places. A purpose it does not have cannot be permitted anyway.
    #[must_use]
    pub fn carried_over(&self, old: &Policy, new: &Policy) -> Self {
        let moved = |purposes: Set<Purpose>| -> Set<Purpose> {
            let ids = purposes.iter().filter_map(|index| old.purposes.get(index.get()));
            ids.filter_map(|purpose| new.purpose_named(purpose.id.as_str())).collect()
        };
        let account = |(account, revoked): (&AccountId, &Revoked)| (*account, Revoked { withdrawn: moved(revoked.withdrawn), ..*revoked });
        let refused = |(account, known): (&AccountId, &Vec<(Index<Purpose>, Timestamp)>)| {
            let moved = known
                .iter()
                .flat_map(|(purpose, heard)| moved(std::iter::once(*purpose).collect()).iter().map(|to| (to, *heard)).collect::<Vec<_>>());
            (*account, moved.collect())
        };
        Self {
            accounts: self.accounts.iter().map(account).collect(),
            tickets: self.tickets.clone(),
            refused: self.refused.iter().map(refused).collect(),
        }
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
        for (account, known) in &other.refused {
            let mine = both.refused.entry(*account).or_default();
            mine.extend(
                known.iter().filter(|(purpose, _)| mine.iter().all(|(refused, _)| refused != purpose)).copied().collect::<Vec<_>>(),
            );
        }
        both
    }
}
