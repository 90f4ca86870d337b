//! May this field go to this recipient, by this act, for this purpose, for this person?

use domain::Act;

use crate::people::PEOPLE;
use crate::rules::{FIELDS, NEVERS, PURPOSES, RECIPIENTS, USES};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    pub(crate) field: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) recipient: &'static str,
    pub(crate) act: Act,
    pub(crate) person: usize,
}

/// Every question there is.
pub(crate) fn all() -> Vec<Question> {
    let mut questions = Vec::new();
    let recipients = || std::iter::once("us").chain(RECIPIENTS.iter().map(|(id, _)| *id));
    for person in 0..PEOPLE.len() {
        for field in FIELDS {
            for purpose in PURPOSES {
                for recipient in recipients() {
                    let question = |act| Question { field, purpose: purpose.id, recipient, act, person };
                    questions.extend(Act::ALL.map(question));
                }
            }
        }
    }
    questions
}

/// What a site asks: for everybody, each use as it is declared, and each thing it promised never to do.
pub(crate) fn usual() -> Vec<Question> {
    let mut questions = Vec::new();
    for person in 0..PEOPLE.len() {
        questions.extend(USES.iter().map(|rule| Question {
            field: rule.data[0],
            purpose: rule.purpose,
            recipient: rule.recipients[0],
            act: rule.act,
            person,
        }));
        questions.extend(NEVERS.iter().map(|rule| Question {
            field: rule.data[0],
            purpose: "advertising",
            recipient: rule.recipients.first().copied().unwrap_or("broker"),
            act: rule.acts[0],
            person,
        }));
    }
    questions
}
