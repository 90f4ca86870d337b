//! Every answer a decision can give, and which one wins where two would do.

use domain::{Act, Age};
use policy::{Ask, Code, Obligation};

use crate::support::account;
use crate::support::house::{data, house};
use crate::support::people::somebody;

#[test]
fn what_is_not_declared_is_not_permitted() {
    let house = house();
    let anybody = somebody(&house).yes_to("news").yes_to("statistics");
    assert_eq!(anybody.asked(Ask::Unknown), Code::NoSuchUse);
    assert_eq!(anybody.may_we(Act::Process, &["account.username"], "us", "news"), Code::NoSuchUse, "other data");
    assert_eq!(anybody.may_we(Act::Process, &["account.email", "account.username"], "us", "news"), Code::NoSuchUse, "more data");
    assert_eq!(anybody.may_we(Act::Process, &[], "us", "news"), Code::NoSuchUse, "no data");
    assert_eq!(anybody.may_we(Act::Process, &["account.email"], "us", "statistics"), Code::NoSuchUse, "another purpose");
    assert_eq!(anybody.may_we(Act::Share, &["account.email"], "us", "news"), Code::NoSuchUse, "another act");
    assert_eq!(anybody.may_we(Act::Share, &["visit.path"], "parent", "statistics"), Code::NoSuchUse, "another recipient");
    assert_eq!(anybody.may_we(Act::Share, &["visit.path"], "us", "research"), Code::NoSuchUse, "the study is not ours");
    assert_eq!(anybody.may_we(Act::Share, &["visit.path"], "counter", "statistics"), Code::Permitted);
    let purpose = None;
    assert_eq!(
        anybody.asked(Ask::Terms { data: data(&house, &["account.email"]), purpose, recipient: None, act: Act::Process }),
        Code::NoSuchUse
    );
}

#[test]
fn the_first_declared_use_that_covers_the_terms_answers_for_them() {
    let house = house();
    let member = somebody(&house).with_agreement("membership");
    assert_eq!(member.may("members-letter"), Code::Permitted);
    assert_eq!(member.may_we(Act::Process, &["account.email"], "us", "members-area"), Code::NotRegistered, "the account page comes first");
}

#[test]
fn a_never_beats_every_yes() {
    let house = house();
    let eager = somebody(&house).with_account(account(1)).aged(Age::Adult).sending_gpc().yes_to("news");
    assert_eq!(eager.may("list-sale"), Code::Never);
    assert_eq!(eager.may_we(Act::Sell, &["account.email"], "parent", "news"), Code::Never);
    assert_eq!(eager.may_we(Act::Sell, &["account.username"], "parent", "news"), Code::Permitted, "the never is about addresses");
}

#[test]
fn a_never_that_leaves_a_list_out_leaves_nothing_out() {
    let mut house = house();
    house.nevers[0].acts.clear();
    assert_eq!(somebody(&house).yes_to("news").may("news-mail"), Code::Permitted, "it is about third parties and affiliates");
    house.nevers[0].kinds.clear();
    assert_eq!(somebody(&house).yes_to("news").may("news-mail"), Code::Never);
}

#[test]
fn restricted_data_serves_legal_purposes_only() {
    let house = house();
    let person = somebody(&house).with_account(account(1)).restricted().in_a_case();
    assert_eq!(person.may("access-log"), Code::Restricted);
    assert_eq!(person.may("account-page"), Code::Restricted);
    assert_eq!(person.may("court-orders"), Code::Permitted);
    assert_eq!(person.clone().yes_to("news").may("list-sale"), Code::Never, "a never comes first");
    assert_eq!(person.aged(Age::Minor).may("news-mail"), Code::Restricted, "it comes before age");
}

#[test]
fn minors_meet_neither_marketing_nor_personalising() {
    let house = house();
    let minor = somebody(&house).aged(Age::Minor).yes_to("news").yes_to("personalise").yes_to("return-visits");
    assert_eq!(minor.may("news-mail"), Code::Minor);
    assert_eq!(minor.may("suit-you"), Code::Minor);
    assert_eq!(minor.may("come-back"), Code::Permitted);
    assert_eq!(minor.sending_gpc().may("news-mail"), Code::Minor, "it comes before the browser's signal");

    let unknown = somebody(&house).yes_to("news");
    assert_eq!(unknown.may("news-mail"), Code::Permitted);
    assert_eq!(unknown.clone().maybe_a_minor().may("news-mail"), Code::Minor);
    assert_eq!(unknown.maybe_a_minor().aged(Age::Adult).may("news-mail"), Code::Permitted, "an adult's word settles it");
}

