//! Whether a form post comes from our own page and not from another site in the same browser.

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderName};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Random, Timestamp};
use policy::cookie::{SigningKeys, form_name};

use crate::Asker;
use crate::forms::cookie;

pub(crate) const TOKEN_FIELD: &str = "_token";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const TOKEN_SECONDS_MAX: i64 = 3_600;
const CONTEXT: &[u8] = b"candor form 1";

/// The proof a form carries for browsers that say nothing of where a post comes from, and the cookie it is bound to where it needs one.
pub(crate) struct FormProof {
    pub(crate) token: String,
    pub(crate) set_cookie: Option<String>,
}

/// Whoever is shown a form and posts it, as far as that can be told apart from somebody else.
pub(crate) trait Sender {
    fn now(&self) -> Timestamp;

    /// What of their own a form can be bound to: random, and known to them and us only.
    fn binding(&self) -> Option<Binding>;

    /// The cookie a form is bound to where there is nothing else; none where no such form is shown.
    fn form_cookie(&self) -> Option<FormCookie>;
}

/// A kind, so that nothing is taken for something else, and a secret.
pub(crate) type Binding = [u8; 17];

#[derive(Clone, Copy)]
pub(crate) struct FormCookie {
    pub(crate) name: &'static str,
    pub(crate) https: bool,
}

impl Sender for Asker {
    fn now(&self) -> Timestamp {
        self.now
    }

    /// The record's pseudonym is random, and only the cookie and we know it.
    fn binding(&self) -> Option<Binding> {
        let record = self.cookie.parts()?.choices.as_ref()?.record;
        Some(tagged(b'c', record.0))
    }

    fn form_cookie(&self) -> Option<FormCookie> {
        Some(FormCookie { name: form_name(self.https), https: self.https })
    }
}

/// The proof for a form that is shown now and posted to this path or below it; none for a browser that sends `Sec-Fetch-Site`, which needs none.
pub(crate) fn proof(sender: &impl Sender, headers: &HeaderMap, keys: &SigningKeys, random: &dyn Random, path: &str) -> Option<FormProof> {
    if headers.contains_key(SEC_FETCH_SITE) {
        return None;
    }
    if let Some(binding) = sender.binding() {
        return Some(FormProof { token: sign(keys, &binding, sender.now()), set_cookie: None });
    }
    let FormCookie { name, https } = sender.form_cookie()?;
    let secret = form_secret(name, headers).unwrap_or_else(|| {
        let mut secret = [0; 16];
        random.fill(&mut secret);
        secret
    });
    let value = BASE64_URL_SAFE_NO_PAD.encode(secret);
    // Over HTTPS no other host can set a cookie of this name, and only the whole site can be its path.
    let place = if https { "/; Secure".to_owned() } else { path.to_owned() };
    let cookie = format!("{name}={value}; Max-Age={TOKEN_SECONDS_MAX}; Path={place}; HttpOnly; SameSite=Strict");
    Some(FormProof { token: sign(keys, &form_cookie_binding(secret), sender.now()), set_cookie: Some(cookie) })
}

/// The token for a form in a page of the site's, where it can be bound to our own cookie. Looking at such a page sets no cookie, so a browser that has
/// none shows where its posts come from by `Sec-Fetch-Site` or `Origin`, as all do nowadays.
pub(crate) fn token_without_cookie(asker: &Asker, headers: &HeaderMap, keys: &SigningKeys) -> Option<String> {
    if headers.contains_key(SEC_FETCH_SITE) {
        return None;
    }
    asker.binding().map(|binding| sign(keys, &binding, asker.now))
}

/// `Sec-Fetch-Site` decides where it is sent; then `Origin`; then, where both are silent, the form's token. `origin` is where people reach the site.
pub(crate) fn is_from_our_page(sender: &impl Sender, headers: &HeaderMap, origin: &str, token: Option<&str>, keys: &SigningKeys) -> bool {
    if headers.contains_key(SEC_FETCH_SITE) {
        return headers.get_all(SEC_FETCH_SITE).iter().all(|site| site == "same-origin");
    }
    let said: Vec<_> = headers.get_all(ORIGIN).iter().filter(|value| *value != "null").collect();
    match said.as_slice() {
        [] => token.is_some_and(|token| is_signed(sender, headers, keys, token)),
        [one] => one.to_str().is_ok_and(|one| same_origin(one, origin)),
        _ => false,
    }
}

fn is_signed(sender: &impl Sender, headers: &HeaderMap, keys: &SigningKeys, token: &str) -> bool {
    let of_form = sender.form_cookie().and_then(|cookie| form_secret(cookie.name, headers)).map(form_cookie_binding);
    let mut bindings = sender.binding().into_iter().chain(of_form).peekable();
    let Some((made, id, tag)) = parse(token) else {
        return false;
    };
    let age_seconds = sender.now().as_second().saturating_sub(made);
    (0..TOKEN_SECONDS_MAX).contains(&age_seconds)
        && bindings.peek().is_some()
        && bindings.any(|binding| keys.verify(CONTEXT, &id, &message(&binding, made), &tag))
}

fn form_cookie_binding(secret: [u8; 16]) -> Binding {
    tagged(b'f', secret)
}

pub(crate) fn tagged(kind: u8, bytes: [u8; 16]) -> Binding {
    let mut binding = [kind; 17];
    binding[1..].copy_from_slice(&bytes);
    binding
}

/// The secret in the form cookie.
fn form_secret(name: &str, headers: &HeaderMap) -> Option<[u8; 16]> {
    BASE64_URL_SAFE_NO_PAD.decode(cookie(headers, name)?).ok()?.try_into().ok()
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
pub(crate) fn same_origin(one: &str, other: &str) -> bool {
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
