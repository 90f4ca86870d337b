use proptest::prelude::*;

use super::*;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

fn shortened(value: &str) -> Option<String> {
    let cookie = SetCookie::read(value.as_bytes()).expect("a cookie");
    cookie.shortened(Span::days(30), now()).map(|bytes| String::from_utf8(bytes).expect("text"))
}

fn is_deletion(value: &str) -> bool {
    SetCookie::read(value.as_bytes()).expect("a cookie").is_deletion(now())
}

#[test]
fn a_cookie_has_a_name() {
    let name = |value: &'static str| SetCookie::read(value.as_bytes()).map(|cookie| String::from_utf8_lossy(cookie.name).into_owned());
    assert_eq!(name(" sid =1; Path=/").as_deref(), Some("sid"));
    assert_eq!(name("a=b=c").as_deref(), Some("a"));
    for nameless in ["", "=", "=x", "word", "; Path=/", "word; Max-Age=0", " =x"] {
        assert_eq!(name(nameless), None, "{nameless}");
    }
}

#[test]
fn a_cookie_that_lives_no_longer_than_declared_stays_as_it_is() {
    for value in [
        "a=1",
        "a=1; Path=/; Secure; HttpOnly; SameSite=Lax",
        "a=1; Max-Age=2592000",
        "a=1;max-age = 60 ;;",
        "a=1; Expires=Tue, 31 Mar 2026 12:00:00 GMT",
        "a=; Max-Age=0",
        "a=; Max-Age=-99999999999999999999; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ] {
        assert_eq!(shortened(value), None, "{value}");
    }
}

#[test]
fn a_cookie_that_would_live_longer_is_cut_to_its_declared_life_and_nothing_else() {
    for (value, expected) in [
        ("a=1; Path=/; MAX-AGE=2592001; Secure", "a=1; Path=/; MAX-AGE=2592000; Secure"),
        ("a=1;Max-Age=99999999999999999999999", "a=1;Max-Age=2592000"),
        ("a=1; Expires=Tue, 31-Mar-26 12:00:01 GMT; Path=/x", "a=1; Expires=Tue, 31 Mar 2026 12:00:00 GMT; Path=/x"),
        ("a=1; Max-Age=5; Max-Age=9999999", "a=1; Max-Age=5; Max-Age=2592000"),
        ("a=1; Max-Age=+9; Path=/", "a=1; Path=/"),
        ("a=1; Expires=next year; HttpOnly", "a=1; HttpOnly"),
        ("a=1; Max-Age", "a=1"),
    ] {
        assert_eq!(shortened(value).as_deref(), Some(expected), "{value}");
    }
}

#[test]
fn a_deletion_is_one_for_every_browser() {
    for value in [
        "a=; Max-Age=0",
        "a=x; max-age=-1; Expires=Thu, 01 Jan 2099 00:00:00 GMT",
        "a=; Expires=Thu, 01-Jan-1970 00:00:00 GMT",
        "a=; Expires=Sun, 01 Mar 2026 12:00:00 GMT; Path=/",
    ] {
        assert!(is_deletion(value), "{value}");
    }
    for value in [
        "a=",
        "a=x; Path=/",
        "a=x; Max-Age=0; Max-Age=60",
        "a=x; Max-Age=0; Max-Age=x",
        "a=x; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=Thu, 01 Jan 2099 00:00:00 GMT",
        "a=x; Expires=0",
    ] {
        assert!(!is_deletion(value), "{value}");
    }
}

/// Attributes that a site might write, sensible ones and others.
fn attribute() -> impl Strategy<Value = String> {
    prop_oneof![
        " ?[Mm]ax-[Aa]ge ?= ?-?[0-9]{0,12} ?".prop_map(|text| text),
        (0..4_000_000_000_i64).prop_map(|second| {
            let moment = Timestamp::from_second(second).expect("a time");
            format!(" Expires={}", DateTimePrinter::new().timestamp_to_rfc9110_string(&moment).expect("a date"))
        }),
        " expires=[ -:<-~]{0,20}",
        Just(" Secure".to_owned()),
        Just("HttpOnly".to_owned()),
        " (Path|Domain|SameSite)=[a-z/.]{0,6}",
        "[ -:<-~]{0,10}",
    ]
}

proptest! {
    #[test]
    fn only_the_lifetime_changes_and_never_to_a_longer_one(
        pair in "[a-z_]{1,6} ?= ?[ -:<-~]{0,8}",
        attributes in proptest::collection::vec(attribute(), 0..6),
    ) {
        let value = std::iter::once(pair.clone()).chain(attributes.clone()).collect::<Vec<_>>().join(";");
        let before = SetCookie::read(value.as_bytes()).expect("it has a name");
        let changed = before.shortened(Span::days(30), now());
        let bytes = changed.clone().unwrap_or_else(|| value.clone().into_bytes());
        let after = SetCookie::read(&bytes).expect("it still has a name");

        prop_assert_eq!(after.pair, pair.as_bytes());
        let others = |cookie: &SetCookie<'_>| -> Vec<Vec<u8>> {
            cookie.attributes().filter(|attribute| lifetime(attribute).is_none()).map(<[u8]>::to_vec).collect()
        };
        prop_assert_eq!(others(&before), others(&after), "attributes that say nothing of time stay, in order");
        prop_assert!(after.shortened(Span::days(30), now()).is_none(), "nothing is left to shorten");
        prop_assert!(after.lifetime_seconds(now()).is_none_or(|seconds| seconds <= 30 * 86_400));
        prop_assert_eq!(before.is_deletion(now()) && !after.is_deletion(now()), false, "a deletion stays one");
        if before.lifetimes().all(|lifetime| !matches!(lifetime, Lifetime::MaxAge(None) | Lifetime::Expires(None)))
            && before.lifetime_seconds(now()).is_none_or(|seconds| seconds < 30 * 86_400) {
            prop_assert!(changed.is_none(), "what lives short enough is not touched");
        }
    }
}
