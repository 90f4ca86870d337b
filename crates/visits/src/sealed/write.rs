//! Writes a sealed file, row group by row group: anew, or copied from another as the bytes they are.

use std::io::{self, Write};
use std::sync::Arc;

use disk::{DiskError, NewObject, Objects};
use parking_lot::Mutex;
use parquet::bloom_filter::Sbbf;
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};

use super::SealedError;
use super::file::SealedFile;
use super::rows::{Id, Rows};
use super::schema::{properties, schema};

pub(crate) struct FileWriter {
    parquet: SerializedFileWriter<Sink>,
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
    pub(crate) fn create(objects: &dyn Objects, path: &str, group_rows: usize) -> Result<Self, SealedError> {
        let failure = Failure::default();
        let sink = Sink { file: objects.create(path)?, failure: Arc::clone(&failure) };
        let parquet = SerializedFileWriter::new(sink, schema()?, properties(group_rows)?).map_err(|error| told(&failure, error))?;
        Ok(Self { parquet, failure, rows: 0 })
    }

    /// Writes these rows in this order as one row group.
    pub(crate) fn group(&mut self, rows: &Rows, places: &[usize]) -> Result<(), SealedError> {
        if places.is_empty() {
            return Ok(());
        }
        let written = self.parquet.next_row_group().and_then(|group| write_group(group, rows, places));
        self.rows += places.len() as u64;
        written.map_err(|error| told(&self.failure, error))
    }

    /// The same row group as in another file, byte for byte.
    pub(crate) fn copy(&mut self, from: &SealedFile, group: usize) -> Result<(), SealedError> {
        let copied = copy_group(&mut self.parquet, from, group);
        self.rows += copied.map_err(|error| told(&self.failure, error))?;
        Ok(())
    }

    /// Ends the file. It is durable on return, and its name is not.
    pub(crate) fn finish(mut self) -> Result<Written, SealedError> {
        self.parquet.finish().map_err(|error| told(&self.failure, error))?;
        let bytes = self.parquet.bytes_written() as u64;
        self.parquet.inner_mut().file.finish()?;
        Ok(Written { rows: self.rows, bytes })
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

fn write_group(mut group: GroupWriter<'_>, rows: &Rows, places: &[usize]) -> Result<(), ParquetError> {
    let id = |id: Id| FixedLenByteArray::from(ByteArray::from(id.to_vec()));
    required::<Int64Type>(&mut group, places.iter().map(|place| rows.times[*place]).collect())?;
    for texts in [&rows.ips, &rows.browsers, &rows.referrers, &rows.methods, &rows.paths] {
        optional::<ByteArrayType>(&mut group, places, |place| texts.get(place).cloned().map(ByteArray::from))?;
    }
    optional::<Int32Type>(&mut group, places, |place| rows.statuses[place])?;
    optional::<Int64Type>(&mut group, places, |place| rows.bytes[place])?;
    optional::<Int64Type>(&mut group, places, |place| rows.durations[place])?;
    optional::<FixedLenByteArrayType>(&mut group, places, |place| rows.visitors[place].map(id))?;
    optional::<FixedLenByteArrayType>(&mut group, places, |place| rows.accounts[place].map(id))?;
    let purposes = |place: &usize| ByteArray::from(rows.purposes.get(*place).cloned().unwrap_or_default());
    required::<ByteArrayType>(&mut group, places.iter().map(purposes).collect())?;
    group.close().map(drop)
}

fn required<T: DataType>(group: &mut GroupWriter<'_>, values: Vec<T::T>) -> Result<(), ParquetError> {
    put::<T>(group, &values, None)
}

fn optional<T: DataType>(group: &mut GroupWriter<'_>, places: &[usize], value: impl Fn(usize) -> Option<T::T>) -> Result<(), ParquetError> {
    let (mut is_there, mut values) = (Vec::with_capacity(places.len()), Vec::with_capacity(places.len()));
    for place in places {
        let value = value(*place);
        is_there.push(i16::from(value.is_some()));
        values.extend(value);
    }
    put::<T>(group, &values, Some(&is_there))
}

fn put<T: DataType>(group: &mut GroupWriter<'_>, values: &[T::T], is_there: Option<&[i16]>) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("there are more columns than in the schema".to_owned()))?;
    column.typed::<T>().write_batch(values, is_there, None)?;
    column.close()
}

/// Says how many rows it has.
fn copy_group(to: &mut SerializedFileWriter<Sink>, from: &SealedFile, group: usize) -> Result<u64, ParquetError> {
    let metadata = from.with_pages()?;
    let pages = metadata.page_index_for_row_group(group);
    let row_group = metadata.row_group(group);
    let rows = u64::try_from(row_group.num_rows()).unwrap_or_default();
    let mut copy = to.next_row_group()?;
    for (column, chunk) in row_group.columns().iter().enumerate() {
        let (_, bytes_written) = chunk.byte_range();
        let close = ColumnCloseResult {
            bytes_written,
            rows_written: rows,
            metadata: chunk.clone(),
            bloom_filter: Sbbf::read_from_column_chunk(chunk, from.source())?,
            column_index: pages.column_index(column).cloned(),
            offset_index: pages.offset_index(column).cloned(),
        };
        copy.append_column(from.source(), close)?;
    }
    copy.close()?;
    Ok(rows)
}
