//! Puts small files together: whoever looks for somebody opens each of them.

use std::sync::Arc;

use domain::Timestamp;

use super::file::SealedFile;
use super::rows::Rows;
use super::store::Change;
use super::{SealedError, file::Entry};
use crate::LogError;
use crate::maintain::Maintenance;
use crate::segment::day_of;

/// Files of one month of UTC that stand side by side in time become one, as long as that is no larger than a file may be.
pub(crate) fn compact(work: &mut Maintenance<'_>) -> Result<(), LogError> {
    let store = work.shared.store();
    let mut at = 0;
    while at < store.files.len() {
        let count = together(&store.files[at..], work.shared.settings.file_rows as u64);
        if count > 1 {
            merge(work, &store.files[at..at + count])?;
        }
        at += count;
    }
    Ok(())
}

/// How many of these files, from the first on, become one.
fn together(files: &[Arc<SealedFile>], rows_max: u64) -> usize {
    let month = |entry: &Entry| Timestamp::from_microsecond(entry.from).map(|time| day_of(time).first_of_month()).ok();
    let mut rows = 0;
    let fits = files.iter().take_while(|file| {
        rows += file.entry.rows;
        rows <= rows_max && month(&file.entry) == month(&files[0].entry)
    });
    fits.count().max(1)
}

/// A file that cannot be read whole stays by itself.
fn merge(work: &mut Maintenance<'_>, files: &[Arc<SealedFile>]) -> Result<(), LogError> {
    let (mut rows, mut merged) = (Rows::default(), Vec::new());
    for file in files {
        let groups = (0..file.groups()).map(|group| file.group(group)).collect::<Result<Vec<_>, _>>().map_err(SealedError::from);
        match groups {
            Ok(groups) => {
                groups.iter().for_each(|group| rows.extend_from(group, 0..group.len()));
                merged.push(file.entry.number);
            }
            Err(SealedError::Disk(error)) => return Err(error.into()),
            Err(SealedError::Format(_)) => {}
        }
    }
    if merged.len() > 1 {
        let with = work.write_rows(&rows)?;
        work.done.merged_files += merged.len() as u64;
        work.publish(&Change { without: merged, with, ..Change::default() })?;
    }
    Ok(())
}
