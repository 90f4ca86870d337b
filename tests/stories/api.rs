//! What programs ask of a running Candor, as `curl` would.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use stories::{Database, Finished, Place, Request, Response, Server, Site, Visitor, candor, eventually, on_both};

on_both!(an_agreement_carries_the_basis_contract_until_it_ends_or_the_account_closes);

const LIMIT: Duration = Duration::from_secs(60);

fn ask(server: &Server, token: &str, method: &str, path: &str, body: Option<&Value>) -> Response {
    let mut request = Request::new(method, path).header("Authorization", &format!("Bearer {token}"));
    if let Some(body) = body {
        request = request.header("Content-Type", "application/json");
        request.body = body.to_string().into_bytes();
    }
    request.send(server.private())
}

fn command(place: &Place, arguments: &[&str]) -> Finished {
    let data = place.data();
    place.candor(&[arguments, &["--data", &data.to_string_lossy()]].concat())
}

pub(crate) fn token(place: &Place, scopes: &[&str]) -> String {
    let scopes: Vec<&str> = scopes.iter().flat_map(|scope| ["--scope", scope]).collect();
    let made = command(place, &[&["token", "new", "--name", "the shop"], scopes.as_slice()].concat());
    assert_eq!(made.code, Some(0), "{made:#?}");
    let token = made.stdout.strip_suffix('\n').expect("one line").to_owned();
    assert!(token.starts_with("candor_") && !token.contains(char::is_whitespace) && !made.stderr.contains(&token), "{made:#?}");
    token
}

/// Anna registers and follows the link, with her browser.
pub(crate) fn anna<'a>(place: &Place, server: &'a Server) -> Visitor<'a> {
    let mut anna = Visitor::of(server);
    let fields = |fields: &[(&str, &str)]| -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let asked = fields(&[("_day", "7"), ("_month", "11"), ("_year", "1985")]);
    let page = anna.send(Request::form("/account/register/age", &asked)).text();
    let input = page.split("<input").find(|input| input.contains("name=\"_age\"")).expect("the next form");
    let verdict = input.split_once("value=\"").expect("a value").1.split('"').next().expect("a value").to_owned();
    let who = fields(&[("_age", &verdict), ("_email", "anna@example.org"), ("_username", "anna")]);
    assert_eq!(anna.send(Request::form("/account/register", &who)).status, 303);
    let link = eventually("the letter is kept", LIMIT, || {
        let letters = fs::read_dir(place.data().join("mail")).ok()?;
        let text = letters.flatten().find_map(|letter| fs::read_to_string(letter.path()).ok())?;
        Some(text.lines().find(|line| line.starts_with("http"))?.trim().to_owned())
    });
    let path = format!("/{}", link.splitn(4, '/').last().expect("a path"));
    let followed = anna.send(Request::form(&path, &[]));
    assert_eq!((followed.status, followed.header("location")), (303, Some("/account")), "{}", followed.text());
    anna
}

/// What the site is told when she opens a page.
fn purposes(anna: &mut Visitor<'_>, site: &Site, page: &str) -> Vec<String> {
    assert_eq!(anna.open(page).status, 200);
    let told = site.last(page);
    told.header("candor-purposes").expect("it is always told").split(',').map(str::to_owned).collect()
}

