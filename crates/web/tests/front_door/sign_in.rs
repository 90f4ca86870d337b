//! Signing in by a mailed link, and out again.

use app::mail::{JOB, Letter};
use axum::http::{Method, StatusCode};
use domain::{Answer, ChoiceRecordId, Id};
use policy::cookie::CookieParts;

use crate::register::{OF_AGE, letter, registered, world};
use crate::world::{NOW, Reply, World, at};

async fn ask(world: &World, email: &str) -> Reply {
    world.post("/account/sign-in", &[("_email", email)]).send().await
}

async fn mailed_path(world: &World, email: &str) -> String {
    ask(world, email).await;
    match letter(world).await {
        Some(Letter::SignIn { token, .. }) => format!("/account/sign-in/{token}"),
        other => panic!("not a link to sign in with: {other:?}"),
    }
}

/// Signs in with a browser that carries this cookie, and returns the cookie it carries then.
async fn signed_in_with(world: &World, email: &str, cookie: Option<&str>) -> (String, CookieParts) {
    let path = mailed_path(world, email).await;
    let mut ask = world.post(&path, &[]);
    if let Some(cookie) = cookie {
        ask = ask.cookie(cookie);
    }
    let reply = ask.send().await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/account"), "{}", reply.text);
    (reply.cookies(), world.parts(&reply))
}

async fn choose(world: &World, cookie: Option<&str>, purpose: &str, answer: &str) -> String {
    let mut ask = world.post("/privacy/choices", &[(purpose, answer)]);
    if let Some(cookie) = cookie {
        ask = ask.cookie(cookie);
    }
    ask.send().await.cookies_after(cookie.unwrap_or_default())
}

fn answer(parts: &CookieParts, purpose: &str) -> Option<Answer> {
    parts.choices.as_ref()?.answer(&Id::parse(purpose).expect("an id")).map(|choice| choice.answer)
}

fn record(parts: &CookieParts) -> ChoiceRecordId {
    parts.choices.as_ref().expect("a record").record
}

#[tokio::test]
async fn a_mailed_link_signs_in_once_within_ten_minutes() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    let path = mailed_path(&world, "anna@EXAMPLE.org").await;
    let looked = world.get(&path).send().await;
    assert!(looked.status == StatusCode::OK && looked.text.contains("Sign me in"), "{}", looked.text);
    assert_eq!(looked.header("referrer-policy"), "no-referrer");
    let just_in_time = world.get(&path).at(at("2026-03-10T17:39:59Z")).send().await;
    assert_eq!(just_in_time.status, StatusCode::OK);
    let followed = world.post(&path, &[]).send().await;
    assert_eq!(followed.status, StatusCode::SEE_OTHER);
    assert!(world.parts(&followed).session.is_some());
    assert_eq!(world.post(&path, &[]).send().await.status, StatusCode::GONE);

    let late = mailed_path(&world, "anna@example.org").await;
    let ten_minutes = at("2026-03-10T17:40:00Z");
    for reply in [world.get(&late).at(ten_minutes).send().await, world.post(&late, &[]).at(ten_minutes).send().await] {
        assert!(reply.status == StatusCode::GONE && reply.text.contains("Get another link"), "{}", reply.text);
    }
}

#[tokio::test]
async fn nobody_voids_a_link_by_asking_for_more_and_following_one_voids_the_others() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    let annas = mailed_path(&world, "anna@example.org").await;
    let mut others = Vec::new();
    for _ in 0..20 {
        ask(&world, "anna@example.org").await;
        if let Some(Letter::SignIn { token, .. }) = letter(&world).await {
            others.push(format!("/account/sign-in/{token}"));
        }
    }
    assert_eq!(others.len(), 4, "so many more go to one mailbox at once");
    assert_eq!(world.post(&annas, &[]).send().await.status, StatusCode::SEE_OTHER);
    for other in others {
        assert_eq!(world.post(&other, &[]).send().await.status, StatusCode::GONE, "{other}");
    }
}

