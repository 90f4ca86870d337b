//! Personal data stays shut: what would open it without a decision does not compile, and what prints it prints nothing.

use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};

use domain::Field;
use policy::cookie::VisitorPart;
use policy::{Sealed, StorageCapability};

#[test]
fn only_a_decision_opens_personal_data() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

fn email() -> Sealed<&'static str> {
    Sealed::new(Field::AccountEmail, "ana@example.org")
}

#[test]
fn nothing_shows_what_is_sealed() {
    let visitor = VisitorPart::new(domain::VisitorId([0xab; 16]), domain::Timestamp::UNIX_EPOCH);
    let mut shown = String::new();
    writeln!(shown, "{0:?} {0:#?} {0}", email()).expect("a string takes everything");
    writeln!(shown, "{:?} {:?}", Some(email()), email().as_ref()).expect("a string takes everything");
    writeln!(shown, "{}", serde_json::json!({ "email": email(), "list": [email()] })).expect("a string takes everything");
    writeln!(shown, "{visitor:?}").expect("a string takes everything");
    insta::assert_snapshot!(shown);
}

#[test]
fn another_form_of_it_is_as_sealed() {
    let shouted = email().map(str::to_uppercase);
    assert_eq!(shouted.field(), Field::AccountEmail);
    insta::assert_snapshot!(format!("{shouted:?}"), @"Sealed(account.email)");
}

#[test]
fn two_seals_compare_without_being_opened() {
    let hasher = RandomState::new();
    assert_eq!(email(), email());
    assert_eq!(hasher.hash_one(email()), hasher.hash_one(email()));
    assert_ne!(email(), Sealed::new(Field::AccountEmail, "bob@example.org"));
    assert_ne!(email(), Sealed::new(Field::AccountUsername, "ana@example.org"), "another field is other data");
}

#[test]
fn the_stores_reveal_it_by_their_capability() {
    #[expect(clippy::disallowed_methods, reason = "this test wires itself")]
    let capability = StorageCapability::issue();
    assert_eq!(*capability.reveal(&email()), "ana@example.org");
    insta::assert_snapshot!(format!("{capability:?}"), @"StorageCapability");
}
