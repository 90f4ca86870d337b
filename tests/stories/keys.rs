//! The keys that people's data is sealed under: replaced while everything goes on, and gone with whoever is erased.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use stories::{Database, Place, Request, Response, Server, Site, eventually, on_both};

const LIMIT: Duration = Duration::from_secs(60);

/// So many keys are there to be wrapped anew.
const PEOPLE: u16 = 60;

const KILLS: u64 = 8;

on_both!(the_master_key_is_replaced_under_way_and_survives_being_killed_at_any_time);

fn the_master_key_is_replaced_under_way_and_survives_being_killed_at_any_time(database: Database) {
    let (place, site) = (Place::health_on(database), Site::new());
    let serve = || place.serve_url(&site.url(), &["--trusted-proxies", "127.0.0.1"]);
    let mut server = serve();
    register(&place, &server, "anna");
    for number in 0..PEOPLE {
        ask_to_register(&server, &format!("waiting-{}", letters(number)), number + 1);
    }
    for kill in 0..KILLS {
        let mut rotating = rotate(&place);
        ask_to_register(&server, &format!("meanwhile-{}", letters(kill as u16)), 1_000 + kill as u16);
        sleep(Duration::from_millis(4 * kill));
        server.kill();
        rotating.wait().expect("our own child can be waited for");
        server = serve();
        sign_in(&place, &server, "anna", 2_000 + kill as u16);
    }
    let done = place.candor(&["keys", "rotate", "--data", &place.data().to_string_lossy()]);
    assert_eq!(done.code, Some(0), "{done:#?}");
    assert!(done.stdout.contains("every key is under the newest master key"), "{done:#?}");
    let status = place.candor(&["keys", "status", "--data", &place.data().to_string_lossy()]);
    assert_eq!(status.code, Some(0), "{status:#?}");
    assert_eq!(server.stop(), Some(0));
    let file = place.data().join("master.key");
    let text = fs::read_to_string(&file).expect("the master keys");
    let keys: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert!(keys.len() > 1 && text.starts_with('#'), "what else it says stays where it was");

    fs::write(&file, format!("{}\n", keys[1..].join("\n"))).expect("written");
    let mut refused = place.command_to_serve(&site.url());
    let refused = refused.args(["--listen", "127.0.0.1:0", "--console", "127.0.0.1:0"]).output().expect("the binary starts");
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("put the older key back"), "{refused:?}");

    fs::write(&file, format!("{}\n", keys[0])).expect("written");
    let server = serve();
    sign_in(&place, &server, "anna", 3_000);
}

#[test]
fn a_key_that_only_the_operator_can_write_is_printed_for_them() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    register(&place, &server, "anna");
    assert_eq!(server.stop(), Some(0));
    let key = |text: &str| text.lines().find(|line| !line.starts_with('#') && !line.is_empty()).expect("a key").to_owned();
    let old = key(&fs::read_to_string(place.data().join("master.key")).expect("the master key"));
    fs::write(place.site().join("candor.toml"), "master_key = \"env:CANDOR_STORY_MASTER\"\n").expect("written");
    let serve = |value: &str| {
        let mut command = place.command_to_serve(&site.url());
        command.env("CANDOR_STORY_MASTER", value);
        Server::start(command, place.folder().path())
    };
    let server = serve(&old);
    let told = place.candor(&["keys", "rotate", "--data", &place.data().to_string_lossy()]);
    assert_eq!(told.code, Some(1), "{told:#?}");
    let new = told.stdout.lines().last().expect("a key").to_owned();
    assert!(told.stdout.contains("CANDOR_STORY_MASTER"), "{told:#?}");
    assert_eq!(server.stop(), Some(0));
    let server = serve(&format!("{new},{old}"));
    eventually("everything is wrapped anew", LIMIT, || {
        (place.candor(&["keys", "status", "--data", &place.data().to_string_lossy()]).code == Some(0)).then_some(())
    });
    assert_eq!(server.stop(), Some(0));
    let server = serve(&new);
    sign_in(&place, &server, "anna", 1);
}

