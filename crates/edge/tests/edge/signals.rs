//! `Sec-GPC: 1` binds the browser: what it opts out of stays opted out when the browser stops saying it.

use domain::{Answer, Choice, ChoiceRecordId, Id, Version};
use edge::Signal;
use policy::cookie::{self, ChoicesPart, CookieParts, CookieState};

use crate::common::site::Site;
use crate::common::visitor::{Answer as Reply, ask, get};
use crate::common::{Edge, NOW};

const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\npage";
const GPC: &str = "Sec-GPC: 1";
const CALIFORNIA: &str = "X-Region: US-CA";
const NAVIGATION: &str = "Sec-Fetch-Dest: document";

fn pair(reply: &Reply) -> Option<String> {
    reply.field("set-cookie").map(|set| set.split(';').next().expect("name and value").to_owned())
}

fn parts(edge: &Edge, reply: &Reply) -> CookieParts {
    let pair = pair(reply).expect("a cookie");
    let value = pair.strip_prefix("candor-visit=").expect("a page writes no other cookie of ours");
    let now = NOW.parse().expect("a time");
    let visit = std::iter::once(value.as_bytes());
    match cookie::read(&edge.policy.load(), &edge.keys.load(), now, std::iter::empty(), visit) {
        CookieState::Verified(parts) => (*parts).clone(),
        other => panic!("{other:?}"),
    }
}

fn signals(edge: &Edge) -> Vec<Signal> {
    edge.signals.0.lock().expect("no test panics while it holds this").clone()
}

fn news(answer: Answer, gpc: bool) -> Choice {
    let purpose = Id::parse("news").expect("an id");
    Choice { purpose, answer, at: NOW.parse().expect("a time"), version: Version::FIRST, gpc, opted_out: false }
}

fn carrying(edge: &Edge, choice: Choice) -> String {
    let part = ChoicesPart { record: ChoiceRecordId([9; 16]), made: NOW.parse().expect("a time"), choices: vec![choice] };
    format!("Cookie: {}", edge.cookie(&CookieParts { choices: Some(part), ..CookieParts::default() }))
}

#[tokio::test]
async fn a_page_visit_with_the_signal_opts_the_browser_out_for_good() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::told_of_regions(site.address);
    let first = ask(edge.address, get("/", &[GPC, NAVIGATION])).await;
    let set = parts(&edge, &first);
    assert!(set.choices.is_none(), "nobody chose anything");
    let signalled = set.signal.as_ref().expect("the signal");
    let told: Vec<_> =
        signalled.opted_out().iter().map(|choice| (choice.purpose.as_str(), choice.answer, choice.gpc, choice.opted_out)).collect();
    assert_eq!(told, [("news", Answer::No, true, true)]);
    assert!(set.visitor.is_none(), "opting out makes no visitor");
    assert!(first.field("cache-control").is_some_and(|cached| cached.contains("private")));

    let cookie = format!("Cookie: {}", pair(&first).expect("a cookie"));
    let later = ask(edge.address, get("/", &[CALIFORNIA, NAVIGATION, &cookie])).await;
    assert!(later.field("set-cookie").is_some(), "a visitor, which the signal says nothing of");
    let told = site.requests().swap_remove(1);
    assert!(told.contains("candor-purposes: operate,return-visits\r\n"), "not news, though nobody sends the signal now: {told}");

    let again = ask(edge.address, get("/", &[GPC, NAVIGATION, &cookie])).await;
    assert_eq!(again.field("set-cookie"), None, "once is enough");
    let [signal] = signals(&edge).try_into().expect("one signal");
    assert_eq!((signal.record, signal.region.to_string().as_str()), (signalled.record, "*"));
    let names =
        |set: policy::Set<policy::model::Purpose>| set.iter().map(|at| signal.policy.purpose(at).id.to_string()).collect::<Vec<_>>();
    assert_eq!((names(signal.purposes), names(signal.withdrawn)), (vec!["news".to_owned()], vec![]));
}

#[tokio::test]
async fn one_cookie_tells_of_the_visitor_and_of_the_signal() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::told_of_regions(site.address);
    let first = ask(edge.address, get("/", &[GPC, CALIFORNIA, NAVIGATION])).await;
    assert_eq!(first.head.matches("set-cookie").count(), 1, "{}", first.head);
    let set = parts(&edge, &first);
    assert!(set.visitor.is_some() && set.signal.is_some());
    assert!(edge.visit().await.visitor.is_some());
}

#[tokio::test]
async fn a_yes_from_before_is_taken_back_and_one_said_under_the_signal_is_not() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::told_of_regions(site.address);
    let before = ask(edge.address, get("/", &[GPC, NAVIGATION, &carrying(&edge, news(Answer::Yes, false))])).await;
    let signalled = parts(&edge, &before).signal.expect("the signal");
    assert_eq!((signalled.record, signalled.opted_out().len()), (ChoiceRecordId([9; 16]), 1), "under the pseudonym it had");
    assert_eq!(before.field("clear-site-data").as_deref(), Some("\"cache\""), "copies from under the yes are forgotten with it");
    assert_eq!(signals(&edge)[0].withdrawn, signals(&edge)[0].purposes);
    for settled in [news(Answer::Yes, true), news(Answer::No, false), news(Answer::No, true)] {
        let reply = ask(edge.address, get("/", &[GPC, NAVIGATION, &carrying(&edge, settled)])).await;
        assert_eq!((reply.field("set-cookie"), reply.field("clear-site-data")), (None, None));
    }
    assert_eq!(signals(&edge).len(), 1);
}

#[tokio::test]
async fn only_pages_that_somebody_opens_are_told() {
    let site = Site::answering(|request| {
        if request.contains("/image") {
            b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 0\r\n\r\n".to_vec()
        } else {
            PAGE.as_bytes().to_vec()
        }
    })
    .await;
    let edge = Edge::told_of_regions(site.address);
    for request in [
        get("/", &[GPC]),
        get("/", &[NAVIGATION]),
        get("/", &["Sec-GPC: 0", NAVIGATION]),
        get("/", &[GPC, "Sec-Fetch-Dest: iframe", "Accept: text/html"]),
        get("/image", &[GPC, NAVIGATION]),
        get("/", &[GPC, NAVIGATION, "Cookie: candor=AAAA"]),
        get("/", &[GPC, NAVIGATION, "Cookie: candor-visit=AAAA"]),
        format!("POST / HTTP/1.1\r\nHost: a\r\n{GPC}\r\n{NAVIGATION}\r\n\r\n"),
    ] {
        let reply = ask(edge.address, &request).await;
        assert_eq!(reply.field("set-cookie"), None, "{request}");
    }
    assert!(signals(&edge).is_empty());
}

#[tokio::test]
async fn a_policy_that_remembers_no_choices_sets_no_cookie_for_the_signal() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::told_of_regions(site.address);
    let rules = crate::common::RULES.replace("holds = \"choices\"", "name = \"site_choices\"");
    edge.policy.store(std::sync::Arc::new(crate::common::policy_of(&rules)));
    let reply = ask(edge.address, get("/", &[GPC, NAVIGATION])).await;
    assert_eq!(reply.field("set-cookie"), None);
    assert!(signals(&edge).is_empty());
}
