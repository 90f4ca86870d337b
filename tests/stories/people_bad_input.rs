//! What deceives, repeats itself or is too much, on the way to an account: a clear answer each, and nothing half-made.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use stories::{Connection, Place, Request, Response, Server, Site, eventually};

use crate::with_python::checked;

const LIMIT: Duration = Duration::from_secs(60);

/// A site with accounts, where everybody comes from a network of their own.
pub(crate) struct House {
    server: Server,
    site: Site,
    place: Place,
}

impl House {
    pub(crate) fn new() -> Self {
        let (place, site) = (Place::health(), Site::new());
        let server = place.serve_url(&site.url(), &["--trusted-proxies", "127.0.0.1"]);
        Self { server, site, place }
    }

    pub(crate) fn authority(&self) -> &str {
        self.server.public()
    }

    pub(crate) fn ask(&self, who: usize, request: Request) -> Response {
        request.header("X-Forwarded-For", &format!("203.{}.{}.7", who / 256, who % 256)).send(self.server.public())
    }

    pub(crate) fn post(&self, who: usize, path: &str, fields: &[(&str, &str)]) -> Response {
        self.post_with(who, path, fields, None)
    }

    pub(crate) fn post_with(&self, who: usize, path: &str, fields: &[(&str, &str)], cookie: Option<&str>) -> Response {
        let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.ask(who, Request::form(path, &fields).cookie(cookie))
    }

    /// The verdict of the first step, which the second carries.
    pub(crate) fn verdict(&self, who: usize, path: &str) -> String {
        let page = self.post(who, path, &[("_day", "7"), ("_month", "11"), ("_year", "1985")]).text();
        let field = page.split("<input").find(|input| input.contains("name=\"_age\"")).unwrap_or_else(|| panic!("no form in {page}"));
        field.split_once("value=\"").expect("a value").1.split('"').next().expect("a value").to_owned()
    }

    pub(crate) fn apply(&self, who: usize, email: &str, username: &str) -> Response {
        let verdict = self.verdict(who, "/account/register/age");
        self.post(who, "/account/register", &[("_age", &verdict), ("_email", email), ("_username", username)])
    }

    /// Somebody with an account; the cookie of their browser.
    pub(crate) fn registered(&self, who: usize, email: &str, username: &str) -> String {
        let asked = self.apply(who, email, username);
        assert_eq!(asked.status, 303, "{}", asked.text());
        let confirmed = self.post(who, &self.link("confirm", email, 1), &[]);
        assert_eq!(confirmed.status, 303, "{}", confirmed.text());
        confirmed.cookies().expect("they are signed in")
    }

    /// The path of the newest link of this kind in the letters to an address, as soon as there are so many.
    pub(crate) fn link(&self, kind: &str, email: &str, number: usize) -> String {
        let start = format!("/account/{kind}/");
        let links = eventually(&format!("{number} letter(s) with {start} to {email}"), LIMIT, || {
            let links: Vec<String> = self.letters(email).iter().filter_map(|letter| path_in(letter, &start)).collect();
            (links.len() >= number).then_some(links)
        });
        links.into_iter().next_back().expect("at least one")
    }

    /// The letters to an address, the oldest first.
    pub(crate) fn letters(&self, email: &str) -> Vec<String> {
        let mut files: Vec<_> = fs::read_dir(self.place.data().join("mail")).into_iter().flatten().flatten().collect();
        files.retain(|file| file.path().extension().is_some_and(|end| end == "eml"));
        files.sort_by_key(|file| file.metadata().and_then(|data| data.modified()).ok());
        let texts = files.iter().filter_map(|file| fs::read_to_string(file.path()).ok());
        texts.filter(|text| text.contains(&format!("\nTo: {email}\r\n")) || text.contains(&format!("\nTo: <{email}>\r\n"))).collect()
    }

    /// How many rows there are of everything.
    pub(crate) fn rows(&self) -> BTreeMap<String, u64> {
        let files = ["records.sqlite", "keys.sqlite"].map(|file| self.place.data().join(file));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/rows.py");
        let output = Command::new("/usr/bin/python3").arg(script).args(files).output().expect("`cargo xtask test` installs Python");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("counts")
    }
}

fn path_in(letter: &str, start: &str) -> Option<String> {
    let (_, rest) = letter.split_once(start)?;
    let token: String = rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')).collect();
    (token.len() == 43).then(|| format!("{start}{token}"))
}

