//! What the rules mean, in words for everybody.

mod account;
#[cfg(test)]
mod alike;
mod catalogue;
mod english;
mod french;
mod german;
mod guardians;
mod pages;
mod passkeys;
mod register;
mod requests;
mod spanish;

pub(crate) use account::{AccountWords, SessionsWords};
pub(crate) use catalogue::{Failures, Phrases, Sentence};
pub(crate) use guardians::GuardianWords;
pub(crate) use passkeys::{ByCode, PasskeyWords, Problems as PasskeyProblems};
pub(crate) use register::{Page as TitledPage, RegisterWords};
pub(crate) use requests::RequestWords;

use app::choices::{Because, PurposeState};
use domain::{ChoiceAction, ChoiceMethod, Timestamp};
use policy::Policy;
use policy::diff::Changes;
use policy::model::{Data, DataField, Recipient, Use};

/// A moment as a page shows it, with the form machines read.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) machine: String,
    pub(crate) words: String,
}

/// RFC 3339 without fractions.
pub(crate) fn to_the_second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The word that says how a purpose stands.
pub(crate) fn standing(state: &PurposeState<'_>, phrases: &Phrases) -> &'static str {
    let words = &phrases.choices;
    match (state.on, state.because) {
        (true, Because::Compelling(_)) => words.always_on,
        (true, _) => words.on,
        (false, Because::OnlyInCases) => words.case_by_case,
        (false, _) => words.off,
    }
}

/// One sentence or two that say why it stands so.
pub(crate) fn because(why: Because<'_>, policy: &Policy, phrases: &Phrases, language: &str) -> String {
    let reasons = &phrases.reasons;
    let day = |time| phrases.day_of(time, &policy.time_zone);
    match why {
        Because::SaidYes(at) => reasons.said_yes.with(&[("day", &day(at))]),
        Because::SaidNo(at) => reasons.said_no.with(&[("day", &day(at))]),
        Because::ChangedSince(at) => reasons.changed_since.with(&[("day", &day(at))]),
        Because::Compelling(reason) => reason.in_language(language).to_owned(),
        Because::OnUntilRefused => reasons.on_until_refused.to_owned(),
        Because::Contract => reasons.contract.to_owned(),
        Because::ChoicesUnreadable => reasons.choices_unreadable.to_owned(),
        Because::NotAnswered => reasons.not_answered.to_owned(),
        Because::Signalled(at) => reasons.signalled.with(&[("day", &day(at))]),
        Because::GlobalPrivacyControl => reasons.global_privacy_control.to_owned(),
        Because::NeedsAccount => reasons.needs_account.to_owned(),
        Because::NeedsAgreement => reasons.needs_agreement.to_owned(),
        Because::OnlyInCases => reasons.only_in_cases.to_owned(),
        Because::Minor => reasons.minor.to_owned(),
        Because::Forbidden => reasons.forbidden.to_owned(),
    }
}

/// What an answer did, by the name a receipt has for it.
pub(crate) fn action(name: &str, phrases: &Phrases) -> &'static str {
    (phrases.receipt.action)(ChoiceAction::named(name).unwrap_or(ChoiceAction::Refused))
}

/// Where an answer was given, by the name a receipt has for it.
pub(crate) fn place(name: &str, phrases: &Phrases) -> &'static str {
    (phrases.receipt.place)(ChoiceMethod::named(name).unwrap_or(ChoiceMethod::Page))
}

/// One sentence about all that a version changed.
pub(crate) fn summary(changes: &Changes, phrases: &Phrases) -> String {
    let words = &phrases.versions;
    match (changes.rules.len(), changes.words.len()) {
        (0, 0) => words.nothing_changed.to_owned(),
        (0, _) => words.only_words.to_owned(),
        (rules, _) => words.count.with(&[("count", &rules.to_string()), ("important", &changes.material().count().to_string())]),
    }
}

/// One declared use, ready to be read.
#[derive(Clone, Debug)]
pub(crate) struct UseInWords {
    pub(crate) title: String,
    pub(crate) purpose: String,
    pub(crate) act: &'static str,
    pub(crate) data: String,
    pub(crate) basis: &'static str,
    pub(crate) balancing: Option<String>,
    pub(crate) receivers: Vec<String>,
    pub(crate) kept: Vec<String>,
}

