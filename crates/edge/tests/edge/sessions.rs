//! People who are signed in: what the site and the log are told of them, when their session is asked about, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Age, Answer as Said, SessionId, VisitorId};
use edge::Enforcement;
use policy::Revocations;
use policy::assertion::{AssertionKeyRecord, AssertionKeys};
use policy::cookie::{CookieParts, SessionPart, VisitorPart};

use crate::common::people::{A_MINUTE, Manner, ticket};
use crate::common::site::Site;
use crate::common::visitor::{Answer, Visitor, ask, field, get};
use crate::common::{Edge, MEMBERS, NOW, RULES, WORDS, WORDS_ON_MEMBERS, policy_saying};

const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: 4\r\n\r\npage";
const DATA: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
const NAVIGATION: &str = "Sec-Fetch-Dest: document";
const CALIFORNIA: &str = "X-Region: US-CA";
const ANNA: Option<&str> = Some("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");

async fn before(site: &Site) -> Edge {
    Edge::with_members(site.address, |settings| settings.limits.renewal = Duration::from_millis(300))
}

/// Whom the site was told that the last request came from.
fn told(site: &Site) -> Option<String> {
    field(site.requests().last().expect("a request"), "candor-account")
}

/// What is inside of a token, its signature aside.
fn claims(token: &str) -> String {
    let payload = token.split('.').nth(1).expect("three parts");
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("text")
}

fn cookie_of(answer: &Answer) -> Option<String> {
    answer.field("set-cookie").map(|set| format!("Cookie: {}", set.split(';').next().expect("name and value")))
}

#[tokio::test]
async fn the_site_is_told_who_is_signed_in_and_the_log_keeps_it() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    ask(edge.address, get("/", &[&cookie])).await;
    let request = site.request();
    assert_eq!(field(&request, "candor-account").as_deref(), ANNA);
    assert_eq!(field(&request, "candor-username").as_deref(), Some("anna"));
    assert_eq!(field(&request, "candor-purposes").as_deref(), Some("operate,account"));
    assert_eq!(field(&request, "cookie"), None);
    let claims = claims(&field(&request, "candor-assertion").expect("an assertion"));
    for said in [
        r#""iss":"https://books.example","aud":"https://books.example","sub":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#,
        r#""username":"anna""#,
        r#""purposes":["operate","account"]"#,
    ] {
        assert!(claims.contains(said), "{claims}");
    }
    assert!(!claims.contains("adult") && !claims.contains("visitor"), "{claims}");
    assert_eq!(edge.visit().await.account.as_deref(), ANNA);
    assert_eq!(edge.sessions.asked(), 0, "a young ticket is believed by itself");
}

#[tokio::test]
async fn of_nobody_nothing_is_said_and_nobody_outside_says_it() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let forged =
        ["Candor-Account: me", "candor_username: me", "Candor-Assertion: me", "CANDOR_ASSERTION: me", "Connection: candor-account"];
    ask(edge.address, get("/", &forged)).await;
    let request = site.request().to_lowercase();
    let ours: Vec<&str> = request.lines().filter(|line| line.contains("candor")).filter_map(|line| line.split(":").next()).collect();
    assert_eq!(ours, ["candor-passed", "candor-purposes"], "{request}");
    let cookie = edge.anna();
    ask(edge.address, get("/", &[&forged[..], &[&cookie]].concat())).await;
    let request = site.requests().remove(1);
    assert!(!request.contains("me\r\n"), "{request}");
    assert_eq!(field(&request, "candor-account").as_deref(), ANNA, "what we say is not taken away by `Connection`");
    assert_eq!(edge.visits(2).await[0].account, None);
    assert_eq!(edge.counts().assertions_signed, 1);
}

