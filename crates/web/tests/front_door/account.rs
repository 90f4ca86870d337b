//! What somebody who is signed in does with their account.

use app::choices::Circumstances;
use app::mail::Letter;
use app::people::{Browser, Renamed, Token, username};
use axum::http::StatusCode;
use domain::{Field, Span, Timestamp};
use policy::Sealed;
use policy::cookie::{CookieState, SessionPart};
use records::{Account, AccountState};

use crate::register::{letter, registered, world};
use crate::world::{NOW, Reply, World, at};

/// Eleven minutes after Anna proved who she is, with a ticket that was renewed since.
pub(crate) const LATER: &str = "2026-03-10T17:41:00Z";

pub(crate) struct Anna {
    pub(crate) world: World,
    pub(crate) cookie: String,
    ticket: SessionPart,
}

impl Anna {
    pub(crate) async fn new() -> Self {
        let world = world();
        let reply = registered(&world, "anna@example.org", "anna").await;
        Self { cookie: reply.cookies(), ticket: world.parts(&reply).session.expect("a session"), world }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.world.get(path).header("sec-fetch-site", "none").cookie(&self.cookie).send().await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.world.post(path, fields).cookie(&self.cookie).send().await
    }

    /// The same browser when the proof is too old.
    pub(crate) async fn get_later(&self, path: &str) -> Reply {
        self.world.get(path).cookie(&self.later_cookie()).at(at(LATER)).send().await
    }

    pub(crate) fn later_cookie(&self) -> String {
        let mut parts = self.world.parts_of(&self.cookie);
        parts.session = Some(SessionPart { renewed: at(LATER), ..self.ticket.clone() });
        self.world.cookie(&parts)
    }

    async fn account(&self) -> Option<Account> {
        self.world.people.account(self.ticket.account).await.expect("read")
    }

    /// Somebody else's browser, signed in to the same account.
    async fn another_browser(&self) -> String {
        self.world.post("/account/sign-in", &[("_email", "anna@example.org")]).send().await;
        let Some(Letter::SignIn { token, .. }) = letter(&self.world).await else { panic!("no link") };
        self.world.post(&format!("/account/sign-in/{token}"), &[]).send().await.cookies()
    }
}

fn address(text: &str) -> Sealed<String> {
    Sealed::new(Field::AccountEmail, text.to_owned())
}

fn assert_asks_to_sign_in(reply: &Reply) {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
    assert!(reply.header("location").starts_with("/account/sign-in"), "{}", reply.header("location"));
}

#[tokio::test]
async fn the_account_shows_what_it_holds() {
    let anna = Anna::new().await;
    let reply = anna.get("/account").await;
    assert_eq!((reply.status, reply.header("cache-control")), (StatusCode::OK, "private, no-store"));
    for said in ["anna@example.org", ">anna<", "10 March 2026", "You said that you are old enough", "This browser", "by a mailed link"] {
        assert!(reply.text.contains(said), "{said}: {}", reply.text);
    }
    insta::assert_snapshot!(reply.page());
}

#[tokio::test]
async fn nobody_sees_an_account_without_being_signed_in_and_comes_back_after_signing_in() {
    let anna = Anna::new().await;
    for path in ["", "/username", "/email", "/export", "/export.json", "/delete"] {
        let reply = anna.world.get(&format!("/account{path}")).send().await;
        assert_asks_to_sign_in(&reply);
        assert!(!reply.text.contains("anna"));
    }
    let reply = anna.world.get("/account/username").send().await;
    assert_eq!(reply.header("location"), "/account/sign-in?return=%2Faccount%2Fusername");
}

#[tokio::test]
async fn every_page_speaks_the_language_of_its_reader() {
    let anna = Anna::new().await;
    for (path, title) in [
        ("/account", "Su cuenta"),
        ("/account/username", "Cambiar su nombre de usuario"),
        ("/account/email", "Cambiar su correo electrónico"),
        ("/account/export", "Llévese sus datos"),
        ("/account/delete", "Borrar su cuenta"),
    ] {
        let reply = anna.get(&format!("{path}?language=es")).await;
        assert!(reply.status == StatusCode::OK && reply.text.contains(title), "{path}: {}", reply.text);
        assert!(reply.text.contains("lang=\"es\""));
    }
}

