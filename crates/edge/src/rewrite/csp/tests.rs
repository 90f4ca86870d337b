use http::HeaderMap;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, HeaderValue};
use policy::model::Resource;
use policy::syntax::SiteSources;
use policy::{Index, Policy, Set};
use proptest::prelude::*;

use super::parse::{directive, policies, sources};
use super::source::{Address, means};
use super::{Site, allow_list, amend_meta};

const STYLE: &str = "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='";
const ORIGIN: &str = "https://books.example";

fn sent(values: &[&str]) -> HeaderMap {
    values.iter().map(|value| (CONTENT_SECURITY_POLICY, HeaderValue::from_str(value).expect("a value"))).collect()
}

/// What becomes of these headers, the style written as `STYLE`.
fn amended(values: &[&str]) -> Vec<String> {
    let mut headers = sent(values);
    Site::read(&headers).amend(&mut headers, STYLE);
    let text = |value: &HeaderValue| value.to_str().expect("text").replace(STYLE, "STYLE");
    headers.get_all(CONTENT_SECURITY_POLICY).iter().map(text).collect()
}

fn may_send_forms(values: &[&str]) -> bool {
    Site::read(&sent(values)).allows_forms_to_self(ORIGIN, "/privacy/choices?return=/")
}

#[test]
fn our_style_is_let_in_where_a_policy_speaks_of_styles() {
    for (before, after) in [
        ("style-src 'self'", "style-src 'self' STYLE"),
        ("style-src 'self';", "style-src 'self' STYLE;"),
        ("style-src-elem 'self'; style-src 'none'", "style-src-elem 'self' STYLE; style-src 'none'"),
        ("style-src 'none'; img-src *", "style-src STYLE; img-src *"),
        ("style-src\t'NONE' ; img-src *", "style-src\tSTYLE ; img-src *"),
        ("style-src; img-src *", "style-src STYLE; img-src *"),
        ("STYLE-SRC https:", "STYLE-SRC https: STYLE"),
        ("style-src 'none' 'self'", "style-src 'none' 'self' STYLE"),
        ("style-src 'unsafe-inline' 'nonce-abc'", "style-src 'unsafe-inline' 'nonce-abc' STYLE"),
        ("default-src 'self'; img-src *", "default-src 'self'; style-src 'self' STYLE; img-src *"),
        ("default-src 'none'", "default-src 'none'; style-src STYLE"),
        ("default-src", "default-src; style-src STYLE"),
        ("default-src 'self', style-src 'self'", "default-src 'self'; style-src 'self' STYLE, style-src 'self' STYLE"),
        (" ; ;default-src  https:  ;", " ; ;default-src  https:; style-src https: STYLE  ;"),
    ] {
        assert_eq!(amended(&[before]), [after], "{before}");
    }
}

#[test]
fn a_policy_that_lets_our_style_in_already_stays_as_it_is() {
    for value in [
        "",
        ";;, ;",
        "img-src 'self'; script-src 'none'",
        "style-src 'self' 'unsafe-inline'",
        "style-src-elem 'Unsafe-Inline'; style-src 'none'; default-src 'none'",
        "default-src 'self' 'unsafe-inline'",
        "style-src 'unsafe-inline'; default-src 'none'",
        // Written wrongly, so that it switches nothing off.
        "style-src 'unsafe-inline' 'nonce-' 'sha256-?' 'sha384-====' 'nonce-abc",
        "frame-ancestors 'none'; upgrade-insecure-requests",
    ] {
        assert_eq!(amended(&[value]), [value]);
    }
    let own = format!("style-src {STYLE}");
    assert_eq!(amend_meta(&own, STYLE), None);
}

#[test]
fn every_policy_is_amended_and_those_that_only_report_are_not() {
    let mut headers = sent(&["default-src 'self'", "img-src *", "style-src 'none'"]);
    let reported = HeaderValue::from_static("style-src 'none'");
    headers.insert(CONTENT_SECURITY_POLICY_REPORT_ONLY, reported.clone());
    let site = Site::read(&headers);
    headers.append(CONTENT_SECURITY_POLICY, HeaderValue::from_static("style-src 'none'; report-uri /added-later"));
    site.amend(&mut headers, STYLE);
    let values: Vec<_> = headers.get_all(CONTENT_SECURITY_POLICY).iter().map(|value| value.to_str().expect("text").to_owned()).collect();
    assert_eq!(
        values,
        [
            &format!("default-src 'self'; style-src 'self' {STYLE}"),
            "img-src *",
            &format!("style-src {STYLE}"),
            "style-src 'none'; report-uri /added-later"
        ]
    );
    assert_eq!(headers.get(CONTENT_SECURITY_POLICY_REPORT_ONLY), Some(&reported));
}

