//! One column of some rows as a file holds it: each value once, and for each row which. Whoever looks for a value compares it once and not with every row.

use std::iter::Peekable;
use std::ops::Range;

use parquet::basic::{Encoding, Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::reader::ChunkReader;

use super::pages::{Page, Unpacker, bad};
use super::source::Source;
use super::{deltas, runs};

/// What is read at once where not all of it is needed: a read takes longer to begin than to go on so far.
const READ_AT_ONCE: u64 = 128 << 10;

#[derive(Default)]
pub(crate) struct Coded {
    bytes: Vec<u8>,
    values: Vec<Range<usize>>,
    /// Which of the values; 0 is none.
    rows: Vec<u32>,
}

impl Coded {
    /// Reads these rows of a column.
    pub(crate) fn read(chunk: &Chunk<'_>, ranges: &[Range<usize>]) -> Result<Self, ParquetError> {
        let (form, mut coded, mut known) = (Form::of(chunk.metadata)?, Self::default(), 0);
        let mut wanted = ranges.iter().peekable();
        chunk.read(ranges, |page, rows| {
            let Some(rows) = rows else {
                coded.learn(&page.bytes, page.values, &form)?;
                known = coded.values.len();
                return Ok(());
            };
            let codes = coded.codes(&page, known, &form)?;
            take(&codes, &rows, &mut wanted, &mut coded.rows);
            Ok(())
        })?;
        Ok(coded)
    }

    /// For each row which value it has; 0 is none.
    pub(crate) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The values, of which a row may have none or each.
    pub(crate) fn values(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.values.iter().map(|value| &self.bytes[value.clone()])
    }

    pub(crate) fn value(&self, code: u32) -> Option<&[u8]> {
        self.values.get((code as usize).checked_sub(1)?).map(|value| &self.bytes[value.clone()])
    }

    /// What each row's value comes to; each is asked about once.
    pub(crate) fn mapped<V: Copy>(&self, none: V, mut come_to: impl FnMut(&[u8]) -> V) -> Vec<V> {
        let mut known = vec![None; self.values.len() + 1];
        let mut map = |code: u32| self.value(code).map_or(none, |value| *known[code as usize].get_or_insert_with(|| come_to(value)));
        self.rows.iter().map(|code| map(*code)).collect()
    }

    fn learn(&mut self, bytes: &[u8], count: usize, form: &Form) -> Result<(), ParquetError> {
        let mut at = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        for _ in 0..count {
            if form.width.is_none() {
                at += 4;
            }
            let length = form.width.or_else(|| Some(u32::from_le_bytes(*self.bytes.get(at - 4..)?.first_chunk()?) as usize));
            let end = length.map(|length| at + length).filter(|end| *end <= self.bytes.len()).ok_or_else(|| bad("a value"))?;
            self.values.push(at..end);
            at = end;
        }
        Ok(())
    }

    /// Which value each row of a page has, of the `known` ones of the dictionary or of its own.
    fn codes(&mut self, page: &Page, known: usize, form: &Form) -> Result<Vec<u32>, ParquetError> {
        let Levels { is_there, there, bytes } = Levels::of(page, form.is_optional)?;
        let mut codes = Vec::with_capacity(there);
        match page.encoding {
            Encoding::PLAIN => {
                let first = self.values.len() as u32 + 1;
                self.learn(bytes, there, form)?;
                codes.extend((first..).take(there));
            }
            Encoding::RLE_DICTIONARY if there > 0 => {
                let (width, bytes) = bytes.split_first().ok_or_else(|| bad("a page"))?;
                runs::get(bytes, *width, there, &mut codes).ok_or_else(|| bad("a page"))?;
                if codes.iter().any(|code| *code as usize >= known) {
                    return Err(bad("a page"));
                }
                codes.iter_mut().for_each(|code| *code += 1);
            }
            Encoding::RLE_DICTIONARY => {}
            _ => return Err(bad("a page")),
        }
        Ok(spread(codes, &is_there, page.values, 0))
    }
}

/// The numbers in these rows of a column.
pub(crate) fn numbers(chunk: &Chunk<'_>, ranges: &[Range<usize>]) -> Result<Vec<Option<i64>>, ParquetError> {
    let is_optional = chunk.metadata.column_descr().max_def_level() > 0;
    let (mut numbers, mut wanted) = (Vec::new(), ranges.iter().peekable());
    chunk.read(ranges, |page, rows| {
        let Some(rows) = rows.filter(|_| page.encoding == Encoding::DELTA_BINARY_PACKED) else { return Err(bad("a page of numbers")) };
        let (Levels { is_there, there, bytes }, mut of_page) = (Levels::of(&page, is_optional)?, Vec::new());
        deltas::get(bytes, there, &mut of_page)?;
        let of_page = spread(of_page.into_iter().map(Some).collect(), &is_there, page.values, None);
        take(&of_page, &rows, &mut wanted, &mut numbers);
        Ok(())
    })?;
    Ok(numbers)
}

/// Which rows of a page have a value, and what follows in it.
struct Levels<'p> {
    /// Empty where all have one.
    is_there: Vec<u32>,
    there: usize,
    bytes: &'p [u8],
}

