//! The console: who gets in, by which name, and what they may do there.

use std::sync::Arc;

use app::people::Token;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use domain::{OperatorId, PasskeyId, SeededRandom, Span, Timestamp};
use http_body_util::BodyExt;
use records::{FirstPasskey, Joined, Joining, NewInvitation, OperatorName, PasskeyName, Role, TokenHash};
use tower::ServiceExt;
use web::{ConsoleSettings, Count, Operations};

use crate::world::{NOW, World, at};

const HOST: &str = "localhost:8081";

pub(crate) struct Running {
    pub(crate) ready: Result<(), String>,
}

impl Operations for Running {
    fn enforcement(&self) -> &'static str {
        "observe: nothing is held back"
    }

    fn ready(&self) -> Result<(), String> {
        self.ready.clone()
    }

    fn metrics(&self) -> String {
        "candor_visits_total 12345\n".to_owned()
    }

    fn counts(&self) -> Vec<Count> {
        vec![Count { title: "Recorded", number: 12_345 }]
    }

    fn notices(&self) -> Vec<String> {
        vec!["The site folder differs from version 1.".to_owned()]
    }
}

/// The console of a small site.
pub(crate) struct Console {
    router: Router,
    operators: records::Operators,
    /// Its files go with it.
    _world: World,
}

/// An operator's browser.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) id: OperatorId,
    cookie: String,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    fn leads_to(&self) -> (StatusCode, &str) {
        (self.status, self.header("location"))
    }

    /// What a form of the page carries.
    fn token(&self) -> &str {
        let rest = self.text.split("name=\"_token\" value=\"").nth(1);
        rest.and_then(|rest| rest.split('"').next()).unwrap_or_default()
    }
}

impl Console {
    pub(crate) fn new() -> Self {
        Self::of(World::new(), Ok(()), None)
    }

    fn named(origin: &str) -> Self {
        Self::of(World::new(), Ok(()), Some(origin))
    }

    pub(crate) fn of(world: World, ready: Result<(), String>, origin: Option<&str>) -> Self {
        let mut state = world.private(Arc::new(Running { ready }));
        let listen = "127.0.0.1:8081".parse().expect("an address");
        state.settings = Arc::new(ConsoleSettings { origin: origin.map(str::to_owned), listen });
        let operators = records::Operators::new(world.records.clone(), world.people.vault().clone());
        Self { router: web::private(state), operators, _world: world }
    }

    /// Somebody who has just signed in for the first time.
    pub(crate) async fn operator(&self, id: u8, name: &str, role: Role) -> Browser {
        self.operator_since(id, name, role, at(NOW)).await
    }

    async fn operator_since(&self, id: u8, name: &str, role: Role, since: Timestamp) -> Browser {
        let (operator, invitation) = (OperatorId([id; 16]), TokenHash([id; 32]));
        let link = NewInvitation { id: invitation, operator, role, invited_by: None, at: since, expires: Span::hours(1).after(since) };
        self.operators.make_owner_link(link).await.expect("kept");
        let token = Token::random(&SeededRandom::new(u64::from(id)));
        let called = PasskeyName::parse("Phone").expect("a name");
        let passkey = FirstPasskey { id: PasskeyId([id; 16]), credential_id: vec![id; 20], credential: b"none".to_vec(), name: called };
        let joining = Joining {
            invitation,
            name: OperatorName::parse(name).expect("a name"),
            passkey,
            session: TokenHash(token.hash()),
            at: since,
            session_ends: Span::hours(12).after(since),
        };
        assert_eq!(self.operators.join(joining).await.expect("answered"), Joined::Operator(operator));
        Browser { id: operator, cookie: token.text() }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", HOST);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).expect("text") }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub(crate) async fn open(&self, browser: &Browser, path: &str) -> Answer {
        self.send(Method::GET, path, &[("cookie", &cookie(browser))], "").await
    }

    /// As a modern browser posts a form of the console.
    pub(crate) async fn post(&self, browser: &Browser, path: &str, fields: &str) -> Answer {
        self.post_with(browser, path, &[("sec-fetch-site", "same-origin")], fields).await
    }

