//! From the question of age to an account, and every way it can end before.

use app::mail::{JOB, Letter};
use app::people::age::{over, represented};
use axum::http::StatusCode;
use domain::{Age, Field, SeededRandom, Timestamp};
use policy::Sealed;
use policy::cookie::SigningKeys;
use records::Job;

use crate::world::{NOW, Reply, World, at};

pub(crate) const OF_AGE: [(&str, &str); 3] = [("_day", "7"), ("_month", "11"), ("_year", "1985")];
const TOO_YOUNG: [(&str, &str); 3] = [("_day", "11"), ("_month", "3"), ("_year", "2008")];

pub(crate) fn world() -> World {
    World::with_accounts(str::to_owned)
}

/// The verdict that the form after the question carries.
async fn verdict(world: &World) -> String {
    let reply = world.post("/account/register/age", &OF_AGE).send().await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    reply.field("_age").expect("a verdict")
}

async fn apply(world: &World, email: &str, username: &str) -> Reply {
    let verdict = verdict(world).await;
    world.post("/account/register", &[("_age", &verdict), ("_email", email), ("_username", username)]).send().await
}

async fn job(world: &World, now: Timestamp) -> Option<Job> {
    let job = world.people.due_jobs(JOB, now, 10).await.expect("the jobs").into_iter().next()?;
    world.people.end_job(job.id).await.expect("it is done");
    Some(job)
}

/// The next letter that is to be sent.
pub(crate) async fn letter(world: &World) -> Option<Letter> {
    job(world, at("2026-03-11T00:00:00Z")).await.map(|job| serde_json::from_slice(&job.payload).expect("a letter"))
}

async fn mailed_token(world: &World) -> String {
    match letter(world).await {
        Some(Letter::Confirm { token, .. }) => token,
        other => panic!("not a letter to confirm with: {other:?}"),
    }
}

/// Somebody who registered and confirmed; the answer that signed them in.
pub(crate) async fn registered(world: &World, email: &str, username: &str) -> Reply {
    let reply = apply(world, email, username).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
    let path = format!("/account/confirm/{}", mailed_token(world).await);
    let reply = world.post(&path, &[]).send().await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/account"), "{}", reply.text);
    reply
}

fn email(text: &str) -> Sealed<String> {
    Sealed::new(Field::AccountEmail, text.to_owned())
}

#[tokio::test]
async fn somebody_registers_and_is_signed_in() {
    let world = world();
    let asked = world.get("/account/register").header("sec-fetch-site", "none").send().await;
    assert_eq!(asked.status, StatusCode::OK);
    insta::assert_snapshot!(asked.page());
    let form = world.post("/account/register/age", &OF_AGE).send().await;
    assert!(form.text.contains("There is no password.") && form.text.contains("you are at least 18"), "{}", form.text);
    assert!(!form.text.contains("1985"), "the date is gone");

    let mailed = apply(&world, "anna@example.org", "Anna").await;
    assert_eq!((mailed.status, mailed.header("location")), (StatusCode::SEE_OTHER, "/account/check-mail?for=registration"));
    assert!(mailed.headers.get("set-cookie").is_none(), "nobody is signed in yet");
    assert!(world.get(mailed.header("location")).send().await.text.contains("Look into your mail"));
    assert_eq!(world.people.account_by_email(&email("anna@example.org")).await.expect("read"), None);

    let path = format!("/account/confirm/{}", mailed_token(&world).await);
    for _ in 0..3 {
        let looked = world.get(&path).header("sec-fetch-site", "none").send().await;
        assert!(looked.status == StatusCode::OK && looked.text.contains("Create my account"), "looking uses nothing up");
    }
    let confirmed = world.post(&path, &[]).send().await;
    assert_eq!((confirmed.status, confirmed.header("location")), (StatusCode::SEE_OTHER, "/account"));
    let account = world.people.account_by_email(&email("anna@example.org")).await.expect("read").expect("an account");
    let session = world.parts(&confirmed).session.expect("a session");
    assert_eq!((session.account, session.age), (account.id, Age::Adult));
    let cookie = confirmed.cookies();
    let home = world.get("/account").cookie(&cookie).send().await;
    assert!(home.status == StatusCode::OK && home.text.contains("Your account"), "{}", home.text);
}

#[tokio::test]
async fn what_somebody_represents_is_on_record_and_their_birthday_is_not() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    let account = world.people.account_by_email(&email("anna@example.org")).await.expect("read").expect("an account");
    let clause = represented(&world.policy, "en").expect("the policy says something of it");
    let shown = ["When were you born?", "By registering you say that the date of birth you gave is your own and is right.", clause];
    assert_eq!(account.age, over(&shown, world.policy.version, at(NOW)));
    assert_eq!(account.age.method, "stated");
}

