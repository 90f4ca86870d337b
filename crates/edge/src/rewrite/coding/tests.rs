use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;

use super::*;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn raw(text: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(text: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
}

fn brotli(text: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    ::brotli::BrotliCompress(&mut &*text, &mut coded, &::brotli::enc::BrotliEncoderParams::default()).expect("memory");
    coded
}

/// Everything a decoder makes of pieces of this length.
fn decode(coding: Coding, coded: &[u8], piece: usize) -> Option<Vec<u8>> {
    let mut decoder = coding.decoder();
    let (mut waiting, mut output) = (Vec::new(), Vec::new());
    for piece in coded.chunks(piece.max(1)) {
        waiting.extend_from_slice(piece);
        loop {
            let before = output.len();
            let step = decoder.step(&waiting, &mut output).ok()?;
            assert!(output.len() - before <= 4 * PIECE_BYTES, "a step gives a bounded piece");
            waiting.drain(..step.consumed);
            if step.consumed == 0 && !step.has_more && output.len() == before {
                break;
            }
        }
    }
    decoder.may_end(&waiting).then_some(output)
}

fn every_coding(text: &[u8]) -> [(Coding, Vec<u8>); 5] {
    [
        (Coding::Gzip, gzip(text)),
        (Coding::Deflate, zlib(text)),
        (Coding::Deflate, raw(text)),
        (Coding::Zstd, zstd(text)),
        (Coding::Brotli, brotli(text)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_was_put_on_comes_off_in_pieces_of_any_length(text in proptest::collection::vec(0_u8..8, 0..3000), times in 1_usize..40, piece in 1_usize..700) {
        let text = text.repeat(times);
        for (coding, coded) in every_coding(&text) {
            prop_assert_eq!(decode(coding, &coded, piece), Some(text.clone()), "{:?}", coding);
        }
    }

    #[test]
    fn any_bytes_at_all_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), piece in 1_usize..50) {
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
            let _ = decode(coding, &bytes, piece);
        }
    }

    #[test]
    fn what_is_packed_again_is_the_same(pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..3000), 0..12)) {
        let (mut encoder, mut coded) = (GzipEncoder::new(), Vec::new());
        for (at, piece) in pieces.iter().enumerate() {
            encoder.write(piece, &mut coded);
            if at % 3 == 0 {
                encoder.flush(&mut coded);
            }
        }
        encoder.end(&mut coded);
        prop_assert_eq!(decode(Coding::Gzip, &coded, 64), Some(pieces.concat()));
    }
}

#[test]
fn an_answer_that_breaks_off_does_not_end() {
    let text = b"<p>books</p>".repeat(400);
    for (coding, coded) in every_coding(&text) {
        for length in [1, coded.len() / 2, coded.len() - 1] {
            assert_eq!(decode(coding, &coded[..length], 7), None, "{coding:?} {length}");
        }
        assert_eq!(decode(coding, &[], 1).as_deref(), Some(&b""[..]));
    }
}

#[test]
fn several_files_after_each_other_are_one() {
    let two = [gzip(b"one "), gzip(b"two")].concat();
    assert_eq!(decode(Coding::Gzip, &two, 3).as_deref(), Some(&b"one two"[..]));
    let two = [zstd(b"one "), b"\x53\x2a\x4d\x18\x03\0\0\0abc".to_vec(), zstd(b"two")].concat();
    assert_eq!(decode(Coding::Zstd, &two, 3).as_deref(), Some(&b"one two"[..]));
    let rest = [gzip(b"one"), b"rest".to_vec()].concat();
    assert_eq!(decode(Coding::Gzip, &rest, 3).as_deref(), Some(&b"one"[..]));
}

#[test]
fn much_out_of_little_comes_a_piece_at_a_time() {
    let text = vec![b' '; 20_000_000];
    for (coding, coded) in every_coding(&text) {
        assert_eq!(decode(coding, &coded, 4096).map(|text| text.len()), Some(text.len()), "{coding:?}");
    }
}

fn accepting(value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
}

#[test]
fn a_visitor_takes_what_the_request_says() {
    for (value, accepted) in [
        ("gzip, deflate, br", true),
        ("br;q=1.0, GZIP;q=0.5", true),
        ("gzip;q=0", false),
        ("gzip; q=0.000, *", false),
        ("*", true),
        ("*;q=0", false),
        ("br", false),
        ("", false),
    ] {
        assert_eq!(accepts_gzip(&accepting(value)), accepted, "{value}");
    }
    assert!(!accepts_gzip(&HeaderMap::new()));
}

#[test]
fn the_site_is_asked_for_nothing_that_cannot_be_read() {
    for (value, narrowed) in [
        ("gzip, deflate, br, zstd", "gzip, deflate, br, zstd"),
        ("gzip;q=0.8, dcb, br, *;q=0.1", "gzip;q=0.8, br"),
        ("compress", "identity"),
        ("", ""),
    ] {
        let mut headers = accepting(value);
        narrow(&mut headers);
        assert_eq!(headers[header::ACCEPT_ENCODING], narrowed, "{value}");
    }
    let mut headers = HeaderMap::new();
    narrow(&mut headers);
    assert!(headers.is_empty());
}
