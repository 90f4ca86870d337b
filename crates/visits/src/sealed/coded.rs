//! One column of some rows as a file holds it: each value once, and for each row which. Whoever looks for a value compares it once and not with every row.

use std::iter::Peekable;
use std::ops::Range;

use parquet::basic::{Encoding, Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::reader::ChunkReader;

use super::pages::{Page, Unpacker, bad};
use super::runs;
use super::source::Source;

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
    /// Reads these rows of a column of a row group that has so many.
    pub(crate) fn read(
        source: &Source,
        chunk: &ColumnChunkMetaData,
        pages: &[PageLocation],
        group_rows: usize,
        ranges: &[Range<usize>],
    ) -> Result<Self, ParquetError> {
        let (form, wanted) = (Form::of(chunk)?, wanted_pages(pages, group_rows, ranges)?);
        let Some((last, _)) = wanted.last() else { return Ok(Self::default()) };
        let bytes = Span::read(source, chunk, &pages[*last], wanted.len() * 2 >= pages.len())?;
        let page = |unpacker: &mut Unpacker, offset: u64, length: u64| {
            unpacker.page(&bytes.get(source, offset, length)?, chunk.compression()).map(|(page, _)| page)
        };
        Unpacker::lent(|unpacker| {
            let mut coded = Self::default();
            if let Some((offset, length)) = dictionary(chunk)? {
                coded.learn_dictionary(&page(unpacker, offset, length)?, &form)?;
            }
            let known = coded.values.len();
            let mut ranges = ranges.iter().peekable();
            for (place, rows) in wanted {
                let location = &pages[place];
                let length = unsigned(i64::from(location.compressed_page_size))?;
                let codes = coded.codes(&page(unpacker, unsigned(location.offset)?, length)?, rows.len(), known, &form)?;
                coded.take(&codes, &rows, &mut ranges);
            }
            Ok(coded)
        })
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

    /// Keeps of the rows of a page those that are wanted.
    fn take<'r>(&mut self, codes: &[u32], rows: &Range<usize>, ranges: &mut Peekable<impl Iterator<Item = &'r Range<usize>>>) {
        while let Some(range) = ranges.peek() {
            let (from, to) = (range.start.max(rows.start), range.end.min(rows.end));
            if from < to {
                self.rows.extend_from_slice(&codes[from - rows.start..to - rows.start]);
            }
            if range.end > rows.end {
                break;
            }
            ranges.next();
        }
    }

    fn learn_dictionary(&mut self, page: &Page, form: &Form) -> Result<(), ParquetError> {
        if page.is_dictionary { self.learn(&page.bytes, page.values, form) } else { Err(bad("a dictionary")) }
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
    fn codes(&mut self, page: &Page, rows: usize, known: usize, form: &Form) -> Result<Vec<u32>, ParquetError> {
        if page.is_dictionary || page.values != rows {
            return Err(bad("a page"));
        }
        let (mut is_there, mut bytes) = (Vec::new(), &page.bytes[..]);
        if form.is_optional {
            let (length, rest) = bytes.split_first_chunk().ok_or_else(|| bad("a page"))?;
            let (levels, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(|| bad("a page"))?;
            runs::get(levels, 1, rows, &mut is_there).ok_or_else(|| bad("a page"))?;
            bytes = rest;
        }
        let there = if form.is_optional { is_there.iter().filter(|level| **level > 0).count() } else { rows };
        let mut codes = Vec::with_capacity(there);
        if page.encoding == Encoding::PLAIN {
            let first = self.values.len() as u32 + 1;
            self.learn(bytes, there, form)?;
            codes.extend((first..).take(there));
        } else if there > 0 {
            let (width, bytes) = bytes.split_first().ok_or_else(|| bad("a page"))?;
            runs::get(bytes, *width, there, &mut codes).ok_or_else(|| bad("a page"))?;
            if codes.iter().any(|code| *code as usize >= known) {
                return Err(bad("a page"));
            }
            codes.iter_mut().for_each(|code| *code += 1);
        }
        if there == rows {
            return Ok(codes);
        }
        let mut codes = codes.into_iter();
        Ok(is_there.into_iter().map(|level| if level > 0 { codes.next().unwrap_or_default() } else { 0 }).collect())
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
