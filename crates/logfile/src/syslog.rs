//! What servers send as syslog messages: a line of their log, with who sends it and when before it.

use memchr::{memchr, memmem};

/// The log's line in a message in the form of RFC 5424 or of RFC 3164, which servers keep to in their own ways. What has no such head is the line itself.
pub fn content(message: &[u8]) -> &[u8] {
    let message = message.trim_ascii_end();
    let message = message.strip_suffix(b"\0").unwrap_or(message);
    let Some(rest) = after_priority(message) else { return message };
    let content = rest.strip_prefix(b"1 ").map_or_else(|| after_old_head(rest), after_new_head);
    content.trim_ascii_start()
}

/// `<190>`, which every message begins with.
fn after_priority(message: &[u8]) -> Option<&[u8]> {
    let end = memchr(b'>', message.strip_prefix(b"<")?)?;
    let digits = &message[1..=end];
    ((1..=3).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)).then(|| &message[end + 2..])
}

/// Time, host, program, process and kind of message, each without a space in it, then what is structured, in brackets, or a dash.
fn after_new_head(rest: &[u8]) -> &[u8] {
    let mut left = rest;
    for _ in 0..5 {
        match memchr(b' ', left) {
            Some(space) => left = &left[space + 1..],
            None => return rest,
        }
    }
    let left = left.strip_prefix(b"- ").unwrap_or_else(|| after_structured(left));
    left.strip_prefix(b"\xef\xbb\xbf").unwrap_or(left)
}

/// Behind `[id name="value"]`, as often as it comes. A bracket in a value is escaped.
fn after_structured(mut left: &[u8]) -> &[u8] {
    while left.first() == Some(&b'[') {
        let end = (1..left.len()).find(|at| left[*at] == b']' && left[at - 1] != b'\\');
        match end {
            Some(end) => left = &left[end + 1..],
            None => return left,
        }
    }
    left
}

/// `Nov 24 02:00:00 host nginx: `: the program ends with a colon, before anything of the line itself. Some leave out the host, or the time.
fn after_old_head(rest: &[u8]) -> &[u8] {
    /// A time, a host and a program are not longer.
    const HEAD_BYTES_MAX: usize = 15 + 1 + 255 + 1 + 64;
    let head = &rest[..rest.len().min(HEAD_BYTES_MAX)];
    let Some(end) = memmem::find(head, b": ") else { return rest };
    let is_head = head[..end].split(|byte| *byte == b' ').filter(|word| !word.is_empty()).count() <= 5
        && !head[..end].iter().any(|byte| matches!(byte, b'"' | b'{'));
    if is_head { &rest[end + 2..] } else { rest }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LINE: &str = r#"2001:db8::7 - ada [24/Nov/2026:02:00:00 +0000] "GET /a: b HTTP/1.1" 200 5 "-" "A: b""#;

    #[test]
    fn the_line_is_what_is_behind_the_head() {
        for head in [
            "<190>Nov 24 02:00:00 web-1 nginx: ",
            "<190>Nov  4 02:00:00 web-1 nginx[12]: ",
            "<190>nginx: ",
            "<134>Nov 24 02:00:00 haproxy[77]: ",
            "<190>1 2026-11-24T02:00:00Z web-1 nginx - - - ",
            "<190>1 2026-11-24T02:00:00.123+01:00 web-1 apache 12 ID7 [a@1 b=\"c\\]d\"][e@1] ",
            "<190>1 2026-11-24T02:00:00Z web-1 nginx - - - \u{feff}",
            "",
        ] {
            let message = format!("{head}{LINE}\n");
            assert_eq!(String::from_utf8_lossy(content(message.as_bytes())), LINE, "{head}");
        }
        let json = r#"{"time_iso8601":"2026-11-24T02:00:00+00:00","request":"GET /a: b HTTP/1.1"}"#;
        assert_eq!(content(format!("<190>Nov 24 02:00:00 web-1 nginx: {json}\0").as_bytes()), json.as_bytes());
        assert_eq!(content(format!("<190>{json}").as_bytes()), json.as_bytes());
    }

    proptest! {
        #[test]
        fn whatever_comes_is_taken(message: Vec<u8>) {
            let content = content(&message);
            prop_assert!(content.len() <= message.len());
            let message = [b"<190>1 ", &message[..]].concat();
            let _ = super::content(&message);
        }
    }
}
