//! `Set-Cookie`: whatever a site sends, nothing of it changes but its lifetime, and that never reaches past what is declared.
#![no_main]

use domain::{Span, Timestamp};
use edge::fuzzing::SetCookie;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let now: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
    let keep = Span::days(30);
    let Some(cookie) = SetCookie::read(bytes) else { return };
    let Some(shorter) = cookie.shortened(keep, now) else {
        assert!(lives_no_longer(&cookie, keep, now));
        return;
    };
    let again = SetCookie::read(&shorter).expect("it is still a cookie");
    assert_eq!(again.name(), cookie.name());
    assert_eq!(shorter.split(|byte| *byte == b';').next(), bytes.split(|byte| *byte == b';').next(), "its name and value are as they came");
    assert!(lives_no_longer(&again, keep, now));
    assert_eq!(again.shortened(keep, now), None, "once is enough");
    assert_eq!(others(&shorter), others(bytes), "no other attribute changed");
    assert!(!cookie.is_deletion(now) || again.is_deletion(now), "forgetting stays forgetting");
});

fn lives_no_longer(cookie: &SetCookie<'_>, keep: Span, now: Timestamp) -> bool {
    cookie.lifetime_seconds(now).is_none_or(|seconds| seconds <= keep.after(now).duration_since(now).as_secs())
}

/// The attributes that say nothing of a lifetime.
fn others(cookie: &[u8]) -> Vec<&[u8]> {
    let is_lifetime = |attribute: &&[u8]| {
        let name = attribute.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
        name.eq_ignore_ascii_case(b"max-age") || name.eq_ignore_ascii_case(b"expires")
    };
    cookie.split(|byte| *byte == b';').skip(1).filter(|attribute| !is_lifetime(attribute)).collect()
}
