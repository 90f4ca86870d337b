//! Counts visits without making one of each: of a sealed file only the columns are read that the question is about, and each of their texts is looked at
//! about once. What is too small a group to be told is told by no way of asking: see `suppress`.

mod counter;
mod people;
mod stages;
mod suppress;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::{Field, FieldSet, Timestamp};
use jiff::civil::Date;
use policy::Sealed;

use crate::LogError;
use crate::damage::Damage;
use crate::query::Query;
use crate::record::Record;
use crate::scan::Scan;
use crate::sealed;
use crate::shared::Shared;
use crate::visit::Gap;

pub(crate) use counter::{Counter, Row};

/// What visits are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Page,
    /// The site that linked here.
    Referrer,
    /// The browser's family.
    Browser,
    /// The day of UTC.
    Day,
    Status,
    /// Whether whoever came had been here on a day before.
    Return,
}

impl By {
    pub const ALL: &'static [Self] = &[Self::Page, Self::Referrer, Self::Browser, Self::Day, Self::Status, Self::Return];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Referrer => "referrer",
            Self::Browser => "browser",
            Self::Day => "day",
            Self::Status => "status",
            Self::Return => "return",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|by| by.name() == name)
    }

    /// The field that is read to count by it.
    pub const fn field(self) -> Field {
        match self {
            Self::Page => Field::VisitPath,
            Self::Referrer => Field::VisitReferrer,
            Self::Browser => Field::VisitBrowser,
            Self::Day => Field::VisitTime,
            Self::Status => Field::VisitStatus,
            Self::Return => Field::VisitVisitor,
        }
    }

    /// All that are.
    const fn fields(self) -> FieldSet {
        let field = FieldSet::EMPTY.with(self.field());
        if matches!(self, Self::Return) { field.with(Field::VisitTime) } else { field }
    }

    /// Whether its groups are told in the order of their values, and not by size.
    const fn has_an_order(self) -> bool {
        matches!(self, Self::Day | Self::Status | Self::Return)
    }
}

/// Says which visits may be counted, and by what. It is asked once for each text of purposes and each era, however many visits there are.
pub trait Judge {
    /// When what it says of the same purposes changes, in order: the first era is before the first of these.
    fn eras(&self) -> &[Timestamp];

    /// The fields that may be read of a visit which says these purposes and is of this era. None where not even that it happened may be told.
    fn fields(&self, purposes: &str, era: usize) -> Option<FieldSet>;
}

/// What is to be counted.
#[derive(Clone, Copy, Debug)]
pub struct Counting<'q> {
    /// Its limit is not for visits but for groups: the largest of them, or the last where they have an order.
    pub query: &'q Query,
    pub by: By,
    /// A group of fewer people is told only together with others.
    pub at_least: u64,
}

/// How far counting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Visits looked at.
    pub done: u64,
    /// Visits to look at.
    pub of: u64,
}

/// Visits, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub groups: Vec<Group>,
    pub others: Option<Others>,
    /// Of all groups, those among the others included.
    pub total: Tally,
    /// Visits of which the reader may not see what is counted by. None where there are none, or of too few people.
    pub unseen: Option<Tally>,
    pub gaps: Vec<Gap>,
    pub damage: Vec<Damage>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// None is of visits that say nothing of it.
    pub value: Option<Value>,
    pub tally: Tally,
}

/// What the visits of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A page, a site or a browser.
    Text(Sealed<String>),
    Day(Date),
    Status(u16),
    /// On the first day that the log knows of whoever came.
    New,
    /// On a later one.
    Returning,
}

/// How many there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// By people. None where they are too few to be told.
    pub visits: Option<u64>,
    /// The numbers by which visitors are known. None where none is known, or too few are.
    pub visitors: Option<u64>,
    /// By programs that say that they are.
    pub robots: u64,
}

/// Groups that are told together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Others {
    /// None where even all that are of too few people are too few together; so is the next.
    pub groups: Option<u64>,
    /// So many of the groups are here because they, or another one beside them, are of too few people; the rest is past the limit.
    pub too_few: Option<u64>,
    pub tally: Tally,
}

pub(crate) fn count(
    shared: Arc<Shared>,
    counting: &Counting<'_>,
    judge: &dyn Judge,
    progress: &mut dyn FnMut(Progress),
) -> Result<Counted, LogError> {
    // Whether somebody came before is asked of all days before, too.
    let since = counting.query.since.filter(|_| counting.by != By::Return);
    let scanned = Query { since, limit: None, ..counting.query.clone() };
    let (mut scan, store, segments) = Scan::new(Arc::clone(&shared), &scanned)?;
    let mut gaps = scan.unwritten_gaps();
    gaps.extend(scan.sealed_gaps(&store));
    let files = sealed::scan::newest_first(&store, &scan.selection);
    let of_files: u64 = files.iter().map(|(file, _)| file.entry.rows).sum();
    let mut at = Progress { done: 0, of: of_files + segments.iter().map(|segment| segment.visits).sum::<u64>() };
    let mut counter = Counter::new(counting, judge, &scan.selection);
    for (file, _) in &files {
        sealed::count::file(file, &scan.selection, &mut counter, &mut scan.damage, &mut |rows| {
            at.done += rows;
            progress(at);
        })
        .map_err(|error| shared.changed(&store, error))?;
    }
    for segment in segments {
        let visits = segment.visits;
        scan.open(segment)?;
        while let Some((_, record)) = scan.next() {
            match record {
                Record::Visit(visit) => counter.visit(&visit, &scan.selection),
                Record::Gap(gap) => gaps.push(gap),
                Record::Damage(_) | Record::End => {}
            }
        }
        at.done += visits;
        progress(at);
    }
    let is_in_range = |gap: &Gap| counting.query.since.is_none_or(|since| gap.to >= since);
    gaps.retain(is_in_range);
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.to));
    Ok(Counted { gaps, damage: scan.damage, ..counter.end(counting) })
}