/// A page that says this, with this status, in a form that can be mended.
fn assert_says(answer: &Response, status: u16, says: &str, about: &str) {
    let text = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, status, "{about}: {text}");
    assert!(text.contains(says), "{about}: not `{says}` in {text}");
    assert_eq!(answer.cookies(), None, "{about}: nobody is signed in");
}

#[test]
fn names_that_deceive_are_refused_in_the_readers_words_and_leave_nothing() {
    let house = House::new();
    house.registered(1, "anna@example.org", "apple");
    let before = house.rows();
    assert_eq!((before["accounts"], before["registrations"], before["links"]), (1, 0, 0), "{before:?}");
    let (letters, made_of, length) = ("letters of alphabets that look alike", "made of letters and digits", "3 to 32 characters");
    let names = [
        ("p\u{430}ypal", letters),
        ("\u{430}dmin", letters),
        ("\u{3b1}lpha", letters),
        ("\u{430}\u{440}\u{440}\u{4cf}\u{435}", "Somebody has this name"),
        ("app1e", "Somebody has this name"),
        ("APPLE", "Somebody has this name"),
        ("admin", "as if it spoke for the site"),
        ("adrnin", "as if it spoke for the site"),
        ("ann\u{200b}a", made_of),
        ("ann\u{200d}a", made_of),
        ("ann\u{ad}a", made_of),
        ("\u{feff}anna", made_of),
        ("anna\u{202e}txt", made_of),
        ("anna\u{2066}b\u{2069}", made_of),
        ("anna\u{0}", made_of),
        ("an\r\nna", made_of),
        ("anna\u{e0061}", made_of),
        ("😀😀😀", made_of),
        ("\u{202e}", made_of),
        ("", length),
        (&"a".repeat(33), length),
        (&"a".repeat(50_000), length),
    ];
    for (number, (name, says)) in names.into_iter().enumerate() {
        let shown: String = name.chars().take(40).collect();
        assert_says(&house.apply(2 + number, &format!("new{number}@example.org"), name), 422, says, &format!("{shown:?}"));
    }
    let verdict = house.verdict(1, "/account/register/age?language=es");
    let fields = [("_age", verdict.as_str()), ("_email", "new@example.org"), ("_username", "p\u{430}ypal")];
    let spanish = house.post(1, "/account/register?language=es", &fields);
    assert_says(&spanish, 422, "lang=\"es\"", "in Spanish");
    assert!(!spanish.text().contains(letters), "not in English");
    assert_eq!(house.rows(), before, "nothing is half-made");
}

#[test]
fn addresses_that_no_mail_reaches_are_refused_with_the_reason_and_leave_nothing() {
    let house = House::new();
    let before = house.rows();
    let (no_address, no_mail, room) = ("not an e-mail address", "No mail can be sent", "room for 254 characters");
    let long = |bytes: usize| format!("{}@{}example.org", "a".repeat(60), "d.".repeat((bytes - 72) / 2));
    assert_eq!(long(320).len(), 320);
    for (address, says) in [
        (long(320), room),
        (long(256), room),
        (format!("{}@example.org", "a".repeat(65)), room),
        ("a".repeat(50_000), room),
        ("anna".to_owned(), no_address),
        ("an\u{0}na@example.org".to_owned(), no_address),
        ("anna\r\nBcc: ben@example.org".to_owned(), no_address),
        ("anna@example.org\r\nBcc: ben@example.org".to_owned(), no_address),
        ("Anna <anna@example.org>".to_owned(), no_address),
        ("anna@example.org,ben@example.org".to_owned(), no_address),
        ("an\u{200b}na@example.org".to_owned(), no_address),
        ("an\u{202e}na@example.org".to_owned(), no_address),
        ("an na@example.org".to_owned(), no_address),
        ("anna@localhost".to_owned(), no_mail),
        ("anna@192.0.2.1".to_owned(), no_mail),
        ("anna@[192.0.2.1]".to_owned(), no_mail),
        ("anna@example.org\u{0}".to_owned(), no_mail),
        ("anna@exa\u{202e}mple.org".to_owned(), no_mail),
        (String::new(), "Please write your e-mail address"),
    ] {
        let about: String = address.chars().take(40).collect();
        assert_says(&house.apply(1, &address, "thistle"), 422, says, &format!("registering as {about:?}"));
        assert_says(&house.post(2, "/account/sign-in", &[("_email", &address)]), 422, says, &format!("signing in as {about:?}"));
    }
    assert_eq!(house.rows(), before, "nothing is half-made");
    assert!(house.letters("ben@example.org").is_empty() && !house.server.complaints().contains("example.org"));
}

