//! The whole server in one process: what is decided in one room reaches the others.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{AccountId, Clock, Timestamp};
use policy::cookie::{self, CookieParts, KeyRecord, SessionPart, SigningKeys};
use records::Account;

use super::{Running, Setup, start, testing};
use crate::clock::SystemClock;
use crate::config::Configuration;

const ANNA: &str = "01010101010101010101010101010101";

/// A site that remembers the heads of what it was asked.
struct Site {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Site {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&heads);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    while let Some(head) = head(&mut reader) {
                        kept.lock().expect("unbroken").push(head);
                        let answer = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi";
                        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, heads }
    }

    /// A field of the last request.
    fn told(&self, name: &str) -> Option<String> {
        field(self.heads.lock().expect("unbroken").last().expect("a request"), name)
    }

    fn count(&self) -> usize {
        self.heads.lock().expect("unbroken").len()
    }
}

fn head(reader: &mut impl BufRead) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

fn field(head: &str, name: &str) -> Option<String> {
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
}

/// Asks for a page as a browser does. Returns the answer's head and body.
fn open(server: &Running, path: &str, cookie: Option<&str>) -> (String, String) {
    let address = server.edge.addresses()[0];
    let mut stream = TcpStream::connect(address).expect("a connection");
    let cookie = cookie.map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"));
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nSec-Fetch-Dest: document\r\n{cookie}\r\n");
    stream.write_all(request.as_bytes()).expect("it listens");
    let mut reader = BufReader::new(stream);
    let head = head(&mut reader).expect("a head");
    let mut body = String::new();
    reader.read_to_string(&mut body).expect("text");
    (head, body)
}

/// A place of one test's own.
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Place {
    fn named(name: &str, site: &Site) -> Self {
        let folder = std::env::temp_dir().join(format!("candor-server-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/health");
        for file in ["policy.toml", "policy.md", "policy.es.md"] {
            std::fs::copy(format!("{example}/{file}"), folder.join(file)).expect("the example is there");
        }
        let configuration = format!(
            "listen = \"127.0.0.1:0\"\nconsole = \"127.0.0.1:0\"\nupstream = \"http://{}\"\norigin = \"http://site.example\"\nworkers = 1\n\
             sign_in = [\"/members\"]\n",
            site.address
        );
        std::fs::write(folder.join("candor.toml"), configuration).expect("it can be written");
        Self(folder)
    }

    fn serve(&self) -> Running {
        let configuration = Configuration::load(&self.0, &[], |_| None).expect("a configuration");
        let sources = crate::site::read(&self.0).expect("a site folder");
        start(Setup { configuration, sources, data: self.0.join("data"), site_folder: self.0.clone() }).expect("it starts")
    }

    /// The cookie of somebody with this ticket.
    fn cookie(&self, ticket: &SessionPart) -> String {
        let sources = crate::site::read(&self.0).expect("a site folder");
        let policy = policy::check::check(&sources, jiff::civil::date(2026, 3, 2)).policy.expect("the example is checked");
        let kept = std::fs::read(self.0.join("data/signing-keys.json")).expect("the server made keys");
        let records: Vec<KeyRecord> = serde_json::from_slice(&kept).expect("a list of keys");
        let keys = SigningKeys::from_records(records).expect("a key");
        let parts = CookieParts { session: Some(ticket.clone()), ..CookieParts::default() };
        let written = cookie::write_visit(&policy, &keys, &parts, now(), false).expect("it fits");
        written.split(';').next().expect("name and value").to_owned()
    }
}

fn now() -> Timestamp {
    SystemClock::new().now()
}

fn sign_in(server: &Running, account: &Account) -> SessionPart {
    server.runtime.block_on(testing::sign_in(&server.accounts, account, None, now()))
}

#[test]
fn whoever_signs_in_is_told_to_the_site_until_they_sign_out_and_also_after_a_restart() {
    let site = Site::open();
    let place = Place::named("sessions", &site);
    let server = place.serve();
    let anna = server.runtime.block_on(testing::anna(&server.people, now()));
    let (first, second) = (sign_in(&server, &anna), sign_in(&server, &anna));
    let (first_cookie, second_cookie) = (place.cookie(&first), place.cookie(&second));

    open(&server, "/members", Some(&first_cookie));
    assert_eq!((site.told("candor-account").as_deref(), site.told("candor-username").as_deref()), (Some(ANNA), Some("anna")));
    let purposes = site.told("candor-purposes").expect("it is always told");
    assert!(purposes.split(',').any(|purpose| purpose == "account"), "{purposes}");
    let (_, keys) = open(&server, "/privacy/keys.json", None);
    let keys: serde_json::Value = serde_json::from_str(&keys).expect("JSON");
    let assertion = site.told("candor-assertion").expect("an assertion");
    let head = BASE64_URL_SAFE_NO_PAD.decode(assertion.split('.').next().expect("a head")).expect("base64url");
    assert!(String::from_utf8_lossy(&head).contains(keys["keys"][0]["kid"].as_str().expect("a name")));

    server.runtime.block_on(server.accounts.sign_out(first.session)).expect("signed out");
    let before = site.count();
    let (head, _) = open(&server, "/members", Some(&first_cookie));
    assert!(
        head.starts_with("HTTP/1.1 303 ") && field(&head, "location").as_deref() == Some("/account/sign-in?return=%2Fmembers"),
        "{head}"
    );
    assert_eq!(site.count(), before, "at once, though the ticket is young");
    let (head, _) = open(&server, "/", Some(&first_cookie));
    assert_eq!((site.told("candor-account"), field(&head, "set-cookie").is_some_and(|set| set.contains("Max-Age=0"))), (None, true));

    drop(server);
    let server = place.serve();
    open(&server, "/", Some(&first_cookie));
    assert_eq!(site.told("candor-account"), None, "a restart forgets no sign-out");
    let (head, _) = open(&server, "/", Some(&second_cookie));
    assert_eq!(site.told("candor-account").as_deref(), Some(ANNA), "and no session");
    assert!(field(&head, "set-cookie").is_some(), "the ticket is a new one");

    server.runtime.block_on(server.accounts.close(AccountId([1; 16]), now())).expect("closed");
    open(&server, "/", Some(&second_cookie));
    assert_eq!(site.told("candor-account"), None);
}

#[test]
fn without_the_database_a_young_ticket_is_good_and_an_old_one_waits_for_it() {
    let site = Site::open();
    let place = Place::named("without", &site);
    let server = place.serve();
    let anna = server.runtime.block_on(testing::anna(&server.people, now()));
    // Past the second of the start, before which every ticket is asked about.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let young = sign_in(&server, &anna);
    let old = SessionPart { renewed: young.renewed - jiff::SignedDuration::from_mins(11), ..young.clone() };
    server.runtime.block_on(server.people.vault().close());
    open(&server, "/", Some(&place.cookie(&young)));
    assert_eq!(site.told("candor-account").as_deref(), Some(ANNA));
    let (head, _) = open(&server, "/", Some(&place.cookie(&old)));
    assert_eq!((site.told("candor-account"), field(&head, "set-cookie")), (None, None));
}
