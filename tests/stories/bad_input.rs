//! What nobody of good manners sends, and sites that are not well: a clear answer, nothing lost, nothing permitted.

use stories::hostile::Hostile;
use stories::{Form, Request, Server, Visitor};

/// How a cookie of a thousand others might be sent.
fn cookies(count: usize) -> String {
    (0..count).map(|at| format!("_trk_{at}={at}")).collect::<Vec<_>>().join("; ")
}

fn permitted(server: &Server, hostile: &Hostile, cookie: Option<&str>) -> String {
    assert_eq!(Request::get("/").cookie(cookie).send(server.public()).status, 200);
    hostile.asked().last().expect("the site was asked").header("candor-purposes").unwrap_or_default().to_owned()
}

#[test]
fn a_thousand_cookies_are_all_looked_at() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let sent = cookies(1_000) + "; session=kept";
    let answer =
        Request::get("/").cookie(Some(&sent)).header("Accept", "text/html").header("Sec-Fetch-Dest", "document").send(server.public());
    assert_eq!(answer.status, 200);
    let asked = hostile.asked();
    assert_eq!(asked.last().and_then(|request| request.header("cookie")), Some("session=kept"), "what is permitted, and nothing else");
    assert!(answer.headers_named("set-cookie").count() >= 1, "some are forgotten at once, the others on the next pages");
}

#[test]
fn cookies_of_64_kilobytes_are_refused_in_plain_words_and_the_next_request_is_answered() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let answer = Request::get("/").cookie(Some(&format!("a={}", "x".repeat(64 * 1024)))).send(server.public());
    assert_eq!(answer.status, 431, "{}", String::from_utf8_lossy(&answer.body));
    assert!(hostile.asked().is_empty(), "the site is not bothered with it");
    assert_eq!(Request::get("/").send(server.public()).status, 200);
}

#[test]
fn a_page_in_another_charset_than_it_says_permits_nothing() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let tracker = hostile.names().tracker.trim_start_matches("http://").to_owned();
    for how in ["latin1", "utf16", "charsetless", "kindless", "gzip", "chunks=1", "gzip&chunks=7", "status=404"] {
        let answer = Request::get(&format!("/inner.html?{how}")).header("Accept", "text/html").send(server.public());
        assert!([200, 404].contains(&answer.status), "{how}: {answer:?}");
        let told: String = answer.body.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
        let has_script_policy = answer.headers_named("content-security-policy").any(|policy| !policy.contains(&tracker));
        assert!(has_script_policy, "{how}: whatever is left in it cannot be loaded");
        if ["utf16", "kindless"].iter().all(|other| *other != how) && !how.starts_with("gzip") {
            assert!(!told.contains(&format!("src=\"http://{tracker}")), "{how}: {told}");
        }
    }
}

#[test]
fn a_broken_policy_of_the_sites_own_is_passed_on_and_ours_counts_beside_it() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let answer =
        Request::get("/policy.html?policy=broken").header("Accept", "text/html").header("Sec-Fetch-Dest", "document").send(server.public());
    assert_eq!(answer.status, 200);
    let policies: Vec<&str> = answer.headers_named("content-security-policy").collect();
    assert_eq!(policies.len(), 2, "the site's and ours: {policies:?}");
    assert!(answer.text().contains("candor-banner"));
}

#[test]
fn a_choice_sent_twice_is_one_choice() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let form = Form::of(&Request::get("/privacy/choices").send(server.public())).choose("statistics", "yes");
    let first = form.post(None).send(server.public());
    assert_eq!(first.status, 303);
    let cookie = first.cookies().expect("a choice is kept");
    let again = form.post(Some(&cookie)).send(server.public());
    assert!([303, 409].contains(&again.status), "{again:?}");
    let kept = again.cookies().unwrap_or(cookie);
    assert!(permitted(&server, &hostile, Some(&kept)).split(',').any(|purpose| purpose == "statistics"), "the yes is not lost");
}

#[test]
fn a_yes_from_before_a_no_is_not_replayed() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let early = Form::of(&Request::get("/privacy/choices").send(server.public())).choose("statistics", "yes");
    let mut visitor = Visitor::of(&server);
    visitor.choose("statistics", "no");
    let page = visitor.send(early.post(None));
    assert_eq!(page.status, 409, "the form is older than the no: {}", String::from_utf8_lossy(&page.body));
    visitor.open("/");
    let told = hostile.asked();
    let purposes = told.last().and_then(|request| request.header("candor-purposes")).unwrap_or_default();
    assert!(!purposes.split(',').any(|purpose| purpose == "statistics"), "{purposes}");
}

#[test]
fn a_forged_choice_and_one_for_an_unknown_purpose_permit_nothing() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let form = Form::of(&Request::get("/privacy/choices").send(server.public()));
    let from_elsewhere = form.clone().choose("statistics", "yes").post_silently(None).header("Sec-Fetch-Site", "cross-site");
    let answer = from_elsewhere.send(server.public());
    assert_eq!((answer.status, answer.cookies()), (403, None), "{}", String::from_utf8_lossy(&answer.body));

    let unknown = form.clone().choose("no-such-purpose", "yes").post(None).send(server.public());
    assert!((400..500).contains(&unknown.status) || unknown.status == 303, "{unknown:?}");
    assert_eq!(permitted(&server, &hostile, unknown.cookies().as_deref()), permitted(&server, &hostile, None));

    let neither = form.choose("statistics", "perhaps").post(None).send(server.public());
    assert!((400..500).contains(&neither.status), "{neither:?}");
    assert_eq!(permitted(&server, &hostile, neither.cookies().as_deref()), permitted(&server, &hostile, None));
}

#[test]
fn an_altered_cookie_counts_as_none_and_permits_nothing() {
    let hostile = Hostile::new();
    let place = hostile.place();
    let server = place.serve_url(&hostile.url(), &[]);
    let form = Form::of(&Request::get("/privacy/choices").send(server.public())).choose("statistics", "yes");
    let cookie = form.post(None).send(server.public()).cookies().expect("a choice is kept");
    let yes = permitted(&server, &hostile, Some(&cookie));
    assert!(yes.split(',').any(|purpose| purpose == "statistics"), "{yes}");
    for at in [cookie.len() - 1, cookie.len() / 2, "candor=".len() + 1] {
        let mut altered = cookie.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).expect("letters");
        let purposes = permitted(&server, &hostile, Some(&altered));
        assert!(!purposes.split(',').any(|purpose| purpose == "statistics"), "byte {at}: {purposes}");
    }
    let twice = format!("{cookie}; {cookie}");
    assert!(!permitted(&server, &hostile, Some(&twice)).contains("statistics"), "two of them are none");
}
