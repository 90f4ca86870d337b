//! Writes a sealed file, row group by row group: anew, or copied from another as the bytes they are.

use std::collections::HashMap;
use std::hash::Hash;
use std::io::{self, Write};
use std::sync::Arc;

use ahash::RandomState;
use disk::{DiskError, NewObject, Objects};
use parking_lot::Mutex;
use parquet::bloom_filter::Sbbf;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::ColumnDescPtr;

use super::SealedError;
use super::encode::{Encoder, Values};
use super::file::SealedFile;
use super::filter::{self, FileFilter, Part, Parts};
use super::rows::Rows;
use super::schema::{
    ACCOUNT, BROWSER, BYTES, DURATION, FILTERED, IP, METHOD, ORDERED, PATH, PURPOSES, REFERRER, STATUS, TIME, VISITOR, properties, schema,
};
use super::texts::Texts;

pub(crate) struct FileWriter {
    parquet: SerializedFileWriter<Sink>,
    encoder: Encoder,
    /// What each row group adds to the filters of the file, by their columns.
    parts: [Vec<Part>; FILTERED.len()],
    /// Room to count values in.
    learned: Vec<u32>,
    failure: Failure,
    rows: u64,
}

/// What the disk said, which the library only passes on as text.
type Failure = Arc<Mutex<Option<DiskError>>>;

struct Sink {
    file: Box<dyn NewObject>,
    failure: Failure,
}

/// What was written.
pub(crate) struct Written {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

impl FileWriter {
    /// Makes a file that does not exist yet.
    pub(crate) fn create(objects: &dyn Objects, path: &str) -> Result<Self, SealedError> {
        let failure = Failure::default();
        let sink = Sink { file: objects.create(path)?, failure: Arc::clone(&failure) };
        let parquet = SerializedFileWriter::new(sink, schema()?, properties()).map_err(|error| told(&failure, error))?;
        Ok(Self { parquet, encoder: Encoder::new()?, parts: Default::default(), learned: Vec::new(), failure, rows: 0 })
    }

    /// Writes these rows in this order as one row group.
    pub(crate) fn group(&mut self, rows: &Rows, places: &[usize]) -> Result<(), SealedError> {
        if places.is_empty() {
            return Ok(());
        }
        let written = self.write_group(rows, places);
        self.rows += places.len() as u64;
        written.map_err(|error| told(&self.failure, error))
    }

    /// The same row group as in another file, byte for byte.
    pub(crate) fn copy(&mut self, from: &Original<'_>, group: usize) -> Result<(), SealedError> {
        let copied = copy_group(&mut self.parquet, from, group);
        self.rows += copied.map_err(|error| told(&self.failure, error))?;
        for ((column, _), parts) in FILTERED.iter().zip(&mut self.parts) {
            let theirs = from.filters.iter().find(|parts| parts.column == *column);
            parts.push(theirs.map_or(Part::Unknown, |theirs| Part::Copied(theirs.groups[group].clone())));
        }
        Ok(())
    }

    /// Ends the file. It is durable on return, and its name is not.
    pub(crate) fn finish(mut self) -> Result<Written, SealedError> {
        self.write_filters().and_then(|()| self.parquet.finish()).map_err(|error| told(&self.failure, error))?;
        let bytes = self.parquet.bytes_written() as u64;
        self.parquet.inner_mut().file.finish()?;
        Ok(Written { rows: self.rows, bytes })
    }

    fn write_group(&mut self, rows: &Rows, places: &[usize]) -> Result<(), ParquetError> {
        let columns: Vec<ColumnDescPtr> = self.parquet.schema_descr().columns().to_vec();
        let Self { parquet, encoder, parts, learned, .. } = self;
        let mut group = parquet.next_row_group()?;
        for (place, column) in columns.iter().enumerate() {
            match numbers(rows, place) {
                Some(numbers) => {
                    let numbers: Vec<Option<i64>> = places.iter().map(|place| numbers.get(*place)).collect();
                    let chunk = encoder.numbers(column, &numbers, place == TIME)?;
                    group.append_column(&chunk.bytes, chunk.close)?;
                }
                None => {
                    let mut write = |values: Values<'_>| write_column(&mut group, encoder, parts, place, column, &values);
                    match place {
                        STATUS => {
                            let (statuses, codes) = coded(places.iter().map(|place| rows.statuses[*place]));
                            let statuses: Vec<[u8; 4]> = statuses.into_iter().map(i32::to_le_bytes).collect();
                            write(Values { values: statuses.iter().map(|status| &status[..]).collect(), rows: codes })?;
                        }
                        VISITOR | ACCOUNT => {
                            let ids = if place == VISITOR { &rows.visitors } else { &rows.accounts };
                            let (ids, codes) = coded(places.iter().map(|place| ids[*place]));
                            write(Values { values: ids.iter().map(|id| &id[..]).collect(), rows: codes })?;
                        }
                        _ => write(texts(rows, place)?.part(places, learned))?,
                    }
                }
            }
        }
        group.close().map(drop)
    }