#[tokio::test]
async fn a_ticket_whose_session_ended_opens_nothing() {
    let anna = Anna::new().await;
    anna.world.people.end_session(anna.ticket.session).await.expect("ended");
    assert_asks_to_sign_in(&anna.get("/account").await);
    assert_asks_to_sign_in(&anna.post("/account/delete", &[("_confirm", "yes")]).await);
    assert_eq!(anna.account().await.map(|account| account.state), Some(AccountState::Open));
    assert!(!anna.get("/privacy/me").await.text.contains("anna@example.org"));
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let anna = Anna::new().await;
    let posts: [(&str, &[(&str, &str)]); 6] = [
        ("/account/username", &[("_username", "mallory")]),
        ("/account/email", &[("_email", "mallory@example.org")]),
        ("/account/sessions", &[("_end", "all")]),
        ("/account/delete", &[("_confirm", "yes")]),
        ("/account/prove", &[]),
        ("/account/sign-out", &[]),
    ];
    for (path, fields) in posts {
        let reply = anna.world.bare_post(path, fields).header("sec-fetch-site", "cross-site").cookie(&anna.cookie).send().await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}");
    }
    let account = anna.account().await.expect("an account");
    assert_eq!((account.state, account.email), (AccountState::Open, Some(address("anna@example.org"))));
    assert_eq!(letter(&anna.world).await, None);
    assert_eq!(anna.get("/account").await.status, StatusCode::OK, "she is signed in");
}

#[tokio::test]
async fn a_new_username_is_in_the_ticket_at_once_and_one_that_is_taken_is_refused() {
    let anna = Anna::new().await;
    registered(&anna.world, "ben@example.org", "ben").await;
    let reply = anna.post("/account/username", &[("_username", "Ännchen")]).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/account?done=username"));
    let parts = anna.world.parts(&reply);
    let ticket = parts.session.expect("a ticket");
    assert_eq!(ticket.username, Sealed::new(Field::AccountUsername, "Ännchen".to_owned()));
    assert_eq!((ticket.session, ticket.account), (anna.ticket.session, anna.ticket.account));

    for (wanted, status, said) in [
        ("BEN", StatusCode::CONFLICT, "Somebody has this name"),
        ("no", StatusCode::UNPROCESSABLE_ENTITY, "3 to 32"),
        ("admin", StatusCode::UNPROCESSABLE_ENTITY, "spoke for the site"),
        ("<script>", StatusCode::UNPROCESSABLE_ENTITY, "made of letters"),
    ] {
        let reply = anna.post("/account/username", &[("_username", wanted)]).await;
        assert!(reply.status == status && reply.text.contains(said), "{wanted}: {}", reply.text);
        assert!(!reply.text.contains("<script>") && reply.text.contains("aria-invalid"));
    }
    assert!(anna.get("/account?done=username").await.text.contains("Your username is changed."));
}

#[tokio::test]
async fn whoever_renames_an_account_that_is_closed_meanwhile_is_signed_out_like_everybody_else() {
    let anna = Anna::new().await;
    let (accounts, session) = (&anna.world.state.accounts, anna.ticket.session);
    let holder = accounts.holder(session, at(NOW)).await.expect("read").expect("signed in");
    anna.world.people.close(anna.ticket.account, at(NOW)).await.expect("closed");
    let wanted = username("Ännchen", "Harbour Clinic").expect("a name");
    assert_eq!(accounts.change_username(&holder, wanted, at(NOW)).await.expect("answered"), Renamed::Closed);
    let reply = anna.post("/account/username", &[("_username", "Ännchen")]).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/account/sign-in?return=%2Faccount%2Fusername"));
}

