//! The sealed files of the visit log in a bucket, with an S3 server that checks every signature.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use stories::{Place, Request, S3Server, Server, Site, Visitor, eventually};

const LIMIT: Duration = Duration::from_secs(60);
const BUCKET: &str = "thistledown-visits";

/// Writes the keys beside a site, and where its sealed files go into its configuration.
fn configure(place: &Place, s3: &S3Server, bucket: &str, prefix: &str) {
    let keys = place.site().join("keys.ini");
    fs::write(&keys, s3.credentials()).expect("a story's own folder can be written");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).expect("it is its own");
    let objects = format!("objects = \"s3://{bucket}/{prefix}?endpoint={}&credentials=keys.ini\"\n", s3.endpoint());
    let file = place.site().join("candor.toml");
    let own = fs::read_to_string(&file).unwrap_or_default();
    let others: String = own.lines().filter(|line| !line.starts_with("objects")).map(|line| format!("{line}\n")).collect();
    fs::write(file, objects + &others).expect("a story's own folder can be written");
}

fn a_site(s3: &S3Server) -> Place {
    let place = Place::health();
    configure(&place, s3, BUCKET, "site");
    place
}

fn ask(server: &Server, path: &str, times: usize) {
    for _ in 0..times {
        assert_eq!(Request::get(path).send(server.public()).status, 200);
    }
}

fn sealed(s3: &mut S3Server) -> usize {
    s3.objects(BUCKET).keys().filter(|key| key.starts_with("site/visits/") && key.ends_with(".parquet")).count()
}

/// The files of the log's own folder that end in this.
fn here(place: &Place, end: &str) -> usize {
    let names = fs::read_dir(place.data().join("visits")).expect("a folder").flatten();
    names.filter(|name| name.file_name().to_string_lossy().ends_with(end)).count()
}

fn paths(visits: &[Value], path: &str) -> usize {
    visits.iter().filter(|visit| visit["path"] == path).count()
}

fn metric(server: &Server, name: &str) -> u64 {
    let metrics = Request::get("/metrics").send(server.private()).text();
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name}"))
}

/// Starts and waits until what earlier runs recorded is in the bucket.
fn serve_and_seal(place: &Place, site: &Site, s3: &mut S3Server, files: usize) -> Server {
    let server = place.serve(site);
    // The first round of maintenance comes with the start.
    eventually("what was recorded is sealed", LIMIT, || {
        (sealed(s3) >= files && metric(&server, "candor_objects_failing") == 0).then_some(())
    });
    server
}

/// No answer and no line of it may name the secret.
fn tells_no_secret(text: &str, s3: &S3Server) {
    assert!(!text.contains(s3.secret()), "{text}");
}

#[test]
fn what_is_recorded_ends_up_in_the_bucket_and_is_found_there() {
    let (mut s3, site) = (S3Server::new(), Site::new());
    s3.make(BUCKET);
    s3.begin_upload(BUCKET, "site/visits/0000000077.parquet");
    s3.begin_upload(BUCKET, "another/visits/0000000077.parquet");
    let place = a_site(&s3);
    let server = place.serve(&site);
    assert_eq!(s3.uploads(BUCKET), ["another/visits/0000000077.parquet"], "what nobody finishes is gone, but for other people's");
    ask(&server, "/first", 5);
    assert_eq!(server.stop(), Some(0));

    let server = serve_and_seal(&place, &site, &mut s3, 1);
    assert_eq!(here(&place, ".parquet"), 0);
    ask(&server, "/second", 3);
    let both = eventually("both are found", LIMIT, || {
        let visits = place.visits();
        (paths(&visits, "/second") == 3).then_some(visits)
    });
    assert_eq!(paths(&both, "/first"), 5);
    assert!(metric(&server, "candor_objects_requests_total") > 0);
    tells_no_secret(&server.complaints(), &s3);
    assert_eq!(server.stop(), Some(0));
    assert_eq!(paths(&place.visits(), "/first"), 5, "a command finds them without a server");
}

/// Anna registers with her browser and follows the link.
fn register(anna: &mut Visitor<'_>, place: &Place) {
    let fields = |fields: &[(&str, &str)]| -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let page = anna.send(Request::form("/account/register/age", &fields(&[("_day", "7"), ("_month", "11"), ("_year", "1985")]))).text();
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
    assert_eq!(anna.send(Request::form(&path, &[])).status, 303);
}

