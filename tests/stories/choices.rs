//! What becomes of an answer: it is kept, shown again to whoever gave it, and outlives the process.

use serde_json::Value;
use stories::{Database, Form, Place, Request, Site, Visitor, eventually};

stories::on_both! {
    an_answer_survives_a_kill,
    a_receipt_shows_every_answer,
    an_answer_cannot_be_given_twice_by_one_form,
    opting_back_in_takes_a_second_step,
    what_was_recorded_is_counted,
    the_browsers_signal_opts_it_out_and_is_shown_to_have,
}

fn receipt(visitor: &mut Visitor<'_>) -> Value {
    let receipt = visitor.send(Request::get("/privacy/choices/receipt.json"));
    assert_eq!(receipt.status, 200, "{}", String::from_utf8_lossy(&receipt.body));
    receipt.json()
}

fn events(receipt: &Value) -> Vec<(String, String)> {
    let text = |event: &Value, name: &str| event[name].as_str().expect("text").to_owned();
    let events = receipt["events"].as_array().expect("a list of events");
    events.iter().map(|event| (text(event, "purpose_id"), text(event, "event_type"))).collect()
}

fn told(events: &[(&str, &str)]) -> Vec<(String, String)> {
    events.iter().map(|(purpose, event)| ((*purpose).to_owned(), (*event).to_owned())).collect()
}

fn answer(purpose: &str, answer: &str) -> Request {
    Request::form("/privacy/choices", &[(purpose.to_owned(), answer.to_owned())])
}

fn an_answer_survives_a_kill(database: Database) {
    let (place, site) = (Place::health_on(database), Site::new());
    let mut cookies = Vec::new();
    let mut server = place.serve(&site);
    // Each answer is followed by the kill as closely as we can.
    for round in 1..=5 {
        let answered = answer("analytics", "yes").send(server.public());
        assert_eq!(answered.status, 303);
        server.kill();
        cookies.push(answered.cookies().expect("the answer set a cookie"));
        server = place.serve(&site);
        for cookie in &cookies {
            let receipt = Request::get("/privacy/choices/receipt.json").cookie(Some(cookie)).send(server.public());
            assert_eq!(receipt.status, 200);
            assert_eq!(events(&receipt.json()), told(&[("analytics", "given")]), "round {round}");
        }
    }
}

fn a_receipt_shows_every_answer(database: Database) {
    let (place, site) = (Place::health_on(database), Site::new());
    let server = place.serve(&site);
    let mut visitor = Visitor::of(&server);
    visitor.choose("map", "yes");
    let withdrawn = visitor.send(answer("map", "no"));
    assert_eq!(withdrawn.header("clear-site-data"), Some("\"cache\""));
    visitor.choose("news", "no");
    let receipt = eventually("a no is written down meanwhile", std::time::Duration::from_secs(10), || {
        let receipt = receipt(&mut visitor);
        (events(&receipt).len() > 2).then_some(receipt)
    });
    assert_eq!(receipt["schema_version"], "ISO/IEC TS 27560:2023");
    assert_eq!(events(&receipt), told(&[("news", "refused"), ("map", "withdrawn"), ("map", "given")]));
    let page = visitor.open("/privacy/choices/receipt").text();
    assert!(page.contains("you took your yes back") && page.contains("SHA-256"), "{page}");
    let nobody = Request::get("/privacy/choices/receipt").send(server.public());
    assert_eq!(nobody.status, 404);
    assert!(!nobody.text().contains("you said"));
}

fn an_answer_cannot_be_given_twice_by_one_form(database: Database) {
    let (place, site) = (Place::health_on(database), Site::new());
    let server = place.serve(&site);
    let form = Form::of(&Request::get("/privacy/choices").send(server.public())).choose("analytics", "yes");
    let cookie = form.post(None).send(server.public()).cookies().unwrap();
    let replayed = form.post(Some(&cookie)).send(server.public());
    assert_eq!(replayed.status, 409, "it was made before that answer");
    let unknown = answer("nothing-we-know", "yes").cookie(Some(&cookie)).send(server.public());
    assert_eq!((unknown.status, unknown.cookies()), (400, None));
    let forged =
        Request::bare_form("/privacy/choices", &[("analytics".to_owned(), "no".to_owned()), ("_token".to_owned(), "AAAA".to_owned())]);
    let forged = forged.cookie(Some(&cookie)).send(server.public());
    assert_eq!((forged.status, forged.cookies()), (403, None));
    let receipt = Request::get("/privacy/choices/receipt.json").cookie(Some(&cookie)).send(server.public());
    assert_eq!(events(&receipt.json()), told(&[("analytics", "given")]), "nothing but the first was written");
}

