//! Writes sealed files anew without what is too old in them, or is to be erased. The new file is whole and durable before the manifest lists it instead.

use std::collections::HashMap;
use std::sync::Arc;

use domain::Timestamp;

use super::SealedError;
use super::compact;
use super::file::{Key, PEOPLE_ASKED_FOR, SealedFile};
use super::manifest::Lost;
use super::rows::Rows;
use super::store::Change;
use super::write::Original;
use crate::LogError;
use crate::damage::{Damage, DamageKind};
use crate::maintain::Maintenance;
use crate::segment::Due;

/// Removes what has expired, ages what is due, and puts together what is small. One file that cannot be treated does not protect the others.
pub(crate) fn maintain(work: &mut Maintenance<'_>) -> Result<(), LogError> {
    work.settle()?;
    let (mut result, mut written) = (remove_expired(work), Written::default());
    for file in &work.shared.store().files {
        let treated = is_due(work, file).and_then(|is_due| if is_due { rewrite(work, file, |_| true, &mut written) } else { Ok(()) });
        result = result.and(treated).and(written.publish_if_much(work));
    }
    result = result.and(written.publish(work));
    result.and_then(|()| compact::compact(work))
}

fn remove_expired(work: &mut Maintenance<'_>) -> Result<(), LogError> {
    let store = work.shared.store();
    let is_expired = |to: i64| Timestamp::from_microsecond(to).is_ok_and(|to| work.rules.is_expired(to));
    let listed = store.manifest.files.iter().filter(|entry| is_expired(entry.to));
    let without: Vec<u64> = listed.clone().map(|entry| entry.number).collect();
    let visits: u64 = listed.map(|entry| entry.rows).sum();
    let is_told_too_long =
        store.manifest.gaps.iter().any(|gap| work.rules.is_expired(gap.to)) || store.manifest.damage.iter().any(|lost| is_expired(lost.to));
    if without.is_empty() && !is_told_too_long {
        return Ok(());
    }
    let files = without.len() as u64;
    work.publish(&Change { without, ..Change::default() })?;
    work.done.removed_files += files;
    work.done.removed_visits += visits;
    Ok(())
}

fn is_due(work: &Maintenance<'_>, file: &SealedFile) -> Result<bool, LogError> {
    if !work.is_overdue(work.retention.first_due(file.entry.oldest())) {
        return Ok(false);
    }
    let known = file.due.lock().as_ref().filter(|due| due.rules == work.retention).map(|due| due.at);
    let due = match known {
        Some(due) => due,
        None => {
            let at = look_when_due(work, file)?;
            *file.due.lock() = Some(Due { rules: Arc::clone(&work.retention), at });
            at
        }
    };
    Ok(work.is_overdue(due))
}

/// Reads a file to learn when something in it has to change: once for each, unless the rules change.
fn look_when_due(work: &Maintenance<'_>, file: &SealedFile) -> Result<Option<Timestamp>, LogError> {
    let mut soon = work.due_soon();
    for group in 0..file.groups() {
        match file.group(group).map_err(SealedError::from) {
            Ok(rows) => (0..rows.len()).for_each(|place| match rows.visit(place) {
                Ok(visit) => soon.visit(&visit),
                Err(_) => soon.anything(file.entry.oldest()),
            }),
            Err(SealedError::Disk(error)) => return Err(error.into()),
            // Nobody can read it now, but it may be an old address all the same.
            Err(SealedError::Format(_)) => soon.anything(file.entry.oldest()),
        }
    }
    Ok(soon.first())
}

/// Takes out whatever is of those who are erased. What cannot be read may be theirs, and goes.
pub(crate) fn erase(work: &mut Maintenance<'_>) -> Result<(), LogError> {
    let (mut result, mut written) = (remove_unreadable(work), Written::default());
    for file in &work.shared.store().files {
        result = result.and(erase_from(work, file, &mut written)).and(written.publish_if_much(work));
    }
    result.and(written.publish(work))
}

fn erase_from(work: &mut Maintenance<'_>, file: &SealedFile, written: &mut Written) -> Result<(), LogError> {
    let is_theirs = holds(work, file)?;
    if is_theirs.contains(&true) { rewrite(work, file, |group| is_theirs[group], written) } else { Ok(()) }
}

/// Which row groups of a file hold something of theirs, or something that cannot be read.
fn holds(work: &Maintenance<'_>, file: &SealedFile) -> Result<Vec<bool>, LogError> {
    let Some((marked, _)) = &work.erasing else { return Ok(vec![false; file.groups()]) };
    let keys: Vec<Key> = marked.keys().take(PEOPLE_ASKED_FOR + 1).collect();
    let mut holds = vec![keys.len() > PEOPLE_ASKED_FOR; file.groups()];
    for key in keys.iter().take(PEOPLE_ASKED_FOR) {
        let groups = file.groups_with(key).map_err(SealedError::from)?;
        holds.iter_mut().zip(groups).for_each(|(holds, may_hold)| *holds |= may_hold);
    }
    for (group, holds) in holds.iter_mut().enumerate().filter(|(_, may_hold)| **may_hold) {
        *holds = match file.people(group).map_err(SealedError::from) {
            Ok(people) => people.iter().any(|(visitor, account)| marked.place_of_ids(account.as_ref(), visitor.as_ref()).is_some()),
            Err(SealedError::Disk(error)) => return Err(error.into()),
            Err(SealedError::Format(_)) => true,
        };
    }
    Ok(holds)
}