async fn ask_for(anna: &Anna, email: &str) -> (Reply, Vec<Letter>) {
    let reply = anna.post("/account/email", &[("_email", email)]).await;
    let mut letters = Vec::new();
    while let Some(letter) = letter(&anna.world).await {
        letters.push(letter);
    }
    (reply, letters)
}

fn confirming(letters: &[Letter]) -> String {
    let token = letters.iter().find_map(|letter| if let Letter::ConfirmEmail { token } = letter { Some(token) } else { None });
    format!("/account/email/{}", token.expect("a link to the new address"))
}

#[tokio::test]
async fn a_new_address_counts_when_its_link_was_followed_and_the_old_one_can_take_it_back() {
    let anna = Anna::new().await;
    let other = anna.another_browser().await;
    let (reply, letters) = ask_for(&anna, "new@example.org").await;
    assert!(reply.status == StatusCode::OK && reply.text.contains("Look into the mail of your new address"), "{}", reply.text);
    assert!(letters.contains(&Letter::EmailChanging), "the old address is told: {letters:?}");
    let path = confirming(&letters);
    for _ in 0..3 {
        let looked = anna.world.get(&path).send().await;
        assert!(looked.status == StatusCode::OK && looked.text.contains("Use this address"), "looking uses nothing up");
        assert_eq!(looked.header("referrer-policy"), "no-referrer");
    }
    assert_eq!(anna.account().await.and_then(|account| account.email), Some(address("anna@example.org")));

    let followed = anna.world.post(&path, &[]).send().await;
    assert!(followed.text.contains("The e-mail address is changed"), "{}", followed.text);
    assert_eq!(anna.account().await.and_then(|account| account.email), Some(address("new@example.org")));
    assert_eq!(anna.world.post(&path, &[]).send().await.status, StatusCode::GONE, "it works once");

    let Some(Letter::EmailChanged { token }) = letter(&anna.world).await else { panic!("the old address is not told") };
    let back = format!("/account/email/back/{token}");
    let after_a_week = Span::days(7).after(at(NOW));
    let looked = anna.world.state.accounts.can_take_email_back(&Token::parse(&token).expect("a token"), after_a_week).await;
    assert!(!looked.expect("read"), "it works for a week");
    assert!(anna.world.get(&back).send().await.text.contains("Take it back"));
    let taken = anna.world.post(&back, &[]).send().await;
    assert!(taken.text.contains("has its old address again"), "{}", taken.text);
    assert_eq!(anna.account().await.and_then(|account| account.email), Some(address("anna@example.org")));
    for cookie in [&anna.cookie, &other] {
        assert_asks_to_sign_in(&anna.world.get("/account").cookie(cookie).send().await);
    }
}

#[tokio::test]
async fn nothing_tells_whether_a_new_address_has_an_account_until_its_mail_is_read() {
    let anna = Anna::new().await;
    registered(&anna.world, "ben@example.org", "ben").await;
    let (free, of_free) = ask_for(&anna, "free@example.org").await;
    let (known, of_known) = ask_for(&anna, "ben@example.org").await;
    assert_eq!((free.status, &free.headers, &free.text), (known.status, &known.headers, &known.text));
    assert_eq!(of_free.len(), of_known.len());
    assert_eq!(anna.world.get(&confirming(&of_free)).send().await.status, StatusCode::GONE, "only the newest link works");
    let followed = anna.world.post(&confirming(&of_known), &[]).send().await;
    assert!(followed.status == StatusCode::CONFLICT && followed.text.contains("Another account has this address"), "{}", followed.text);
    assert_eq!(anna.account().await.and_then(|account| account.email), Some(address("anna@example.org")));
}

#[tokio::test]
async fn an_address_that_is_none_or_the_same_is_refused_and_nobody_is_written_to() {
    let anna = Anna::new().await;
    for (email, said) in [("nonsense", "not an e-mail address"), ("", "Please write"), ("anna@EXAMPLE.org", "your address already")] {
        let (reply, letters) = ask_for(&anna, email).await;
        assert!(reply.status == StatusCode::UNPROCESSABLE_ENTITY && reply.text.contains(said), "{email}: {}", reply.text);
        assert_eq!(letters, []);
    }
}

