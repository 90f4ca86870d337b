//! The site, as it is seen with Candor in front of it.

use std::time::Duration;

use stories::{Connection, Form, Place, Request, Response, Site, Visitor, eventually, stopwatch};

#[test]
fn the_site_passes_through() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let request = Request::get("/page?q=1").header("X-Of-The-Visitor", "kept");
    let (direct, through) = (request.send(&site.authority()), request.send(server.public()));
    assert_eq!((through.status, &through.body), (200, &direct.body));
    assert_eq!(through.header("x-of-the-site"), Some("kept"));

    let mut post = Request::new("POST", "/form");
    post.body = b"a=1&b=2".to_vec();
    assert!(post.send(server.public()).text().contains("a=1&b=2"));
    assert_eq!(Request::get("/status/418").send(server.public()).status, 418);

    let seen = site.last("/page?q=1");
    assert_eq!(seen.header("x-of-the-visitor"), Some("kept"));
    assert_eq!(seen.header("host"), Some(server.public()), "the site sees the name that people reach it by");
}

#[test]
fn the_site_is_told_what_is_permitted_and_by_nobody_else() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let forged = Request::get("/forged")
        .header("Candor-Purposes", "analytics,news")
        .header("Candor_Purposes", "analytics")
        .header("candor-account", "1")
        .header("Candor-Visitor", "me")
        .header("Candor-Username", "root")
        .header("Candor-Assertion", "e30.e30.")
        .header("Connection", "Candor-Purposes");
    forged.send(server.public());

    let seen = site.last("/forged");
    let told: Vec<&(String, String)> =
        seen.headers.iter().filter(|(name, _)| name.to_ascii_lowercase().replace('_', "-").starts_with("candor-")).collect();
    assert_eq!(told.len(), 2, "only the purposes, and where the request has passed: {told:?}");
    let purposes: Vec<&str> = seen.header("candor-purposes").expect("always sent").split(',').collect();
    assert!(purposes.contains(&"operate"), "{purposes:?}");
    assert!(!purposes.contains(&"news"), "nobody said yes: {purposes:?}");
}

#[test]
fn a_choice_reaches_the_site_with_the_next_request() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let told = |target: &str, cookie: Option<&str>, gpc: bool| {
        let request = Request::get(target).cookie(cookie);
        let request = if gpc { request.header("Sec-GPC", "1") } else { request };
        request.send(server.public());
        let seen = site.last(target);
        assert_eq!(seen.header("sec-gpc"), gpc.then_some("1"), "the signal passes through untouched");
        assert!(!seen.header("cookie").unwrap_or_default().contains("candor"), "our cookie never reaches the site");
        seen.header("candor-purposes").expect("always sent").split(',').any(|purpose| purpose == "advertise")
    };
    assert!(!told("/before", None, false));

    let page = Request::get("/privacy/choices").send(server.public());
    let chosen = Form::of(&page).choose("advertise", "yes").post(None).send(server.public());
    assert_eq!(chosen.status, 303, "{}", String::from_utf8_lossy(&chosen.body));
    let cookie = chosen.cookies().expect("the choice is kept in a cookie");

    assert!(told("/after", Some(&cookie), false));
    assert!(!told("/after-gpc", Some(&cookie), true), "the signal came after the yes, and wins");
    let altered = cookie.replace(&cookie[cookie.len() - 1..], if cookie.ends_with('A') { "B" } else { "A" });
    assert!(!told("/altered", Some(&altered), false), "an altered cookie counts as refusing");
}

#[test]
fn cookies_of_the_site_pass_where_nothing_is_enforced_and_ours_do_not() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve_url(&site.url(), &["--enforcement", "observe"]);
    let answer = Request::get("/cookies").header("Cookie", "theirs=0; candor=x; other=1; __Host-candor=y").send(server.public());
    let set: Vec<&str> = answer.headers_named("set-cookie").collect();
    assert_eq!(set, ["theirs=1; Path=/"], "the site cannot set our cookies");
    assert_eq!(site.last("/cookies").header("cookie"), Some("theirs=0; other=1"));
}

#[test]
fn a_cookie_lives_and_dies_with_the_choice_it_is_for() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let mut somebody = Visitor::of(&server);
    let set = |answer: &Response| answer.headers_named("set-cookie").map(str::to_owned).collect::<Vec<_>>();

    assert_eq!(set(&somebody.open("/cookies")), [""; 0], "nothing is declared that could pass");
    assert_eq!(set(&somebody.open("/topics-cookie")), [""; 0], "nobody said yes to it");

    somebody.choose("personalise", "yes");
    let kept = set(&somebody.open("/topics-cookie"));
    assert_eq!(kept, ["thistledown_topics=sleep; Max-Age=2592000; Path=/"], "it lives as long as the policy says");
    somebody.keep("thistledown_topics=sleep");
    somebody.open("/yes");
    assert_eq!(site.last("/yes").header("cookie"), Some("thistledown_topics=sleep"));

    somebody.choose("personalise", "no");
    let gone = set(&somebody.open("/no"));
    assert_eq!(gone, ["thistledown_topics=; Max-Age=0; Path=/"], "the browser is told to forget it");
    assert_eq!(site.last("/no").header("cookie"), None, "and the site does not see it again");
}

#[test]
fn a_site_that_is_down_is_a_page_that_says_so() {
    let place = Place::health();
    let nobody = Site::new().authority();
    let server = place.serve_url(&format!("http://{nobody}"), &[]);
    let answer = Request::get("/anything").header("Accept", "text/html").send(server.public());
    assert_eq!(answer.status, 502);
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{answer:?}");
    assert!(!answer.text().contains(&nobody), "where the site is, is nobody's business");
    assert_eq!(Request::get("/privacy").send(server.public()).status, 200, "the policy is there without the site");
    assert_eq!(place.visits_to("/anything", 1)[0]["status"], 502);
}

#[test]
fn what_is_no_request_is_refused_and_harms_nobody() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    for nonsense in [
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n",
        "NONSENSE\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
    ] {
        let mut connection = Connection::open(server.public()).unwrap();
        connection.send_bytes(nonsense.as_bytes()).unwrap();
        // Closing without a word is an answer too.
        if let Ok(answer) = connection.read(false) {
            assert_eq!(answer.status / 100, 4, "{nonsense:?}");
        }
    }
    let huge = Request::get("/huge").header("X-Huge", &"x".repeat(1 << 20));
    let mut connection = Connection::open(server.public()).unwrap();
    if let Ok(answer) = connection.send(&huge) {
        assert_eq!(answer.status / 100, 4);
    }
    assert_eq!(Request::get("/still-here").send(server.public()).status, 200);
}

#[test]
fn a_visitor_who_goes_away_is_a_visit_all_the_same() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let mut connection = Connection::open(server.public()).unwrap();
    connection.send_bytes(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    eventually("the site is asked", Duration::from_secs(10), || (site.count("/slow") == 1).then_some(()));
    drop(connection);
    assert_eq!(place.visits_to("/slow", 1).len(), 1);
}

#[test]
fn many_visitors_at_once_do_not_wait_for_each_other() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    let since = stopwatch();
    let slow: Vec<_> = (0..20)
        .map(|_| {
            let public = server.public().to_owned();
            std::thread::spawn(move || Request::get("/slow").send(&public).status)
        })
        .collect();
    let statuses: Vec<u16> = slow.into_iter().map(|visitor| visitor.join().unwrap()).collect();
    assert_eq!(statuses, [200; 20]);
    assert!(since() < Duration::from_secs(10), "twenty visitors of one second each took {:?}", since());
}
