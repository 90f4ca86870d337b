//! Says what a row group certainly does not hold. These are the split block filters of the format, and beside those that any tool may ask, one for the whole
//! file in which what belongs to the same value stands side by side for all its row groups: one short read says which of them are worth looking at.

use parquet::bloom_filter::Sbbf;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::reader::ChunkReader;
use twox_hash::XxHash64;

use super::pages::bad;
use super::source::Source;

/// As the format says.
const SALT: [u32; 8] = [0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31];

const BLOCK_BYTES: usize = 32;
const BLOCK_BITS: usize = 8 * BLOCK_BYTES;

/// Of what is asked for in a row group of a column in vain, one in a hundred is looked through, if that is asked by another tool; if by us, one in a thousand: there are
/// thousands of row groups.
const BITS_A_VALUE: usize = 11;
const BITS_A_VALUE_OF_OURS: usize = 18;

/// How a value stands in filters.
pub(crate) fn fingerprint(value: &[u8]) -> u64 {
    XxHash64::oneshot(0, value)
}

/// Which bits of a block a value has.
fn mask(fingerprint: u64) -> [u32; 8] {
    SALT.map(|salt| 1 << ((fingerprint as u32).wrapping_mul(salt) >> 27))
}

/// In which of so many blocks a value is.
const fn block_of(fingerprint: u64, blocks: usize) -> usize {
    (((fingerprint >> 32) * blocks as u64) >> 32) as usize
}

fn insert(block: &mut [u8], fingerprint: u64) {
    for (word, bit) in block.chunks_exact_mut(4).zip(mask(fingerprint)) {
        word.iter_mut().zip(bit.to_le_bytes()).for_each(|(byte, bits)| *byte |= bits);
    }
}

fn knows(block: &[u8], fingerprint: u64) -> bool {
    block
        .chunks_exact(4)
        .zip(mask(fingerprint))
        .all(|(word, bit)| word.iter().zip(bit.to_le_bytes()).all(|(byte, bits)| byte & bits == bits))
}

/// The filter of these values that any tool may ask.
pub(crate) fn of_chunk(fingerprints: &[u64]) -> Sbbf {
    let blocks = (fingerprints.len() * BITS_A_VALUE).div_ceil(BLOCK_BITS).next_power_of_two();
    Sbbf::new(&blocks_of(fingerprints, blocks))
}

fn blocks_of(fingerprints: &[u64], blocks: usize) -> Vec<u8> {
    let mut bytes = vec![0; blocks * BLOCK_BYTES];
    for fingerprint in fingerprints {
        let at = block_of(*fingerprint, blocks) * BLOCK_BYTES;
        insert(&mut bytes[at..at + BLOCK_BYTES], *fingerprint);
    }
    bytes
}

/// What one row group adds to the filter of a file.
pub(crate) enum Part {
    /// The values that it holds.
    Values(Vec<u64>),
    /// What another file's filter says of the same row group.
    Copied(Vec<u8>),
    /// Nobody knows what it holds.
    Unknown,
}

/// The filter of a file, of what its row groups add to it; and of how many blocks each has a share.
pub(crate) fn of_file(parts: &[Part]) -> (Vec<u8>, usize) {
    let needed = |part: &Part| match part {
        Part::Values(values) => (values.len() * BITS_A_VALUE_OF_OURS).div_ceil(BLOCK_BITS),
        Part::Copied(_) | Part::Unknown => 1,
    };
    let copied = |part: &Part| if let Part::Copied(bytes) = part { Some(bytes.len() / BLOCK_BYTES) } else { None };
    // What was copied stays as large as it is; what is written anew beside it was there before, and more.
    let blocks = parts.iter().find_map(copied).unwrap_or_else(|| parts.iter().map(needed).max().unwrap_or(1)).max(1);
    let groups = parts.len();
    let mut bytes = vec![0; blocks * groups * BLOCK_BYTES];
    for (group, part) in parts.iter().enumerate() {
        let own = match part {
            Part::Values(values) => blocks_of(values, blocks),
            Part::Copied(own) if own.len() == blocks * BLOCK_BYTES => own.clone(),
            Part::Copied(_) | Part::Unknown => vec![u8::MAX; blocks * BLOCK_BYTES],
        };
        for (block, own) in own.chunks_exact(BLOCK_BYTES).enumerate() {
            let at = (block * groups + group) * BLOCK_BYTES;
            bytes[at..at + BLOCK_BYTES].copy_from_slice(own);
        }
    }
    (bytes, blocks)
}

