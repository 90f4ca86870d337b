//! `Link` fields (RFC 8288): what they make a browser load or connect to before it has read the page.

use std::borrow::Cow;
use std::ops::Range;

use bytes::BytesMut;
use http::header::{self, HeaderMap, HeaderValue};
use http::uri::Authority;
use policy::Policy;
use policy::model::Resource;
use policy::{Index, Set};
use url::Url;

/// One link of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link<'t> {
    target: &'t str,
    /// The relations of its first `rel`, which is the one that counts.
    relations: Cow<'t, str>,
    /// Of an image in several sizes.
    sources: &'t str,
}

/// Whether any of these fields may lead to a host by its name, and not only to paths of the site's own.
pub(super) fn may_lead_away(headers: &HeaderMap) -> bool {
    let names_host = |text: &[u8]| memchr::memchr2(b':', b'\\', text).is_some() || memchr::memmem::find(text, b"//").is_some();
    headers.get_all(header::LINK).iter().any(|value| names_host(value.as_bytes()))
}

/// The addresses of third parties that these fields name, for whoever wants to know.
pub(super) fn third_parties(headers: &HeaderMap, own: Option<&Authority>) -> Vec<String> {
    let fields: Vec<Cow<'_, str>> = headers.get_all(header::LINK).iter().map(text_of).collect();
    let links = fields.iter().flat_map(|text| links(text).filter_map(|place| read(&text[place])));
    let loading = links.filter(|link| does(link, LOADS) || does(link, CONNECTS));
    loading.flat_map(|link| addresses(&link)).filter(|url| !is_own(url, own)).map(String::from).collect()
}

/// Whether an address is on the host that the visitor asked for.
pub(super) fn is_own(url: &Url, own: Option<&Authority>) -> bool {
    let port = |own: &Authority| own.port_u16().filter(|port| !matches!(port, 80 | 443));
    own.is_some_and(|own| url.host_str() == Some(&own.host().to_ascii_lowercase()) && url.port() == port(own))
}

/// What links may lead to.
#[derive(Clone, Copy)]
pub(super) struct Permission<'a> {
    pub(super) policy: &'a Policy,
    pub(super) permitted: Set<Resource>,
    /// The host that the visitor asked for.
    pub(super) own: Option<&'a Authority>,
}

/// How many links make a browser do what is not permitted.
pub(super) fn count_refused(headers: &HeaderMap, permission: Permission<'_>) -> u64 {
    let fields = headers.get_all(header::LINK).iter().map(text_of);
    fields.map(|text| links(&text).filter(|place| is_refused(&text[place.clone()], permission)).count() as u64).sum()
}

/// Takes them out. A field without any stays byte for byte as it came.
pub(super) fn remove_refused(headers: &mut HeaderMap, permission: Permission<'_>) {
    let header::Entry::Occupied(entry) = headers.entry(header::LINK) else {
        return;
    };
    let before: Vec<HeaderValue> = entry.remove_entry_mult().1.collect();
    for value in before {
        if let Some(value) = without_refused(value, permission) {
            headers.append(header::LINK, value);
        }
    }
}

fn without_refused(value: HeaderValue, permission: Permission<'_>) -> Option<HeaderValue> {
    let text = text_of(&value);
    let all: Vec<Range<usize>> = links(&text).collect();
    let kept: Vec<&Range<usize>> = all.iter().filter(|place| !is_refused(&text[(*place).clone()], permission)).collect();
    if kept.len() == all.len() {
        drop(text);
        return Some(value);
    }
    let mut rest = BytesMut::new();
    for link in kept.iter().map(|place| value.as_bytes()[(*place).clone()].trim_ascii()).filter(|link| !link.is_empty()) {
        if !rest.is_empty() {
            rest.extend_from_slice(b", ");
        }
        rest.extend_from_slice(link);
    }
    HeaderValue::from_maybe_shared(rest.freeze()).ok().filter(|value| !value.is_empty())
}

/// Relations that make a browser load the target, before a click or without one.
const LOADS: &[&str] =
    &["preload", "modulepreload", "prefetch", "prerender", "stylesheet", "icon", "manifest", "compression-dictionary", "next"];

/// Relations that make it ask for the target's address, or connect.
const CONNECTS: &[&str] = &["preconnect", "dns-prefetch"];

