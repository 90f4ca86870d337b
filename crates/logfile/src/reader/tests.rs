use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

/// Its number, its text or what was wrong with it, and whether it is whole.
type ReadLine = (u64, Result<Vec<u8>, Why>, bool);

fn all(reader: &mut LineReader<impl Read>) -> Vec<ReadLine> {
    let mut lines = Vec::new();
    while let Some(line) = reader.next().unwrap() {
        lines.push((line.number, line.text.map(<[u8]>::to_vec), line.is_whole));
    }
    lines
}

fn read(bytes: &[u8]) -> (Vec<ReadLine>, Ending) {
    let mut reader = LineReader::open(bytes).unwrap();
    let lines = all(&mut reader);
    (lines, reader.ending())
}

fn texts(bytes: &[u8]) -> Vec<String> {
    read(bytes).0.into_iter().map(|(_, text, _)| String::from_utf8(text.unwrap()).unwrap()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn many_lines() -> Vec<u8> {
    (0..20_000).flat_map(|number| format!("line {number} {}\n", "x".repeat(number % 97)).into_bytes()).collect()
}

#[test]
fn lines_end_as_unix_and_as_windows_end_them() {
    assert_eq!(texts(b"a\nb\r\n\nc\r\r\n"), ["a", "b", "", "c\r"]);
    assert_eq!(texts(b""), Vec::<String>::new());
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_line() {
    let mut reader = LineReader::open(&b"\xef\xbb\xbfa\nb\n"[..]).unwrap();
    assert_eq!(all(&mut reader), [(1, Ok(b"a".to_vec()), true), (2, Ok(b"b".to_vec()), true)]);
    assert_eq!(reader.position(), 7);
    assert_eq!(read(b"\xef\xbb").0, [(1, Ok(b"\xef\xbb".to_vec()), false)], "half of one is none");
}

#[test]
fn the_last_line_without_a_line_break_says_so() {
    assert_eq!(read(b"a\nb").0, [(1, Ok(b"a".to_vec()), true), (2, Ok(b"b".to_vec()), false)]);
}

/// A file to which somebody else writes.
struct Growing<'g> {
    parts: Vec<&'g [u8]>,
}

impl Read for Growing<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.parts.first_mut() {
            None => Ok(0),
            // The writer has not come further yet.
            Some([]) => {
                self.parts.remove(0);
                Ok(0)
            }
            Some(part) => part.read(out),
        }
    }
}

#[test]
fn a_line_that_grows_is_handed_out_again() {
    let mut reader = LineReader::continued(Growing { parts: vec![b"a\nb", b"c\n"] }, 0, 0);
    assert_eq!(reader.next().unwrap().unwrap().text, Ok(&b"a"[..]));
    let partial = reader.next().unwrap().unwrap();
    assert_eq!((partial.text, partial.is_whole, partial.number, partial.end), (Ok(&b"b"[..]), false, 2, 3));
    assert_eq!((reader.position(), reader.lines()), (2, 1), "it does not count yet");
    let whole = reader.next().unwrap().unwrap();
    assert_eq!((whole.text, whole.is_whole, whole.number, whole.end), (Ok(&b"bc"[..]), true, 2, 5));
    assert_eq!(reader.next().unwrap(), None);
    assert_eq!((reader.position(), reader.lines()), (5, 2));
}

#[test]
fn a_broken_line_says_where_it_is_and_never_what() {
    let log = b"192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 2326\na secret\n\0\n";
    let (mut reader, mut parser) = (LineReader::open(&log[..]).unwrap(), Parser::new(crate::Format::Common));
    assert!(reader.next().unwrap().unwrap().read(&mut parser).unwrap().is_some());
    let mut broken = || reader.next().unwrap().unwrap().read(&mut parser).unwrap_err().to_string();
    assert_eq!([broken(), broken()], ["line 2: has no time where its format has one", "line 3: holds NUL bytes"]);
}

#[test]
fn the_same_rest_is_handed_out_once() {
    let mut reader = LineReader::open(&b"a"[..]).unwrap();
    assert!(reader.next().unwrap().is_some());
    assert!(reader.next().unwrap().is_none());
}

