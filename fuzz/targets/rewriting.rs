//! Pages: however broken one is, nothing of whom nobody permitted is left for a browser to load, it does not matter in which pieces it came, and a page with
//! no sign of anybody stays as it is. What a browser makes of the outcome is said by Servo's parser.
#![no_main]

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwap;
use domain::{ManualClock, SeededRandom, SessionId, Timestamp};
use edge::fuzzing::Pages;
use edge::{
    AnswerBody, Enforcement, KeepSignals, Limits, OwnPages, Record, Renewed, RequestBody, RequestFacts, Sessions, Settings, Signal, Wiring,
};
use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use http::{Request, Response};
use libfuzzer_sys::fuzz_target;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use policy::Revocations;
use policy::assertion::{AssertionKeyRecord, AssertionKeys};
use policy::check::check;
use policy::cookie::{KeyRecord, SigningKeys};
use policy::syntax::SiteSources;
use url::Url;
use visits::NewVisit;

const PAGE: &str = "https://books.example/shelf/page";

/// Declared, for a purpose that nobody said yes to.
const REFUSED: &str = "ads.example";

static PAGES: LazyLock<Pages> = LazyLock::new(|| {
    let rules = concat!(
        include_str!("../../crates/edge/tests/edge/common/policy.toml"),
        include_str!("../../crates/edge/tests/edge/common/trackers.toml")
    );
    let words = concat!(
        include_str!("../../crates/edge/tests/edge/common/policy.md"),
        include_str!("../../crates/edge/tests/edge/common/trackers.md")
    );
    let policy = check(&SiteSources::new(rules, words), "2026-03-01".parse().expect("a day")).policy.expect("the rules check clean");
    let now: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
    let keys = SigningKeys::from_records(vec![KeyRecord { id: *b"key1", secret: [7; 32], made: now }]).expect("a key");
    let assertions = AssertionKeys::from_records(&[AssertionKeyRecord { secret: [8; 32], made: now }]).expect("a key");
    let settings = Settings {
        listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))],
        workers: 1,
        upstream: None,
        trusted_proxies: Vec::new(),
        region_header: None,
        enforcement: Enforcement::Enforce,
        origin: None,
        sign_in: Vec::new(),
        limits: Limits::default(),
        tls: None,
    };
    let wiring = Wiring {
        policy: Arc::new(ArcSwap::from_pointee(policy)),
        revocations: Arc::new(ArcSwap::from_pointee(Revocations::default())),
        keys: Arc::new(ArcSwap::from_pointee(keys)),
        recorder: Arc::new(Nobody),
        pages: Arc::new(Nobody),
        signals: Arc::new(Nobody),
        sessions: Arc::new(Nobody),
        assertions: Arc::new(ArcSwap::from_pointee(assertions)),
        clock: Arc::new(ManualClock::at(now)),
        random: Arc::new(SeededRandom::new(1)),
        places: None,
    };
    Pages::new(settings, wiring, Url::parse(PAGE).expect("an address"), now)
});

/// Records nothing and has no pages.
struct Nobody;

impl Record for Nobody {
    fn record(&self, _visit: &NewVisit<'_>) {}
}

impl KeepSignals for Nobody {
    fn keep(&self, _signal: Signal) {}
}

impl Sessions for Nobody {
    fn renew(&self, _session: SessionId, _now: Timestamp) -> Pin<Box<dyn Future<Output = Renewed> + Send>> {
        Box::pin(async { Renewed::Unknown })
    }
}

impl OwnPages for Nobody {
    fn owns(&self, _path: &str) -> bool {
        false
    }

