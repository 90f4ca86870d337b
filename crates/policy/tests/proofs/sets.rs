//! A set of rules behaves as a set, up to its last place.

use std::collections::BTreeSet;

use policy::model::Purpose;
use policy::{Index, Set};
use proptest::collection::btree_set;
use proptest::prelude::*;

fn places() -> impl Strategy<Value = BTreeSet<usize>> {
    btree_set(0..Set::<Purpose>::CAPACITY, 0..20)
}

fn set(places: &BTreeSet<usize>) -> Set<Purpose> {
    places.iter().copied().map(Index::new).collect()
}

fn listed(set: Set<Purpose>) -> Vec<usize> {
    set.iter().map(Index::get).collect()
}

proptest! {
    #[test]
    fn it_agrees_with_the_standard_set(one in places(), other in places(), place in 0..Set::<Purpose>::CAPACITY) {
        let (small_one, small_other) = (set(&one), set(&other));
        prop_assert_eq!(listed(small_one), one.iter().copied().collect::<Vec<_>>(), "in order");
        prop_assert_eq!(small_one.len(), one.len());
        prop_assert_eq!(small_one.is_empty(), one.is_empty());
        prop_assert_eq!(small_one.contains(Index::new(place)), one.contains(&place));
        prop_assert_eq!(small_one.union(small_other), set(&one.union(&other).copied().collect()));
        prop_assert_eq!(small_one.difference(small_other), set(&one.difference(&other).copied().collect()));
        prop_assert_eq!(small_one.is_subset(small_other), one.is_subset(&other));
        prop_assert_eq!(small_one.intersects(small_other), !one.is_disjoint(&other));
        prop_assert_eq!(small_one == small_other, one == other);

        let (mut more, mut less) = (small_one, small_one);
        more.insert(Index::new(place));
        less.remove(Index::new(place));
        prop_assert!(more.contains(Index::new(place)) && !less.contains(Index::new(place)));
        prop_assert_eq!(less.union(set(&BTreeSet::from([place]))), more);
    }
}

#[test]
#[should_panic(expected = "a policy has at most 128 rules of a kind")]
fn there_is_no_place_past_the_last() {
    Index::<Purpose>::new(Set::<Purpose>::CAPACITY);
}
