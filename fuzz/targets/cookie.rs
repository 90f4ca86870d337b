//! Our cookie: whatever a browser sends as it, nothing is believed that we did not sign, and what we signed comes back as it was.
#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::Timestamp;
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use policy::Policy;
use policy::check::check;
use policy::cookie::{CookieState, KeyRecord, Kind, SigningKeys, Standing, read, read_back, refusable, write_choices, write_visit};
use policy::syntax::SiteSources;

const fn context(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Choices => b"candor cookie 1",
        Kind::Visit => b"candor visit cookie 1",
    }
}

/// A browser that sends this as its cookie of this kind.
fn sent(kind: Kind, value: &[u8]) -> CookieState {
    match kind {
        Kind::Choices => read(&POLICY, &KEYS, now(), [value].into_iter(), std::iter::empty()),
        Kind::Visit => read(&POLICY, &KEYS, now(), std::iter::empty(), [value].into_iter()),
    }
}

static KEYS: LazyLock<SigningKeys> = LazyLock::new(|| {
    let key = KeyRecord { id: [1, 2, 3, 4], secret: [7; 32], made: now() };
    SigningKeys::from_records(vec![key]).expect("a key")
});

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let sources = SiteSources::new(
        include_str!("../../crates/app/fixtures/site/policy.toml"),
        include_str!("../../crates/app/fixtures/site/policy.md"),
    );
    check(&sources, date(2026, 3, 1)).policy.expect("the fixture checks clean")
});

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let cookie = if kind % 2 == 0 { Kind::Choices } else { Kind::Visit };
    match kind / 2 % 3 {
        0 => bare(cookie, bytes),
        1 => signed(cookie, bytes),
        _ => altered(cookie, bytes),
    }
});

/// Nobody signs by guessing.
fn bare(kind: Kind, value: &[u8]) {
    let state = sent(kind, value);
    assert!(matches!(state, CookieState::Unverified(_)), "{state:?}");
    assert_refuses_all(&state);
}

/// A payload of any kind under a signature that holds, as an older or newer version of ours might have written it.
fn signed(kind: Kind, payload: &[u8]) {
    let (id, tag) = KEYS.sign(context(kind), payload);
    let value = BASE64_URL_SAFE_NO_PAD.encode([&id[..], payload, &tag].concat());
    let state = sent(kind, value.as_bytes());
    let Some(parts) = state.parts() else { return assert_refuses_all(&state) };
    let write = if kind == Kind::Choices { write_choices } else { write_visit };
    let Some(written) = write(&POLICY, &KEYS, parts, now(), true) else { return };
    if parts.is_empty() || written.contains("=;") {
        return;
    }
    assert_eq!(read_back(&POLICY, &KEYS, now(), &CookieState::Absent, &[written]), state, "what is read can be written and read again");
}

/// One that we wrote, with some bytes changed.
fn altered(kind: Kind, changes: &[u8]) {
    let (id, tag) = KEYS.sign(context(kind), b"\x01 some payload");
    let mut whole = [&id[..], b"\x01 some payload", &tag].concat();
    let before = whole.clone();
    for change in changes.chunks_exact(2) {
        let at = usize::from(change[0]) % whole.len();
        whole[at] ^= change[1];
    }
    let value = BASE64_URL_SAFE_NO_PAD.encode(&whole);
    let state = sent(kind, value.as_bytes());
    if whole != before {
        assert!(matches!(state, CookieState::Unverified(_)), "{state:?}");
        assert_refuses_all(&state);
    }
}

fn assert_refuses_all(state: &CookieState) {
    assert_eq!(state.standing(&POLICY), Standing { consents: Vec::new(), refusals: refusable(&POLICY) });
    assert!(state.visitor().is_none());
}
