//! Who may be written to about their own account.

use domain::{Act, Basis, Field};
use policy::model::{Never, Policy};
use policy::{Sealed, Set, letter_permit};

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
