//! Guardians, and those they answer for: from the form to the day the account is the child's own.

use app::mail::Letter;
use axum::http::StatusCode;
use domain::{AccountId, Age, Answer, Field};
use policy::Sealed;
use policy::cookie::SessionPart;
use records::{Account, AccountState, Dependent};

use crate::account::LATER;
use crate::register::{letter, registered};
use crate::world::{HEALTH_RULES, NOW, Reply, World, at, health};

fn with_guardians() -> World {
    World::with_accounts(|rules| rules.replace("guardians = \"refuse\"", "guardians = \"register\""))
}

/// Anna, and from some point on Kim, who was born in April 2014 and is of age from July 2032 on.
struct Family {
    world: World,
    anna: String,
}

const KIM: [(&str, &str); 3] = [("_username", "kim"), ("_month", "4"), ("_year", "2014")];
const OF_AGE: &str = "2032-07-01T12:00:00Z";

impl Family {
    async fn of_anna() -> Self {
        let world = with_guardians();
        let anna = registered(&world, "anna@example.org", "anna").await.cookies();
        Self { world, anna }
    }

    async fn new() -> Self {
        let family = Self::of_anna().await;
        family.add().await;
        let done = family.world.post(&family.link_to_confirm().await, &[]).send().await;
        assert!(done.status == StatusCode::OK && done.text.contains("The account is open"), "{}", done.text);
        family
    }

    async fn add(&self) {
        let added = self.post("/account/dependents/new", &KIM).await;
        assert_eq!((added.status, added.header("location")), (StatusCode::SEE_OTHER, "/account/dependents/check-mail"), "{}", added.text);
    }

    async fn link_to_confirm(&self) -> String {
        match letter(&self.world).await {
            Some(Letter::ConfirmDependent { token }) => format!("/account/guardian/{token}"),
            other => panic!("no letter to confirm with: {other:?}"),
        }
    }

    async fn get(&self, path: &str) -> Reply {
        self.world.get(path).header("sec-fetch-site", "none").cookie(&self.anna).send().await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.world.post(path, fields).cookie(&self.anna).send().await
    }

    async fn answers(&self, answer: &str, time: &str) {
        let answered = self.world.post(&self.path("/choices").await, &[("map", answer)]).cookie(&self.anna).at(at(time)).send().await;
        assert_eq!(answered.status, StatusCode::SEE_OTHER, "{}", answered.text);
    }

    async fn kim(&self) -> Account {
        let name = app::people::username("kim", &self.world.policy.controller).expect("a name");
        self.world.people.account_by_username(&name.compared).await.expect("read").expect("Kim")
    }

    async fn dependent(&self) -> Dependent {
        self.world.people.dependent(self.kim().await.id).await.expect("read").expect("a dependent")
    }

    async fn path(&self, under: &str) -> String {
        format!("/account/dependents/{}{under}", self.kim().await.id.to_hex())
    }

    async fn code(&self) -> String {
        let shown = self.post(&self.path("/code").await, &[]).await;
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
        let code = shown.text.split("<p class=\"code-shown\"><code>").nth(1).and_then(|rest| rest.split('<').next());
        code.expect("a code").to_owned()
    }

    /// The cookies of Kim's tablet.
    async fn kims_tablet(&self) -> String {
        let code = self.code().await;
        let reply = self.world.post("/account/code", &[("_code", &code)]).send().await;
        assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/account"), "{}", reply.text);
        reply.cookies()
    }

    async fn as_kim(&self, kim: &str, path: &str) -> Reply {
        self.world.get(path).header("sec-fetch-site", "none").cookie(kim).send().await
    }
}

/// What a browser's cookie answers about a purpose.
fn says(world: &World, cookies: &str, purpose: &str) -> Option<Answer> {
    let choices = world.parts_of(cookies).choices?;
    choices.choices.iter().find(|choice| choice.purpose.as_str() == purpose).map(|choice| choice.answer)
}

