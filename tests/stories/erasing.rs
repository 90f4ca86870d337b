//! Whoever deletes their account is nowhere in the visit log, and everybody else is where they were.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use stories::{Place, Request, Server, Site, Visitor, eventually};

const LIMIT: Duration = Duration::from_secs(30);

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

/// The bytes of a number that is written as 32 digits.
fn bytes(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("digits")).collect()
}

fn in_files(place: &Place, bytes: &[u8]) -> bool {
    let files = fs::read_dir(place.data().join("visits")).expect("a folder").flatten();
    files.into_iter().any(|file| fs::read(file.path()).is_ok_and(|read| read.windows(bytes.len()).any(|window| window == bytes)))
}

/// Opens pages until told to stop, and says how many.
fn keep_visiting(server: &Server, is_over: &AtomicBool) -> usize {
    let mut count = 0;
    while !is_over.load(Ordering::Relaxed) {
        assert_eq!(Request::get("/meanwhile").send(server.public()).status, 200);
        count += 1;
    }
    count
}

#[test]
fn whoever_deletes_their_account_is_in_no_file_of_the_visit_log() {
    let (place, site) = (Place::health(), Site::new());
    let rules = place.site().join("policy.toml");
    let text = fs::read_to_string(&rules).expect("a policy");
    assert!(text.contains("visit.*") || text.contains("\"account\""), "the policy keeps the account's number with visits");
    let server = place.serve(&site);
    let (mut anna, mut ben) = (Visitor::of(&server), Visitor::of(&server));
    for somebody in [&mut anna, &mut ben] {
        somebody.choose("return-visits", "yes");
        somebody.open("/before");
        somebody.open("/before");
    }
    register(&mut anna, &place);
    for _ in 0..3 {
        assert_eq!(anna.open("/signed-in").status, 200);
        assert_eq!(ben.open("/of-ben").status, 200);
    }
    let account = site.last("/signed-in").header("candor-account").expect("the site knows her").to_owned();
    let hers = place.visits_to("/signed-in", 3);
    let visitor = hers[0]["visitor"].as_str().expect("she is recognised").to_owned();
    assert!(in_files(&place, &bytes(&visitor)));
    let was_kept = in_files(&place, &bytes(&account));
    let sure = [("_confirm".to_owned(), "yes".to_owned())];
    assert!(anna.send(Request::form("/account/delete", &sure)).status < 400);
    eventually("the last letter is on its way", LIMIT, || {
        let letters = fs::read_dir(place.data().join("mail")).ok()?.flatten();
        letters.into_iter().any(|letter| fs::read_to_string(letter.path()).is_ok_and(|text| text.contains("closed"))).then_some(())
    });
    let before = place.visits().iter().filter(|visit| visit["visitor"] != visitor.as_str()).count();
    assert!(was_kept, "the log keeps whose visits they are");
    assert_eq!(server.stop(), Some(0));

    // The first round of maintenance comes with the start.
    let server = place.serve(&site);
    let is_over = AtomicBool::new(false);
    let count = std::thread::scope(|scope| {
        let visiting = scope.spawn(|| keep_visiting(&server, &is_over));
        eventually("nothing of her is left", LIMIT, || {
            (!in_files(&place, &bytes(&visitor)) && !in_files(&place, &bytes(&account))).then_some(())
        });
        is_over.store(true, Ordering::Relaxed);
        visiting.join().expect("they could visit all the time")
    });
    assert_eq!(place.visits_to("/meanwhile", count).len(), count, "visits are recorded meanwhile");
    assert_eq!(place.visits_to("/of-ben", 3).len(), 3);
    let visits = place.visits();
    assert!(visits.iter().all(|visit| visit["visitor"] != visitor.as_str() && visit["account"] != account.as_str()), "{visits:?}");
    let others = visits.iter().filter(|visit| visit["path"] != "/meanwhile").count();
    assert!(others <= before, "{others} of {before}");
    let bens = visits.iter().filter(|visit| visit["path"] == "/before").count();
    assert_eq!(bens, 2, "his are all there, and hers from before she signed in are not");
    let complaints = server.complaints();
    assert!(!complaints.contains("could not be erased"), "{complaints}");
}