#[test]
fn whoever_was_erased_cannot_be_read_in_an_older_copy_and_is_erased_from_it_again() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let anna = register(&place, &server, "anna");
    register(&place, &server, "bert");
    assert_eq!(server.stop(), Some(0));
    let (records, copy) = (place.data().join("records.sqlite"), place.folder().join("older.sqlite"));
    fs::copy(&records, &copy).expect("copied");

    let server = place.serve(&site);
    let gone = form("/account/delete", &[("_confirm", "yes")]).cookie(Some(&anna)).send(server.public());
    assert_eq!(gone.status, 200, "{}", gone.text());
    letter(&place.data().join("mail"), "anna@example.org", "");
    assert_eq!(server.stop(), Some(0));
    let server = place.serve(&site);
    eventually("she is erased", LIMIT, || server.complaints().contains("closed accounts are erased").then_some(()));
    assert_eq!(server.stop(), Some(0));

    fs::copy(&copy, &records).expect("put back");
    let server = place.serve(&site);
    eventually("she is erased again", LIMIT, || server.complaints().contains("erased again").then_some(()));
    assert_eq!(Request::get("/account").cookie(Some(&anna)).send(server.public()).status, 303, "her ticket says nothing any more");
    sign_in(&place, &server, "bert", 1);
    let asked = form("/account/sign-in", &[("_email", "anna@example.org")]).send(server.public());
    assert_eq!(asked.status, 303);
    sign_in(&place, &server, "bert", 2);
    let for_anna = mail(&place.data().join("mail")).into_iter().any(|file| fs::read_to_string(file).expect("a letter").contains("anna@"));
    assert!(!for_anna, "nobody knows her address");
    register(&place, &server, "anna");
}

fn rotate(place: &Place) -> std::process::Child {
    let mut command = place.command(&["keys", "rotate", "--data", &place.data().to_string_lossy()]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().expect("the binary starts")
}

fn form(path: &str, fields: &[(&str, &str)]) -> Request {
    let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request::form(path, &fields)
}

/// A name without digits: names may not look like one another.
fn letters(number: u16) -> String {
    number.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect()
}

/// From a network of its own, for a server that believes that there is a proxy.
fn from_network(request: Request, number: u16) -> Request {
    request.header("X-Forwarded-For", &format!("2a00:{number:x}::1"))
}

fn ask_to_register(server: &Server, name: &str, network: u16) {
    let born = form("/account/register/age", &[("_day", "7"), ("_month", "11"), ("_year", "1985")]);
    let page: Response = from_network(born, network).send(server.public());
    let html = page.text();
    let field = html.split("<input").find(|input| input.contains("name=\"_age\"")).unwrap_or_else(|| panic!("no form in {html}"));
    let verdict = field.split_once("value=\"").expect("a value").1.split('"').next().expect("a value");
    let fields = [("_age", verdict), ("_email", &format!("{name}@example.org")), ("_username", name)];
    let asked = from_network(form("/account/register", &fields), network).send(server.public());
    assert_eq!(asked.status, 303, "{}", asked.text());
}

/// Registers somebody and returns their cookie.
fn register(place: &Place, server: &Server, name: &str) -> String {
    ask_to_register(server, name, 0);
    let path = letter(&place.data().join("mail"), &format!("{name}@example.org"), "/account/confirm/");
    let confirmed = form(&path, &[]).send(server.public());
    assert_eq!(confirmed.status, 303, "{}", confirmed.text());
    confirmed.cookies().expect("they are signed in")
}

fn sign_in(place: &Place, server: &Server, name: &str, network: u16) {
    let asked = from_network(form("/account/sign-in", &[("_email", &format!("{name}@example.org"))]), network).send(server.public());
    assert_eq!(asked.status, 303, "{}", asked.text());
    let path = letter(&place.data().join("mail"), &format!("{name}@example.org"), "/account/sign-in/");
    let signed_in = form(&path, &[]).send(server.public());
    assert_eq!(signed_in.status, 303, "{}", signed_in.text());
}

/// The link in a letter to somebody, which is taken out of the folder.
fn letter(folder: &Path, to: &str, beginning: &str) -> String {
    eventually(&format!("a letter to {to} with {beginning}"), LIMIT, || {
        mail(folder).into_iter().find_map(|file| {
            let text = fs::read_to_string(&file).ok()?;
            let link = &text[text.find(beginning).filter(|_| text.contains(to))?..];
            fs::remove_file(&file).expect("our own folder can be written");
            Some(link.split(|letter: char| letter.is_whitespace() || letter == '?').next().unwrap_or_default().to_owned())
        })
    })
}

fn mail(folder: &Path) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
    files.filter(|file| file.extension().is_some_and(|end| end == "eml")).collect()
}