/// What the filter of a file for one column says of each row group, to be copied.
pub(crate) struct Parts {
    pub(crate) column: usize,
    pub(crate) groups: Vec<Vec<u8>>,
}

/// Where the filter of a file for one column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileFilter {
    offset: u64,
    blocks: usize,
    groups: usize,
}

impl FileFilter {
    pub(crate) const fn new(offset: u64, blocks: usize, groups: usize) -> Self {
        Self { offset, blocks, groups }
    }

    /// What the footer says of it.
    pub(crate) fn told(&self, column: &str) -> KeyValue {
        KeyValue::new(key(column), format!("{} {}", self.offset, self.blocks))
    }

    /// What the footer says of it, where it does.
    pub(crate) fn read(told: &[KeyValue], column: &str, groups: usize) -> Option<Self> {
        let text = told.iter().find(|told| told.key == key(column))?.value.as_deref()?;
        let (offset, blocks) = text.split_once(' ')?;
        let (offset, blocks) = (offset.parse().ok()?, blocks.parse().ok().filter(|blocks| (1..=1 << 20).contains(blocks))?);
        Some(Self { offset, blocks, groups })
    }

    /// Which row groups may hold a value: no is certain.
    pub(crate) fn groups_with(&self, source: &Source, value: &[u8]) -> Result<Vec<bool>, ParquetError> {
        let fingerprint = fingerprint(value);
        let row = self.groups * BLOCK_BYTES;
        let at = (block_of(fingerprint, self.blocks) * row) as u64;
        let blocks = source.get_bytes(self.offset + at, row)?;
        Ok(blocks.chunks_exact(BLOCK_BYTES).map(|block| knows(block, fingerprint)).collect())
    }

    /// What it says of each row group, to be copied.
    pub(crate) fn parts(&self, source: &Source) -> Result<Vec<Vec<u8>>, ParquetError> {
        let bytes = source.get_bytes(self.offset, self.blocks * self.groups * BLOCK_BYTES)?;
        let of_group =
            |group: usize| bytes.chunks_exact(BLOCK_BYTES).skip(group).step_by(self.groups).flatten().copied().collect::<Vec<_>>();
        let parts: Vec<Vec<u8>> = (0..self.groups).map(of_group).collect();
        let is_whole = parts.iter().all(|part| part.len() == self.blocks * BLOCK_BYTES);
        if is_whole { Ok(parts) } else { Err(bad("the filter of a file")) }
    }
}

fn key(column: &str) -> String {
    format!("candor.filter.{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprints(numbers: std::ops::Range<u32>) -> Vec<u64> {
        numbers.map(|number| fingerprint(&number.to_le_bytes())).collect()
    }

    #[test]
    fn it_is_the_form_that_the_format_describes() {
        let filter = of_chunk(&fingerprints(0..1_000));
        assert!((0..1_000_u32).all(|number| filter.check(&number.to_le_bytes()[..])));
        let in_vain = (1_000..101_000_u32).filter(|number| filter.check(&number.to_le_bytes()[..])).count();
        assert!(in_vain < 1_000, "{in_vain} of a hundred thousand");
    }

    #[test]
    fn each_row_group_of_a_file_is_told_by_itself() {
        let parts = [Part::Values(fingerprints(0..3_000)), Part::Unknown, Part::Values(fingerprints(5_000..5_100))];
        let (bytes, blocks) = of_file(&parts);
        let knows = |group: usize, number: u32| {
            let fingerprint = fingerprint(&number.to_le_bytes());
            knows(&bytes[(block_of(fingerprint, blocks) * 3 + group) * BLOCK_BYTES..][..BLOCK_BYTES], fingerprint)
        };
        assert!((0..3_000).all(|number| knows(0, number) && knows(1, number)));
        assert!((5_000..5_100).all(|number| knows(2, number)));
        let in_vain = (10_000..110_000).filter(|number| knows(0, *number)).count();
        assert!(in_vain < 200, "{in_vain} of a hundred thousand");
    }
}
