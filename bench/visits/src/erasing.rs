//! How long it takes until nobody sees what was recorded of somebody, and until it is in no file.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Barrier;

use anyhow::{Context, Result, ensure};
use domain::{AccountId, Field, Timestamp};
use parquet::file::metadata::ParquetMetaDataReader;
use policy::Sealed;
use serde::Serialize;
use visits::{Erased, Person};

use crate::decoded::{Gone, Group, Scanned, groups, groups_with, scan};
use crate::log::{FOLDER, Opened, now};
use crate::people::{Known, People, Role};
use crate::stopwatch::stopwatch;

/// So many are erased one after the other, besides those who stand for a kind.
const ONE_BY_ONE: usize = 20;

/// So many are erased in one pass.
const TOGETHER: usize = 100;

#[derive(Serialize)]
struct Report {
    one_by_one: Vec<Row>,
    together: Row,
    /// Values of theirs that the scan found before anybody was erased.
    found_before: u64,
    /// How long it took to go through every file afterwards.
    scan_ms: f64,
    scanned: ScannedRow,
}

#[derive(Serialize)]
struct Row {
    role: Role,
    people: usize,
    visits: u64,
    account: String,
    /// What a question for them took before.
    question_ms: f64,
    /// From the call to the beginning and the end of the first question for their newest visit that found nothing, of another thread.
    unseen_asked_ms: f64,
    unseen_ms: f64,
    /// From the call to its return.
    gone_ms: f64,
    files: u64,
    /// Bytes of the row groups that held a visit of theirs.
    held_bytes: u64,
    /// Bytes of the row groups that were encoded anew.
    encoded_bytes: u64,
    /// Bytes of all files that were written.
    written_bytes: u64,
}

#[derive(Serialize)]
struct ScannedRow {
    files: u64,
    pages: u64,
    decoded_bytes: u64,
    filters: u64,
    filters_maybe: u64,
}

/// Prints as JSON what erasing took, and goes through every file afterwards.
pub(crate) fn run(data: &Path, people: &People) -> Result<()> {
    let folder = data.join(FOLDER);
    let opened = Opened::at(data)?;
    ensure!(rows(&folder)? == people.visits, "not every visit is in the files");
    let accounts = people.known.iter().map(|known| Ok((known, opened.account_of(known)?))).collect::<Result<Vec<_>>>()?;
    let (kinds, many): (Vec<_>, Vec<_>) = accounts.into_iter().partition(|(known, _)| known.role != Role::Many);
    ensure!(many.len() > ONE_BY_ONE, "the log has too few people with names: take a larger one");
    // Of both, some who come often and some who do not.
    let apart = many.len() / ONE_BY_ONE;
    let is_alone = |at: usize| at.is_multiple_of(apart) && at / apart < ONE_BY_ONE;
    let (alone, together): (Vec<_>, Vec<_>) = many.into_iter().enumerate().partition(|(at, _)| is_alone(*at));
    let alone: Vec<_> = alone.into_iter().map(|(_, somebody)| somebody).collect();
    let together: Vec<_> = together.into_iter().map(|(_, somebody)| somebody).take(TOGETHER).collect();
    let named: Vec<Gone> = alone.iter().chain(&kinds).chain(&together).map(|(known, account)| gone_of(known, account)).collect();
    // A scan that finds nothing says something only if it finds what is there.
    let found_before = scan(&folder, &named)?.found;
    ensure!(found_before >= 2 * named.len() as u64, "the scan finds {found_before} values of {} people who are there", named.len());
    let mut one_by_one = Vec::new();
    for somebody in alone.iter().chain(&kinds) {
        one_by_one.push(erase(&opened, &folder, &[*somebody])?);
    }
    let together = erase(&opened, &folder, &together)?;
    opened.log.close()?;
    let erased: u64 = one_by_one.iter().chain([&together]).map(|row| row.visits).sum();
    ensure!(rows(&folder)? == people.visits - erased, "other visits than those are gone");
    let since = stopwatch();
    let Scanned { files, pages, decoded_bytes, found, filters, filters_maybe } = scan(&folder, &named)?;
    let scan_ms = since();
    ensure!(found == 0, "{found} values of people who are erased are in the files");
    let scanned = Scanned { files, pages, decoded_bytes, found, filters, filters_maybe };
    ensure!(scanned.filters_know_nothing(), "{filters_maybe} of {filters} filters know somebody who is erased");
    let scanned = ScannedRow { files, pages, decoded_bytes, filters, filters_maybe };
    println!("{}", serde_json::to_string(&Report { one_by_one, together, found_before, scan_ms, scanned })?);
    Ok(())
}

