//! Registering, signing in and signing out. No page, header or work of these tells whether an address has an account.

pub(crate) mod age;
pub(crate) mod confirm;
pub(crate) mod follow;
pub(crate) mod form;
pub(in crate::pages) mod here;
pub(crate) mod mailed;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(in crate::pages) mod told;

use app::people::{BadEmail, BadUsername, EMAIL_BYTES_MAX, USERNAME_CHARACTERS_MAX, USERNAME_CHARACTERS_MIN};
use policy::Policy;
use policy::model::DutyKind;

use crate::phrases::{RegisterWords, Sentence};

use here::Form;

/// The kind of deed that letters are limited as.
const LETTER: &str = "letter";

pub(in crate::pages) const EMAIL: &str = "_email";
pub(in crate::pages) const USERNAME: &str = "_username";

/// Whether the policy lets people register.
pub(crate) fn has_accounts(policy: &Policy) -> bool {
    policy.duties.iter().any(|duty| duty.kind == DutyKind::Register)
}

/// A field as its form shows it again.
#[derive(Debug, Default)]
pub(in crate::pages) struct Typed {
    pub(in crate::pages) typed: String,
    pub(in crate::pages) problem: Option<String>,
}

impl Typed {
    pub(in crate::pages) fn of(form: &Form, name: &str, problem: Option<String>) -> Self {
        Self { typed: form.get(name).unwrap_or_default().to_owned(), problem }
    }
}

pub(in crate::pages) fn email_problem(why: BadEmail, words: &RegisterWords) -> String {
    let problems = &words.problems;
    match why {
        BadEmail::Missing => problems.email_missing.to_owned(),
        BadEmail::TooLong => problems.email_too_long.with(&[("most", &EMAIL_BYTES_MAX.to_string())]),
        BadEmail::Malformed => problems.email_malformed.to_owned(),
        BadEmail::Domain => problems.email_domain.to_owned(),
    }
}

pub(in crate::pages) fn username_problem(why: BadUsername, words: &RegisterWords) -> String {
    let problems = &words.problems;
    match why {
        BadUsername::Length => of_length(problems.username_length),
        BadUsername::Characters => problems.username_characters.to_owned(),
        BadUsername::MixedScripts => problems.username_mixed.to_owned(),
        BadUsername::Reserved => problems.username_reserved.to_owned(),
    }
}

pub(in crate::pages) fn of_length(sentence: Sentence) -> String {
    sentence.with(&[("least", &USERNAME_CHARACTERS_MIN.to_string()), ("most", &USERNAME_CHARACTERS_MAX.to_string())])
}
