//! A sealed file, and what is read of it: as few pages as what is wanted is on.

use std::ops::Range;
use std::sync::Arc;

use domain::Timestamp;
use parking_lot::Mutex;
use parquet::bloom_filter::Sbbf;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key<'k> {
    Visitor(&'k Id),
    Account(&'k Id),
    /// As it is written in the file.
    Address(&'k str),
}

impl Key<'_> {
    const fn column(self) -> usize {
        match self {
            Self::Visitor(_) => schema::VISITOR,
            Self::Account(_) => schema::ACCOUNT,
            Self::Address(_) => schema::IP,
        }
    }

    const fn bytes(&self) -> &[u8] {
        match self {
            Self::Visitor(id) | Self::Account(id) => *id,
            Self::Address(text) => text.as_bytes(),
        }
    }
}

/// A person's filters are asked one after the other; of more people than this every row is looked at instead.
pub(crate) const PEOPLE_ASKED_FOR: usize = 16;

/// A row's visitor and account.
pub(crate) type Whose = (Option<Id>, Option<Id>);

pub(crate) struct SealedFile {
    pub(crate) entry: Entry,
    source: Source,
    /// When rewriting it will next change something, as far as that is known.
    pub(crate) due: Mutex<Option<Due>>,
    footer: Arc<ParquetMetaData>,
}

impl SealedFile {
    /// Reads what stands at the end of the file. It is ours if it has our columns.
    pub(crate) fn open(entry: Entry, source: Source) -> Result<Self, ParquetError> {
        let footer = ParquetMetaDataReader::new().parse_and_finish(&source)?;
        let (columns, rows) = (footer.file_metadata().schema_descr().num_columns(), footer.file_metadata().num_rows());
        if columns != COLUMNS || u64::try_from(rows) != Ok(entry.rows) {
            return Err(ParquetError::General(format!("it has {columns} columns and {rows} rows, which is not what was sealed")));
        }
        Ok(Self { entry, source, due: Mutex::default(), footer: Arc::new(footer) })
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

    /// The same with where each page is.
    pub(crate) fn with_pages(&self) -> Result<ParquetMetaData, ParquetError> {
        let footer = ParquetMetaData::clone(&self.footer);
        let mut reader = ParquetMetaDataReader::new_with_metadata(footer).with_page_index_policy(PageIndexPolicy::Required);
        reader.read_page_indexes(&self.source)?;
        reader.finish()
    }

    /// Whether a row group may hold a row of this: no is certain.
    pub(crate) fn may_hold(&self, group: usize, key: Key<'_>) -> Result<bool, ParquetError> {
        let chunk = self.footer.row_group(group).column(key.column());
        let bounds = chunk.statistics().and_then(|statistics| statistics.min_bytes_opt().zip(statistics.max_bytes_opt()));
        if bounds.is_some_and(|(least, greatest)| key.bytes() < least || key.bytes() > greatest) {
            return Ok(false);
        }
        let filter = Sbbf::read_from_column_chunk(chunk, &self.source)?;
        Ok(filter.is_none_or(|filter| filter.check(key.bytes())))
    }

    /// Where in a row group the rows of this are.
    pub(crate) fn places(&self, pages: &ParquetMetaData, group: usize, key: Key<'_>) -> Result<Vec<usize>, ParquetError> {
        let within = pages_with(pages, group, self.group_rows(group), key);
        let column = Column { file: self, pages, group, ranges: &within };
        let is_it: Vec<bool> = match key {
            Key::Visitor(id) | Key::Account(id) => column.ids(key.column())?.into_iter().map(|found| found.as_ref() == Some(id)).collect(),
            Key::Address(text) => {
                let texts = column.optional::<ByteArrayType, ByteArray>(schema::IP, Ok)?;
                texts.into_iter().map(|found| found.is_some_and(|found| found.data() == text.as_bytes())).collect()
            }
        };
        Ok(within.into_iter().flatten().zip(is_it).filter(|(_, is_it)| *is_it).map(|(place, _)| place).collect())
    }

    /// Whose the rows of a row group are: visitor and account of each.
    pub(crate) fn people(&self, group: usize) -> Result<Vec<Whose>, ParquetError> {
        let pages = self.with_pages()?;
        let all = whole(self.group_rows(group));
        let column = Column { file: self, pages: &pages, group, ranges: &all };
        Ok(column.ids(schema::VISITOR)?.into_iter().zip(column.ids(schema::ACCOUNT)?).collect())
    }

    /// All rows of a row group.
    pub(crate) fn group(&self, group: usize) -> Result<Rows, ParquetError> {
        self.rows(&self.with_pages()?, group, &whole(self.group_rows(group)))
    }

    /// Some rows of a row group, by their places in it.
    pub(crate) fn rows(&self, pages: &ParquetMetaData, group: usize, ranges: &[Range<usize>]) -> Result<Rows, ParquetError> {
        let column = Column { file: self, pages, group, ranges };
        Ok(Rows {
            times: column.required::<Int64Type>(schema::TIME)?,
            ips: column.texts(schema::IP)?,
            browsers: column.texts(schema::BROWSER)?,
            referrers: column.texts(schema::REFERRER)?,
            methods: column.texts(schema::METHOD)?,
            paths: column.texts(schema::PATH)?,
            statuses: column.optional::<Int32Type, i32>(schema::STATUS, Ok)?,
            bytes: column.optional::<Int64Type, i64>(schema::BYTES, Ok)?,
            durations: column.optional::<Int64Type, i64>(schema::DURATION, Ok)?,
            visitors: column.ids(schema::VISITOR)?,
            accounts: column.ids(schema::ACCOUNT)?,
            purposes: column.required::<ByteArrayType>(schema::PURPOSES)?.iter().map(|text| Some(text.data())).collect(),
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

/// The pages a row of this can be on, by what the file says of the order of visitors; all of them otherwise.
fn pages_with(pages: &ParquetMetaData, group: usize, rows: usize, key: Key<'_>) -> Vec<Range<usize>> {
    let index = pages.page_index_for_row_group(group);
    let (Some(ColumnIndexMetaData::FIXED_LEN_BYTE_ARRAY(bounds)), Some(places), Key::Visitor(id)) =
        (index.column_index(key.column()), index.offset_index(key.column()), key)
    else {
        return whole(rows);
    };
    let first = |page: usize| places.page_locations().get(page).and_then(|page| usize::try_from(page.first_row_index).ok()).unwrap_or(rows);
    let may_hold = |page: &usize| match (bounds.min_value(*page), bounds.max_value(*page)) {
        (Some(least), Some(greatest)) => least <= &id[..] && &id[..] <= greatest,
        _ => false,
    };
    (0..places.page_locations().len()).filter(may_hold).map(|page| first(page)..first(page + 1)).collect()
}

/// Some rows of one row group, to be read column by column.
pub(crate) struct Column<'a> {
    pub(crate) file: &'a SealedFile,
    pub(crate) pages: &'a ParquetMetaData,
    pub(crate) group: usize,
    pub(crate) ranges: &'a [Range<usize>],
}

impl Column<'_> {
    pub(crate) fn times(&self) -> Result<Vec<i64>, ParquetError> {
        self.required::<Int64Type>(schema::TIME)
    }

    pub(crate) fn statuses(&self) -> Result<Vec<Option<i32>>, ParquetError> {
        self.optional::<Int32Type, i32>(schema::STATUS, Ok)
    }

    /// What each row's text comes to. A text that comes often is seldom asked about: those of a dictionary are one piece of memory.
    pub(crate) fn mapped<V: Copy>(&self, column: usize, none: V, mut come_to: impl FnMut(&[u8]) -> V) -> Result<Vec<V>, ParquetError> {
        /// So many are remembered.
        const REMEMBERED: usize = 8_192;
        let (is_there, values) = self.read::<ByteArrayType>(column)?;
        let mut remembered: Vec<Option<(usize, usize, V)>> = vec![None; REMEMBERED];
        // All values are in memory until the last is mapped, so what is at the same place is the same.
        let mut values = values.iter().map(|value| {
            let bytes = value.data();
            let (place, length) = (bytes.as_ptr().addr(), bytes.len());
            let slot = &mut remembered[(place.wrapping_mul(0x9e37_79b9) >> 16) % REMEMBERED];
            match slot {
                Some((known, known_length, value)) if (*known, *known_length) == (place, length) => *value,
                _ => slot.insert((place, length, come_to(bytes))).2,
            }
        });
        if is_there.is_empty() {
            return Ok(values.collect());
        }
        Ok(is_there.into_iter().map(|level| if level == 0 { none } else { values.next().unwrap_or(none) }).collect())
    }

    fn texts(&self, column: usize) -> Result<Texts, ParquetError> {
        let texts = self.optional::<ByteArrayType, ByteArray>(column, Ok)?;
        Ok(texts.iter().map(|text| text.as_ref().map(ByteArray::data)).collect())
    }

    pub(crate) fn ids(&self, column: usize) -> Result<Vec<Option<Id>>, ParquetError> {
        self.optional::<FixedLenByteArrayType, Id>(column, |id: FixedLenByteArray| {
            Id::try_from(id.data()).map_err(|_| ParquetError::General("an id has another length".to_owned()))
        })
    }

    fn required<T: DataType>(&self, column: usize) -> Result<Vec<T::T>, ParquetError> {
        self.read::<T>(column).map(|(_, values)| values)
    }

    fn optional<T: DataType, V>(
        &self,
        column: usize,
        value: impl Fn(T::T) -> Result<V, ParquetError>,
    ) -> Result<Vec<Option<V>>, ParquetError> {
        let (is_there, values) = self.read::<T>(column)?;
        let mut values = values.into_iter();
        is_there.into_iter().map(|level| if level == 0 { Ok(None) } else { values.next().map(&value).transpose() }).collect()
    }

    /// The values that are there, and for each row whether one is.
    fn read<T: DataType>(&self, column: usize) -> Result<(Vec<i16>, Vec<T::T>), ParquetError> {
        let row_group = self.pages.row_group(self.group);
        let index = self.pages.page_index_for_row_group(self.group);
        let locations = index.offset_index(column).map(|offsets| offsets.page_locations().clone());
        let source = Arc::new(self.file.source.clone());
        let pages = SerializedPageReader::new(source, row_group.column(column), self.file.group_rows(self.group), locations)?;
        let mut reader = ColumnReaderImpl::<T>::new(row_group.column(column).column_descr_ptr(), Box::new(pages));
        let (mut is_there, mut values, mut at) = (Vec::new(), Vec::new(), 0);
        for range in self.ranges {
            let skipped = reader.skip_records(range.start - at)?;
            let (read, _, _) = reader.read_records(range.len(), Some(&mut is_there), None, &mut values)?;
            if skipped != range.start - at || read != range.len() {
                return Err(ParquetError::EOF("it has fewer rows than its footer names".to_owned()));
            }
            at = range.end;
        }
        Ok((is_there, values))
    }
}
