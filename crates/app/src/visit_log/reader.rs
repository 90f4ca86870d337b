//! What a purpose opens of visits. Each visit says which purposes were permitted when it was recorded.

use std::cell::RefCell;

use domain::{Field, FieldSet, Timestamp, Version};
use policy::model::Purpose;
use policy::{Index, Permit, Policy, Sealed, Set, recorded_permit};
use serde::{Deserialize, Serialize};
use visits::{By, Judge, Query, Visit};

use super::NotAsked;
use crate::publishing::Versions;

/// When each version came into force, the oldest first: visits keep the version they were recorded under.
#[derive(Clone, Debug, Default)]
pub struct Eras {
    since: Vec<Timestamp>,
    versions: Vec<Version>,
}

impl Eras {
    pub fn of(versions: &Versions) -> Self {
        versions.all().iter().rev().map(|published| (published.record.published, published.record.version)).collect()
    }

    fn at(&self, time: Timestamp) -> usize {
        self.since.partition_point(|since| *since <= time)
    }

    #[cfg(test)]
    pub(super) fn version_at(&self, time: Timestamp) -> Version {
        self.version(self.at(time))
    }

    /// What was recorded before there was a version was recorded under the first.
    fn version(&self, era: usize) -> Version {
        era.checked_sub(1).map_or(Version::FIRST, |at| self.versions[at])
    }
}

impl FromIterator<(Timestamp, Version)> for Eras {
    fn from_iter<I: IntoIterator<Item = (Timestamp, Version)>>(versions: I) -> Self {
        let (since, versions) = versions.into_iter().unzip();
        Self { since, versions }
    }
}

/// The purposes that a declared use keeps visits for.
pub fn purposes(policy: &Policy) -> impl Iterator<Item = &Purpose> {
    let all: Set<Purpose> = (0..policy.purposes.len()).map(Index::new).collect();
    let keeps_visits = move |index: &Index<Purpose>| recorded_permit(policy, *index, all, policy.version).is_some();
    (0..policy.purposes.len()).map(Index::new).filter(keeps_visits).map(|index| policy.purpose(index))
}

/// One visit, as far as it may be seen. A field that was not kept, or that the purpose does not open, is null.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownVisit {
    pub time: Timestamp,
    pub ip: Option<String>,
    pub browser: Option<String>,
    pub referrer: Option<String>,
    pub method: Option<String>,
    pub path: Option<String>,
    pub status: Option<u16>,
    pub bytes: Option<u64>,
    pub duration_us: Option<u64>,
    pub visitor: Option<String>,
    pub account: Option<String>,
    pub purposes: Vec<String>,
}

/// It is opened personal data, so debug output does not show it.
impl std::fmt::Debug for ShownVisit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ShownVisit").finish_non_exhaustive()
    }
}

/// What is not personal about a visit whose permit opens nothing, for whoever runs the log.
const OF_THE_LOG: [Field; 5] = [Field::VisitTime, Field::VisitMethod, Field::VisitStatus, Field::VisitBytes, Field::VisitDuration];

/// Whoever reads visits, and what for.
pub(super) struct Reader<'p> {
    policy: &'p Policy,
    eras: &'p Eras,
    purpose: Index<Purpose>,
    /// Whether it is the purpose the log is kept for: then visits without a permit are rows all the same, with nothing personal in them.
    is_access_log: bool,
}

impl<'p> Reader<'p> {
    /// The purpose must be one that a declared use keeps visits for, and the use must name what is searched by.
    pub(super) fn new(policy: &'p Policy, eras: &'p Eras, purpose: Option<&str>, query: &Query) -> Result<Self, NotAsked> {
        let refused = NotAsked::Refused;
        let access_log = policy.access_log().map(|index| policy.the_use(index).purpose);
        let purpose = match purpose {
            Some(name) => {
                let shown: String = name.chars().take(100).collect();
                policy.purpose_named(name).ok_or_else(|| refused(format!("the policy has no purpose `{shown}`")))?
            }
            None => access_log.ok_or_else(|| refused("the policy declares no access log".to_owned()))?,
        };
        let reader = Self { policy, eras, purpose, is_access_log: access_log == Some(purpose) };
        let opened = reader.opened_at_most();
        if opened.is_empty() {
            return Err(refused(format!("the policy declares no use of visits for `{}`", reader.purpose_name())));
        }
        if !query.is_covered_by(opened, true) && !query.is_covered_by(opened, false) {
            let named = |fields: FieldSet| fields.iter().map(|field| format!("`{}`", field.name())).collect::<Vec<_>>().join(", ");
            let closed = query.searched(false).iter().filter(|field| !opened.contains(*field)).collect();
            return Err(refused(format!(
                "the policy does not open {} for `{}`, so no visit is found by it; it opens {}",
                named(closed),
                reader.purpose_name(),
                named(opened)
            )));
        }
        Ok(reader)
    }

