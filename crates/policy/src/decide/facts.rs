use domain::{AccountId, Act, Age, Region, Timestamp, Version};

use crate::model::{Agreement, DataField, Purpose, Recipient, Use};
use crate::{Index, Revocations, Set};

/// Everything a decision looks at.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub ask: Ask,
    pub person: Person<'a>,
    /// The request said `Sec-GPC: 1`.
    pub gpc: bool,
    pub region: Region,
    /// The version the data was collected under; none is the current one.
    pub collected_under: Option<Version>,
    /// The use happens inside a case.
    pub case: bool,
    pub at: Timestamp,
}

/// What may happen: a declared use by its id, or terms that the first declared use covering them all answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    Use(Index<Use>),
    Terms {
        data: Set<DataField>,
        /// None is a purpose the policy does not know.
        purpose: Option<Index<Purpose>>,
        /// None is us.
        recipient: Option<Index<Recipient>>,
        act: Act,
    },
    /// It names something the policy does not know.
    Unknown,
}

/// Whose data it is, and what they chose. The default is a stranger who said nothing.
#[derive(Clone, Debug, Default)]
pub struct Person<'a> {
    pub age: Age,
    /// Something says that a person of unknown age may be a minor.
    pub minor_signal: bool,
    pub account: Option<AccountId>,
    pub registered: bool,
    pub closed: bool,
    pub restricted: bool,
    pub consents: &'a [Consent],
    pub refusals: Set<Purpose>,
    pub objections: Set<Purpose>,
    pub opted_out: Set<Purpose>,
    pub agreements: Set<Agreement>,
}

impl Person<'_> {
    /// Every purpose they said no to, here or elsewhere.
    pub(crate) fn refused(&self, revocations: &Revocations) -> Set<Purpose> {
        let withdrawn = self.account.map_or(Set::EMPTY, |account| revocations.withdrawn_by(account));
        self.refusals.union(self.objections).union(withdrawn)
    }
}

/// A yes to one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    pub purpose: Index<Purpose>,
    pub at: Timestamp,
    /// The version of the words that were shown.
    pub version: Version,
    /// Whether it was given while sending `Sec-GPC: 1`.
    pub gpc: bool,
}

/// What there is of an account: all that a contract with its holder depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountState {
    None,
    Open,
    Closed,
}

impl AccountState {
    pub(crate) fn of(person: &Person<'_>, revocations: &Revocations) -> Self {
        let closed = person.closed || person.account.is_some_and(|account| revocations.is_closed(account));
        match (closed, person.registered) {
            (true, _) => Self::Closed,
            (false, true) => Self::Open,
            (false, false) => Self::None,
        }
    }
}