#[tokio::test]
async fn a_name_in_any_script_is_told_in_ascii() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.sign_in(ticket("zoë 100%"));
    ask(edge.address, get("/", &[&cookie])).await;
    assert_eq!(field(&site.request(), "candor-username").as_deref(), Some("zo%C3%AB%20100%25"));
    assert!(claims(&field(&site.request(), "candor-assertion").expect("an assertion")).contains(r#""username":"zoë 100%""#));
}

#[tokio::test]
async fn nothing_is_marketed_to_minors() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    for (age, purposes) in [(Age::Adult, "operate,return-visits,news,account"), (Age::Minor, "operate,return-visits,account")] {
        let cookie = edge.sign_in(SessionPart { age, ..ticket("anna") });
        ask(edge.address, get("/", &[&cookie, CALIFORNIA])).await;
        assert_eq!(field(site.requests().last().expect("a request"), "candor-purposes").as_deref(), Some(purposes), "{age:?}");
    }
}

#[tokio::test]
async fn a_name_that_the_policy_does_not_let_the_site_have_is_kept_from_it() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let without_name = MEMBERS.replace(r#"data = ["account.*"]"#, r#"data = ["account.email"]"#);
    let words = format!("{WORDS}{WORDS_ON_MEMBERS}");
    edge.policy.store(Arc::new(policy_saying(&format!("{RULES}{without_name}"), &words)));
    let cookie = edge.anna();
    ask(edge.address, get("/", &[&cookie])).await;
    let request = site.request();
    assert_eq!((field(&request, "candor-account").as_deref(), field(&request, "candor-username")), (ANNA, None));
    assert!(!claims(&field(&request, "candor-assertion").expect("an assertion")).contains("anna"));
}

#[tokio::test]
async fn an_assertion_names_the_visitor_where_the_site_is_told_of_one() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let visitor = VisitorPart::new(VisitorId([0xab; 16]), NOW.parse().expect("a time"));
    let cookie = edge.cookie_with(CookieParts { session: Some(ticket("anna")), visitor: Some(visitor), ..CookieParts::default() });
    ask(edge.address, get("/", &[&cookie, CALIFORNIA])).await;
    ask(edge.address, get("/", &[&cookie, "X-Region: DE"])).await;
    let named = |at: usize| {
        let request = site.requests().swap_remove(at);
        let named = format!(r#""visitor":"{}""#, "ab".repeat(16));
        (field(&request, "candor-visitor").is_some(), claims(&field(&request, "candor-assertion").expect("an assertion")).contains(&named))
    };
    assert_eq!((named(0), named(1)), ((true, true), (false, false)));
}

#[tokio::test]
async fn an_assertion_is_said_again_until_half_its_time_is_over() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    let mut visitor = Visitor::of(edge.address).await;
    let mut assertions = Vec::new();
    for seconds in [0, 29, 1, 0] {
        edge.pass(Duration::from_secs(seconds)).await;
        visitor.say(get("/", &[&cookie])).await;
        visitor.answer().await;
        assertions.push(field(site.requests().last().expect("a request"), "candor-assertion").expect("an assertion"));
    }
    assert_eq!(assertions[0], assertions[1]);
    assert_ne!(assertions[1], assertions[2]);
    assert_eq!(assertions[2], assertions[3]);
    assert_eq!(edge.counts().assertions_signed, 2);
    // Another plan is another assertion.
    visitor.say(get("/", &[&cookie, CALIFORNIA])).await;
    visitor.answer().await;
    assert_eq!(edge.counts().assertions_signed, 3);
}

#[tokio::test]
async fn another_key_signs_as_soon_as_it_is_there() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    ask(edge.address, get("/", &[&cookie])).await;
    let made = edge.clock_now();
    let keys = AssertionKeys::from_records(&[AssertionKeyRecord { secret: [9; 32], made }]).expect("a key");
    edge.assertions.store(Arc::new(keys));
    ask(edge.address, get("/", &[&cookie])).await;
    let named = |at: usize| field(&site.requests()[at], "candor-assertion").expect("an assertion").split('.').next().map(str::to_owned);
    assert_ne!(named(0), named(1));
}