    async fn post_with(&self, browser: &Browser, path: &str, headers: &[(&str, &str)], fields: &str) -> Answer {
        let cookie = cookie(browser);
        let ours = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, &[&ours[..], headers].concat(), fields).await
    }

    /// As our script asks.
    async fn say(&self, path: &str, body: &str) -> Answer {
        let headers = [("sec-fetch-site", "same-origin"), ("content-type", "application/json")];
        self.send(Method::POST, path, &headers, body).await
    }
}

fn cookie(browser: &Browser) -> String {
    format!("candor-console={}", browser.cookie)
}

#[tokio::test]
async fn machines_ask_whether_it_lives_and_is_ready_by_whatever_name() {
    let well = Console::new();
    let failing = Console::of(World::new(), Err("the visit log cannot be written".to_owned()), None);
    let ask = async |console: &Console, path: &str| {
        let answer = console.send(Method::GET, path, &[("host", "10.0.0.5:8081")], "").await;
        (answer.status, answer.text)
    };
    assert_eq!(ask(&well, "/health/live").await, (StatusCode::OK, "ok\n".to_owned()));
    assert_eq!(ask(&well, "/health/ready").await, (StatusCode::OK, "ready\n".to_owned()));
    let told = (StatusCode::SERVICE_UNAVAILABLE, "the visit log cannot be written\n".to_owned());
    assert_eq!(ask(&failing, "/health/ready").await, told);
    assert_eq!(ask(&failing, "/health/live").await.0, StatusCode::OK);
    assert_eq!(ask(&well, "/metrics").await.1, "candor_visits_total 12345\n");
}