#[tokio::test]
async fn whoever_is_too_young_comes_to_a_kind_end_that_the_back_button_does_not_undo() {
    let world = world();
    let earlier = verdict(&world).await;
    let refused = world.post("/account/register/age", &TOO_YOUNG).send().await;
    assert_eq!(refused.status, StatusCode::OK);
    assert!(refused.text.contains("We cannot open an account for you") && !refused.text.contains("18 "), "{}", refused.text);
    let set_cookie = refused.header("set-cookie");
    assert!(
        set_cookie.starts_with("candor-age=") && set_cookie.ends_with("; Path=/account; Secure; HttpOnly; SameSite=Lax"),
        "{set_cookie}"
    );
    assert!(!set_cookie.contains("Max-Age") && !set_cookie.contains("Expires"), "it goes with the browser's window");

    let cookie = format!("candor-age={}", refused.cookie("candor-age").expect("a cookie"));
    let again = [
        world.get("/account/register").cookie(&cookie).send().await,
        world.post("/account/register/age", &OF_AGE).cookie(&cookie).send().await,
        world
            .post("/account/register", &[("_age", &earlier), ("_email", "a@example.org"), ("_username", "anna")])
            .cookie(&cookie)
            .send()
            .await,
    ];
    for reply in again {
        assert_eq!((reply.status, reply.page()), (StatusCode::OK, refused.page()));
    }
    assert_eq!(world.people.count_jobs(JOB).await.expect("a count"), (0, 0), "nothing is kept");
    let forged = world.get("/account/register").cookie("candor-age=AAAA").send().await;
    assert!(forged.text.contains("When were you born?"), "nobody else can say it of somebody");
    let tomorrow = world.get("/account/register").cookie(&cookie).at(at("2026-03-11T17:30:00Z")).send().await;
    assert!(tomorrow.text.contains("When were you born?"));
}

#[tokio::test]
async fn a_birthday_counts_where_the_site_is() {
    let world = World::with_accounts(|rules| rules.replace("time_zone = \"America/Los_Angeles\"", "time_zone = \"Pacific/Kiritimati\""));
    assert_eq!(world.policy.time_zone.iana_name(), Some("Pacific/Kiritimati"));
    let born_tomorrow = world.post("/account/register/age", &TOO_YOUNG).send().await;
    assert!(born_tomorrow.field("_age").is_some(), "it is the 11th there already");
}

#[tokio::test]
async fn where_guardians_may_register_a_minor_is_told_so() {
    let world = World::with_accounts(|rules| rules.replace("guardians = \"refuse\"", "guardians = \"register\""));
    let reply = world.post("/account/register/age", &TOO_YOUNG).send().await;
    assert!(reply.text.contains("Ask a parent or guardian") && reply.text.contains("href=\"/account/sign-in\""), "{}", reply.text);
    assert!(reply.cookie("candor-age").is_some());
}

