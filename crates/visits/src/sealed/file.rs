//! A sealed file, and what is read of it: as few pages as what is wanted is on.

use std::ops::Range;
use std::sync::Arc;

use domain::Timestamp;
use parking_lot::Mutex;
use parquet::bloom_filter::Sbbf;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData as ParquetChunk, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::index_reader::decode_offset_index;
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::reader::ChunkReader;
use serde::{Deserialize, Serialize};

use super::coded::{self, Chunk, Coded};
use super::filter::{FileFilter, Parts};
use super::pages::bad;
use super::rows::{Id, Rows};
use super::schema::{self, COLUMNS};
use super::source::Source;
use super::texts::Texts;
use crate::segment::Due;

/// What the manifest says of a sealed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// No two files ever have the same.
    pub(crate) number: u64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// The times of the first and the last visit in it, in microseconds.
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Entry {
    pub(crate) fn name(&self) -> String {
        name(self.number)
    }

    pub(crate) fn oldest(&self) -> Timestamp {
        Timestamp::from_microsecond(self.from).unwrap_or(Timestamp::MIN)
    }

    pub(crate) fn newest(&self) -> Timestamp {
        Timestamp::from_microsecond(self.to).unwrap_or(Timestamp::MAX)
    }
}

const SUFFIX: &str = ".parquet";

pub(crate) fn name(number: u64) -> String {
    format!("{number:010}{SUFFIX}")
}

/// Whether a file of the folder is one of ours, whatever the manifest says of it.
pub(crate) fn is_name(name: &str) -> bool {
    name.strip_suffix(SUFFIX).is_some_and(|number| number.len() >= 10 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whom or what a row has to be of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Visitor(Id),
    Account(Id),
    /// As it is written in the file.
    Address(String),
}

impl Key {
    const fn column(&self) -> usize {
        match self {
            Self::Visitor(_) => schema::VISITOR,
            Self::Account(_) => schema::ACCOUNT,
            Self::Address(_) => schema::IP,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Visitor(id) | Self::Account(id) => id,
            Self::Address(text) => text.as_bytes(),
        }
    }
}

/// A file's filters are asked for one person after the other; of more people than this every row is looked at instead.
pub(crate) const PEOPLE_ASKED_FOR: usize = 256;

/// A row's visitor and account.
pub(crate) type Whose = (Option<Id>, Option<Id>);

pub(crate) struct SealedFile {
    pub(crate) entry: Entry,
    source: Source,
    /// When rewriting it will next change something, as far as that is known.
    pub(crate) due: Mutex<Option<Due>>,
    footer: Arc<ParquetMetaData>,
    /// By the columns that have one.
    filters: Vec<(usize, FileFilter)>,
}

impl SealedFile {
    /// Reads what stands at the end of the file. It is ours if it has our columns.
    pub(crate) fn open(entry: Entry, source: Source) -> Result<Self, ParquetError> {
        let footer = ParquetMetaDataReader::new().parse_and_finish(&source)?;
        let (columns, rows) = (footer.file_metadata().schema_descr().num_columns(), footer.file_metadata().num_rows());
        if columns != COLUMNS || u64::try_from(rows) != Ok(entry.rows) {
            return Err(ParquetError::General(format!("it has {columns} columns and {rows} rows, which is not what was sealed")));
        }
        let (told, groups) = (footer.file_metadata().key_value_metadata(), footer.num_row_groups());
        let filter = |(column, name)| Some((column, FileFilter::read(told?, name, groups)?));
        let filters = schema::FILTERED.into_iter().filter_map(filter).collect();
        Ok(Self { entry, source, due: Mutex::default(), footer: Arc::new(footer), filters })
    }

    pub(crate) const fn source(&self) -> &Source {
        &self.source
    }

    pub(crate) fn groups(&self) -> usize {
        self.footer.num_row_groups()
    }

    pub(crate) fn group_rows(&self, group: usize) -> usize {
        usize::try_from(self.footer.row_group(group).num_rows()).unwrap_or_default()
    }

    /// What stands at the end of the file, with where each page is and what the index says of it.
    pub(crate) fn with_pages(&self) -> Result<ParquetMetaData, ParquetError> {
        let footer = ParquetMetaData::clone(&self.footer);
        let mut reader = ParquetMetaDataReader::new_with_metadata(footer).with_page_index_policy(PageIndexPolicy::Required);
        reader.read_page_indexes(&self.source)?;
        reader.finish()
    }

    /// Where the pages of a row group are.
    pub(crate) fn pages(&self, group: usize) -> Result<Pages, ParquetError> {
        let chunks = self.footer.row_group(group).columns();
        let ranges =
            chunks.iter().map(ParquetChunk::offset_index_range).collect::<Option<Vec<_>>>().ok_or_else(|| bad("the page index"))?;
        let from = ranges.iter().map(|range| range.start).min().unwrap_or_default();
        let length = |to: u64| usize::try_from(to - from).map_err(|_| bad("the page index"));
        // They stand behind one another.
        let bytes = self.source.get_bytes(from, length(ranges.iter().map(|range| range.end).max().unwrap_or_default())?)?;
        let locations = |range: &Range<u64>| {
            let bytes = bytes.get(length(range.start)?..length(range.end)?).ok_or_else(|| bad("the page index"))?;
            decode_offset_index(bytes).map(|index| index.page_locations().clone())
        };
        ranges.iter().map(locations).collect::<Result<_, _>>().map(Pages)
    }

    /// Which row groups may hold a row of this: no is certain.
    pub(crate) fn groups_with(&self, key: &Key) -> Result<Vec<bool>, ParquetError> {
        let told = match self.filters.iter().find(|(column, _)| *column == key.column()) {
            Some((_, filter)) => filter.groups_with(&self.source, key.bytes()),
            None => (0..self.groups()).map(|group| self.may_hold(group, key)).collect(),
        };
        match told {
            // A filter that says nothing excludes nothing.
            Err(error) if !matches!(error, ParquetError::External(_)) => Ok(vec![true; self.groups()]),
            told => told,
        }
    }

    /// The same of one row group, by what any tool writes.
    fn may_hold(&self, group: usize, key: &Key) -> Result<bool, ParquetError> {
        let filter = Sbbf::read_from_column_chunk(self.footer.row_group(group).column(key.column()), &self.source)?;
        Ok(filter.is_none_or(|filter| filter.check(key.bytes())))
    }

    /// What the filters of the whole file say of each row group, by the columns that have one.
    pub(crate) fn filter_parts(&self) -> Result<Vec<Parts>, ParquetError> {
        self.filters.iter().map(|(column, filter)| Ok(Parts { column: *column, groups: filter.parts(&self.source)? })).collect()
    }

    /// Where in a row group the rows of this are.
    pub(crate) fn places(&self, pages: &Pages, group: usize, key: &Key) -> Result<Vec<usize>, ParquetError> {
        let all = whole(self.group_rows(group));
        let coded = Column { file: self, pages, group, ranges: &all }.coded(key.column())?;
        let is_it: Vec<bool> = std::iter::once(false).chain(coded.values().map(|value| value == key.bytes())).collect();
        let rows = coded.rows().iter().enumerate();
        Ok(if is_it.contains(&true) {
            rows.filter(|(_, code)| is_it[**code as usize]).map(|(place, _)| place).collect()
        } else {
            Vec::new()
        })
    }

    /// Whose the rows of a row group are: visitor and account of each.
    pub(crate) fn people(&self, group: usize) -> Result<Vec<Whose>, ParquetError> {
        let (pages, all) = (self.pages(group)?, whole(self.group_rows(group)));
        let column = Column { file: self, pages: &pages, group, ranges: &all };
        Ok(column.ids(schema::VISITOR)?.into_iter().zip(column.ids(schema::ACCOUNT)?).collect())
    }

    /// All rows of a row group.
    pub(crate) fn group(&self, group: usize) -> Result<Rows, ParquetError> {
        self.rows(&self.pages(group)?, group, &whole(self.group_rows(group)))
    }

    /// Some rows of a row group, by their places in it.
    pub(crate) fn rows(&self, pages: &Pages, group: usize, ranges: &[Range<usize>]) -> Result<Rows, ParquetError> {
        let column = Column { file: self, pages, group, ranges };
        Ok(Rows {
            times: column.times()?,
            ips: column.texts(schema::IP)?,
            browsers: column.texts(schema::BROWSER)?,
            referrers: column.texts(schema::REFERRER)?,
            methods: column.texts(schema::METHOD)?,
            paths: column.texts(schema::PATH)?,
            statuses: column.statuses()?,
            bytes: column.numbers(schema::BYTES)?,
            durations: column.numbers(schema::DURATION)?,
            visitors: column.ids(schema::VISITOR)?,
            accounts: column.ids(schema::ACCOUNT)?,
            purposes: column.texts(schema::PURPOSES)?,
        })
    }
}

/// All of so many rows.
pub(crate) fn whole(rows: usize) -> Vec<Range<usize>> {
    std::iter::once(0..rows).collect()
}

/// The places that follow one another, as ranges.
pub(crate) fn ranges(places: &[usize]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for place in places {
        match ranges.last_mut() {
            Some(last) if last.end == *place => last.end += 1,
            _ => ranges.push(*place..*place + 1),
        }
    }
    ranges
}

/// Where the pages of a row group are, column by column.
pub(crate) struct Pages(Vec<Vec<PageLocation>>);

/// Some rows of one row group, to be read column by column.
pub(crate) struct Column<'a> {
    pub(crate) file: &'a SealedFile,
    pub(crate) pages: &'a Pages,
    pub(crate) group: usize,
    pub(crate) ranges: &'a [Range<usize>],
}