/// Our words around the policy's own, in its language.
pub(crate) fn use_in_words(policy: &Policy, rule: &Use, phrases: &Phrases, language: &str) -> UseInWords {
    let rules = &phrases.rules;
    let fields: Vec<&DataField> = rule.data.iter().map(|field| policy.field(field)).collect();
    let ours = rule.for_us.then(|| format!("{} ({})", policy.controller, rules.us));
    let others = rule.recipients.iter().map(|recipient| receiver(policy.recipient(recipient), phrases, language));
    UseInWords {
        title: rule.title.in_language(language).to_owned(),
        purpose: policy.purpose(rule.purpose).title.in_language(language).to_owned(),
        act: (rules.act)(rule.act),
        data: in_a_sentence(fields.iter().map(|field| field_name(field, phrases)), phrases),
        basis: (rules.basis)(rule.basis),
        balancing: rule.balancing.as_ref().map(|note| note.in_language(language).to_owned()),
        receivers: ours.into_iter().chain(others).collect(),
        kept: lengths_kept(policy, &fields, phrases),
    }
}

/// How long what is used is kept: in one line where all of it is kept alike, and else each with what it is about.
fn lengths_kept(policy: &Policy, fields: &[&DataField], phrases: &Phrases) -> Vec<String> {
    let by_data: Vec<(&Data, String)> = policy.data.iter().filter_map(|data| Some((data, kept(data, fields, phrases)?))).collect();
    let lengths = without_repeats(by_data.iter().map(|(_, length)| length.clone()));
    if lengths.len() < 2 {
        return lengths;
    }
    let line = |length: &String| {
        let is_kept_so = |field: &&&DataField| by_data.iter().any(|(data, kept)| field.data == data.id && kept == length);
        let names = fields.iter().filter(is_kept_so).map(|field| field_name(field, phrases));
        format!("{}{}{length}", in_a_sentence(names, phrases), phrases.colon)
    };
    lengths.iter().map(line).collect()
}

fn receiver(recipient: &Recipient, phrases: &Phrases, language: &str) -> String {
    let does = recipient.does.as_ref().map(|does| format!(". {}", does.in_language(language))).unwrap_or_default();
    format!("{} ({}){does}", recipient.name, (phrases.rules.recipient)(recipient.kind))
}

fn field_name(field: &DataField, phrases: &Phrases) -> String {
    match field.reserved {
        Some(reserved) => (phrases.rules.field)(reserved).to_owned(),
        None => field.name.replace(['_', '-'], " "),
    }
}

/// With a capital letter, to begin a sentence.
pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// Names one after the other: only the first keeps its capital letter, and abbreviations do.
pub(crate) fn in_a_sentence(names: impl Iterator<Item = String>, phrases: &Phrases) -> String {
    let names = without_repeats(names).into_iter().enumerate();
    let names: Vec<String> = names.map(|(at, name)| if at == 0 { name } else { inside(&name, phrases) }).collect();
    names.join(", ")
}

/// Several kinds of data may have a field of the same name, and be kept equally long.
fn without_repeats(texts: impl Iterator<Item = String>) -> Vec<String> {
    texts.fold(Vec::new(), |mut kept, text| {
        if !kept.contains(&text) {
            kept.push(text);
        }
        kept
    })
}

/// A name as it is written inside a sentence.
fn inside(name: &str, phrases: &Phrases) -> String {
    if phrases.rules.names_in_lower_case { lower(name) } else { name.to_owned() }
}

fn lower(name: &str) -> String {
    let mut characters = name.chars();
    match (characters.next(), characters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == '-' => first.to_lowercase().chain(characters).collect(),
        _ => name.to_owned(),
    }
}

/// How long those of the fields that belong to this data are kept, and what they lose on the way; none where none does.
fn kept(data: &Data, fields: &[&DataField], phrases: &Phrases) -> Option<String> {
    let fields: Vec<&&DataField> = fields.iter().filter(|field| field.data == data.id).collect();
    if fields.is_empty() {
        return None;
    }
    let mut text = phrases.keep(&data.keep);
    for ageing in &data.ageing {
        let Some(field) = fields.iter().find(|field| field.name == ageing.field) else {
            continue;
        };
        let field = inside(&field_name(field, phrases), phrases);
        text.push_str(phrases.semicolon);
        text.push_str(&(phrases.rules.ageing)(ageing.become_).with(&[("field", &field), ("after", &phrases.span(ageing.after))]));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{Phrases, in_a_sentence};

    #[test]
    fn names_in_a_sentence_lose_their_capitals_and_abbreviations_do_not() {
        let names = ["Time", "IP address", "Browser", "E-mail address"].map(str::to_owned);
        assert_eq!(in_a_sentence(names.into_iter(), Phrases::ENGLISH), "Time, IP address, browser, e-mail address");
    }

    #[test]
    fn a_name_that_several_kinds_of_data_share_is_said_once() {
        let names = ["Time", "title", "Time", "title", "version"].map(str::to_owned);
        assert_eq!(in_a_sentence(names.into_iter(), Phrases::ENGLISH), "Time, title, version");
    }
}
