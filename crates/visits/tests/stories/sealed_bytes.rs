//! What anybody can read of a sealed file with any tool: every page, dictionary, statistic and index, decoded.

use bytes::Bytes;
use parquet::bloom_filter::Sbbf;
use parquet::column::page::Page;
use parquet::data_type::AsBytes;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::Field;

fn metadata(file: &Bytes) -> ParquetMetaData {
    ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required).parse_and_finish(file).expect("a Parquet file")
}

/// All that stands in it, unpacked.
pub(crate) fn decoded(file: Vec<u8>) -> Vec<Vec<u8>> {
    let file = Bytes::from(file);
    let (metadata, reader) = (metadata(&file), SerializedFileReader::new(file).expect("a Parquet file"));
    let mut parts = Vec::new();
    for (number, group) in metadata.row_groups().iter().enumerate() {
        for (column, chunk) in group.columns().iter().enumerate() {
            let statistics = chunk.statistics();
            parts.extend(statistics.and_then(|statistics| statistics.min_bytes_opt()).map(<[u8]>::to_vec));
            parts.extend(statistics.and_then(|statistics| statistics.max_bytes_opt()).map(<[u8]>::to_vec));
            let index = metadata.page_index_for_row_group(number);
            if let Some(ColumnIndexMetaData::FIXED_LEN_BYTE_ARRAY(bounds)) = index.column_index(column) {
                let pages = 0..index.offset_index(column).expect("where the pages are").page_locations().len();
                let values = pages.flat_map(|page| [bounds.min_value(page), bounds.max_value(page)]);
                parts.extend(values.flatten().map(<[u8]>::to_vec));
            } else {
                assert!(index.column_index(column).is_none(), "no other page says what is in it");
            }
            let pages = reader.get_row_group(number).expect("a row group").get_column_page_reader(column).expect("pages");
            parts.extend(pages.map(|page| match page.expect("a page") {
                Page::DataPage { buf, .. } | Page::DataPageV2 { buf, .. } | Page::DictionaryPage { buf, .. } => buf.to_vec(),
            }));
        }
    }
    parts
}

/// Whether a filter of a column says that this may be in the file.
pub(crate) fn filters_know<T: AsBytes + ?Sized>(file: Vec<u8>, column: &str, value: &T) -> bool {
    let file = Bytes::from(file);
    let metadata = metadata(&file);
    let of_groups: Vec<bool> = metadata
        .row_groups()
        .iter()
        .map(|group| {
            let chunk = group.columns().iter().find(|chunk| chunk.column_path().string() == column).expect("such a column");
            Sbbf::read_from_column_chunk(chunk, &file).expect("readable").expect("a filter").check(value)
        })
        .collect();
    let of_file: Vec<bool> = file_filters(&file, &metadata, column).iter().map(|filter| filter.check(value)).collect();
    let knows = of_groups.contains(&true);
    assert_eq!(knows, of_file.contains(&true), "both kinds of filters say the same: {of_groups:?}, {of_file:?}");
    knows
}

/// The filter of the whole file, taken apart into those of its row groups: the first block of each, then the second of each, and so on.
fn file_filters(file: &Bytes, metadata: &ParquetMetaData, column: &str) -> Vec<Sbbf> {
    const BLOCK: usize = 32;
    let told = metadata.file_metadata().key_value_metadata().expect("the footer names it");
    let told = told.iter().find(|told| told.key == format!("candor.filter.{column}")).expect("the footer names it");
    let (offset, blocks) = told.value.as_ref().expect("a value").split_once(' ').expect("two numbers");
    let (offset, blocks): (usize, usize) = (offset.parse().expect("a number"), blocks.parse().expect("a number"));
    let groups = metadata.num_row_groups();
    let all = &file[offset..offset + blocks * groups * BLOCK];
    let of_group = |group| all.chunks(BLOCK).skip(group).step_by(groups).collect::<Vec<_>>().concat();
    (0..groups).map(|group| Sbbf::new(&of_group(group))).collect()
}

/// The rows of a file as the Parquet library reads them for anybody, each with the names of its columns.
pub(crate) fn rows(file: Vec<u8>) -> Vec<Vec<(String, Field)>> {
    let reader = SerializedFileReader::new(Bytes::from(file)).expect("a Parquet file");
    let rows = reader.get_row_iter(None).expect("readable");
    rows.map(|row| row.expect("readable").into_columns()).collect()
}

/// The bytes of each row group of a file.
pub(crate) fn row_groups(file: Vec<u8>) -> Vec<Vec<u8>> {
    let all = Bytes::from(file);
    let chunks = |group: &parquet::file::metadata::RowGroupMetaData| {
        group
            .columns()
            .iter()
            .map(|chunk| chunk.byte_range())
            .map(|(at, length)| all[at as usize..(at + length) as usize].to_vec())
            .collect::<Vec<_>>()
            .concat()
    };
    metadata(&all).row_groups().iter().map(chunks).collect()
}