#[tokio::test]
async fn what_is_no_date_is_asked_again_and_counts_as_no_answer() {
    let world = world();
    for (day, month, year) in [
        ("31", "2", "1985"),
        ("", "", ""),
        ("x", "y", "z"),
        ("1", "1", "85"),
        ("1", "13", "1985"),
        ("99999999999", "1", "1"),
        ("1", "1", "2030"),
    ] {
        let reply = world.post("/account/register/age", &[("_day", day), ("_month", month), ("_year", year)]).send().await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{day}.{month}.{year}");
        assert!(reply.text.contains("not a day somebody was born on") && reply.field("_age").is_none());
        assert!(reply.cookie("candor-age").is_none());
    }
    let none = world.post("/account/register/age", &[]).send().await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_verdict_is_our_own_and_an_hour_old_at_most() {
    let world = world();
    let verdict = verdict(&world).await;
    let mut others = Vec::new();
    SigningKeys::rotated(&mut others, at(NOW), &SeededRandom::new(99));
    let others = SigningKeys::from_records(others).expect("a key");
    let invented = app::people::age::carried(&over(&["x"], world.policy.version, at(NOW)), &others);
    let fields = |verdict: &str| [("_age", verdict.to_owned()), ("_email", "a@example.org".to_owned()), ("_username", "anna".to_owned())];
    for (verdict, time) in [(verdict.as_str(), "2026-03-10T18:30:00Z"), (invented.as_str(), NOW), ("", NOW)] {
        let fields = fields(verdict);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let reply = world.post("/account/register", &fields).at(at(time)).send().await;
        assert!(reply.status == StatusCode::OK && reply.text.contains("please answer this again"), "{}", reply.text);
    }
    assert_eq!(world.people.count_jobs(JOB).await.expect("a count"), (0, 0));
}

#[tokio::test]
async fn what_is_wrong_with_a_name_is_told_at_once_and_of_an_address_only_its_form() {
    let world = world();
    registered(&world, "anna@example.org", "Barnaby").await;
    for (email, username, says) in [
        ("new0@example.org", "barnaby", "Somebody has this name"),
        ("new1@example.org", "bamaby", "Somebody has this name"),
        ("new2@example.org", "аdmin", "letters of alphabets that look alike"),
        ("new3@example.org", "root", "as if it spoke for the site"),
        ("new4@example.org", "ab", "3 to 32 characters"),
        ("new5@example.org", "a b c", "made of letters and digits"),
        ("nobody", "newname", "not an e-mail address"),
        ("a@localhost", "newname", "No mail can be sent"),
        ("", "newname", "Please write your e-mail address"),
        (&format!("{}@example.org", "a".repeat(308)), "newname", "room for 254 characters"),
    ] {
        let reply = apply(&world, email, username).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{email} {username}");
        assert!(reply.text.contains(says), "{email} {username}: {}", reply.text);
        assert!(reply.text.contains("aria-invalid=\"true\"") && reply.field("_age").is_some(), "it can be mended");
        assert!(reply.text.contains(&format!("value=\"{username}\"")), "what was typed is still there");
    }
    let both = apply(&world, "anna@example.org", "barnaby").await;
    assert!(
        both.text.contains("Somebody has this name") && !both.text.contains("email-problem"),
        "the address is fine as far as anybody is told"
    );
    assert_eq!(world.people.count_jobs(JOB).await.expect("a count"), (0, 0), "nothing was mailed");
    let scripted = apply(&world, "\"><script>@example.org", "<script>alert(1)</script>").await;
    assert!(!scripted.text.contains("<script"), "{}", scripted.text);
}

#[tokio::test]
async fn nothing_tells_whether_an_address_is_registered() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    let known = apply(&world, "anna@example.org", "thistle").await;
    let to_anna = job(&world, at(NOW)).await.expect("a job");
    let unknown = apply(&world, "bert@example.org", "nettle").await;
    let to_bert = job(&world, at(NOW)).await.expect("a job");
    assert_eq!((known.status, &known.headers, &known.text), (unknown.status, &unknown.headers, &unknown.text));

    let read = |job: &Job| serde_json::from_slice::<Letter>(&job.payload).expect("a letter");
    assert_eq!(read(&to_anna), Letter::AlreadyRegistered);
    assert!(matches!(read(&to_bert), Letter::Confirm { .. }));
    // Both wait under a key of their own: what is written is the same, down to the number of rows.
    for job in [&to_anna, &to_bert] {
        assert!(world.people.registration(job.owner.expect("an owner")).await.expect("read").is_some());
    }
    let account = world.people.account_by_email(&email("anna@example.org")).await.expect("read").expect("an account");
    assert_ne!(to_anna.owner, Some(account.id));
}

#[tokio::test]
async fn a_link_works_once_in_its_time_and_only_for_what_it_is_for() {
    let world = world();
    apply(&world, "anna@example.org", "anna").await;
    let token = mailed_token(&world).await;
    let path = format!("/account/confirm/{token}");
    for reply in [
        world.get("/account/confirm/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").send().await,
        world.post("/account/confirm/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &[]).send().await,
        world.get("/account/confirm/x").send().await,
        world.post("/account/confirm/%2e%2e%2f", &[]).send().await,
        world.get(&format!("/account/sign-in/{token}")).send().await,
        world.post(&format!("/account/sign-in/{token}"), &[]).send().await,
    ] {
        assert_eq!(reply.status, StatusCode::GONE);
        assert!(reply.text.contains("does not work any more") && reply.text.contains("href=\"/account/sign-in\""), "{}", reply.text);
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.cookies_after(""), "");
    }
    assert_eq!(world.post(&path, &[]).send().await.status, StatusCode::SEE_OTHER, "none of this used it up");
    assert_eq!(world.post(&path, &[]).send().await.status, StatusCode::GONE, "it works once");

    apply(&world, "ben@example.org", "ben").await;
    let path = format!("/account/confirm/{}", mailed_token(&world).await);
    let too_late = at("2026-03-11T17:30:00Z");
    for reply in [world.get(&path).at(too_late).send().await, world.post(&path, &[]).at(too_late).send().await] {
        assert!(reply.status == StatusCode::GONE && reply.text.contains("does not work any more"), "{}", reply.text);
    }
}