impl<'p> Levels<'p> {
    fn of(page: &'p Page, is_optional: bool) -> Result<Self, ParquetError> {
        if !is_optional {
            return Ok(Self { is_there: Vec::new(), there: page.values, bytes: &page.bytes });
        }
        let (length, rest) = page.bytes.split_first_chunk().ok_or_else(|| bad("a page"))?;
        let (levels, bytes) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(|| bad("a page"))?;
        let mut is_there = Vec::new();
        runs::get(levels, 1, page.values, &mut is_there).ok_or_else(|| bad("a page"))?;
        let there = is_there.iter().filter(|level| **level > 0).count();
        Ok(Self { is_there, there, bytes })
    }
}

/// Puts none where a row has no value.
fn spread<V: Copy>(values: Vec<V>, is_there: &[u32], rows: usize, none: V) -> Vec<V> {
    if values.len() == rows {
        return values;
    }
    let mut values = values.into_iter();
    is_there.iter().map(|level| if *level > 0 { values.next().unwrap_or(none) } else { none }).collect()
}

/// Keeps of the rows of a page those that are wanted.
fn take<'r, V: Copy>(of_page: &[V], rows: &Range<usize>, wanted: &mut Peekable<impl Iterator<Item = &'r Range<usize>>>, kept: &mut Vec<V>) {
    while let Some(range) = wanted.peek() {
        let (from, to) = (range.start.max(rows.start), range.end.min(rows.end));
        if from < to {
            kept.extend_from_slice(&of_page[from - rows.start..to - rows.start]);
        }
        if range.end > rows.end {
            break;
        }
        wanted.next();
    }
}

/// A column of a row group that has so many rows, and where its pages are.
pub(crate) struct Chunk<'a> {
    pub(crate) source: &'a Source,
    pub(crate) metadata: &'a ColumnChunkMetaData,
    pub(crate) pages: &'a [PageLocation],
    pub(crate) rows: usize,
}

impl Chunk<'_> {
    /// Unpacks the dictionary, where there is one, and the pages that any of these rows are on, with the rows that are on each.
    fn read(
        &self,
        ranges: &[Range<usize>],
        mut each: impl FnMut(Page, Option<Range<usize>>) -> Result<(), ParquetError>,
    ) -> Result<(), ParquetError> {
        let wanted = wanted_pages(self.pages, self.rows, ranges)?;
        let Some((last, _)) = wanted.last() else { return Ok(()) };
        let bytes = Span::read(self.source, self.metadata, &self.pages[*last], wanted.len() * 2 >= self.pages.len())?;
        let page = |unpacker: &mut Unpacker, offset: u64, length: u64, rows: Option<&Range<usize>>| {
            let page = unpacker.page(&bytes.get(self.source, offset, length)?, self.metadata.compression())?;
            let is_it = rows.map_or(page.is_dictionary, |rows| !page.is_dictionary && page.values == rows.len());
            if is_it { Ok(page) } else { Err(bad("a page")) }
        };
        Unpacker::lent(|unpacker| {
            if let Some((offset, length)) = dictionary(self.metadata)? {
                each(page(unpacker, offset, length, None)?, None)?;
            }
            wanted.into_iter().try_for_each(|(place, rows)| {
                let location = &self.pages[place];
                let length = unsigned(i64::from(location.compressed_page_size))?;
                each(page(unpacker, unsigned(location.offset)?, length, Some(&rows))?, Some(rows))
            })
        })
    }
}