impl Column<'_> {
    pub(crate) fn times(&self) -> Result<Vec<i64>, ParquetError> {
        self.numbers(schema::TIME)?.into_iter().map(|time| time.ok_or_else(|| bad("a time"))).collect()
    }

    pub(crate) fn statuses(&self) -> Result<Vec<Option<i32>>, ParquetError> {
        Ok(self.coded(schema::STATUS)?.mapped(None, |status| status.first_chunk().map(|status| i32::from_le_bytes(*status))))
    }

    /// What each row's value comes to; each is asked about once.
    pub(crate) fn mapped<V: Copy>(&self, column: usize, none: V, come_to: impl FnMut(&[u8]) -> V) -> Result<Vec<V>, ParquetError> {
        Ok(self.coded(column)?.mapped(none, come_to))
    }

    pub(crate) fn ids(&self, column: usize) -> Result<Vec<Option<Id>>, ParquetError> {
        Ok(self.coded(column)?.mapped(None, |id| id.first_chunk().copied()))
    }

    fn texts(&self, column: usize) -> Result<Texts, ParquetError> {
        Ok(Texts::of(&self.coded(column)?))
    }

    fn coded(&self, column: usize) -> Result<Coded, ParquetError> {
        Coded::read(&self.chunk(column), self.ranges)
    }

    fn numbers(&self, column: usize) -> Result<Vec<Option<i64>>, ParquetError> {
        coded::numbers(&self.chunk(column), self.ranges)
    }

    fn chunk(&self, column: usize) -> Chunk<'_> {
        let metadata = self.file.footer.row_group(self.group).column(column);
        Chunk { source: &self.file.source, metadata, pages: &self.pages.0[column], rows: self.file.group_rows(self.group) }
    }
}