#[tokio::test]
async fn what_cannot_be_taken_back_needs_a_fresh_proof_which_leads_back() {
    let anna = Anna::new().await;
    for path in ["/account/email", "/account/export", "/account/export.json", "/account/delete"] {
        let reply = anna.get_later(path).await;
        assert!(reply.status == StatusCode::FORBIDDEN && reply.text.contains("Please show that it is you"), "{path}: {}", reply.text);
    }
    assert_eq!(anna.get_later("/account").await.status, StatusCode::OK, "looking needs none");
    let delete = anna.world.post("/account/delete", &[("_confirm", "yes")]).cookie(&anna.later_cookie()).at(at(LATER)).send().await;
    assert_eq!(delete.status, StatusCode::FORBIDDEN);
    assert_eq!(anna.account().await.map(|account| account.state), Some(AccountState::Open));

    let asked = anna.get_later("/account/delete").await;
    let return_to = asked.field("return").expect("the way back");
    assert_eq!(return_to, "/account/delete");
    let sent = anna.world.post("/account/prove", &[("return", &return_to)]).cookie(&anna.later_cookie()).at(at(LATER)).send().await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, "/account/check-mail?for=sign-in"));
    let Some(Letter::SignIn { token, return_to }) = letter(&anna.world).await else { panic!("no link") };
    assert_eq!(return_to.as_deref(), Some("/account/delete"));
    let fields = [("return", "/account/delete")];
    let path = format!("/account/sign-in/{token}");
    let proved = anna.world.post(&path, &fields).cookie(&anna.later_cookie()).at(at(LATER)).send().await;
    assert_eq!(proved.header("location"), "/account/delete");
    let reply = anna.world.get("/account/delete").cookie(&proved.cookies()).at(at(LATER)).send().await;
    assert!(reply.status == StatusCode::OK && reply.text.contains("This cannot be undone"), "{}", reply.text);
}

async fn sessions(anna: &Anna) -> usize {
    anna.world.state.accounts.sessions(anna.ticket.account, at(NOW)).await.expect("read").len()
}

#[tokio::test]
async fn one_other_browser_is_signed_out_or_all_of_them_or_all_with_this_one() {
    let anna = Anna::new().await;
    let (second, third) = (anna.another_browser().await, anna.another_browser().await);
    let page = anna.get("/account").await.text;
    assert_eq!(page.matches("Sign it out").count(), 2, "this browser has the button of its own");
    for hidden in [anna.ticket.session.0, anna.world.parts_of(&second).session.expect("a session").session.0] {
        let text: String = hidden.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!page.contains(&text), "no session's number is on a page");
    }

    let name = app::people::short_name(anna.world.parts_of(&second).session.expect("a session").session);
    let reply = anna.post("/account/sessions", &[("_end", &name)]).await;
    assert_eq!(reply.header("location"), "/account?done=session");
    assert_asks_to_sign_in(&anna.world.get("/account").cookie(&second).send().await);
    assert_eq!(anna.world.get("/account").cookie(&third).send().await.status, StatusCode::OK);

    let reply = anna.post("/account/sessions", &[("_end", "others")]).await;
    assert_eq!(reply.header("location"), "/account?done=others");
    assert_asks_to_sign_in(&anna.world.get("/account").cookie(&third).send().await);
    assert_eq!((anna.get("/account").await.status, sessions(&anna).await), (StatusCode::OK, 1));

    let reply = anna.post("/account/sessions", &[("_end", "all")]).await;
    assert_eq!(reply.header("location"), "/account/sign-in?signed-out=1");
    assert!(anna.world.parts(&reply).session.is_none() && anna.world.parts(&reply).choices.is_some(), "a no stays");
    assert_eq!(sessions(&anna).await, 0);
}

