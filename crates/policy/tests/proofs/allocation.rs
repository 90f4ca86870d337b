//! What runs on every visit allocates nothing.

use allocation_counter::measure;
use domain::{Age, Region, Timestamp};
use policy::cookie::{CookieState, Unverified, read};
use policy::{Ask, Index, Person, PlanKey, Revocations, VisitFacts, plan_visit};

use crate::support::account;
use crate::support::house::{data, house};
use crate::support::people::somebody;

fn allocations(work: impl FnOnce()) -> u64 {
    measure(work).count_total
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![1]))), 1);
}

#[test]
fn no_decision_allocates() {
    let house = house();
    let mut ana =
        somebody(&house).with_account(account(1)).aged(Age::Adult).in_region("us-ca").sending_gpc().yes_to("news").yes_to("research");
    ana.revocations.close(account(2));
    let declared = (0..house.uses.len()).map(|place| Ask::Use(Index::new(place)));
    let (data, recipient) = (data(&house, &["account.email"]), house.recipient_named("parent"));
    let sale = Ask::Terms { data, purpose: house.purpose_named("news"), recipient, act: domain::Act::Sell };
    for ask in declared.chain([sale, Ask::Unknown]) {
        let counted = allocations(|| {
            let decision = ana.decision(ask);
            std::hint::black_box((decision.clause(), decision.into_permit()));
        });
        assert_eq!(counted, 0, "{ask:?}");
    }
}

#[test]
fn no_visit_allocates_for_its_facts_its_key_or_its_plan() {
    let house = house();
    let ana = somebody(&house).with_account(account(1)).in_region("de").yes_to("news").yes_to("statistics");
    let counted = allocations(|| {
        let facts = ana.visit();
        std::hint::black_box(PlanKey::new(&house, &ana.revocations, &facts));
        std::hint::black_box(plan_visit(&house, &ana.revocations, &facts));
    });
    assert_eq!(counted, 0);
}

#[test]
fn a_visitor_whose_cookie_says_nothing_costs_no_allocation() {
    let house = house();
    let mut records = Vec::new();
    policy::cookie::SigningKeys::rotated(&mut records, Timestamp::UNIX_EPOCH, &domain::SeededRandom::new(1));
    let keys = policy::cookie::SigningKeys::from_records(records).expect("a key");
    let revocations = Revocations::default();
    let counted = allocations(|| {
        for state in [
            read(&house, &keys, Timestamp::UNIX_EPOCH, std::iter::empty(), std::iter::empty()),
            CookieState::Unverified(Unverified::Forged),
        ] {
            let standing = state.standing(&house);
            let person = Person { consents: &standing.consents, refusals: standing.refusals, ..Person::default() };
            let facts = VisitFacts { person, gpc: false, region: Region::UNKNOWN, at: Timestamp::UNIX_EPOCH };
            std::hint::black_box((PlanKey::new(&house, &revocations, &facts), plan_visit(&house, &revocations, &facts)));
        }
    });
    assert_eq!(counted, 0);
}