#[test]
fn lines_up_to_the_limit_are_read_and_longer_ones_passed_over() {
    let fits = vec![b'x'; LINE_BYTES_MAX];
    let too_long = vec![b'x'; LINE_BYTES_MAX + 1];
    let log = [&fits[..], b"\r\n", &too_long, b"\n", &fits, b"\na\n"].concat();
    let expected = [(1, Ok(fits.clone()), true), (2, Err(Why::TooLong), true), (3, Ok(fits.clone()), true), (4, Ok(b"a".to_vec()), true)];
    assert_eq!(read(&log).0, expected);
    assert_eq!(read(&too_long).0, [(1, Err(Why::TooLong), false)]);
    assert_eq!(Why::TooLong.to_string(), "longer than 65536 bytes");
}

#[test]
fn a_line_of_two_gigabytes_takes_no_memory() {
    const LENGTH: u64 = 2 << 30;
    let log = io::repeat(b'x').take(LENGTH).chain(&b"\nb\n"[..]);
    let mut reader = LineReader::open(log).unwrap();
    assert_eq!(all(&mut reader), [(1, Err(Why::TooLong), true), (2, Ok(b"b".to_vec()), true)]);
    assert_eq!(reader.position(), LENGTH + 3);
    assert_eq!(reader.buffer.capacity(), BUFFER_BYTES);
}

#[test]
fn nul_bytes_break_the_line_they_are_in_and_no_other() {
    let run = vec![0; 300_000];
    let log = [b"a\nb\0c\nd\n", &run[..], b"e\nf\n", &run[..1000]].concat();
    let expected = [
        (1, Ok(b"a".to_vec()), true),
        (2, Err(Why::Nul), true),
        (3, Ok(b"d".to_vec()), true),
        (4, Err(Why::Nul), true),
        (5, Ok(b"f".to_vec()), true),
        (6, Err(Why::Nul), false),
    ];
    assert_eq!(read(&log).0, expected);
}

#[test]
fn what_is_packed_is_unpacked() {
    let log = many_lines();
    let plain = read(&log);
    for packed in [gzip(&log), zstd(&log)] {
        assert_eq!(read(&packed), plain);
    }
    assert_eq!(read(&gzip(b"")), (Vec::new(), Ending::Whole));
}

#[test]
fn packed_parts_may_follow_each_other() {
    let log = many_lines();
    let (first, second) = log.split_at(100_001);
    for pack in [gzip, zstd] {
        assert_eq!(read(&[pack(first), pack(second)].concat()), read(&log));
    }
    let note = [&[0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    assert_eq!(read(&[note, zstd(b"a\n")].concat()), read(b"a\n"));
}

#[test]
fn a_packed_file_that_ends_early_says_so_and_gives_what_it_has() {
    let log = many_lines();
    for packed in [gzip(&log), zstd(&log)] {
        let (lines, ending) = read(&packed[..packed.len() / 2]);
        assert_eq!(ending, Ending::Early);
        let whole = lines.iter().filter(|(_, _, is_whole)| *is_whole).count();
        assert!(whole > 1_000, "{whole}");
        assert_eq!(lines[..whole], read(&log).0[..whole]);
    }
}

#[test]
fn a_packed_file_that_is_damaged_says_so() {
    let log = many_lines();
    for packed in [gzip(&log), zstd(&log)] {
        let mut damaged = packed.clone();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 40].fill(0xff);
        assert_eq!(read(&damaged).1, Ending::Damaged);
        let (lines, ending) = read(&[&packed[..], b"no gzip and no zstd"].concat());
        assert_eq!((lines.len(), ending), (20_000, Ending::Damaged), "all that was before is there");
    }
}

struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }
}

#[test]
fn a_disk_that_fails_is_an_error_and_no_ending() {
    let log = many_lines();
    for bytes in [log.clone(), gzip(&log), zstd(&log)] {
        let half = bytes.len() / 2;
        let mut reader = LineReader::open((&bytes[..half]).chain(Failing)).unwrap();
        let error = loop {
            match reader.next() {
                Ok(line) => assert!(line.is_some()),
                Err(error) => break error,
            }
        };
        assert_eq!(error.to_string(), "the disk is gone");
    }
}

#[test]
fn reading_goes_on_where_it_was() {
    let log = many_lines();
    let expected = read(&log).0;
    let mut reader = LineReader::open(&log[..]).unwrap();
    for _ in 0..12_345 {
        reader.next().unwrap();
    }
    let (position, lines) = (reader.position(), reader.lines());
    assert_eq!(lines, 12_345);
    let rest = &expected[12_345..];
    assert_eq!(all(&mut LineReader::continued(&log[usize::try_from(position).unwrap()..], position, lines)), rest);
    for bytes in [log.clone(), gzip(&log), zstd(&log)] {
        let mut reader = LineReader::open(&bytes[..]).unwrap();
        assert!(reader.skip_to(position, lines).unwrap());
        assert_eq!(all(&mut reader), rest);
    }
    assert!(LineReader::open(&b"\xef\xbb\xbfa\n"[..]).unwrap().skip_to(0, 0).unwrap(), "a byte order mark is passed over already");
    assert!(!LineReader::open(&log[..100]).unwrap().skip_to(position, lines).unwrap(), "it was cut off since");
}