#[test]
fn global_privacy_control_stops_marketing_and_passing_on() {
    let house = house();
    let before = somebody(&house).yes_to("news").yes_to("research").yes_to("statistics");
    assert_eq!(before.may("news-mail"), Code::Permitted);
    assert_eq!(before.may("study"), Code::Permitted);
    let signalling = before.sending_gpc();
    assert_eq!(signalling.may("news-mail"), Code::GlobalPrivacyControl);
    assert_eq!(signalling.may("study"), Code::GlobalPrivacyControl, "a third party would get it");
    assert_eq!(signalling.may_we(Act::Sell, &["account.username"], "parent", "news"), Code::GlobalPrivacyControl);
    assert_eq!(signalling.may("visitor-statistics"), Code::Permitted, "a processor works for us");
    assert_eq!(signalling.may("access-log"), Code::Permitted, "we keep it");
    assert_eq!(signalling.clone().no_to("news").may("news-mail"), Code::GlobalPrivacyControl, "it comes before the basis");
    let deliberate = signalling.yes_to("news");
    assert_eq!(deliberate.may("news-mail"), Code::Permitted, "they said yes while sending it");
    assert_eq!(deliberate.may("study"), Code::GlobalPrivacyControl, "but to that purpose alone");
    assert_eq!(deliberate.no_to("news").may("news-mail"), Code::GlobalPrivacyControl, "and took it back");

    let outdated = somebody(&house).sending_gpc().yes_to_version("news", 1);
    assert_eq!(outdated.may("news-mail"), Code::GlobalPrivacyControl, "that yes was to other words");
}

#[test]
fn consent_is_a_yes_that_still_counts() {
    let house = house();
    let person = somebody(&house);
    assert_eq!(person.may("news-mail"), Code::ConsentMissing);
    assert_eq!(person.clone().yes_to("statistics").may("news-mail"), Code::ConsentMissing, "a yes to something else");
    assert_eq!(person.clone().yes_to_version("news", 1).may("news-mail"), Code::ConsentOutdated);
    assert_eq!(person.clone().yes_to_version("news", 2).may("news-mail"), Code::Permitted, "version 3 changed nothing here");
    assert_eq!(person.clone().yes_to_version("news", 4).may("news-mail"), Code::ConsentOutdated, "to words nobody has seen");
    assert_eq!(person.clone().yes_to("news").no_to("news").may("news-mail"), Code::ConsentRefused);
    assert_eq!(person.clone().yes_to("news").objects_to("news").may("news-mail"), Code::ConsentRefused);
    assert_eq!(person.clone().yes_to("news").opts_out_of("news").may("news-mail"), Code::OptedOut);
    let elsewhere = person.with_account(account(1)).yes_to("news").withdraws_elsewhere("news");
    assert_eq!(elsewhere.may("news-mail"), Code::ConsentRefused);
}

#[test]
fn legitimate_interests_ask_first_or_offer_a_way_out() {
    let house = house();
    let californian = somebody(&house).in_region("us-ca");
    assert_eq!(californian.may("visitor-statistics"), Code::Permitted);
    assert_eq!(californian.clone().no_to("statistics").may("visitor-statistics"), Code::Objected);
    assert_eq!(californian.clone().objects_to("statistics").may("visitor-statistics"), Code::Objected);
    assert_eq!(californian.opts_out_of("statistics").may("visitor-statistics"), Code::OptedOut);

    let german = somebody(&house).in_region("de");
    assert_eq!(german.may("visitor-statistics"), Code::ChoiceUnmade);
    assert_eq!(german.clone().yes_to("statistics").may("visitor-statistics"), Code::Permitted);
    assert_eq!(german.clone().yes_to_version("statistics", 1).may("visitor-statistics"), Code::ChoiceUnmade, "the words changed");
    assert_eq!(german.yes_to("statistics").objects_to("statistics").may("visitor-statistics"), Code::Objected);
    assert_eq!(somebody(&house).may("visitor-statistics"), Code::ChoiceUnmade, "nobody knows where they are");
}

#[test]
fn compelling_grounds_stand_against_an_objection_but_never_for_marketing() {
    let house = house();
    let german = somebody(&house).in_region("de");
    assert_eq!(german.may("access-log"), Code::Permitted, "it needs no answer");
    assert_eq!(german.clone().objects_to("operate").no_to("operate").may("access-log"), Code::Permitted);
    assert_eq!(german.clone().opts_out_of("operate").may("access-log"), Code::OptedOut);
    assert_eq!(german.may("posters"), Code::ChoiceUnmade);
    assert_eq!(german.in_region("us-ca").objects_to("posters").may("posters"), Code::Objected);
}

