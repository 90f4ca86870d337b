//! A whole visit at once: every use, cookie and third-party resource, as one small value the edge acts on.

use domain::{Act, Age, Basis, FieldSet, Region, Timestamp, Version};

use crate::decide::{AccountState, Ask, Facts, Permit, Person, Revocations, decide};
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

/// What is permitted on this visit. Everything else is refused. Only [`plan_visit`] makes one that permits anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisitPlan {
    /// Private, because permits are made from it.
    uses: Set<Use>,
    /// A purpose is permitted when all its uses that need no case are.
    pub purposes: Set<Purpose>,
    /// A cookie is permitted when its purpose is.
    pub cookies: Set<Cookie>,
    /// A resource is permitted when all uses with its purpose and recipient that need no case are.
    pub resources: Set<Resource>,
    /// What the visit log may keep of this visit; nothing without a permit for the use that visits are logged for.
    pub record: FieldSet,
}

/// Decides for every rule of the policy. The result depends on nothing but the policy and the [`PlanKey`] of the same arguments.
pub fn plan_visit(policy: &Policy, revocations: &Revocations, facts: &VisitFacts<'_>) -> VisitPlan {
    let permitted = |index: &Index<Use>| {
        let facts = Facts {
            ask: Ask::Use(*index),
            person: facts.person.clone(),
            gpc: facts.gpc,
            region: facts.region,
            collected_under: None,
            case: false,
            at: facts.at,
        };
        decide(policy, revocations, &facts).is_permitted()
    };
    let uses: Set<Use> = indexes(&policy.uses).filter(permitted).collect();
    let serves = |purpose| move |rule: &Use| rule.purpose == purpose;
    let purposes: Set<Purpose> = indexes(&policy.purposes).filter(|purpose| are_all_permitted(policy, uses, serves(*purpose))).collect();
    let cookies = indexes(&policy.cookies).filter(|cookie| purposes.contains(policy.cookie(*cookie).purpose)).collect();
    let loads = |resource: &Index<Resource>| {
        let Resource { purpose, recipient, .. } = policy.resource(*resource);
        are_all_permitted(policy, uses, |rule| rule.purpose == *purpose && rule.recipients.contains(*recipient))
    };
    let resources = indexes(&policy.resources).filter(loads).collect();
    VisitPlan { uses, purposes, cookies, resources, record: recorded_fields(policy, uses) }
}

/// Whether there are such uses that need no case, and every one of them is permitted.
fn are_all_permitted(policy: &Policy, uses: Set<Use>, such: impl Fn(&Use) -> bool) -> bool {
    let all: Set<Use> = indexes(&policy.uses)
        .filter(|index| {
            let rule = policy.the_use(*index);
            such(rule) && !rule.basis.needs_case()
        })
        .collect();
    !all.is_empty() && all.is_subset(uses)
}

/// The visit log is one record for every use that keeps visits: it holds what any permitted one covers.
fn recorded_fields(policy: &Policy, uses: Set<Use>) -> FieldSet {
    if !policy.access_log().is_some_and(|log| uses.contains(log)) {
        return FieldSet::EMPTY;
    }
    let kept = uses.iter().map(|index| policy.the_use(index)).filter(|rule| policy.keeps_visits(rule));
    kept.fold(FieldSet::EMPTY, |fields, rule| fields.union(policy.reserved(policy.of_visits(rule.data))))
}

fn indexes<T>(table: &[T]) -> impl Iterator<Item = Index<T>> {
    (0..table.len()).map(Index::new)
}

impl VisitPlan {
    /// The permitted uses.
    pub const fn uses(&self) -> Set<Use> {
        self.uses
    }

    /// The permit for a use of this plan. A plan is only made by decisions, so what it permits has been decided.
    pub fn permit(&self, policy: &Policy, index: Index<Use>) -> Option<Permit> {
        let rule = policy.uses.get(index.get()).filter(|_| self.uses.contains(index))?;
        Some(Permit::for_use(policy, rule, rule.data))
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

    /// A permit to open the username of whoever is signed in: some permitted use for ourselves, on the contract of the account alone, must cover
    /// `account.username`.
    pub fn username_permit(&self, policy: &Policy) -> Option<Permit> {
        let is_for_account = |index: &Index<Use>| {
            let rule = policy.the_use(*index);
            rule.for_us && rule.basis == Basis::Contract && rule.agreement.is_none() && matches!(rule.act, Act::Process | Act::Share)
        };
        self.uses
            .iter()
            .filter(is_for_account)
            .filter_map(|index| self.permit(policy, index))
            .find(|permit| permit.covers(domain::Field::AccountUsername))
    }

    /// The permitted purposes as the `Candor-Purposes` header says them.
    pub fn purposes_header(&self, policy: &Policy) -> String {
        let names: Vec<&str> = self.purposes.iter().map(|purpose| policy.purpose(purpose).id.as_str()).collect();
        names.join(",")
    }
}

/// All that a plan depends on under one policy, small enough to look one up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PlanKey {
    version: Version,
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

impl PlanKey {
    pub fn new(policy: &Policy, revocations: &Revocations, facts: &VisitFacts<'_>) -> Self {
        let person = &facts.person;
        let consents = || person.consents.iter().filter(|consent| consent.counts(policy));
        Self {
            version: policy.version,
            consented: consents().map(|consent| consent.purpose).collect(),
            consented_under_gpc: consents().filter(|consent| consent.gpc).map(|consent| consent.purpose).collect(),
            refused: person.refused(revocations),
            opted_out: person.opted_out,
            agreements: person.agreements,
            account: AccountState::of(person, revocations),
            age: person.age,
            minor_signal: person.minor_signal,
            restricted: person.restricted,
            gpc: facts.gpc,
            region: facts.region,
        }
    }
}
