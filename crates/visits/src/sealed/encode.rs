//! Writes a column of which each value is known once already: a dictionary, and for each row which of it. The library's own writer would look for every row's
//! value in a table of its own.

use bytes::Bytes;
use parquet::basic::{BoundaryOrder, Compression, Encoding};
use parquet::bloom_filter::Sbbf;
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ColumnIndexBuilder, OffsetIndexBuilder};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use super::runs;
use super::schema::{DICTIONARY_BYTES, LEVEL, PAGE_ROWS};

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
    pub(crate) fn chunk(
        &mut self,
        column: &ColumnDescPtr,
        values: &Values<'_>,
        filter: Option<Sbbf>,
        is_ordered: bool,
    ) -> Result<Chunk, ParquetError> {
        let is_optional = column.max_def_level() > 0;
        let says_length = column.physical_type() == parquet::basic::Type::BYTE_ARRAY;
        let in_dictionary =
            !values.values.is_empty() && values.values.iter().map(|value| value.len() + 4).sum::<usize>() <= DICTIONARY_BYTES;
        let encoding = if in_dictionary { Encoding::RLE_DICTIONARY } else { Encoding::PLAIN };
        let (mut file, mut offsets, mut unpacked_bytes) = (TrackedWrite::new(Vec::new()), OffsetIndexBuilder::new(), 0);
        let mut pages = SerializedPageWriter::new(&mut file);
        let mut data_at = 0;
        if in_dictionary {
            self.unpacked.clear();
            values.values.iter().for_each(|value| put_plain(value, says_length, &mut self.unpacked));
            let num_values = values.values.len() as u32;
            let page = |buf: Bytes| Page::DictionaryPage { buf, num_values, encoding: Encoding::PLAIN, is_sorted: false };
            let written = pages.write_page(self.pack(page)?)?;
            data_at = written.bytes_written;
            unpacked_bytes += written.uncompressed_size;
        }
        for rows in values.rows.chunks(PAGE_ROWS) {
            self.page(values, rows, is_optional, in_dictionary, says_length);
            let num_values = rows.len() as u32;
            let page = |buf: Bytes| Page::DataPage {
                buf,
                num_values,
                encoding,
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                statistics: None,
            };
            let written = pages.write_page(self.pack(page)?)?;
            unpacked_bytes += written.uncompressed_size;
            offsets.append_row_count(i64::from(num_values));
            offsets.append_offset_and_size(written.offset as i64, i32::try_from(written.compressed_size).unwrap_or(i32::MAX));
        }
        let bytes = Bytes::from(file.into_inner()?);
        let encodings = if in_dictionary { vec![Encoding::PLAIN, Encoding::RLE, encoding] } else { vec![Encoding::RLE, encoding] };
        let mut metadata = ColumnChunkMetaData::builder(column.clone())
            .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::try_new(LEVEL)?))
            .set_encodings(encodings)
            .set_num_values(values.rows.len() as i64)
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(unpacked_bytes as i64)
            .set_dictionary_page_offset(in_dictionary.then_some(0))
            .set_data_page_offset(data_at as i64);
        let mut column_index = None;
        if is_ordered {
            metadata = metadata.set_statistics(statistics(values));
            column_index = Some(page_bounds(column, values)?);
        }
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: values.rows.len() as u64,
            metadata: metadata.build()?,
            bloom_filter: filter,
            column_index,
            offset_index: Some(offsets.build()),
        };
        Ok(Chunk { bytes, close })
    }

    /// Some rows, as a page holds them.
    fn page(&mut self, values: &Values<'_>, rows: &[u32], is_optional: bool, in_dictionary: bool, says_length: bool) {
        let out = &mut self.unpacked;
        out.clear();
        if is_optional {
            let levels: Vec<u32> = rows.iter().map(|code| u32::from(*code > 0)).collect();
            out.extend_from_slice(&[0; 4]);
            runs::put(&levels, 1, out);
            let length = (out.len() - 4) as u32;
            out[..4].copy_from_slice(&length.to_le_bytes());
        }
        let there = rows.iter().filter_map(|code| code.checked_sub(1));
        if in_dictionary {
            let (places, width): (Vec<u32>, u8) = (there.collect(), runs::width_of(values.values.len() as u32 - 1));
            out.push(width);
            runs::put(&places, width, out);
        } else {
            there.for_each(|place| put_plain(values.values[place as usize], says_length, out));
        }
    }

    fn pack(&mut self, page: impl FnOnce(Bytes) -> Page) -> Result<CompressedPage, ParquetError> {
        let packed = self.compressor.compress(&self.unpacked).map_err(failed)?;
        Ok(CompressedPage::new(page(Bytes::from(packed)), self.unpacked.len()))
    }
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
