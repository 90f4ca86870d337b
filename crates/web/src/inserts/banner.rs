use askama::Template;
use domain::ChoiceMethod;
use policy::Set;
use policy::model::Purpose;

use super::{Inserts, Marked, rendered};
use crate::features::no_cookie;
use crate::phrases::Phrases;

#[derive(Template)]
#[template(path = "insert_banner.html")]
struct Banner<'a> {
    phrases: &'static Phrases,
    policy_language: Marked,
    prefix: &'a str,
    title: String,
    /// The titles of what is asked about.
    purposes: Vec<&'a str>,
    /// One for yes and one for no; none where the page may send none.
    forms: Option<[Answering<'a>; 2]>,
    choices: String,
    /// Shown to whoever comes back from an answer without a cookie.
    no_cookie: Option<String>,
}

/// A form that gives one answer to everything that is asked.
struct Answering<'a> {
    fields: Vec<(&'a str, String)>,
    /// What its button says.
    label: &'static str,
}

/// Yes and no answer exactly what is asked about, and nothing else that could be answered.
pub(super) fn banner(inserts: &Inserts, due: Set<Purpose>) -> String {
    let policy = &inserts.asker.policy;
    let form = |answer: &str, label| {
        let answers = due.iter().map(|purpose| (policy.purpose(purpose).id.as_str(), answer.to_owned()));
        Answering { fields: answers.chain(inserts.fields(ChoiceMethod::Banner)).collect(), label }
    };
    let words = &inserts.phrases.asking;
    rendered(&Banner {
        phrases: inserts.phrases,
        policy_language: inserts.policy_language(),
        prefix: &inserts.prefix,
        title: words.title.with(&[("controller", &policy.controller)]),
        purposes: due.iter().map(|purpose| policy.title(purpose).in_language(inserts.language.as_str())).collect(),
        forms: inserts.sends_forms.then(|| [form("yes", words.accept), form("no", words.refuse)]),
        choices: inserts.choices(),
        no_cookie: inserts.may_keep_no_cookie().then(|| no_cookie(policy, inserts.phrases, inserts.language.as_str())),
    })
}