    /// What the purpose opens of any visit, whichever version it was recorded under.
    fn opened_at_most(&self) -> FieldSet {
        let all: Set<Purpose> = (0..self.policy.purposes.len()).map(Index::new).collect();
        let permits = (0..=self.eras.versions.len()).map(|era| self.eras.version(era)).chain([self.policy.version]);
        let fields = permits.filter_map(|version| Some(recorded_permit(self.policy, self.purpose, all, version)?.fields()));
        fields.fold(FieldSet::EMPTY, FieldSet::union)
    }

    pub(super) fn purpose_name(&self) -> &str {
        self.policy.purpose(self.purpose).id.as_str()
    }

    fn permit(&self, purposes: &str, era: usize) -> Option<Permit> {
        let in_force = named(purposes).filter_map(|name| self.policy.purpose_named(name)).collect();
        recorded_permit(self.policy, self.purpose, in_force, self.eras.version(era))
    }

    /// What may be read of a visit; none where not even that it happened.
    fn fields(&self, permit: Option<&Permit>) -> Option<FieldSet> {
        let of_the_log = if self.is_access_log { FieldSet::from_iter(OF_THE_LOG) } else { FieldSet::EMPTY };
        match permit {
            Some(permit) => Some(permit.fields().union(of_the_log)),
            None => self.is_access_log.then_some(of_the_log),
        }
    }

    /// Whether a visit is a row for this reader, and may be found by what is asked.
    pub(super) fn may_see(&self, visit: &Visit, query: &Query) -> bool {
        let permit = self.permit(&visit.purposes, self.eras.at(visit.time));
        self.fields(permit.as_ref()).is_some_and(|fields| query.is_covered_by(fields, visit.account.is_some()))
    }

    /// A visit as far as it may be seen.
    pub(super) fn row(&self, visit: &Visit, query: &Query) -> Option<ShownVisit> {
        let permit = self.permit(&visit.purposes, self.eras.at(visit.time));
        let fields = self.fields(permit.as_ref())?;
        if !query.is_covered_by(fields, visit.account.is_some()) {
            return None;
        }
        let covered = |field: Field| fields.contains(field);
        Some(ShownVisit {
            time: visit.time,
            ip: opened(&visit.ip, &permit).map(ToString::to_string),
            browser: opened(&visit.browser, &permit).cloned(),
            referrer: opened(&visit.referrer, &permit).cloned(),
            method: visit.method.clone().filter(|_| covered(Field::VisitMethod)),
            path: opened(&visit.path, &permit).cloned(),
            status: visit.status.filter(|_| covered(Field::VisitStatus)),
            bytes: visit.bytes.filter(|_| covered(Field::VisitBytes)),
            duration_us: visit.duration_us.filter(|_| covered(Field::VisitDuration)),
            visitor: opened(&visit.visitor, &permit).map(|id| id.to_hex()),
            account: opened(&visit.account, &permit).map(|id| id.to_hex()),
            purposes: named(&visit.purposes).map(str::to_owned).collect(),
        })
    }
}

fn named(purposes: &str) -> impl Iterator<Item = &str> {
    purposes.split(',').filter(|name| !name.is_empty())
}

fn opened<'v, T>(sealed: &'v Option<Sealed<T>>, permit: &Option<Permit>) -> Option<&'v T> {
    sealed.as_ref().zip(permit.as_ref()).and_then(|(sealed, permit)| sealed.open(permit).ok())
}

/// Judges what may be counted, and keeps a permit that opens what it is counted by.
pub(super) struct Judging<'r> {
    reader: &'r Reader<'r>,
    by: By,
    opener: RefCell<Option<Permit>>,
}

impl<'r> Judging<'r> {
    pub(super) const fn new(reader: &'r Reader<'r>, by: By) -> Self {
        Self { reader, by, opener: RefCell::new(None) }
    }

    /// None where no visit was counted by something that has to be opened.
    pub(super) fn opener(self) -> Option<Permit> {
        self.opener.into_inner()
    }
}

impl Judge for Judging<'_> {
    fn eras(&self) -> &[Timestamp] {
        &self.reader.eras.since
    }

    fn fields(&self, purposes: &str, era: usize) -> Option<FieldSet> {
        let permit = self.reader.permit(purposes, era);
        let fields = self.reader.fields(permit.as_ref());
        let opens = permit.filter(|permit| permit.covers(self.by.field()));
        let mut opener = self.opener.borrow_mut();
        *opener = opener.take().or(opens);
        fields
    }
}
