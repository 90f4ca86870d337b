//! `192.0.2.7 - ada [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "https://from.example/" "Mozilla/5.0"`: what NCSA's server wrote first,
//! and Apache, nginx, lighttpd, Traefik and many others write since, each with something of its own in front or at the end.

#[cfg(test)]
mod tests;

use memchr::{memchr, memchr_iter};

use crate::broken::Why;
use crate::entry::Entry;
use crate::formats::traefik;
use crate::number::{ip, status, whole, without_port};
use crate::request::{Request, Undo};
use crate::text::{is_nothing, lossy, split_once, unescaped, unescaped_if_any, without_query};
use crate::time::{COMMON_BYTES, TIME_BYTES_MAX, Times};

/// What differs between those who write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Address, identity, user.
    Plain,
    /// Apache's `vhost_combined`: the site, with or without its port, and then the same.
    WithHost,
    /// lighttpd writes the site where others have the identity, which nobody has asked for since the nineties.
    HostForIdentity,
    /// Traefik has more at the end: a count, the router, the server behind, and the duration as `12ms`.
    Traefik,
}

pub(crate) fn read<'l>(line: &'l [u8], kind: Kind, times: &mut Times) -> Result<Entry<'l>, Why> {
    let parts = Parts::of(line, times)?;
    let mut entry = parts.entry;
    read_head(parts.head, kind, &mut entry)?;
    let request = Request::read(parts.request, undo(kind));
    entry.method = request.method;
    entry.path = request.path;
    let (status_text, rest) = split_once(parts.rest, b' ').unwrap_or((parts.rest, b""));
    entry.status = status(status_text);
    let (bytes, rest) = split_once(rest, b' ').unwrap_or((rest, b""));
    // A dash is how Apache writes that no byte was sent.
    entry.bytes = if bytes == b"-" { Some(0) } else { whole(bytes) };
    if kind == Kind::Traefik {
        traefik::read_end(rest, &mut entry);
        return Ok(entry);
    }
    let Some((referrer, rest)) = quoted(rest) else { return Ok(entry) };
    entry.referrer = unescaped_if_any(referrer).and_then(without_query);
    let Some((browser, _)) = quoted(rest) else { return Ok(entry) };
    entry.browser = unescaped_if_any(browser);
    Ok(entry)
}

/// Which kind of it a line is, and whether it goes on after the bytes.
pub(crate) fn kind_of(line: &[u8], times: &mut Times) -> Option<(Kind, bool)> {
    let parts = Parts::of(line, times).ok()?;
    let mut words = parts.head.split(|byte| *byte == b' ');
    let (first, second, third) = (words.next()?, words.next()?, words.next());
    let rest = parts.rest.splitn(3, |byte| *byte == b' ').nth(2);
    let has_browser = rest.and_then(quoted).is_some_and(|(_, rest)| quoted(rest).is_some());
    // With a name in place of the address there is still a dash for the identity behind it.
    let is_behind_host = ip(second).is_some() || (second != b"-" && third == Some(b"-") && words.next().is_some());
    let kind = if rest.is_some_and(|rest| traefik::read_end(rest, &mut parts.entry.clone())) {
        Kind::Traefik
    } else if is_behind_host && third.is_some() && ip(first).is_none() && looks_like_host(first) {
        Kind::WithHost
    } else if looks_like_host(second) {
        Kind::HostForIdentity
    } else {
        Kind::Plain
    };
    read_head(parts.head, kind, &mut parts.entry.clone()).ok()?;
    Some((kind, has_browser))
}

/// The line, taken apart at the time and at the request.
struct Parts<'l> {
    /// All that is before the time.
    head: &'l [u8],
    entry: Entry<'l>,
    request: &'l [u8],
    /// From the status on.
    rest: &'l [u8],
}