    /// Behind the last row group, and named in the footer: other tools pass them over.
    fn write_filters(&mut self) -> Result<(), ParquetError> {
        for ((_, name), parts) in FILTERED.iter().zip(std::mem::take(&mut self.parts)) {
            if !parts.is_empty() {
                let (bytes, blocks) = filter::of_file(&parts);
                let filter = FileFilter::new(self.parquet.bytes_written() as u64, blocks, parts.len());
                self.parquet.write_all(&bytes)?;
                self.parquet.append_key_value_metadata(filter.told(name));
            }
        }
        Ok(())
    }
}

fn told(failure: &Failure, error: ParquetError) -> SealedError {
    failure.lock().take().map_or_else(|| error.into(), SealedError::Disk)
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.file.write(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                *self.failure.lock() = Some(error);
                Err(io::Error::other("the disk failed"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

type GroupWriter<'a> = SerializedRowGroupWriter<'a, Sink>;

/// The columns of which few values come twice.
enum Numbers<'r> {
    Required(&'r [i64]),
    Optional(&'r [Option<i64>]),
}

impl Numbers<'_> {
    fn get(&self, place: usize) -> Option<i64> {
        match self {
            Self::Required(numbers) => Some(numbers[place]),
            Self::Optional(numbers) => numbers[place],
        }
    }
}

fn numbers(rows: &Rows, column: usize) -> Option<Numbers<'_>> {
    match column {
        TIME => Some(Numbers::Required(&rows.times)),
        BYTES => Some(Numbers::Optional(&rows.bytes)),
        DURATION => Some(Numbers::Optional(&rows.durations)),
        _ => None,
    }
}

fn texts(rows: &Rows, column: usize) -> Result<&Texts, ParquetError> {
    Ok(match column {
        IP => &rows.ips,
        BROWSER => &rows.browsers,
        REFERRER => &rows.referrers,
        METHOD => &rows.methods,
        PATH => &rows.paths,
        PURPOSES => &rows.purposes,
        _ => return Err(ParquetError::General("there are more columns than in the schema".to_owned())),
    })
}

/// Each value once, and for each row which; 0 is none.
fn coded<V: Copy + Eq + Hash>(rows: impl Iterator<Item = Option<V>>) -> (Vec<V>, Vec<u32>) {
    let (mut values, mut known): (_, HashMap<V, u32, RandomState>) = (Vec::new(), HashMap::default());
    let mut last = (None, 0);
    let codes = rows.map(|row| {
        // Those of one person stand together.
        if last.0 != row {
            let code = row.map_or(0, |value| {
                *known.entry(value).or_insert_with(|| {
                    values.push(value);
                    values.len() as u32
                })
            });
            last = (row, code);
        }
        last.1
    });
    let codes = codes.collect();
    (values, codes)
}

fn write_column(
    group: &mut GroupWriter<'_>,
    encoder: &mut Encoder,
    parts: &mut [Vec<Part>],
    place: usize,
    column: &ColumnDescPtr,
    values: &Values<'_>,
) -> Result<(), ParquetError> {
    let mut filter = None;
    if let Some(filtered) = FILTERED.iter().position(|(filtered, _)| *filtered == place) {
        let fingerprints: Vec<u64> = values.values.iter().map(|value| filter::fingerprint(value)).collect();
        filter = Some(filter::of_chunk(&fingerprints));
        parts[filtered].push(Part::Values(fingerprints));
    }
    let chunk = encoder.values(column, values, filter, place == ORDERED)?;
    group.append_column(&chunk.bytes, chunk.close)
}

/// A file whose row groups are copied, with what is needed for each of them read once.
pub(crate) struct Original<'f> {
    file: &'f SealedFile,
    metadata: ParquetMetaData,
    filters: Vec<Parts>,
}

impl<'f> Original<'f> {
    pub(crate) fn read(file: &'f SealedFile) -> Result<Self, SealedError> {
        Ok(Self { file, metadata: file.with_pages()?, filters: file.filter_parts()? })
    }
}

/// Says how many rows it has.
fn copy_group(to: &mut SerializedFileWriter<Sink>, from: &Original<'_>, group: usize) -> Result<u64, ParquetError> {
    let (pages, row_group) = (from.metadata.page_index_for_row_group(group), from.metadata.row_group(group));
    let rows = u64::try_from(row_group.num_rows()).unwrap_or_default();
    let mut copy = to.next_row_group()?;
    for (column, chunk) in row_group.columns().iter().enumerate() {
        let (_, bytes_written) = chunk.byte_range();
        let close = ColumnCloseResult {
            bytes_written,
            rows_written: rows,
            metadata: chunk.clone(),
            bloom_filter: Sbbf::read_from_column_chunk(chunk, from.file.source())?,
            column_index: pages.column_index(column).cloned(),
            offset_index: pages.offset_index(column).cloned(),
        };
        copy.append_column(from.file.source(), close)?;
    }
    copy.close()?;
    Ok(rows)
}
