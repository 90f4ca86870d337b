use std::collections::HashMap;

use domain::AccountId;

use crate::Set;
use crate::model::Purpose;

/// What changed for single people since they got their signed ticket: small, kept in memory, and shared by every node. It only ever takes away.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    accounts: HashMap<AccountId, Revoked>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Revoked {
    closed: bool,
    withdrawn: Set<Purpose>,
}

impl Revocations {
    pub fn close(&mut self, account: AccountId) {
        self.accounts.entry(account).or_default().closed = true;
    }

    pub fn withdraw(&mut self, account: AccountId, purposes: Set<Purpose>) {
        let revoked = self.accounts.entry(account).or_default();
        revoked.withdrawn = revoked.withdrawn.union(purposes);
    }

    pub fn is_closed(&self, account: AccountId) -> bool {
        self.accounts.get(&account).is_some_and(|revoked| revoked.closed)
    }

    pub fn withdrawn_by(&self, account: AccountId) -> Set<Purpose> {
        self.accounts.get(&account).map_or(Set::EMPTY, |revoked| revoked.withdrawn)
    }
}
