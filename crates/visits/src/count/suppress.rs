//! What is told of counts without telling of somebody.
//!
//! A group of few people is not told (primary suppression). Nor may it be worked out by taking what is told from the total: so it is told together with others, at
//! least two groups and enough people in all, for which the next smallest group gives up its place (complementary suppression). Where even all of them are too few,
//! the total is not told either, nor how many groups they are.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Range;

use super::people::Pair;
use super::{Counted, Counting, Group, Others, Tally, Value};

/// What was added up for a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    /// By people.
    pub(crate) visits: u64,
    /// Those of them of whom nothing is known by which they could be told from one another: each counts as a person.
    pub(crate) unknown: u64,
    pub(crate) robots: u64,
}

/// All groups with whoever was in them.
struct Groups<'c> {
    sums: &'c [Sum],
    pairs: &'c [Pair],
    /// Where each group's pairs are.
    ranges: Vec<Range<usize>>,
    /// No person has a greater number.
    people: usize,
    at_least: u64,
}

/// The groups that may be told, and the rest together.
pub(super) fn suppressed(
    sums: &[Sum],
    pairs: &[Pair],
    unseen: u32,
    counting: &Counting<'_>,
    order: impl Fn(u32, u32) -> Ordering,
    value: impl Fn(u32) -> Option<Value>,
) -> Counted {
    let groups = Groups::new(sums, pairs, counting.at_least);
    let numbers = (0..sums.len() as u32).filter(|group| *group != unseen && !groups.is_empty(*group));
    let (few, mut told): (Vec<u32>, Vec<u32>) = numbers.partition(|group| groups.is_too_few(*group));
    let mut together = Together::of(&groups, few);
    // The largest first, so that the last is the next to be given up; those of robots alone hide nobody.
    told.sort_by(|one, other| groups.size(*other).cmp(&groups.size(*one)).then_with(|| order(*one, *other)));
    while !together.is_safe(&groups)
        && let Some(at) = told.iter().rposition(|group| groups.size(*group) > 0)
    {
        together.add(&groups, told.remove(at));
    }
    let is_safe = together.is_safe(&groups);
    let too_few = together.groups.len() as u64;
    let by_size = |group: u32| (sums[group as usize].visits, sums[group as usize].robots);
    let has_an_order = counting.by.has_an_order();
    told.sort_by(|one, other| {
        let larger = if has_an_order { Ordering::Equal } else { by_size(*other).cmp(&by_size(*one)) };
        larger.then_with(|| order(*one, *other))
    });
    let limit = counting.query.limit.unwrap_or(usize::MAX).min(told.len());
    // Of what has an order, the last are wanted.
    let past: Vec<u32> = if has_an_order { told.drain(..told.len() - limit).collect() } else { told.split_off(limit) };
    let shown = |group: &u32| Group { value: value(*group), tally: groups.tally(&[*group]) };
    let all: Vec<u32> = told.iter().chain(&past).chain(&together.groups).copied().collect();
    let rest: Vec<u32> = past.iter().chain(&together.groups).copied().collect();
    let tally = |of: &[u32]| if is_safe { groups.tally(of) } else { Tally { visits: None, visitors: None, ..groups.tally(of) } };
    let others = Others { groups: is_safe.then_some(rest.len() as u64), too_few: is_safe.then_some(too_few), tally: tally(&rest) };
    Counted {
        groups: told.iter().map(shown).collect(),
        others: (!rest.is_empty()).then_some(others),
        total: tally(&all),
        unseen: (!groups.is_empty(unseen) && !groups.is_too_few(unseen)).then(|| groups.tally(&[unseen])),
        ..Counted::default()
    }
}

impl<'c> Groups<'c> {
    fn new(sums: &'c [Sum], pairs: &'c [Pair], at_least: u64) -> Self {
        let mut ranges = vec![0..0; sums.len()];
        let mut at = 0;
        for of_group in pairs.chunk_by(|one, other| one.group == other.group) {
            ranges[of_group[0].group as usize] = at..at + of_group.len();
            at += of_group.len();
        }
        let people = pairs.iter().map(|pair| pair.person as usize + 1).max().unwrap_or_default();
        Self { sums, pairs, ranges, people, at_least }
    }

    fn pairs(&self, group: u32) -> &'c [Pair] {
        &self.pairs[self.ranges[group as usize].clone()]
    }

    fn is_empty(&self, group: u32) -> bool {
        let sum = &self.sums[group as usize];
        sum.visits == 0 && sum.robots == 0
    }

    /// How many people, at most.
    fn size(&self, group: u32) -> u64 {
        self.pairs(group).len() as u64 + self.sums[group as usize].unknown
    }

    fn is_too_few(&self, group: u32) -> bool {
        (1..self.at_least).contains(&self.size(group))
    }

    fn tally(&self, of: &[u32]) -> Tally {
        let sum = |what: fn(&Sum) -> u64| of.iter().map(|group| what(&self.sums[*group as usize])).sum();
        let visitors = match of {
            [one] => self.pairs(*one).iter().filter(|pair| pair.is_visitor).count() as u64,
            many => {
                let mut seen = vec![false; self.people];
                let visitors = many.iter().flat_map(|group| self.pairs(*group)).filter(|pair| pair.is_visitor);
                visitors.filter(|pair| !std::mem::replace(&mut seen[pair.person as usize], true)).count() as u64
            }
        };
        Tally {
            visits: Some(sum(|sum| sum.visits)),
            visitors: Some(visitors).filter(|count| *count >= self.at_least.max(1)),
            robots: sum(|sum| sum.robots),
        }
    }
}