#[test]
fn a_contract_lives_as_long_as_its_account_or_agreement() {
    let house = house();
    let stranger = somebody(&house);
    assert_eq!(stranger.may("account-page"), Code::NotRegistered);
    assert_eq!(stranger.may("members-letter"), Code::AgreementMissing);
    let member = stranger.with_account(account(1)).with_agreement("membership");
    assert_eq!(member.may("account-page"), Code::Permitted);
    assert_eq!(member.may("members-letter"), Code::Permitted);
    for ended in [member.clone().closed(), member.closed_elsewhere()] {
        assert_eq!(ended.may("account-page"), Code::AccountClosed);
        assert_eq!(ended.may("members-letter"), Code::AccountClosed);
    }
}

#[test]
fn a_legal_basis_needs_its_case() {
    let house = house();
    assert_eq!(somebody(&house).may("court-orders"), Code::CaseMissing);
    assert_eq!(somebody(&house).in_a_case().may("court-orders"), Code::Permitted);
}

#[test]
fn a_new_recipient_gets_no_older_data() {
    let house = house();
    let person = somebody(&house).yes_to_version("research", 2);
    assert_eq!(person.may("study"), Code::Permitted);
    assert_eq!(person.clone().with_data_of_version(3).may("study"), Code::Permitted);
    assert_eq!(person.clone().with_data_of_version(2).may("study"), Code::OlderData);
    assert_eq!(person.clone().with_data_of_version(2).no_to("research").may("study"), Code::ConsentRefused, "the basis comes first");
    assert_eq!(person.with_data_of_version(2).yes_to_version("research", 3).may("study"), Code::Permitted, "they said yes since");
}

#[test]
fn a_permit_says_what_it_obliges_to() {
    let house = house();
    let person = somebody(&house).in_a_case().yes_to("news").yes_to("personalise").yes_to("research");
    let obliged = |name| person.decision(Ask::Use(house.use_named(name).expect("a use"))).obligations.iter().collect::<Vec<_>>();
    assert_eq!(obliged("access-log"), []);
    assert_eq!(obliged("news-mail"), [Obligation::OfferOptOut]);
    assert_eq!(obliged("suit-you"), [Obligation::ExplainWhy]);
    assert_eq!(obliged("study"), [Obligation::RecordDisclosure]);
    assert_eq!(obliged("court-orders"), [Obligation::RecordDisclosure, Obligation::NameTheCase]);
    assert_eq!(obliged("list-sale"), [], "a refusal obliges to nothing");
}

#[test]
fn a_decision_explains_itself() {
    let house = house();
    let ana = somebody(&house).with_account(account(1)).aged(Age::Adult).yes_to("news").in_region("de");
    let on_sale =
        Ask::Terms { data: data(&house, &["account.email"]), purpose: None, recipient: house.recipient_named("parent"), act: Act::Sell };
    let the_use = |name| Ask::Use(house.use_named(name).expect("a declared use"));
    let asks = [the_use("news-mail"), the_use("visitor-statistics"), the_use("list-sale"), on_sale, Ask::Unknown];
    let answers: Vec<String> =
        asks.into_iter().map(|ask| serde_json::to_string_pretty(&ana.decision(ask)).expect("a decision is JSON")).collect();
    insta::assert_snapshot!(answers.join("\n"));
}

#[test]
fn every_code_has_a_sentence() {
    let house = house();
    let nobody = somebody(&house);
    let member = somebody(&house).with_account(account(1)).with_agreement("membership");
    let told = [
        nobody.clone().in_region("de").decision_on("access-log"),
        nobody.clone().yes_to("news").decision_on("list-sale"),
        nobody.clone().restricted().decision_on("news-mail"),
        nobody.clone().aged(Age::Minor).decision_on("news-mail"),
        nobody.clone().sending_gpc().decision_on("news-mail"),
        nobody.decision_on("news-mail"),
        nobody.clone().no_to("news").decision_on("news-mail"),
        nobody.clone().yes_to_version("news", 1).decision_on("news-mail"),
        nobody.clone().opts_out_of("news").decision_on("news-mail"),
        nobody.clone().objects_to("statistics").decision_on("visitor-statistics"),
        nobody.decision_on("visitor-statistics"),
        nobody.decision_on("account-page"),
        nobody.decision_on("members-letter"),
        member.closed().decision_on("account-page"),
        nobody.decision_on("court-orders"),
        nobody.yes_to_version("research", 2).with_data_of_version(1).decision_on("study"),
    ];
    let missing: Vec<&str> = Code::ALL
        .iter()
        .map(|code| code.name())
        .filter(|code| *code != Code::NoSuchUse.name() && !told.iter().any(|line| line.starts_with(&format!("{code}: "))))
        .collect();
    assert_eq!(missing, [""; 0], "codes without an example here");
    insta::assert_snapshot!(told.join("\n"));
}
