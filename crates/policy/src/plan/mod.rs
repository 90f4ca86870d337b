//! A whole visit at once: every use, cookie and third-party resource, as one small value the edge acts on.

#[cfg(test)]
mod tests;

use domain::{AccountId, Age, FieldSet, Region, Timestamp};

use crate::decide::{Ask, Consent, Facts, Permit, Person, Revocations, decide};
use crate::model::{Agreement, Cookie, Policy, Purpose, Resource, Use};
use crate::{Index, Set};

/// What the edge knows of whoever sent a request.
#[derive(Clone, Debug)]
pub struct VisitFacts<'a> {
    pub person: Person<'a>,
    pub gpc: bool,
    pub region: Region,
    pub at: Timestamp,
}

/// What is permitted on this visit. Everything else is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisitPlan {
    pub uses: Set<Use>,
    /// A purpose is permitted when all its uses that need no case are.
    pub purposes: Set<Purpose>,
    /// A cookie is permitted when its purpose is.
    pub cookies: Set<Cookie>,
    /// A resource is permitted when a use with its purpose and recipient is.
    pub resources: Set<Resource>,
    /// What the visit log may keep of this visit; nothing without a permit for the use it is kept for.
    pub record: FieldSet,
}

/// Decides for every rule of the policy. The result depends on nothing but the [`PlanKey`] of the same arguments.
pub fn plan_visit(policy: &Policy, revocations: &Revocations, facts: &VisitFacts<'_>) -> VisitPlan {
    let permitted = |index: Index<Use>| {
        let facts = Facts {
            ask: Ask::Use(index),
            person: facts.person.clone(),
            gpc: facts.gpc,
            region: facts.region,
            collected_under: None,
            case: false,
            at: facts.at,
        };
        decide(policy, revocations, &facts).is_permitted()
    };
    let uses: Set<Use> = indexes(&policy.uses).filter(|index| permitted(*index)).collect();
    let purposes: Set<Purpose> = indexes(&policy.purposes).filter(|purpose| is_purpose_permitted(policy, uses, *purpose)).collect();
    let cookies = indexes(&policy.cookies).filter(|cookie| purposes.contains(policy.cookie(*cookie).purpose)).collect();
    let resources = indexes(&policy.resources).filter(|resource| is_resource_permitted(policy, uses, *resource)).collect();
    let record = match policy.access_log() {
        Some(index) if uses.contains(index) => policy.reserved(policy.the_use(index).data),
        _ => FieldSet::EMPTY,
    };
    VisitPlan { uses, purposes, cookies, resources, record }
}

fn is_purpose_permitted(policy: &Policy, uses: Set<Use>, purpose: Index<Purpose>) -> bool {
    let mut any = false;
    for (at, rule) in policy.uses.iter().enumerate() {
        if rule.purpose == purpose && !rule.basis.needs_case() {
            if !uses.contains(Index::new(at)) {
                return false;
            }
            any = true;
        }
    }
    any
}

fn is_resource_permitted(policy: &Policy, uses: Set<Use>, resource: Index<Resource>) -> bool {
    let resource = policy.resource(resource);
    uses.iter()
        .map(|index| policy.the_use(index))
        .any(|rule| rule.purpose == resource.purpose && rule.recipients.contains(resource.recipient))
}

fn indexes<T>(table: &[T]) -> impl Iterator<Item = Index<T>> {
    (0..table.len()).map(Index::new)
}

impl VisitPlan {
    /// The permit for a use of this plan. A plan is only made by decisions, so what it permits has been decided.
    pub fn permit(&self, policy: &Policy, index: Index<Use>) -> Option<Permit> {
        let rule = policy.the_use(index);
        self.uses.contains(index).then(|| Permit::for_use(policy, rule, rule.data))
    }

    /// A permit to open a visitor's id for a purpose: some permitted use of it must cover `visit.visitor`.
    pub fn visitor_permit(&self, policy: &Policy, purpose: Index<Purpose>) -> Option<Permit> {
        if !self.purposes.contains(purpose) {
            return None;
        }
        self.uses
            .iter()
            .filter(|index| policy.the_use(*index).purpose == purpose)
            .filter_map(|index| self.permit(policy, index))
            .find(|permit| permit.covers(domain::Field::VisitVisitor))
    }

    /// The permitted purposes as the `Candor-Purposes` header says them.
    pub fn purposes_header(&self, policy: &Policy) -> String {
        let names: Vec<&str> = self.purposes.iter().map(|purpose| policy.purpose(purpose).id.as_str()).collect();
        names.join(",")
    }
}

/// All that a plan depends on, small enough to look one up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PlanKey {
    /// Consents that count, and those of them given under `Sec-GPC: 1`.
    consented: Set<Purpose>,
    consented_under_gpc: Set<Purpose>,
    refused: Set<Purpose>,
    opted_out: Set<Purpose>,
    agreements: Set<Agreement>,
    account: AccountState,
    age: Age,
    minor_signal: bool,
    restricted: bool,
    gpc: bool,
    region: Region,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountState {
    None,
    Open,
    Closed,
}

impl PlanKey {
    pub fn new(policy: &Policy, revocations: &Revocations, facts: &VisitFacts<'_>) -> Self {
        let person = &facts.person;
        let counts = |consent: &&Consent| (policy.purpose(consent.purpose).material_since..=policy.version).contains(&consent.version);
        let is_closed = |account: AccountId| revocations.is_closed(account);
        let withdrawn = person.account.map_or(Set::EMPTY, |account| revocations.withdrawn_by(account));
        Self {
            consented: person.consents.iter().filter(counts).map(|consent| consent.purpose).collect(),
            consented_under_gpc: person
                .consents
                .iter()
                .filter(counts)
                .filter(|consent| consent.gpc)
                .map(|consent| consent.purpose)
                .collect(),
            refused: person.refusals.union(person.objections).union(withdrawn),
            opted_out: person.opted_out,
            agreements: person.agreements,
            account: match (person.closed || person.account.is_some_and(is_closed), person.registered) {
                (true, _) => AccountState::Closed,
                (false, true) => AccountState::Open,
                (false, false) => AccountState::None,
            },
            age: person.age,
            minor_signal: person.minor_signal,
            restricted: person.restricted,
            gpc: facts.gpc,
            region: facts.region,
        }
    }
}