fn gone_of(known: &Known, account: &AccountId) -> Gone {
    Gone { account: account.0, address: known.address.clone() }
}

fn erase(opened: &Opened, folder: &Path, people: &[(&Known, AccountId)]) -> Result<Row> {
    let before = Kept::of(folder)?;
    let (first, account) = people.first().context("somebody is erased")?;
    let since = stopwatch();
    let newest = opened.of_account(account)?.visits.first().context("somebody who is erased was there")?.time;
    let question_ms = since();
    let (erased, [unseen_asked_ms, unseen_ms, gone_ms]) = timed(opened, people, newest)?;
    for ((known, _), visits) in people.iter().zip(&erased.visits) {
        ensure!(*visits == known.visits, "{} made {} visits, and {visits} were erased", known.user, known.visits);
    }
    let accounts: HashSet<[u8; 16]> = people.iter().map(|(_, account)| account.0).collect();
    let (mut old, mut held_bytes) = (HashSet::new(), 0);
    let after = names(folder)?;
    for name in before.names.difference(&after) {
        let file = File::open(before.folder.join(name))?;
        let all = groups(&file)?;
        held_bytes += all.iter().zip(groups_with(&file, &accounts)?).filter(|(_, holds)| *holds).map(|(group, _)| group.bytes).sum::<u64>();
        old.extend(all.into_iter().map(|group| group.digest));
    }
    let (mut encoded_bytes, mut written_bytes) = (0, 0);
    for name in after.difference(&before.names) {
        let file = File::open(folder.join(name))?;
        written_bytes += file.metadata()?.len();
        let is_anew = |group: &Group| !old.contains(&group.digest);
        encoded_bytes += groups(&file)?.into_iter().filter(is_anew).map(|group| group.bytes).sum::<u64>();
    }
    Ok(Row {
        role: first.role,
        people: people.len(),
        visits: erased.visits.iter().sum(),
        account: crate::log::hexadecimal(account),
        question_ms,
        unseen_asked_ms,
        unseen_ms,
        gone_ms,
        files: erased.rewritten_files,
        held_bytes,
        encoded_bytes,
        written_bytes,
    })
}

/// When the first question of another thread for the first one's newest visit that found nothing was asked and answered, and when erasing
/// returned; in milliseconds after it was called.
fn timed(opened: &Opened, people: &[(&Known, AccountId)], newest: Timestamp) -> Result<(Erased, [f64; 3])> {
    let named: Vec<Person> =
        people.iter().map(|(_, account)| Person { account: Sealed::new(Field::VisitAccount, *account), visitors: Vec::new() }).collect();
    let (_, first) = people.first().context("somebody is erased")?;
    let (barrier, since) = (Barrier::new(2), stopwatch());
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            barrier.wait();
            loop {
                let asked = since();
                if opened.of_account_since(first, newest)?.visits.is_empty() {
                    return anyhow::Ok((asked, since()));
                }
            }
        });
        barrier.wait();
        let called = since();
        let erased = opened.log.erase(&named, now()?);
        let gone = since();
        let (asked, answered) = asking.join().map_err(|_| anyhow::anyhow!("whoever asks meanwhile panicked"))??;
        Ok((erased?, [(asked - called).max(0.0), answered - called, gone - called]))
    })
}

/// The files of a folder as they are now, under names of our own: they can be read when they have gone from it.
struct Kept {
    folder: PathBuf,
    names: HashSet<String>,
}

