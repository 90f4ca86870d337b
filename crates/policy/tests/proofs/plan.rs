//! A visit's plan: what follows from the single decisions, and nothing else.

use std::collections::BTreeSet;

use domain::{Age, Basis, Field, FieldSet, Timestamp, Version};
use policy::model::{Policy, Purpose, Use};
use policy::{Ask, Consent, Facts, Index, PlanKey, Revocations, Set, VisitPlan, decide, plan_visit};
use proptest::prelude::*;
use proptest::sample::Index as Place;

use crate::support::any::{Situation, any_consent, any_policy, any_situation};
use crate::support::house::{data, house, named};
use crate::support::people::{Somebody, somebody};
use crate::support::{account, the_use};

fn planned(policy: &Policy, situation: &Situation) -> VisitPlan {
    plan_visit(policy, &situation.revocations, &situation.visit())
}

fn key(policy: &Policy, situation: &Situation) -> PlanKey {
    PlanKey::new(policy, &situation.revocations, &situation.visit())
}

/// The places of the uses that a decision outside any case, on data collected today, permits.
fn permitted_one_by_one(policy: &Policy, situation: &Situation) -> BTreeSet<usize> {
    let permitted = |place: &usize| {
        let facts = Facts { ask: Ask::Use(Index::new(*place)), collected_under: None, case: false, ..situation.facts() };
        decide(policy, &situation.revocations, &facts).is_permitted()
    };
    (0..policy.uses.len()).filter(permitted).collect()
}

