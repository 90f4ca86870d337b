//! What the site is told, and by whom.

use domain::{ChoiceRecordId, VisitorId};
use policy::cookie::{ChoicesPart, CookieParts, VisitorPart};
use proptest::prelude::*;

use crate::common::site::Site;
use crate::common::visitor::{Visitor, ask, field, get};
use crate::common::{Edge, NOW};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// The request as the site got it, made with these fields.
async fn told(edge: &Edge, site: &Site, fields: &[&str]) -> String {
    let before = site.requests().len();
    assert_eq!(ask(edge.address, get("/", fields)).await.status(), 200);
    site.requests().swap_remove(before)
}

#[tokio::test]
async fn nobody_outside_speaks_in_our_name() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let forged = [
        "Candor-Purposes: news",
        "CANDOR_PURPOSES: news",
        "candor.purposes: news",
        "Candor-Visitor: me",
        "Candor_Account: me",
        "Candor-: x",
    ];
    let request = told(&edge, &site, &forged).await;
    assert_eq!(request.to_lowercase().matches("candor").count(), 2, "purposes, and that it has passed here: {request}");
    assert_eq!(field(&request, "candor-purposes").as_deref(), Some("operate"));
    let request = told(&edge, &site, &["Candorous: 1", "X-Candor-A: 1"]).await;
    assert!(request.contains("candorous: 1\r\n") && request.contains("x-candor-a: 1\r\n"), "{request}");
}

#[tokio::test]
async fn where_a_request_came_from_is_ours_to_say() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let claims = [
        "X-Forwarded-For: 1.1.1.1",
        "X_Forwarded_For: 1.1.1.1",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Port: 1",
        "X-Real-IP: 1.1.1.1",
        "x_real_ip: 1.1.1.1",
        "Forwarded: for=1.1.1.1",
    ];
    let request = told(&edge, &site, &claims).await;
    assert!(!request.contains("1.1.1.1") && !request.contains("evil"), "{request}");
    assert_eq!(field(&request, "x-forwarded-for").as_deref(), Some("127.0.0.1"));
    assert_eq!(field(&request, "x-forwarded-proto").as_deref(), Some("http"));
    assert_eq!(field(&request, "x-forwarded-host").as_deref(), Some("books.example"));
    assert_eq!(edge.visit().await.ip.as_deref(), Some("127.0.0.1"));
}

#[tokio::test]
async fn a_proxy_that_we_trust_is_believed() {
    let site = Site::saying(OK).await;
    let edge = Edge::with(site.address, |settings| {
        settings.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        settings.region_header = Some(http::HeaderName::from_static("x-region"));
    });
    let claims = [
        "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 127.0.0.2",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: shop.example",
        "X-Region: US-CA",
        "X_Region: DE",
    ];
    let request = told(&edge, &site, &claims).await;
    assert_eq!((field(&request, "x-region").as_deref(), field(&request, "x_region")), (Some("US-CA"), None));
    assert_eq!(field(&request, "x-forwarded-for").as_deref(), Some("203.0.113.9"));
    assert_eq!(field(&request, "x-forwarded-proto").as_deref(), Some("https"));
    assert_eq!(field(&request, "x-forwarded-host").as_deref(), Some("shop.example"));
    assert_eq!(field(&request, "host").as_deref(), Some("books.example"));
    // In California what nobody refused is on.
    assert_eq!(field(&request, "candor-purposes").as_deref(), Some("operate,return-visits,news"));
    assert_eq!(edge.visit().await.ip.as_deref(), Some("203.0.113.9"));
    let page = ask(edge.address, get("/privacy", &claims)).await;
    assert_eq!(page.text(), "own page: https=true gpc=false region=us-ca authority=shop.example client=[visit.ip]");
}

#[tokio::test]
async fn a_stranger_does_not_say_where_they_are() {
    let site = Site::saying(OK).await;
    let edge = Edge::with(site.address, |settings| settings.region_header = Some(http::HeaderName::from_static("x-region")));
    let request = told(&edge, &site, &["X-Region: US-CA", "X_Region: US-CA", "X.Region: US-CA"]).await;
    assert_eq!((field(&request, "candor-purposes").as_deref(), field(&request, "x-region")), (Some("operate"), None));
    assert!(!request.contains("US-CA"), "a site may read them alike: {request}");
}

#[tokio::test]
async fn global_privacy_control_passes_and_counts() {
    let site = Site::saying(OK).await;
    let edge = Edge::with(site.address, |settings| {
        settings.trusted_proxies = vec!["127.0.0.1".parse().expect("a network")];
        settings.region_header = Some(http::HeaderName::from_static("x-region"));
    });
    for (signal, purposes) in [
        ("Sec-GPC: 1", "operate,return-visits"),
        ("Sec-GPC: 0", "operate,return-visits,news"),
        ("Sec-GPC: 11", "operate,return-visits,news"),
        ("Sec-GPC: 0\r\nSec-GPC: 1", "operate,return-visits"),
    ] {
        let request = told(&edge, &site, &["X-Region: US-CA", signal]).await;
        assert_eq!(field(&request, "candor-purposes").as_deref(), Some(purposes), "{signal}");
        assert!(request.contains(&signal.to_lowercase()), "{request}");
    }
}

