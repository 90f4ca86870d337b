//! What programs ask on the private listener.

use std::sync::Arc;

use app::programs::{AskedBefore, NewToken, Programs, Rate, Scope};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use domain::{AccountId, Clock, ManualClock, Span, VisitorId};
use http_body_util::BodyExt;
use policy::cookie::{CookieParts, VisitorPart};
use serde_json::{Value, json};
use tower::ServiceExt;
use web::PrivateState;

use crate::console::Running;
use crate::register::{letter, registered, world};
use crate::world::{NOW, World, at};

const NOBODY: &str = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";

pub(crate) struct Api {
    pub(crate) world: World,
    state: PrivateState,
    clock: Arc<ManualClock>,
    router: Router,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The status and the code of a problem, which says what to do.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let problem = self.json();
        assert_eq!((&problem["status"], &problem["type"]), (&json!(self.status.as_u16()), &json!("about:blank")));
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() > 10 && detail.is_ascii()), "{problem}");
        assert_eq!(problem["title"], self.status.canonical_reason().expect("a title"));
        (self.status.as_u16(), problem["code"].as_str().expect("a code").to_owned())
    }
}

pub(crate) struct Ask<'a> {
    api: &'a Api,
    request: axum::http::request::Builder,
    body: Vec<u8>,
}

impl<'a> Ask<'a> {
    fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn with(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    fn json(self, body: &Value) -> Self {
        self.text(&body.to_string())
    }

    fn text(self, body: &str) -> Self {
        Self { body: body.as_bytes().to_vec(), ..self.header("content-type", "application/json") }
    }

    fn bytes(self, body: Vec<u8>) -> Self {
        Self { body, ..self.header("content-type", "application/json") }
    }

    pub(crate) async fn send(self) -> Answer {
        let names_host = self.request.headers_ref().is_some_and(|headers| headers.contains_key("host"));
        let request = if names_host { self.request } else { self.request.header("host", "127.0.0.1:8081") };
        let request = request.body(Body::from(self.body)).expect("a request");
        let response = self.api.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).expect("text") }
    }
}

impl Api {
    pub(crate) fn new() -> Self {
        Self::limited(Rate::default())
    }

    fn limited(rate: Rate) -> Self {
        let world = world();
        let clock = Arc::new(ManualClock::at(at(NOW)));
        let programs = Programs::new(world.people.clone(), world.records.clone(), world.state.random.clone()).limited_to(rate);
        let operations = Arc::new(Running { ready: Ok(()) });
        let state = PrivateState { programs: Arc::new(programs), clock: clock.clone(), ..world.private(operations) };
        Self { router: web::private(state.clone()), world, state, clock }
    }

    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        Ask { api: self, request: Request::builder().method(method).uri(path), body: Vec::new() }
    }

    pub(crate) async fn token(&self, scopes: &[Scope]) -> String {
        let new = NewToken { name: "the shop".to_owned(), scopes: scopes.iter().copied().collect(), lives: Some(Span::days(30)) };
        self.state.programs.issue(new, self.clock.now()).await.expect("a token").0.text()
    }

    async fn anna(&self) -> AccountId {
        let reply = registered(&self.world, "anna@example.org", "anna").await;
        self.world.parts(&reply).session.expect("a session").account
    }
}