#[tokio::test]
async fn a_guardian_opens_an_account_and_confirms_it_by_mail() {
    let family = Family::of_anna().await;
    assert!(family.get("/account").await.text.contains("href=\"/account/dependents\""));
    let form = family.get("/account/dependents/new").await;
    assert!(form.status == StatusCode::OK && !form.text.contains("18 "), "{}", form.text);
    family.add().await;
    assert_eq!(family.kim().await.state, AccountState::Waiting);
    let one = family.get(&family.path("").await).await;
    assert!(one.text.contains("Nobody can use this account before") && !one.text.contains("Show a code"), "{}", one.text);
    assert_eq!(family.post(&family.path("/code").await, &[]).await.status, StatusCode::NOT_FOUND);

    let link = family.link_to_confirm().await;
    for _ in 0..2 {
        assert!(family.world.get(&link).send().await.text.contains("Yes, open the account"), "looking uses nothing up");
    }
    assert_eq!(family.world.post(&link, &[]).send().await.status, StatusCode::OK);
    assert_eq!(family.world.post(&link, &[]).send().await.status, StatusCode::GONE);
    let kim = family.dependent().await;
    assert_eq!((kim.account.state, kim.account.email.clone(), kim.account.age.verdict), (AccountState::Open, None, Age::Minor));
    assert_eq!((kim.account.age.method.as_str(), kim.confirmed), ("guardian", Some(at(NOW))));
    let said = ["By pressing the button you say that you are this child’s parent or legal guardian"];
    assert!(form.text.contains(said[0]) && kim.guardianship.words_hash != [0; 32]);
    assert!(letter(&family.world).await.is_none(), "the second letter is a day later");
    let due = family.world.people.due_jobs("mail", at("2026-03-11T17:30:00Z"), 10).await.expect("read");
    assert!(due.iter().any(|job| serde_json::from_slice::<Letter>(&job.payload).is_ok_and(|letter| letter == Letter::DependentConfirmed)));
}

