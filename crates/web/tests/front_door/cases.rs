//! Cases of minors, as operators and programs see them.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::mail::Letter;
use app::operators::{OperatorName, PasskeyName};
use app::people::Token;
use app::programs::{NewToken, Scope};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use domain::{CaseId, Field, OperatorId, PasskeyId, Random, ReportId, SeededRandom};
use http_body_util::BodyExt;
use policy::Sealed;
use records::{About, Joining, LinkId, NewInvitation, Operators, Role, TokenHash};
use tower::ServiceExt;
use web::PrivateState;

use crate::console::Running;
use crate::register::{letter, registered, world};
use crate::requests::report;
use crate::world::{NOW, World, at};

/// The console of a world, and the cookie of an operator who is signed in there.
struct Console {
    router: Router,
    cookie: String,
}

struct Page {
    status: StatusCode,
    location: String,
    text: String,
}

impl Console {
    async fn of(world: &World) -> Self {
        let operators = Operators::new(world.records.clone(), world.people.vault().clone());
        let random = SeededRandom::new(11);
        let (link, session) = (Token::random(&random), Token::random(&random));
        let (now, later) = (at(NOW), at("2026-03-11T00:00:00Z"));
        let operator = OperatorId::random(&random);
        let invitation =
            NewInvitation { id: TokenHash(link.hash()), operator, role: Role::Owner, invited_by: None, at: now, expires: later };
        operators.make_owner_link(invitation).await.expect("kept");
        let passkey = records::FirstPasskey {
            id: PasskeyId::random(&random),
            credential_id: bytes(&random),
            credential: bytes(&random),
            name: PasskeyName::parse("Phone").expect("a name"),
        };
        let joining = Joining {
            invitation: TokenHash(link.hash()),
            name: OperatorName::parse("Olga").expect("a name"),
            passkey,
            session: TokenHash(session.hash()),
            at: now,
            session_ends: later,
        };
        operators.join(joining).await.expect("joined");
        let router = web::private(world.private(Arc::new(Running { ready: Ok(()) })));
        Self { router, cookie: format!("candor-console={}", session.text()) }
    }

    async fn send(&self, method: Method, path: &str, fields: &[(&str, &str)], cookie: Option<&str>) -> Page {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request =
            Request::builder().method(method).uri(path).header("host", "localhost:8081").header("sec-fetch-site", "same-origin");
        request = request.header("content-type", "application/x-www-form-urlencoded");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).expect("a request")).await.expect("an answer");
        let location = response.headers().get("location").map_or(String::new(), |value| value.to_str().expect("text").to_owned());
        let status = response.status();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        Page { status, location, text: String::from_utf8(bytes.to_vec()).expect("text") }
    }

    async fn get(&self, path: &str) -> Page {
        self.send(Method::GET, path, &[], Some(&self.cookie)).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send(Method::POST, path, fields, Some(&self.cookie)).await
    }
}

fn bytes(random: &dyn Random) -> Vec<u8> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    bytes.to_vec()
}

/// A token for the API.
async fn token_of(private: &PrivateState, scope: Scope) -> String {
    let new = NewToken { name: "front desk".to_owned(), scopes: [scope].into_iter().collect(), lives: None };
    private.programs.issue(new, at(NOW)).await.expect("a token").0.text()
}

async fn only_case(world: &World) -> CaseId {
    let cases = world.state.minors.cases(0, 100).await.expect("read");
    assert_eq!(cases.len(), 1);
    cases[0].id
}