#[tokio::test]
async fn a_program_without_a_token_that_counts_learns_nothing() {
    let api = Api::new();
    let token = api.token(&[Scope::Decide]).await;
    for path in ["/v1/decide", "/v1/people/search", "/v1/nothing-here", &format!("/v1/people/{NOBODY}")] {
        let answer = api.ask("POST", path).json(&json!({})).send().await;
        assert_eq!(answer.problem(), (401, "token-missing".to_owned()), "{path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"candor\"");
        let unknown = format!("{}A", &token[..token.len() - 1]);
        for bad in ["", "x", &unknown, &token.to_uppercase(), "candor_"] {
            let answer = api.ask("POST", path).with(bad).json(&json!({})).send().await;
            assert_eq!(answer.problem(), (401, "token-invalid".to_owned()), "{path} {bad}");
            assert!(answer.header("www-authenticate").ends_with("error=\"invalid_token\""));
        }
    }
    let twice = api.ask("POST", "/v1/decide").with(&token).with(&token).json(&json!({})).send().await;
    assert_eq!(twice.problem(), (400, "bad-request".to_owned()));
    let basic = api.ask("POST", "/v1/decide").header("authorization", "Basic YTpi").json(&json!({})).send().await;
    assert_eq!(basic.problem().1, "token-missing");
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_until_it_is_revoked_or_over() {
    let api = Api::new();
    let token = api.token(&[Scope::Decide]).await;
    let decide = async || api.ask("POST", "/v1/decide").with(&token).json(&json!({"use": "access-log"})).send().await;
    assert_eq!(decide().await.status, StatusCode::OK);
    let refused = api.ask("POST", "/v1/people/search").with(&token).json(&json!({"username": "anna"})).send().await;
    assert_eq!(refused.problem(), (403, "insufficient_scope".to_owned()));
    assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"candor\", error=\"insufficient_scope\", scope=\"people:read\"");
    let known = api.state.programs.tokens().await.expect("read");
    assert_eq!((known.len(), known[0].used), (1, None), "when it was used is written later");
    api.state.programs.write_used().await.expect("written");
    assert_eq!(api.state.programs.tokens().await.expect("read")[0].used, Some(at(NOW)));
    assert!(api.state.programs.revoke(known[0].id).await.expect("revoked"));
    assert_eq!(decide().await.problem(), (401, "token-invalid".to_owned()));

    let young = api.token(&[Scope::Decide]).await;
    api.clock.advance(std::time::Duration::from_secs(31 * 86_400));
    let late = api.ask("POST", "/v1/decide").with(&young).json(&json!({"use": "access-log"})).send().await;
    assert_eq!(late.problem(), (401, "token-invalid".to_owned()));
}

