//! Reads sealed files for a query: only what may be wanted, and each file's visits in the order of their time.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::{Field, Timestamp};
use parquet::errors::ParquetError;

use super::SealedError;
use super::file::{Key, PEOPLE_ASKED_FOR, Pages, SealedFile, Whose, ranges, whole};
use super::rows::Rows;
use super::store::Store;
use crate::LogError;
use crate::damage::{Damage, DamageKind};
use crate::query::Selection;
use crate::visit::Visit;

/// What is wanted of one file.
#[derive(Default)]
pub(crate) struct Wanted {
    rows: Rows,
    /// The places of what is wanted, by time.
    order: VecDeque<usize>,
    pub(crate) damage: Vec<Damage>,
}

impl Wanted {
    /// Looks through a file.
    pub(crate) fn of(file: &SealedFile, selection: &Selection) -> Result<Self, LogError> {
        let (mut wanted, sought) = (Self::default(), Sought::of(file, selection)?);
        for group in (0..file.groups()).filter(|group| sought.may_be_in(*group)) {
            match look(file, group, &sought, selection).map_err(SealedError::from) {
                Ok(rows) => wanted.add(&rows, selection, file),
                Err(SealedError::Disk(error)) => return Err(error.into()),
                Err(SealedError::Format(_)) => wanted.damage.push(bad_group(file, group)),
            }
        }
        let times = &wanted.rows.times;
        let mut order: Vec<usize> = (0..times.len()).collect();
        order.sort_by_key(|place| times[*place]);
        wanted.order = order.into();
        Ok(wanted)
    }

    /// Keeps of these rows what is wanted.
    fn add(&mut self, rows: &Rows, selection: &Selection, file: &SealedFile) {
        let mut places = Vec::new();
        for place in 0..rows.len() {
            let ids = (rows.accounts[place].as_ref(), rows.visitors[place].as_ref());
            match rows.visit(place) {
                Ok(visit) => places.extend(selection.sees(visit, ids).map(|_| place)),
                Err(_) => self.damage.push(bad_group(file, 0)),
            }
        }
        self.rows.extend_from(rows, places.iter().copied());
    }

    fn next_time(&self) -> Option<i64> {
        self.order.front().map(|place| self.rows.times[*place])
    }

    /// The next visit, as it may be seen.
    pub(crate) fn next(&mut self, selection: &Selection) -> Option<Visit> {
        loop {
            let place = self.order.pop_front()?;
            let ids = (self.rows.accounts[place].as_ref(), self.rows.visitors[place].as_ref());
            if let Some(visit) = self.rows.visit(place).ok().and_then(|visit| selection.sees(visit, ids)) {
                return Some(visit);
            }
        }
    }
}

pub(crate) fn bad_group(file: &SealedFile, group: usize) -> Damage {
    Damage { segment: file.entry.number, offset: group as u64, bytes: 0, what: DamageKind::BadFile }
}

/// The rows of a group that may be wanted.
fn look(file: &SealedFile, group: usize, sought: &Sought, selection: &Selection) -> Result<Rows, ParquetError> {
    let pages = file.pages(group)?;
    match sought.places(file, &pages, group, selection)? {
        Places::All => file.rows(&pages, group, &whole(file.group_rows(group))),
        Places::These(places) if places.is_empty() => Ok(Rows::default()),
        Places::These(places) => file.rows(&pages, group, &ranges(&places)),
    }
}

/// Where in a row group something may be that is wanted.
pub(crate) enum Places {
    All,
    These(Vec<usize>),
}

/// By what a file is looked through: by whatever names the fewest visits.
pub(crate) enum Sought {
    /// Nothing that names few.
    All,
    /// More people than filters are asked for.
    People,
    /// Each of these, with the row groups that may hold it.
    Keys(Vec<(Key, Vec<bool>)>),
}