#[tokio::test]
async fn an_operator_confirms_a_case_in_two_steps_and_everything_is_deleted_with_a_receipt() {
    let world = world();
    let signed_in = registered(&world, "anna@example.org", "anna").await.cookies();
    report(&world, &[("_about", "anna@example.org"), ("_message", "She is eleven.")]).await;
    let console = Console::of(&world).await;
    assert!(console.get("/").await.text.contains("1 to be decided"));
    let case = only_case(&world).await.to_hex();
    let list = console.get("/cases").await;
    let about = world.parts_of(&signed_in).session.expect("a session").account.to_hex()[..8].to_owned();
    for said in [">What about<", ">Reported<", ">Due<", ">State<", "to be decided", &format!("Account {about} may be a child’s"), "2026"]
    {
        assert!(list.text.contains(said), "{said}: {}", list.text);
    }
    assert!(list.text.contains(&format!("/cases/{case}")) && list.text.contains("17 March 2026"), "due in a week: {}", list.text);
    let file = console.get(&format!("/cases/{case}")).await;
    assert!(file.text.contains("<dd>anna</dd>") && file.text.contains("She is eleven."), "{}", file.text);
    assert!(!file.text.contains("<dd>anna@example.org"), "the address is nobody's business here");

    let step = console.get(&format!("/cases/{case}/confirm")).await;
    assert!(step.text.contains("Is this account a minor’s?") && step.text.contains("cannot be taken back"), "{}", step.text);
    assert_eq!(world.get("/account").cookie(&signed_in).send().await.status, StatusCode::OK, "asking changes nothing");
    let confirmed = console.post(&format!("/cases/{case}/confirm"), &[]).await;
    assert_eq!((confirmed.status, confirmed.location), (StatusCode::SEE_OTHER, format!("/cases/{case}?said=confirmed")));
    assert_ne!(world.get("/account").cookie(&signed_in).send().await.status, StatusCode::OK, "nobody is signed in");
    assert!(matches!(letter(&world).await, Some(Letter::MinorConfirmed { seconds: 86_400 })), "they are told");
    assert_eq!(letter(&world).await, None, "and nothing else goes out");

    let done = world.state.minors.reconcile(&world.policy, at(NOW)).await.expect("done");
    assert_eq!((done.erased, done.reports), (1, 1));
    assert!(world.state.minors.reconcile(&world.policy, at(NOW)).await.expect("done").is_nothing());
    let file = console.get(&format!("/cases/{case}")).await;
    for shown in ["deleted", "in time", "1 × account with", "What remains, and why", "180 days", "Confirmed as a minor", "by Olga"] {
        assert!(file.text.contains(shown), "{shown}: {}", file.text);
    }
    assert!(!file.text.contains("anna") && !file.text.contains("eleven"), "nothing of them is left: {}", file.text);
    let receipt = console.get(&format!("/cases/{case}/receipt.json")).await;
    let receipt: serde_json::Value = serde_json::from_str(&receipt.text).expect("JSON");
    assert_eq!((&receipt["in_time"], &receipt["case"]), (&serde_json::json!(true), &serde_json::json!(case)));
    assert!(
        registered(&world, "anna@example.org", "anna").await.status == StatusCode::SEE_OTHER,
        "the address is free, behind the age question"
    );
}