/// Whether there are such uses for daily work, and each is permitted.
fn every_daily_use(policy: &Policy, permitted: &BTreeSet<usize>, such: impl Fn(&Use) -> bool) -> bool {
    let daily = |rule: &Use| !matches!(rule.basis, Basis::LegalObligation | Basis::VitalInterests);
    let mut those = policy.uses.iter().enumerate().filter(|(_, rule)| daily(rule) && such(rule)).peekable();
    those.peek().is_some() && those.all(|(place, _)| permitted.contains(&place))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_plan_permits_what_decisions_permit(policy in any_policy(), situation in any_situation()) {
        let plan = planned(&policy, &situation);
        let permitted = permitted_one_by_one(&policy, &situation);
        prop_assert_eq!(plan.uses().iter().map(Index::get).collect::<BTreeSet<_>>(), permitted.clone());
        for (place, purpose) in (0..policy.purposes.len()).map(|place| (place, Index::new(place))) {
            let expected = every_daily_use(&policy, &permitted, |rule| rule.purpose == purpose);
            prop_assert_eq!(plan.purposes.contains(purpose), expected, "purpose {}", place);
        }
        for (place, cookie) in policy.cookies.iter().enumerate() {
            prop_assert_eq!(plan.cookies.contains(Index::new(place)), plan.purposes.contains(cookie.purpose), "cookie {}", place);
        }
        for (place, resource) in policy.resources.iter().enumerate() {
            let carries = |rule: &Use| rule.purpose == resource.purpose && rule.recipients.contains(resource.recipient);
            prop_assert_eq!(plan.resources.contains(Index::new(place)), every_daily_use(&policy, &permitted, carries), "resource {}", place);
        }
    }

    #[test]
    fn a_plan_hands_out_permits_for_its_uses_alone(policy in any_policy(), situation in any_situation(), place in 0..9_usize) {
        let plan = planned(&policy, &situation);
        let permit = plan.permit(&policy, Index::new(place));
        prop_assert_eq!(permit.is_some(), place < policy.uses.len() && plan.uses().contains(Index::new(place)));
        if let Some(permit) = permit {
            prop_assert_eq!(permit.fields(), policy.reserved(policy.uses[place].data));
        }
        for purpose in (0..policy.purposes.len()).map(Index::new) {
            if let Some(permit) = plan.visitor_permit(&policy, purpose) {
                prop_assert!(plan.purposes.contains(purpose) && permit.covers(Field::VisitVisitor) && permit.purpose() == Some(purpose));
            }
        }
    }

    #[test]
    fn the_log_keeps_only_what_permitted_uses_cover(policy in any_policy(), situation in any_situation()) {
        let plan = planned(&policy, &situation);
        let covered = plan.uses().iter().map(|index| policy.reserved(policy.the_use(index).data)).fold(FieldSet::EMPTY, FieldSet::union);
        prop_assert_eq!(plan.record.intersection(covered), plan.record);
        prop_assert!(plan.record.is_empty() || policy.access_log().is_some_and(|log| plan.uses().contains(log)));
        prop_assert!(plan.record.iter().all(|field| field.name().starts_with("visit.")));
    }

    #[test]
    fn the_same_said_otherwise_has_the_same_key(policy in any_policy(), situation in any_situation(), second in 0..9_i64) {
        let mut otherwise = situation.clone();
        otherwise.consents.reverse();
        otherwise.consents.extend(situation.consents.first().copied());
        otherwise.consents.iter_mut().for_each(|consent| consent.at = Timestamp::from_second(second).expect("a second of 1970"));
        std::mem::swap(&mut otherwise.person.refusals, &mut otherwise.person.objections);
        prop_assert_eq!(key(&policy, &situation), key(&policy, &otherwise));
        prop_assert_eq!(planned(&policy, &situation), planned(&policy, &otherwise));
    }

    /// Whoever answers for them, and whatever is ticked.
    #[test]
    fn a_minor_is_never_permitted_what_is_marketing_or_personalises(policy in any_policy(), mut situation in any_situation(), yes in any::<bool>()) {
        situation.person.age = Age::Minor;
        if yes {
            let consent = |purpose| Consent { purpose, at: Timestamp::UNIX_EPOCH, version: Version(u32::MAX), gpc: true };
            situation.consents = (0..policy.purposes.len()).map(|place| consent(Index::new(place))).collect();
            situation.revocations = Revocations::default();
        }
        let plan = planned(&policy, &situation);
        let barred = |purpose: Index<Purpose>| policy.purpose(purpose).marketing || policy.purpose(purpose).personalises;
        prop_assert!(plan.purposes.iter().all(|purpose| !barred(purpose)));
        prop_assert!(plan.uses().iter().all(|rule| !barred(policy.the_use(rule).purpose)));
        prop_assert!(plan.cookies.iter().all(|cookie| !barred(policy.cookie(cookie).purpose)));
        prop_assert!(plan.resources.iter().all(|resource| !barred(policy.resource(resource).purpose)));
    }

    #[test]
    fn revocations_only_take_away(policy in any_policy(), situation in any_situation()) {
        let mut without = situation.clone();
        without.revocations = Revocations::default();
        let (less, more) = (planned(&policy, &situation), planned(&policy, &without));
        prop_assert!(less.uses().is_subset(more.uses()));
        prop_assert!(less.purposes.is_subset(more.purposes));
        prop_assert!(less.cookies.is_subset(more.cookies));
        prop_assert!(less.resources.is_subset(more.resources));
        prop_assert_eq!(less.record.intersection(more.record), less.record);
    }
}

proptest! {
    // Two changes in three touch nothing that this policy asks about, so there are more of them.
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// This is what makes it right to keep plans by their keys.
    #[test]
    fn a_change_that_leaves_the_key_leaves_the_plan(policy in prop_oneof![any_policy(), Just(house())], before in any_situation(), change in any_change()) {
        let after = change.made(&policy, &before);
        if key(&policy, &before) == key(&policy, &after) {
            prop_assert_eq!(planned(&policy, &before), planned(&policy, &after), "{:?}", change);
        }
    }
}

/// Anything that may differ between two requests.
#[derive(Clone, Debug)]
enum Change {
    Everything(Box<Situation>),
    Gpc,
    Age(Age),
    MinorSignal,
    Region(Box<Situation>),
    Restricted,
    Registered,
    Closed,
    ClosedElsewhere,
    WithdrawnElsewhere(Place),
    OtherAccount(u8),
    Consents(Vec<Consent>),
    OneConsentGpc(Place),
    Refusals(Box<Situation>),
    OptedOut(Box<Situation>),
    Agreements(Box<Situation>),
    Moment,
}