    fn answer(&self, _: Request<RequestBody>, _: Arc<RequestFacts>) -> Pin<Box<dyn Future<Output = Response<AnswerBody>> + Send>> {
        Box::pin(async { Response::new(AnswerBody::full("")) })
    }
}

fuzz_target!(|page: &str| {
    let whole = PAGES.rewritten(page.as_bytes(), page.len());
    for piece_bytes in [1, 7] {
        assert_eq!(text(&PAGES.rewritten(page.as_bytes(), piece_bytes)), text(&whole), "in pieces of {piece_bytes}");
    }
    let Some(after) = whole else { return };
    let after = String::from_utf8(after).expect("UTF-8 stays UTF-8");
    if shows_no_sign(page) {
        assert_eq!(after, page, "a page without a sign of anybody stays as it is");
    }
    for scripting in [true, false] {
        let document = parsed(&after, scripting);
        let mut found = Vec::new();
        let mut base = None;
        look(&document.document, &mut base, &mut found);
        assert!(found.is_empty(), "{found:?} (with script: {scripting}) in {after:?}");
    }
});

fn text(page: &Option<Vec<u8>>) -> Option<String> {
    page.as_ref().map(|page| String::from_utf8_lossy(page).into_owned())
}

/// Plain letters that name nobody, mark nothing and change where addresses start.
fn shows_no_sign(page: &str) -> bool {
    let page = page.to_ascii_lowercase();
    let is_plain = page.bytes().all(|byte| byte == b' ' || (byte.is_ascii_graphic() && !matches!(byte, b'&' | b'%' | b'\\' | b':')));
    // Whoever is not declared is held back too, so every address of another host is a sign.
    is_plain && ["//", "data-candor", "base", "meta", "speculationrules"].iter().all(|sign| !page.contains(sign))
}

fn parsed(page: &str, scripting: bool) -> RcDom {
    let mut options = ParseOpts::default();
    options.tree_builder.scripting_enabled = scripting;
    parse_document(RcDom::default(), options).one(page)
}

/// Everything that a browser would load by itself from who is refused.
fn look(node: &Handle, base: &mut Option<Url>, found: &mut Vec<String>) {
    let mut waiting = vec![node.clone()];
    while let Some(node) = waiting.pop() {
        if let NodeData::Element { name, attrs, .. } = &node.data {
            let element = name.local.to_ascii_lowercase();
            let attributes: Vec<(String, String)> = attrs
                .borrow()
                .iter()
                .map(|attribute| (attribute.name.local.to_ascii_lowercase().to_string(), attribute.value.to_string()))
                .collect();
            if &*element == "base" && base.is_none() {
                let href = attributes.iter().find(|(name, _)| name == "href");
                *base = href.map(|(_, href)| own(None).join(href).unwrap_or_else(|_| own(None)));
            }
            for (attribute, value) in &attributes {
                let addresses: Vec<&str> = match (&*element, attribute.as_str()) {
                    ("a" | "area" | "form", _) => Vec::new(),
                    ("img" | "source", "srcset") => many(value),
                    ("link", "imagesrcset") if loads(&attributes) => many(value),
                    ("img" | "source" | "script" | "iframe" | "frame" | "embed" | "video" | "audio" | "track", "src") => vec![value],
                    ("object", "data") | ("video", "poster") => vec![value],
                    ("script" | "image" | "use" | "feimage", "href") => vec![value],
                    ("link", "href") if loads(&attributes) => vec![value],
                    ("input", "src") if attributes.iter().any(|(name, kind)| name == "type" && kind.eq_ignore_ascii_case("image")) => {
                        vec![value]
                    }
                    _ => Vec::new(),
                };
                let refused = |address: &&str| {
                    own(base.as_ref())
                        .join(address)
                        .is_ok_and(|url| url.host_str() == Some(REFUSED) && matches!(url.scheme(), "http" | "https"))
                };
                found.extend(
                    addresses.iter().filter(|address| refused(address)).map(|address| format!("<{element} {attribute}={address:?}>")),
                );
            }
        }
        // In the order of the page, because the first `base` counts.
        waiting.extend(node.children.borrow().iter().rev().cloned());
    }
}

fn many(value: &str) -> Vec<&str> {
    value.split([',', ' ', '\n', '\t', '\r', '\x0c']).collect()
}

fn own(base: Option<&Url>) -> Url {
    base.cloned().unwrap_or_else(|| Url::parse(PAGE).expect("an address"))
}

fn loads(attributes: &[(String, String)]) -> bool {
    const RELATIONS: [&str; 6] = ["stylesheet", "preload", "modulepreload", "prefetch", "icon", "preconnect"];
    let relations = attributes.iter().find(|(name, _)| name == "rel").map(|(_, value)| value.to_ascii_lowercase()).unwrap_or_default();
    relations.split_ascii_whitespace().any(|relation| RELATIONS.contains(&relation))
}