#[test]
fn the_first_of_two_directives_counts_and_what_is_not_ascii_is_none() {
    assert_eq!(amended(&["style-src 'unsafe-inline'; style-src 'none'"]), ["style-src 'unsafe-inline'; style-src 'none'"]);
    assert_eq!(amended(&["style-src 'none'; style-src 'unsafe-inline'"]), ["style-src STYLE; style-src 'unsafe-inline'"]);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_bytes(b"style-src \xe9; default-src 'self'").expect("a value"));
    Site::read(&headers).amend(&mut headers, STYLE);
    let expected = [&b"style-src \xe9; default-src 'self'; style-src 'self' "[..], STYLE.as_bytes()].concat();
    assert_eq!(headers[CONTENT_SECURITY_POLICY].as_bytes(), expected);
}

#[test]
fn a_policy_in_the_page_is_amended_like_one_in_a_header() {
    assert_eq!(
        amend_meta("default-src 'self'; img-src é", STYLE),
        Some(format!("default-src 'self'; style-src 'self' {STYLE}; img-src é"))
    );
    assert_eq!(amend_meta("img-src 'self'", STYLE), None);
    assert_eq!(amend_meta("", STYLE), None);
}

#[test]
fn a_header_of_a_thousand_policies_does_not_swell_without_end() {
    let many = "style-src,".repeat(6_000);
    assert_eq!(amended(&[&many]), [many]);
}

#[test]
fn forms_may_be_sent_where_no_policy_keeps_them_in() {
    for values in [
        &[][..],
        &["default-src 'none'"],
        &["form-action 'self'"],
        &["form-action *; sandbox allow-forms allow-same-origin"],
        &["form-action https:", "img-src 'none'"],
        &["form-action http:"],
        &["form-action books.example"],
        &["form-action https://books.example/privacy/"],
        &["form-action https://books.example:443/privacy/choices"],
        &["form-action *.example:*"],
        &["form-action pay.example 'SELF'"],
        &["form-action 'self'; form-action 'none'"],
    ] {
        assert!(may_send_forms(values), "{values:?}");
    }
    for values in [
        &["form-action 'none'"][..],
        &["form-action"],
        &["form-action pay.example"],
        &["form-action 'self'", "form-action 'none'"],
        &["form-action 'self', form-action pay.example"],
        &["form-action https://books.example/shop/"],
        &["form-action https://books.example/privacy"],
        &["form-action *.books.example"],
        &["form-action books.example:8443"],
        &["form-action wss:"],
        &["form-action data: mailto:"],
        &["sandbox"],
        &["sandbox allow-forms"],
        &["sandbox allow-scripts allow-same-origin; form-action 'self'"],
    ] {
        assert!(!may_send_forms(values), "{values:?}");
    }
    let plain = Site::read(&sent(&["form-action books.example:8080"]));
    assert!(plain.allows_forms_to_self("http://books.example:8080", "/privacy/choices"));
    assert!(!plain.allows_forms_to_self("http://books.example", "/privacy/choices"));
    assert!(!plain.allows_forms_to_self("null", "/"));
}

const RULES: &str = include_str!("../../../tests/edge/common/policy.toml");
const WORDS: &str = include_str!("../../../tests/edge/common/policy.md");

/// A policy that declares resources at these addresses.
fn declaring(urls: &[&str]) -> Policy {
    let report = policy::check::check(&SiteSources::new(RULES, WORDS), "2026-03-01".parse().expect("a day"));
    let mut policy = report.policy.unwrap_or_else(|| panic!("{:#?}", report.findings));
    let purpose = policy.purpose_named("news").expect("a purpose");
    let resource = |(at, url): (usize, &&str)| Resource {
        id: domain::Id::parse(&format!("resource-{at}")).expect("an id"),
        matches: policy::model::ResourceUrl::new(url),
        purpose,
        recipient: Index::new(0),
    };
    policy.resources = urls.iter().enumerate().map(resource).collect();
    policy
}

/// The third parties that are let in when the first so many are permitted.
fn let_in(urls: &[&str], permitted: usize) -> String {
    let policy = declaring(urls);
    let value = allow_list(&policy, (0..permitted).map(Index::new).collect(), Some("/privacy/csp-report"));
    let text = value.to_str().expect("text");
    let list = text.strip_prefix("default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: filesystem:").expect("the site's own");
    let list = list.strip_suffix("; report-uri /privacy/csp-report").expect("where to report").trim();
    let (sockets, others): (Vec<&str>, Vec<&str>) = list.split_ascii_whitespace().partition(|source| source.starts_with("ws:"));
    assert!(sockets.iter().all(|socket| *socket == "ws:" || others.contains(&&socket[5..])), "a socket to nobody else: {list}");
    others.join(" ")
}