fn any_change() -> impl Strategy<Value = Change> {
    let other = || any_situation().prop_map(Box::new);
    prop_oneof![
        other().prop_map(Change::Everything),
        Just(Change::Gpc),
        prop_oneof![Just(Age::Adult), Just(Age::Minor), Just(Age::Unknown)].prop_map(Change::Age),
        Just(Change::MinorSignal),
        other().prop_map(Change::Region),
        Just(Change::Restricted),
        Just(Change::Registered),
        Just(Change::Closed),
        Just(Change::ClosedElsewhere),
        any::<Place>().prop_map(Change::WithdrawnElsewhere),
        (0..3_u8).prop_map(Change::OtherAccount),
        proptest::collection::vec(any_consent(), 0..4).prop_map(Change::Consents),
        any::<Place>().prop_map(Change::OneConsentGpc),
        other().prop_map(Change::Refusals),
        other().prop_map(Change::OptedOut),
        other().prop_map(Change::Agreements),
        Just(Change::Moment),
    ]
}

impl Change {
    fn made(&self, policy: &Policy, before: &Situation) -> Situation {
        let mut after = before.clone();
        let person = &mut after.person;
        match self {
            Self::Everything(other) => after = (**other).clone(),
            Self::Gpc => after.gpc = !after.gpc,
            Self::Age(age) => person.age = *age,
            Self::MinorSignal => person.minor_signal = !person.minor_signal,
            Self::Region(other) => after.region = other.region,
            Self::Restricted => person.restricted = !person.restricted,
            Self::Registered => person.registered = !person.registered,
            Self::Closed => person.closed = !person.closed,
            Self::ClosedElsewhere => after.revocations.close(account(0)),
            Self::WithdrawnElsewhere(place) => {
                after.revocations.withdraw(account(0), Set::from_iter([Index::new(place.index(policy.purposes.len()))]));
            }
            Self::OtherAccount(number) => person.account = Some(account(*number)),
            Self::Consents(consents) => after.consents.clone_from(consents),
            Self::OneConsentGpc(place) => {
                if !after.consents.is_empty() {
                    let changed = place.index(after.consents.len());
                    after.consents[changed].gpc = !after.consents[changed].gpc;
                }
            }
            Self::Refusals(other) => person.refusals = other.person.refusals,
            Self::OptedOut(other) => person.opted_out = other.person.opted_out,
            Self::Agreements(other) => person.agreements = other.person.agreements,
            Self::Moment => {
                after.collected_under = None;
                after.consents.iter_mut().for_each(|consent| consent.at = Timestamp::MAX);
            }
        }
        after
    }
}

#[test]
fn a_stranger_from_california_meets_what_needs_no_yes() {
    let house = house();
    let plan = somebody(&house).in_region("us-ca").visits();
    insta::assert_snapshot!(shown(&house, &plan));
}

#[test]
fn a_german_who_said_yes_to_everything_meets_everything_but_cases() {
    let house = house();
    let eager = house.purposes.iter().fold(somebody(&house).in_region("de"), |eager, purpose| eager.yes_to(purpose.id.as_str()));
    let plan = eager.with_account(account(1)).with_agreement("membership").aged(Age::Adult).visits();
    insta::assert_snapshot!(shown(&house, &plan));
}

#[test]
fn a_return_visit_is_logged_once_somebody_said_yes_to_it() {
    let house = house();
    assert!(!somebody(&house).visits().record.contains(Field::VisitVisitor));
    assert!(somebody(&house).yes_to("return-visits").visits().record.contains(Field::VisitVisitor));
}

#[test]
fn without_a_permit_for_the_access_log_nothing_personal_is_logged() {
    let house = house();
    let plan = somebody(&house).yes_to("return-visits").opts_out_of("operate").visits();
    assert!(plan.purposes.contains(named(&house, "return-visits")));
    assert_eq!(plan.record, FieldSet::EMPTY);
}