#[tokio::test]
async fn a_ticket_is_renewed_by_the_next_page_after_five_minutes() {
    let site = Site::answering(|request| if request.starts_with("GET /data") { DATA.into() } else { PAGE.into() }).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    edge.pass(4 * A_MINUTE).await;
    assert_eq!(ask(edge.address, get("/", &[&cookie, NAVIGATION])).await.field("set-cookie"), None);
    edge.pass(2 * A_MINUTE).await;
    assert_eq!(ask(edge.address, get("/data", &[&cookie])).await.field("set-cookie"), None);
    assert_eq!(edge.sessions.asked(), 0);
    let page = ask(edge.address, get("/", &[&cookie, NAVIGATION])).await;
    let set = page.field("set-cookie").expect("a cookie");
    assert_eq!(edge.parts_of(&set).session.expect("a ticket").renewed, edge.clock_now());
    assert_eq!(page.field("cache-control").as_deref(), Some("private, no-cache"));
    let renewed = cookie_of(&page).expect("a cookie");
    edge.pass(4 * A_MINUTE).await;
    ask(edge.address, get("/", &[&renewed, NAVIGATION])).await;
    assert_eq!((told(&site).as_deref(), edge.sessions.asked()), (ANNA, 1));
}

#[tokio::test]
async fn a_page_does_not_wait_for_the_ticket_that_is_only_due() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::with_members(site.address, |settings| settings.limits.renewal = Duration::from_secs(60));
    let cookie = edge.anna();
    edge.sessions.answer(Manner::Never);
    edge.pass(6 * A_MINUTE).await;
    let request = get("/", &[&cookie, NAVIGATION]);
    let page = tokio::time::timeout(Duration::from_secs(5), ask(edge.address, request)).await.expect("it does not wait");
    assert_eq!((page.status(), page.field("set-cookie"), told(&site).as_deref()), (200, None, ANNA));
}

#[tokio::test]
async fn a_ticket_of_more_than_ten_minutes_is_asked_about_before_the_site_is_told() {
    let site = Site::answering(|request| if request.starts_with("GET /data") { DATA.into() } else { PAGE.into() }).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    edge.pass(11 * A_MINUTE).await;
    // What is no page brings no cookie, because it could undo a choice made meanwhile; and it is asked about once for many.
    for _ in 0..3 {
        assert_eq!(ask(edge.address, get("/data", &[&cookie])).await.field("set-cookie"), None);
        assert_eq!(told(&site).as_deref(), ANNA);
    }
    let page = ask(edge.address, get("/", &[&cookie, NAVIGATION])).await;
    let ticket = edge.parts_of(&page.field("set-cookie").expect("a cookie")).session.expect("a ticket");
    assert_eq!((told(&site).as_deref(), ticket.username), (ANNA, crate::common::people::ticket("anna").username));
    assert_eq!((edge.sessions.asked(), edge.counts().sessions_renewed), (1, 1));
    assert!(edge.visits(4).await.iter().all(|visit| visit.account.as_deref() == ANNA));
    // What is known is fresh for five minutes.
    edge.pass(6 * A_MINUTE).await;
    ask(edge.address, get("/data", &[&cookie])).await;
    assert_eq!((told(&site).as_deref(), edge.sessions.asked()), (ANNA, 2));
}

#[tokio::test]
async fn while_nobody_can_say_people_count_as_signed_out_and_keep_their_cookie() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    edge.pass(11 * A_MINUTE).await;
    edge.sessions.answer(Manner::NotAtAll);
    let page = ask(edge.address, get("/", &[&cookie, NAVIGATION])).await;
    assert_eq!((page.status(), page.field("set-cookie"), told(&site)), (200, None, None));
    assert_eq!(ask(edge.address, get("/privacy/who", &[&cookie])).await.text(), "unsure");
    edge.sessions.answer(Manner::AtOnce);
    ask(edge.address, get("/", &[&cookie, NAVIGATION])).await;
    assert_eq!(told(&site).as_deref(), ANNA);
    assert_eq!(edge.counts().sessions_unknown, 2);
    assert_eq!(edge.visits(3).await.iter().map(|visit| visit.account.as_deref()).collect::<Vec<_>>(), [None, None, ANNA]);
}