fn an_agreement_carries_the_basis_contract_until_it_ends_or_the_account_closes(database: Database) {
    let (place, site) = (Place::health_on(database), Site::new());
    let server = place.serve(&site);
    let token = token_of(&server, &place);
    let mut anna = anna(&place, &server);
    let mut page = 0;
    let mut is_permitted = |anna: &mut Visitor<'_>| {
        page += 1;
        purposes(anna, &site, &format!("/page-{page}")).iter().any(|purpose| purpose == "home-monitor")
    };
    assert!(!is_permitted(&mut anna), "nothing was agreed");
    let id = site.last("/page-1").header("candor-account").expect("the site knows her").to_owned();
    let path = format!("/v1/people/{id}/agreements/home-monitor-plan");

    let begun = ask(&server, &token, "PUT", &path, None);
    assert_eq!(begun.status, 201, "{}", begun.text());
    assert!(is_permitted(&mut anna), "it counts from the next request on");
    assert!(is_permitted(&mut anna), "and goes on");
    assert_eq!(ask(&server, &token, "DELETE", &path, None).status, 204);
    assert!(!is_permitted(&mut anna), "it ended at once");
    assert_eq!(ask(&server, &token, "DELETE", &path, None).status, 404);

    assert_eq!(ask(&server, &token, "PUT", &path, Some(&json!({"until": "2199-01-01T00:00:00Z"}))).status, 201);
    assert!(is_permitted(&mut anna));
    let decide = || {
        let shown = ask(&server, &token, "GET", &format!("/v1/people/{id}"), None).json();
        let facts = json!({"use": "monitor-loan", "person": shown["facts"]});
        ask(&server, &token, "POST", "/v1/decide", Some(&facts)).json()["code"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(decide(), "permitted");
    let kept = server.complaints();
    assert!(!kept.contains(&token) && !kept.contains("anna@example.org"), "{kept}");

    let sure = [("_confirm".to_owned(), "yes".to_owned())];
    assert_eq!(anna.send(Request::form("/account/delete", &sure)).status, 200);
    assert!(!is_permitted(&mut anna), "the account closed");
    assert_ne!(decide(), "permitted");
    assert_eq!(ask(&server, &token, "PUT", &path, None).status, 404, "nobody is there to agree with");
}

/// The token of a program that may do everything, made over the owner's socket.
fn token_of(server: &Server, place: &Place) -> String {
    let all = token_of_place(place);
    let seen = ask(server, &all, "POST", "/v1/decide", Some(&json!({"use": "access-log"})));
    assert_eq!(seen.status, 200, "{}", seen.text());
    all
}

fn token_of_place(place: &Place) -> String {
    token(place, &["decide", "people:read", "agreements"])
}

#[test]
fn a_token_made_before_the_first_start_works_until_it_is_revoked_beside_the_server() {
    let (place, site) = (Place::health(), Site::new());
    let early = token(&place, &["decide"]);
    let server = place.serve(&site);
    let facts = json!({"use": "access-log"});
    let decide = |token: &str| ask(&server, token, "POST", "/v1/decide", Some(&facts));
    assert_eq!(decide(&early).status, 200);
    let other = token(&place, &["decide"]);
    let listed = command(&place, &["token", "list", "--json"]);
    let tokens = listed.json()["tokens"].as_array().expect("a list").clone();
    assert_eq!((tokens.len(), &tokens[0]["scopes"], &tokens[0]["name"]), (2, &json!(["decide"]), &json!("the shop")));
    assert!(tokens[0]["used"].is_string() && tokens[1]["used"].is_null(), "{listed:#?}");
    assert!(!listed.stdout.contains(&early) && !command(&place, &["token", "list"]).stdout.contains("candor_"));
    let id = tokens[0]["id"].as_str().expect("an id");
    assert_eq!(command(&place, &["token", "revoke", id]).code, Some(0));
    let refused = decide(&early);
    assert_eq!((refused.status, refused.header("content-type")), (401, Some("application/problem+json")));
    assert_eq!(decide(&other).status, 200);
    assert_eq!(command(&place, &["token", "revoke", id]).code, Some(1), "there is none any more");
    assert_eq!(server.stop(), Some(0));
    assert_eq!(command(&place, &["token", "list", "--json"]).json()["tokens"].as_array().map(Vec::len), Some(1), "without a server, too");
    let data: Vec<_> = fs::read_dir(place.data()).expect("the data folder").flatten().collect();
    for file in data.iter().filter(|file| file.path().is_file()) {
        let bytes = fs::read(file.path()).expect("a file");
        let secret = &other.as_bytes()[7..];
        assert!(!bytes.windows(secret.len()).any(|window| window == secret), "the token is in {}", file.path().display());
    }
}

#[test]
fn a_token_that_cannot_be_made_is_said_to_be_so() {
    let place = Place::health();
    let unknown = command(&place, &["token", "new", "--scope", "everything"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), ""));
    assert!(unknown.stderr.contains("`everything` is not a scope; there are `decide`, `people:read`, `agreements`"), "{unknown:#?}");
    for wrong in [&["token", "new"][..], &["token", "new", "--scope", "decide", "--expires", "soon"], &["token", "revoke", "x"]] {
        let refused = command(&place, wrong);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:#?}");
    }
    let made = command(&place, &["token", "new", "--scope", "decide", "--expires", "90 days", "--json"]).json();
    assert!(made["token"].as_str().is_some_and(|token| token.starts_with("candor_")) && made["expires"].is_string(), "{made}");
}

#[test]
fn a_decision_over_the_api_is_the_one_of_the_command() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let token = token(&place, &["decide"]);
    for facts in [
        json!({"use": "access-log"}),
        json!({"use": "news-mail", "person": {"consents": {"news": {}}}, "at": "2026-03-01T12:00:00Z"}),
        json!({"use": "news-mail", "gpc": true}),
        json!({"use": "monitor-loan", "person": {"registered": true, "agreements": ["home-monitor-plan"]}}),
        json!({"use": "court-orders", "case": "2026-17"}),
        json!({"data": ["account.*"], "purpose": "account"}),
        json!({"data": "account.email", "purpose": "offers", "recipient": "thistledown-devices", "act": "sell"}),
        json!({"use": "no-such-use", "region": "US-CA"}),
    ] {
        let answered = ask(&server, &token, "POST", "/v1/decide", Some(&facts));
        let told = candor(&place.site(), &["decide", "-"], &facts.to_string());
        assert_eq!((answered.status, answered.json()), (200, told.json()), "{facts}");
    }
}

#[test]
fn the_operator_is_told_who_somebody_is_and_how_that_is_known() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    anna(&place, &server);
    let data = place.data().to_string_lossy().into_owned();
    let show = |person: &str, input: &str| candor(&place.site(), &["person", person, "show", "--json", "--data", &data], input);
    let told = show("anna", "").json();
    let person = &told["people"][0];
    assert_eq!((&person["email"], &person["username"], &person["state"]), (&json!("anna@example.org"), &json!("anna"), &json!("open")));
    let known: Vec<_> =
        person["links"].as_array().expect("links").iter().map(|link| (link["kind"].clone(), link["known"].clone())).collect();
    assert!(known.contains(&(json!("email"), json!("confirmed-mail"))), "{known:?}");
    assert_eq!(show("-", "anna@example.org\n").json(), told, "an address need not be on the command line");
    assert_eq!(show(person["id"].as_str().expect("an id"), "").json(), told);
    assert_eq!(show("bert", "").code, Some(1));
    assert_eq!(show("anna@", "").code, Some(2));
    let plain = command(&place, &["person", "anna", "show", "--purpose", "rights"]);
    assert!(
        plain.stdout.contains("anna@example.org") && plain.stdout.contains("`account.username` is not shown for `rights`"),
        "{plain:#?}"
    );
    assert_eq!(server.stop(), Some(0));
    assert_eq!(show("anna", "").json(), told, "without a server, too");
}