#[tokio::test]
async fn the_letter_to_confirm_is_sent_again_and_the_link_before_is_void() {
    let family = Family::of_anna().await;
    family.add().await;
    let before = family.link_to_confirm().await;
    let (one, again) = (family.path("").await, family.path("/confirm-again").await);
    assert!(family.get(&one).await.text.contains("Send the letter again"));
    let bert = registered(&family.world, "bert@example.org", "bert").await.cookies();
    assert_eq!(family.world.post(&again, &[]).cookie(&bert).send().await.status, StatusCode::NOT_FOUND);
    let sent = family.post(&again, &[]).await;
    assert_eq!(sent.header("location"), format!("{one}?done=sent-again"), "{}", sent.text);
    assert!(family.get(sent.header("location")).await.text.contains("Only the link in the newest one works."));
    let newest = family.link_to_confirm().await;
    assert_eq!(family.world.post(&before, &[]).send().await.status, StatusCode::GONE);
    assert_eq!(family.world.post(&newest, &[]).send().await.status, StatusCode::OK);
    assert!(!family.get(&one).await.text.contains("Send the letter again"), "it is confirmed");
    assert_eq!(family.post(&again, &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn where_guardians_register_nobody_any_more_no_account_opens_and_no_code_is_shown_or_works() {
    let family = Family::new().await;
    let (kim, code) = (family.kims_tablet().await, family.code().await);
    let waits = [("_username", "lea"), ("_month", "4"), ("_year", "2015")];
    assert_eq!(family.post("/account/dependents/new", &waits).await.status, StatusCode::SEE_OTHER);
    let link = family.link_to_confirm().await;
    let one = family.path("").await;
    assert!(family.get(&one).await.text.contains("Show a code to sign in"));

    let family = Family { world: family.world.changed_to(&health(HEALTH_RULES), NOW), anna: family.anna };
    let page = family.get(&one).await;
    assert!(page.status == StatusCode::OK && !page.text.contains("Show a code to sign in"), "{}", page.text);
    assert_eq!(family.post(&format!("{one}/code"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(family.world.post("/account/code", &[("_code", &code)]).send().await.status, StatusCode::NOT_FOUND);
    assert_eq!(family.world.post(&link, &[]).send().await.status, StatusCode::GONE, "nobody new gets in");
    assert_eq!(family.as_kim(&kim, "/account").await.status, StatusCode::OK, "whoever is in stays in");
    assert!(page.text.contains("/erase") && page.text.contains("/choices"), "and the guardian still answers for them");
}

#[tokio::test]
async fn nobody_speaks_of_mailed_links_to_a_child_without_an_address() {
    let family = Family::new().await;
    let kim = family.kims_tablet().await;
    // The same tablet eleven minutes later, when its proof is too old.
    let mut parts = family.world.parts_of(&kim);
    let session = parts.session.take().expect("a session");
    parts.session = Some(SessionPart { renewed: at(LATER), ..session });
    for (time, cookie) in [(NOW, &kim), (LATER, &family.world.cookie(&parts))] {
        let page = family.world.get("/account/passkeys").header("sec-fetch-site", "none").cookie(cookie).at(at(time)).send().await;
        assert_eq!(page.status, StatusCode::OK, "{time}: {}", page.text);
        assert!(page.text.contains("code from your parent or guardian"), "{time}: {}", page.text);
        assert!(
            !page.text.contains("mail you") && !page.text.contains("Mail me") && !page.text.contains("we mail"),
            "{time}: {}",
            page.text
        );
        let leads = page.text.contains("href=\"/account/code?return=%2Faccount%2Fpasskeys\"");
        assert_eq!(leads, time == LATER, "where a code is written, once the proof is too old: {}", page.text);
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_form_is_said_and_whoever_is_of_age_registers_alone() {
    let family = Family::of_anna().await;
    for (fields, says) in [
        ([("_username", "kim"), ("_month", "13"), ("_year", "2014")], "That is not a month somebody was born in."),
        ([("_username", "kim"), ("_month", "4"), ("_year", "2026")], "That is not a month somebody was born in."),
        ([("_username", "anna"), ("_month", "4"), ("_year", "2014")], "Somebody has this name"),
    ] {
        let reply = family.post("/account/dependents/new", &fields).await;
        assert!(reply.status == StatusCode::UNPROCESSABLE_ENTITY && reply.text.contains(says), "{}", reply.text);
    }
    let adult = family.post("/account/dependents/new", &[("_username", "kim"), ("_month", "2"), ("_year", "2008")]).await;
    assert!(adult.text.contains("They can register by themselves"), "{}", adult.text);
    assert!(letter(&family.world).await.is_none(), "nothing is kept");
}

#[tokio::test]
async fn where_guardians_register_nobody_there_are_no_such_pages() {
    let world = crate::register::world();
    let anna = registered(&world, "anna@example.org", "anna").await.cookies();
    for path in ["/account/dependents", "/account/dependents/new", "/account/dependents/check-mail", "/account/code", "/account/take-up"] {
        assert_eq!(world.get(path).cookie(&anna).send().await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(world.post("/account/dependents/new", &KIM).cookie(&anna).send().await.status, StatusCode::NOT_FOUND);
    assert!(!world.get("/account").cookie(&anna).send().await.text.contains("/account/dependents"));
    assert!(!world.get("/account/sign-in").send().await.text.contains("/account/code"));
}

#[tokio::test]
async fn a_child_signs_in_with_a_code_and_is_a_minor_everywhere() {
    let family = Family::new().await;
    let code = family.code().await;
    let written = code.to_lowercase().replace('-', " ");
    let wrong = family.world.post("/account/code", &[("_code", "BCDFG-HJKLM")]).send().await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains("This code does not work"), "{}", wrong.text);
    let reply = family.world.post("/account/code", &[("_code", &written)]).send().await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
    assert_eq!(family.world.parts(&reply).session.expect("a session").age, Age::Minor);
    let again = family.world.post("/account/code", &[("_code", &code)]).send().await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "a code works once");

    let kim = reply.cookies();
    let home = family.as_kim(&kim, "/account").await;
    assert!(home.text.contains("They see everything in it") && !home.text.contains("/account/email"), "{}", home.text);
    assert!(home.text.contains("with a code from a parent or guardian"));
    assert_eq!(family.as_kim(&kim, "/account/email").await.status, StatusCode::FORBIDDEN);
    assert_eq!(family.as_kim(&kim, "/account/dependents/new").await.status, StatusCode::NOT_FOUND, "a child is nobody's guardian");
    let choices = family.as_kim(&kim, "/privacy/choices").await;
    assert!(!choices.text.contains("name=\"news\"") && choices.text.contains("name=\"map\""), "{}", choices.text);
}

#[tokio::test]
async fn a_child_reads_pages_that_are_written_to_a_child() {
    let family = Family::new().await;
    let kim = family.kims_tablet().await;
    for path in ["/account/dependents", "/account/dependents/new"] {
        assert_eq!(family.as_kim(&kim, path).await.status, StatusCode::NOT_FOUND, "{path}: a child has no children");
    }
    let export = family.as_kim(&kim, "/account/export").await.text;
    assert!(export.contains("The account is yours alone from 1 July 2032 on") && !export.contains("child’s own"), "{export}");
    let delete = family.as_kim(&kim, "/account/delete").await.text;
    assert!(delete.contains("Your username and your passkeys are deleted"), "{delete}");
    assert!(!delete.contains("to your address") && !delete.contains("e-mail address and username"), "there is none: {delete}");
    let erase = family.get(&family.path("/erase").await).await.text;
    assert!(erase.contains("Your child’s visits are erased") && !erase.contains("those you made signed in"), "{erase}");
}

#[tokio::test]
async fn a_code_works_for_ten_minutes_and_the_newest_alone() {
    let family = Family::new().await;
    let (old, new) = (family.code().await, family.code().await);
    let try_it = async |code: &str, time: &str| family.world.post("/account/code", &[("_code", code)]).at(at(time)).send().await.status;
    assert_eq!(try_it(&old, NOW).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(try_it(&new, "2026-03-10T17:40:00Z").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(try_it(&new, "2026-03-10T17:39:59Z").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn nobody_but_the_guardian_finds_the_child() {
    let family = Family::new().await;
    let bert = registered(&family.world, "bert@example.org", "bert").await.cookies();
    for under in ["", "/choices", "/export", "/export.json", "/erase"] {
        let path = family.path(under).await;
        assert_eq!(family.world.get(&path).cookie(&bert).send().await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(family.world.get(&path).send().await.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(family.get(&path).await.status, StatusCode::OK, "{path}");
    }
    for under in ["/choices", "/erase", "/sign-out", "/code"] {
        let path = family.path(under).await;
        assert_eq!(family.world.post(&path, &[("_confirm", "yes")]).cookie(&bert).send().await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            family.world.bare_post(&path, &[]).header("origin", "https://evil.example").cookie(&family.anna).send().await.status,
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(family.kim().await.state, AccountState::Open);
    for id in ["nobody", "00", &"0".repeat(32)] {
        assert_eq!(family.get(&format!("/account/dependents/{id}")).await.status, StatusCode::NOT_FOUND, "{id}");
    }
}

#[tokio::test]
async fn a_guardian_answers_purpose_by_purpose_and_never_for_marketing() {
    let family = Family::new().await;
    let path = family.path("/choices").await;
    let form = family.get(&path).await;
    assert!(form.text.contains("Off for children") && form.text.contains("name=\"map\""), "{}", form.text);
    let never = ["news", "offers", "personalise", "advertise"];
    assert!(never.iter().all(|purpose| !form.text.contains(&format!("name=\"{purpose}\""))), "{}", form.text);

    let mut fields = vec![("map", "yes"), ("analytics", "no"), ("nonsense", "yes"), ("operate", "no")];
    fields.extend(never.map(|purpose| (purpose, "yes")));
    assert_eq!(family.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
    let answers = family.world.people.answers_of(family.kim().await.id).await.expect("read");
    let mut kept: Vec<(String, &str, &str)> =
        answers.rows.iter().map(|row| (row.purpose.to_string(), row.action.name(), row.method.name())).collect();
    kept.sort();
    assert_eq!(
        kept,
        [("analytics".to_owned(), "objected", "guardian"), ("map".to_owned(), "given", "guardian")],
        "a forged form changes nothing more"
    );
    assert!(family.post(&path, &fields).await.status == StatusCode::SEE_OTHER);
    assert_eq!(family.world.people.answers_of(family.kim().await.id).await.expect("read").rows.len(), 2, "said again is said once");
    let shown = family.get(&path).await;
    assert!(shown.text.contains("name=\"map\" value=\"yes\" checked"), "{}", shown.text);
    let export = family.get(&family.path("/export.json").await).await;
    assert!(
        export.text.contains("\"collection_method\":\"guardian\"") && export.text.contains("\"entity_id\":\"guardian\""),
        "{}",
        export.text
    );
}

#[tokio::test]
async fn what_the_guardian_allows_reaches_the_child_and_what_the_browser_said_before_does_not() {
    let family = Family::new().await;
    family.post(&family.path("/choices").await, &[("map", "yes")]).await;
    let tablet =
        family.world.post("/privacy/choices", &[("return-visits", "yes"), ("news", "yes"), ("analytics", "no")]).send().await.cookies();
    assert_eq!(says(&family.world, &tablet, "return-visits"), Some(Answer::Yes));
    let code = family.code().await;
    let kim = family.world.post("/account/code", &[("_code", &code)]).cookie(&tablet).send().await.cookies();
    assert_eq!(says(&family.world, &kim, "map"), Some(Answer::Yes));
    assert_eq!(says(&family.world, &kim, "analytics"), Some(Answer::No), "a no stays, whoever said it");
    assert_eq!((says(&family.world, &kim, "return-visits"), says(&family.world, &kim, "news")), (None, None));

    family.post(&family.path("/choices").await, &[("return-visits", "yes")]).await;
    let opened = family.as_kim(&kim, "/privacy/choices").await;
    assert_eq!(says(&family.world, &opened.cookies(), "return-visits"), Some(Answer::Yes), "from when they look on");
}

#[tokio::test]
async fn a_child_says_no_at_any_time_and_yes_only_to_what_the_guardian_allows() {
    let family = Family::new().await;
    family.post(&family.path("/choices").await, &[("map", "yes")]).await;
    let kim = family.kims_tablet().await;
    let post_at = async |time: &str, kim: &str, fields: &[(&str, &str)]| {
        family.world.post("/privacy/choices", fields).cookie(kim).at(at(time)).send().await
    };
    let post = async |kim: &str, fields: &[(&str, &str)]| post_at("2026-03-10T17:31:00Z", kim, fields).await;
    for fields in [&[("return-visits", "yes")][..], &[("news", "yes")], &[("_all", "yes")], &[("map", "yes"), ("news", "yes")]] {
        let reply = post(&kim, fields).await;
        assert!(reply.status == StatusCode::FORBIDDEN && reply.text.contains("Only your parent or guardian can say yes"), "{}", reply.text);
    }
    let mixed = post(&kim, &[("return-visits", "yes"), ("analytics", "no")]).await;
    assert_eq!(mixed.status, StatusCode::FORBIDDEN);
    assert_eq!(says(&family.world, &mixed.cookies(), "analytics"), Some(Answer::No), "the no counts");

    let refused = post(&kim, &[("map", "no")]).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER, "{}", refused.text);
    let list = family.get(&family.path("/choices").await).await;
    assert!(list.text.contains("Your child said no to this."), "{}", list.text);
    family.answers("no", "2026-03-10T17:32:00Z").await;
    family.answers("yes", "2026-03-10T17:33:00Z").await;
    let phone = family.kims_tablet().await;
    assert_eq!(says(&family.world, &phone, "map"), Some(Answer::No), "nobody overrules it");
    let lifted = post_at("2026-03-10T17:34:00Z", &phone, &[("map", "yes")]).await;
    assert_eq!(lifted.status, StatusCode::SEE_OTHER, "they take their own no back: {}", lifted.text);
    let again = family.kims_tablet().await;
    assert_eq!(says(&family.world, &again, "map"), Some(Answer::Yes));
}

#[tokio::test]
async fn a_guardian_sees_all_of_it() {
    let family = Family::new().await;
    let kim = family.kims_tablet().await;
    let id = family.kim().await.id;
    family.world.record_of(9, Some(id), "2026-03-10T17:31:00Z", "/kims-page");
    let page = family.get(&family.path("/export").await).await;
    assert!(page.text.contains("kim") && page.text.contains(&id.to_hex()) && page.text.contains("1 July 2032"), "{}", page.text);
    let hash = family.dependent().await.guardianship.words_hash;
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(page.text.contains(&hash) && page.text.contains("As parent or guardian you agreed on 10 March 2026"), "{}", page.text);
    assert!(!page.text.contains("Your account</h") && !page.text.contains("What you answered"), "it is the child’s: {}", page.text);
    let file: serde_json::Value = serde_json::from_str(&family.get(&family.path("/export.json").await).await.text).expect("JSON");
    assert_eq!((&file["account"]["username"], &file["account"]["email"]), (&"kim".into(), &serde_json::Value::Null));
    assert_eq!(file["dependent"]["passes_on"], "2032-07-01");
    assert_eq!(file["sessions"][0]["method"], "guardian");
    assert_eq!(file["visits"]["visits"][0]["path"], "/kims-page");
    let own: serde_json::Value = serde_json::from_str(&family.get("/account/export.json").await.text).expect("JSON");
    assert_eq!(own["guardian_of"][0]["id"], id.to_hex());
    let kims: serde_json::Value = serde_json::from_str(&family.as_kim(&kim, "/account/export.json").await.text).expect("JSON");
    assert_eq!(kims["account"]["id"], id.to_hex());
    let all = format!("{file}{own}");
    assert!(!all.contains("2014"), "no birthday is kept anywhere: {all}");
}

#[tokio::test]
async fn a_guardian_signs_the_child_out_and_erases_the_account_in_two_steps() {
    let family = Family::new().await;
    let kim = family.kims_tablet().await;
    assert_eq!(family.post(&family.path("/sign-out").await, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(family.as_kim(&kim, "/account").await.status, StatusCode::SEE_OTHER, "signed out at once");
    let path = family.path("/erase").await;
    assert!(family.post(&path, &[]).await.text.contains("Are you sure?"));
    assert_eq!(family.kim().await.state, AccountState::Open);
    assert!(family.post(&path, &[("_confirm", "yes")]).await.text.contains("The account is closed"));
    let mut letters = Vec::new();
    while let Some(letter) = letter(&family.world).await {
        letters.push(letter);
    }
    assert!(letters.contains(&Letter::DependentClosed), "{letters:?}");
    assert_eq!(family.get(&path).await.status, StatusCode::NOT_FOUND);
    let id = family.kim().await.id;
    assert_eq!(family.world.state.accounts.erase_closed(at(NOW)).await.expect("erased"), 1);
    assert_eq!(family.world.people.account(id).await.expect("read"), None);
}

#[tokio::test]
async fn a_child_may_delete_the_account_and_a_guardian_who_goes_takes_it_along() {
    let family = Family::new().await;
    let kim = family.kims_tablet().await;
    assert!(family.as_kim(&kim, "/account/delete").await.text.contains("Your parent or guardian gets a mail about it."));
    assert!(family.get("/account/delete").await.text.contains("The accounts you are the guardian of are deleted together with yours."));
    family.post("/account/delete", &[("_confirm", "yes")]).await;
    assert_eq!(family.kim().await.state, AccountState::Closed);

    let family = Family::new().await;
    let kim = family.kims_tablet().await;
    let closed = family.world.post("/account/delete", &[("_confirm", "yes")]).cookie(&kim).send().await;
    assert_eq!((closed.status, family.kim().await.state), (StatusCode::OK, AccountState::Closed), "{}", closed.text);
    let mut letters = Vec::new();
    while let Some(letter) = letter(&family.world).await {
        letters.push(letter);
    }
    assert!(letters.contains(&Letter::DependentClosed), "the guardian is told: {letters:?}");
}

#[tokio::test]
async fn whoever_is_confirmed_by_nobody_is_gone_after_a_day() {
    let family = Family::of_anna().await;
    family.add().await;
    let look = async |time: &str| family.world.state.accounts.look_after_dependents(&family.world.policy, at(time)).await.expect("done");
    assert_eq!(look("2026-03-11T17:29:00Z").await.forgotten, 0);
    let id: AccountId = family.kim().await.id;
    assert_eq!(look("2026-03-11T17:30:00Z").await.forgotten, 1);
    assert_eq!(family.world.people.account(id).await.expect("read"), None);
    assert_eq!(family.world.post(&family.link_to_confirm().await, &[]).send().await.status, StatusCode::GONE);
}

#[tokio::test]
async fn on_the_day_the_account_is_the_childs_own_and_the_guardian_sees_nothing_more() {
    let family = Family::new().await;
    family.post(&family.path("/choices").await, &[("map", "yes")]).await;
    let accounts = &family.world.state.accounts;
    let look = async |time: &str| accounts.look_after_dependents(&family.world.policy, at(time)).await.expect("done");
    assert_eq!(look("2032-05-30T12:00:00Z").await.passed, 0);
    assert_eq!(family.dependent().await.told, None);
    look("2032-06-02T12:00:00Z").await;
    assert!(family.dependent().await.told.is_some(), "a month before, the guardian is told");
    assert_eq!(look(OF_AGE).await.passed, 1);
    assert_eq!(look(OF_AGE).await.passed, 0);
    assert_eq!(family.get(&family.path("").await).await.status, StatusCode::NOT_FOUND);
    assert_eq!(family.kim().await.age.verdict, Age::Minor, "nobody said otherwise yet");
    assert_eq!(look("2032-09-29T11:00:00Z").await.closed, 0);
    assert_eq!(look("2032-09-30T12:00:00Z").await.closed, 1, "what nobody takes up is erased");
}

#[tokio::test]
async fn the_account_is_taken_up_with_an_address_and_the_childs_own_word() {
    let family = Family::new().await;
    family.post(&family.path("/choices").await, &[("map", "yes")]).await;
    let kim = family.kims_tablet().await;
    assert_eq!(family.as_kim(&kim, "/account/take-up").await.status, StatusCode::NOT_FOUND, "not before it passed");
    family.world.state.accounts.look_after_dependents(&family.world.policy, at(OF_AGE)).await.expect("done");
    while letter(&family.world).await.is_some() {}
    assert!(family.as_kim(&kim, "/account").await.text.contains("This account is yours now"));
    let asked = family.world.post("/account/take-up", &[("_email", "kim@example.org")]).cookie(&kim).send().await;
    assert!(asked.text.contains("Look into your mail"), "{}", asked.text);
    let Some(Letter::TakeUp { token }) = letter(&family.world).await else { panic!("no letter") };
    let path = format!("/account/take-up/{token}");
    let shown = family.world.get(&path).send().await;
    assert!(shown.text.contains("you are of the age our policy asks for"), "{}", shown.text);
    let taken = family.world.post(&path, &[]).cookie(&kim).send().await;
    assert_eq!((taken.status, taken.header("location")), (StatusCode::SEE_OTHER, "/account"), "{}", taken.text);
    let own = family.kim().await;
    assert_eq!((own.age.verdict, own.age.method.as_str(), own.guardian), (Age::Adult, "came-of-age", None));
    assert_eq!(own.email, Some(Sealed::new(Field::AccountEmail, "kim@example.org".to_owned())));
    assert_eq!(family.world.parts(&taken).session.expect("a session").age, Age::Adult);
    assert_eq!(says(&family.world, &taken.cookies(), "map"), None, "what the guardian allowed has ended");
    assert_eq!(family.as_kim(&kim, "/account").await.status, StatusCode::SEE_OTHER, "and every older session with it");
    assert_eq!(family.world.post(&path, &[]).send().await.status, StatusCode::GONE);
}