#[tokio::test]
async fn a_database_that_hangs_holds_up_one_request_and_no_other() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    edge.pass(11 * A_MINUTE).await;
    edge.sessions.answer(Manner::Never);
    let ten = async {
        for _ in 0..10 {
            let page = ask(edge.address, get("/", &[&cookie, NAVIGATION])).await;
            assert_eq!((page.status(), page.field("set-cookie"), told(&site)), (200, None, None));
        }
    };
    tokio::time::timeout(Duration::from_secs(2), ten).await.expect("only the first waits");
    assert_eq!(edge.sessions.asked(), 1);
    edge.sessions.answer(Manner::AtOnce);
    edge.pass(Duration::from_secs(6)).await;
    ask(edge.address, get("/", &[&cookie, NAVIGATION])).await;
    assert_eq!(told(&site).as_deref(), ANNA);
}

#[tokio::test]
async fn a_session_that_is_over_leaves_the_cookie_and_nothing_else_does() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let visitor = Some(VisitorPart::new(VisitorId([0xab; 16]), NOW.parse().expect("a time")));
    let cookie = edge.cookie_with(CookieParts { session: Some(ticket("anna")), visitor: visitor.clone(), ..CookieParts::default() });
    edge.pass(11 * A_MINUTE).await;
    let page = ask(edge.address, get("/", &[&cookie, NAVIGATION, CALIFORNIA])).await;
    assert_eq!(edge.parts_of(&page.field("set-cookie").expect("a cookie")), CookieParts { visitor, ..CookieParts::default() });
    assert_eq!((told(&site), edge.counts().sessions_ended), (None, 1));
    let alone = edge.cookie_with(CookieParts { session: Some(ticket("anna")), ..CookieParts::default() });
    let page = ask(edge.address, get("/", &[&alone, NAVIGATION])).await;
    assert_eq!(page.field("set-cookie").as_deref(), Some("candor-visit=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"));
    assert_eq!(edge.sessions.asked(), 1, "it never comes back, so nobody is asked again");
}

#[tokio::test]
async fn signing_out_counts_on_every_connection_from_the_next_request_on() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[&cookie])).await;
    visitor.answer().await;
    assert_eq!(told(&site).as_deref(), ANNA);
    let mut revocations = Revocations::default();
    revocations.end_session(SessionId([0x11; 16]), edge.clock_now());
    edge.revocations.store(Arc::new(revocations));
    visitor.say(get("/", &[&cookie])).await;
    visitor.answer().await;
    assert_eq!((told(&site), edge.sessions.asked()), (None, 0), "the same connection, in the same second");
    assert_eq!(ask(edge.address, get("/privacy/who", &[&cookie])).await.text(), "nobody");
    let page = ask(edge.address, get("/", &[&cookie, NAVIGATION])).await;
    assert_eq!(page.field("set-cookie").as_deref(), Some("candor-visit=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"));
}

#[tokio::test]
async fn a_closed_account_is_signed_out_at_once_and_signing_out_everywhere_is_asked_about() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    edge.pass(A_MINUTE).await;
    let mut everywhere = Revocations::default();
    everywhere.end_sessions_of(ticket("anna").account, edge.clock_now());
    edge.revocations.store(Arc::new(everywhere));
    edge.pass(A_MINUTE).await;
    ask(edge.address, get("/", &[&cookie])).await;
    assert_eq!((told(&site).as_deref(), edge.sessions.asked()), (ANNA, 1), "this session has a row: it was begun since");
    edge.sessions.end(SessionId([0x11; 16]));
    let mut closed = Revocations::default();
    closed.end_account(ticket("anna").account, edge.clock_now());
    edge.revocations.store(Arc::new(closed));
    ask(edge.address, get("/", &[&cookie])).await;
    assert_eq!((told(&site), edge.sessions.asked()), (None, 1));
}

#[tokio::test]
async fn a_session_that_ends_while_its_row_is_read_is_over() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    edge.pass(11 * A_MINUTE).await;
    // The row was read, and is gone by the time the answer is here.
    let mut revocations = Revocations::default();
    revocations.end_sessions_of(ticket("anna").account, edge.clock_now() + Duration::from_secs(1));
    edge.revocations.store(Arc::new(revocations));
    ask(edge.address, get("/", &[&cookie])).await;
    assert_eq!((told(&site), edge.sessions.asked()), (None, 1));
}

