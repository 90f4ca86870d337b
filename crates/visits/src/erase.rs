//! Takes out of the log whatever was recorded of people who are erased, wherever it stands.
//!
//! A segment that holds something of theirs is written anew without it, as ageing does it. Whoever asks has to remember whom they asked for until it is done:
//! after a crash a segment is the old one or the new one, and asking again treats the old ones.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{AccountId, Timestamp, VisitorId};
use policy::{Sealed, StorageCapability};
use serde::Serialize;

use crate::LogError;
use crate::damage::DamageKind;
use crate::maintain::Maintenance;
use crate::reader::Piece;
use crate::record;
use crate::rewrite::{self, UNFINISHED};
use crate::sealed;
use crate::sealed::file::Key;
use crate::segment::Segment;
use crate::shared::Shared;

/// Somebody who is erased: what they did signed in goes, and what was done by nobody who was signed in with numbers that are theirs alone.
#[derive(Clone, Debug)]
pub struct Person {
    pub account: Sealed<AccountId>,
    pub visitors: Vec<Sealed<VisitorId>>,
}

/// What erasing did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// How many visits of each person were taken out, in the order the people were named in.
    pub visits: Vec<u64>,
    pub rewritten_segments: u64,
    /// Of the sealed files, only the row groups they were in; the rest was copied as it was.
    pub rewritten_files: u64,
    /// Segments that another version of this program wrote. They are left as they are until `keep` is over: nobody here can read them.
    pub unknown_segments: u64,
}

/// Whose visits are wanted gone. The place is the person's, among those who are erased together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marked {
    accounts: HashMap<[u8; 16], usize>,
    visitors: HashMap<[u8; 16], usize>,
}

impl Marked {
    pub(crate) fn of(people: &[Person], storage: &StorageCapability) -> Self {
        let mut marked = Self::default();
        for (place, person) in people.iter().enumerate() {
            marked.accounts.insert(storage.reveal(&person.account).0, place);
            marked.visitors.extend(person.visitors.iter().map(|visitor| (storage.reveal(visitor).0, place)));
        }
        marked
    }

    /// Whose visit a payload is, if it is one of theirs. What somebody did signed in is that account's, whichever browser it was.
    pub(crate) fn place_of(&self, payload: &[u8]) -> Option<usize> {
        self.place_of_ids(record::account_of(payload), record::visitor_of(payload))
    }

    pub(crate) fn place_of_ids(&self, account: Option<&[u8; 16]>, visitor: Option<&[u8; 16]>) -> Option<usize> {
        match account {
            Some(account) => self.accounts.get(account),
            None => self.visitors.get(visitor?),
        }
        .copied()
    }

    /// Whether a visit may be one of theirs once some of it has aged. No is certain.
    pub(crate) fn may_be_one_of(&self, account: Option<&[u8; 16]>, visitor: Option<&[u8; 16]>) -> bool {
        account.is_some_and(|account| self.accounts.contains_key(account))
            || visitor.is_some_and(|visitor| self.visitors.contains_key(visitor))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> {
        self.accounts.keys().copied().map(Key::Account).chain(self.visitors.keys().copied().map(Key::Visitor))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.visitors.is_empty()
    }

    fn extend(&mut self, others: &Self) {
        self.accounts.extend(&others.accounts);
        self.visitors.extend(&others.visitors);
    }

    fn remove(&mut self, others: &Self) {
        self.accounts.retain(|account, _| !others.accounts.contains_key(account));
        self.visitors.retain(|visitor, _| !others.visitors.contains_key(visitor));
    }
}

/// Nobody sees their visits from here on. Whatever fails is tried in the other segments all the same, and told at the end; then they stay unseen as long as
/// this process runs, until somebody asked again and it was done.
pub(crate) fn erase(shared: &Shared, people: &[Person], now: Timestamp) -> Result<Erased, LogError> {
    let marked = Marked::of(people, &shared.storage);
    Arc::make_mut(&mut *shared.unseen.lock()).extend(&marked);
    shared.flush()?;
    let erased = shared.maintain_with(now, |work| {
        work.erasing = Some((marked.clone(), vec![0; people.len()]));
        erase_everywhere(work)
    })?;
    Arc::make_mut(&mut *shared.unseen.lock()).remove(&marked);
    Ok(erased)
}

fn erase_everywhere(work: &mut Maintenance<'_>) -> Result<Erased, LogError> {
    forget_unfinished(work)?;
    work.settle()?;
    // What nothing counts of may hold theirs as well.
    let mut result = work.sweep().map_err(LogError::from);
    let mut unknown = 0;
    for number in work.all() {
        let treated = treat(work, number);
        unknown += u64::from(matches!(treated, Ok(Treated::Unknown)));
        result = result.and(treated.map(drop));
    }
    result = result.and(sealed::rewrite::erase(work));
    result?;
    let visits = work.erasing.take().map(|(_, visits)| visits).unwrap_or_default();
    let (rewritten_segments, rewritten_files) = (work.done.rewritten_segments, work.done.rewritten_files);
    Ok(Erased { visits, rewritten_segments, rewritten_files, unknown_segments: unknown })
}

/// What an earlier rewriting left half-done may hold what its segment does not any more.
fn forget_unfinished(work: &mut Maintenance<'_>) -> Result<(), LogError> {
    match work.shared.disk.remove(&work.shared.path(&UNFINISHED)) {
        Ok(()) => work.sync_names()?,
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error.into()),
    }
    Ok(work.shared.place.objects.forget_unfinished(&work.shared.settings.folder)?)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Treated {
    Done,
    /// Nobody here can read it.
    Unknown,
}

fn treat(work: &mut Maintenance<'_>, number: u64) -> Result<Treated, LogError> {
    let Some(segment) = work.shared.catalog.lock().get(number).cloned() else {
        return Ok(Treated::Done);
    };
    if segment.header == Err(DamageKind::UnknownVersion) {
        return Ok(Treated::Unknown);
    }
    if !may_hold(work, &segment)? {
        return Ok(Treated::Done);
    }
    // A segment that still grows cannot be rewritten: the next visits go to another.
    work.seal(number);
    let Some(segment) = work.shared.catalog.lock().get(number).cloned() else {
        return Ok(Treated::Done);
    };
    rewrite::rewrite(work, &segment)?;
    work.sync_names()?;
    Ok(Treated::Done)
}

/// Whether a segment holds something of theirs, or something that nobody can read and that may be theirs: bytes without a checksum that matches, or those
/// behind its end that a failed disk left and that count as nothing.
fn may_hold(work: &Maintenance<'_>, segment: &Segment) -> Result<bool, LogError> {
    let (shared, number) = (work.shared, segment.name.number);
    if !shared.is_current(number) {
        match shared.disk.size(&shared.path(&segment.name)) {
            Ok(size) if size > segment.length => return Ok(true),
            Ok(_) => {}
            // Somebody took the file away: that is damage, which readers are told of, and it holds nothing.
            Err(error) if error.is_not_found() => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
    let Some(mut reader) = shared.reader(number).transpose()? else {
        return Ok(false);
    };
    while let Some(piece) = reader.next() {
        match piece {
            Piece::Payload { payload, .. } if work.whose(payload).is_some() => return Ok(true),
            Piece::Payload { .. } => {}
            Piece::Damage(damage) => match damage.what {
                DamageKind::NotReadable => return Err(LogError::NotReadable { segment: number }),
                DamageKind::CutShort => {}
                _ => return Ok(true),
            },
        }
    }
    Ok(false)
}