#[tokio::test]
async fn whoever_comes_with_too_many_links_that_are_none_waits() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    let path = mailed_path(&world, "anna@example.org").await;
    let no_link = |number: usize| format!("/account/{}/{number:0>43}", ["sign-in", "confirm", "email", "email/back"][number % 4]);
    for number in 0..20 {
        let reply = if number < 10 { world.get(&no_link(number)) } else { world.post(&no_link(number), &[]) };
        assert_eq!(reply.send().await.status, StatusCode::GONE, "{number}");
        assert_eq!(world.get(&path).send().await.status, if number < 19 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS });
    }
    for number in 0..4 {
        for reply in [world.get(&no_link(number)).send().await, world.post(&no_link(number), &[]).send().await] {
            assert_eq!((reply.status, reply.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "30"));
            assert!(reply.text.contains("Please wait 1 minute"), "{}", reply.text);
            assert_eq!(reply.header("referrer-policy"), "no-referrer");
        }
    }
    let later = world.post(&path, &[]).at(at("2026-03-10T17:30:30Z")).send().await;
    assert_eq!(later.status, StatusCode::SEE_OTHER, "and it was not used up: {}", later.text);
}

#[tokio::test]
async fn nothing_tells_whether_an_address_has_an_account() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    registered(&world, "closed@example.org", "closed").await;
    let closed = domain::Field::AccountEmail;
    let closed = policy::Sealed::new(closed, "closed@example.org".to_owned());
    let closed = world.people.account_by_email(&closed).await.expect("read").expect("an account");
    world.people.close(closed.id, at(NOW)).await.expect("closed");

    let mut replies = Vec::new();
    for email in ["anna@example.org", "nobody@example.org", "closed@example.org"] {
        let before = world.people.count_jobs(JOB).await.expect("a count").0;
        replies.push(ask(&world, email).await);
        assert_eq!(world.people.count_jobs(JOB).await.expect("a count").0, before + 1, "{email}: as much is written");
    }
    for reply in &replies {
        assert_eq!((reply.status, &reply.headers, &reply.text), (replies[0].status, &replies[0].headers, &replies[0].text));
        assert_eq!(reply.header("location"), "/account/check-mail?for=sign-in");
    }
    assert!(matches!(letter(&world).await, Some(Letter::SignIn { .. })));
    assert_eq!(letter(&world).await, None, "only Anna is written to");
}

#[tokio::test]
async fn how_often_is_the_same_for_every_address() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    for email in ["anna@example.org", "nobody@example.org"] {
        let before = world.people.count_jobs(JOB).await.expect("a count").0;
        for _ in 0..8 {
            assert_eq!(ask(&world, email).await.status, StatusCode::SEE_OTHER, "nobody is told how many letters an address gets");
        }
        let after = world.people.count_jobs(JOB).await.expect("a count").0;
        assert!(after - before <= 5, "{email}: {before} to {after}");
    }
}

#[tokio::test]
async fn signing_in_gives_the_session_a_new_id_and_ends_the_old_one() {
    let world = world();
    let first = registered(&world, "anna@example.org", "anna").await;
    let before = world.parts(&first).session.expect("a session");
    let (_, parts) = signed_in_with(&world, "anna@example.org", Some(&first.cookies())).await;
    let after = parts.session.expect("a session");
    assert_ne!(before.session, after.session);
    let accounts = &world.state.accounts;
    assert_eq!(accounts.renew(before.session, at(NOW)).await.expect("read"), None, "the old one is over");
    assert!(accounts.renew(after.session, at(NOW)).await.expect("read").is_some());
    let (_, other_browser) = signed_in_with(&world, "anna@example.org", None).await;
    assert!(accounts.renew(after.session, at(NOW)).await.expect("read").is_some(), "another browser is another session");
    assert_eq!(accounts.sessions(after.account, at(NOW)).await.expect("read").len(), 2);
    assert_eq!(other_browser.session.map(|session| session.account), Some(after.account));
}

#[tokio::test]
async fn a_no_is_never_turned_into_a_yes_however_many_browsers_come_together() {
    let world = world();
    let phone = choose(&world, None, "analytics", "no").await;
    let phone = choose(&world, Some(&phone), "news", "yes").await;
    let first = registered(&world, "anna@example.org", "anna").await;
    assert_eq!(answer(&world.parts(&first), "analytics"), None, "she registered with a third browser");

    let (_, on_phone) = signed_in_with(&world, "anna@example.org", Some(&phone)).await;
    assert_eq!((answer(&on_phone, "analytics"), answer(&on_phone, "news")), (Some(Answer::No), Some(Answer::Yes)));

    let laptop = choose(&world, None, "analytics", "yes").await;
    let (_, on_laptop) = signed_in_with(&world, "anna@example.org", Some(&laptop)).await;
    assert_eq!(answer(&on_laptop, "analytics"), Some(Answer::No), "the phone's no stands");
    assert_eq!(answer(&on_laptop, "news"), Some(Answer::Yes), "and its yes holds where nothing speaks against it");

    let (_, on_tablet) = signed_in_with(&world, "anna@example.org", None).await;
    assert_eq!(answer(&on_tablet, "analytics"), Some(Answer::No), "the laptop's later yes does not hide it");
    assert_ne!(record(&on_tablet), record(&on_laptop));
}

