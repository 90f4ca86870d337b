use policy::Permit;
use serde::{Deserialize, Serialize};
use visits::{Counted, Counting, Group, Others, Tally, Value};

use super::Missing;

/// Visits, counted for a purpose.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownCounts {
    pub by: String,
    pub purpose: String,
    /// A group of fewer people is told only together with others.
    pub at_least: u64,
    pub groups: Vec<ShownGroup>,
    /// The groups that are not told one by one.
    pub others: Option<ShownOthers>,
    /// Of all groups and the others.
    pub total: ShownTally,
    /// Visits of which the purpose does not open what is counted by. Null where there are none, or of too few people.
    pub unseen: Option<ShownTally>,
    #[serde(flatten)]
    pub missing: Missing,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownGroup {
    /// Null is of visits that say nothing of it.
    pub value: Option<String>,
    #[serde(flatten)]
    pub tally: ShownTally,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownTally {
    /// Of people. Null where they are too few to be told.
    pub visits: Option<u64>,
    /// Visitors who are recognised, each once. Null where none is, or too few are.
    pub visitors: Option<u64>,
    /// Of programs that say that they are.
    pub robots: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownOthers {
    /// Null where even all of them are of too few people; so is the next.
    pub groups: Option<u64>,
    /// How many of them are here because they, or one beside them, are of too few people.
    pub too_few: Option<u64>,
    #[serde(flatten)]
    pub tally: ShownTally,
}

/// It is opened personal data, so debug output does not show it.
impl std::fmt::Debug for ShownCounts {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ShownCounts").field("by", &self.by).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ShownGroup {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ShownGroup").finish_non_exhaustive()
    }
}

impl From<Tally> for ShownTally {
    fn from(tally: Tally) -> Self {
        let Tally { visits, visitors, robots } = tally;
        Self { visits, visitors, robots }
    }
}

impl ShownCounts {
    /// The groups with what they have in common, opened by a permit by which counting them was permitted.
    pub(super) fn of(counted: &Counted, counting: &Counting<'_>, purpose: &str, opener: Option<&Permit>) -> Self {
        let others = |others: Others| ShownOthers { groups: others.groups, too_few: others.too_few, tally: others.tally.into() };
        Self {
            by: counting.by.name().to_owned(),
            purpose: purpose.to_owned(),
            at_least: counting.at_least,
            groups: counted.groups.iter().map(|group| ShownGroup { value: value(group, opener), tally: group.tally.into() }).collect(),
            others: counted.others.map(others),
            total: counted.total.into(),
            unseen: counted.unseen.map(ShownTally::from),
            missing: Missing::default(),
        }
    }
}

fn value(group: &Group, opener: Option<&Permit>) -> Option<String> {
    match group.value.as_ref()? {
        Value::Text(text) => text.open(opener?).ok().cloned(),
        Value::Day(day) => Some(day.to_string()),
        Value::Status(status) => Some(status.to_string()),
        Value::New => Some("new".to_owned()),
        Value::Returning => Some("returning".to_owned()),
    }
}
