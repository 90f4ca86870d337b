//! Our own pages, as a visitor without script uses them.

use stories::{Database, Form, Place, Request, Server, Site, Visitor};

stories::on_both! {
    a_choice_by_form_is_kept_and_shown,
    one_field_is_enough_and_changes_nothing_else,
    everything_is_refused_as_easily_as_accepted,
    a_form_leads_back_to_the_site_and_nowhere_else,
    a_post_from_another_site_is_refused,
    an_old_browser_is_believed_by_the_forms_token,
    a_stale_form_comes_back_fresh_and_changes_nothing,
    what_we_hold_shows_people_their_own_visits_and_nobody_elses,
    refusing_makes_no_identifier,
}

fn served() -> (Place, Site, Server) {
    served_on(Database::Sqlite)
}

fn served_on(database: Database) -> (Place, Site, Server) {
    let (place, site) = (Place::health_on(database), Site::new());
    let server = place.serve(&site);
    (place, site, server)
}

#[test]
fn the_policy_is_a_page_and_a_text() {
    let (_place, site, server) = served();
    let page = Request::get("/privacy").send(server.public());
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{:?}", page.headers);
    assert!(page.text().contains("Revised"));
    let text = Request::get("/privacy").header("Accept", "text/markdown").send(server.public());
    assert!(text.header("content-type").is_some_and(|kind| kind.starts_with("text/markdown")), "{:?}", text.headers);
    assert!(text.text().starts_with("# "), "{}", text.text());
    assert_eq!(site.count("/privacy"), 0, "these pages are ours and never the site's");
}

#[test]
fn the_policy_speaks_the_readers_language() {
    let (_place, _site, server) = served();
    let page = Request::get("/privacy").header("Accept-Language", "es-MX,es;q=0.9,en;q=0.5").send(server.public());
    assert!(page.text().contains("lang=\"es\""), "{}", page.text());
}

#[test]
fn the_first_version_is_published_by_itself() {
    let (_place, _site, server) = served();
    let list = Request::get("/privacy/versions").send(server.public());
    assert_eq!(list.status, 200);
    assert!(list.text().contains("/privacy/versions/1"), "{}", list.text());
    assert_eq!(Request::get("/privacy/versions/1").send(server.public()).status, 200);
    assert_eq!(Request::get("/privacy/versions/99").send(server.public()).status, 404);
}

#[test]
fn the_signal_browsers_send_is_known_here() {
    let (_place, _site, server) = served();
    let answer = Request::get("/.well-known/gpc.json").send(server.public());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json()["gpc"], true);
    assert!(answer.json()["lastUpdate"].is_string());
}

fn a_choice_by_form_is_kept_and_shown(database: Database) {
    let (_place, _site, server) = served_on(database);
    let page = Request::get("/privacy/choices").send(server.public());
    let form = Form::of(&page);
    let answer = form.clone().choose("analytics", "yes").choose("news", "no").post(None).send(server.public());
    assert_eq!(answer.status, 303);
    let cookie = answer.cookies().unwrap();
    assert!(cookie.starts_with("candor="), "over plain HTTP: {cookie}");
    let attributes = answer.header("set-cookie").unwrap().to_owned();
    assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax") && attributes.contains("Path=/"), "{attributes}");

    let shown = Request::get("/privacy/choices").cookie(Some(&cookie)).send(server.public()).text();
    let field = |name: &str, value: &str| {
        shown.split("<input").any(|input| {
            let input = input.split('>').next().unwrap_or_default();
            input.contains(&format!("name=\"{name}\"")) && input.contains(&format!("value=\"{value}\"")) && input.contains("checked")
        })
    };
    assert!(field("analytics", "yes") && field("news", "no"), "{shown}");
    assert!(!field("offers", "yes"), "what was not answered is not answered");
}

fn one_field_is_enough_and_changes_nothing_else(database: Database) {
    let (_place, site, server) = served_on(database);
    let post = |field: &str, answer: &str, cookie: Option<&str>| {
        let form = Request::form("/privacy/choices", &[(field.to_owned(), answer.to_owned())]).cookie(cookie);
        let answer = form.send(server.public());
        assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.body));
        answer.cookies().unwrap()
    };
    let first = post("analytics", "yes", None);
    let second = post("advertise", "yes", Some(&first));
    Request::get("/both").cookie(Some(&second)).send(server.public());
    let told = site.last("/both").header("candor-purposes").unwrap().to_owned();
    assert!(told.contains("analytics") && told.contains("advertise"), "{told}");
}

fn everything_is_refused_as_easily_as_accepted(database: Database) {
    let (_place, site, server) = served_on(database);
    let page = Request::get("/privacy/choices").send(server.public()).text();
    let told_after = |answer: &str| {
        assert!(page.contains(&format!("name=\"_all\" value=\"{answer}\"")), "one button each: {page}");
        let mut visitor = Visitor::of(&server);
        let answered = visitor.send(Request::form("/privacy/choices", &[("_all".to_owned(), answer.to_owned())]));
        assert_eq!(answered.status, 303);
        visitor.open("/after-all");
        site.last("/after-all").header("candor-purposes").expect("always sent").to_owned()
    };
    let (refused, accepted) = (told_after("no"), told_after("yes"));
    assert!(!refused.contains("analytics") && !refused.contains("advertise"), "{refused}");
    assert!(accepted.contains("analytics") && accepted.contains("advertise"), "{accepted}");
    assert!(refused.contains("operate"), "what is always on stays on: {refused}");
}

