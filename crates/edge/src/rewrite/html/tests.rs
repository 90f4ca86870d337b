use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwap;
use domain::{ManualClock, Region, SeededRandom, SessionId, Timestamp};
use encoding_rs::UTF_8;
use http::{Request, Response};
use policy::assertion::{AssertionKeyRecord, AssertionKeys};
use policy::cookie::{KeyRecord, SigningKeys};
use policy::syntax::SiteSources;
use policy::{Person, Revocations, VisitFacts};
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, ProptestConfig, Strategy, any};
use proptest::sample::select;
use proptest::{prop_assert_eq, prop_oneof, proptest};
use url::Url;
use visits::NewVisit;

use super::{Elements, Page, PageInserts, Reading, Unreadable};
use crate::gate::ReadyPlan;
use crate::listen::{Wiring, Worker};
use crate::{
    AnswerBody, Enforcement, Held, Inserts, KeepSignals, Limits, OwnPages, Record, Renewed, RequestBody, RequestFacts, Sessions, Settings,
    Signal,
};

/// Records nothing and has no pages.
struct Nobody;

impl Record for Nobody {
    fn record(&self, _: &NewVisit<'_>) {}
}

impl KeepSignals for Nobody {
    fn keep(&self, _: Signal) {}
}

impl Sessions for Nobody {
    fn renew(&self, _: SessionId, _: Timestamp) -> Pin<Box<dyn Future<Output = Renewed> + Send>> {
        Box::pin(async { Renewed::Unknown })
    }
}

impl OwnPages for Nobody {
    fn owns(&self, _: &str) -> bool {
        false
    }

    fn answer(&self, _: Request<RequestBody>, _: Arc<RequestFacts>) -> Pin<Box<dyn Future<Output = Response<AnswerBody>> + Send>> {
        Box::pin(async { Response::new(AnswerBody::full("")) })
    }
}

/// Inserts that are short enough to be read in a test.
struct Short;

impl Inserts for Short {
    fn style(&self) -> &'static str {
        "s"
    }

    fn style_source(&self) -> &'static str {
        "'sha256-s'"
    }

    fn banner(&self) -> Option<&str> {
        Some("<i>banner</i>")
    }

    fn placeholder(&self, _: &Held, _: crate::Room) -> String {
        "<i>held</i>".to_owned()
    }

    fn summary(&self, held: &[Held]) -> String {
        format!("<i>{} held</i>", held.len())
    }
}

/// A site under the policy that the tests of whole answers have, and somebody who has said yes to nothing.
static SITE: LazyLock<(Arc<Worker>, Arc<ReadyPlan>)> = LazyLock::new(|| {
    let rules = concat!(include_str!("../../../tests/edge/common/policy.toml"), include_str!("../../../tests/edge/common/trackers.toml"));
    let words = concat!(include_str!("../../../tests/edge/common/policy.md"), include_str!("../../../tests/edge/common/trackers.md"));
    let checked = policy::check::check(&SiteSources::new(rules, words), "2026-03-01".parse().expect("a day"));
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
        policy: Arc::new(ArcSwap::from_pointee(checked.policy.expect("the rules check clean"))),
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
    let worker = Worker::idle(settings, wiring);
    let facts = VisitFacts { person: Person::default(), gpc: false, region: Region::default(), at: now };
    let plan = worker.plans.find(&worker.wiring.policy.load_full(), &worker.wiring.revocations.load(), &facts);
    (worker, plan)
});

/// The page as it comes out, where it can be read, and whether it is another one.
fn rewritten(text: &str, elements: Elements, asks: bool) -> Result<(String, bool), Unreadable> {
    let (worker, plan) = SITE.clone();
    let url = Url::parse("https://books.example/shelf/page").expect("an address");
    let reading = Reading { worker, plan, url, encoding: UTF_8, encoding_is_known: true, elements };
    let mut page = Page::new(reading, PageInserts::saying(Box::new(Short), asks));
    page.write(text.as_bytes())?;
    page.end()?;
    Ok((String::from_utf8(page.take()).expect("UTF-8 stays UTF-8"), page.is_changed()))
}

/// A page that is all there, as somebody gets it who is asked.
fn asked(text: &str) -> String {
    let elements = Elements::in_text(text.as_bytes());
    let elements = if elements.hide_body() { elements.and_every_other() } else { elements };
    rewritten(text, elements, true).expect("a page that can be read").0
}

