//! hyper drops the `Content-Length` of a request that also has a `Transfer-Encoding`, and the fragment of a request target, before anybody sees them.
//! This reads along, so that such a request is refused and not guessed at.

use std::sync::atomic::{AtomicU64, Ordering};

/// Follows the heads of an HTTP/1 connection through the bytes as they arrive.
pub(super) struct HeadReader {
    state: State,
    heads: u64,
    /// The beginning of the line that is being read; no name that matters is longer.
    line: [u8; LINE],
    line_length: usize,
    /// More of the line came than is kept.
    line_is_cut: bool,
    in_request_line: bool,
    has_fragment: bool,
    has_encoding: bool,
    has_length: bool,
    /// None where it cannot be read here: then nobody is asked to guess it.
    length: Option<u64>,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Head,
    /// Bytes of a body still to come.
    Body(u64),
    /// The connection ends after this request, or carries something else.
    Over,
}

const LINE: usize = 48;

/// The number of the first request that nobody should guess the meaning of, counted from 0.
#[derive(Debug)]
pub(crate) struct Ambiguous(AtomicU64);

impl Default for Ambiguous {
    fn default() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}

impl Ambiguous {
    pub(crate) fn is(&self, request: u64) -> bool {
        self.0.load(Ordering::Relaxed) == request
    }

    fn mark(&self, request: u64) {
        self.0.fetch_min(request, Ordering::Relaxed);
    }
}

impl Default for HeadReader {
    fn default() -> Self {
        Self {
            state: State::Head,
            heads: 0,
            line: [0; LINE],
            line_length: 0,
            line_is_cut: false,
            in_request_line: true,
            has_fragment: false,
            has_encoding: false,
            has_length: false,
            length: None,
        }
    }
}

impl HeadReader {
    pub(super) fn read(&mut self, mut bytes: &[u8], ambiguous: &Ambiguous) {
        while !bytes.is_empty() {
            match &mut self.state {
                State::Over => return,
                State::Body(left) => {
                    let skipped = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= skipped as u64;
                    if *left == 0 {
                        self.state = State::Head;
                    }
                    bytes = &bytes[skipped..];
                }
                State::Head => {
                    let end = memchr::memchr(b'\n', bytes);
                    let (part, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
                    self.keep(part);
                    if end.is_some() {
                        self.end_of_line(ambiguous);
                        bytes = &rest[1..];
                    } else {
                        bytes = rest;
                    }
                }
            }
        }
    }

    fn keep(&mut self, part: &[u8]) {
        if self.in_request_line {
            self.has_fragment |= memchr::memchr(b'#', part).is_some();
        }
        let room = (LINE - self.line_length).min(part.len());
        self.line[self.line_length..self.line_length + room].copy_from_slice(&part[..room]);
        self.line_length += room;
        self.line_is_cut |= room < part.len();
    }

    fn end_of_line(&mut self, ambiguous: &Ambiguous) {
        let line = self.line[..self.line_length].trim_ascii_end();
        if line.is_empty() {
            // Empty lines before a request line are passed over.
            if !self.in_request_line {
                self.end_of_head(ambiguous);
            }
        } else if self.in_request_line {
            self.in_request_line = false;
        } else if line[0] | 0x20 == b't' && begins(line, b"transfer-encoding:") {
            self.has_encoding = true;
        } else if line[0] | 0x20 == b'c' && begins(line, b"content-length:") {
            self.has_length = true;
            let digits = line[b"content-length:".len()..].trim_ascii();
            self.length = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).filter(|_| !self.line_is_cut);
        }
        (self.line_length, self.line_is_cut) = (0, false);
    }

    fn end_of_head(&mut self, ambiguous: &Ambiguous) {
        let length_is_doubtful = self.has_length && self.length.is_none();
        if self.has_fragment || length_is_doubtful || (self.has_encoding && self.has_length) {
            ambiguous.mark(self.heads);
        }
        self.state = match (self.has_encoding, self.has_length, self.length) {
            (true, ..) | (_, true, None) => State::Over,
            (_, _, None | Some(0)) => State::Head,
            (_, _, Some(length)) => State::Body(length),
        };
        self.heads += 1;
        self.in_request_line = true;
        (self.has_fragment, self.has_encoding, self.has_length, self.length) = (false, false, false, None);
    }
}

fn begins(line: &[u8], name: &[u8]) -> bool {
    line.len() >= name.len() && line[..name.len()].eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_ambiguous(pieces: &[&str]) -> Option<u64> {
        let (mut reader, ambiguous) = (HeadReader::default(), Ambiguous::default());
        for piece in pieces {
            reader.read(piece.as_bytes(), &ambiguous);
        }
        (0..10).find(|request| ambiguous.is(*request))
    }

    #[test]
    fn a_length_beside_an_encoding_is_seen_whichever_comes_first() {
        assert_eq!(first_ambiguous(&["POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"]), Some(0));
        assert_eq!(first_ambiguous(&["POST / HTTP/1.1\r\ntransfer-encoding:chunked\r\ncontent-length:4\r\n\r\n"]), Some(0));
        assert_eq!(first_ambiguous(&["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"]), None);
    }

    #[test]
    fn it_is_seen_in_pieces_and_behind_other_requests() {
        let request = "GET / HTTP/1.1\nHost: a\n\n\r\nPOST / HTTP/1.1\r\nContent-Length: 40\r\n\r\n\
                       Transfer-Encoding: a\r\nContent-Length: 5GET /#here HTTP/1.1\r\n\r\n";
        let pieces: Vec<&str> = request.split_inclusive(|_| true).collect();
        assert_eq!(first_ambiguous(&[request]), Some(2));
        assert_eq!(first_ambiguous(&pieces), Some(2));
    }

    #[test]
    fn a_length_that_is_longer_than_the_reader_keeps_is_not_guessed_at() {
        for padding in [" ".repeat(40), "0".repeat(40)] {
            let request = format!("POST / HTTP/1.1\r\nContent-Length:{padding}5\r\n\r\nhello");
            assert_eq!(first_ambiguous(&[&request]), Some(0), "{request}");
        }
        assert_eq!(first_ambiguous(&["GET / HTTP/1.1\r\nX: a very long line that means nothing to anybody who reads it\r\n\r\n"]), None);
    }

    #[test]
    fn what_a_body_says_is_not_a_head() {
        assert_eq!(
            first_ambiguous(&[
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n30\r\nContent-Length: 3\r\n\r\n GET /# HTTP/1.1\r\n\r\n"
            ]),
            None
        );
    }
}
