use disk::{Disk, SimulatedDisk};
use domain::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::record::{put_gap, read};
use crate::visit::Gap;

fn header() -> Header {
    let created = "2026-07-01T12:00:00Z".parse().expect("a time");
    Header { number: 3, created, rewritten: false, previous: 2, previous_length: 99 }
}

/// A segment of so many gaps, the n-th of n visits.
fn segment(count: u64) -> Vec<u8> {
    let mut bytes = header().encode().to_vec();
    let mut frames = Vec::new();
    for count in 0..count {
        put_gap(&mut frames, &Gap { from: Timestamp::UNIX_EPOCH, to: Timestamp::UNIX_EPOCH, count });
    }
    frame::seal(&mut frames, header().salt());
    bytes.extend(frames);
    bytes
}

fn reader_of(bytes: &[u8], end: usize) -> SegmentReader {
    let disk = SimulatedDisk::new();
    disk.create("segment").and_then(|mut file| file.write(bytes)).expect("space");
    SegmentReader::new(disk.open("segment").expect("it is there"), 3, Ok(header()), end as u64)
}

/// The counts of the gaps that can be read, and the damage.
fn read_all(bytes: &[u8], end: usize) -> (Vec<u64>, Vec<Damage>) {
    let mut reader = reader_of(bytes, end);
    let (mut counts, mut damages, mut next) = (Vec::new(), Vec::new(), HEADER as u64);
    while let Some(piece) = reader.next() {
        match piece {
            Piece::Payload { offset, payload } => {
                assert_eq!(offset, next, "nothing is passed over in silence");
                next = offset + (FRAME_HEAD + payload.len()) as u64;
                if let Some(record::Record::Gap(gap)) = read(payload) {
                    counts.push(gap.count);
                }
            }
            Piece::Damage(damage) => {
                assert_eq!(damage.offset, next, "nothing is passed over in silence");
                next = damage.offset + damage.bytes;
                damages.push(damage);
            }
        }
    }
    assert_eq!(next, end.max(HEADER) as u64, "everything is read");
    (counts, damages)
}

#[test]
fn a_changed_byte_costs_one_record() {
    let whole = segment(5);
    let frame_bytes = (whole.len() - HEADER) / 5;
    for at in HEADER..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        let (counts, damage) = read_all(&bytes, bytes.len());
        let hit = ((at - HEADER) / frame_bytes) as u64;
        assert_eq!(counts, (0..5).filter(|count| *count != hit).collect::<Vec<_>>(), "byte {at}");
        assert_eq!(damage.len(), 1, "byte {at}");
        assert_eq!(damage[0].bytes, frame_bytes as u64, "byte {at}");
    }
}

#[test]
fn a_file_that_is_too_short_says_by_how_much() {
    let whole = segment(3);
    let frame_bytes = (whole.len() - HEADER) / 3;
    let (counts, damage) = read_all(&whole[..whole.len() - frame_bytes], whole.len());
    assert_eq!(counts, [0, 1]);
    assert_eq!(damage.len(), 1);
    assert_eq!((damage[0].what, damage[0].bytes), (DamageKind::CutShort, frame_bytes as u64));
}

#[test]
fn zeros_are_no_records() {
    let mut bytes = segment(2);
    bytes.extend([0; 1000]);
    let (counts, damage) = read_all(&bytes, bytes.len());
    assert_eq!(counts, [0, 1]);
    assert_eq!((damage.len(), damage[0].bytes), (1, 1000));
}

#[test]
fn a_record_that_somebody_planted_in_a_text_is_never_read() {
    let foreign = Header { created: Timestamp::UNIX_EPOCH, ..header() };
    let mut planted = Vec::new();
    put_gap(&mut planted, &Gap { from: Timestamp::UNIX_EPOCH, to: Timestamp::UNIX_EPOCH, count: 666 });
    frame::seal(&mut planted, foreign.salt());
    let mut bytes = segment(1);
    bytes.extend([0xff; 40]);
    bytes.extend(&planted);
    bytes.extend([0xff; 40]);
    let (counts, damage) = read_all(&bytes, bytes.len());
    assert_eq!(counts, [0]);
    assert_eq!(damage[0].bytes, 80 + planted.len() as u64);
}

#[test]
fn a_long_segment_passes_through_a_small_window() {
    let count = (3 * WINDOW / 33) as u64;
    let bytes = segment(count);
    let (counts, damage) = read_all(&bytes, bytes.len());
    assert_eq!((counts.len() as u64, damage), (count, Vec::new()));
}

proptest! {
    #[test]
    fn whatever_bytes_come_they_are_all_accounted_for(noise in proptest::collection::vec(any::<u8>(), 0..2000), good in 0_u64..4) {
        let mut bytes = segment(good);
        bytes.extend(&noise);
        bytes.extend(&segment(good)[HEADER..]);
        let (counts, _) = read_all(&bytes, bytes.len());
        let expected: Vec<u64> = (0..good).chain(0..good).collect();
        prop_assert_eq!(counts, expected);
    }

    #[test]
    fn a_broken_header_is_never_believed(at in 0..HEADER, bit in 0_u8..8) {
        let mut bytes = header().encode();
        bytes[at] ^= 1 << bit;
        prop_assert!(Header::decode(&bytes).is_err());
    }
}
