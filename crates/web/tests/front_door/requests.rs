//! Reporting a child's account, and following the report.

use app::minors::{CaseState, Progress};
use app::people::Token;
use axum::http::StatusCode;

use crate::register::{registered, world};
use crate::world::{NOW, Reply, World, at};

const FORM: &str = "/privacy/requests";

pub(crate) async fn report(world: &World, fields: &[(&str, &str)]) -> Reply {
    let fields: Vec<(&str, &str)> = [("kind", "report-a-minor")].into_iter().chain(fields.iter().copied()).collect();
    world.post(FORM, &fields).send().await
}

fn token(reply: &Reply) -> Token {
    let path = reply.header("location").strip_prefix("/privacy/requests/").unwrap_or_else(|| panic!("{}", reply.text));
    Token::parse(path.split('?').next().expect("a first part")).expect("a reference")
}

#[tokio::test]
async fn somebody_reports_an_account_and_follows_the_report() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    let asked = world.get(FORM).header("sec-fetch-site", "none").send().await;
    assert_eq!(asked.status, StatusCode::OK);
    insta::assert_snapshot!(asked.page());

    let sent = report(&world, &[("_about", "anna"), ("_message", "She is in my class."), ("_email", "aunt@example.org")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let page = world.get(sent.header("location")).send().await;
    assert!(
        page.text.contains("Thank you. We have your report") && page.text.contains("https://clinic.example/privacy/requests/"),
        "{}",
        page.text
    );
    assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("no-referrer", "private, no-store"));
    let path = format!("/privacy/requests/{}", token(&sent).text());
    let page = world.get(&path).send().await;
    insta::assert_snapshot!(page.page().replace(&token(&sent).text(), "REFERENCE"));

    let cases = world.state.minors.cases(0, 100).await.expect("read");
    assert_eq!((cases.len(), cases[0].state), (1, CaseState::Open));
    let anna = world.people.account(cases[0].subject.expect("an account")).await.expect("read").expect("an account");
    assert_eq!(anna.closed, None, "a report alone changes nothing");
    assert_eq!(web::without_secret(&world.state.settings, &path), "/privacy/requests/", "the log does not learn the address");
}

#[tokio::test]
async fn nothing_tells_whether_there_is_such_an_account() {
    let world = world();
    registered(&world, "anna@example.org", "anna").await;
    for about in ["anna", "anna@example.org", "zebedee", "zebedee@example.org", "https://clinic.example/people/42"] {
        let sent = world.post(FORM, &[("kind", "report-a-minor"), ("_about", about)]).at(at("2026-03-10T18:30:00Z")).send().await;
        assert_eq!((sent.status, sent.text.as_str()), (StatusCode::SEE_OTHER, ""), "{about}");
        let page = world.get(&format!("/privacy/requests/{}", token(&sent).text())).send().await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Received") && !page.text.contains(about), "{about}");
        assert_eq!(world.state.minors.progress(&token(&sent)).await.expect("read").map(|(progress, _)| progress), Some(Progress::Received));
    }
}

#[tokio::test]
async fn how_often_is_the_same_for_everybody() {
    for about in ["anna", "nobody"] {
        let world = world();
        registered(&world, "anna@example.org", "anna").await;
        let mut sent = 0;
        let refused = loop {
            let reply = report(&world, &[("_about", about)]).await;
            if reply.status != StatusCode::SEE_OTHER {
                break reply;
            }
            sent += 1;
        };
        assert_eq!((sent, refused.status, refused.header("retry-after")), (5, StatusCode::TOO_MANY_REQUESTS, "600"), "{about}");
        assert!(refused.text.contains("Please wait 10 minutes"), "{}", refused.text);
        assert_eq!(world.state.minors.cases(0, 100).await.expect("read").len(), 1, "they are one case");
    }
}

