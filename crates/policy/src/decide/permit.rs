use domain::{Basis, Field, FieldSet, Version};

use crate::cookie::{VerifiedAccount, VerifiedVisitor};
use crate::model::{DataField, DutyKind, Policy, Purpose, Use};
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
/// account, that no `never` forbids and that is no marketing. It opens the address and nothing else. Taking up a registration is part of that contract (GDPR Art. 6(1)(b):
/// "at the request of the data subject prior to entering into a contract").
pub fn letter_permit(policy: &Policy) -> Option<Permit> {
    let address: Set<DataField> =
        policy.fields.iter().position(|field| field.reserved == Some(Field::AccountEmail)).map(Index::new).into_iter().collect();
    let runs_the_account = |rule: &&Use| {
        rule.basis == Basis::Contract
            && rule.agreement.is_none()
            && rule.for_us
            && !policy.purpose(rule.purpose).marketing
            && address.iter().any(|field| rule.data.contains(field))
            && policy.never_against(address, rule.to(), rule.act).is_none()
    };
    policy.uses.iter().find(runs_the_account).map(|rule| Permit::for_use(policy, rule, address))
}

/// Whether what people write in requests may be kept and read, and their address used for the answer: the first declared use for ourselves of what
/// requests carry, that no `never` forbids. It opens those fields of `request` that the use names, and nothing else.
pub fn request_permit(policy: &Policy) -> Option<Permit> {
    let of_requests: Set<DataField> =
        [Field::RequestEmail, Field::RequestMessage].iter().filter_map(|field| place_of(policy, *field)).collect();
    let handles_requests = |rule: &&Use| {
        rule.for_us
            && of_requests.iter().any(|field| rule.data.contains(field))
            && policy.never_against(within(of_requests, rule.data), rule.to(), rule.act).is_none()
    };
    let rule = policy.uses.iter().find(handles_requests)?;
    Some(Permit::for_use(policy, rule, within(of_requests, rule.data)))
}

/// Whoever looks into a report of a minor has to see which account it is about. The duty to do so opens the username, and what reporters wrote as far as
/// [`request_permit`] does; never the address.
pub fn case_permit(policy: &Policy) -> Option<Permit> {
    policy.duties.iter().find(|duty| matches!(duty.kind, DutyKind::ReportAMinor | DutyKind::DeleteMinors))?;
    let written = request_permit(policy);
    let fields = written.as_ref().map_or(FieldSet::EMPTY, |permit| permit.fields.intersection(FieldSet::EMPTY.with(Field::RequestMessage)));
    Some(Permit { fields: fields.with(Field::AccountUsername), purpose: written.and_then(|permit| permit.purpose) })
}

fn place_of(policy: &Policy, field: Field) -> Option<Index<DataField>> {
    policy.fields.iter().position(|known| known.reserved == Some(field)).map(Index::new)
}

fn within(fields: Set<DataField>, of: Set<DataField>) -> Set<DataField> {
    fields.iter().filter(|field| of.contains(*field)).collect()
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