#[test]
fn whoever_deletes_their_account_is_in_no_object_even_when_the_store_goes_away_in_between() {
    let (mut s3, site) = (S3Server::new(), Site::new());
    s3.make(BUCKET);
    let place = a_site(&s3);
    let server = place.serve(&site);
    let mut anna = Visitor::of(&server);
    anna.choose("return-visits", "yes");
    register(&mut anna, &place);
    for _ in 0..3 {
        assert_eq!(anna.open("/of-anna").status, 200);
    }
    ask(&server, "/of-nobody", 4);
    let cookies = anna.cookies();
    assert_eq!(server.stop(), Some(0));

    let server = serve_and_seal(&place, &site, &mut s3, 1);
    let before = s3.objects(BUCKET);
    let visits = place.visits();
    assert_eq!((paths(&visits, "/of-anna"), paths(&visits, "/of-nobody")), (3, 4));
    let hers = visits.iter().find(|visit| visit["path"] == "/of-anna").expect("she was there");
    let visitor = hers["visitor"].as_str().expect("she is recognised").to_owned();
    assert!(s3.holds(BUCKET, &visitor), "the bounds of a column say her number as it is");
    s3.cut();
    let sure = [("_confirm".to_owned(), "yes".to_owned())];
    assert!(Request::form("/account/delete", &sure).cookie(Some(&cookies)).send(server.public()).status < 400);
    ask(&server, "/meanwhile", 6);
    assert_eq!(server.stop(), Some(0));

    let server = place.serve(&site);
    eventually("it is told that the store is away", LIMIT, || (metric(&server, "candor_objects_failing") == 1).then_some(()));
    ask(&server, "/in-between", 2);
    let asked = place.candor(&["visits", "--json", "--data", &place.data().to_string_lossy()]);
    assert!(asked.code != Some(0) && asked.stderr.contains("could not be reached"), "{asked:#?}");
    tells_no_secret(&server.complaints(), &s3);
    assert_eq!(server.stop(), Some(0));

    s3.mend();
    let server = serve_and_seal(&place, &site, &mut s3, 1);
    let visits = eventually("she is erased", LIMIT, || {
        let visits = place.visits();
        (paths(&visits, "/of-anna") == 0).then_some(visits)
    });
    assert_eq!((paths(&visits, "/of-nobody"), paths(&visits, "/meanwhile"), paths(&visits, "/in-between")), (4, 6, 2));
    let after = s3.objects(BUCKET);
    let old: Vec<&String> = before.keys().filter(|key| key.ends_with(".parquet")).collect();
    eventually("the files she was in are gone", LIMIT, || {
        let now = s3.objects(BUCKET);
        old.iter().all(|key| !now.contains_key(*key)).then_some(())
    });
    assert!(!s3.holds(BUCKET, &visitor));
    assert!(after.keys().any(|key| key.ends_with(".parquet")));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn over_tls_only_a_store_that_is_who_it_says_is_believed() {
    let (place, site) = (Place::health(), Site::new());
    let (mut s3, certificate) = S3Server::with_tls(place.folder());
    s3.make(BUCKET);
    configure(&place, &s3, BUCKET, "site");
    let why = refused(&place, &site);
    assert!(why.contains("the store cannot be reached") && why.contains("UnknownIssuer"), "{why}");
    for round in 0..2 {
        let mut command = place.command_to_serve(&site.url());
        command.env("SSL_CERT_FILE", &certificate);
        let server = Server::start(command, place.folder().path());
        eventually("what was recorded is sealed", LIMIT, || (sealed(&mut s3) == round).then_some(()));
        ask(&server, "/over-tls", 3);
        assert_eq!(server.stop(), Some(0));
    }
}

/// Runs the server until it gives up, and says why.
fn refused(place: &Place, site: &Site) -> String {
    let output =
        place.command_to_serve(&site.url()).args(["--listen", "127.0.0.1:0", "--console", "127.0.0.1:0"]).output().expect("it runs");
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_cannot_be_right_is_refused_in_words() {
    let (mut s3, site) = (S3Server::new(), Site::new());
    s3.make(BUCKET);
    let first = a_site(&s3);
    let server = first.serve(&site);
    ask(&server, "/first", 2);
    let second = a_site(&s3);
    let says = |why: &str, part: &str| {
        assert!(why.contains(part), "expected `{part}` in:\n{why}");
        why.to_owned()
    };
    says(&refused(&second, &site), "belongs to the visit log of another data folder; give this one a prefix or a folder of its own");
    configure(&second, &s3, "no-such-bucket", "site");
    says(&refused(&second, &site), "the store has no bucket of this name; make it first");
    s3.make("keeps-everything");
    s3.keep_versions("keeps-everything");
    configure(&second, &s3, "keeps-everything", "site");
    says(&refused(&second, &site), "it keeps what is removed from it (its versioning is enabled)");
    configure(&second, &s3, BUCKET, "second");
    let keys = second.site().join("keys.ini");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).expect("it is its own");
    says(&refused(&second, &site), "others may read the keys for the bucket; `chmod 600` it");
    write_keys(&keys, &s3.credentials().replace(s3.secret(), "not-the-secret"));
    let why = says(&refused(&second, &site), "the store does not let us (SignatureDoesNotMatch)");
    assert!(!why.contains("not-the-secret"), "{why}");
    s3.cut();
    write_keys(&keys, &s3.credentials());
    says(&refused(&second, &site), "the store cannot be reached");
    s3.mend();
    let server_of_second = second.serve(&site);
    ask(&server_of_second, "/second", 2);
    assert_eq!((server_of_second.stop(), server.stop()), (Some(0), Some(0)));
}

fn write_keys(path: &Path, text: &str) {
    fs::write(path, text).expect("a story's own folder can be written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("it is its own");
}