#[test]
fn looking_at_the_beginning_takes_nothing() {
    let log = many_lines();
    let mut reader = LineReader::open(&log[..]).unwrap();
    assert!(log.starts_with(reader.beginning(10).unwrap()));
    assert!(memchr_iter(b'\n', reader.beginning(10).unwrap()).count() >= 10);
    assert_eq!(all(&mut reader), read(&log).0);
    assert_eq!(LineReader::open(&b"a"[..]).unwrap().beginning(10).unwrap(), b"a");
    let endless = LineReader::open(io::repeat(b'x')).unwrap().beginning(10).unwrap().len();
    assert_eq!(endless, BUFFER_BYTES);
}

/// Hands out a few bytes at a time, as a pipe does.
struct Dripping<'d>(Cursor<&'d [u8]>, usize);

impl Read for Dripping<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = out.len().min(self.1);
        self.0.read(&mut out[..bytes])
    }
}

proptest! {
    #[test]
    fn what_was_joined_is_taken_apart(lines in prop::collection::vec("[^\n\r\0]{0,80}", 1..60), drip in 1..500usize) {
        let mut log = lines.join("\n").into_bytes();
        log.push(b'\n');
        prop_assume!(!log.starts_with(BYTE_ORDER_MARK) && !log.starts_with(&[0x1f, 0x8b]));
        for bytes in [log.clone(), gzip(&log), zstd(&log)] {
            let mut reader = LineReader::open(Dripping(Cursor::new(&bytes), drip)).unwrap();
            let read: Vec<Vec<u8>> = all(&mut reader).into_iter().map(|(_, text, _)| text.unwrap()).collect();
            prop_assert_eq!(&read, &lines.iter().map(|line| line.clone().into_bytes()).collect::<Vec<_>>());
            prop_assert_eq!(reader.position(), log.len() as u64);
        }
    }

    #[test]
    fn whatever_bytes_come_the_positions_fit(bytes: Vec<u8>, is_packed: bool) {
        let packed = if is_packed { [&[0x1f, 0x8b, 8][..], &bytes].concat() } else { bytes };
        let mut reader = LineReader::open(&packed[..]).unwrap();
        let mut last = 0;
        while let Some(line) = reader.next().unwrap() {
            prop_assert!(line.end > last);
            last = line.end;
        }
        prop_assert!(reader.position() <= last.max(3));
    }
}

const KEY: [u8; 32] = [7; 32];

fn fingerprint_of(bytes: &[u8]) -> Fingerprint {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &KEY);
    ring::hmac::sign(&key, bytes).as_ref()[..16].try_into().unwrap()
}

#[test]
fn a_log_is_told_by_its_beginning_packed_or_not() {
    let log = many_lines();
    for bytes in [log.clone(), gzip(&log), zstd(&log)] {
        let mut reader = LineReader::open(&bytes[..]).unwrap().with_fingerprints(&KEY);
        let mut ends = Vec::new();
        while let Some(end) = reader.next().unwrap().map(|line| line.end) {
            if end % 7 == 0 {
                ends.push((end, reader.fingerprint_at(end).unwrap()));
            }
        }
        assert!(ends.len() > 1_000);
        for (end, fingerprint) in ends.into_iter().step_by(100) {
            assert_eq!(fingerprint, fingerprint_of(&log[..end as usize]));
        }
    }
}

#[test]
fn a_place_within_the_last_line_has_a_fingerprint_and_one_before_it_need_not() {
    let log = b"one\ntwo\nthree";
    let mut reader = LineReader::open(&log[..]).unwrap().with_fingerprints(&KEY);
    while reader.next().unwrap().is_some() {}
    assert_eq!(reader.fingerprint_at(10), Some(fingerprint_of(b"one\ntwo\nth")));
    assert_eq!(reader.fingerprint_at(13), Some(fingerprint_of(log)));
    assert_eq!(reader.fingerprint_at(14), None);
    assert_eq!(LineReader::open(&log[..]).unwrap().fingerprint_at(0), None, "nobody asked for any");
}
