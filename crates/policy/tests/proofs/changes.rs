//! Whatever two versions say: what is told of the change between them, and what becomes of consents and data from before it.

use domain::Basis;
use domain::Version;
use policy::check::History;
use policy::diff::{Changes, diff};
use policy::model::{Never, Policy};
use policy::{Ask, Consent, Index, Revocations, Set, decide};
use proptest::prelude::*;

use crate::support::any::{Situation, any_policy, any_situation};
use crate::support::id;

/// Any policy in which, as in every checked one, no two rules of a kind have the same id.
fn any_checked_policy() -> impl Strategy<Value = Policy> {
    any_policy().prop_map(|mut policy| {
        policy.cookies.truncate(1);
        policy.resources.truncate(1);
        policy
    })
}

/// Two versions, the second with the history that publishing it leaves behind.
fn any_two_versions() -> impl Strategy<Value = (Policy, Policy, Changes)> {
    (any_checked_policy(), any_checked_policy()).prop_map(|(mut old, mut new)| {
        let changes = diff(&old, &new);
        (old.version, new.version) = (Version(1), Version(2));
        let mut history = History::default();
        history.add(new.version, &changes);
        let since = |known: &[(domain::Id, Version)], id| {
            known.iter().find(|(known, _)| known == id).map_or(Version::FIRST, |(_, version)| *version)
        };
        for purpose in &mut new.purposes {
            purpose.material_since = since(&history.purposes_changed, &purpose.id);
        }
        for rule in &mut new.uses {
            rule.since = since(&history.uses_brought, &rule.id);
        }
        (old, new, changes)
    })
}

fn a_never() -> Never {
    Never {
        id: id("never-ever"),
        title: None,
        data: Set::from_iter([Index::new(0)]),
        acts: Vec::new(),
        kinds: Vec::new(),
        recipients: Set::EMPTY,
    }
}

/// Everybody said yes to everything in version 1, and nothing else.
fn after_a_yes_to_the_first_version(policy: &Policy, mut situation: Situation) -> Situation {
    let yes = |purpose| Consent { purpose, at: domain::Timestamp::UNIX_EPOCH, version: Version(1), gpc: situation.gpc };
    situation.consents = (0..policy.purposes.len()).map(Index::new).map(yes).collect();
    situation.revocations = Revocations::default();
    situation
}

proptest! {
    #[test]
    fn a_policy_that_stays_as_it_is_changes_nothing(policy in any_checked_policy()) {
        prop_assert_eq!(diff(&policy, &policy), Changes::default());
    }

    #[test]
    fn whatever_matters_to_consents_or_older_data_is_announced((_, _, changes) in any_two_versions()) {
        if !changes.purposes_changed_materially.is_empty() || !changes.uses_reaching_further.is_empty() {
            prop_assert!(changes.is_material(), "{:#?}", changes);
        }
    }

    #[test]
    fn what_changed_one_way_changed_the_other_way_too((old, new, changes) in any_two_versions()) {
        prop_assert_eq!(changes.is_empty(), diff(&new, &old).is_empty());
    }

    #[test]
    fn to_promise_more_is_never_material_and_to_promise_less_always_is(policy in any_checked_policy()) {
        let mut stricter = policy.clone();
        stricter.nevers.push(a_never());
        let (promised, taken_back) = (diff(&policy, &stricter), diff(&stricter, &policy));
        prop_assert!(!promised.is_empty() && !promised.is_material());
        prop_assert!(taken_back.is_material());
        prop_assert!(promised.purposes_changed_materially.is_empty() && promised.uses_reaching_further.is_empty());
    }

    #[test]
    fn to_give_up_a_use_brings_nothing_to_anybody(policy in any_checked_policy(), place in any::<proptest::sample::Index>()) {
        let mut smaller = policy.clone();
        let gone = smaller.uses.remove(place.index(policy.uses.len()));
        let changes = diff(&policy, &smaller);
        prop_assert!(changes.uses_reaching_further.is_empty());
        prop_assert!(changes.rules.iter().all(|change| change.kind != "use" || (change.material.is_none() && change.id == gone.id.as_str())));
    }

    #[test]
    fn a_yes_to_words_that_changed_materially_permits_nothing((_, new, changes) in any_two_versions(), situation in any_situation()) {
        let situation = after_a_yes_to_the_first_version(&new, situation);
        for (at, rule) in new.uses.iter().enumerate().filter(|(_, rule)| rule.basis == Basis::Consent) {
            let decision = decide(&new, &situation.revocations, &policy::Facts { ask: Ask::Use(Index::new(at)), ..situation.facts() });
            if changes.purposes_changed_materially.contains(&new.purpose(rule.purpose).id) {
                prop_assert!(!decision.is_permitted(), "{}", rule.id);
            }
        }
    }

    #[test]
    fn nothing_reaches_back_without_a_fresh_yes((_, new, changes) in any_two_versions(), situation in any_situation()) {
        let mut situation = after_a_yes_to_the_first_version(&new, situation);
        situation.collected_under = Some(Version(1));
        for (at, rule) in new.uses.iter().enumerate().filter(|(_, rule)| changes.uses_reaching_further.contains(&rule.id)) {
            let decision = decide(&new, &situation.revocations, &policy::Facts { ask: Ask::Use(Index::new(at)), ..situation.facts() });
            prop_assert!(!decision.is_permitted(), "{}", rule.id);
        }
    }

    #[test]
    fn who_withdrew_has_still_withdrawn_when_the_purposes_stand_in_other_places(old in any_checked_policy(), new in any_checked_policy()) {
        let account = domain::AccountId([7; 16]);
        for (at, purpose) in old.purposes.iter().enumerate() {
            let mut revocations = Revocations::default();
            revocations.withdraw(account, Set::from_iter([Index::new(at)]));
            revocations.close(account);
            let carried = revocations.carried_over(&old, &new);
            let there: Set<_> = new.purpose_named(purpose.id.as_str()).into_iter().collect();
            prop_assert_eq!(carried.withdrawn_by(account), there);
            prop_assert!(carried.is_closed(account));
            let both = revocations.together_with(&carried);
            prop_assert!(there.union(Set::from_iter([Index::new(at)])).is_subset(both.withdrawn_by(account)));
        }
    }
}

#[test]
fn the_last_change_is_the_one_that_counts() {
    let changes = |purposes: &[&str], uses: &[&str]| Changes {
        purposes_changed_materially: purposes.iter().map(|name| id(name)).collect(),
        uses_reaching_further: uses.iter().map(|name| id(name)).collect(),
        ..Changes::default()
    };
    let mut history = History::default();
    history.add(Version(2), &changes(&["news", "offers"], &["mail"]));
    history.add(Version(3), &changes(&[], &[]));
    history.add(Version(4), &changes(&["news"], &[]));
    assert_eq!(history.purposes_changed, [(id("offers"), Version(2)), (id("news"), Version(4))]);
    assert_eq!(history.uses_brought, [(id("mail"), Version(2))]);
}