#[tokio::test]
async fn shutting_the_others_out_takes_a_fresh_proof_and_signing_out_here_does_not() {
    let anna = Anna::new().await;
    let second = anna.another_browser().await;
    let theirs = app::people::short_name(anna.world.parts_of(&second).session.expect("a session").session);
    for wanted in ["others", "all", &theirs] {
        let reply = anna.world.post("/account/sessions", &[("_end", wanted)]).cookie(&anna.later_cookie()).at(at(LATER)).send().await;
        assert!(reply.status == StatusCode::FORBIDDEN && reply.text.contains("Please show that it is you"), "{wanted}: {}", reply.text);
        assert_eq!(reply.field("return").as_deref(), Some("/account"));
    }
    assert_eq!(sessions(&anna).await, 2);
    let own = app::people::short_name(anna.ticket.session);
    let reply = anna.world.post("/account/sessions", &[("_end", &own)]).cookie(&anna.later_cookie()).at(at(LATER)).send().await;
    assert_eq!((reply.header("location"), sessions(&anna).await), ("/account/sign-in?signed-out=1", 1));
}

#[tokio::test]
async fn a_session_ends_after_fourteen_days_without_a_visit_and_after_thirty_whatever_happens() {
    let days = |count: u32| Span::days(count).after(at(NOW));
    let anna = Anna::new().await;
    let accounts = &anna.world.state.accounts;
    let goes_on = async |time: Timestamp| accounts.renew(anna.ticket.session, time).await.expect("read").is_some();
    assert!(!goes_on(days(14) + jiff::SignedDuration::from_secs(1)).await, "left alone for too long");
    for day in [10, 20, 29] {
        assert!(goes_on(days(day)).await, "day {day}");
        accounts.write_seen().await.expect("written");
    }
    assert!(!goes_on(days(30)).await, "whoever was here yesterday signs in again, too");
}

#[tokio::test]
async fn one_browser_too_many_signs_the_first_one_out() {
    let anna = Anna::new().await;
    let account = anna.account().await.expect("an account");
    for second in 1..=app::people::SESSIONS_AT_ONCE_MAX {
        assert_eq!(anna.get("/account").await.status, StatusCode::OK, "there is room for the {second}.");
        let time = at(&format!("2026-03-10T17:30:{second:02}Z"));
        let circumstances = Circumstances { gpc: false, region: domain::Region::parse("DE").expect("a region"), now: time };
        let browser = Browser { policy: &anna.world.policy, cookie: &CookieState::Absent, circumstances };
        anna.world.state.accounts.welcome(account.id, app::people::SignInMethod::Link, browser).await.expect("signed in");
    }
    assert_eq!(sessions(&anna).await, app::people::SESSIONS_AT_ONCE_MAX);
    assert_asks_to_sign_in(&anna.get("/account").await);
}

#[tokio::test]
async fn whoever_changed_how_they_sign_in_can_sign_out_everywhere_else_at_once() {
    let anna = Anna::new().await;
    let offers = |reply: &Reply| {
        let main = reply.text.split("<main").nth(1).expect("a page").to_owned();
        main.contains("value=\"others\"") && main.contains("Sign out everywhere else")
    };
    for said in ["added", "removed"] {
        assert!(!offers(&anna.get(&format!("/account/passkeys?said={said}")).await), "there is no other browser");
    }
    let second = anna.another_browser().await;
    for (said, expected) in [("added", true), ("removed", true), ("renamed", false), ("", false)] {
        assert_eq!(offers(&anna.get(&format!("/account/passkeys?said={said}")).await), expected, "{said}");
    }
    let (_, letters) = ask_for(&anna, "new@example.org").await;
    let changed = anna.post(&confirming(&letters), &[]).await;
    assert!(changed.text.contains("The e-mail address is changed") && offers(&changed), "{}", changed.text);
    assert_eq!(changed.field("_end").as_deref(), Some("others"));
    anna.post("/account/sessions", &[("_end", "others")]).await;
    assert_asks_to_sign_in(&anna.world.get("/account").cookie(&second).send().await);

    let (_, letters) = ask_for(&anna, "newer@example.org").await;
    let elsewhere = anna.world.post(&confirming(&letters), &[]).send().await;
    assert!(elsewhere.text.contains("The e-mail address is changed") && !offers(&elsewhere), "nobody is signed in there");
}

