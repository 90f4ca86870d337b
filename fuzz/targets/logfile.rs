//! The logs of other servers: any bytes are lines or broken lines, however they arrive; any line is an entry or none; and no query survives.
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use logfile::{Ending, Format, LINE_BYTES_MAX, LineReader, Parser};
use visits::is_robot;

fuzz_target!(|bytes: &[u8]| {
    let (lines, ending) = read(bytes);
    // How much comes out of a damaged archive before the damage is noticed depends on how it is taken in.
    if ending != Ending::Damaged {
        assert_eq!(lines, read(Dripping(bytes, 1 + bytes.len() % 7)).0, "however the bytes arrive");
    }
    let mut found = LineReader::open(bytes).expect("a slice can be read");
    let found = found.beginning(20).ok().and_then(Format::find);
    for format in Format::ALL {
        let mut parser = Parser::new(format);
        let mut entries = 0;
        for line in lines.iter().filter_map(|line| line.as_ref().ok()) {
            entries += usize::from(has_entry(&mut parser, line));
        }
        // W3C's format is found by its heading alone.
        assert!(found != Some(format) || format == Format::W3cExtended || entries > 0, "{format:?} was found and reads nothing");
    }
});

type Lines = Vec<Result<Vec<u8>, logfile::Why>>;

fn read(bytes: impl Read) -> (Lines, Ending) {
    let mut reader = LineReader::open(bytes).expect("a slice can be read");
    let (mut lines, mut end) = (Lines::new(), 0);
    while let Some(line) = reader.next().expect("a slice can be read") {
        assert!(line.end > end && line.number == lines.len() as u64 + 1);
        end = line.end;
        let text = line.text.map(<[u8]>::to_vec);
        assert!(text.as_ref().is_ok_and(|text| text.len() <= LINE_BYTES_MAX && !text.contains(&0)) || text.is_err());
        lines.push(text);
        if !line.is_whole {
            break;
        }
    }
    (lines, reader.ending())
}

fn has_entry(parser: &mut Parser, line: &[u8]) -> bool {
    let Ok(Some(entry)) = parser.read(line) else { return false };
    assert!(entry.path.as_deref().is_none_or(|path| !path.is_empty() && !path.contains(['?', '#'])));
    assert!(entry.referrer.as_deref().is_none_or(|referrer| !referrer.is_empty() && !referrer.contains(['?', '#'])));
    assert!(entry.method.as_deref().is_none_or(|method| !method.is_empty() && method.is_ascii() && method.len() <= 32));
    assert!(entry.status.is_none_or(|status| (100..1000).contains(&status)));
    for text in [&entry.user, &entry.browser, &entry.host].into_iter().flatten() {
        assert!(!text.is_empty());
        is_robot(text);
    }
    true
}

/// A pipe that hands out a few bytes at a time.
struct Dripping<'d>(&'d [u8], usize);

impl Read for Dripping<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let bytes = out.len().min(self.1);
        self.0.read(&mut out[..bytes])
    }
}
