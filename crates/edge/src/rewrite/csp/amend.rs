//! Adding one style to what a policy lets in, and nothing else.

use std::ops::Range;

use super::parse::{Directive, directive, policies, sources};

/// What a header, or a `content`, may grow to. One that would become larger stays as it is, and the style is not seen.
const AMENDED_BYTES_MAX: usize = 64 * 1024;

/// The content of a `<meta http-equiv="content-security-policy">` that lets a style of ours in. None where it stays as it is.
pub(crate) fn amend_meta(content: &str, style_source: &str) -> Option<String> {
    String::from_utf8(amended(content.as_bytes(), style_source)?).ok()
}

/// The same policies with the style in each that would keep it out; None where there is nothing to change.
pub(super) fn amended(text: &[u8], style_source: &str) -> Option<Vec<u8>> {
    let mut amended = Vec::with_capacity(text.len() + style_source.len() + 1);
    let mut done = 0;
    for change in policies(text).filter_map(|policy| change(text, policy, style_source)) {
        amended.extend_from_slice(&text[done..change.place.start]);
        for part in change.parts {
            amended.extend_from_slice(part);
        }
        done = change.place.end;
        if amended.len() > AMENDED_BYTES_MAX {
            return None;
        }
    }
    amended.extend_from_slice(&text[done..]);
    (done > 0 && amended.len() <= AMENDED_BYTES_MAX).then_some(amended)
}

/// What stands in place of a part of the text.
struct Change<'t> {
    place: Range<usize>,
    parts: [&'t [u8]; 4],
}

fn change<'t>(text: &'t [u8], policy: Range<usize>, style_source: &'t str) -> Option<Change<'t>> {
    let named = |name| directive(text, policy.clone(), name);
    let style = style_source.as_bytes();
    if let Some(directive) = named("style-src-elem").or_else(|| named("style-src")) {
        if lets_in(directive.value, style) {
            return None;
        }
        let Directive { value, value_place, place } = directive;
        return Some(if is_none(value) && !value.is_empty() {
            Change { place: value_place, parts: [style, b"", b"", b""] }
        } else {
            Change { place: place.end..place.end, parts: [b" ", style, b"", b""] }
        });
    }
    let default = named("default-src").filter(|default| !lets_in(default.value, style))?;
    let (others, space): (&[u8], &[u8]) = if is_none(default.value) { (b"", b"") } else { (default.value, b" ") };
    Some(Change { place: default.place.end..default.place.end, parts: [b"; style-src ", others, space, style] })
}

/// Whether the style is seen as it is. A hash or a nonce switches `'unsafe-inline'` off.
fn lets_in(value: &[u8], style: &[u8]) -> bool {
    let any_inline = sources(value).any(|source| source.eq_ignore_ascii_case(b"'unsafe-inline'")) && !sources(value).any(is_hash_or_nonce);
    any_inline || sources(value).any(|source| source == style)
}

/// Whether browsers take a source for a hash or a nonce (CSP Level 3, section 2.3.1); one that is written wrongly means nothing to them.
fn is_hash_or_nonce(source: &[u8]) -> bool {
    let Some(value) = ["'nonce-", "'sha256-", "'sha384-", "'sha512-"].iter().find_map(|kind| {
        let (start, value) = source.split_at_checked(kind.len())?;
        start.eq_ignore_ascii_case(kind.as_bytes()).then_some(value)
    }) else {
        return false;
    };
    let Some(digits) = value.strip_suffix(b"'") else {
        return false;
    };
    let padding = digits.iter().rev().take_while(|byte| **byte == b'=').count();
    let digits = &digits[..digits.len() - padding];
    padding <= 2
        && !digits.is_empty()
        && digits.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'))
}

/// Whether a list lets nothing in: it is empty, or says so and nothing else.
fn is_none(value: &[u8]) -> bool {
    let mut sources = sources(value);
    sources.next().is_none_or(|only| only.eq_ignore_ascii_case(b"'none'")) && sources.next().is_none()
}
