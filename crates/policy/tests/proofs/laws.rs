//! Laws of a decision, for every policy and everybody.

use std::collections::BTreeSet;

use domain::{Act, Age, Basis, Field, RecipientKind, Region, Version};
use policy::model::{Agreement, ChoiceDefault, DataField, Never, Policy, Purpose, Use};
use policy::{Ask, Code, Decision, Index, Sealed, Set, decide, plan_visit, recorded_permit};
use proptest::prelude::*;
use proptest::sample::Index as Place;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::any::{Situation, any_policy, any_situation, fitting, reserved};
use crate::support::{account, id};

fn any_question() -> impl Strategy<Value = (Policy, Situation)> {
    (any_policy(), any_situation(), any::<Option<Place>>()).prop_map(|(policy, mut situation, place)| {
        if let Some(place) = place {
            situation.ask = fitting(&policy, situation.ask, place);
        }
        (policy, situation)
    })
}

fn decided<'p>(policy: &'p Policy, situation: &Situation) -> Decision<'p> {
    decide(policy, &situation.revocations, &situation.facts())
}

/// What a permitted question would do: who gets which data by which act.
fn terms(policy: &Policy, ask: Ask, rule: &Use) -> (Set<DataField>, Vec<To>, Act) {
    match ask {
        Ask::Terms { data, recipient: None, act, .. } => (data, vec![To::Us], act),
        Ask::Terms { data, recipient: Some(other), act, .. } => (data, vec![To::Other(other.get())], act),
        Ask::Use(_) | Ask::Unknown => {
            let others = rule.recipients.iter().map(|other| To::Other(other.get()));
            let us = rule.for_us.then_some(To::Us);
            assert!(rule.recipients.iter().all(|other| other.get() < policy.recipients.len()));
            (rule.data, us.into_iter().chain(others).collect(), rule.act)
        }
    }
}

#[derive(Clone, Copy)]
enum To {
    Us,
    Other(usize),
}

