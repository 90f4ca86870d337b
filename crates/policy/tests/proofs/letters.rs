//! Who may be written to about their own account.

use domain::{Act, Basis, Field};
use policy::model::{DataField, Duty, DutyKind, Never, Policy};
use policy::{Sealed, Set, case_permit, letter_permit, request_permit};

use crate::support::house::house;
use crate::support::id;

fn address() -> Sealed<String> {
    Sealed::new(Field::AccountEmail, "anna@example.org".to_owned())
}

fn without_uses(such: impl Fn(&policy::model::Use) -> bool) -> Policy {
    let mut house = house();
    house.uses.retain(|rule| !such(rule));
    house
}

#[test]
fn letters_about_an_account_open_its_address_and_nothing_else() {
    let permit = letter_permit(&house()).expect("the account rests on a contract");
    assert_eq!(address().open(&permit), Ok(&"anna@example.org".to_owned()));
    let name = Sealed::new(Field::AccountUsername, "anna".to_owned());
    assert!(name.open(&permit).is_err());
}

#[test]
fn neither_a_consent_to_news_nor_another_agreement_is_a_reason_for_them() {
    let house = without_uses(|rule| rule.id == *"account-page");
    assert!(house.uses.iter().any(|rule| rule.basis == Basis::Consent && rule.id == *"news-mail"));
    assert!(house.uses.iter().any(|rule| rule.agreement.is_some() && rule.id == *"members-letter"));
    assert!(letter_permit(&house).is_none());
}

#[test]
fn a_never_keeps_them_back() {
    let mut house = house();
    let data = house.field_named("account.email").into_iter().collect::<Set<_>>();
    house.nevers.push(Never {
        id: id("no-letters"),
        title: None,
        data,
        acts: vec![Act::Process],
        kinds: Vec::new(),
        recipients: Set::EMPTY,
    });
    assert!(letter_permit(&house).is_none());
}

/// Whoever is suppressed still gets letters about their account; so none of these can be an advertisement.
#[test]
fn letters_about_an_account_are_never_marketing() {
    let mut house = house();
    let rule = house.uses.iter().find(|rule| rule.id == *"account-page").expect("it is there").purpose;
    house.purposes[rule.get()].marketing = true;
    assert!(letter_permit(&house).is_none());
}

#[test]
fn whoever_looks_into_a_report_sees_the_name_and_what_was_written_and_never_the_address() {
    let (name, written) =
        (Sealed::new(Field::AccountUsername, "anna".to_owned()), Sealed::new(Field::RequestMessage, "a child".to_owned()));
    let mut house = house();
    assert!(case_permit(&house).is_none() && request_permit(&house).is_none(), "no such duty, and no request is kept");
    let kind = DutyKind::ReportAMinor;
    house.duties.push(Duty { id: id("report-a-minor"), kind, title: house.uses[0].title.clone() });
    let permit = case_permit(&house).expect("the duty");
    assert!(name.open(&permit).is_ok() && address().open(&permit).is_err() && written.open(&permit).is_err());

    for (field, reserved) in [("message", Field::RequestMessage), ("email", Field::RequestEmail)] {
        house.fields.push(DataField { data: id("request"), name: field.to_owned(), reserved: Some(reserved), statutory: None });
    }
    let data: Set<DataField> = ["request.message", "request.email"].iter().filter_map(|field| house.field_named(field)).collect();
    let mut rule = house.uses.iter().find(|rule| rule.id == *"account-page").expect("it is there").clone();
    (rule.id, rule.data) = (id("requests"), data);
    house.uses.push(rule);
    let permit = case_permit(&house).expect("the duty");
    assert!(written.open(&permit).is_ok() && address().open(&permit).is_err());
    let reporter = Sealed::new(Field::RequestEmail, "aunt@example.org".to_owned());
    assert!(reporter.open(&permit).is_err(), "an operator does not see who reported");
    let permit = request_permit(&house).expect("the use");
    assert!(reporter.open(&permit).is_ok() && address().open(&permit).is_err(), "the answer goes to it");
}
