//! Some of the people of a log, and how many visits each of them made: what every answer is compared with.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::traffic::{Somebody, Visitors};

/// How many are looked up besides those that stand for a kind.
const MANY: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// With the most visits.
    Heavy,
    /// With the median of visits.
    Median,
    /// Who came once.
    Single,
    /// Any.
    Many,
}

/// Somebody with a name that the server knows, and an address nobody else has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) role: Role,
    pub(crate) user: String,
    pub(crate) address: String,
    pub(crate) visits: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct People {
    /// The day of the first line.
    pub(crate) beginning: Date,
    /// In the whole log.
    pub(crate) visits: u64,
    pub(crate) people: u64,
    pub(crate) known: Vec<Known>,
}

impl People {
    pub(crate) fn of(visitors: &Visitors, visits: u64, beginning: Date) -> Self {
        let mut named: Vec<(u64, String)> = (0..visitors.visits.len() as u64)
            .filter(|number| visitors.visits[*number as usize] > 0)
            .filter_map(|number| Some((number, Somebody::number(number).user?)))
            .collect();
        let known = |role: Role, (number, user): &(u64, String)| Known {
            role,
            user: user.clone(),
            address: Somebody::number(*number).address,
            visits: u64::from(visitors.visits[*number as usize]),
        };
        // Their numbers follow how often they come: so many apart, all kinds are among them.
        let apart = (named.len() / MANY).max(1);
        let mut all: Vec<Known> = named.iter().step_by(apart).take(MANY).map(|somebody| known(Role::Many, somebody)).collect();
        let single =
            named.iter().find(|(number, _)| visitors.sessions[*number as usize] == 1).map(|somebody| known(Role::Single, somebody));
        named.sort_by_key(|(number, _)| visitors.visits[*number as usize]);
        let heavy = named.last().map(|somebody| known(Role::Heavy, somebody));
        let median = named.get(named.len() / 2).map(|somebody| known(Role::Median, somebody));
        let kinds: Vec<Known> = [heavy, median, single].into_iter().flatten().collect();
        all.retain(|somebody| kinds.iter().all(|kind| kind.user != somebody.user));
        let people = visitors.visits.iter().filter(|visits| **visits > 0).count() as u64;
        Self { beginning, visits, people, known: [kinds, all].concat() }
    }

    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("{} does not say who is in the log", file.display()))?;
        Ok(serde_json::from_str(&text)?)
    }

    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        Ok(fs::write(file, serde_json::to_string_pretty(self)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_person_is_named_once_with_their_visits() {
        let visitors = crate::traffic::write(100_000, jiff::civil::date(2026, 1, 1), &mut std::io::sink()).expect("written nowhere");
        let people = People::of(&visitors, 100_000, jiff::civil::date(2026, 1, 1));
        let of = |role| people.known.iter().filter(|known| known.role == role).collect::<Vec<_>>();
        let (heavy, median, single) = (of(Role::Heavy), of(Role::Median), of(Role::Single));
        assert_eq!((heavy.len(), median.len(), single.len()), (1, 1, 1));
        assert!(heavy[0].visits > median[0].visits && median[0].visits > 0 && single[0].visits > 0);
        assert!(of(Role::Many).len() > 100);
        let mut users: Vec<&str> = people.known.iter().map(|known| known.user.as_str()).collect();
        users.sort_unstable();
        users.dedup();
        assert_eq!(users.len(), people.known.len());
        for known in &people.known {
            let number: usize = known.user.trim_start_matches("user").parse().expect("a number");
            assert_eq!(u64::from(visitors.visits[number]), known.visits);
        }
    }
}