#[test]
fn what_stands_before_the_at_is_never_folded() {
    let house = House::new();
    house.registered(1, "anna@example.org", "anna");
    house.registered(2, "Anna@example.org", "hannah");
    house.registered(3, "anna+news@example.org", "thistle");
    assert_eq!(house.rows()["accounts"], 3);
    for (who, address) in [(4, "ANNA@example.org"), (5, "a.nna@example.org"), (6, "anna+@example.org")] {
        let asked = house.post(who, "/account/sign-in", &[("_email", address)]);
        assert_eq!((asked.status, asked.header("location")), (303, Some("/account/check-mail?for=sign-in")));
        assert!(house.letters(address).is_empty(), "{address} is nobody's");
    }
    house.post(7, "/account/sign-in", &[("_email", "Anna@Example.ORG")]);
    let link = house.link("sign-in", "Anna@example.org", 1);
    let cookie = house.post(7, &link, &[]).cookies().expect("signed in");
    let home = house.ask(7, Request::get("/account").cookie(Some(&cookie))).text();
    assert!(home.contains("hannah") && home.contains("Anna@example.org"), "{home}");
}

#[test]
fn a_link_is_good_once_for_its_kind_and_for_its_owner() {
    let house = House::new();
    house.registered(1, "anna@example.org", "anna");
    let bens = house.registered(2, "ben@example.org", "ben");
    house.post(1, "/account/sign-in", &[("_email", "anna@example.org")]);
    let link = house.link("sign-in", "anna@example.org", 1);
    let token = link.rsplit('/').next().expect("a token").to_owned();
    let before = house.rows();
    let nothing = "A".repeat(43);
    for path in ["confirm", "email", "email/back"].map(|kind| format!("/account/{kind}/{token}")) {
        assert_says(&house.ask(3, Request::get(&path)), 410, "does not work any more", &path);
        assert_says(&house.post(3, &path, &[]), 410, "does not work any more", &path);
    }
    for bad in
        [nothing.as_str(), "x", "%00", "..%2f..%2fetc%2fpasswd", "%F0%9F%98%80", &token[1..], &format!("{token}A"), &token.to_lowercase()]
    {
        assert_says(&house.post(4, &format!("/account/sign-in/{bad}"), &[]), 410, "does not work any more", bad);
    }
    assert_eq!(house.rows(), before, "none of it used anything up");

    let followed = house.post_with(2, &link, &[], Some(&bens));
    assert_eq!(followed.status, 303, "{}", followed.text());
    let annas = followed.cookies().expect("signed in");
    let home = house.ask(2, Request::get("/account").cookie(Some(&annas))).text();
    assert!(home.contains("anna@example.org") && !home.contains("ben@example.org"), "whoever follows Anna's link is Anna: {home}");
    let left = house.ask(2, Request::get("/account").cookie(Some(&bens)));
    assert_eq!(left.header("location"), Some("/account/sign-in"), "and Ben is signed out of that browser");
    assert_says(&house.post(2, &link, &[]), 410, "does not work any more", "a second time");
}

#[test]
fn nobody_comes_in_by_a_link_of_an_account_that_is_gone() {
    let house = House::new();
    let annas = house.registered(1, "anna@example.org", "anna");
    house.post(1, "/account/sign-in", &[("_email", "anna@example.org")]);
    let link = house.link("sign-in", "anna@example.org", 1);
    let asked = house.post_with(1, "/account/email", &[("_email", "new@example.org")], Some(&annas));
    assert_eq!(asked.status, 200, "{}", asked.text());
    let moving = house.link("email", "new@example.org", 1);
    let closed = house.post_with(1, "/account/delete", &[("_confirm", "yes")], Some(&annas));
    assert_eq!(closed.status, 200, "{}", closed.text());
    for path in [&link, &moving] {
        assert_says(&house.ask(2, Request::get(path)), 410, "does not work any more", path);
        assert_says(&house.post(2, path, &[]), 410, "does not work any more", path);
    }
    let told = house.ask(1, Request::get("/account").cookie(Some(&annas)));
    assert_eq!(told.header("location"), Some("/account/sign-in"));
    assert_eq!((house.rows()["sessions"], house.rows()["links"]), (0, 0));
}

