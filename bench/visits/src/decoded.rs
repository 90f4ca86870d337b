//! What anybody can read of a folder with any tool: every page, dictionary, statistic, index and filter of its Parquet files, decoded, and
//! every other file as it is.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::os::unix::fs::FileExt;
use std::path::Path;

use aho_corasick::AhoCorasick;
use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::bloom_filter::Sbbf;
use parquet::column::page::Page;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;

/// What must not be there of somebody.
#[derive(Clone, Debug)]
pub(crate) struct Gone {
    pub(crate) account: [u8; 16],
    pub(crate) address: String,
}

/// What a scan went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scanned {
    pub(crate) files: u64,
    pub(crate) pages: u64,
    pub(crate) decoded_bytes: u64,
    /// In pages, dictionaries, statistics, indexes and whatever else is in a file.
    pub(crate) found: u64,
    /// Filters that were asked for one of them, and those that say it may be there, which one in a hundred does by chance.
    pub(crate) filters: u64,
    pub(crate) filters_maybe: u64,
}

impl Scanned {
    /// Whether the filters say no more often yes than chance has them: one in a hundred, with room for luck.
    pub(crate) fn filters_know_nothing(&self) -> bool {
        self.filters_maybe <= 5 + self.filters / 50
    }
}

/// Looks for people in every file of a folder.
pub(crate) fn scan(folder: &Path, gone: &[Gone]) -> Result<Scanned> {
    let mut patterns: Vec<Vec<u8>> = gone.iter().map(|gone| gone.account.to_vec()).collect();
    // A text stands behind its length: otherwise 10.0.0.1 would be found in 10.0.0.12.
    patterns.extend(gone.iter().map(|gone| [&(gone.address.len() as u32).to_le_bytes(), gone.address.as_bytes()].concat()));
    let patterns = AhoCorasick::new(&patterns)?;
    let mut scanned = Scanned::default();
    for entry in folder.read_dir().context("the folder of the log")? {
        let path = entry?.path();
        scanned.files += 1;
        let bytes = Bytes::from(fs::read(&path)?);
        if bytes.starts_with(b"PAR1") {
            scan_parquet(&bytes, gone, &patterns, &mut scanned).with_context(|| path.display().to_string())?;
        }
        // As it is as well: what lies between the parts that a footer names is in no page.
        look(&bytes, &patterns, &mut scanned);
    }
    Ok(scanned)
}

fn look(bytes: &[u8], patterns: &AhoCorasick, scanned: &mut Scanned) {
    scanned.decoded_bytes += bytes.len() as u64;
    scanned.found += patterns.find_iter(bytes).count() as u64;
}

fn scan_parquet(file: &Bytes, gone: &[Gone], patterns: &AhoCorasick, scanned: &mut Scanned) -> Result<()> {
    let reader = SerializedFileReader::new(file.clone())?;
    for (number, group) in reader.metadata().row_groups().iter().enumerate() {
        for (column, chunk) in group.columns().iter().enumerate() {
            if let Some(encoding) = chunk.encodings().find(|encoding| !shows_values_whole(*encoding)) {
                bail!("a column is encoded as {encoding}, which this scan does not undo");
            }
            let statistics = chunk.statistics();
            let bounds = statistics.map(|statistics| [statistics.min_bytes_opt(), statistics.max_bytes_opt()]);
            bounds.into_iter().flatten().flatten().for_each(|bound| look(bound, patterns, scanned));
            if let (Some(from), Some(length)) = (chunk.column_index_offset(), chunk.column_index_length()) {
                // Least and greatest of each page: their bytes are not packed.
                look(&file[usize::try_from(from)?..][..usize::try_from(length)?], patterns, scanned);
            }
            for page in reader.get_row_group(number)?.get_column_page_reader(column)? {
                scanned.pages += 1;
                match page? {
                    Page::DataPage { buf, .. } | Page::DataPageV2 { buf, .. } | Page::DictionaryPage { buf, .. } => {
                        look(&buf, patterns, scanned);
                    }
                }
            }
            let name = chunk.column_path().string();
            let filters = [Sbbf::read_from_column_chunk(chunk, file)?, of_whole_file(file, reader.metadata(), &name, number)?];
            for filter in filters.iter().flatten() {
                for gone in gone {
                    let maybe = match name.as_str() {
                        "account" => filter.check(&gone.account[..]),
                        "ip" => filter.check(gone.address.as_bytes()),
                        _ => continue,
                    };
                    scanned.filters += 1;
                    scanned.filters_maybe += u64::from(maybe);
                }
            }
        }
    }
    Ok(())
}