#[tokio::test]
async fn whoever_starts_anew_forgets_no_sign_out() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let (cookie, started) = (edge.anna(), edge.clock_now());
    edge.revocations.store(Arc::new(Revocations::known_since(started)));
    edge.pass(A_MINUTE).await;
    let page = ask(edge.address, get("/", &[&cookie, NAVIGATION])).await;
    assert_eq!((told(&site).as_deref(), edge.sessions.asked()), (ANNA, 1));
    let renewed = cookie_of(&page).expect("a cookie");
    edge.sessions.end(SessionId([0x11; 16]));
    ask(edge.address, get("/", &[&renewed])).await;
    assert_eq!((told(&site).as_deref(), edge.sessions.asked()), (ANNA, 1), "the new ticket is younger than the process");
}

#[tokio::test]
async fn a_page_of_ours_that_sets_the_cookie_has_the_last_word() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    edge.pass(6 * A_MINUTE).await;
    let page = ask(edge.address, get("/privacy/signs-out", &[&cookie, NAVIGATION])).await;
    assert_eq!(page.field("set-cookie").as_deref(), Some("candor-visit=; Max-Age=0"));
    edge.pass(6 * A_MINUTE).await;
    let page = ask(edge.address, get("/privacy/signs-out", &[&cookie, NAVIGATION])).await;
    assert_eq!(page.field("set-cookie").as_deref(), Some("candor-visit=; Max-Age=0"));
}

#[tokio::test]
async fn our_own_pages_see_the_ticket_that_was_found() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    let cookie = edge.anna();
    edge.pass(11 * A_MINUTE).await;
    assert_eq!(ask(edge.address, get("/privacy/who", &[&cookie])).await.text(), "aa".repeat(16));
}

#[tokio::test]
async fn no_cache_keeps_for_others_what_somebody_got_who_is_signed_in() {
    for (site_says, kept) in [
        ("", "private"),
        ("cache-control: max-age=60\r\n", "max-age=60, private"),
        ("cache-control: public, max-age=60\r\n", "public, max-age=60"),
        ("cache-control: s-maxage=60\r\n", "s-maxage=60"),
        ("cache-control: no-store\r\n", "no-store"),
    ] {
        let site = Site::saying(format!("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n{site_says}content-length: 0\r\n\r\n")).await;
        let edge = before(&site).await;
        let cookie = edge.anna();
        assert_eq!(ask(edge.address, get("/a.png", &[&cookie])).await.field("cache-control").as_deref(), Some(kept));
        let nobody = ask(edge.address, get("/a.png", &[])).await.field("cache-control");
        assert_eq!(nobody.unwrap_or_default(), site_says.trim_start_matches("cache-control: ").trim_end());
    }
}

#[tokio::test]
async fn sessions_go_on_alike_where_obligations_are_only_observed() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::with_members(site.address, |settings| settings.enforcement = Enforcement::Observe);
    let cookie = edge.anna();
    edge.pass(6 * A_MINUTE).await;
    let page = ask(edge.address, get("/", &[&cookie, NAVIGATION])).await;
    assert!(page.field("set-cookie").is_some());
    assert_eq!(told(&site).as_deref(), ANNA);
}

#[tokio::test]
async fn a_signal_and_a_renewed_ticket_come_in_the_cookie_that_pages_write() {
    let site = Site::saying(PAGE).await;
    let edge = before(&site).await;
    edge.anna();
    let said = edge.choice(&[("news", Said::Yes)]);
    let choices = edge.parts_of(said.trim_start_matches("Cookie: ")).choices;
    let cookie = edge.cookie_with(CookieParts { session: Some(ticket("anna")), choices, ..CookieParts::default() });
    edge.pass(11 * A_MINUTE).await;
    let page = ask(edge.address, get("/", &[&cookie, NAVIGATION, "Sec-GPC: 1"])).await;
    let parts = edge.parts_of(&page.field("set-cookie").expect("one cookie"));
    assert_eq!(parts.session.expect("a ticket").renewed, edge.clock_now());
    assert_eq!((parts.choices, parts.signal.is_some()), (None, true), "what was answered stays where it is");
}