#[tokio::test]
async fn an_operator_finds_somebody_and_signs_them_out_everywhere() {
    let world = world();
    let signed_in = registered(&world, "anna@example.org", "anna").await;
    let id = world.parts(&signed_in).session.expect("a session").account.to_hex();
    let account = async || world.get("/account").cookie(&signed_in.cookies()).send().await.status;
    let console = Console::of(&world).await;
    assert!(console.get("/people").await.text.contains("Find an account"));
    for whom in ["anna", " anna@EXAMPLE.org ", &id] {
        let found = console.post("/people", &[("_whom", whom)]).await;
        assert_eq!((found.status, found.location), (StatusCode::SEE_OTHER, format!("/people/{id}")), "{whom}");
    }
    for (whom, says) in [("bert", "There is no account"), ("", "Nobody can be found by this"), ("bert@", "Nobody can be found by this")] {
        let nobody = console.post("/people", &[("_whom", whom)]).await;
        assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY, "{whom}");
        assert!(nobody.text.contains(says), "{whom}: {}", nobody.text);
    }
    let page = console.get(&format!("/people/{id}")).await;
    assert!(
        page.text.contains("<h1>anna</h1>") && page.text.contains("anna@example.org"),
        "the account’s contract permits it: {}",
        page.text
    );
    assert!(page.text.contains("last seen") && account().await == StatusCode::OK, "looking changes nothing");
    let forged = console.send(Method::POST, &format!("/people/{id}/sign-out"), &[], None).await;
    assert_eq!((forged.location.as_str(), account().await), ("/sign-in", StatusCode::OK), "this is for operators");

    let done = console.post(&format!("/people/{id}/sign-out"), &[]).await;
    assert_eq!(done.location, format!("/people/{id}?said=signed-out"));
    assert_eq!(account().await, StatusCode::SEE_OTHER, "from her next request on");
    let page = console.get(&done.location).await;
    assert!(page.text.contains("They are signed out everywhere.") && page.text.contains("Nobody is signed in"), "{}", page.text);
    let actions = console.get("/actions").await;
    assert!(actions.text.contains("signed somebody out of their account everywhere") && actions.text.contains(&id), "{}", actions.text);
    assert!(!actions.text.contains("anna"), "it says which account, and not whose");
    for nobody in ["0f".repeat(16), "x".to_owned()] {
        assert_eq!(console.get(&format!("/people/{nobody}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(console.post(&format!("/people/{nobody}/sign-out"), &[]).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn whoever_may_not_be_shown_any_more_is_not() {
    let world = world();
    let anna = world.parts(&registered(&world, "anna@example.org", "anna").await).session.expect("a session").account;
    world.state.accounts.close(anna, at(NOW)).await.expect("closed");
    let console = Console::of(&world).await;
    let page = console.get(&format!("/people/{}", anna.to_hex())).await;
    assert!(page.text.contains("the policy does not permit it") && page.text.contains("Closed"), "{}", page.text);
    assert!(!page.text.contains("anna") && !page.text.contains("Sign out everywhere"), "its contract is over: {}", page.text);
    assert_eq!(console.post(&format!("/people/{}/sign-out", anna.to_hex()), &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn signing_out_from_a_case_decides_nothing() {
    let world = world();
    let signed_in = registered(&world, "anna@example.org", "anna").await.cookies();
    report(&world, &[("_about", "anna")]).await;
    let console = Console::of(&world).await;
    let case = only_case(&world).await.to_hex();
    let done = console.post(&format!("/cases/{case}/sign-out"), &[]).await;
    assert_eq!(done.location, format!("/cases/{case}?said=signed-out"));
    assert_eq!(world.get("/account").cookie(&signed_in).send().await.status, StatusCode::SEE_OTHER);
    let file = console.get(&done.location).await;
    assert!(file.text.contains("The person is signed out everywhere.") && file.text.contains("to be decided"), "{}", file.text);
}

#[tokio::test]
async fn asking_and_dismissing_leave_the_account_alone() {
    let world = world();
    let signed_in = registered(&world, "anna@example.org", "anna").await.cookies();
    report(&world, &[("_about", "anna"), ("_email", "aunt@example.org")]).await;
    let console = Console::of(&world).await;
    let case = only_case(&world).await.to_hex();
    let asked = console.post(&format!("/cases/{case}/ask"), &[]).await;
    assert_eq!(asked.location, format!("/cases/{case}?said=asked"));
    assert_eq!(letter(&world).await, Some(Letter::MinorAsked { seconds: 7 * 86_400 }));
    assert_eq!(console.post(&format!("/cases/{case}/answered"), &[]).await.location, format!("/cases/{case}?said=answered"));
    assert_eq!(
        console.post(&format!("/cases/{case}/dismiss"), &[("_reason", "has-guardian")]).await.location,
        format!("/cases/{case}?said=not-now")
    );
    let dismissed = console.post(&format!("/cases/{case}/dismiss"), &[("_reason", "not-a-minor")]).await;
    assert_eq!(dismissed.location, format!("/cases/{case}?said=dismissed"));
    assert_eq!(world.get("/account").cookie(&signed_in).send().await.status, StatusCode::OK);
    let done = world.state.minors.reconcile(&world.policy, at(NOW)).await.expect("done");
    assert_eq!((done.told, done.erased), (1, 0));
    assert_eq!(letter(&world).await, Some(Letter::ReportClosed), "the reporter is told, and not what was found");
    assert!(console.get(&format!("/cases/{case}")).await.text.contains("The person is old enough"));
    report(&world, &[("_about", "anna")]).await;
    assert!(console.get(&format!("/cases/{case}")).await.text.contains("dismissed"), "more of the same opens nothing");
}

#[tokio::test]
async fn an_operator_says_which_account_is_meant() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    report(&world, &[("_about", "https://clinic.example/people/42")]).await;
    let console = Console::of(&world).await;
    let case = only_case(&world).await.to_hex();
    assert!(console.get(&format!("/cases/{case}")).await.text.contains("Say which account it is"));
    let name = async |written: &str| console.post(&format!("/cases/{case}/account"), &[("_account", written)]).await.location;
    assert_eq!(name("nobody").await, format!("/cases/{case}?said=nobody"));
    assert_eq!(name("anna").await, format!("/cases/{case}?said=named"));
    assert!(console.get(&format!("/cases/{case}")).await.text.contains("<dd>anna</dd>"));
}

#[tokio::test]
async fn nobody_else_sees_or_decides_a_case() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    report(&world, &[("_about", "anna")]).await;
    let console = Console::of(&world).await;
    let case = only_case(&world).await.to_hex();
    for path in ["/cases".to_owned(), format!("/cases/{case}"), format!("/cases/{case}/confirm"), format!("/cases/{case}/receipt.json")] {
        let page = console.send(Method::GET, &path, &[], None).await;
        assert!(page.status == StatusCode::SEE_OTHER && page.location.starts_with("/sign-in"), "{path}: {} {}", page.status, page.location);
    }
    for path in ["account", "ask", "answered", "dismiss", "confirm"] {
        let page = console.send(Method::POST, &format!("/cases/{case}/{path}"), &[("_reason", "not-shown")], None).await;
        assert_eq!(page.location, "/sign-in", "{path}");
    }
    let before = world.state.minors.case(CaseId::parse(&case).expect("an id")).await.expect("read").expect("a case");
    assert!(before.case.state.is_undecided());
    assert_eq!(console.get("/cases/0123").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_program_enters_a_letter_with_the_day_it_came_and_follows_it() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    let private = world.private(Arc::new(Running { ready: Ok(()) }));
    let token = token_of(&private, Scope::Cases).await;
    let other = token_of(&private, Scope::Decide).await;
    let router = web::private(private);
    let send = async |method: Method, path: &str, body: &str, token: &str| {
        let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1").header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {token}")).body(Body::from(body.to_owned())).expect("a request");
        let response = router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice::<serde_json::Value>(&bytes).expect("JSON"))
    };
    let letter = r#"{"kind": "report-a-minor", "about": "anna", "message": "By letter.", "received": "2026-03-05T09:00:00Z"}"#;
    let (status, entered) = send(Method::POST, "/v1/requests", letter, &token).await;
    assert_eq!(
        (status, &entered["state"], &entered["received"]),
        (StatusCode::CREATED, &"received".into(), &"2026-03-05T09:00:00Z".into())
    );
    let id = entered["id"].as_str().expect("an id");
    assert_eq!(send(Method::GET, &format!("/v1/requests/{id}"), "", &token).await.1["kind"], "report-a-minor");
    let cases = send(Method::GET, "/v1/cases", "", &token).await.1;
    assert_eq!(
        (&cases["items"][0]["due"], &cases["items"][0]["state"]),
        (&"2026-03-12T09:00:00Z".into(), &"open".into()),
        "from the day it came"
    );
    assert!(!cases.to_string().contains("anna"));
    for (body, code) in [
        (r#"{"kind": "access", "about": "anna"}"#, "kind-unknown"),
        (r#"{"kind": "report-a-minor", "about": " "}"#, "request-unusable"),
        (r#"{"kind": "report-a-minor", "about": "anna", "received": "2027-01-01T00:00:00Z"}"#, "received-later"),
        (r#"{"kind": "report-a-minor", "about": "anna", "email": "x"}"#, "email-unusable"),
    ] {
        assert_eq!(send(Method::POST, "/v1/requests", body, &token).await.1["code"], code);
    }
    assert_eq!(send(Method::GET, "/v1/cases", "", &other).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn cases_come_in_pages_and_none_is_left_out() {
    let world = world();
    let random = SeededRandom::new(5);
    for number in 0..120_u8 {
        let report = records::NewReport {
            id: ReportId([number; 16]),
            case: CaseId::random(&random),
            reference: LinkId([number; 32]),
            about: About::Username(Sealed::new(Field::AccountUsername, format!("nobody{number}"))),
            written: None,
            message: None,
            email: None,
            reporter: None,
            language: "en".to_owned(),
            at: at(NOW),
            due: at("2026-03-17T00:00:00Z"),
            dismissed_since: at(NOW),
        };
        world.people.report(report).await.expect("kept");
    }
    let all: BTreeSet<String> = world.state.minors.cases(0, 1_000).await.expect("read").iter().map(|case| case.id.to_hex()).collect();
    assert_eq!(all.len(), 120);

    let console = Console::of(&world).await;
    let (mut path, mut shown) = ("/cases".to_owned(), Vec::new());
    loop {
        let page = console.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        let of_page: Vec<String> = page.text.split("href=\"/cases/").skip(1).map(|rest| rest[..32].to_owned()).collect();
        assert!(of_page.len() <= 50, "{path}: {}", of_page.len());
        shown.extend(of_page);
        match page.text.split("rel=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next()) {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!((path.as_str(), shown.len()), ("/cases?page=3", 120));
    assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), all);
    for odd in ["/cases?page=0", "/cases?page=x", "/cases?page=4294967295", "/cases?page=99"] {
        assert_eq!(console.get(odd).await.status, StatusCode::OK, "{odd}");
    }

    let token = token_of(&world.private(Arc::new(Running { ready: Ok(()) })), Scope::Cases).await;
    let ask = async |query: &str| {
        let request = Request::builder().uri(format!("/v1/cases{query}")).header("host", "localhost:8081");
        let request = request.header("authorization", format!("Bearer {token}")).body(Body::empty()).expect("a request");
        let response = console.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice::<serde_json::Value>(&bytes).expect("JSON"))
    };
    let (mut query, mut listed) = (String::new(), Vec::new());
    loop {
        let (status, part) = ask(&query).await;
        let items = part["items"].as_array().expect("a list");
        assert!(status == StatusCode::OK && items.len() <= 50, "{part}");
        listed.extend(items.iter().map(|case| case["id"].as_str().expect("a number").to_owned()));
        match part["next"].as_str() {
            Some(next) => query = format!("?cursor={next}"),
            None => break,
        }
    }
    assert_eq!(listed, all.into_iter().collect::<Vec<_>>(), "in the order of their numbers, each once");
    assert_eq!(ask("?cursor=bm9ib2R5").await.0, StatusCode::BAD_REQUEST, "a cursor of nobody's");
}