/// Files that are listed and cannot be opened go from the list, and from the folder. That they were there stays known.
fn remove_unreadable(work: &mut Maintenance<'_>) -> Result<(), LogError> {
    let store = work.shared.store();
    let lost = store.lost.iter().filter(|lost| lost.what == DamageKind::BadFile);
    let without: Vec<u64> = lost.clone().map(|lost| lost.segment).collect();
    if without.is_empty() {
        return Ok(());
    }
    let to = |number: u64| store.manifest.files.iter().find(|entry| entry.number == number).map_or(i64::MAX, |entry| entry.to);
    let lost = lost.map(|damage| Lost { damage: *damage, to: to(damage.segment) }).collect();
    work.publish(&Change { without, lost, ..Change::default() })
}

/// What became of a file's visits on their way to the new one.
#[derive(Default)]
struct Kept {
    times: Option<(i64, i64)>,
    removed: u64,
    aged: u64,
    /// Left out because of whose they were.
    whose: HashMap<usize, u64>,
    lost: Vec<Lost>,
}

/// Files that were written anew, whole and durable, and that no manifest lists yet.
#[derive(Default)]
struct Written {
    change: Change,
    bytes: u64,
    files: u64,
    removed: u64,
    aged: u64,
    whose: HashMap<usize, u64>,
}

impl Written {
    fn add(&mut self, old: &SealedFile, new: Option<Arc<SealedFile>>, kept: Kept) {
        self.bytes += old.entry.bytes;
        self.change.without.push(old.entry.number);
        self.change.with.extend(new);
        self.change.lost.extend(kept.lost);
        self.files += 1;
        self.removed += kept.removed;
        self.aged += kept.aged;
        kept.whose.into_iter().for_each(|(place, visits)| *self.whose.entry(place).or_default() += visits);
    }

    fn publish_if_much(&mut self, work: &mut Maintenance<'_>) -> Result<(), LogError> {
        if self.bytes < work.shared.settings.rewritten_bytes { Ok(()) } else { self.publish(work) }
    }

    /// The new files count instead of the old ones. Where that fails, what was written is of no use.
    fn publish(&mut self, work: &mut Maintenance<'_>) -> Result<(), LogError> {
        let written = std::mem::take(self);
        if written.files == 0 {
            return Ok(());
        }
        work.publish(&written.change)?;
        work.done.rewritten_files += written.files;
        work.done.removed_visits += written.removed;
        work.done.aged_visits += written.aged;
        if let Some((_, erased)) = &mut work.erasing {
            written.whose.iter().for_each(|(place, visits)| erased[*place] += visits);
        }
        Ok(())
    }
}

/// Writes a file anew: these row groups without what has to go, the others byte for byte.
fn rewrite(
    work: &mut Maintenance<'_>,
    file: &SealedFile,
    is_changed: impl Fn(usize) -> bool,
    written: &mut Written,
) -> Result<(), LogError> {
    let mut kept = Kept::default();
    // What is copied may be the oldest or the newest of all.
    let is_copied = (0..file.groups()).any(|group| !is_changed(group));
    if is_copied {
        kept.times = Some((file.entry.from, file.entry.to));
    }
    let mut groups = Vec::new();
    for group in (0..file.groups()).filter(|group| is_changed(*group)) {
        groups.push((group, keep(work, file, group, &mut kept)?));
    }
    let mut groups = groups.into_iter().peekable();
    let original = if is_copied { Some(Original::read(file)?) } else { None };
    let new = work.write_file(
        |writer| {
            (0..file.groups()).try_for_each(|group| match (groups.next_if(|(changed, _)| *changed == group), &original) {
                (Some((_, rows)), _) => writer.group(&rows, &rows.clustered()),
                (None, Some(original)) => writer.copy(original, group),
                (None, None) => Ok(()),
            })
        },
        kept.times,
    )?;
    written.add(file, new, kept);
    Ok(())
}

/// What stays of a row group.
fn keep(work: &Maintenance<'_>, file: &SealedFile, group: usize, kept: &mut Kept) -> Result<Rows, LogError> {
    let mut stays = Rows::default();
    let damage = || Damage { segment: file.entry.number, offset: group as u64, bytes: 0, what: DamageKind::BadFile };
    let rows = match file.group(group).map_err(SealedError::from) {
        Ok(rows) => rows,
        Err(SealedError::Disk(error)) => return Err(error.into()),
        Err(SealedError::Format(_)) => {
            kept.lost.push(Lost { damage: damage(), to: file.entry.to });
            return Ok(stays);
        }
    };
    for place in 0..rows.len() {
        let marked = work.erasing.as_ref().map(|(marked, _)| marked);
        if let Some(whose) = marked.and_then(|marked| marked.place_of_ids(rows.accounts[place].as_ref(), rows.visitors[place].as_ref())) {
            *kept.whose.entry(whose).or_default() += 1;
            continue;
        }
        let Ok(mut visit) = rows.visit(place) else {
            kept.lost.push(Lost { damage: damage(), to: file.entry.to });
            continue;
        };
        if work.rules.is_expired(visit.time) {
            kept.removed += 1;
            continue;
        }
        kept.aged += u64::from(work.rules.age(&mut visit));
        let time = visit.time.as_microsecond();
        kept.times = Some(kept.times.map_or((time, time), |(from, to)| (from.min(time), to.max(time))));
        stays.push(&visit.as_new(), &work.shared.storage);
    }
    Ok(stays)
}
