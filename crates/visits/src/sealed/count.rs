//! Reads of a sealed file what counting needs: whole columns, and only those that the question is about.

use std::ops::Range;

use parquet::errors::ParquetError;

use super::SealedError;
use super::file::{Column, SealedFile, ranges, whole};
use super::scan::{Places, Sought, bad_group};
use super::schema::{ACCOUNT, BROWSER, IP, PATH, PURPOSES, REFERRER, VISITOR};
use crate::LogError;
use crate::address::Address;
use crate::count::{By, Counter, Row};
use crate::damage::Damage;
use crate::query::Selection;

/// Adds what is wanted of a file, and says after each row group how many rows that were.
pub(crate) fn file(
    file: &SealedFile,
    selection: &Selection,
    counter: &mut Counter<'_>,
    damage: &mut Vec<Damage>,
    looked_at: &mut dyn FnMut(u64),
) -> Result<(), LogError> {
    let sought = Sought::of(file, selection)?;
    for group in 0..file.groups() {
        match count_group(file, group, selection, counter, &sought).map_err(SealedError::from) {
            Ok(()) => {}
            Err(SealedError::Disk(error)) => return Err(error.into()),
            Err(SealedError::Format(_)) => damage.push(bad_group(file, group)),
        }
        looked_at(file.group_rows(group) as u64);
    }
    Ok(())
}

fn count_group(
    file: &SealedFile,
    group: usize,
    selection: &Selection,
    counter: &mut Counter<'_>,
    sought: &Sought,
) -> Result<(), ParquetError> {
    if !sought.may_be_in(group) {
        return Ok(());
    }
    let pages = file.pages(group)?;
    let ranges: Vec<Range<usize>> = match sought.places(file, &pages, group, selection)? {
        Places::All => whole(file.group_rows(group)),
        Places::These(places) => ranges(&places),
    };
    if ranges.is_empty() {
        return Ok(());
    }
    let column = Column { file, pages: &pages, group, ranges: &ranges };
    // A row group that cannot be read to its end is not counted in part.
    let read = Read::of(&column, counter)?;
    (0..read.purposes.len()).for_each(|place| counter.row(read.row(place), selection));
    Ok(())
}

/// The columns that a question is about. What it is not about is empty.
struct Read {
    /// Of all rows, where their times make no difference.
    stage: Option<usize>,
    micros: Vec<i64>,
    /// The stage of each row, unless it is that of all.
    stages: Vec<usize>,
    purposes: Vec<u32>,
    visitors: Vec<Option<[u8; 16]>>,
    accounts: Vec<Option<[u8; 16]>>,
    ips: Vec<Option<Address>>,
    paths: Vec<(bool, Option<u32>)>,
    browsers: Vec<(bool, Option<u32>)>,
    referrers: Vec<Option<u32>>,
    statuses: Vec<Option<i32>>,
    by: By,
}

impl Read {
    fn of(column: &Column<'_>, counter: &mut Counter<'_>) -> Result<Self, ParquetError> {
        let by = counter.by;
        let entry = &column.file.entry;
        let between = counter.stages.between(entry.from, entry.to);
        let stage = (between.start() == between.end()).then_some(*between.start());
        let micros = if stage.is_none() || matches!(by, By::Day | By::Return) { column.times()? } else { Vec::new() };
        let stages = if stage.is_none() { micros.iter().map(|micros| counter.stages.at(*micros)).collect() } else { Vec::new() };
        let (visitors, accounts) = (column.ids(VISITOR)?, column.ids(ACCOUNT)?);
        // An address tells people apart of whom nothing better is known, or no longer.
        let needs_addresses = counter.asks_for_addresses()
            || counter.stages.let_go_of_people(between)
            || visitors.iter().zip(&accounts).any(|(visitor, account)| visitor.is_none() && account.is_none());
        let ips = if needs_addresses { column.mapped(IP, None, address)? } else { Vec::new() };
        let paths = if by == By::Page || counter.asks_for_paths() {
            let without = (!counter.asks_for_paths(), None);
            column.mapped(PATH, without, |path| counter.path(path))?
        } else {
            Vec::new()
        };
        let referrers = if by == By::Referrer { column.mapped(REFERRER, None, |referrer| counter.referrer(referrer))? } else { Vec::new() };
        Ok(Self {
            stage,
            micros,
            stages,
            purposes: column.mapped(PURPOSES, 0, |text| counter.purposes(text))?,
            visitors,
            accounts,
            ips,
            paths,
            browsers: column.mapped(BROWSER, (false, None), |browser| counter.browser(browser))?,
            referrers,
            statuses: if by == By::Status { column.statuses()? } else { Vec::new() },
            by,
        })
    }

    fn row(&self, place: usize) -> Row {
        let (is_path, page) = self.paths.get(place).copied().unwrap_or((true, None));
        let (is_robot, family) = self.browsers[place];
        Row {
            stage: self.stage.unwrap_or_else(|| self.stages[place]),
            micros: self.micros.get(place).copied().unwrap_or_default(),
            purposes: self.purposes[place],
            visitor: self.visitors[place],
            account: self.accounts[place],
            ip: self.ips.get(place).copied().flatten(),
            is_path,
            is_robot,
            text: match self.by {
                By::Page => page,
                By::Browser => family,
                By::Referrer => self.referrers[place],
                By::Day | By::Status | By::Return => None,
            },
            status: self.statuses.get(place).copied().flatten().and_then(|status| u16::try_from(status).ok()),
        }
    }
}

fn address(text: &[u8]) -> Option<Address> {
    Address::parse(std::str::from_utf8(text).ok()?)
}