#[tokio::test]
async fn of_two_who_want_one_name_the_slower_takes_another_under_the_same_link() {
    let world = world();
    apply(&world, "anna@example.org", "thistle").await;
    let anna = format!("/account/confirm/{}", mailed_token(&world).await);
    apply(&world, "bert@example.org", "Thistle").await;
    let bert = format!("/account/confirm/{}", mailed_token(&world).await);
    assert_eq!(world.post(&anna, &[]).send().await.status, StatusCode::SEE_OTHER);

    let lost = world.post(&bert, &[]).send().await;
    assert_eq!(lost.status, StatusCode::CONFLICT);
    assert!(lost.text.contains("Somebody was faster") && !lost.text.contains("username-problem"), "{}", lost.text);
    for (name, says) in [("THISTLE", "Somebody has this name"), ("root", "spoke for the site"), ("", "3 to 32 characters")] {
        let reply = world.post(&bert, &[("_username", name)]).send().await;
        assert!(reply.status == StatusCode::CONFLICT && reply.text.contains(says), "{name}: {}", reply.text);
    }
    let named = world.post(&bert, &[("_username", "bert")]).send().await;
    assert_eq!((named.status, named.header("location")), (StatusCode::SEE_OTHER, "/account"));
    assert_eq!(world.post(&bert, &[("_username", "bertram")]).send().await.status, StatusCode::GONE);
}

#[tokio::test]
async fn of_two_registrations_of_one_address_the_slower_is_told_that_there_is_an_account() {
    let world = world();
    apply(&world, "anna@example.org", "anna").await;
    let first = format!("/account/confirm/{}", mailed_token(&world).await);
    apply(&world, "anna@example.org", "hannah").await;
    let second = format!("/account/confirm/{}", mailed_token(&world).await);
    assert_eq!(world.post(&second, &[]).send().await.status, StatusCode::SEE_OTHER);
    let late = world.post(&first, &[]).send().await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("You have an account already"), "{}", late.text);
}

#[tokio::test]
async fn what_nobody_confirmed_is_forgotten_with_its_link_and_its_letter() {
    let world = world();
    apply(&world, "anna@example.org", "anna").await;
    let before = world.state.accounts.forget_what_nobody_followed(at("2026-03-11T17:29:59Z")).await.expect("done");
    assert_eq!(before, (0, 0));
    let after = world.state.accounts.forget_what_nobody_followed(at("2026-03-11T17:30:00Z")).await.expect("done");
    assert_eq!(after.0, 1);
    assert_eq!(world.people.count_jobs(JOB).await.expect("a count"), (0, 0));
}

#[tokio::test]
async fn the_way_back_to_the_site_survives_the_mail_and_leads_nowhere_else() {
    let world = world();
    for (asked, kept) in [("/board?page=2", Some("/board?page=2")), ("//evil.example", None), ("https://evil.example", None)] {
        let verdict = verdict(&world).await;
        let name = format!("anna{}", kept.map_or(asked.len(), |_| 1));
        let email = format!("{name}@example.org");
        let fields = [("_age", verdict.as_str()), ("_email", &email), ("_username", &name), ("return", asked)];
        world.post("/account/register", &fields).send().await;
        let Some(Letter::Confirm { token, return_to }) = letter(&world).await else { panic!("a letter") };
        assert_eq!(return_to.as_deref(), kept);
        let path =
            format!("/account/confirm/{token}?{}", form_urlencoded::Serializer::new(String::new()).append_pair("return", asked).finish());
        let page = world.get(&path).send().await;
        assert_eq!(page.field("return").as_deref(), kept);
        let done = world.post(&path, &[("return", asked)]).send().await;
        assert_eq!(done.header("location"), kept.unwrap_or("/account"));
    }
}