#[tokio::test]
async fn what_is_missing_or_too_long_comes_back_with_what_was_written() {
    let world = world();
    let nothing = report(&world, &[("_about", "  "), ("_message", "She is <eleven>.")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        nothing.text.contains("Please write which account you mean.") && nothing.text.contains("She is &#60;eleven&#62;."),
        "{}",
        nothing.text
    );
    let long = report(&world, &[("_about", "anna"), ("_message", &"x".repeat(2_001))]).await;
    assert!(long.status == StatusCode::UNPROCESSABLE_ENTITY && long.text.contains("room for 2000 characters"), "{}", long.text);
    let address = report(&world, &[("_about", "anna"), ("_email", "no address")]).await;
    assert!(address.text.contains("This is not an e-mail address."), "{}", address.text);
    let program = report(&world, &[("_about", "anna"), ("_website", "https://spam.example")]).await;
    assert!(
        program.status == StatusCode::UNPROCESSABLE_ENTITY && program.text.contains("If you are a person, please empty it"),
        "{}",
        program.text
    );
    assert_eq!(world.state.minors.cases(0, 100).await.expect("read"), [], "nothing was kept");
    assert_eq!(report(&world, &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.post(FORM, &[("kind", "access"), ("_about", "anna")]).send().await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_form_of_another_site_reports_nothing() {
    let world = world();
    let fields = [("kind", "report-a-minor"), ("_about", "anna")];
    let forged = world.bare_post(FORM, &fields).header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(world.bare_post(FORM, &fields).send().await.status, StatusCode::FORBIDDEN, "an old browser shows the form's token");
    let form = world.get(FORM).send().await;
    let cookie = form.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let token = form.field("_token").expect("a token");
    let fields = [("kind", "report-a-minor"), ("_about", "anna"), ("_token", &token)];
    assert_eq!(world.bare_post(FORM, &fields).cookie(&cookie).send().await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn only_what_the_policy_keeps_is_asked_for() {
    let without = |rules: &str| {
        rules.replace(r#""kind", "email", "residency", "message", "time", "answer""#, r#""kind", "residency", "time", "answer""#)
    };
    let world = World::with_accounts(without);
    let form = world.get(FORM).send().await;
    assert!(form.text.contains("name=\"_about\"") && !form.text.contains("name=\"_message\"") && !form.text.contains("name=\"_email\""));
    let sent = report(&world, &[("_about", "somebody"), ("_message", "She is eleven."), ("_email", "aunt@example.org")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let case = world.state.minors.cases(0, 100).await.expect("read")[0].id;
    let file = world.state.minors.case(case).await.expect("read").expect("a case");
    assert!(file.reports[0].message.is_none() && file.reports[0].about.is_none() && !file.reports[0].wants_answer);
}

#[tokio::test]
async fn the_form_is_there_where_the_policy_has_it_and_speaks_four_languages() {
    let world = world();
    let policy = world.get("/privacy").send().await;
    assert!(policy.text.contains("href=\"/privacy/requests\"") && policy.text.contains("Report a child’s account"), "{}", policy.text);
    let spanish = world.get("/privacy/requests?language=es").send().await;
    assert!(spanish.text.contains("Avisar de la cuenta de un menor") && spanish.text.contains("lang=\"es\""));
    let none = World::new();
    assert!(!none.get("/privacy").send().await.text.contains("/privacy/requests"));
    let form = none.get(FORM).send().await;
    assert!(form.status == StatusCode::OK && form.text.contains("There is no form here yet.") && form.text.contains("mailto:"));
    assert_eq!(report(&none, &[("_about", "anna")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_reference_of_nobodys_leads_nowhere() {
    let world = world();
    for path in ["/privacy/requests/x", &format!("/privacy/requests/{}", "A".repeat(43))] {
        let page = world.get(path).at(at(NOW)).send().await;
        assert!(page.status == StatusCode::NOT_FOUND && page.text.contains("We know no such report"), "{}", page.text);
    }
}