/// A target is refused where its declaration is: what nobody declared, the second Content-Security-Policy keeps away. It says nothing of connecting, so
/// a host is refused where nothing that is permitted may be on it.
fn is_refused(link: &str, Permission { policy, permitted, own }: Permission<'_>) -> bool {
    let Some(link) = read(link) else {
        return false;
    };
    let loads = does(&link, LOADS);
    let connects = does(&link, CONNECTS);
    if !loads && !connects {
        return false;
    }
    link.target.contains(UNREADABLE)
        || link.sources.contains(UNREADABLE)
        || addresses(&link).into_iter().any(|url| {
            let refused = |resource: Index<Resource>| !permitted.contains(resource);
            (loads && policy.resource_for(url.as_str()).is_some_and(refused))
                || (connects && !is_own(&url, own) && !policy.resources_on_host_of(url.as_str()).intersects(permitted))
        })
}

/// Stands for a byte that browsers read in more ways than one.
const UNREADABLE: char = '\u{1}';

/// A field as text, byte for byte.
fn text_of(value: &HeaderValue) -> Cow<'_, str> {
    match value.to_str() {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.as_bytes().iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { UNREADABLE }).collect()),
    }
}

fn does(link: &Link<'_>, relations: &[&str]) -> bool {
    link.relations.split_ascii_whitespace().any(|own| relations.iter().any(|known| own.eq_ignore_ascii_case(known)))
}

/// Where a link leads on hosts that are named: what is relative is the site's own. A scheme without slashes is relative on a page of the same scheme,
/// and names a host on any other; so each address is read both ways.
fn addresses(link: &Link<'_>) -> Vec<Url> {
    const OWN_HOST: &str = "own.invalid";
    let bases = ["https://own.invalid/", "http://own.invalid/"].map(|base| Url::parse(base).ok());
    let sizes = link.sources.split(',').filter_map(|source| source.split_ascii_whitespace().next());
    let mut found: Vec<Url> = Vec::new();
    for address in std::iter::once(link.target).chain(sizes) {
        let is_without_scheme = address.trim_ascii_start().starts_with("//");
        for base in bases.iter().take(if is_without_scheme { 1 } else { 2 }) {
            let read = Url::options().base_url(base.as_ref()).parse(address).ok();
            found.extend(read.filter(|url| url.host_str().is_some_and(|host| host != OWN_HOST) && !found.contains(url)));
        }
    }
    found
}

/// Where each link of a field stands. A comma ends one, unless it is in a target or a quoted text.
fn links(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let end = end_of(&text.as_bytes()[start..], b',').map(|at| start + at);
        next = end.map(|end| end + 1);
        Some(start..end.unwrap_or(text.len()))
    })
}

/// Where this byte first stands outside targets and quoted texts.
fn end_of(text: &[u8], byte: u8) -> Option<usize> {
    let (mut in_target, mut in_quotes, mut is_escaped) = (false, false, false);
    text.iter().position(|next| {
        match next {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_quotes => is_escaped = true,
            b'"' if !in_target => in_quotes = !in_quotes,
            b'<' if !in_quotes => in_target = true,
            b'>' if !in_quotes => in_target = false,
            next => return *next == byte && !in_target && !in_quotes,
        }
        false
    })
}

/// None for what is no link.
fn read(text: &str) -> Option<Link<'_>> {
    let (target, mut rest) = text.trim_ascii().strip_prefix('<')?.split_once('>')?;
    let mut link = Link { target: target.trim_ascii(), relations: Cow::Borrowed(""), sources: "" };
    while !rest.is_empty() {
        let end = end_of(rest.as_bytes(), b';').unwrap_or(rest.len());
        let (name, value) = rest[..end].split_once('=').unwrap_or((&rest[..end], ""));
        let value = value.trim_ascii();
        let value = value.strip_prefix('"').map_or(value, |value| value.strip_suffix('"').unwrap_or(value));
        match name.trim_ascii() {
            name if name.eq_ignore_ascii_case("rel") && link.relations.is_empty() => {
                // In quotes, a letter may stand behind a backslash.
                link.relations = if value.contains('\\') { Cow::Owned(value.replace('\\', "")) } else { Cow::Borrowed(value) };
            }
            name if name.eq_ignore_ascii_case("imagesrcset") && link.sources.is_empty() => link.sources = value,
            _ => {}
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Some(link)
}

#[cfg(test)]
mod tests;