#[tokio::test]
async fn what_is_chosen_after_signing_in_is_the_accounts() {
    let world = world();
    let first = registered(&world, "anna@example.org", "anna").await;
    let chosen = choose(&world, Some(&first.cookies()), "news", "no").await;
    assert!(!chosen.is_empty());
    let (_, elsewhere) = signed_in_with(&world, "anna@example.org", None).await;
    assert_eq!(answer(&elsewhere, "news"), Some(Answer::No));
}

#[tokio::test]
async fn on_a_shared_computer_one_persons_yes_is_not_the_nexts() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    registered(&world, "bert@example.org", "bert").await;
    let (shared, annas) = signed_in_with(&world, "anna@example.org", None).await;
    let shared = choose(&world, Some(&shared), "news", "yes").await;
    let shared = choose(&world, Some(&shared), "analytics", "no").await;
    let out = world.post("/account/sign-out", &[]).cookie(&shared).send().await;
    let (_, berts) = signed_in_with(&world, "bert@example.org", Some(&out.cookies())).await;
    assert_eq!(answer(&berts, "news"), None, "Anna's yes is hers");
    assert_eq!(answer(&berts, "analytics"), Some(Answer::No), "a no is kept, whoever said it");
    assert_ne!(record(&berts), record(&annas));
    let (_, elsewhere) = signed_in_with(&world, "anna@example.org", None).await;
    assert_eq!(answer(&elsewhere, "news"), Some(Answer::Yes), "and stays hers");
}

#[tokio::test]
async fn a_cookie_that_cannot_be_believed_refuses_everything_after_signing_in_too() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    let (_, parts) = signed_in_with(&world, "anna@example.org", Some("__Host-candor=forged")).await;
    assert_eq!((answer(&parts, "news"), answer(&parts, "analytics")), (Some(Answer::No), Some(Answer::No)));
}

#[tokio::test]
async fn signing_out_ends_the_session_and_forgets_no_choice() {
    let world = world();
    let first = registered(&world, "anna@example.org", "anna").await;
    let session = world.parts(&first).session.expect("a session").session;
    let chosen = choose(&world, Some(&first.cookies()), "analytics", "no").await;
    let out = world.post("/account/sign-out", &[]).cookie(&chosen).send().await;
    assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/account/sign-in?signed-out=1"));
    assert_eq!(out.header("clear-site-data"), "\"cache\", \"storage\"");
    let parts = world.parts(&out);
    assert_eq!((parts.session.is_none(), answer(&parts, "analytics")), (true, Some(Answer::No)));
    assert_eq!(world.state.accounts.renew(session, at(NOW)).await.expect("read"), None);
    assert!(world.get(out.header("location")).send().await.text.contains("You are signed out."));
    let nobody = world.post("/account/sign-out", &[("return", "/board")]).send().await;
    assert_eq!((nobody.status, nobody.header("location")), (StatusCode::SEE_OTHER, "/board"), "there is nothing to end, and that is fine");
}