#[test]
fn the_access_log_is_the_first_use_that_keeps_visits() {
    let mut house = house();
    assert_eq!(house.access_log(), house.use_named("access-log"));

    let inquiry = the_use("inquiry", data(&house, &["visit.ip"]), named(&house, "legal-claims"), Basis::VitalInterests);
    house.uses.insert(0, inquiry);
    assert_eq!(house.access_log(), house.use_named("access-log"), "an inquiry looks at the log, and keeps none");

    house.uses[1].recipients = Set::from_iter([house.recipient_named("counter").expect("a recipient")]);
    house.uses[1].act = domain::Act::Share;
    assert_eq!(house.access_log(), house.use_named("access-log"), "a processor may hold it for us");

    house.uses.retain(|rule| rule.id != *"access-log");
    assert_eq!(house.access_log(), house.use_named("visitor-statistics"));
    house.uses.clear();
    assert_eq!(house.access_log(), None);
}

#[test]
fn a_resource_waits_for_every_use_that_its_recipient_serves() {
    let mut house = house();
    let resource = house.resource_named("tag-manager").expect("a resource");
    assert!(somebody(&house).in_region("us-ca").visits().resources.contains(resource));
    let statistics = house.uses.iter().find(|rule| rule.id == *"visitor-statistics").expect("a use").clone();
    house.uses.push(Use { id: crate::support::id("heat-maps"), basis: Basis::Consent, ..statistics });
    assert!(!somebody(&house).in_region("us-ca").visits().resources.contains(resource));
    assert!(somebody(&house).in_region("us-ca").yes_to("statistics").visits().resources.contains(resource));
}

#[test]
fn whatever_changes_a_plan_changes_its_key() {
    let house = house();
    let ana = somebody(&house).with_account(account(1)).in_region("us-ca").sending_gpc().yes_to("news");
    let mut unsuspecting = ana.clone();
    unsuspecting.consents[0].gpc = false;
    let mut silent = ana.clone();
    silent.gpc = false;
    let others = [
        ("she said yes before her browser signalled", unsuspecting.clone()),
        ("her browser signals nothing, and she said yes to nothing", Somebody { consents: Vec::new(), ..silent.clone() }),
        ("she said yes to older words", Somebody { consents: Vec::new(), ..ana.clone() }.yes_to_version("news", 1)),
        ("she said no as well", ana.clone().no_to("news")),
        ("she objected", ana.clone().objects_to("statistics")),
        ("she opted out", ana.clone().opts_out_of("operate")),
        ("she withdrew elsewhere", ana.clone().withdraws_elsewhere("news")),
        ("she is a minor", ana.clone().aged(Age::Minor)),
        ("she may be a minor", ana.clone().maybe_a_minor()),
        ("her data is restricted", ana.clone().restricted()),
        ("she is in Germany", ana.clone().in_region("de")),
        ("she is a member", ana.clone().with_agreement("membership")),
        ("she closed her account", ana.clone().closed()),
        ("she closed it elsewhere", ana.clone().closed_elsewhere()),
        ("she has no account", Somebody { person: policy::Person::default(), ..ana.clone() }),
    ];
    let key = |somebody: &Somebody<'_>| PlanKey::new(&house, &somebody.revocations, &somebody.visit());
    for (what, other) in others {
        assert_ne!(ana.visits(), other.visits(), "{what}: it should matter");
        assert_ne!(key(&ana), key(&other), "{what}");
    }
    assert_ne!(silent.visits(), unsuspecting.visits());
    assert_ne!(key(&silent), key(&unsuspecting), "the signal itself");
}

#[test]
fn plans_of_two_versions_are_kept_apart() {
    let first = house();
    let next = Policy { version: Version(first.version.0 + 1), ..first.clone() };
    let stranger = somebody(&first);
    let revocations = Revocations::default();
    assert_ne!(PlanKey::new(&first, &revocations, &stranger.visit()), PlanKey::new(&next, &revocations, &stranger.visit()));
}

fn shown(policy: &Policy, plan: &VisitPlan) -> String {
    let lines = [
        ("uses", plan.uses().iter().map(|index| policy.the_use(index).id.to_string()).collect::<Vec<_>>()),
        ("purposes", vec![plan.purposes_header(policy)]),
        ("cookies", plan.cookies.iter().map(|index| policy.cookie(index).id.to_string()).collect()),
        ("resources", plan.resources.iter().map(|index| policy.resource(index).id.to_string()).collect()),
        ("record", plan.record.iter().map(|field| field.name().to_owned()).collect()),
    ];
    lines.map(|(what, names)| format!("{what}: {}", names.join(", "))).join("\n")
}