#[tokio::test]
async fn our_cookies_never_reach_the_site_and_the_site_sets_none_of_them() {
    let site = Site::saying(
        "HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: candor=forged; Path=/\r\nset-cookie:  __HOST-Candor =x\r\nset-cookie: =candor=x\r\n\
         set-cookie: b=candor\r\ncontent-length: 2\r\n\r\nok",
    )
    .await;
    let edge = Edge::before(site.address);
    let answer = ask(
        edge.address,
        get(
            "/",
            &[
                "Cookie: a=1; candor=x;b=2; __Host-candor=y",
                "Cookie: candor-form=z; __Host-candor-form=z; candor-visit=v; __Host-candor-visit=w; candor-age=x",
                "Cookie: c=3",
            ],
        ),
    )
    .await;
    assert_eq!(answer.field("set-cookie").as_deref(), Some("a=1, b=candor"));
    assert_eq!(field(&site.request(), "cookie").as_deref(), Some("a=1; b=2, c=3"));
    let request = told(&edge, &site, &["Cookie: candor=x"]).await;
    assert_eq!(field(&request, "cookie"), None);
    let request = told(&edge, &site, &["Cookie: a=1;  b=2"]).await;
    assert_eq!(field(&request, "cookie").as_deref(), Some("a=1;  b=2"), "a cookie header that is none of our business is not rewritten");
}

#[tokio::test]
async fn choices_decide_what_the_site_is_told() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let now = NOW.parse().expect("a time");
    let yes = |purpose: &str| domain::Choice {
        purpose: domain::Id::parse(purpose).expect("an id"),
        answer: domain::Answer::Yes,
        at: now,
        version: domain::Version::FIRST,
        gpc: false,
        opted_out: false,
    };
    let choices = ChoicesPart { record: ChoiceRecordId([1; 16]), made: now, choices: vec![yes("return-visits")] };
    let visitor = VisitorPart::new(VisitorId([0xab; 16]), now);
    let cookie = edge.cookie(&CookieParts { choices: Some(choices), visitor: Some(visitor.clone()), ..CookieParts::default() });
    let request = told(&edge, &site, &[&format!("Cookie: {cookie}")]).await;
    assert_eq!(field(&request, "candor-purposes").as_deref(), Some("operate,return-visits"));
    assert_eq!(field(&request, "candor-visitor").as_deref(), Some("ab".repeat(16).as_str()));
    assert_eq!(field(&request, "cookie"), None);

    // Without the permit the same visitor is nobody, to the site and to the log.
    let cookie = edge.cookie(&CookieParts { visitor: Some(visitor), ..CookieParts::default() });
    let request = told(&edge, &site, &[&format!("Cookie: {cookie}")]).await;
    assert_eq!(field(&request, "candor-purposes").as_deref(), Some("operate"));
    assert_eq!(field(&request, "candor-visitor"), None);

    // A cookie that was tampered with counts as refusing all that can be refused.
    let forged = cookie.replace(&cookie[20..24], "AAAA");
    let request = told(&edge, &site, &[&format!("Cookie: {forged}")]).await;
    assert_eq!(field(&request, "candor-purposes").as_deref(), Some("operate"));
    let visits = edge.visits(3).await;
    assert_eq!(visits[0].visitor.as_deref(), Some("ab".repeat(16).as_str()));
    assert_eq!((&visits[1].visitor, &visits[2].visitor), (&None, &None));
}

#[tokio::test]
async fn what_a_cookie_said_is_not_said_of_the_next_one() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let now = NOW.parse().expect("a time");
    let yes = domain::Choice {
        purpose: domain::Id::parse("news").expect("an id"),
        answer: domain::Answer::Yes,
        at: now,
        version: domain::Version::FIRST,
        gpc: false,
        opted_out: false,
    };
    let choices = ChoicesPart { record: ChoiceRecordId([1; 16]), made: now, choices: vec![yes] };
    let cookie = edge.cookie(&CookieParts { choices: Some(choices), ..CookieParts::default() });
    let (with, twice) = (format!("Cookie: {cookie}"), format!("Cookie: {cookie}; {cookie}"));
    let forged = with.replace(&with[30..34], "AAAA");
    let mut visitor = Visitor::of(edge.address).await;
    let mut say = async |fields: &[&str]| {
        visitor.say(get("/", fields)).await;
        assert_eq!(visitor.answer().await.text(), "ok");
    };
    say(&[&with]).await;
    say(&[]).await;
    say(&[&with]).await;
    say(&[&forged]).await;
    say(&[&with, "Cookie: a=1"]).await;
    say(&[&twice]).await;
    say(&[&with]).await;
    // Keys that nobody signed with, from this request on.
    let record = policy::cookie::KeyRecord { id: *b"key2", secret: [8; 32], made: now };
    edge.keys.store(std::sync::Arc::new(policy::cookie::SigningKeys::from_records(vec![record]).expect("a key")));
    say(&[&with]).await;
    let told: Vec<String> = site.requests().iter().map(|request| field(request, "candor-purposes").expect("it is always told")).collect();
    assert_eq!(told, ["operate,news", "operate", "operate,news", "operate", "operate,news", "operate", "operate,news", "operate"]);
}