fn opting_back_in_takes_a_second_step(database: Database) {
    let (place, site) = (Place::health_on(database), Site::new());
    let server = place.serve(&site);
    let mut visitor = Visitor::of(&server);
    visitor.send(answer("advertise", "no").header("Sec-GPC", "1"));
    let first = visitor.send(answer("advertise", "yes"));
    assert_eq!(first.status, 409);
    assert!(first.text().contains("Are you sure?"), "{}", first.text());
    visitor.open("/still-off");
    assert!(!site.last("/still-off").header("candor-purposes").expect("always sent").contains("advertise"));
    let fields = [("advertise", "yes"), ("_confirm", "yes")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(visitor.send(Request::form("/privacy/choices", &fields)).status, 303);
    visitor.open("/on-again");
    assert!(site.last("/on-again").header("candor-purposes").expect("always sent").contains("advertise"));
}

fn what_was_recorded_is_counted(database: Database) {
    let (place, site) = (Place::health_on(database), Site::new());
    let server = place.serve(&site);
    answer("analytics", "no").send(server.public());
    answer("news", "yes").send(server.public());
    eventually("both are counted", std::time::Duration::from_secs(5), || {
        let metrics = Request::get("/metrics").send(server.private()).text();
        (metrics.contains("candor_choices_recorded_total 2\n") && metrics.contains("candor_choices_unrecorded_total 0\n")).then_some(())
    });
}

fn the_browsers_signal_opts_it_out_and_is_shown_to_have(database: Database) {
    let (place, site) = (Place::health_on(database), Site::new());
    let server = place.serve(&site);
    let mut visitor = Visitor::of(&server);
    visitor.choose("news", "yes");
    let page = Request::get("/with-the-signal").header("Sec-Fetch-Dest", "document").header("Accept", "text/html").header("Sec-GPC", "1");
    visitor.send(page);
    visitor.open("/without-it");
    let told = site.last("/without-it").header("candor-purposes").expect("always sent").to_owned();
    assert!(!told.contains("news") && !told.contains("advertise"), "its absence is no consent: {told}");
    let shown = eventually("the signal is recorded", std::time::Duration::from_secs(10), || {
        let receipt = receipt(&mut visitor);
        (events(&receipt).len() > 2).then_some(receipt)
    });
    assert!(events(&shown).contains(&("news".to_owned(), "withdrawn".to_owned())), "{shown}");
    assert!(events(&shown).contains(&("advertise".to_owned(), "opted-out".to_owned())), "{shown}");
    assert_eq!(shown["events"][0]["entity_id"], "browser-signal");

    let choices = visitor.open("/privacy/choices");
    let saved = visitor.send(Form::of(&choices).choose("map", "no").post(None));
    assert_eq!(saved.status, 303, "a form is as old as the last answer, whoever gave it");
    let first_page = Visitor::of(&server).send(Request::get("/privacy/choices").header("Accept", "text/html").header("Sec-GPC", "1"));
    let cookie = first_page.cookies().expect("the choices page is a page, too");
    let form = Form::of(&first_page).choose("map", "no").post(Some(&cookie));
    assert_eq!(form.send(server.public()).status, 303, "the form knows the cookie that came with it");
}

#[test]
fn records_that_cannot_be_opened_are_told_without_a_password() {
    let place = Place::health();
    let arguments = |records| {
        ["serve", "--upstream", "http://127.0.0.1:9", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--records", records]
    };
    let nowhere = place.candor(&arguments("postgres://candor:s3cret@127.0.0.1:1/candor"));
    assert!(matches!(nowhere.code, Some(1 | 2)), "{nowhere:#?}");
    assert!(nowhere.stderr.contains("the records at postgres://candor@127.0.0.1:1/candor cannot be opened"), "{nowhere:#?}");
    let odd = place.candor(&arguments("mysql://candor:s3cret@127.0.0.1/candor"));
    assert!(odd.stderr.contains("expected \"sqlite:PATH\" or \"postgres://USER@HOST/NAME\""), "{odd:#?}");
    for told in [nowhere, odd] {
        assert!(!format!("{told:?}").contains("s3cret"), "{told:#?}");
    }
}
