//! What the site is told of people verifies with a library that nobody here wrote, in another language.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use domain::Timestamp;
use policy::assertion::{AssertionKeyRecord, AssertionKeys};
use policy::cookie::SessionPart;
use serde_json::{Value, json};

use crate::common::Edge;
use crate::common::people::ticket;
use crate::common::site::Site;
use crate::common::visitor::{ask, field, get};

const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\npage";
const ORIGIN: &str = "https://books.example";
const ANNA: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// What PyJWT says of each token. Debian's Python, because its libraries come from Debian too.
async fn checked(edge: &Edge, audience: &str, tokens: &[String]) -> Vec<Value> {
    let asked =
        json!({ "keys": format!("http://{}/privacy/keys.json", edge.address), "issuer": ORIGIN, "audience": audience, "tokens": tokens });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python/assertion.py");
    let answered = tokio::task::spawn_blocking(move || {
        let mut python = Command::new("/usr/bin/python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("`cargo xtask test` installs Python");
        python.stdin.take().expect("it is piped").write_all(asked.to_string().as_bytes()).expect("it reads");
        python.wait_with_output().expect("it ends")
    });
    let output = answered.await.expect("no panic");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a list")
}

/// The clock of the machine, which Python asks too.
#[expect(clippy::disallowed_methods, reason = "a program outside of the test looks at the same clock")]
fn now() -> Timestamp {
    SystemTime::now().try_into().expect("a time")
}

/// The assertion that the site gets with a request of Anna's.
async fn told(edge: &Edge, site: &Site, fields: &[&str]) -> String {
    let cookie = edge.sign_in(SessionPart { started: edge.clock_now(), renewed: edge.clock_now(), ..ticket("zoë") });
    let fields = [fields, &[&cookie]].concat();
    assert_eq!(ask(edge.address, get("/", &fields)).await.status(), 200);
    field(site.requests().last().expect("a request"), "candor-assertion").expect("an assertion")
}

async fn at_this_moment(edge: &Edge) {
    let moment = now().duration_since(edge.clock_now());
    edge.pass(moment.unsigned_abs()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_in_another_language_verifies_an_assertion_and_refuses_every_other() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::with_members(site.address, |settings| settings.origin = Some(ORIGIN.to_owned()));
    let old = told(&edge, &site, &[]).await;
    at_this_moment(&edge).await;
    let fresh = told(&edge, &site, &[]).await;
    // Another site's, whose keys are not shown here.
    let own = edge.assertions.swap(Arc::new(keys(9)));
    let foreign = told(&edge, &site, &["X-Region: US-CA"]).await;
    edge.assertions.store(own);

    let (signed, signature) = fresh.rsplit_once('.').expect("three parts");
    let (_, other_signature) = old.rsplit_once('.').expect("three parts");
    let head_without_algorithm = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let payload = signed.split('.').nth(1).expect("a payload");
    let tokens = [
        fresh.clone(),
        old.clone(),
        foreign,
        format!("{signed}.{other_signature}"),
        format!("{head_without_algorithm}.{payload}."),
        format!("{}.{signature}", signed.replacen('e', "f", 1)),
    ];
    let said = checked(&edge, ORIGIN, &tokens).await;
    assert_eq!((&said[0]["sub"], &said[0]["username"], &said[0]["aud"]), (&ANNA.into(), &"zoë".into(), &ORIGIN.into()));
    assert_eq!(said[0]["purposes"], json!(["operate", "account"]));
    assert_eq!(said[1], "ExpiredSignatureError");
    assert_eq!(said[2], "PyJWKClientError", "no key of that name is shown");
    assert_eq!(said[3], "InvalidSignatureError");
    assert!(said[4..].iter().all(Value::is_string), "{said:#?}");
    assert_eq!(checked(&edge, "https://other.example", &[fresh]).await, ["InvalidAudienceError"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_that_somebody_sends_again_never_reaches_the_site() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::with_members(site.address, |_| {});
    at_this_moment(&edge).await;
    let annas = told(&edge, &site, &[]).await;
    let replayed = [format!("Candor-Assertion: {annas}"), format!("candor_assertion: {annas}")];
    assert_eq!(ask(edge.address, get("/", &[&replayed[0], &replayed[1]])).await.status(), 200);
    assert!(!site.requests().last().expect("a request").contains(&annas));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_will_sign_is_known_before_and_one_that_signed_is_known_after() {
    let site = Site::saying(PAGE).await;
    let edge = Edge::with_members(site.address, |_| {});
    at_this_moment(&edge).await;
    let records = |made: [Timestamp; 2]| {
        let record = |(secret, made)| AssertionKeyRecord { secret: [secret; 32], made };
        AssertionKeys::from_records(&[record((8, made[0])), record((9, made[1]))]).expect("keys")
    };
    let (month_ago, now) = (edge.clock_now() - jiff::SignedDuration::from_hours(720), edge.clock_now());
    let mut tokens = Vec::new();
    for made in [[month_ago, now], [month_ago, now - jiff::SignedDuration::from_hours(25)]] {
        edge.assertions.store(Arc::new(records(made)));
        tokens.push(told(&edge, &site, &[]).await);
    }
    let named = |token: &String| token.split('.').next().expect("a head").to_owned();
    assert_ne!(named(&tokens[0]), named(&tokens[1]), "the new one signs after a day");
    assert!(checked(&edge, ORIGIN, &tokens).await.iter().all(Value::is_object));
}

fn keys(secret: u8) -> AssertionKeys {
    let made = crate::common::NOW.parse().expect("a time");
    AssertionKeys::from_records(&[AssertionKeyRecord { secret: [secret; 32], made }]).expect("a key")
}