impl Kept {
    fn of(folder: &Path) -> Result<Self> {
        let kept = Self { folder: folder.with_file_name("before"), names: names(folder)? };
        fs::create_dir(&kept.folder)?;
        for name in &kept.names {
            fs::hard_link(folder.join(name), kept.folder.join(name))?;
        }
        Ok(kept)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // What is left is found by the next that makes the folder.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The Parquet files of a folder.
fn names(folder: &Path) -> Result<HashSet<String>> {
    let names = folder.read_dir()?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<Result<Vec<_>>>()?;
    Ok(names.into_iter().filter(|name| name.ends_with(".parquet")).collect())
}

fn rows(folder: &Path) -> Result<u64> {
    let rows = names(folder)?.into_iter().map(|name| {
        let footer = ParquetMetaDataReader::new().parse_and_finish(&File::open(folder.join(name))?)?;
        Ok(u64::try_from(footer.file_metadata().num_rows())?)
    });
    rows.sum()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use domain::SeededRandom;
    use visits::{Mark, NewVisit};

    use super::*;

    /// A data folder of this test's own, gone afterwards.
    struct Data(PathBuf);

    impl Drop for Data {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn known(number: u8, visits: u64) -> Known {
        Known { role: Role::Many, user: format!("user{number}"), address: format!("192.0.2.{number}"), visits }
    }

    /// A log in which two people read so many pages each, among others.
    fn log(data: &Path, visits: u64) -> Opened {
        let opened = Opened::at(data).expect("it opens");
        let now = now().expect("a time");
        let mut import = opened.log.import(now, &SeededRandom::new(1)).expect("nobody else imports");
        for _ in 0..visits {
            for person in 1..=9 {
                let address: IpAddr = known(person, 0).address.parse().expect("an address");
                import.push(&NewVisit {
                    time: now,
                    method: Some("GET"),
                    status: Some(200),
                    bytes: Some(1),
                    duration_us: None,
                    ip: Some(Sealed::new(Field::VisitIp, address)),
                    browser: None,
                    referrer: None,
                    path: Some(Sealed::new(Field::VisitPath, "/")),
                    visitor: None,
                    account: Some(Sealed::new(Field::VisitAccount, AccountId([person; 16]))),
                    purposes: "operate",
                });
            }
        }
        import.publish(Mark { bytes: 1, beginning: 1, head: None, to: now.as_microsecond() }, None).expect("the disk works");
        drop(import);
        opened
    }

    #[test]
    fn whoever_is_erased_was_found_by_the_scan_before_and_is_not_after() {
        let data = Data(std::env::temp_dir().join(format!("candor-bench-erasing-{}", std::process::id())));
        fs::create_dir_all(&data.0).expect("a folder");
        let opened = log(&data.0, 5_000);
        let folder = data.0.join(FOLDER);
        let (erased, stays) = (known(3, 5_000), known(4, 5_000));
        let gone: Vec<Gone> =
            [&erased, &stays].map(|known| gone_of(known, &opened.account_of(known).expect("found"))).into_iter().collect();
        let found = |gone: &Gone| scan(&folder, std::slice::from_ref(gone)).expect("readable").found;
        assert!(found(&gone[0]) >= 2 && found(&gone[1]) >= 2);

        let row = erase(&opened, &folder, &[(&erased, AccountId([3; 16]))]).expect("erased");
        assert_eq!((row.visits, row.files), (5_000, 1));
        // Of three row groups, one or two hold theirs, which stand together.
        let all: u64 = row.written_bytes;
        assert!(row.held_bytes > 0 && row.encoded_bytes > 0 && row.held_bytes < all, "{} of {all}", row.held_bytes);
        assert!(row.unseen_asked_ms <= row.unseen_ms && row.unseen_ms <= row.gone_ms + 1_000.0);
        assert_eq!(found(&gone[0]), 0);
        assert!(found(&gone[1]) >= 2, "who was not erased is there");
        assert_eq!(rows(&folder).expect("readable"), 8 * 5_000);
        assert!(opened.account_of(&stays).is_ok() && opened.account_of(&erased).is_err());
    }

    #[test]
    fn a_count_that_is_not_the_generators_fails() {
        let data = Data(std::env::temp_dir().join(format!("candor-bench-counts-{}", std::process::id())));
        fs::create_dir_all(&data.0).expect("a folder");
        let opened = log(&data.0, 7);
        assert!(opened.account_of(&known(2, 7)).is_ok());
        assert!(opened.account_of(&known(2, 8)).is_err() && opened.account_of(&known(77, 7)).is_err());
        assert!(erase(&opened, &data.0.join(FOLDER), &[(&known(2, 8), AccountId([2; 16]))]).is_err());
    }
}
