use policy::syntax::SiteSources;
use proptest::prelude::*;

use super::*;

const RULES: &str = include_str!("../../../tests/edge/common/policy.toml");
const WORDS: &str = include_str!("../../../tests/edge/common/policy.md");

/// The first is permitted, the others are not.
const DECLARED: [&str; 3] = ["https://fonts.example/*", "https://ads.example/*", "https://fonts.example/count/*"];

fn policy() -> Policy {
    let report = policy::check::check(&SiteSources::new(RULES, WORDS), "2026-03-01".parse().expect("a day"));
    let mut policy = report.policy.unwrap_or_else(|| panic!("{:#?}", report.findings));
    let purpose = policy.purpose_named("news").expect("a purpose");
    let resource = |(at, url): (usize, &&str)| Resource {
        id: domain::Id::parse(&format!("resource-{at}")).expect("an id"),
        matches: policy::model::ResourceUrl::new(url),
        purpose,
        recipient: Index::new(0),
    };
    policy.resources = DECLARED.iter().enumerate().map(resource).collect();
    policy
}

fn left_of(value: &str) -> Option<String> {
    let permitted = [Index::new(0)].into_iter().collect();
    let own = Authority::from_static("books.example");
    let permission = Permission { policy: &policy(), permitted, own: Some(&own) };
    let value = without_refused(HeaderValue::from_str(value).expect("a value"), permission)?;
    Some(std::str::from_utf8(value.as_bytes()).expect("text").to_owned())
}

#[test]
fn links_to_what_is_refused_are_taken_out_and_nothing_else_is() {
    for value in [
        "<https://ads.example/a.js>; rel=preload; as=script",
        "<https://ads.example/a,b;c>;rel=\"next prefetch\"",
        "<//ads.example/x>; title=\"a, <b>\"; REL=Preload",
        "< HTTPS:\\\\ads.EXAMPLE:443/x >; rel='x'; rel=preload, <https://ads.example/>; rel=stylesheet",
        "<https://ads.example>; rel=preconnect",
        "<https:ads.example/x>; rel=preload",
        "<http:ads.example/x>; rel=preload",
        "<https://ads.example/x>; rel=\"pre\\load\"; as=image",
        "<https://ads.example/x>; rel=preload; title=\"\u{e9}\"",
        "<https://\u{e9}.example/x>; rel=preload",
        "<https://undeclared.example>; rel=preconnect",
        "<//undeclared.example/x>; rel=dns-prefetch",
        "<https://fonts.example/count/1>; rel=preload",
        "</own.png>; rel=preload; as=image; imagesrcset=\"/own.png 1x, https://ads.example/2x.png 2x\"",
    ] {
        let left = left_of(value);
        assert!(left.is_none_or(|left| !left.contains("preload") && !left.contains("undeclared") || left.contains("rel='x'")), "{value}");
    }
    assert_eq!(
        left_of(
            "</app.css>; rel=preload; as=style, <https://ads.example/a.js>; rel=preload; as=script,  <https://fonts.example/f>;rel=preload"
        ),
        Some("</app.css>; rel=preload; as=style, <https://fonts.example/f>;rel=preload".to_owned())
    );
}

#[test]
fn bytes_that_are_no_text_hide_no_link() {
    let permission = Permission { policy: &policy(), permitted: Set::EMPTY, own: None };
    let value = HeaderValue::from_bytes(b"</a>; rel=preload; title=\"\xe9\", <https://ads.example/x>; rel=preload; title=\"\xe9\"")
        .expect("a value");
    let left = without_refused(value.clone(), permission).expect("the other one stays");
    assert_eq!(left.as_bytes(), b"</a>; rel=preload; title=\"\xe9\"");
    let headers = HeaderMap::from_iter([(header::LINK, value)]);
    assert_eq!((count_refused(&headers, permission), third_parties(&headers, None)), (1, vec!["https://ads.example/x".to_owned()]));
}

#[test]
fn a_field_without_them_stays_byte_for_byte() {
    for value in [
        "</app.css>;rel=preload;as=style,</b.js>;  rel=modulepreload",
        "<https://fonts.example/f.woff2>; rel=preload; as=font; crossorigin",
        // Something on that host is permitted.
        "<https://fonts.example>; rel=preconnect",
        "<https://BOOKS.example>; rel=preconnect, </>; rel=preconnect",
        // The second Content-Security-Policy keeps it away.
        "<https://undeclared.example/x>; rel=preload",
        "<https://ads.example/imprint>; rel=help",
        "https://ads.example/x; rel=preload",
        ", ,",
        "<https://ads.example/unclosed; rel=preload",
        "<https://ads.example/x>",
    ] {
        assert_eq!(left_of(value).as_deref(), Some(value));
    }
}

#[test]
fn third_parties_are_known_by_their_links() {
    let mut headers = HeaderMap::new();
    headers.append(header::LINK, HeaderValue::from_static("</a.css>; rel=preload, <https://a.example/x.js>; rel=modulepreload"));
    headers.append(header::LINK, HeaderValue::from_static("<//b.example>; rel=preconnect, <https://c.example/>; rel=license"));
    assert!(may_lead_away(&headers));
    assert_eq!(third_parties(&headers, None), ["https://a.example/x.js", "https://b.example/"]);
    assert_eq!(third_parties(&headers, Some(&Authority::from_static("A.example:443"))), ["https://b.example/"]);
    assert_eq!(third_parties(&headers, Some(&Authority::from_static("a.example:8080"))).len(), 2);
    let own = HeaderMap::from_iter([(header::LINK, HeaderValue::from_static("</a.css>; rel=preload; as=style; type=\"text/css\""))]);
    assert!(!may_lead_away(&own));
}

proptest! {
    #[test]
    fn any_field_is_read_and_what_is_left_has_nothing_refused(text in "[<>,;=\"\\\\ a]{0,60}", words in prop::collection::vec(any_piece(), 0..12)) {
        for text in [text, words.concat()] {
            if let Some(left) = left_of(&text) {
                prop_assert_eq!(left_of(&left), Some(left.clone()), "a second time takes nothing");
            }
        }
    }
}

fn any_piece() -> impl Strategy<Value = String> {
    let pieces = [
        "<https://ads.example/x>",
        "<https://fonts.example/count/>",
        "</own>",
        "<",
        ">",
        "\"",
        ",",
        ";",
        "rel=preload",
        "rel=\"preconnect x\"",
        " ",
    ];
    prop::sample::select(pieces.to_vec()).prop_map(str::to_owned)
}