/// The promise in other words than the program's: for some field, act and recipient of the question, it names all three.
fn breaks(policy: &Policy, never: &Never, data: Set<DataField>, recipients: &[To], act: Act) -> bool {
    let names = |recipient: &To| {
        let everybody = never.kinds.is_empty() && never.recipients.is_empty();
        everybody
            || match *recipient {
                To::Us => never.kinds.contains(&RecipientKind::Us),
                To::Other(place) => {
                    never.recipients.iter().any(|named| named.get() == place) || never.kinds.contains(&policy.recipients[place].kind)
                }
            }
    };
    let fields: BTreeSet<usize> = never.data.iter().map(Index::get).collect();
    let touches = data.iter().any(|field| fields.contains(&field.get()));
    let acts = if never.acts.is_empty() { &Act::ALL[..] } else { &never.acts };
    // Where a use has no recipient at all, a promise about everybody still covers it.
    let reaches = recipients.iter().any(names) || (recipients.is_empty() && never.kinds.is_empty() && never.recipients.is_empty());
    touches && acts.contains(&act) && reaches
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_never_is_never_permitted((policy, situation) in any_question()) {
        let decision = decided(&policy, &situation);
        if decision.is_permitted() {
            let (data, recipients, act) = terms(&policy, situation.ask, decision.rule.expect("a permit names its use"));
            for never in &policy.nevers {
                prop_assert!(!breaks(&policy, never, data, &recipients, act), "{decision:?} breaks `{}`", never.id);
            }
        }
    }

    #[test]
    fn neither_a_visit_nor_its_record_gets_past_a_never((policy, situation) in any_question()) {
        let plan = plan_visit(&policy, &situation.revocations, &situation.visit());
        let forbidden = |rule: &Use| {
            let (data, recipients, act) = terms(&policy, Ask::Unknown, rule);
            policy.nevers.iter().any(|never| breaks(&policy, never, data, &recipients, act))
        };
        for the_use in plan.uses().iter() {
            prop_assert!(!forbidden(policy.the_use(the_use)));
        }
        for purpose in (0..policy.purposes.len()).map(Index::new) {
            let version = situation.collected_under.unwrap_or(policy.version);
            if let Some(permit) = recorded_permit(&policy, purpose, Set::from_iter([purpose]), version) {
                let allowed = |rule: &&Use| rule.purpose == purpose && !forbidden(rule) && reserved(&policy, rule.data) == permit.fields();
                prop_assert!(policy.uses.iter().any(|rule| allowed(&rule) && rule.since <= version), "and none that came later");
                prop_assert!(recorded_permit(&policy, purpose, Set::EMPTY, version).is_none(), "it was not in force");
            }
        }
    }

    #[test]
    fn minors_and_perhaps_minors_meet_neither_marketing_nor_personalising((policy, mut situation) in any_question(), known in any::<bool>()) {
        (situation.person.age, situation.person.minor_signal) = if known { (Age::Minor, false) } else { (Age::Unknown, true) };
        let decision = decided(&policy, &situation);
        if decision.is_permitted() {
            let purpose = policy.purpose(decision.rule.expect("a permit names its use").purpose);
            prop_assert!(!purpose.marketing && !purpose.personalises);
        }
    }

    #[test]
    fn the_browsers_signal_is_overruled_by_a_deliberate_yes_alone((policy, mut situation) in any_question()) {
        situation.gpc = true;
        let decision = decided(&policy, &situation);
        let Some(rule) = decision.rule.filter(|_| decision.is_permitted()) else { return Ok(()) };
        let (_, recipients, act) = terms(&policy, situation.ask, rule);
        let outsider = |recipient: &To| {
            matches!(*recipient, To::Other(place) if matches!(policy.recipients[place].kind, RecipientKind::Affiliate | RecipientKind::ThirdParty))
        };
        let covered = policy.purpose(rule.purpose).marketing || (act != Act::Process && recipients.iter().any(outsider));
        let deliberate = situation.consents.iter().any(|consent| consent.purpose == rule.purpose && consent.gpc);
        prop_assert!(!covered || deliberate);
    }

    #[test]
    fn terms_are_answered_by_a_use_that_carries_them((policy, situation) in any_question()) {
        let Ask::Terms { data, purpose, recipient, act } = situation.ask else { return Ok(()) };
        let carries = |rule: &Use| {
            let to = recipient.map_or(rule.for_us, |recipient| rule.recipients.contains(recipient));
            to && !data.is_empty() && data.difference(rule.data).is_empty() && rule.act == act && purpose == Some(rule.purpose)
        };
        let answered = decided(&policy, &situation).rule.map(|rule| &rule.id);
        prop_assert_eq!(answered, policy.uses.iter().find(|rule| carries(rule)).map(|rule| &rule.id));
    }

    #[test]
    fn taking_consent_away_permits_nothing((policy, situation) in any_question(), taken in any::<Place>()) {
        prop_assume!(!situation.consents.is_empty());
        let mut less = situation.clone();
        less.consents.remove(taken.index(less.consents.len()));
        prop_assert!(decided(&policy, &situation).is_permitted() || !decided(&policy, &less).is_permitted());
    }

    #[test]
    fn nothing_that_speaks_against_it_permits_anything((policy, situation) in any_question(), loss in any_loss()) {
        let (mut policy_after, mut after) = (policy.clone(), situation.clone());
        loss.befalls(&mut policy_after, &mut after);
        prop_assert!(decided(&policy, &situation).is_permitted() || !decided(&policy_after, &after).is_permitted(), "{loss:?}");
    }

    #[test]
    fn what_the_policy_does_not_know_is_refused((policy, mut situation) in any_question(), beyond in 0..50_usize) {
        let asks = [
            Ask::Unknown,
            Ask::Use(Index::new(policy.uses.len() + beyond)),
            Ask::Terms { data: all_data(&policy), purpose: None, recipient: None, act: Act::Process },
            Ask::Terms { data: all_data(&policy), purpose: Some(Index::new(policy.purposes.len() + beyond)), recipient: None, act: Act::Process },
        ];
        for ask in asks {
            situation.ask = ask;
            prop_assert_eq!(decided(&policy, &situation).code, Code::NoSuchUse);
        }
        for rule in &policy.uses {
            let recipient = Some(Index::new(policy.recipients.len() + beyond));
            situation.ask = Ask::Terms { data: rule.data, purpose: Some(rule.purpose), recipient, act: rule.act };
            prop_assert_eq!(decided(&policy, &situation).code, Code::NoSuchUse);
        }
    }

    #[test]
    fn every_question_gets_one_answer_and_a_reason((policy, situation) in any_question()) {
        let [once, again] = [(); 2].map(|()| serde_json::to_string(&decided(&policy, &situation)).expect("a decision is JSON"));
        prop_assert_eq!(once, again);
        let decision = decided(&policy, &situation);
        prop_assert!(!decision.reason().to_string().is_empty());
        prop_assert_eq!(decision.is_permitted(), decision.code == Code::Permitted);
        prop_assert_eq!(decision.rule.is_none(), decision.code == Code::NoSuchUse);
        prop_assert!(decision.code != Code::Never || decision.never.is_some());
    }

    #[test]
    fn a_permit_opens_what_was_asked_and_no_more((policy, situation) in any_question()) {
        let decision = decided(&policy, &situation);
        let Some(rule) = decision.rule else { return Ok(()) };
        let asked = if let Ask::Terms { data, .. } = situation.ask { data } else { rule.data };
        prop_assert!(asked.is_subset(rule.data));
        let Some(permit) = decision.into_permit() else { return Ok(()) };
        prop_assert_eq!(permit.purpose(), Some(rule.purpose));
        for field in Field::ALL {
            let covered = reserved(&policy, asked).contains(*field);
            prop_assert_eq!(Sealed::new(*field, "secret").open(&permit).is_ok(), covered);
        }
    }

    #[test]
    fn older_data_goes_nowhere_new_without_a_fresh_yes((policy, mut situation) in any_question(), version in 1..6_u32) {
        situation.collected_under = Some(Version(version));
        let decision = decided(&policy, &situation);
        if let (true, Some(rule)) = (decision.is_permitted(), decision.rule) {
            let said_since = situation.consents.iter().any(|consent| consent.purpose == rule.purpose && consent.version >= rule.since);
            prop_assert!(Version(version) >= rule.since || said_since);
        }
    }

    #[test]
    fn a_legal_basis_is_nothing_without_its_case((policy, mut situation) in any_question()) {
        situation.case = false;
        let decision = decided(&policy, &situation);
        let needs_case = decision.basis().is_some_and(|basis| matches!(basis, Basis::LegalObligation | Basis::VitalInterests));
        prop_assert!(!(decision.is_permitted() && needs_case));
    }
}