#[test]
fn the_versions_can_be_followed_in_a_feed_reader() {
    let (_place, _site, server) = served();
    let feed = Request::get("/privacy/feed.atom").send(server.public());
    assert_eq!(feed.status, 200);
    assert!(feed.header("content-type").is_some_and(|kind| kind.starts_with("application/atom+xml")), "{:?}", feed.headers);
    assert_eq!(feed.text().matches("<entry>").count(), 1, "one version so far: {}", feed.text());
}

fn a_form_leads_back_to_the_site_and_nowhere_else(database: Database) {
    let (_place, _site, server) = served_on(database);
    let back = |to: &str| {
        let fields = [("analytics".to_owned(), "no".to_owned()), ("return".to_owned(), to.to_owned())];
        Request::form("/privacy/choices", &fields).send(server.public()).header("location").unwrap_or_default().to_owned()
    };
    assert_eq!(back("/articles?page=2"), "/articles?page=2");
    for elsewhere in ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "\\\\evil.example"] {
        assert!(!back(elsewhere).contains("evil") && !back(elsewhere).contains("script"), "{elsewhere} led to {}", back(elsewhere));
    }
}

fn a_post_from_another_site_is_refused(database: Database) {
    let (_place, _site, server) = served_on(database);
    let fields = [("analytics".to_owned(), "yes".to_owned())];
    let bare = || Request::bare_form("/privacy/choices", &fields);
    let own = format!("http://{}", server.public());
    for foreign in [
        bare(),
        bare().header("Sec-Fetch-Site", "cross-site"),
        bare().header("Sec-Fetch-Site", "same-site"),
        bare().header("Sec-Fetch-Site", "cross-site").header("Origin", &own),
        bare().header("Origin", "https://evil.example"),
        bare().header("Origin", "null"),
    ] {
        let answer = foreign.send(server.public());
        assert_eq!(answer.status, 403, "{:?}", foreign.headers);
        assert_eq!(answer.cookies(), None);
    }
    assert_eq!(bare().header("Origin", &own).send(server.public()).status, 303);
}

fn an_old_browser_is_believed_by_the_forms_token(database: Database) {
    let (_place, _site, server) = served_on(database);
    let page = Request::get("/privacy/choices").send(server.public());
    let form = Form::of(&page).choose("analytics", "yes");
    assert_eq!(form.post_silently(None).send(server.public()).status, 303);

    let other = Request::get("/privacy/choices").send(server.public());
    let crossed = form.post_silently(None);
    let crossed = Request { headers: crossed.headers.into_iter().filter(|(name, _)| name != "Cookie").collect(), ..crossed };
    let crossed = crossed.cookie(other.cookies().as_deref());
    assert_eq!(crossed.send(server.public()).status, 403, "a token of one browser with the cookie of another");
}

fn a_stale_form_comes_back_fresh_and_changes_nothing(database: Database) {
    let (_place, _site, server) = served_on(database);
    let old = Form::of(&Request::get("/privacy/choices").send(server.public()));
    let cookie = old.clone().choose("analytics", "no").post(None).send(server.public()).cookies().unwrap();
    let stale = old.choose("analytics", "yes").post(Some(&cookie)).send(server.public());
    assert_eq!(stale.status, 409);
    assert_eq!(stale.cookies().filter(|set| set.contains("candor=")), None);
    let fresh = Form::of(&stale).choose("analytics", "yes").post(Some(&cookie)).send(server.public());
    assert_eq!(fresh.status, 303, "the fresh form works");
}

fn what_we_hold_shows_people_their_own_visits_and_nobody_elses(database: Database) {
    let (place, _site, server) = served_on(database);
    let [mut me, mut somebody] = [Visitor::of(&server), Visitor::of(&server)];
    for visitor in [&mut me, &mut somebody] {
        visitor.choose("return-visits", "yes");
    }
    for page in ["/my-first-page", "/my-second-page"] {
        me.open(page);
    }
    for page in ["/their-first-page", "/their-second-page"] {
        somebody.open(page);
    }
    place.visits_to("/their-second-page", 1);

    let held = me.open("/privacy/me");
    assert_eq!(held.status, 200);
    assert!(held.text().contains("/my-first-page") && held.text().contains("/my-second-page"), "{}", held.text());
    assert!(!held.text().contains("/their-"));
    assert!(held.header("cache-control").is_some_and(|cached| cached.contains("no-store")), "{:?}", held.headers);

    let nobody = Request::get("/privacy/me").send(server.public());
    assert_eq!(nobody.status, 200);
    assert!(!nobody.text().contains("-first-page"), "an address is not a person: {}", nobody.text());
    let forged = Request::get("/privacy/me").header("Cookie", "candor=AAAA").send(server.public());
    assert!(!forged.text().contains("-first-page"));
}

fn refusing_makes_no_identifier(database: Database) {
    let (place, _site, server) = served_on(database);
    let mut visitor = Visitor::of(&server);
    visitor.choose("return-visits", "no");
    visitor.open("/refused");
    visitor.open("/refused");
    for visit in place.visits_to("/refused", 2) {
        assert_eq!(visit["visitor"], serde_json::Value::Null);
    }
}

#[test]
fn pages_of_ours_that_do_not_exist_are_not_the_sites() {
    let (_place, site, server) = served();
    assert_eq!(Request::get("/privacy/no-such-page").send(server.public()).status, 404);
    assert_eq!(site.count("/privacy/no-such-page"), 0);
    assert_eq!(Request::get("/privacyless").send(server.public()).status, 200, "only whole path segments are ours");
    assert_eq!(site.count("/privacyless"), 1);
}