#[tokio::test]
async fn too_many_tries_are_asked_to_wait_in_plain_words() {
    let world = world();
    let verdict = verdict(&world).await;
    let fields = [("_age", verdict.as_str()), ("_email", "anna@example.org"), ("_username", "anna")];
    let mut last = world.post("/account/register", &fields).send().await;
    for number in 0..30 {
        let email = format!("a{number}@example.org");
        last = world.post("/account/register", &[fields[0], ("_email", &email), ("_username", "anna")]).send().await;
    }
    assert_eq!((last.status, last.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "30"), "one browser writes to no more than some");
    assert!(last.text.contains("Please wait"), "{}", last.text);
    let later = world.post("/account/register", &fields).at(at("2026-03-10T17:50:00Z")).send().await;
    assert_eq!(later.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_address_gets_no_more_than_some_letters_of_a_kind_and_nobody_can_tell_from_outside() {
    let world = world();
    let verdict = verdict(&world).await;
    registered(&world, "bert@example.org", "bert").await;
    let letters = async || world.people.count_jobs(JOB).await.expect("a count").0;
    for (ten, email, name) in [(4, "anna@example.org", "anna"), (5, "bert@example.org", "bert-two")] {
        let before = letters().await;
        for time in 0..7 {
            let email = if time % 2 == 0 {
                email.to_owned()
            } else {
                format!("{}+{time}@EXAMPLE.org", email.split('@').next().unwrap_or_default().to_uppercase())
            };
            let fields = [("_age", verdict.as_str()), ("_email", &email), ("_username", name)];
            let reply = world.post("/account/register", &fields).at(at(&format!("2026-03-10T17:{ten}{time}:00Z"))).send().await;
            assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/account/check-mail?for=registration"));
        }
        assert!(letters().await - before <= 5, "{email}");
    }
    let before = letters().await;
    let asked = world.post("/account/sign-in", &[("_email", "bert@example.org")]).at(at("2026-03-10T17:58:00Z")).send().await;
    assert_eq!((asked.status, letters().await - before), (StatusCode::SEE_OTHER, 1), "letters of another kind are another matter");
}

#[tokio::test]
async fn a_form_that_sends_no_letter_uses_up_nobodys_letters() {
    let world = world();
    let verdict = verdict(&world).await;
    for time in 0..9 {
        let fields = [("_age", verdict.as_str()), ("_email", "anna@example.org"), ("_username", "!")];
        let reply = world.post("/account/register", &fields).at(at(&format!("2026-03-10T18:0{time}:00Z"))).send().await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let fields = [("_age", verdict.as_str()), ("_email", "anna@example.org"), ("_username", "anna")];
    world.post("/account/register", &fields).at(at("2026-03-10T18:09:30Z")).send().await;
    assert!(matches!(letter(&world).await, Some(Letter::Confirm { .. })));
}

#[tokio::test]
async fn the_pages_speak_their_readers_language() {
    let world = world();
    let asked = world.get("/account/register?language=es").send().await;
    assert!(asked.text.contains("¿Cuándo nació?") && asked.text.contains("action=\"/account/register/age?language=es\""), "{}", asked.text);
    let form = world.post("/account/register/age?language=es", &OF_AGE).send().await;
    assert!(form.text.contains("No hay contraseña."), "{}", form.text);
    let verdict = form.field("_age").expect("a verdict");
    let fields = [("_age", verdict.as_str()), ("_email", "anna@example.org"), ("_username", "anna")];
    let mailed = world.post("/account/register?language=es", &fields).send().await;
    assert_eq!(mailed.header("location"), "/account/check-mail?for=registration&language=es");
    let job = job(&world, at(NOW)).await.expect("a job");
    let registration = world.people.registration(job.owner.expect("an owner")).await.expect("read").expect("a registration");
    assert_eq!(registration.language, "es", "so is the mail");
}

#[tokio::test]
async fn where_the_policy_registers_nobody_there_is_no_account_page() {
    let world = World::new();
    for path in ["/account", "/account/register", "/account/sign-in"] {
        assert_eq!(world.get(path).send().await.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!web::owns(&world.state, path), "{path} is the site's");
    }
    assert!(!world.get("/privacy").send().await.text.contains("href=\"/account"));
    let with_accounts = self::world();
    assert!(web::owns(&with_accounts.state, "/account") && web::owns(&with_accounts.state, "/account/register"));
    assert!(!web::owns(&with_accounts.state, "/accounts") && !web::owns(&with_accounts.state, "/"));
    assert!(with_accounts.get("/privacy").send().await.text.contains("<a href=\"/account\">Account</a>"));
}

#[test]
fn the_secret_of_a_link_stays_out_of_the_log() {
    let settings = web::Settings::default();
    for (path, written) in [
        ("/account/confirm/AbC-_123", "/account/confirm/"),
        ("/account/sign-in/x/y", "/account/sign-in/"),
        ("/account/sign-in", "/account/sign-in"),
        ("/account", "/account"),
        ("/accounts/confirm/x", "/accounts/confirm/x"),
        ("/board/confirm/x", "/board/confirm/x"),
    ] {
        assert_eq!(web::without_secret(&settings, path), written);
    }
}