#[tokio::test]
async fn a_cookie_whose_time_is_over_is_noticed_on_an_open_connection() {
    let site = Site::saying(OK).await;
    let edge = Edge::with(site.address, |settings| settings.limits.keep_alive = std::time::Duration::MAX);
    let now = NOW.parse().expect("a time");
    let yes = domain::Choice {
        purpose: domain::Id::parse("news").expect("an id"),
        answer: domain::Answer::Yes,
        at: now,
        version: domain::Version::FIRST,
        gpc: false,
        opted_out: false,
    };
    let choices = ChoicesPart { record: ChoiceRecordId([1; 16]), made: now, choices: vec![yes] };
    let cookie = format!("Cookie: {}", edge.cookie(&CookieParts { choices: Some(choices), ..CookieParts::default() }));
    let mut visitor = Visitor::of(edge.address).await;
    for (wait_days, purposes) in [(0, "operate,news"), (390, "operate,news"), (20, "operate")] {
        edge.pass(std::time::Duration::from_secs(wait_days * 86_400)).await;
        visitor.say(get("/", &[&cookie])).await;
        visitor.answer().await;
        assert_eq!(field(site.requests().last().expect("a request"), "candor-purposes").as_deref(), Some(purposes));
    }
}

#[tokio::test]
async fn a_new_policy_counts_from_the_next_request() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[])).await;
    visitor.answer().await;
    let opened = crate::common::RULES.replace("\"*\" = \"ask\"", "\"*\" = \"opt-out\"");
    edge.policy.store(std::sync::Arc::new(crate::common::policy_of(&opened)));
    visitor.say(get("/", &[])).await;
    visitor.answer().await;
    let told: Vec<Option<String>> = site.requests().iter().map(|request| field(request, "candor-purposes")).collect();
    assert_eq!(told, [Some("operate".to_owned()), Some("operate,return-visits,news".to_owned())]);
}

/// Names a visitor might send, ours and the forwarded ones among them in many spellings.
fn name() -> impl Strategy<Value = String> {
    let token = "[a-zA-Z][a-zA-Z0-9_.~!-]{0,12}";
    prop_oneof![
        token.prop_map(|name| name),
        "[cC][aA][nN][dD][oO][rR][-_.~][a-zA-Z_-]{0,8}",
        "[xX][-_][fF]orwarded[-_](for|Proto|HOST|port)",
        Just("X-Real-Ip".to_owned()),
        Just("Forwarded".to_owned()),
        "candor[a-z0-9]{1,4}",
    ]
}

/// What a proxy neither forwards nor is asked to.
fn is_for_us_alone(name: &str) -> bool {
    let name = name.to_lowercase();
    let spelled: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    let forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-real-ip"];
    let of_connection = [
        "connection",
        "keep-alive",
        "te",
        "transfer-encoding",
        "upgrade",
        "proxy-connection",
        "host",
        "cookie",
        "expect",
        "content-length",
    ];
    spelled.starts_with("candor-")
        || forwarded.contains(&spelled.as_str())
        || of_connection.contains(&name.as_str())
        || name.starts_with("proxy-")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn exactly_what_is_ours_to_say_is_taken_out(names in proptest::collection::vec(name(), 1..12)) {
        let names: Vec<String> = names
            .into_iter()
            .filter(|name| {
                let name = name.to_lowercase();
                // These steer the exchange itself; they have tests of their own.
                !["host", "te", "transfer-encoding", "content-length", "connection", "upgrade", "expect"].contains(&name.as_str())
            })
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let site = Site::saying(OK).await;
            let edge = Edge::before(site.address);
            let fields: Vec<String> = names.iter().enumerate().map(|(at, name)| format!("{name}: from-outside-{at}")).collect();
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            let request = told(&edge, &site, &fields).await;
            for (at, name) in names.iter().enumerate() {
                let value = format!("from-outside-{at}\r\n");
                let passed = request.contains(&value);
                assert_eq!(passed, !is_for_us_alone(name), "{name} in {request}");
            }
            assert_eq!(field(&request, "candor-purposes").as_deref(), Some("operate"));
        });
    }
}
