//! Facts as JSON: what is asked must be clear, and what is not known refuses.

use domain::{Act, Age, Timestamp, Version};
use policy::model::Policy;
use policy::{Ask, Code, Revocations, decide, read_facts};
use proptest::prelude::*;

use crate::support::house::{data, house, named, to};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

fn asked(policy: &Policy, json: &str) -> Code {
    let document = read_facts(policy, json, now()).expect("facts");
    decide(policy, &Revocations::default(), &document.facts()).code
}

fn why_not(policy: &Policy, json: &str) -> String {
    read_facts(policy, json, now()).expect_err("no facts").to_string()
}

#[test]
fn facts_say_everything_a_decision_looks_at() {
    let house = house();
    let json = r#"{
        "use": "news-mail",
        "person": {
            "age": "adult", "minor_signal": true, "registered": true, "closed": true, "restricted": true,
            "consents": { "news": { "at": "2026-02-01T00:00:00Z", "version": 2, "gpc": true } },
            "refusals": ["statistics"], "objections": ["operate"], "opted_out": ["research"], "agreements": ["membership"]
        },
        "gpc": true, "region": "US-CA", "collected_under": 2, "case": "2026-17", "at": "2026-02-02T00:00:00Z"
    }"#;
    let document = read_facts(&house, json, now()).expect("facts");
    let facts = document.facts();
    assert_eq!(facts.ask, Ask::Use(house.use_named("news-mail").expect("a use")));
    assert_eq!(facts.at, "2026-02-02T00:00:00Z".parse().expect("a time"));
    assert_eq!((facts.gpc, facts.case, facts.collected_under), (true, true, Some(Version(2))));
    assert_eq!(facts.region.to_string(), "us-ca");
    let person = &facts.person;
    assert_eq!((person.age, person.minor_signal, person.registered), (Age::Adult, true, true));
    assert_eq!((person.closed, person.restricted), (true, true));
    assert_eq!(person.consents.len(), 1);
    assert_eq!((person.consents[0].purpose, person.consents[0].version, person.consents[0].gpc), (named(&house, "news"), Version(2), true));
    assert_eq!(person.refusals.iter().collect::<Vec<_>>(), [named(&house, "statistics")]);
    assert_eq!(person.objections.iter().collect::<Vec<_>>(), [named(&house, "operate")]);
    assert_eq!(person.opted_out.iter().collect::<Vec<_>>(), [named(&house, "research")]);
    assert_eq!(person.agreements.iter().next(), house.agreement_named("membership"));
}

#[test]
fn what_facts_leave_out_is_a_stranger_of_today() {
    let house = house();
    let document = read_facts(&house, r#"{"use": "news-mail"}"#, now()).expect("facts");
    let facts = document.facts();
    assert_eq!((facts.person.age, facts.person.registered, facts.gpc, facts.case), (Age::Unknown, false, false, false));
    assert_eq!((facts.collected_under, facts.at), (None, now()));
    assert!(facts.region.is_unknown() && facts.person.consents.is_empty());
    assert_eq!(asked(&house, r#"{"use": "news-mail"}"#), Code::ConsentMissing);
    assert_eq!(asked(&house, r#"{"use": "news-mail", "person": {"consents": {"news": {}}}}"#), Code::Permitted, "a yes to today's words");
}

#[test]
fn terms_name_data_and_purpose_and_perhaps_who_gets_it() {
    let house = house();
    let ask = |json: &str| read_facts(&house, json, now()).expect("facts").facts().ask;
    let terms = |fields: &[&str], purpose: &str, recipient: Option<&str>, act| Ask::Terms {
        data: data(&house, fields),
        purpose: Some(named(&house, purpose)),
        recipient: recipient.map(|name| to(&house, name)),
        act,
    };
    assert_eq!(ask(r#"{"data": "account.email", "purpose": "news"}"#), terms(&["account.email"], "news", None, Act::Process));
    assert_eq!(
        ask(r#"{"data": ["account.*"], "purpose": "news", "recipient": "us"}"#),
        terms(&["account.email", "account.username"], "news", None, Act::Process)
    );
    assert_eq!(
        ask(r#"{"data": ["visit.path"], "purpose": "statistics", "recipient": "counter"}"#),
        terms(&["visit.path"], "statistics", Some("counter"), Act::Share)
    );
    assert_eq!(
        ask(r#"{"data": ["account.email"], "purpose": "news", "recipient": "parent", "act": "sell"}"#),
        terms(&["account.email"], "news", Some("parent"), Act::Sell)
    );
}

#[test]
fn a_name_the_policy_does_not_know_is_refused() {
    let house = house();
    for json in [
        r#"{"use": "fortune-telling"}"#,
        r#"{"data": "account.shoe-size", "purpose": "news"}"#,
        r#"{"data": ["account.email", "horoscope.*"], "purpose": "news"}"#,
        r#"{"data": "account.email", "purpose": "fortune-telling"}"#,
        r#"{"data": "account.email", "purpose": "news", "recipient": "the-neighbours"}"#,
        r#"{"data": [], "purpose": "news"}"#,
    ] {
        assert_eq!(asked(&house, json), Code::NoSuchUse, "{json}");
    }
}

#[test]
fn what_is_said_about_unknown_purposes_is_passed_over() {
    let house = house();
    let json = r#"{"use": "news-mail", "person": {"consents": {"news": {}, "lotteries": {}}, "refusals": ["horoscopes"]}}"#;
    assert_eq!(asked(&house, json), Code::Permitted);
}

#[test]
fn a_case_is_named_or_there_is_none() {
    let house = house();
    assert_eq!(asked(&house, r#"{"use": "court-orders", "case": "2026-17"}"#), Code::Permitted);
    assert_eq!(asked(&house, r#"{"use": "court-orders", "case": true}"#), Code::Permitted);
    assert_eq!(asked(&house, r#"{"use": "court-orders", "case": false}"#), Code::CaseMissing);
    assert_eq!(asked(&house, r#"{"use": "court-orders", "case": ""}"#), Code::CaseMissing);
}

#[test]
fn unclear_facts_say_what_is_unclear() {
    let house = house();
    let told = [
        "{}",
        r#"{"use": "news-mail", "purpose": "news"}"#,
        r#"{"use": "news-mail", "act": "sell"}"#,
        r#"{"data": "account.email"}"#,
        r#"{"use": "news-mail", "region": "Bavaria"}"#,
        r#"{"use": "news-mail", "person": {"aeg": "minor"}}"#,
        r#"{"use": "news-mail", "Gpc": true}"#,
        "yes",
    ]
    .map(|json| format!("{json}\n    {}", why_not(&house, json)));
    insta::assert_snapshot!(told.join("\n"));
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in ".{0,200}") {
        let _ = read_facts(&house(), &text, now());
    }
}