fn tags() -> BoxedStrategy<String> {
    const NAMES: [&str; 36] = [
        "p", "div", "a", "table", "td", "header", "title", "textarea", "style", "body", "head", "html", "frameset", "frame", "noframes",
        "script", "iframe", "img", "image", "source", "video", "audio", "object", "embed", "link", "input", "svg", "use", "math", "select",
        "template", "noscript", "base", "meta", "bgsound", "track",
    ];
    const ATTRIBUTES: [&str; 26] = [
        "",
        " src=https://ads.example/x",
        " src='//maps.example/embed/1'",
        "/src=//ads.example/y",
        " href=\"https://ads.example/z\"",
        " data=https://ads.example/o",
        " srcset='/a 1x, https://ads.example/b 2x'",
        " background=https://ads.example/back",
        " title='a'background\n=\"//ads.example/b\"",
        " background",
        " data-candor-purpose=ads",
        "\tdata-candor-purpose = 'maps'",
        " data-candor-purpose",
        " type=image",
        " type=importmap",
        " type='speculationrules'",
        " type=text/plain",
        " rel=stylesheet",
        " rel='preconnect'",
        " poster=//ads.example/p",
        " title='<img src=//ads.example/t>'",
        " title=\"a>b\"",
        " hidden",
        " width=1 height=1",
        " http-equiv=content-security-policy content='style-src none'",
        " charset=utf-8",
    ];
    const ENDS: [&str; 5] = [">", "/>", " >", "\n>", ""];
    (any::<bool>(), select(&NAMES), vec(select(&ATTRIBUTES), 0..3), select(&ENDS), any::<u64>())
        .prop_map(|(closes, name, attributes, end, capitals)| {
            let slash = if closes { "/" } else { "" };
            let tag = format!("<{slash}{name}{}{end}", attributes.concat());
            tag.chars()
                .enumerate()
                .map(|(at, letter)| if capitals >> (at % 64) & 1 == 1 { letter.to_ascii_uppercase() } else { letter })
                .collect()
        })
        .boxed()
}

fn soup() -> BoxedStrategy<String> {
    const TEXTS: [&str; 14] = [
        "Hello",
        " ",
        "<!doctype html>",
        "<!-- ",
        " -->",
        "<",
        "'",
        "\"",
        "\0",
        "</",
        "<![CDATA[",
        "]]>",
        "{\"imports\":{\"a\":\"https://ads.example/a\"}}",
        "https://ads.example/",
    ];
    let piece = prop_oneof![4 => tags(), 1 => select(&TEXTS).prop_map(str::to_owned)];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat()).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn a_page_is_the_same_whether_its_elements_are_known_or_not(page in soup(), asks in any::<bool>()) {
        let known = Elements::in_text(page.as_bytes());
        prop_assert_eq!(rewritten(&page, known, asks), rewritten(&page, Elements::ALL, asks));
    }

    #[test]
    fn looking_for_a_hidden_body_finds_nothing_more(page in soup()) {
        if Elements::in_text(page.as_bytes()).hide_body() {
            prop_assert_eq!(rewritten(&page, Elements::ALL.and_every_other(), false), rewritten(&page, Elements::ALL, false));
        }
    }
}

#[test]
fn a_body_without_a_tag_begins_with_the_first_thing_in_it() {
    const BANNER: &str = "<style>s</style><i>banner</i>";
    for (page, expected) in [
        ("<!doctype html><title>T</title><p>Hello", "<!doctype html><title>T</title>|<p>Hello"),
        ("<html><head><title>T</title></head>Hello<p>", "<html><head><title>T</title></head>|Hello<p>"),
        ("<HTML><HEAD><STYLE></STYLE></HEAD><P>Hello", "<HTML><HEAD><STYLE></STYLE></HEAD>|<P>Hello"),
        ("<head><link rel=icon><div>a</div></head><p>b", "<head><link rel=icon>|<div>a</div></head><p>b"),
        ("<!-- <p> --><script>'<p>'</script><table><td>a", "<!-- <p> --><script>'<p>'</script>|<table><td>a"),
        ("<template><p>a</p></template><p>b", "<template><p>a</p></template>|<p>b"),
        ("<svg><a/></svg><select><option>a</select>", "|<svg><a/></svg><select><option>a</select>"),
        ("Hello", "Hello|"),
        ("<title>T</title>", "<title>T</title>|"),
        // These say it themselves.
        ("<p>a<body><p>b", "<p>a<body>|<p>b"),
        ("<head></head><frameset><frame src=/a></frameset>", "<head></head><frameset><frame src=/a></frameset>|"),
    ] {
        assert_eq!(asked(page), expected.replace('|', BANNER), "{page}");
    }
}

#[test]
fn the_first_thing_in_a_body_may_itself_be_held_back() {
    let page = asked("<head><title>T</title><iframe src=https://maps.example/embed/1></iframe><p>Hello");
    assert_eq!(page, "<head><title>T</title><style>s</style><i>banner</i><i>held</i><p>Hello<i>0 held</i>");
    let page = asked("<title>T</title><script src=https://ads.example/a.js></script><p>Hello");
    assert_eq!(page, "<title>T</title><style>s</style><i>banner</i><p>Hello<i>1 held</i>");
}