#[test]
fn a_web_socket_of_who_is_permitted_is_let_in_too() {
    let policy = declaring(&["https://chat.example/talk/*", "https://ads.example/*"]);
    let list = allow_list(&policy, [Index::new(0)].into_iter().collect(), None);
    for (url, page_scheme) in
        [("wss://chat.example/talk/x", "https"), ("ws://chat.example/talk/x", "http"), ("wss://chat.example/talk/x", "http")]
    {
        assert!(lets_in(&list, url, page_scheme), "{url}");
    }
    for url in ["wss://chat.example/x", "wss://ads.example/", "ws://chat.example:8080/talk/x"] {
        assert!(!lets_in(&list, url, "http"), "{url}");
    }
}

#[test]
fn what_is_permitted_is_let_in_as_exactly_as_a_source_can_say() {
    for (url, source) in [
        ("https://cdn.example/*", "cdn.example"),
        ("https://cdn.example", "cdn.example"),
        ("https://CDN.example:443/*", "cdn.example"),
        ("https://cdn.example:8443/*", "cdn.example:8443"),
        ("https://cdn.example:*/*", "cdn.example:*"),
        ("https://*.cdn.example/*", "*.cdn.example"),
        ("https://*cdn.example/*", "cdn.example *.cdn.example"),
        ("https://img*.cdn.example/*", "*.cdn.example"),
        ("https://img*.example/*", ""),
        ("https://*/*", "*"),
        ("https://*/pixel.gif", ""),
        ("https://maps.example/embed/*", "maps.example/embed/"),
        ("https://maps.example/embed*", "maps.example"),
        ("https://cdn.example/js/app*.js", "cdn.example/js/"),
        ("https://cdn.example/js/app.js", "cdn.example/js/app.js"),
        ("https://cdn.example/js?id=*", "cdn.example/js"),
        ("https://cdn.example/a,b;c/d e", "cdn.example/a%2Cb%3Bc/d%20e"),
        ("https://bad;host/*", ""),
        ("https://[::1]/*", ""),
    ] {
        assert_eq!(let_in(&[url], 1), source, "{url}");
        assert_eq!(let_in(&[url], 0), "");
    }
}

#[test]
fn nothing_refused_comes_in_with_what_is_permitted() {
    for (urls, source) in [
        (&["https://cdn.example/*", "https://maps.example/*"][..], "cdn.example"),
        (&["https://g.example/maps/*", "https://g.example/ads/*"], "g.example/maps/"),
        // A source with a whole folder would let the other in, so it names the one file.
        (&["https://g.example/maps*", "https://g.example/ads*"], "g.example/maps"),
        (&["https://g.example/a/*/map.js", "https://g.example/a/ads.js"], ""),
        // What is refused is named more exactly.
        (&["https://g.example/*", "https://g.example/ads/*"], ""),
        // What is permitted is named more exactly.
        (&["https://g.example/maps/*", "https://g.example/*"], "g.example/maps/"),
        (&["https://*.cdn.example/*", "https://ads.cdn.example/*"], ""),
        (&["https://img*.cdn.example/*", "https://ads.cdn.example/*"], ""),
        (&["https://*/*", "https://ads.example/*"], ""),
        // A source cannot tell queries apart.
        (&["https://g.example/js?id=map", "https://g.example/js?id=ads"], ""),
        (&["https://g.example/js", "https://g.example/js?id=ads"], ""),
    ] {
        assert_eq!(let_in(urls, 1), source, "{urls:?}");
    }
}

#[test]
fn a_list_longer_than_a_head_may_be_ends_before_it() {
    let urls: Vec<String> = (0..100).map(|number| format!("https://cdn{number}.example/{}/*", "long".repeat(60))).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let list = let_in(&urls, 100);
    assert!(list.len() <= 12 * 1024 && list.split(' ').count() > 40, "{}", list.len());
    assert!(list.split(' ').all(|source| source.ends_with("long/")));
}

/// Whether a browser lets a page of this scheme load the address under the list.
fn lets_in(list: &HeaderValue, url: &str, page_scheme: &str) -> bool {
    let (scheme, rest) = url.split_once("://").expect("a scheme");
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let origin = format!("{scheme}://{authority}");
    let address = Address::new(&origin, path).expect("an address");
    let text = list.as_bytes();
    policies(text).all(|policy| {
        let default = directive(text, policy, "default-src").expect("it has one");
        sources(default.value).any(|source| means(source, &address, page_scheme))
    })
}

