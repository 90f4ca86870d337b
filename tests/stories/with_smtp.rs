//! Letters, from a form that somebody sent to the mail server that takes them.

use std::collections::BTreeMap;
use std::time::Duration;

use stories::{MailServer, Place, Request, Response, Server, Site, eventually};

const ORIGIN: &str = "http://www.harbour.example";
const PEOPLE: usize = 60;
const KILLS: usize = 6;
const LIMIT: Duration = Duration::from_secs(60);

fn serve(place: &Place, site: &Site, port: u16) -> Server {
    let mail = format!("smtp://127.0.0.1:{port}");
    place.serve_url(&site.url(), &["--origin", ORIGIN, "--mail", &mail, "--trusted-proxies", "127.0.0.1"])
}

fn post(server: &Server, path: &str, number: usize, fields: &[(&str, &str)]) -> Response {
    let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    // Everybody comes from another network, as people do.
    Request::form(path, &fields).header("X-Forwarded-For", &format!("203.0.{number}.7")).send(server.public())
}

/// Fills in the forms. Each has a greeting or another temper of `tests/smtp` in their address.
fn register(server: &Server, number: usize, address: &str) {
    let page = post(server, "/account/register/age", number, &[("_day", "7"), ("_month", "11"), ("_year", "1985")]);
    let text = page.text();
    let field = text.split("<input").find(|input| input.contains("name=\"_age\"")).unwrap_or_else(|| panic!("no form in {text}"));
    let verdict = field.split_once("value=\"").expect("a value").1.split('"').next().expect("a value").to_owned();
    let name = format!("sailor{number}");
    let answer = post(server, "/account/register", number, &[("_age", &verdict), ("_email", address), ("_username", &name)]);
    assert_eq!(answer.status, 303, "{}", answer.text());
}

fn metric(server: &Server, name: &str) -> u64 {
    let metrics = Request::get("/metrics").send(server.private()).text();
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn every_letter_arrives_however_often_candor_is_killed_while_it_sends_them() {
    let (place, site) = (Place::health(), Site::new());
    let mut mail = MailServer::start(place.folder(), 0);
    let port = mail.port();
    drop(mail);
    let server = serve(&place, &site, port);
    for number in 0..PEOPLE {
        register(&server, number, &format!("anna-{number}@example.org"));
    }
    server.kill();
    mail = MailServer::start(place.folder(), port);
    for _ in 0..KILLS {
        let before = mail.letters().len();
        let server = serve(&place, &site, port);
        eventually("a few more letters arrive", LIMIT, || {
            (mail.letters().len() > before + 3 || mail.letters().len() >= PEOPLE).then_some(())
        });
        server.kill();
    }
    let server = serve(&place, &site, port);
    eventually("nothing waits", LIMIT, || (metric(&server, "candor_mail_waiting") == 0).then_some(()));
    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for letter in mail.letters() {
        *copies.entry(letter.header("Message-ID").expect("a number").to_owned()).or_default() += 1;
    }
    assert_eq!(copies.len(), PEOPLE, "every letter arrived");
    let repeated: usize = copies.values().map(|count| count - 1).sum();
    assert!(repeated <= KILLS + 1, "{repeated} repeats");
    assert_eq!((metric(&server, "candor_mail_given_up"), server.stop()), (0, Some(0)));
}

#[test]
fn whoever_follows_the_mailed_link_has_an_account() {
    let (place, site) = (Place::health(), Site::new());
    let mail = MailServer::start(place.folder(), 0);
    let server = serve(&place, &site, mail.port());
    register(&server, 1, "slow-anna@example.org");
    register(&server, 2, "never-ben@example.org");
    let letter = eventually("the letter arrives", LIMIT, || mail.letters().pop());
    assert_eq!(letter.to, "slow-anna@example.org");
    let path = letter.link().and_then(|link| link.strip_prefix(ORIGIN)).unwrap_or_else(|| panic!("no link in {}", letter.text));
    assert_eq!(Request::get(path).send(server.public()).status, 200, "looking uses nothing up");
    let followed = post(&server, path, 1, &[]);
    assert_eq!((followed.status, followed.header("location")), (303, Some("/account")), "{}", followed.text());
    assert_ne!(post(&server, path, 1, &[]).status, 303, "it works once");
    eventually("ben's is given up", LIMIT, || (metric(&server, "candor_mail_given_up") == 1).then_some(()));
    assert_eq!(metric(&server, "candor_mail_sent_total"), 1);
    assert!(!server.complaints().contains("example.org>") && !server.complaints().contains("ben@"), "{}", server.complaints());
}

#[test]
fn without_a_mail_server_letters_are_files() {
    use std::os::unix::fs::PermissionsExt;
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve_url(&site.url(), &["--trusted-proxies", "127.0.0.1"]);
    register(&server, 1, "anna@example.org");
    let folder = place.data().join("mail");
    let file = eventually("a file", LIMIT, || {
        let mut files = std::fs::read_dir(&folder).ok()?.flatten().map(|file| file.path());
        files.find(|file| file.extension().is_some_and(|extension| extension == "eml"))
    });
    assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(file).expect("text");
    assert!(text.contains("To: anna@example.org") && text.contains(&format!("http://{}/account/confirm/", server.public())), "{text}");
}