fn all_data(policy: &Policy) -> Set<DataField> {
    (0..policy.fields.len()).map(Index::new).collect()
}

/// Something that speaks against a use.
#[derive(Clone, Debug)]
enum Loss {
    Refuses(Index<Purpose>),
    Objects(Index<Purpose>),
    OptsOut(Index<Purpose>),
    Withdraws(Index<Purpose>),
    SendsGpc,
    IsRestricted,
    IsAMinor,
    MayBeAMinor,
    ClosesTheAccount,
    ClosesElsewhere,
    IsNotRegistered,
    EndsAgreement(Index<Agreement>),
    LeavesTheCase,
    HasOlderData,
    MovesWhereWeAsk,
    GetsAPromise(Place),
    ReadsNewWords(Place),
}

fn any_loss() -> impl Strategy<Value = Loss> {
    let purpose = || (0..5_usize).prop_map(Index::new);
    prop_oneof![
        purpose().prop_map(Loss::Refuses),
        purpose().prop_map(Loss::Objects),
        purpose().prop_map(Loss::OptsOut),
        purpose().prop_map(Loss::Withdraws),
        Just(Loss::SendsGpc),
        Just(Loss::IsRestricted),
        Just(Loss::IsAMinor),
        Just(Loss::MayBeAMinor),
        Just(Loss::ClosesTheAccount),
        Just(Loss::ClosesElsewhere),
        Just(Loss::IsNotRegistered),
        (0..2_usize).prop_map(|place| Loss::EndsAgreement(Index::new(place))),
        Just(Loss::LeavesTheCase),
        Just(Loss::HasOlderData),
        Just(Loss::MovesWhereWeAsk),
        any::<Place>().prop_map(Loss::GetsAPromise),
        any::<Place>().prop_map(Loss::ReadsNewWords),
    ]
}

impl Loss {
    fn befalls(&self, policy: &mut Policy, situation: &mut Situation) {
        let person = &mut situation.person;
        match *self {
            Self::Refuses(purpose) => person.refusals.insert(purpose),
            Self::Objects(purpose) => person.objections.insert(purpose),
            Self::OptsOut(purpose) => person.opted_out.insert(purpose),
            Self::Withdraws(purpose) => {
                situation.revocations.withdraw(person.account.unwrap_or(account(0)), Set::from_iter([purpose]));
            }
            Self::SendsGpc => situation.gpc = true,
            Self::IsRestricted => person.restricted = true,
            Self::IsAMinor => person.age = Age::Minor,
            Self::MayBeAMinor => person.minor_signal = true,
            Self::ClosesTheAccount => person.closed = true,
            Self::ClosesElsewhere => situation.revocations.close(person.account.unwrap_or(account(0))),
            Self::IsNotRegistered => person.registered = false,
            Self::EndsAgreement(agreement) => person.agreements.remove(agreement),
            Self::LeavesTheCase => situation.case = false,
            Self::HasOlderData => situation.collected_under = Some(Version::FIRST),
            Self::MovesWhereWeAsk => {
                policy.choice_defaults.by_region.retain(|(place, default)| *default == ChoiceDefault::Ask || *place != Region::UNKNOWN);
                situation.region = Region::UNKNOWN;
            }
            Self::GetsAPromise(place) => {
                let data = policy.uses[place.index(policy.uses.len())].data;
                let never = Never { id: id("new"), title: None, data, acts: Vec::new(), kinds: Vec::new(), recipients: Set::EMPTY };
                policy.nevers.push(never);
            }
            Self::ReadsNewWords(place) => {
                let changed = place.index(policy.purposes.len());
                policy.purposes[changed].material_since = Version(policy.purposes[changed].material_since.0 + 1);
            }
        }
    }
}

/// The laws would hold of a program that refuses everything, so here is what the arbitrary questions come to.
#[test]
fn arbitrary_questions_meet_every_answer() {
    let mut runner = TestRunner::deterministic();
    let mut met = BTreeSet::new();
    for _ in 0..4_000 {
        let (policy, situation) = any_question().new_tree(&mut runner).expect("a question").current();
        met.insert(decided(&policy, &situation).code.name());
    }
    let missing: Vec<&str> = Code::ALL.iter().map(|code| code.name()).filter(|code| !met.contains(code)).collect();
    assert_eq!(missing, [""; 0]);
}