#[tokio::test]
async fn a_program_that_asks_too_often_waits() {
    let api = Api::limited(Rate { at_once: 3, then_every_us: 1_000_000 });
    let (busy, quiet) = (api.token(&[Scope::Decide]).await, api.token(&[Scope::Decide]).await);
    let decide = async |token: &str| api.ask("POST", "/v1/decide").with(token).json(&json!({"use": "access-log"})).send().await;
    for _ in 0..3 {
        assert_eq!(decide(&busy).await.status, StatusCode::OK);
    }
    let refused = decide(&busy).await;
    assert_eq!((refused.problem(), refused.header("retry-after")), ((429, "too-often".to_owned()), "1"));
    assert_eq!(decide(&quiet).await.status, StatusCode::OK);
    api.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(decide(&busy).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_decision_is_what_the_policy_says() {
    let api = Api::new();
    let token = api.token(&[Scope::Decide]).await;
    let decide = async |facts: Value| api.ask("POST", "/v1/decide").with(&token).json(&facts).send().await;
    let permitted = decide(json!({"use": "monitor-loan", "person": {"registered": true, "agreements": ["home-monitor-plan"]}})).await;
    assert_eq!((permitted.status, permitted.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!((&permitted.json()["verdict"], &permitted.json()["basis"]), (&json!("permit"), &json!("contract")));
    let refused = decide(json!({"use": "monitor-loan", "person": {"registered": true}})).await;
    assert_eq!((refused.status, refused.json()["code"].clone()), (StatusCode::OK, json!("agreement-missing")), "a refusal is an answer");
    let never = decide(json!({"data": "account.email", "purpose": "news", "recipient": "thistledown-devices", "act": "sell"})).await;
    assert_eq!(never.json()["verdict"], "refuse");
}

#[tokio::test]
async fn what_cannot_be_understood_is_said_to_be_so() {
    let api = Api::new();
    let token = api.token(&[Scope::Decide, Scope::PeopleRead]).await;
    let send = async |path: &str, body: &str| api.ask("POST", path).with(&token).text(body).send().await;
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    for body in [
        "",
        "null",
        "[]",
        "{",
        "{\"use\": 7}",
        "{\"use\": \"access-log\", \"unknown\": true}",
        "{\"use\": \"access-log\", \"use\": \"news-mail\"}",
        "{\"use\": \"access-log\", \"region\": \"Atlantis\"}",
        "{\"use\": \"access-log\", \"at\": \"yesterday\"}",
        "{\"use\": \"access-log\"} {}",
        "{\"use\": \"access-log\", \"data\": \"visit.ip\"}",
        "{\"use\": \"\u{0}\"",
        &deep,
    ] {
        assert_eq!(send("/v1/decide", body).await.problem(), (400, "bad-request".to_owned()), "{}", &body[..body.len().min(60)]);
    }
    for body in [
        "{}",
        "[]",
        "{\"email\": 3}",
        "{\"email\": \"a@b.example\", \"email\": \"c@d.example\"}",
        "{\"email\": \"a@b.example\", \"username\": \"anna\"}",
        "{\"e-mail\": \"a@b.example\"}",
    ] {
        assert_eq!(send("/v1/people/search", body).await.problem(), (400, "bad-request".to_owned()), "{body}");
    }
    for body in [
        json!({"email": "nobody"}),
        json!({"email": "a\u{0}@b.example"}),
        json!({"username": "\u{202e}anna"}),
        json!({"username": ""}),
        json!({"visitor": "anna"}),
        json!({"id": "1"}),
    ] {
        assert_eq!(send("/v1/people/search", &body.to_string()).await.problem(), (422, "clue-unusable".to_owned()), "{body}");
    }
    let not_utf8 = api.ask("POST", "/v1/decide").with(&token).bytes(b"{\"use\": \"\xff\"}".to_vec()).send().await;
    assert_eq!(not_utf8.problem().0, 400);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let mut ask = api.ask("POST", "/v1/decide").with(&token).header("content-type", kind);
        ask.body = b"{\"use\": \"access-log\"}".to_vec();
        assert_eq!(ask.send().await.problem(), (415, "not-json".to_owned()), "{kind}");
    }
    let mut charset = api.ask("POST", "/v1/decide").with(&token).header("content-type", "Application/JSON; charset=utf-8");
    charset.body = b"{\"use\": \"access-log\"}".to_vec();
    assert_eq!(charset.send().await.status, StatusCode::OK);
    let huge = format!("{{\"use\": \"{}\"}}", "a".repeat(1024 * 1024));
    assert_eq!(send("/v1/decide", &huge).await.problem(), (413, "body-too-large".to_owned()));
    let large = format!("{{\"username\": \"{}\"}}", "a".repeat(64 * 1024));
    assert_eq!(send("/v1/people/search", &large).await.problem(), (413, "body-too-large".to_owned()));
}

#[tokio::test]
async fn what_an_answer_repeats_of_a_request_is_short_and_can_be_seen() {
    let api = Api::new();
    let token = api.token(&[Scope::Decide, Scope::Cases]).await;
    let long = "x".repeat(60_000);
    for body in [
        format!("{{\"use\": \"access-log\", \"{long}\": 1}}"),
        format!("{{\"use\": \"access-log\", \"at\": \"{long}\"}}"),
        format!("\"{long}\""),
        format!("{{\"use\": \"access-log\", \"region\": \"{long}\"}}"),
        "{\"use\": \"access-log\", \"gpj.\u{202e}exe\": 1}".to_owned(),
    ] {
        let answer = api.ask("POST", "/v1/decide").with(&token).text(&body).send().await;
        let detail = answer.json()["detail"].as_str().expect("a reason").to_owned();
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(!detail.contains(&long[..65]) && !detail.contains('\u{202e}') && detail.len() < 1_000, "{detail}");
    }
    for query in [format!("{}=1", &long[..9_000]), format!("limit={}", &long[..9_000]), "%E2%80%AE=1".to_owned()] {
        let answer = api.ask("GET", &format!("/v1/cases?{query}")).with(&token).send().await;
        let detail = answer.json()["detail"].as_str().expect("a reason").to_owned();
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(!detail.contains(&long[..65]) && !detail.contains('\u{202e}') && detail.len() < 1_000, "{detail}");
    }
}

#[tokio::test]
async fn a_path_that_is_not_there_or_takes_another_method_says_so() {
    let api = Api::new();
    let token = api.token(&[Scope::Decide]).await;
    for path in ["/v1", "/v1/", "/v1/nothing", "/v1/decide/", "/v1/people", "/v1/people/a/b/c/d"] {
        let answer = api.ask("GET", path).with(&token).send().await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.problem(), (404, "not-found".to_owned()), "{path}");
    }
    let answer = api.ask("DELETE", "/v1/decide").with(&token).send().await;
    assert_eq!((answer.problem(), answer.header("allow")), ((405, "method-not-allowed".to_owned()), "POST"));
    let answer = api.ask("GET", "/v1/people/%ff").with(&api.token(&[Scope::PeopleRead]).await).send().await;
    assert_eq!(answer.problem().0, 400);
}

#[tokio::test]
async fn a_name_that_a_stranger_made_lead_here_gets_nothing() {
    let api = Api::new();
    let token = api.token(&[Scope::Decide]).await;
    for path in ["/v1/decide", "/v1/openapi.json", "/v1/nothing"] {
        let answer =
            api.ask("POST", path).header("host", "attacker.example:8081").with(&token).json(&json!({"use": "access-log"})).send().await;
        assert_eq!(answer.problem(), (421, "host-unknown".to_owned()), "{path}");
    }
    let answer =
        api.ask("POST", "/v1/decide").header("host", "localhost:8081").with(&token).json(&json!({"use": "access-log"})).send().await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn what_there_is_to_ask_is_described_to_everybody() {
    let api = Api::new();
    let answer = api.ask("GET", "/v1/openapi.json").send().await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(answer.json()["openapi"], "3.1.0");
    // Whatever is described is there: without a token each says so, and none that there is nothing.
    for (path, item) in answer.json()["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys().filter(|key| *key != "parameters" && *path != "/v1/openapi.json") {
            let path = path.replace("{person}", NOBODY).replace("{name}", "home-monitor-plan");
            let all = api.token(Scope::ALL).await;
            let answer = api.ask(&method.to_uppercase(), &path).with(&all).send().await;
            let is_there = answer.status != StatusCode::METHOD_NOT_ALLOWED && !answer.text.contains("there is nothing at this path");
            assert!(is_there, "{method} {path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn an_agreement_begins_ends_and_is_listed() {
    let api = Api::new();
    let anna = api.anna().await.to_hex();
    let token = api.token(&[Scope::Agreements]).await;
    let path = format!("/v1/people/{anna}/agreements/home-monitor-plan");
    let begun = api.ask("PUT", &path).with(&token).send().await;
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text);
    assert_eq!(begun.json(), json!({"name": "home-monitor-plan", "since": NOW, "until": null}));
    let kept = api.ask("PUT", &path).with(&token).json(&json!({"until": "2026-04-01T00:00:00Z"})).send().await;
    assert_eq!((kept.status, kept.json()["until"].clone()), (StatusCode::OK, json!("2026-04-01T00:00:00Z")));
    assert_eq!(api.ask("GET", &path).with(&token).send().await.json(), kept.json());
    let fine = api.ask("PUT", &path).with(&token).json(&json!({"until": "2026-04-01T00:00:00.123456789Z"})).send().await;
    assert_eq!(fine.json()["until"], "2026-04-01T00:00:00.123456Z", "a moment is answered as it is kept");
    let kept = api.ask("GET", &path).with(&token).send().await;
    assert_eq!(kept.json(), fine.json());
    let list = api.ask("GET", &format!("/v1/people/{anna}/agreements")).with(&token).send().await;
    assert_eq!(list.json(), json!({"items": [kept.json()], "next": null}));
    let ended = api.ask("DELETE", &path).with(&token).send().await;
    assert_eq!((ended.status, ended.text.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(api.ask("DELETE", &path).with(&token).send().await.problem(), (404, "not-found".to_owned()));
    assert_eq!(api.ask("GET", &path).with(&token).send().await.problem(), (404, "not-found".to_owned()));

    let undeclared = api.ask("PUT", &format!("/v1/people/{anna}/agreements/timeshare")).with(&token).send().await;
    assert_eq!(undeclared.problem(), (422, "agreement-undeclared".to_owned()));
    assert!(undeclared.text.contains("`home-monitor-plan`"), "it says which there are: {}", undeclared.text);
    let past = api.ask("PUT", &path).with(&token).json(&json!({"until": NOW})).send().await;
    assert_eq!(past.problem(), (422, "until-past".to_owned()));
    for body in ["[]", "{\"until\": 5}", "{\"ends\": null}", "{\"until\": null, \"until\": null}"] {
        assert_eq!(api.ask("PUT", &path).with(&token).text(body).send().await.problem().0, 400, "{body}");
    }
    let wrong = api.ask("PUT", &path).with(&token).text("{\"until\": 5}").send().await;
    assert!(wrong.text.contains("`until` has to be a time, as"), "{}", wrong.text);
    for person in [NOBODY, "anna", "x"] {
        let answer = api.ask("PUT", &format!("/v1/people/{person}/agreements/home-monitor-plan")).with(&token).send().await;
        assert_eq!(answer.problem(), (404, "not-found".to_owned()), "{person}");
    }
    for query in ["?limit=0", "?limit=x", "?limit=201", "?cursor=%21", "?page=2"] {
        let answer = api.ask("GET", &format!("/v1/people/{anna}/agreements{query}")).with(&token).send().await;
        assert_eq!(answer.problem().0, 400, "{query}");
    }
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_does_the_work_once() {
    let api = Api::new();
    let anna = api.anna().await.to_hex();
    let (token, other) = (api.token(&[Scope::Agreements]).await, api.token(&[Scope::Agreements]).await);
    let path = format!("/v1/people/{anna}/agreements/home-monitor-plan");
    let put = async |token: &str, key: &str, body: Value| {
        api.ask("PUT", &path).with(token).header("idempotency-key", key).json(&body).send().await
    };
    let first = put(&token, "k-1", json!({})).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (StatusCode::CREATED, ""));
    let again = put(&token, "k-1", json!({})).await;
    assert_eq!((again.status, &again.text, again.header("idempotency-replayed")), (StatusCode::CREATED, &first.text, "true"));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(put(&token, "k-1", json!({"until": "2027-01-01T00:00:00Z"})).await.problem(), (422, "key-reused".to_owned()));
    assert_eq!(put(&token, "k-2", json!({})).await.status, StatusCode::OK);
    assert_eq!(put(&other, "k-1", json!({})).await.status, StatusCode::OK, "another program's key is its own");

    let end = async |key: &str| api.ask("DELETE", &path).with(&token).header("idempotency-key", key).send().await;
    assert_eq!((end("d-1").await.status, end("d-1").await.status), (StatusCode::NO_CONTENT, StatusCode::NO_CONTENT));
    assert_eq!((end("d-2").await.problem().0, end("d-2").await.problem().0), (404, 404), "a refusal is an answer, too");
    assert_eq!(put(&token, "d-2", json!({})).await.problem().1, "key-reused", "another method is another request");
    assert_eq!(put(&token, "k-1", json!({})).await.header("idempotency-replayed"), "true");
    api.clock.advance(std::time::Duration::from_secs(86_401));
    assert_eq!(
        put(&token, "k-1", json!({"until": "2027-01-01T00:00:00Z"})).await.status,
        StatusCode::CREATED,
        "a day later it is forgotten"
    );
    for key in ["", " ", &"k".repeat(256)] {
        assert_eq!(put(&token, key, json!({})).await.problem().0, 400, "{key}");
    }
    let twice = api.ask("PUT", &path).with(&token).header("idempotency-key", "a").header("idempotency-key", "b").send().await;
    assert_eq!(twice.problem().0, 400);
    let large = api.ask("PUT", &path).with(&token).header("idempotency-key", "l").text(&" ".repeat(65 * 1024)).send().await;
    assert_eq!(large.problem(), (413, "body-too-large".to_owned()));
}

#[tokio::test]
async fn what_is_kept_of_an_answer_follows_no_report() {
    let api = Api::new();
    let token = api.token(&[Scope::Cases]).await;
    let body = json!({"kind": "report-a-minor", "about": "anna"}).to_string();
    let enter = async || api.ask("POST", "/v1/requests").with(&token).header("idempotency-key", "k-1").text(&body).send().await;
    let first = enter().await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    let program = api.state.programs.tokens().await.expect("read")[0].id;
    let claim = api.state.programs.claim(program, "k-1", format!("POST /v1/requests\n{body}").as_bytes());
    let kept = api.world.records.claim_key(claim, at(NOW), at("2026-03-01T00:00:00Z"), at("2026-03-01T00:00:00Z")).await;
    let AskedBefore::Answered(kept) = kept.expect("read") else { panic!("nothing is kept") };
    let id = first.json()["id"].as_str().expect("an id").to_owned();
    assert!(kept.body.len() > id.len() && !kept.body.windows(id.len()).any(|part| part == id.as_bytes()), "it is sealed");
    assert!(!String::from_utf8_lossy(&kept.body).contains("report-a-minor"));
    let again = enter().await;
    assert_eq!((&again.text, again.header("idempotency-replayed")), (&first.text, "true"), "whoever asked gets it again");

    // What was answered to another is no answer to this.
    let other = api.state.programs.claim(program, "k-2", b"POST /v1/requests\n{}");
    let asked = api.world.records.claim_key(other, at(NOW), at("2026-03-01T00:00:00Z"), at("2026-03-01T00:00:00Z")).await;
    assert_eq!(asked.expect("claimed"), AskedBefore::No);
    api.world.records.keep_answer(other, kept).await.expect("kept");
    assert!(api.state.programs.was_asked_before(other, at(NOW)).await.is_err());
}

#[tokio::test]
async fn a_program_signs_somebody_out_everywhere() {
    let api = Api::new();
    let reply = registered(&api.world, "anna@example.org", "anna").await;
    let anna = api.world.parts(&reply).session.expect("a session").account.to_hex();
    let (token, reader) = (api.token(&[Scope::Sessions]).await, api.token(&[Scope::PeopleRead, Scope::Agreements]).await);
    let path = format!("/v1/people/{anna}/sessions");
    let account = async || api.world.get("/account").cookie(&reply.cookies()).send().await.status;
    assert_eq!(api.ask("DELETE", &path).with(&reader).send().await.problem(), (403, "insufficient_scope".to_owned()));
    assert_eq!(account().await, StatusCode::OK);
    let done = api.ask("DELETE", &path).with(&token).send().await;
    assert_eq!((done.status, done.text.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(account().await, StatusCode::SEE_OTHER, "her next request leads to the page where she signs in");
    assert_eq!(api.ask("DELETE", &path).with(&token).send().await.status, StatusCode::NO_CONTENT, "it is the same once more");
    for person in [NOBODY, "anna", "x"] {
        let answer = api.ask("DELETE", &format!("/v1/people/{person}/sessions")).with(&token).send().await;
        assert_eq!(answer.problem(), (404, "not-found".to_owned()), "{person}");
    }
}

#[tokio::test]
async fn a_person_is_found_and_shown_as_far_as_the_purpose_permits() {
    let api = Api::new();
    let anna = api.anna().await.to_hex();
    let token = api.token(&[Scope::PeopleRead]).await;
    let search = async |body: Value| api.ask("POST", "/v1/people/search").with(&token).json(&body).send().await.json()["people"].clone();
    for clue in [json!({"email": "anna@EXAMPLE.org"}), json!({"username": "Anna"}), json!({"id": anna})] {
        let found = search(clue.clone()).await;
        assert_eq!((found.as_array().expect("a list").len(), &found[0]["id"]), (1, &json!(anna)), "{clue}: {found}");
    }
    for clue in [json!({"email": "bert@example.org"}), json!({"username": "bert"}), json!({"id": NOBODY}), json!({"visitor": NOBODY})] {
        assert_eq!(search(clue.clone()).await, json!([]), "{clue}");
    }
    let show = async |query: &str| api.ask("GET", &format!("/v1/people/{anna}{query}")).with(&token).send().await;
    let shown = show("").await.json();
    assert_eq!((&shown["purpose"], &shown["email"], &shown["username"]), (&json!("account"), &json!("anna@example.org"), &json!("anna")));
    assert_eq!(shown["withheld"], json!([]));
    let known: Vec<_> = shown["links"].as_array().expect("links").iter().map(|link| (&link["kind"], &link["known"])).collect();
    let registered = json!("registered");
    for link in [("account", &registered), ("email", &json!("confirmed-mail")), ("username", &registered), ("record", &json!("signed-in"))]
    {
        assert!(known.contains(&(&json!(link.0), link.1)), "{link:?} {known:?}");
    }
    let rights = show("?purpose=rights").await.json();
    assert_eq!((&rights["email"], &rights["username"]), (&json!("anna@example.org"), &json!(null)), "requests are about the address alone");
    assert_eq!(rights["withheld"], json!([{"field": "account.username", "code": "no-such-use"}]));
    let news = show("?purpose=news").await.json();
    assert_eq!((&news["email"], &news["withheld"][0]["code"]), (&json!(null), &json!("consent-missing")), "nobody said yes to news");
    assert_eq!(show("?purpose=world-peace").await.problem(), (422, "purpose-unknown".to_owned()));
    assert_eq!(show("?purpose=news&purpose=rights").await.problem().0, 400);
    assert_eq!(show("?for=news").await.problem().0, 400);
    for person in [NOBODY, "anna", "anna@example.org"] {
        let answer = api.ask("GET", &format!("/v1/people/{person}")).with(&token).send().await;
        assert_eq!(answer.problem(), (404, "not-found".to_owned()), "{person}");
    }
}

#[tokio::test]
async fn what_is_shown_of_a_person_is_what_a_decision_takes() {
    let api = Api::new();
    let anna = api.anna().await;
    let token = api.token(Scope::ALL).await;
    let loan = async || {
        let shown = api.ask("GET", &format!("/v1/people/{}", anna.to_hex())).with(&token).send().await.json();
        let facts = json!({"use": "monitor-loan", "person": shown["facts"]});
        let decision = api.ask("POST", "/v1/decide").with(&token).json(&facts).send().await;
        decision.json()["code"].as_str().unwrap_or_else(|| panic!("{}", decision.text)).to_owned()
    };
    let path = format!("/v1/people/{}/agreements/home-monitor-plan", anna.to_hex());
    assert_eq!(loan().await, "agreement-missing");
    api.ask("PUT", &path).with(&token).json(&json!({"until": "2026-03-11T00:00:00Z"})).send().await;
    assert_eq!(loan().await, "permitted");
    api.clock.advance(std::time::Duration::from_secs(7 * 3_600));
    assert_eq!(loan().await, "agreement-missing", "it ended by itself");
    api.ask("PUT", &path).with(&token).send().await;
    assert_eq!(loan().await, "permitted");
    api.world.state.accounts.close(anna, api.clock.now()).await.expect("closed");
    assert_eq!(loan().await, "account-closed");
    assert_eq!(api.ask("PUT", &path).with(&token).send().await.problem().0, 404);
    let closed = api.ask("GET", &format!("/v1/people/{}", anna.to_hex())).with(&token).send().await.json();
    assert_eq!((&closed["state"], &closed["email"]), (&json!("closed"), &json!(null)), "the contract ended with the account");
}

#[tokio::test]
async fn a_browser_that_somebody_signed_in_with_leads_to_them_where_visitors_may_be_recognised() {
    let api = Api::new();
    let anna = api.anna().await.to_hex();
    let token = api.token(&[Scope::PeopleRead]).await;
    let sign_in = async |visitor: u8, region: &str| {
        let parts = CookieParts { visitor: Some(VisitorPart::new(VisitorId([visitor; 16]), at(NOW))), ..CookieParts::default() };
        api.world.post("/account/sign-in", &[("_email", "anna@example.org")]).send().await;
        let Some(app::mail::Letter::SignIn { token, .. }) = letter(&api.world).await else { panic!("no link") };
        let post = api.world.post(&format!("/account/sign-in/{token}"), &[]).cookie(&api.world.cookie(&parts)).from(region);
        assert_eq!(post.send().await.status, StatusCode::SEE_OTHER);
    };
    let search = async |visitor: u8, purpose: &str| {
        let body = json!({"visitor": VisitorId([visitor; 16]).to_hex(), "purpose": purpose});
        api.ask("POST", "/v1/people/search").with(&token).json(&body).send().await.json()["people"].clone()
    };
    sign_in(7, "US-CA").await;
    sign_in(8, "DE").await;
    let found = search(7, "operate").await;
    assert_eq!(found[0]["id"], json!(anna), "{found}");
    let link = found[0]["links"].as_array().expect("links").iter().find(|link| link["kind"] == "visitor").expect("the browser").clone();
    assert_eq!(
        (&link["value"], &link["known"], &link["shared"]),
        (&json!(VisitorId([7; 16]).to_hex()), &json!("signed-in"), &json!(false))
    );
    assert_eq!(search(8, "operate").await, json!([]), "where we ask first, and got no answer, nobody is recognised");
    let withheld = &search(7, "account").await[0]["withheld"];
    assert_eq!(withheld, &json!([{"field": "visit.visitor", "code": "no-such-use"}]));
}
