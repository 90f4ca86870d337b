//! Numbers of which each is near the one before, as the format packs them: the differences, in blocks each of which says the least of them.

use parquet::errors::ParquetError;

use super::pages::bad;

const BLOCK: usize = 256;
/// So many parts of a block say by themselves how many bits a difference takes.
const PARTS: usize = 4;
const PART: usize = BLOCK / PARTS;

/// Of what others wrote, or is damaged.
const BLOCK_MAX: u64 = 1 << 16;

pub(crate) fn put(numbers: &[i64], out: &mut Vec<u8>) {
    put_varint(BLOCK as u64, out);
    put_varint(PARTS as u64, out);
    put_varint(numbers.len() as u64, out);
    let first = numbers.first().copied().unwrap_or_default();
    put_signed(first, out);
    let mut last = first;
    let mut differences = Vec::with_capacity(BLOCK);
    for block in numbers.get(1..).unwrap_or_default().chunks(BLOCK) {
        differences.clear();
        differences.extend(block.iter().map(|number| number.wrapping_sub(std::mem::replace(&mut last, *number))));
        let least = differences.iter().copied().min().unwrap_or_default();
        put_signed(least, out);
        let over = |difference: &i64| difference.wrapping_sub(least) as u64;
        let widths_at = out.len();
        out.extend_from_slice(&[0; PARTS]);
        for (place, part) in differences.chunks(PART).enumerate() {
            let width = u64::BITS - part.iter().map(over).fold(0, std::ops::BitOr::bitor).leading_zeros();
            out[widths_at + place] = width as u8;
            pack(part.iter().map(over), width, out);
        }
    }
}

/// One part, filled up with nothing.
fn pack(numbers: impl Iterator<Item = u64>, width: u32, out: &mut Vec<u8>) {
    let end = out.len() + PART * width as usize / 8;
    let (mut bits, mut filled) = (0_u128, 0);
    for number in numbers {
        bits |= u128::from(number) << filled;
        filled += width;
        if filled >= 64 {
            out.extend_from_slice(&(bits as u64).to_le_bytes());
            bits >>= 64;
            filled -= 64;
        }
    }
    out.extend_from_slice(&(bits as u64).to_le_bytes()[..filled.div_ceil(8) as usize]);
    out.resize(end, 0);
}

/// Appends so many numbers that stand here.
pub(crate) fn get(bytes: &[u8], count: usize, numbers: &mut Vec<i64>) -> Result<(), ParquetError> {
    read(bytes, count, numbers).ok_or_else(|| bad("a page of numbers"))
}

fn read(mut bytes: &[u8], count: usize, numbers: &mut Vec<i64>) -> Option<()> {
    let (block, parts, total) = (get_varint(&mut bytes)?, get_varint(&mut bytes)?, get_varint(&mut bytes)?);
    let mut last = get_signed(&mut bytes)?;
    if !(1..=BLOCK_MAX).contains(&block)
        || !(1..=block / 32).contains(&parts)
        || block % parts > 0
        || block / parts % 32 > 0
        || total != count as u64
    {
        return None;
    }
    let (parts, part_rows) = (parts as usize, (block / parts) as usize);
    let end = numbers.len() + count;
    if count > 0 {
        numbers.push(last);
    }
    while numbers.len() < end {
        let least = get_signed(&mut bytes)?;
        let (widths, rest) = bytes.split_at_checked(parts)?;
        bytes = rest;
        for width in widths.iter().map(|width| u32::from(*width)) {
            let missing = (end - numbers.len()).min(part_rows);
            // Nobody says what stands for the widths of parts that are not there.
            if missing == 0 {
                break;
            }
            if width > u64::BITS {
                return None;
            }
            let (part, rest) = bytes.split_at_checked(part_rows * width as usize / 8)?;
            bytes = rest;
            unpack(part, width, missing, |over| {
                last = last.wrapping_add(least).wrapping_add(over as i64);
                numbers.push(last);
            });
        }
    }
    Some(())
}

fn unpack(bytes: &[u8], width: u32, count: usize, mut each: impl FnMut(u64)) {
    let mask = if width == u64::BITS { u64::MAX } else { (1 << width) - 1 };
    let (mut bits, mut filled, mut words) = (0_u128, 0, bytes.chunks(8));
    for _ in 0..count {
        if filled < width {
            let mut word = [0; 8];
            let next = words.next().unwrap_or_default();
            word[..next.len()].copy_from_slice(next);
            bits |= u128::from(u64::from_le_bytes(word)) << filled;
            filled += 64;
        }
        each(bits as u64 & mask);
        bits >>= width;
        filled -= width;
    }
}

fn put_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_signed(number: i64, out: &mut Vec<u8>) {
    put_varint((number << 1 ^ number >> 63) as u64, out);
}

fn get_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn get_signed(bytes: &mut &[u8]) -> Option<i64> {
    get_varint(bytes).map(|number| (number >> 1) as i64 ^ -((number & 1) as i64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(numbers: &[i64]) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(numbers, &mut bytes);
        bytes
    }

    fn read_back(bytes: &[u8], count: usize) -> Option<Vec<i64>> {
        let mut numbers = Vec::new();
        get(bytes, count, &mut numbers).ok().map(|()| numbers)
    }

    /// From the format's own documentation: equal differences take no bits.
    #[test]
    fn it_is_the_form_that_the_format_describes() {
        assert_eq!(written(&[1, 2, 3, 4, 5]), [0x80, 2, 4, 5, 2, 2, 0, 0, 0, 0]);
        let in_blocks_of_128 = [0x80, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0, 0, 0];
        assert_eq!(read_back(&in_blocks_of_128, 8), Some(vec![7, 5, 3, 1, 2, 3, 4, 5]));
        assert_eq!(written(&[7, 5, 3, 1, 2, 3, 4, 5]), [&[0x80, 2, 4, 8, 14, 3, 2, 0, 0, 0, 0xc0, 0x3f][..], &[0; 14]].concat());
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(numbers in prop::collection::vec(any::<i64>(), 0..600)) {
            prop_assert_eq!(read_back(&written(&numbers), numbers.len()), Some(numbers));
        }

        #[test]
        fn numbers_that_are_near_each_other_are_read(steps in prop::collection::vec(-5_i64..2_000, 0..600)) {
            let numbers: Vec<i64> = steps.iter().scan(1_700_000_000_000_000, |at, step| { *at += step; Some(*at) }).collect();
            prop_assert_eq!(read_back(&written(&numbers), numbers.len()), Some(numbers));
        }

        #[test]
        fn whatever_is_read_ends(bytes in prop::collection::vec(any::<u8>(), 0..80), count in 0_usize..5_000) {
            let whole = [&[0x80, 2, 4][..], &bytes].concat();
            for bytes in [bytes, whole] {
                if let Some(numbers) = read_back(&bytes, count) {
                    prop_assert_eq!(numbers.len(), count);
                }
            }
        }
    }
}