/// Groups that are told together, and how many people that are.
struct Together {
    groups: Vec<u32>,
    people: HashSet<u32>,
    unknown: u64,
}

impl Together {
    fn of(groups: &Groups<'_>, few: Vec<u32>) -> Self {
        let mut together = Self { groups: Vec::new(), people: HashSet::new(), unknown: 0 };
        few.into_iter().for_each(|group| together.add(groups, group));
        together
    }

    fn add(&mut self, groups: &Groups<'_>, group: u32) {
        self.people.extend(groups.pairs(group).iter().map(|pair| pair.person));
        self.unknown += groups.sums[group as usize].unknown;
        self.groups.push(group);
    }

    /// Somebody may be in several of the groups, and is one person all the same.
    fn is_safe(&self, groups: &Groups<'_>) -> bool {
        let size = self.people.len() as u64 + self.unknown;
        self.groups.is_empty() || (self.groups.len() > 1 && size >= groups.at_least)
    }
}

#[cfg(test)]
mod tests {
    use super::super::By;
    use super::*;
    use crate::query::Query;

    /// The unseen, and then groups of so many visits each, by people of their own.
    fn counted(sizes: &[u64], at_least: u64) -> Counted {
        let sums: Vec<Sum> =
            std::iter::once(0).chain(sizes.iter().copied()).map(|size| Sum { visits: size, unknown: size, robots: 0 }).collect();
        of(&sums, &[], at_least, None)
    }

    fn of(sums: &[Sum], pairs: &[Pair], at_least: u64, limit: Option<usize>) -> Counted {
        let query = Query { limit, ..Query::default() };
        let counting = Counting { query: &query, by: By::Page, at_least };
        suppressed(sums, pairs, 0, &counting, |one, other| one.cmp(&other), |group| Some(Value::Status(group as u16)))
    }

    fn visits(counted: &Counted) -> Vec<u64> {
        counted.groups.iter().map(|group| group.tally.visits.expect("told")).collect()
    }

    fn others(counted: &Counted) -> Option<(u64, u64, u64)> {
        let others = counted.others?;
        Some((others.groups?, others.too_few?, others.tally.visits?))
    }

    /// There is something, and nothing is told of it.
    fn hidden(counted: &Counted) -> bool {
        let nothing = Tally { visits: None, visitors: None, robots: 0 };
        counted.others == Some(Others { groups: None, too_few: None, tally: nothing })
            && counted.total == nothing
            && counted.groups.is_empty()
    }

    #[test]
    fn what_is_large_enough_is_told() {
        let told = counted(&[30, 10, 20], 10);
        assert_eq!((visits(&told), others(&told), told.total.visits), (vec![30, 20, 10], None, Some(60)));
    }

    #[test]
    fn one_group_that_is_too_small_takes_the_next_smallest_along() {
        let told = counted(&[30, 3, 20], 10);
        assert_eq!((visits(&told), others(&told), told.total.visits), (vec![30], Some((2, 2, 23)), Some(53)));
    }

    #[test]
    fn several_that_are_too_small_together_take_one_along_and_enough_of_them_none() {
        assert_eq!(others(&counted(&[30, 3, 4], 10)), Some((3, 3, 37)));
        assert_eq!(others(&counted(&[30, 3, 4, 5], 10)), Some((3, 3, 12)));
    }

    #[test]
    fn where_all_are_too_few_nothing_is_told() {
        assert!(hidden(&counted(&[3, 4], 10)) && hidden(&counted(&[9], 10)) && hidden(&counted(&[1, 1, 1], 10)));
        assert_eq!(counted(&[], 10).total.visits, Some(0), "nobody came");
    }

    #[test]
    fn the_visits_of_one_person_are_those_of_one_person_however_many_and_wherever() {
        // Twelve pages that one person looked at ten times each, and one of a hundred others.
        let mut sums = vec![Sum::default(); 13];
        sums[1..].fill(Sum { visits: 10, unknown: 0, robots: 0 });
        sums.push(Sum { visits: 100, unknown: 100, robots: 0 });
        let pairs: Vec<Pair> = (1..13).map(|group| Pair { group, person: 7, is_visitor: true }).collect();
        let told = of(&sums, &pairs, 10, None);
        assert_eq!((visits(&told), others(&told)), (vec![], Some((13, 13, 220))));
        assert_eq!((told.total.visits, told.total.visitors), (Some(220), None));
    }

    #[test]
    fn robots_are_nobody_and_hide_nobody() {
        let robots = |visits: u64, robots: u64| Sum { visits, unknown: visits, robots };
        let told = of(&[robots(0, 0), robots(0, 400), robots(3, 500), robots(50, 0)], &[], 10, None);
        assert_eq!((told.groups.len(), told.groups[0].tally.robots, others(&told)), (1, 400, Some((2, 2, 53))));
        assert_eq!((told.total.visits, told.total.robots), (Some(53), 900));
    }

    #[test]
    fn what_is_past_the_limit_is_told_together() {
        let sums: Vec<Sum> = [0, 50, 40, 30, 20].iter().map(|size| Sum { visits: *size, unknown: *size, robots: 0 }).collect();
        let told = of(&sums, &[], 10, Some(2));
        assert_eq!((visits(&told), others(&told), told.total.visits), (vec![50, 40], Some((2, 0, 50)), Some(140)));
    }

    #[test]
    fn what_is_unseen_is_told_where_it_is_of_enough_people() {
        let unseen = |visits: u64| of(&[Sum { visits, unknown: visits, robots: 1 }], &[], 10, None).unseen.map(|tally| tally.visits);
        assert_eq!((unseen(9), unseen(10), unseen(0)), (None, Some(Some(10)), Some(Some(0))));
    }
}
