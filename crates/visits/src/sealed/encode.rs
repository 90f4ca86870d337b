//! Writes a column of which each value is known once already: a dictionary, and for each row which of it. The library's own writer would look for every row's
//! value in a table of its own.

use bytes::Bytes;
use parquet::basic::{BoundaryOrder, Compression, Encoding, Type, ZstdLevel};
use parquet::bloom_filter::Sbbf;
use parquet::column::page::{CompressedPage, Page, PageWriteSpec, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ColumnIndexBuilder, OffsetIndexBuilder};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use super::schema::{DICTIONARY_BYTES, LEVEL, PAGE_ROWS};
use super::{deltas, runs};

/// A column of some rows.
pub(crate) struct Values<'v> {
    /// Each once.
    pub(crate) values: Vec<&'v [u8]>,
    /// For each row which of them; 0 is none.
    pub(crate) rows: Vec<u32>,
}

/// Packs pages, one column after the other: to make what packs them takes as long as to pack many.
pub(crate) struct Encoder {
    compressor: Compressor<'static>,
    unpacked: Vec<u8>,
}

/// A column as it stands in a file, and what the file says of it.
pub(crate) struct Chunk {
    pub(crate) bytes: Bytes,
    pub(crate) close: ColumnCloseResult,
}

impl Encoder {
    pub(crate) fn new() -> Result<Self, ParquetError> {
        Ok(Self { compressor: Compressor::new(LEVEL).map_err(failed)?, unpacked: Vec::new() })
    }

    /// Values that take too much room to be written twice, should one of them come often, are written where they come.
    pub(crate) fn values(
        &mut self,
        column: &ColumnDescPtr,
        values: &Values<'_>,
        filter: Option<Sbbf>,
        is_ordered: bool,
    ) -> Result<Chunk, ParquetError> {
        let is_optional = column.max_def_level() > 0;
        let says_length = column.physical_type() == Type::BYTE_ARRAY;
        let in_dictionary =
            !values.values.is_empty() && values.values.iter().map(|value| value.len() + 4).sum::<usize>() <= DICTIONARY_BYTES;
        let mut pages = PagesWriter::new(self, if in_dictionary { Encoding::RLE_DICTIONARY } else { Encoding::PLAIN });
        if in_dictionary {
            pages.dictionary(values.values.len(), |out| values.values.iter().for_each(|value| put_plain(value, says_length, out)))?;
        }
        for rows in values.rows.chunks(PAGE_ROWS) {
            pages.page(rows.len(), |out| {
                if is_optional {
                    put_levels(rows.iter().map(|code| *code > 0), out);
                }
                let there = rows.iter().filter_map(|code| code.checked_sub(1));
                if in_dictionary {
                    let (places, width): (Vec<u32>, u8) = (there.collect(), runs::width_of(values.values.len() as u32 - 1));
                    out.push(width);
                    runs::put(&places, width, out);
                } else {
                    there.for_each(|place| put_plain(values.values[place as usize], says_length, out));
                }
            })?;
        }
        let statistics = is_ordered.then(|| statistics(values));
        let mut chunk = pages.finish(column, values.rows.len(), statistics)?;
        chunk.close.bloom_filter = filter;
        chunk.close.column_index = if is_ordered { Some(page_bounds(column, values)?) } else { None };
        Ok(chunk)
    }

    /// Numbers, which are near the one before more often than they come again.
    pub(crate) fn numbers(&mut self, column: &ColumnDescPtr, rows: &[Option<i64>], says_bounds: bool) -> Result<Chunk, ParquetError> {
        let is_optional = column.max_def_level() > 0;
        let mut pages = PagesWriter::new(self, Encoding::DELTA_BINARY_PACKED);
        for rows in rows.chunks(PAGE_ROWS) {
            pages.page(rows.len(), |out| {
                if is_optional {
                    put_levels(rows.iter().map(Option::is_some), out);
                }
                deltas::put(&rows.iter().copied().flatten().collect::<Vec<_>>(), out);
            })?;
        }
        let (there, absent) = (|| rows.iter().copied().flatten(), rows.iter().filter(|row| row.is_none()).count() as u64);
        let statistics = || Statistics::Int64(ValueStatistics::new(there().min(), there().max(), None, Some(absent), false));
        pages.finish(column, rows.len(), says_bounds.then(statistics))
    }

    fn pack(&mut self, page: impl FnOnce(Bytes) -> Page) -> Result<CompressedPage, ParquetError> {
        let packed = self.compressor.compress(&self.unpacked).map_err(failed)?;
        Ok(CompressedPage::new(page(Bytes::from(packed)), self.unpacked.len()))
    }
}

/// A column of which page after page is written.
struct PagesWriter<'e> {
    encoder: &'e mut Encoder,
    encoding: Encoding,
    file: TrackedWrite<Vec<u8>>,
    offsets: OffsetIndexBuilder,
    unpacked_bytes: usize,
    /// Where the first page behind the dictionary begins.
    data_at: u64,
}