#[tokio::test]
async fn every_page_of_somebody_who_is_signed_in_has_a_button_to_sign_out() {
    let anna = Anna::new().await;
    for path in ["", "/username", "/email", "/export", "/delete", "/passkeys", "/check-mail?for=sign-in", "/email/x", "/email/back/x"] {
        let page = anna.get(&format!("/account{path}")).await.text;
        let head = page.split("<main").next().expect("a head");
        assert!(head.contains("action=\"/account/sign-out\"") && head.contains(">Sign out</button>"), "{path}: {page}");
    }
    let prove = anna.get_later("/account/delete").await;
    assert!(prove.text.contains("action=\"/account/sign-out\""), "{}", prove.text);
    let sure = anna.post("/account/delete", &[]).await;
    assert!(sure.text.contains("action=\"/account/sign-out\""), "{}", sure.text);
    let closed = anna.post("/account/delete", &[("_confirm", "yes")]).await;
    assert!(closed.status == StatusCode::OK && !closed.text.contains("/sign-out"), "there is nothing left to sign out of: {}", closed.text);
    for path in ["/account/sign-in", "/account/register", "/account/check-mail"] {
        assert!(!anna.world.get(path).send().await.text.contains("/sign-out"), "{path}: nobody is signed in");
    }
}

#[tokio::test]
async fn nobody_signs_somebody_else_out() {
    let anna = Anna::new().await;
    let ben = registered(&anna.world, "ben@example.org", "ben").await;
    let name = app::people::short_name(anna.world.parts(&ben).session.expect("a session").session);
    anna.post("/account/sessions", &[("_end", &name)]).await;
    assert_eq!(anna.world.get("/account").cookie(&ben.cookies()).send().await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_file_holds_everything_there_is_about_somebody_and_nothing_of_anybody_else() {
    let anna = Anna::new().await;
    registered(&anna.world, "ben@example.org", "ben").await;
    let account = anna.ticket.account;
    anna.world.record_of(1, Some(account), "2026-03-10T17:30:01Z", "/secret-page");
    anna.world.record_of(2, None, "2026-03-10T17:30:02Z", "/of-nobody");
    anna.another_browser().await;
    anna.post("/privacy/choices", &[("news", "no")]).await;
    anna.world.post("/account/sign-in", &[("_email", "anna@example.org")]).send().await;

    let reply = anna.get("/account/export.json").await;
    assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"account.json\"");
    assert_eq!(reply.header("cache-control"), "private, no-store");
    let file = reply.json();
    assert_eq!(file["account"]["email"], "anna@example.org");
    assert_eq!(file["account"]["username"], "anna");
    assert_eq!(file["age"]["verdict"], "adult");
    assert_eq!(file["sessions"].as_array().map(Vec::len), Some(2));
    assert_eq!(file["links"][0]["kind"], "sign-in");
    assert_eq!(file["waiting"][0]["kind"], "mail");
    let records = file["choices"].as_array().expect("records");
    assert_eq!(records.len(), 2, "of both browsers");
    let answered: Vec<_> = records.iter().flat_map(|record| record["receipt"]["events"].as_array().expect("events")).collect();
    assert_eq!((answered.len(), &answered[0]["purpose_id"]), (1, &serde_json::json!("news")));
    assert_eq!(file["visits"]["visits"][0]["path"], "/secret-page");
    assert_eq!(file["visits"]["visits"].as_array().map(Vec::len), Some(1));
    assert!(file["visits"]["older"].is_null());
    assert!(!reply.text.contains("ben") && !reply.text.contains("/of-nobody"), "{}", reply.text);

    let page = anna.get("/account/export").await.text;
    for said in
        [file["age"]["words_sha256"].as_str().expect("a hash"), "You said that you are old enough to register.", "/privacy/versions/1"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    for said in
        ["anna@example.org", "News about our services", "you said no", "A link that signs you in", "A letter that is still to be sent"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test]
async fn what_was_agreed_is_shown_wherever_the_account_is() {
    let anna = Anna::new().await;
    let paths = ["/account", "/account/export", "/privacy/me"];
    for path in paths {
        assert!(!anna.get(path).await.text.contains("What was agreed"), "{path}: there is nothing");
    }
    let (since, until) = (crate::world::at("2026-03-09T08:00:00Z"), crate::world::at("2026-12-31T08:00:00Z"));
    let name = domain::Id::parse("home-monitor-plan").expect("an id");
    anna.world.state.accounts.begin_agreement(anna.ticket.account, name, Some(until), since).await.expect("begun");
    for path in paths {
        let page = anna.get(path).await.text;
        for said in ["What was agreed", "home-monitor-plan", "This rests on a contract", "9 March 2026", "31 December 2026"] {
            assert!(page.contains(said), "{path}: {said}: {page}");
        }
    }
}

#[tokio::test]
async fn what_is_held_shows_somebody_their_account_and_their_visits_with_any_browser() {
    let anna = Anna::new().await;
    anna.world.record_of(1, Some(anna.ticket.account), "2026-03-10T17:30:01Z", "/secret-page");
    anna.world.record_of(2, Some(domain::AccountId([9; 16])), "2026-03-10T17:30:02Z", "/of-ben");
    let page = anna.get("/privacy/me").await.text;
    for said in ["anna@example.org", "Visits while you were signed in", "/secret-page", "href=\"/account\""] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("/of-ben"));
    assert!(!page.contains("Why we cannot show more"), "what is shown is not said to be unknown: {page}");
    assert!(!anna.world.get("/privacy/me").send().await.text.contains("/secret-page"));
}

#[tokio::test]
async fn an_account_is_deleted_after_a_second_button_and_gone_with_its_last_letter() {
    let anna = Anna::new().await;
    let other = anna.another_browser().await;
    let first = anna.post("/account/delete", &[]).await;
    assert!(first.status == StatusCode::OK && first.text.contains("There is no way back."), "{}", first.text);
    assert_eq!(anna.account().await.map(|account| account.state), Some(AccountState::Open), "nothing happened yet");
    assert_eq!(first.field("_confirm").as_deref(), Some("yes"));

    let closed = anna.post("/account/delete", &[("_confirm", "yes")]).await;
    assert!(closed.status == StatusCode::OK && closed.text.contains("Your account is closed"), "{}", closed.text);
    assert_eq!(closed.cookie("__Host-candor-visit").as_deref(), Some(""), "the ticket is gone");
    assert_eq!(closed.header("clear-site-data"), "\"cache\", \"storage\"");
    for cookie in [&anna.cookie, &other] {
        assert_asks_to_sign_in(&anna.world.get("/account").cookie(cookie).send().await);
    }

    let erase = async |now: Timestamp| anna.world.state.accounts.erase_closed(now).await.expect("erased");
    assert_eq!(erase(at(NOW)).await, 0, "the letter needs the address");
    assert_eq!(letter(&anna.world).await, Some(Letter::Closed));
    assert_eq!(erase(at(NOW)).await, 1);
    assert_eq!(anna.account().await, None);
    assert_eq!(erase(at(NOW)).await, 0);
    let record = anna.world.parts_of(&anna.cookie).choices.expect("a record").record;
    let rows = anna.world.records.choices_of(record).await.expect("read");
    assert!(rows.iter().all(|row| row.account.is_none()));

    let again = registered(&anna.world, "anna@example.org", "anna").await;
    assert_ne!(anna.world.parts(&again).session.expect("a session").account, anna.ticket.account, "the address is free again");
}

#[tokio::test]
async fn an_account_is_erased_within_a_day_even_where_its_letter_cannot_be_sent() {
    let anna = Anna::new().await;
    anna.post("/account/delete", &[("_confirm", "yes")]).await;
    let accounts = &anna.world.state.accounts;
    let day = Span::hours(24).after(at(NOW));
    assert_eq!(accounts.erase_closed(Span::minutes(1).before(day)).await.expect("read"), 0);
    assert_eq!(accounts.erase_closed(day).await.expect("erased"), 1);
    assert_eq!(letter(&anna.world).await, None, "there is nobody to write to");
}

/// Hears what is told of answers.
#[derive(Default)]
struct Heard(std::sync::Mutex<Vec<String>>);

impl app::people::Endings for Heard {
    fn session(&self, _: domain::SessionId) {}

    fn tickets_of(&self, _: domain::AccountId) {}

    fn account(&self, _: domain::AccountId) {}

    fn refused(&self, _: domain::AccountId, purposes: &[domain::Id]) {
        self.note("no", purposes);
    }

    fn permitted(&self, _: domain::AccountId, purposes: &[domain::Id]) {
        self.note("yes", purposes);
    }
}

impl Heard {
    fn note(&self, answer: &str, purposes: &[domain::Id]) {
        self.0.lock().expect("no panic").extend(purposes.iter().map(|purpose| format!("{answer} {purpose}")));
    }

    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }
}

#[tokio::test]
async fn a_no_in_one_browser_stands_in_the_others_and_a_yes_stays_where_it_was_given() {
    let mut anna = Anna::new().await;
    let heard = std::sync::Arc::new(Heard::default());
    let accounts = app::people::Accounts::new(anna.world.people.clone(), std::sync::Arc::new(domain::SeededRandom::new(77)));
    anna.world.state.accounts = std::sync::Arc::new(accounts.telling(heard.clone()));
    anna.world.router = web::public(anna.world.state.clone());
    let answer = |pair: &str| {
        let parts = anna.world.parts_of(pair);
        let news = domain::Id::parse("news").expect("an id");
        parts.choices.and_then(|choices| choices.answer(&news).map(|choice| choice.answer))
    };
    let choose = async |cookie: &str, answer: &str, time: &str| {
        let reply = anna.world.post("/privacy/choices", &[("news", answer)]).cookie(cookie).at(at(time)).send().await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
        reply.cookies_after(cookie)
    };
    let look = async |cookie: &str, time: &str| {
        let reply = anna.world.get("/privacy/choices").cookie(cookie).at(at(time)).send().await;
        assert_eq!(reply.status, StatusCode::OK);
        reply.cookies_after(cookie)
    };

    let other = anna.another_browser().await;
    let here = choose(&anna.cookie, "yes", "2026-03-10T17:31:00Z").await;
    assert_eq!(heard.taken(), ["yes news"]);
    let other = look(&other, "2026-03-10T17:32:00Z").await;
    assert_eq!(answer(&other), None, "a yes is nobody's but the browser's");

    let other = choose(&other, "no", "2026-03-10T17:33:00Z").await;
    assert_eq!(heard.taken(), ["no news"], "it counts for the account from now on");
    anna.world.state.accounts.renew(anna.ticket.session, at(NOW)).await.expect("renewed");
    assert_eq!(heard.taken(), ["no news"], "whoever was started since hears it with the first ticket");
    let here = look(&here, "2026-03-10T17:34:00Z").await;
    assert_eq!(answer(&here), Some(domain::Answer::No), "the form shows it, and the cookie holds it");

    let here = choose(&here, "yes", "2026-03-10T17:35:00Z").await;
    assert_eq!(heard.taken(), ["yes news"]);
    assert_eq!(answer(&look(&here, "2026-03-10T17:36:00Z").await), Some(domain::Answer::Yes));
    assert_eq!(answer(&look(&other, "2026-03-10T17:36:00Z").await), Some(domain::Answer::No), "the other browser keeps its own no");
}