#[tokio::test]
async fn machines_are_told_nothing_by_a_name_that_a_stranger_made_lead_here() {
    let console = Console::named("https://console.example.org");
    for path in ["/metrics", "/health/live", "/health/ready"] {
        let ask = async |host: &str| console.send(Method::GET, path, &[("host", host)], "").await;
        for host in ["127.0.0.1:8081", "[::1]:8081", "10.0.0.5:8081", "localhost:8081", "console.example.org"] {
            assert_eq!(ask(host).await.status, StatusCode::OK, "{host}{path}");
        }
        for host in ["rebound.example", "rebound.example:8081", "127.0.0.1.rebound.example:8081", "monitoring.internal", ""] {
            let answer = ask(host).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}{path}");
            assert!(!answer.text.contains("candor_") && !answer.text.contains("ready"), "{host}{path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn operators_see_how_it_runs_and_nobody_else_does() {
    let console = Console::new();
    let ada = console.operator(1, "Ada <b>", Role::Owner).await;
    let page = console.open(&ada, "/").await;
    assert_eq!(page.status, StatusCode::OK);
    let shown = ["observe: nothing is held back", "Harbour Clinic", "2 March 2026", "12,345", "The site folder differs", "Ada &#60;b&#62;"];
    for shown in shown {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    assert_eq!(console.open(&ada, "/privacy").await.status, StatusCode::NOT_FOUND);
    let of_others = ["", "candor-console=", "candor-console=AAAA", "candor-console=a; candor-console=b"];
    for cookie in of_others {
        let answer = console.send(Method::GET, "/", &[("cookie", cookie)], "").await;
        assert_eq!(answer.leads_to(), (StatusCode::SEE_OTHER, "/sign-in"), "{cookie}");
    }
    let over_http = format!("__Host-candor-console={}", ada.cookie);
    let answer = console.send(Method::GET, "/", &[("cookie", &over_http)], "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "that one is for https");
}

#[tokio::test]
async fn every_page_leads_whoever_is_not_signed_in_to_where_they_can_and_back() {
    let console = Console::new();
    for (path, leads) in [
        ("/operators", "/sign-in?return=%2Foperators"),
        ("/passkeys", "/sign-in?return=%2Fpasskeys"),
        ("/actions?before=7", "/sign-in?return=%2Factions%3Fbefore%3D7"),
    ] {
        assert_eq!(console.get(path).await.leads_to(), (StatusCode::SEE_OTHER, leads));
    }
    for path in
        ["/sign-out", "/sign-out/everywhere", "/operators/invite", "/operators/x/remove", "/operators/x/withdraw", "/passkeys/x/remove"]
    {
        let headers = [("sec-fetch-site", "same-origin")];
        let answer = console.send(Method::POST, path, &headers, "").await;
        assert_eq!(answer.leads_to(), (StatusCode::SEE_OTHER, "/sign-in"), "{path}");
    }
    let page = console.get("/sign-in?return=/operators").await;
    assert!(page.text.contains("data-return=\"/operators\"") && page.text.contains("needs JavaScript"), "{}", page.text);
    let page = console.get("/sign-in?return=//evil.example").await;
    assert!(!page.text.contains("evil"), "{}", page.text);
}

#[tokio::test]
async fn every_answer_keeps_itself_to_itself() {
    let console = Console::new();
    let ada = console.operator(1, "Ada", Role::Owner).await;
    for path in ["/", "/operators", "/actions", "/passkeys", "/sign-in", "/nothing"] {
        let answer = console.open(&ada, path).await;
        assert_eq!(answer.header("cache-control"), "private, no-store", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(policy.contains("script-src 'self'"), path == "/passkeys", "{path}: {policy}");
        for inline in ["<script>", "<style", " style=", " onclick="] {
            assert!(!answer.text.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_says_so() {
    let answer = Console::new().send(Method::GET, "/no-such-page", &[("host", HOST)], "").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.text.contains("There is no such page"), "{}", answer.text);
}

#[tokio::test]
async fn only_names_that_no_other_site_can_have_are_answered() {
    let console = Console::new();
    let ada = console.operator(1, "Ada", Role::Owner).await;
    let by = async |host: &str, method: Method| {
        let cookie = cookie(&ada);
        console.send(method, "/operators?x=1", &[("host", host), ("cookie", &cookie), ("sec-fetch-site", "same-origin")], "").await
    };
    assert_eq!(by("localhost:8081", Method::GET).await.status, StatusCode::OK);
    assert_eq!(by("localhost:9000", Method::GET).await.status, StatusCode::MISDIRECTED_REQUEST, "something else may be there");
    let numbered = by("127.0.0.1:8081", Method::GET).await;
    assert_eq!(numbered.leads_to(), (StatusCode::SEE_OTHER, "http://localhost:8081/operators?x=1"));
    assert_eq!(by("127.0.0.1:8081", Method::POST).await.status, StatusCode::MISDIRECTED_REQUEST);
    for host in ["evil.example", "evil.example:8081", "10.0.0.5:8081", "localhost.evil.example"] {
        let answer = by(host, Method::GET).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
        assert!(!answer.text.contains("Ada") && answer.text.contains("console_origin"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_console_with_a_name_of_its_own_keeps_its_cookie_to_that_host() {
    let console = Console::named("https://console.example.org");
    let ada = console.operator(1, "Ada", Role::Owner).await;
    let cookie = format!("__Host-candor-console={}", ada.cookie);
    let ours = [("host", "console.example.org"), ("cookie", cookie.as_str())];
    assert_eq!(console.send(Method::GET, "/", &ours, "").await.status, StatusCode::OK);
    let form = [&ours[..], &[("origin", "https://console.example.org"), ("content-type", "application/x-www-form-urlencoded")]].concat();
    let out = console.send(Method::POST, "/sign-out", &form, "").await;
    assert_eq!(out.leads_to(), (StatusCode::SEE_OTHER, "/sign-in?signed-out=1"));
    assert_eq!(out.header("set-cookie"), "__Host-candor-console=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0");
    assert_eq!(out.header("clear-site-data"), "\"cache\"");
    assert_eq!(console.send(Method::GET, "/", &ours, "").await.status, StatusCode::SEE_OTHER, "the session is over");
}

#[tokio::test]
async fn a_form_counts_only_from_a_page_of_the_console() {
    let console = Console::new();
    let (ada, bea) = (console.operator(1, "Ada", Role::Owner).await, console.operator(2, "Bea", Role::Owner).await);
    let removing = format!("/operators/{}/remove", bea.id.to_hex());
    for forged in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "http://localhost:8080")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ] {
        let answer = console.post_with(&ada, &removing, forged, "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{forged:?}");
    }
    let (of_ada, of_bea) = (console.open(&ada, "/operators").await, console.open(&bea, "/operators").await);
    assert!(!of_ada.token().is_empty(), "a browser that says nothing of where its posts come from gets a proof");
    let with = |token: &str| format!("_token={token}");
    let answer = console.post_with(&ada, &removing, &[], &with(of_bea.token())).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "another session's");
    assert_eq!(console.open(&bea, "/").await.status, StatusCode::OK, "nothing was done");
    let answer = console.post_with(&ada, &removing, &[], &with(of_ada.token())).await;
    assert_eq!(answer.leads_to(), (StatusCode::SEE_OTHER, "/operators?said=removed"));
    assert_eq!(console.open(&bea, "/").await.status, StatusCode::SEE_OTHER, "at once");
}

#[tokio::test]
async fn who_may_be_there_is_for_owners_to_say() {
    let console = Console::new();
    let (ada, cid) = (console.operator(1, "Ada", Role::Owner).await, console.operator(3, "Cid", Role::Operator).await);
    let list = console.open(&cid, "/operators").await;
    assert!(list.text.contains("Ada") && !list.text.contains("/remove") && !list.text.contains("/invite"), "{}", list.text);
    assert_eq!(console.open(&cid, "/actions").await.status, StatusCode::FORBIDDEN);
    let removing = format!("/operators/{}/remove", ada.id.to_hex());
    for path in [removing.as_str(), "/operators/invite", &format!("/operators/{}/withdraw", ada.id.to_hex())] {
        assert_eq!(console.post(&cid, path, "_role=owner").await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(console.open(&ada, "/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_owner_invites_by_a_link_that_is_shown_once_and_can_be_taken_back() {
    let console = Console::new();
    let ada = console.operator(1, "Ada", Role::Owner).await;
    let shown = console.post(&ada, "/operators/invite", "_role=operator&_newest=none").await;
    let link = shown.text.split("<code class=\"link\">").nth(1).and_then(|rest| rest.split('<').next()).expect("a link").to_owned();
    let path = link.strip_prefix("http://localhost:8081").expect("of this console").to_owned();
    let list = console.open(&ada, "/operators").await;
    assert!(list.text.contains("invited by Ada") && !list.text.contains(&link), "{}", list.text);
    let again = console.post(&ada, "/operators/invite", "_role=operator&_newest=none").await;
    assert_eq!(again.leads_to().1, "/operators?said=made-already", "the form sent again makes no second link");
    let list = console.open(&ada, "/operators?said=made-already").await;
    assert!(list.text.contains("No further link was made") && list.text.matches("/withdraw\"").count() == 1, "{}", list.text);
    let page = console.get(&path).await;
    assert_eq!((page.status, page.header("referrer-policy")), (StatusCode::OK, "no-referrer"));
    assert!(page.text.contains("You are invited") && page.text.contains("work on cases"), "{}", page.text);
    assert_eq!(console.get(&path).await.status, StatusCode::OK, "looking at it does not use it up");

    let withdraw =
        list.text.split("action=\"").map(|rest| rest.split('"').next().unwrap_or_default()).find(|path| path.ends_with("/withdraw"));
    let withdrawn = console.post(&ada, withdraw.expect("a form"), "").await;
    assert_eq!(withdrawn.leads_to(), (StatusCode::SEE_OTHER, "/operators?said=withdrawn"));
    let gone = console.get(&path).await;
    assert_eq!((gone.status, gone.text.contains("does not work any more")), (StatusCode::GONE, true));
    assert_eq!(console.get("/setup/nonsense").await.status, StatusCode::GONE);
    assert_eq!(console.post(&ada, "/operators/invite", "_role=king").await.leads_to().1, "/operators?said=no-role");
    let actions = console.open(&ada, "/actions").await;
    for said in ["<strong>Ada</strong> invited an operator.", "took an invitation back", "became an operator"] {
        assert!(actions.text.contains(said), "{said}: {}", actions.text);
    }
}

#[tokio::test]
async fn the_last_owner_stays_and_so_does_the_last_passkey() {
    let console = Console::new();
    let ada = console.operator(1, "Ada", Role::Owner).await;
    let answer = console.post(&ada, &format!("/operators/{}/remove", ada.id.to_hex()), "").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let answer = console.post(&ada, &format!("/passkeys/{}/remove", PasskeyId([1; 16]).to_hex()), "").await;
    assert_eq!(answer.leads_to().1, "/passkeys?said=last");
    for gone in ["/operators/x/remove", &format!("/operators/{}/remove", OperatorId([9; 16]).to_hex())] {
        assert_eq!(console.post(&ada, gone, "").await.leads_to().1, "/operators?said=gone");
    }
}

#[tokio::test]
async fn whoever_signed_in_a_while_ago_shows_that_it_is_still_them_before_they_change_who_can() {
    let console = Console::new();
    let ada = console.operator_since(1, "Ada", Role::Owner, Span::minutes(20).before(at(NOW))).await;
    let list = console.open(&ada, "/operators").await;
    assert!(list.text.contains("/sign-in?return=%2Foperators&#38;again=1") && !list.text.contains("/invite"), "{}", list.text);
    for (path, leads) in [
        ("/operators/invite", "/sign-in?return=%2Foperators&again=1"),
        ("/operators/x/remove", "/sign-in?return=%2Foperators&again=1"),
        ("/passkeys/x/remove", "/sign-in?return=%2Fpasskeys&again=1"),
    ] {
        assert_eq!(console.post(&ada, path, "_role=owner").await.leads_to(), (StatusCode::SEE_OTHER, leads));
    }
    let page = console.open(&ada, "/sign-in?again=1").await;
    assert!(page.text.contains("Show that it is you"), "{}", page.text);
    assert_eq!(console.open(&ada, "/sign-in?return=/actions").await.leads_to().1, "/actions", "they are signed in");
}

#[tokio::test]
async fn everybody_is_asked_for_the_same_passkey_and_what_is_none_signs_nobody_in() {
    let console = Console::new();
    let asked = console.say("/sign-in/challenge", "{}").await;
    let asked: serde_json::Value = serde_json::from_str(&asked.text).expect("JSON");
    let options = &asked["options"]["publicKey"];
    assert_eq!((&options["rpId"], &options["allowCredentials"]), (&"localhost".into(), &serde_json::json!([])));
    assert_eq!(options["userVerification"], "required");
    let answer = serde_json::json!({
        "id": "AAAA", "rawId": "AAAA", "type": "public-key", "clientExtensionResults": {},
        "response": {"authenticatorData": "AAAA", "clientDataJSON": "AAAA", "signature": "AAAA", "userHandle": "AAAAAAAAAAAAAAAAAAAAAA"},
    });
    let unknown = serde_json::json!({"ticket": asked["ticket"], "answer": answer}).to_string();
    let old = serde_json::json!({"ticket": "AAAA", "answer": answer}).to_string();
    for (said, status) in [(unknown.as_str(), StatusCode::FORBIDDEN), (&old, StatusCode::CONFLICT), ("[]", StatusCode::BAD_REQUEST)] {
        let answer = console.say("/sign-in", said).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (status, ""), "{said}");
    }
    let json = ("content-type", "application/json");
    for headers in [&[json, ("sec-fetch-site", "cross-site")][..], &[json], &[("sec-fetch-site", "same-origin")]] {
        assert_eq!(console.send(Method::POST, "/sign-in", headers, &unknown).await.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let mut last = console.say("/sign-in", "[]").await;
    for _ in 0..60 {
        last = console.say("/sign-in", "[]").await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
}