#[tokio::test]
async fn whoever_is_signed_in_is_not_asked_to() {
    let world = world();
    let cookie = registered(&world, "anna@example.org", "anna").await.cookies();
    for (path, to) in [("/account/sign-in", "/account"), ("/account/sign-in?return=%2Fboard", "/board"), ("/account/register", "/account")]
    {
        let reply = world.get(path).cookie(&cookie).send().await;
        assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, to), "{path}");
    }
    let spanish = world.get("/account/sign-in?return=%2Fboard").send().await;
    assert!(
        spanish.text.contains("href=\"?language=es&#38;return=%2Fboard\""),
        "changing the language keeps the way back: {}",
        spanish.text
    );
    let nobody = world.get("/account").send().await;
    assert_eq!(nobody.header("location"), "/account/sign-in");
    let old_ticket = world.get("/account").cookie(&cookie).at(at("2026-03-10T17:41:00Z")).send().await;
    assert_eq!(old_ticket.header("location"), "/account/sign-in", "a ticket that nobody renewed is not believed");
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let world = world();
    let cookie = registered(&world, "anna@example.org", "anna").await.cookies();
    let link = mailed_path(&world, "anna@example.org").await;
    let confirm = format!("/account/confirm/{}", link.rsplit('/').next().expect("a token"));
    for (path, fields) in [
        ("/account/register/age", &OF_AGE[..]),
        ("/account/register", &[("_email", "bert@example.org"), ("_username", "bert")]),
        ("/account/sign-in", &[("_email", "anna@example.org")]),
        (&link, &[]),
        (&confirm, &[]),
        ("/account/sign-out", &[]),
    ] {
        for site in ["cross-site", "same-site", "none"] {
            let reply = world.bare_post(path, fields).header("sec-fetch-site", site).cookie(&cookie).send().await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path} from {site}");
            assert!(reply.text.contains("did not come from our page") && reply.headers.get("set-cookie").is_none(), "{}", reply.text);
        }
        assert_eq!(world.bare_post(path, fields).send().await.status, StatusCode::FORBIDDEN, "{path} without a word of where it is from");
    }
    assert_eq!(world.people.count_jobs(JOB).await.expect("a count"), (0, 0));
    assert_eq!(world.post(&link, &[]).send().await.status, StatusCode::SEE_OTHER, "the link was not used up");
}

#[tokio::test]
async fn an_old_browser_signs_in_with_the_token_of_its_form() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    let form = world.get("/account/sign-in").send().await;
    assert!(form.header("set-cookie").contains("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{}", form.header("set-cookie"));
    let cookie = format!("__Host-candor-form={}", form.cookie("__Host-candor-form").expect("a cookie"));
    let token = form.field("_token").expect("a token");
    let asked = world.bare_post("/account/sign-in", &[("_email", "anna@example.org"), ("_token", &token)]).cookie(&cookie).send().await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let Some(Letter::SignIn { token, .. }) = letter(&world).await else { panic!("a letter") };
    let path = format!("/account/sign-in/{token}");
    let page = world.get(&path).cookie(&cookie).send().await;
    let proof = page.field("_token").expect("a token");
    let followed = world.bare_post(&path, &[("_token", &proof)]).cookie(&cookie).header("origin", "null").send().await;
    assert_eq!(followed.status, StatusCode::SEE_OTHER, "{}", followed.text);
}

#[tokio::test]
async fn no_page_of_an_account_is_kept_or_runs_anything() {
    let world = world();
    let cookie = registered(&world, "anna@example.org", "anna").await.cookies();
    let link = mailed_path(&world, "anna@example.org").await;
    for path in [
        "/account/register",
        "/account/check-mail?for=sign-in",
        "/account/check-mail?for=registration",
        "/account/confirm/x",
        "/account/sign-in",
        "/account/sign-in?return=%2Fboard&language=es",
        &link,
        "/account",
    ] {
        let mut ask = world.get(path);
        if path == "/account" {
            ask = ask.cookie(&cookie);
        }
        let reply = ask.send().await;
        assert_eq!(reply.header("cache-control"), "private, no-store", "{path}");
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"), "{path}");
        for inline in ["<script", "<style", " style=", " onclick="] {
            assert!(!reply.text.contains(inline), "{path} has {inline}");
        }
        assert!(reply.text.contains("aria-current=\"page\">"), "{path} is in the navigation");
    }
    let wrong = world.ask(Method::GET, "/account/sign-out").send().await;
    assert_eq!((wrong.status, wrong.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
}

#[tokio::test]
async fn no_longer_way_back_than_one_reads_stands_in_a_letter() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    for (length, is_kept) in [(200, true), (201, false), (2_000, false)] {
        let back = format!("/{}", "a".repeat(length - 1));
        world.post("/account/sign-in", &[("_email", "anna@example.org"), ("return", &back)]).send().await;
        let Some(Letter::SignIn { token, return_to }) = letter(&world).await else { panic!("a link to sign in with") };
        assert_eq!(return_to, is_kept.then_some(back), "{length}");
        let done = world.post(&format!("/account/sign-in/{token}"), &[]).send().await;
        assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/account"));
    }
}