impl<'e> PagesWriter<'e> {
    fn new(encoder: &'e mut Encoder, encoding: Encoding) -> Self {
        Self { encoder, encoding, file: TrackedWrite::new(Vec::new()), offsets: OffsetIndexBuilder::new(), unpacked_bytes: 0, data_at: 0 }
    }

    fn dictionary(&mut self, values: usize, fill: impl FnOnce(&mut Vec<u8>)) -> Result<(), ParquetError> {
        let page = |buf: Bytes| Page::DictionaryPage { buf, num_values: values as u32, encoding: Encoding::PLAIN, is_sorted: false };
        self.data_at = self.write(fill, page)?.bytes_written;
        Ok(())
    }

    fn page(&mut self, rows: usize, fill: impl FnOnce(&mut Vec<u8>)) -> Result<(), ParquetError> {
        let encoding = self.encoding;
        let page = |buf: Bytes| Page::DataPage {
            buf,
            num_values: rows as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let written = self.write(fill, page)?;
        let length = i32::try_from(written.compressed_size).map_err(|_| ParquetError::General("a page is too large".to_owned()))?;
        self.offsets.append_row_count(rows as i64);
        self.offsets.append_offset_and_size(written.offset as i64, length);
        Ok(())
    }

    fn write(&mut self, fill: impl FnOnce(&mut Vec<u8>), page: impl FnOnce(Bytes) -> Page) -> Result<PageWriteSpec, ParquetError> {
        self.encoder.unpacked.clear();
        fill(&mut self.encoder.unpacked);
        let written = SerializedPageWriter::new(&mut self.file).write_page(self.encoder.pack(page)?)?;
        self.unpacked_bytes += written.uncompressed_size;
        Ok(written)
    }

    fn finish(self, column: &ColumnDescPtr, rows: usize, statistics: Option<Statistics>) -> Result<Chunk, ParquetError> {
        let has_dictionary = self.data_at > 0;
        let dictionary = has_dictionary.then_some(Encoding::PLAIN);
        let bytes = Bytes::from(self.file.into_inner()?);
        let mut metadata = ColumnChunkMetaData::builder(column.clone())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
            .set_encodings(dictionary.into_iter().chain([Encoding::RLE, self.encoding]).collect())
            .set_num_values(rows as i64)
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(self.unpacked_bytes as i64)
            .set_dictionary_page_offset(has_dictionary.then_some(0))
            .set_data_page_offset(self.data_at as i64);
        if let Some(statistics) = statistics {
            metadata = metadata.set_statistics(statistics);
        }
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: Some(self.offsets.build()),
        };
        Ok(Chunk { bytes, close })
    }
}

/// Which rows have a value.
fn put_levels(is_there: impl Iterator<Item = bool>, out: &mut Vec<u8>) {
    let levels: Vec<u32> = is_there.map(u32::from).collect();
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    runs::put(&levels, 1, out);
    let length = (out.len() - at - 4) as u32;
    out[at..at + 4].copy_from_slice(&length.to_le_bytes());
}

fn failed(error: std::io::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

fn put_plain(value: &[u8], says_length: bool, out: &mut Vec<u8>) {
    if says_length {
        out.extend_from_slice(&(value.len() as u32).to_le_bytes());
    }
    out.extend_from_slice(value);
}

/// The least and the greatest of some rows' values.
fn bounds<'v>(values: &Values<'v>, rows: &[u32]) -> Option<(&'v [u8], &'v [u8])> {
    let there = || rows.iter().filter_map(|code| values.values.get((*code as usize).checked_sub(1)?).copied());
    there().min().zip(there().max())
}

/// Only columns of ids are in an order.
fn statistics(values: &Values<'_>) -> Statistics {
    let id = |value: &[u8]| FixedLenByteArray::from(ByteArray::from(value.to_vec()));
    let bounds = bounds(values, &values.rows);
    let (least, greatest) = (bounds.map(|(least, _)| id(least)), bounds.map(|(_, greatest)| id(greatest)));
    let absent = values.rows.iter().filter(|code| **code == 0).count() as u64;
    Statistics::FixedLenByteArray(ValueStatistics::new(least, greatest, None, Some(absent), false))
}

fn page_bounds(column: &ColumnDescPtr, values: &Values<'_>) -> Result<ColumnIndexMetaData, ParquetError> {
    let mut index = ColumnIndexBuilder::new(column.physical_type());
    index.set_boundary_order(BoundaryOrder::ASCENDING);
    for rows in values.rows.chunks(PAGE_ROWS) {
        let bounds = bounds(values, rows);
        let (least, greatest) = bounds.map(|(least, greatest)| (least.to_vec(), greatest.to_vec())).unwrap_or_default();
        let absent = rows.iter().filter(|code| **code == 0).count() as i64;
        index.append(bounds.is_none(), least, greatest, absent, None);
    }
    index.build()
}