/// What the filter of a whole file says of one row group: the first block of each row group stands there, then the second of each, and so on.
fn of_whole_file(file: &Bytes, metadata: &ParquetMetaData, column: &str, group: usize) -> Result<Option<Sbbf>> {
    const BLOCK: usize = 32;
    let told = metadata.file_metadata().key_value_metadata().into_iter().flatten();
    let told = told.filter(|told| told.key == format!("candor.filter.{column}")).find_map(|told| told.value.as_deref());
    let Some((offset, blocks)) = told.and_then(|told| told.split_once(' ')) else { return Ok(None) };
    let (offset, blocks): (usize, usize) = (offset.parse()?, blocks.parse()?);
    let groups = metadata.num_row_groups();
    let all = file.get(offset..offset + blocks * groups * BLOCK).context("a filter is not where the footer says")?;
    Ok(Some(Sbbf::new(&all.chunks(BLOCK).skip(group).step_by(groups).collect::<Vec<_>>().concat())))
}

/// Whether a value stands in a page of this encoding with all its bytes side by side.
const fn shows_values_whole(encoding: Encoding) -> bool {
    #[expect(deprecated, reason = "files may still name it")]
    let is_levels = matches!(encoding, Encoding::RLE | Encoding::BIT_PACKED);
    is_levels || matches!(encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY | Encoding::DELTA_BINARY_PACKED)
}

/// A row group as it is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// Of its bytes.
    pub(crate) digest: u64,
    pub(crate) bytes: u64,
}

/// The row groups of a file, which may have lost its name since it was opened.
pub(crate) fn groups(file: &File) -> Result<Vec<Group>> {
    footer(file)?.row_groups().iter().map(|group| digest(file, group)).collect()
}

fn footer(file: &File) -> Result<ParquetMetaData> {
    Ok(ParquetMetaDataReader::new().parse_and_finish(file)?)
}

fn digest(file: &File, group: &RowGroupMetaData) -> Result<Group> {
    let (mut hasher, mut bytes) = (DefaultHasher::new(), 0);
    for chunk in group.columns() {
        let (from, length) = chunk.byte_range();
        let mut all = vec![0; usize::try_from(length)?];
        file.read_exact_at(&mut all, from)?;
        all.hash(&mut hasher);
        bytes += length;
    }
    Ok(Group { digest: hasher.finish(), bytes })
}

/// Which row groups of a file one of these accounts is in, by reading every row's.
pub(crate) fn groups_with(file: &File, accounts: &HashSet<[u8; 16]>) -> Result<Vec<bool>> {
    let reader = SerializedFileReader::new(file.try_clone()?)?;
    (0..reader.num_row_groups())
        .map(|group| {
            let group = reader.get_row_group(group)?;
            let column = group.metadata().columns().iter().position(|chunk| chunk.column_path().string() == "account");
            let column = group.get_column_reader(column.context("no column of accounts")?)?;
            let mut column = parquet::column::reader::get_typed_column_reader::<parquet::data_type::FixedLenByteArrayType>(column);
            let (mut is_there, mut values) = (Vec::new(), Vec::new());
            let rows = usize::try_from(group.metadata().num_rows())?;
            let (read, _, _) = column.read_records(rows, Some(&mut is_there), None, &mut values)?;
            ensure!(read == rows, "a row group has fewer rows than its footer says");
            Ok(values.iter().any(|value| accounts.contains(value.data())))
        })
        .collect()
}
