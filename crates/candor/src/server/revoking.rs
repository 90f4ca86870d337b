//! What ended for single people, as the edge has to know it: from the next request on, on every connection.

use std::sync::{Arc, OnceLock};

use app::people::Endings;
use arc_swap::ArcSwap;
use domain::{AccountId, Clock, Id, SessionId, Timestamp};
use parking_lot::Mutex;
use policy::model::Purpose;
use policy::{Policy, Revocations, Set};

pub(super) struct Revoking {
    revocations: Arc<ArcSwap<Revocations>>,
    clock: Arc<dyn Clock>,
    /// In force, where purposes have their places. Known once there is one.
    policy: OnceLock<Arc<ArcSwap<Policy>>>,
    /// One change after the other, so that none is lost.
    turn: Mutex<()>,
}

impl Revoking {
    /// What ended before this process started is in the rows alone.
    pub(super) fn starting_now(clock: Arc<dyn Clock>) -> Self {
        let revocations = Arc::new(ArcSwap::from_pointee(Revocations::known_since(clock.now())));
        Self { revocations, clock, policy: OnceLock::new(), turn: Mutex::default() }
    }

    /// The policy by which purposes are told from now on.
    pub(super) fn decide_by(&self, policy: &Arc<ArcSwap<Policy>>) {
        // A process has one.
        let _ = self.policy.set(Arc::clone(policy));
    }

    /// A purpose that the policy does not have cannot be permitted anyway.
    fn places(&self, purposes: &[Id]) -> Set<Purpose> {
        let policy = self.policy.get().map(|policy| policy.load_full());
        policy.iter().flat_map(|policy| purposes.iter().filter_map(|id| policy.purpose_named(id.as_str()))).collect()
    }

    pub(super) fn revocations(&self) -> Arc<ArcSwap<Revocations>> {
        Arc::clone(&self.revocations)
    }

    /// Puts another policy in force. Nothing is permitted in between that neither version permits: what was taken back counts for both while they change
    /// places.
    pub(super) fn change_policy(&self, policy: &ArcSwap<Policy>, new: &Arc<Policy>) {
        let _turn = self.turn.lock();
        let (old, revoked) = (policy.load_full(), self.revocations.load_full());
        let carried = revoked.carried_over(&old, new);
        self.revocations.store(Arc::new(revoked.together_with(&carried)));
        policy.store(Arc::clone(new));
        self.revocations.store(Arc::new(carried));
    }

    /// The time is read when the row is gone: whoever saw it, saw it before.
    fn add(&self, ended: impl FnOnce(&mut Revocations, Timestamp)) {
        let _turn = self.turn.lock();
        let mut revocations = Revocations::clone(&self.revocations.load());
        ended(&mut revocations, self.clock.now());
        self.revocations.store(Arc::new(revocations));
    }

    /// Forgets what no ticket can say otherwise any more.
    pub(super) fn forget(&self) {
        self.add(Revocations::forget);
    }
}

impl Endings for Revoking {
    fn session(&self, id: SessionId) {
        self.add(|revocations, now| revocations.end_session(id, now));
    }

    fn tickets_of(&self, account: AccountId) {
        self.add(|revocations, now| revocations.end_sessions_of(account, now));
    }

    fn account(&self, id: AccountId) {
        self.add(|revocations, now| revocations.end_account(id, now));
    }

    fn refused(&self, account: AccountId, purposes: &[Id]) {
        if !purposes.is_empty() {
            self.add(|revocations, now| revocations.refuse(account, self.places(purposes), now));
        }
    }

    fn permitted(&self, account: AccountId, purposes: &[Id]) {
        if !purposes.is_empty() {
            self.add(|revocations, _| revocations.permit(account, self.places(purposes)));
        }
    }
}