#[test]
fn of_many_who_want_one_name_at_once_exactly_one_gets_it_and_the_others_take_another() {
    const PEOPLE: usize = 8;
    let house = House::new();
    let address = |who: usize| format!("sailor{who}@example.org");
    let asked = at_once(PEOPLE, |who| house.apply(who, &address(who), "thistle"));
    assert!(asked.iter().all(|answer| answer.status == 303), "nobody has it yet");
    let links: Vec<String> = (0..PEOPLE).map(|who| house.link("confirm", &address(who), 1)).collect();
    let confirmed = at_once(PEOPLE, |who| house.post(who, &links[who], &[]));
    assert_eq!(
        confirmed.iter().filter(|answer| answer.status == 303 && answer.cookies().is_some()).count(),
        1,
        "{:?}",
        statuses(&confirmed)
    );
    assert_eq!((house.rows()["accounts"], house.rows()["sessions"]), (1, 1));
    for (who, answer) in confirmed.iter().enumerate().filter(|(_, answer)| answer.status != 303) {
        assert_says(answer, 409, "Somebody was faster", &address(who));
        let another = house.post(who, &links[who], &[("_username", &format!("sailor-{who}"))]);
        assert_eq!(another.status, 303, "the link still works: {}", another.text());
    }
    let rows = house.rows();
    assert_eq!((rows["accounts"], rows["registrations"], rows["links"]), (PEOPLE as u64, 0, 0), "{rows:?}");
}

#[test]
fn of_many_registrations_of_one_address_at_once_exactly_one_becomes_an_account() {
    const TIMES: usize = 5;
    let house = House::new();
    let asked = at_once(TIMES, |who| house.apply(who, "anna@example.org", &format!("anna-{who}")));
    assert!(asked.iter().all(|answer| answer.status == 303), "{:?}", statuses(&asked));
    house.link("confirm", "anna@example.org", TIMES);
    let links: Vec<String> = house.letters("anna@example.org").iter().filter_map(|letter| path_in(letter, "/account/confirm/")).collect();
    assert_eq!(links.len(), TIMES);
    let confirmed = at_once(TIMES, |who| house.post(who, &links[who], &[]));
    assert_eq!(confirmed.iter().filter(|answer| answer.status == 303).count(), 1, "{:?}", statuses(&confirmed));
    for answer in confirmed.iter().filter(|answer| answer.status != 303) {
        assert_says(answer, 409, "You have an account already", "the slower ones");
    }
    assert_eq!((house.rows()["accounts"], house.rows()["sessions"]), (1, 1));
}

#[test]
fn of_two_who_take_one_name_at_once_one_is_told_that_it_is_taken() {
    let house = House::new();
    let cookies = [house.registered(1, "anna@example.org", "anna"), house.registered(2, "ben@example.org", "ben")];
    for name in ["thistle", "nettle", "clover"] {
        let answers = at_once(2, |who| house.post_with(who, "/account/username", &[("_username", name)], Some(&cookies[who])));
        let mut statuses = statuses(&answers);
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "{name}");
        let lost = answers.iter().find(|answer| answer.status == 409).expect("one of them");
        assert_says(lost, 409, "Somebody has this name", name);
    }
    assert_eq!(house.rows()["accounts"], 2);
}

#[test]
fn a_form_that_is_none_makes_nothing() {
    let house = House::new();
    let before = house.rows();
    let verdict = house.verdict(1, "/account/register/age");
    let fields = format!("_age={verdict}&_email=anna%40example.org&_username=anna");
    let json = format!("{{\"_age\":\"{verdict}\",\"_email\":\"anna@example.org\",\"_username\":\"anna\"}}");
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"_email\"\r\n\r\nanna@example.org\r\n--x--\r\n";
    for (path, kind, body) in [
        ("/account/register", "application/json", json.as_str()),
        ("/account/register", "text/plain", &fields),
        ("/account/register", "multipart/form-data; boundary=x", multipart),
        ("/account/register", "", &fields),
        ("/account/sign-in", "application/json", "{\"_email\":\"anna@example.org\"}"),
        ("/account/sign-in", "text/plain", "_email=anna%40example.org"),
    ] {
        let mut request = Request::new("POST", path).header("Sec-Fetch-Site", "same-origin");
        if !kind.is_empty() {
            request = request.header("Content-Type", kind);
        }
        request.body = body.as_bytes().to_vec();
        let answer = house.ask(2, request);
        assert_says(&answer, 415, "did not come in a form", &format!("{path} as {kind}"));
    }
    let huge = format!("{fields}&more={}", "x".repeat(1024 * 1024));
    for path in ["/account/register", "/account/register/age", "/account/sign-in", "/account/confirm/x"] {
        let mut request = Request::form(path, &[]);
        request.body = huge.clone().into_bytes();
        assert_says(&house.ask(3, request), 413, "too much", path);
    }
    for broken in ["_email=%FF%FE%40example.org", "_email=%", "&&&=&", "_email", "%00=%00"] {
        let mut request = Request::form("/account/sign-in", &[]);
        request.body = broken.as_bytes().to_vec();
        assert_eq!(house.ask(4, request).status, 422, "{broken}");
    }
    assert_eq!(house.rows(), before, "nothing is half-made");
}

