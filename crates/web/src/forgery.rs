//! Whether a form post comes from our own page and not from another site in the same browser.

use axum::http::header::{COOKIE, ORIGIN};
use axum::http::{HeaderMap, HeaderName};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Random, Timestamp};
use policy::cookie::SigningKeys;

use crate::Asker;

pub(crate) const TOKEN_FIELD: &str = "_token";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORM_COOKIE: &str = "candor-form";
const TOKEN_SECONDS_MAX: i64 = 3_600;
const CONTEXT: &[u8] = b"candor form 1";

/// The proof a form carries for browsers that say nothing of where a post comes from, and the cookie it is bound to where it needs one.
pub(crate) struct FormProof {
    pub(crate) token: String,
    pub(crate) set_cookie: Option<String>,
}

/// The proof for a form that is shown now and posted to this path or below it; none for a browser that sends `Sec-Fetch-Site`, which needs none.
pub(crate) fn proof(asker: &Asker, headers: &HeaderMap, keys: &SigningKeys, random: &dyn Random, path: &str) -> Option<FormProof> {
    if headers.contains_key(SEC_FETCH_SITE) {
        return None;
    }
    if let Some(binding) = own_cookie_binding(asker) {
        return Some(FormProof { token: sign(keys, &binding, asker.now), set_cookie: None });
    }
    let secret = form_cookie(headers).unwrap_or_else(|| {
        let mut secret = [0; 16];
        random.fill(&mut secret);
        secret
    });
    let value = BASE64_URL_SAFE_NO_PAD.encode(secret);
    let secure = if asker.https { "Secure; " } else { "" };
    let cookie = format!("{FORM_COOKIE}={value}; Max-Age={TOKEN_SECONDS_MAX}; Path={path}; {secure}HttpOnly; SameSite=Strict");
    Some(FormProof { token: sign(keys, &form_cookie_binding(secret), asker.now), set_cookie: Some(cookie) })
}

/// The token for a form in a page of the site's, where it can be bound to our own cookie. Looking at such a page sets no cookie, so a browser that has
/// none shows where its posts come from by `Sec-Fetch-Site` or `Origin`, as all do nowadays.
pub(crate) fn token_without_cookie(asker: &Asker, headers: &HeaderMap, keys: &SigningKeys) -> Option<String> {
    if headers.contains_key(SEC_FETCH_SITE) {
        return None;
    }
    own_cookie_binding(asker).map(|binding| sign(keys, &binding, asker.now))
}

/// `Sec-Fetch-Site` decides where it is sent; then `Origin`; then, where both are silent, the form's token. `origin` is where people reach the site.
pub(crate) fn is_from_our_page(asker: &Asker, headers: &HeaderMap, origin: &str, token: Option<&str>, keys: &SigningKeys) -> bool {
    if headers.contains_key(SEC_FETCH_SITE) {
        return headers.get_all(SEC_FETCH_SITE).iter().all(|site| site == "same-origin");
    }
    let said: Vec<_> = headers.get_all(ORIGIN).iter().filter(|value| *value != "null").collect();
    match said.as_slice() {
        [] => token.is_some_and(|token| is_signed(asker, headers, keys, token)),
        [one] => one.to_str().is_ok_and(|one| same_origin(one, origin)),
        _ => false,
    }
}

fn is_signed(asker: &Asker, headers: &HeaderMap, keys: &SigningKeys, token: &str) -> bool {
    let bindings = own_cookie_binding(asker).into_iter().chain(form_cookie(headers).map(form_cookie_binding));
    let mut bindings = bindings.peekable();
    let Some((made, id, tag)) = parse(token) else {
        return false;
    };
    let age_seconds = asker.now.as_second().saturating_sub(made);
    (0..TOKEN_SECONDS_MAX).contains(&age_seconds)
        && bindings.peek().is_some()
        && bindings.any(|binding| keys.verify(CONTEXT, &id, &message(&binding, made), &tag))
}

/// The record's pseudonym is random, and only the cookie and we know it.
fn own_cookie_binding(asker: &Asker) -> Option<[u8; 17]> {
    let record = asker.cookie.parts()?.choices.as_ref()?.record;
    Some(tagged(b'c', record.0))
}

fn form_cookie_binding(secret: [u8; 16]) -> [u8; 17] {
    tagged(b'f', secret)
}

fn tagged(kind: u8, bytes: [u8; 16]) -> [u8; 17] {
    let mut binding = [kind; 17];
    binding[1..].copy_from_slice(&bytes);
    binding
}

/// The secret in the form cookie; none where there are several, since a neighbouring host may have set one of them.
fn form_cookie(headers: &HeaderMap) -> Option<[u8; 16]> {
    let mut values = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == FORM_COOKIE)
        .map(|(_, value)| value);
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    BASE64_URL_SAFE_NO_PAD.decode(value).ok()?.try_into().ok()
}

fn sign(keys: &SigningKeys, binding: &[u8], now: Timestamp) -> String {
    let made = now.as_second();
    let (id, tag) = keys.sign(CONTEXT, &message(binding, made));
    BASE64_URL_SAFE_NO_PAD.encode([&made.to_le_bytes()[..], &id, &tag].concat())
}

fn parse(token: &str) -> Option<(i64, [u8; 4], [u8; 32])> {
    let bytes: [u8; 44] = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    let made = i64::from_le_bytes(bytes[..8].try_into().ok()?);
    Some((made, bytes[8..12].try_into().ok()?, bytes[12..].try_into().ok()?))
}

fn message(binding: &[u8], made: i64) -> Vec<u8> {
    [&made.to_le_bytes()[..], binding].concat()
}

/// Compares scheme, host and port, with the usual port said or not.
fn same_origin(one: &str, other: &str) -> bool {
    match (normal_origin(one), normal_origin(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

fn normal_origin(origin: &str) -> Option<String> {
    let origin = origin.to_ascii_lowercase();
    let (scheme, authority) = origin.split_once("://")?;
    let usual_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    if authority.is_empty() || authority.contains(['/', '@', '?', '#']) {
        return None;
    }
    Some(format!("{scheme}://{}", authority.strip_suffix(usual_port).unwrap_or(authority)))
}

#[cfg(test)]
mod tests {
    use super::same_origin;

    #[test]
    fn an_origin_is_compared_as_a_browser_means_it() {
        assert!(same_origin("https://example.org", "https://EXAMPLE.org:443"));
        assert!(same_origin("http://127.0.0.1:8080", "http://127.0.0.1:8080"));
        assert!(!same_origin("http://example.org", "https://example.org"));
        assert!(!same_origin("https://example.org:8443", "https://example.org"));
        assert!(!same_origin("https://example.org.evil.example", "https://example.org"));
        assert!(!same_origin("https://a@example.org", "https://a@example.org"));
        assert!(!same_origin("null", "null"));
    }
}