/// How the values of a column are written.
struct Form {
    is_optional: bool,
    /// How many bytes each has; none where it says so itself.
    width: Option<usize>,
}

impl Form {
    fn of(chunk: &ColumnChunkMetaData) -> Result<Self, ParquetError> {
        let column = chunk.column_descr();
        let width = match chunk.column_type() {
            Type::BYTE_ARRAY => None,
            Type::FIXED_LEN_BYTE_ARRAY => Some(usize::try_from(column.type_length()).map_err(|_| bad("a column"))?),
            Type::INT32 => Some(4),
            _ => return Err(bad("a column")),
        };
        Ok(Self { is_optional: column.max_def_level() > 0, width })
    }
}

/// The pages that any of these rows are on, and which rows are on each.
fn wanted_pages(pages: &[PageLocation], group_rows: usize, ranges: &[Range<usize>]) -> Result<Vec<(usize, Range<usize>)>, ParquetError> {
    let first = |place: usize| {
        pages.get(place).map_or(Ok(group_rows), |page| usize::try_from(page.first_row_index).map_err(|_| bad("a page index")))
    };
    let (mut wanted, mut ranges) = (Vec::new(), ranges.iter().peekable());
    for place in 0..pages.len() {
        let rows = first(place)?..first(place + 1)?;
        if rows.start > rows.end || rows.end > group_rows || (place == 0 && rows.start != 0) {
            return Err(bad("a page index"));
        }
        while ranges.next_if(|range| range.end <= rows.start).is_some() {}
        if ranges.peek().is_some_and(|range| range.start < rows.end) {
            wanted.push((place, rows));
        }
    }
    Ok(wanted)
}

/// Where the dictionary of a column is, and how long it is.
fn dictionary(chunk: &ColumnChunkMetaData) -> Result<Option<(u64, u64)>, ParquetError> {
    let Some(offset) = chunk.dictionary_page_offset() else { return Ok(None) };
    let length = chunk.data_page_offset().checked_sub(offset).ok_or_else(|| bad("a dictionary"))?;
    Ok(Some((unsigned(offset)?, unsigned(length)?)))
}

fn unsigned(number: i64) -> Result<u64, ParquetError> {
    u64::try_from(number).map_err(|_| bad("a place in the file"))
}

/// The bytes of a column that were read at once, from its beginning on; nothing where that would be too many.
struct Span {
    from: u64,
    bytes: bytes::Bytes,
}

impl Span {
    fn read(source: &Source, chunk: &ColumnChunkMetaData, last: &PageLocation, most_are_wanted: bool) -> Result<Self, ParquetError> {
        let from = unsigned(chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset()))?;
        let end = unsigned(last.offset)? + unsigned(i64::from(last.compressed_page_size))?;
        let length = end.checked_sub(from).ok_or_else(|| bad("a page index"))?;
        let is_read = most_are_wanted || length <= READ_AT_ONCE;
        let bytes =
            if is_read { source.get_bytes(from, usize::try_from(length).map_err(|_| bad("a page index"))?)? } else { bytes::Bytes::new() };
        Ok(Self { from, bytes })
    }

    fn get(&self, source: &Source, offset: u64, length: u64) -> Result<bytes::Bytes, ParquetError> {
        let length = usize::try_from(length).map_err(|_| bad("a page index"))?;
        let from = offset.checked_sub(self.from).and_then(|from| usize::try_from(from).ok());
        match from.and_then(|from| Some(from..from.checked_add(length)?)).filter(|range| range.end <= self.bytes.len()) {
            Some(range) => Ok(self.bytes.slice(range)),
            None => source.get_bytes(offset, length),
        }
    }
}
