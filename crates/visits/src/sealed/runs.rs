//! Small numbers as a page of a Parquet file holds them: what repeats as one of it and how often, the rest in as few bits as each needs.

/// How many bits a number up to this needs.
pub(crate) const fn width_of(greatest: u32) -> u8 {
    (u32::BITS - greatest.leading_zeros()) as u8
}

/// Appends these numbers, each of at most so many bits.
pub(crate) fn put(numbers: &[u32], width: u8, out: &mut Vec<u8>) {
    // Fewer are not worth their own head.
    const REPEATS_MIN: usize = 8;
    let (mut packed, mut at) = (0, 0);
    while at < numbers.len() {
        let repeats = numbers[at..].iter().take_while(|number| **number == numbers[at]).count();
        // What stands before is packed in eights; it takes of these what it lacks.
        let lacks = (at - packed).next_multiple_of(8) - (at - packed);
        if repeats >= lacks + REPEATS_MIN {
            pack(&numbers[packed..at + lacks], width, out);
            put_varint((repeats - lacks) << 1, out);
            out.extend_from_slice(&numbers[at].to_le_bytes()[..usize::from(width).div_ceil(8)]);
            packed = at + repeats;
        }
        at += repeats;
    }
    pack(&numbers[packed..], width, out);
}

fn pack(numbers: &[u32], width: u8, out: &mut Vec<u8>) {
    if numbers.is_empty() {
        return;
    }
    let eights = numbers.len().div_ceil(8);
    put_varint(eights << 1 | 1, out);
    let end = out.len() + eights * usize::from(width);
    let (mut bits, mut filled) = (0_u64, 0);
    for number in numbers {
        bits |= u64::from(*number) << filled;
        filled += width;
        if filled >= 32 {
            out.extend_from_slice(&(bits as u32).to_le_bytes());
            bits >>= 32;
            filled -= 32;
        }
    }
    let rest = bits.to_le_bytes();
    out.extend_from_slice(&rest[..usize::from(filled).div_ceil(8)]);
    out.resize(end, 0);
}

fn put_varint(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends so many numbers that stand here; nothing where they are in no form that the format has.
pub(crate) fn get(mut bytes: &[u8], width: u8, count: usize, numbers: &mut Vec<u32>) -> Option<()> {
    let end = numbers.len() + count;
    if width > 32 {
        return None;
    }
    while numbers.len() < end {
        let head = get_varint(&mut bytes)?;
        let missing = end - numbers.len();
        if head & 1 == 0 {
            let (value, rest) = bytes.split_at_checked(usize::from(width).div_ceil(8))?;
            let mut number = [0; 4];
            number[..value.len()].copy_from_slice(value);
            numbers.resize(numbers.len() + (head >> 1).min(missing), u32::from_le_bytes(number));
            bytes = rest;
        } else {
            let packed = (head >> 1).checked_mul(usize::from(width))?;
            let (packed, rest) = bytes.split_at_checked(packed)?;
            unpack(packed, width, (head >> 1).saturating_mul(8).min(missing), numbers);
            bytes = rest;
        }
        // Heads that stand for nothing would go on for ever.
        if head >> 1 == 0 {
            return None;
        }
    }
    Some(())
}

fn unpack(bytes: &[u8], width: u8, count: usize, numbers: &mut Vec<u32>) {
    let mask = (1_u64 << width) - 1;
    let (mut bits, mut filled, mut words) = (0_u64, 0, bytes.chunks(4));
    numbers.extend((0..count).map(|_| {
        if filled < width {
            let mut word = [0; 4];
            let next = words.next().unwrap_or_default();
            word[..next.len()].copy_from_slice(next);
            bits |= u64::from(u32::from_le_bytes(word)) << filled;
            filled += 32;
        }
        let number = bits & mask;
        bits >>= width;
        filled -= width;
        number as u32
    }));
}

fn get_varint(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(numbers: &[u32], width: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(numbers, width, &mut bytes);
        bytes
    }

    fn read(bytes: &[u8], width: u8, count: usize) -> Option<Vec<u32>> {
        let mut numbers = Vec::new();
        get(bytes, width, count, &mut numbers).map(|()| numbers)
    }

    /// From the format's own documentation: the numbers 0 to 7 in three bits each.
    #[test]
    fn it_is_the_form_that_the_format_describes() {
        assert_eq!(written(&[0, 1, 2, 3, 4, 5, 6, 7], 3), [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        assert_eq!(written(&[5; 100], 3), [0xc8, 0x01, 5]);
    }

    #[test]
    fn what_is_cut_short_or_stands_for_nothing_is_not_read() {
        assert_eq!(read(&[], 3, 1), None);
        assert_eq!(read(&[0b11, 0, 0], 3, 8), None);
        assert_eq!(read(&[0, 0, 0, 0], 3, 1), None);
        assert_eq!(read(&[0xff; 20], 3, 1), None);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(width in 0_u8..=32, runs in prop::collection::vec((any::<u32>(), 1_usize..30), 0..60)) {
            let mask = ((1_u64 << width) - 1) as u32;
            let numbers: Vec<u32> = runs.iter().flat_map(|(number, times)| std::iter::repeat_n(number & mask, *times)).collect();
            prop_assert_eq!(read(&written(&numbers, width), width, numbers.len()), Some(numbers));
        }

        #[test]
        fn whatever_is_read_ends(bytes in prop::collection::vec(any::<u8>(), 0..60), width in 0_u8..=40, count in 0_usize..5_000) {
            if let Some(numbers) = read(&bytes, width, count) {
                prop_assert_eq!(numbers.len(), count);
            }
        }
    }
}