fn any_pattern() -> impl Strategy<Value = String> {
    let host =
        prop_oneof![Just("a.b.c"), Just("*.b.c"), Just("x*.b.c"), Just("*b.c"), Just("*"), Just("a.b.c:*"), Just("a.b.c:8"), Just("*:8")];
    (host, "(/[xy*]{0,2}){0,3}(/|\\?[xy*]{0,2})?").prop_map(|(host, path)| format!("https://{host}{path}"))
}

fn any_url() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        Just("a.b.c"),
        Just("b.c"),
        Just("x.b.c"),
        Just("xx.b.c"),
        Just("y.a.b.c"),
        Just("d.c"),
        Just("a.b.c:8"),
        Just("d.c:8")
    ];
    let scheme = prop_oneof![Just("http"), Just("https"), Just("wss")];
    (scheme, host, "(/[xy]{0,2}){0,3}/[xy]{0,2}(\\?[xy]{0,2})?").prop_map(|(scheme, host, path)| format!("{scheme}://{host}{path}"))
}

proptest! {
    #[test]
    fn no_address_that_is_declared_and_refused_is_let_in(
        patterns in prop::collection::vec(any_pattern(), 1..6),
        permitted in any::<u8>(),
        urls in prop::collection::vec(any_url(), 1..40),
        page_scheme in prop_oneof![Just("http"), Just("https")],
    ) {
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let policy = declaring(&patterns);
        let permitted: Set<Resource> = (0..patterns.len()).filter(|at| permitted & (1 << at) != 0).map(Index::new).collect();
        let list = allow_list(&policy, permitted, None);
        for url in urls {
            if let Some(resource) = policy.resource_for(&url).filter(|resource| !permitted.contains(*resource)) {
                prop_assert!(!lets_in(&list, &url, page_scheme), "{url} falls under {} and comes in by {list:?}", policy.resource(resource).matches);
            }
        }
    }

    #[test]
    fn what_a_source_can_say_is_let_in_where_nothing_is_refused(
        host in prop_oneof![Just("a.b.c"), Just("*.b.c"), Just("*")], path in "(/[xy]{0,2}){0,2}/\\*", url in any_url(),
    ) {
        let pattern = format!("https://{host}{path}");
        prop_assume!(host != "*" || path == "/*");
        let policy = declaring(&[&pattern]);
        let everything: Set<Resource> = [Index::new(0)].into_iter().collect();
        let permitted = policy.resource_for(&url).is_some();
        // On a page that is not secure a browser loads both.
        prop_assert_eq!(lets_in(&allow_list(&policy, everything, None), &url, "http"), permitted);
    }

    #[test]
    fn any_bytes_are_read_and_only_ever_added_to(bytes in prop::collection::vec(any::<u8>(), 0..300), words in prop::collection::vec(any_word(), 0..12)) {
        for text in [bytes, words.concat().into_bytes()] {
            let Ok(value) = HeaderValue::from_bytes(&text) else { continue };
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_SECURITY_POLICY, value);
            let site = Site::read(&headers);
            site.allows_forms_to_self(ORIGIN, "/privacy/choices");
            site.amend(&mut headers, STYLE);
            let once = headers[CONTENT_SECURITY_POLICY].clone();
            prop_assert!(is_left_of(&text, once.as_bytes()), "{once:?}");
            Site::read(&headers).amend(&mut headers, STYLE);
            prop_assert_eq!(&headers[CONTENT_SECURITY_POLICY], &once, "a second time changes nothing");
        }
    }
}

fn any_word() -> impl Strategy<Value = String> {
    let words = [
        "default-src",
        "style-src",
        "style-src-elem",
        "'none'",
        "'self'",
        "'unsafe-inline'",
        "'nonce-a'",
        ";",
        ",",
        " ",
        "\t",
        "https:",
        "form-action",
        "sandbox",
        "*.a.b",
        "é",
    ];
    prop::sample::select(words.to_vec()).prop_map(str::to_owned)
}

/// Whether what was there is still there in its order, but for a `'none'`.
fn is_left_of(before: &[u8], after: &[u8]) -> bool {
    let without_none = |text: &[u8]| {
        let text = String::from_utf8_lossy(text).to_ascii_lowercase().replace("'none'", "");
        text.into_bytes()
    };
    let mut rest = without_none(after).into_iter();
    without_none(before).into_iter().all(|byte| rest.any(|other| other == byte))
}