#[test]
fn a_field_that_is_there_twice_is_no_answer() {
    let house = House::new();
    let before = house.rows();
    let verdict = house.verdict(1, "/account/register/age");
    let two_addresses = [("_age", verdict.as_str()), ("_email", "anna@example.org"), ("_email", "ben@example.org"), ("_username", "anna")];
    assert_says(&house.post(1, "/account/register", &two_addresses), 422, "Please write your e-mail address", "two addresses");
    let two_names = [("_age", verdict.as_str()), ("_email", "anna@example.org"), ("_username", "anna"), ("_username", "ben")];
    assert_says(&house.post(1, "/account/register", &two_names), 422, "3 to 32 characters", "two names");
    let two = [("_email", "anna@example.org"), ("_email", "anna@example.org")];
    assert_says(&house.post(2, "/account/sign-in", &two), 422, "Please write your e-mail address", "even the same one");
    let young_and_old = [("_day", "7"), ("_month", "11"), ("_year", "1985"), ("_year", "2020")];
    assert_says(&house.post(3, "/account/register/age", &young_and_old), 422, "not a day somebody was born on", "two years");
    assert_eq!(house.rows(), before, "nothing is half-made");
}

#[test]
fn a_form_that_stops_in_the_middle_makes_nothing() {
    let house = House::new();
    let before = house.rows();
    let mut connection = Connection::open(house.server.public()).expect("it listens");
    let head =
        "POST /account/sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    connection.send_bytes(format!("{head}Content-Length: 60\r\n\r\n_email=anna%40example.org").as_bytes()).expect("sent");
    drop(connection);
    assert_eq!(house.ask(1, Request::get("/account/sign-in")).status, 200, "the next one is answered");
    assert_eq!(house.rows(), before);
}

#[test]
fn an_assertion_that_was_kept_is_refused_by_clock_and_by_audience() {
    let house = House::new();
    let cookie = house.registered(1, "anna@example.org", "anna");
    assert_eq!(house.ask(1, Request::get("/board").cookie(Some(&cookie))).status, 200);
    let assertion = house.site.last("/board").header("candor-assertion").expect("an assertion").to_owned();
    let own = format!("http://{}", house.server.public());
    let checked = |audience: &str, ahead: i64| checked(&house.server, audience, ahead, &[&assertion])[0].clone();
    let claims = checked(&own, 0);
    let (issued, expires) = (claims["iat"].as_i64().expect("a time"), claims["exp"].as_i64().expect("a time"));
    assert_eq!(expires - issued, 60, "{claims}");
    assert_eq!(checked(&own, 61), "ExpiredSignatureError", "a minute later");
    assert_eq!(checked(&own, 86_400), "ExpiredSignatureError");
    assert_eq!(checked(&own, -30), "ImmatureSignatureError", "a clock that is behind does not believe what is not yet so");
    for elsewhere in ["https://elsewhere.example", &format!("{own}/"), &own.replace("http:", "https:"), ""] {
        assert_eq!(checked(elsewhere, 0), "InvalidAudienceError", "{elsewhere}");
    }
    let replayed = Request::get("/replayed").header("Candor-Assertion", &assertion).cookie(Some("candor=forged"));
    house.ask(2, replayed);
    assert_eq!(house.site.last("/replayed").header("candor-assertion"), None);
}

/// Each of so many people does this at the same moment.
fn at_once(people: usize, deed: impl Fn(usize) -> Response + Sync) -> Vec<Response> {
    let (start, deed) = (Barrier::new(people), &deed);
    let start = &start;
    thread::scope(|scope| {
        let doing: Vec<_> = (0..people)
            .map(|who| {
                scope.spawn(move || {
                    start.wait();
                    deed(who)
                })
            })
            .collect();
        doing.into_iter().map(|one| one.join().expect("no panic")).collect()
    })
}

fn statuses(answers: &[Response]) -> Vec<u16> {
    answers.iter().map(|answer| answer.status).collect()
}