impl<'l> Parts<'l> {
    /// A user may have a name with spaces and brackets. But what `" [time] "` looks like nobody can put in, because of the quotation mark behind it, which
    /// every server escapes.
    fn of(line: &'l [u8], times: &mut Times) -> Result<Self, Why> {
        let mut why = Why::NoTime;
        for open in memchr_iter(b'[', line) {
            let Some(head) = line[..open].strip_suffix(b" ") else { continue };
            let behind = &line[open + 1..];
            // It nearly always ends in the same place, and never far behind it: otherwise a line of brackets would be read once for each of them.
            let near = &behind[..behind.len().min(TIME_BYTES_MAX)];
            let close = if near.get(COMMON_BYTES) == Some(&b']') { Some(COMMON_BYTES) } else { memchr(b']', near) };
            let Some(close) = close else { continue };
            let Some(rest) = behind[close + 1..].strip_prefix(b" \"") else { continue };
            let text = &behind[..close];
            let Some(time) = (if close == COMMON_BYTES { times.common(text) } else { times.any(text) }) else {
                why = Why::BadTime;
                continue;
            };
            let (request, rest) = request_and_status(rest)?;
            return Ok(Self { head, entry: Entry::at(time), request, rest });
        }
        Err(why)
    }
}

/// The request ends where a status follows. Some write quotation marks in it as they come.
fn request_and_status(text: &[u8]) -> Result<(&[u8], &[u8]), Why> {
    let mut why = Why::EndsEarly;
    for quote in memchr_iter(b'"', text) {
        if is_escaped(text, quote) {
            continue;
        }
        let Some(rest) = text[quote + 1..].strip_prefix(b" ") else { continue };
        let word = &rest[..memchr(b' ', rest).unwrap_or(rest.len())];
        if word == b"-" || (word.len() == 3 && word.iter().all(u8::is_ascii_digit)) || word == b"0" {
            return Ok((&text[..quote], rest));
        }
        why = Why::NoStatus;
    }
    Err(why)
}

/// What the next quotation marks hold, and what follows. A mark that neither a space nor the end follows was in the text already.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b" ").unwrap_or(text).strip_prefix(b"\"")?;
    memchr_iter(b'"', text)
        .find(|quote| matches!(text.get(quote + 1), None | Some(b' ')) && !is_escaped(text, *quote))
        .map(|quote| (&text[..quote], &text[quote + 1..]))
}

fn is_escaped(text: &[u8], at: usize) -> bool {
    text[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// What stands before the time. Where that is something else, as when syslog has put its own beginning there, nothing is taken for what it is not.
fn read_head<'l>(head: &'l [u8], kind: Kind, entry: &mut Entry<'l>) -> Result<(), Why> {
    let mut head = head;
    if kind == Kind::WithHost {
        let (host, rest) = split_once(head, b' ').ok_or(Why::OtherBeginning)?;
        entry.host = unescaped_if_any(without_port(host));
        head = rest;
    }
    let (address, rest) = split_once(head, b' ').ok_or(Why::OtherBeginning)?;
    let (identity, user) = split_once(rest, b' ').ok_or(Why::OtherBeginning)?;
    entry.ip = ip(address);
    if entry.ip.is_none() && address != b"-" && identity != b"-" {
        return Err(Why::OtherBeginning);
    }
    if kind == Kind::HostForIdentity {
        entry.host = unescaped_if_any(without_port(identity));
    }
    // Apache writes a name that is empty as two quotation marks.
    entry.user = Some(user).filter(|user| !is_nothing(user) && *user != b"\"\"").map(undo(kind));
    Ok(())
}

/// Of all of them only Traefik writes what was sent as it came.
fn undo(kind: Kind) -> Undo {
    if kind == Kind::Traefik { lossy } else { unescaped }
}

fn looks_like_host(word: &[u8]) -> bool {
    let is_of_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']' | b'_');
    !is_nothing(word) && word.iter().all(is_of_host) && (word.iter().any(|byte| matches!(byte, b'.' | b':')) || word == b"localhost")
}
