//! A site in another language, to which people sign in.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use stories::{Place, Request, Response, Server, Site, eventually};

const LIMIT: Duration = Duration::from_secs(60);

fn post(server: &Server, path: &str, cookie: Option<&str>, fields: &[(&str, &str)]) -> Response {
    let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request::form(path, &fields).cookie(cookie).send(server.public())
}

/// Registers somebody who is old enough, follows the mailed link, and returns their cookie.
fn register(place: &Place, server: &Server) -> String {
    let page = post(server, "/account/register/age", None, &[("_day", "7"), ("_month", "11"), ("_year", "1985")]).text();
    let field = page.split("<input").find(|input| input.contains("name=\"_age\"")).unwrap_or_else(|| panic!("no form in {page}"));
    let verdict = field.split_once("value=\"").expect("a value").1.split('"').next().expect("a value");
    let asked = post(server, "/account/register", None, &[("_age", verdict), ("_email", "zoe@example.org"), ("_username", "zoë")]);
    assert_eq!(asked.status, 303, "{}", asked.text());
    let folder = place.data().join("mail");
    let letter = eventually("a letter", LIMIT, || {
        let file = std::fs::read_dir(&folder)
            .ok()?
            .flatten()
            .map(|file| file.path())
            .find(|file| file.extension().is_some_and(|end| end == "eml"))?;
        std::fs::read_to_string(file).ok().filter(|text| text.contains("/account/confirm/"))
    });
    let (_, link) = letter.split_once("/account/confirm/").expect("a link");
    let token: String = link.chars().take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')).collect();
    let confirmed = post(server, &format!("/account/confirm/{token}"), None, &[]);
    assert_eq!(confirmed.status, 303, "{}", confirmed.text());
    confirmed.cookies().expect("they are signed in")
}

/// What PyJWT says of each token, at a site whose clock is some seconds ahead.
pub(crate) fn checked(server: &Server, audience: &str, ahead: i64, tokens: &[&str]) -> Value {
    let issuer = format!("http://{}", server.public());
    let keys = format!("{issuer}/privacy/keys.json");
    let asked = json!({ "keys": keys, "issuer": issuer, "audience": audience, "ahead": ahead, "tokens": tokens });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/assertion.py");
    let mut python = Command::new("/usr/bin/python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`cargo xtask test` installs Python");
    python.stdin.take().expect("it is piped").write_all(asked.to_string().as_bytes()).expect("it reads");
    let output = python.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("a list")
}

#[test]
fn whoever_registers_is_known_to_the_site_until_they_sign_out() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve_url(&site.url(), &["--sign-in", "/members"]);
    let cookie = register(&place, &server);
    assert_eq!(Request::get("/members").cookie(Some(&cookie)).send(server.public()).status, 200);
    let told = site.last("/members");
    let account = told.header("candor-account").expect("an account").to_owned();
    assert_eq!((account.len(), told.header("candor-username")), (32, Some("zo%C3%AB")));
    assert_eq!(told.header("cookie"), None);
    let assertion = told.header("candor-assertion").expect("an assertion").to_owned();
    let own = format!("http://{}", server.public());
    let claims = &checked(&server, &own, 0, &[&assertion])[0];
    assert_eq!((claims["sub"].as_str(), claims["username"].as_str()), (Some(account.as_str()), Some("zoë")));
    assert_eq!(claims["purposes"].as_array().map(|purposes| purposes.contains(&"account".into())), Some(true), "{claims}");
    assert_eq!(checked(&server, "https://elsewhere.example", 0, &[&assertion])[0], "InvalidAudienceError");
    let replayed = Request::get("/replayed").header("Candor-Assertion", &assertion).header("Candor-Account", &account);
    replayed.send(server.public());
    assert_eq!((site.last("/replayed").header("candor-assertion"), site.last("/replayed").header("candor-account")), (None, None));
    assert_eq!(place.visits_to("/members", 1)[0]["account"], account.as_str());

    let signed_out = post(&server, "/account/sign-out", Some(&cookie), &[]);
    assert_eq!(signed_out.status, 303, "{}", signed_out.text());
    assert_eq!(
        Request::get("/members").cookie(Some(&cookie)).send(server.public()).status,
        401,
        "whoever kept the cookie has nothing of it"
    );
    server.kill();
    let server = place.serve_url(&site.url(), &["--sign-in", "/members"]);
    assert_eq!(Request::get("/members").cookie(Some(&cookie)).send(server.public()).status, 401, "nor after a restart");
    assert_eq!(site.count("/members"), 1);
}