impl Sought {
    /// Asks the filters of a file.
    pub(crate) fn of(file: &SealedFile, selection: &Selection) -> Result<Self, LogError> {
        let query = &selection.query;
        let visitor = query.visitor.as_ref().map(|visitor| Key::Visitor(selection.storage.reveal(visitor).0));
        let account = query.account.as_ref().map(|account| Key::Account(selection.storage.reveal(account).0));
        // An address that has aged since it was written is found by what it has become.
        let address = query.ip.as_ref().and_then(|network| network.one()).map(|ip| ip.to_string());
        let address = address.filter(|_| !selection.retention.ages(Field::VisitIp, file.entry.oldest()));
        let keys: Vec<Key> = match (visitor.or(account), &selection.people) {
            (Some(key), _) => vec![key],
            (None, Some(people)) => people.keys().take(PEOPLE_ASKED_FOR + 1).collect(),
            (None, None) => address.map(Key::Address).into_iter().collect(),
        };
        if selection.people.is_none() && keys.is_empty() {
            return Ok(Self::All);
        }
        if keys.len() > PEOPLE_ASKED_FOR {
            return Ok(Self::People);
        }
        let ask = |key: Key| file.groups_with(&key).map(|groups| (key, groups)).map_err(SealedError::from);
        Ok(Self::Keys(keys.into_iter().map(ask).collect::<Result<_, _>>()?))
    }

    pub(crate) fn may_be_in(&self, group: usize) -> bool {
        match self {
            Self::All | Self::People => true,
            Self::Keys(keys) => keys.iter().any(|(_, groups)| groups[group]),
        }
    }

    /// Where in a row group it is.
    pub(crate) fn places(&self, file: &SealedFile, pages: &Pages, group: usize, selection: &Selection) -> Result<Places, ParquetError> {
        match (self, &selection.people) {
            (Self::Keys(keys), _) => {
                let keys = keys.iter().filter(|(_, groups)| groups[group]);
                let mut places = keys.map(|(key, _)| file.places(pages, group, key)).collect::<Result<Vec<_>, _>>()?.concat();
                places.sort_unstable();
                places.dedup();
                Ok(Places::These(places))
            }
            (Self::People, Some(people)) => {
                let whose = file.people(group)?;
                let is_theirs = |(visitor, account): &Whose| people.may_be_one_of(account.as_ref(), visitor.as_ref());
                Ok(Places::These((0..whose.len()).filter(|place| is_theirs(&whose[*place])).collect()))
            }
            (Self::All | Self::People, _) => Ok(Places::All),
        }
    }
}

/// The visits of the sealed files, the oldest first. Files that overlap in time are read side by side.
pub(crate) struct SealedRows {
    store: Arc<Store>,
    /// By the time of their first visit.
    files: VecDeque<usize>,
    open: Vec<Wanted>,
}

impl SealedRows {
    pub(crate) fn new(store: Arc<Store>, selection: &Selection) -> Self {
        let may_hold = |file: &SealedFile| selection.may_be_between(file.entry.oldest(), file.entry.newest());
        let mut files: Vec<usize> = (0..store.files.len()).filter(|at| may_hold(&store.files[*at])).collect();
        files.sort_by_key(|at| store.files[*at].entry.from);
        Self { store, files: files.into(), open: Vec::new() }
    }

    pub(crate) fn is_away(&self) -> bool {
        self.store.is_away
    }

    pub(crate) const fn store(&self) -> &Arc<Store> {
        &self.store
    }

    pub(crate) fn next(&mut self, selection: &Selection, met: &mut impl FnMut(Damage)) -> Result<Option<Visit>, LogError> {
        loop {
            self.open.retain(|wanted| wanted.next_time().is_some());
            let first = (0..self.open.len()).min_by_key(|at| self.open[*at].next_time());
            let time = first.and_then(|at| self.open[at].next_time());
            let next_file = self.files.front().map(|at| &self.store.files[*at]);
            match (first, next_file) {
                (_, Some(file)) if time.is_none_or(|time| file.entry.from <= time) => {
                    let mut wanted = Wanted::of(file, selection)?;
                    wanted.damage.drain(..).for_each(&mut *met);
                    self.open.push(wanted);
                    self.files.pop_front();
                }
                (Some(at), _) => {
                    if let Some(visit) = self.open[at].next(selection) {
                        return Ok(Some(visit));
                    }
                }
                (None, _) => return Ok(None),
            }
        }
    }
}

/// The files that may hold something that is wanted, those with the newest visits first, each with the time of its newest.
pub(crate) fn newest_first(store: &Store, selection: &Selection) -> Vec<(Arc<SealedFile>, Timestamp)> {
    let may_hold = |file: &&Arc<SealedFile>| selection.may_be_between(file.entry.oldest(), file.entry.newest());
    let mut files: Vec<_> = store.files.iter().filter(may_hold).map(|file| (Arc::clone(file), file.entry.newest())).collect();
    files.sort_by_key(|(_, newest)| std::cmp::Reverse(*newest));
    files
}
