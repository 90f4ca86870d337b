use domain::{Basis, Field, FieldSet, Version};

use crate::cookie::{VerifiedAccount, VerifiedVisitor};
use crate::model::{DataField, Policy, Purpose, Use};
use crate::{Index, Set};

/// The right to open sealed fields, for one purpose. Only a decision makes one.
#[derive(Debug)]
pub struct Permit {
    fields: FieldSet,
    purpose: Option<Index<Purpose>>,
}

impl Permit {
    pub(crate) fn for_use(policy: &Policy, rule: &Use, data: Set<DataField>) -> Self {
        Self { fields: policy.reserved(data), purpose: Some(rule.purpose) }
    }

    pub const fn covers(&self, field: Field) -> bool {
        self.fields.contains(field)
    }

    pub const fn fields(&self) -> FieldSet {
        self.fields
    }

    /// What it is for; none where people see their own data.
    pub const fn purpose(&self) -> Option<Index<Purpose>> {
        self.purpose
    }
}

/// People may see what is held about them (GDPR Art. 15), whatever it is held for. Who they are is shown by a cookie whose signature holds: the
/// rows opened with this are those of that visitor alone.
pub fn subject_permit(_who: &VerifiedVisitor) -> Permit {
    Permit { fields: FieldSet::from_iter(Field::ALL.iter().copied()), purpose: None }
}

/// The same for whoever is signed in: the rows opened with this are those of that account, and of the dependents it is the guardian of, alone.
pub fn account_permit(_who: &VerifiedAccount) -> Permit {
    Permit { fields: FieldSet::from_iter(Field::ALL.iter().copied()), purpose: None }
}

/// Whether letters may be written to people about their own account: the first declared use of their e-mail address that rests on the contract of the
/// account, and that no `never` forbids. It opens the address and nothing else. Taking up a registration is part of that contract (GDPR Art. 6(1)(b):
/// "at the request of the data subject prior to entering into a contract").
pub fn letter_permit(policy: &Policy) -> Option<Permit> {
    let address: Set<DataField> =
        policy.fields.iter().position(|field| field.reserved == Some(Field::AccountEmail)).map(Index::new).into_iter().collect();
    let runs_the_account = |rule: &&Use| {
        rule.basis == Basis::Contract
            && rule.agreement.is_none()
            && rule.for_us
            && address.iter().any(|field| rule.data.contains(field))
            && policy.never_against(address, rule.to(), rule.act).is_none()
    };
    policy.uses.iter().find(runs_the_account).map(|rule| Permit::for_use(policy, rule, address))
}

/// Whether a visit in the log may be read for a purpose: the first declared use that keeps visits for it, that no `never` forbids, and that was not brought
/// to visits only after this one; and the purpose must have been in force when the visit was recorded.
pub fn recorded_permit(policy: &Policy, purpose: Index<Purpose>, in_force: Set<Purpose>, collected_under: Version) -> Option<Permit> {
    let keeps = |rule: &&Use| {
        rule.purpose == purpose
            && rule.since <= collected_under
            && policy.keeps_visits(rule)
            && policy.never_against(rule.data, rule.to(), rule.act).is_none()
    };
    let rule = policy.uses.iter().find(keeps).filter(|_| in_force.contains(purpose))?;
    Some(Permit::for_use(policy, rule, rule.data))
}
