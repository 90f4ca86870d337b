use domain::{Answer, ChoiceMethod, Timestamp, Version};
use policy::cookie::{ChoicesPart, CookieState, refusable};
use policy::model::Purpose;
use policy::{Index, Policy};

use super::{ChoicesError, last_choice};

/// What somebody sent: from a form, a button or a script, all in the same fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submission {
    /// Purposes by name, with their answers.
    pub answers: Vec<(String, Answer)>,
    /// One answer for all that can be answered; it beats the single ones.
    pub all: Option<Answer>,
    /// Preferences by name; an empty value forgets one.
    pub preferences: Vec<(String, String)>,
    pub seen: Seen,
    /// Where it was given, where it says so.
    pub method: Option<ChoiceMethod>,
    /// The language it was asked in, where it says so.
    pub language: Option<String>,
    /// It is the second step of opting back in.
    pub confirmed: bool,
}

/// What the form was made from, where it says so: the version, and the last choice by its second and a short hash of how everything stood, since two
/// choices may share a second. A script may leave the hash away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    version: Option<String>,
    last_choice: Option<String>,
}

impl Submission {
    /// The field that carries one answer for everything. A purpose's id never starts with an underscore.
    pub const ALL: &'static str = "_all";
    /// The fields that say what a form was made from.
    pub const VERSION: &'static str = "_version";
    pub const LAST_CHOICE: &'static str = "_last_choice";
    /// The fields that say where it was given, and in which language the words were.
    pub const INTERFACE: &'static str = "_interface";
    pub const LANGUAGE: &'static str = "_language";
    /// The field that makes it the second step of opting back in.
    pub const CONFIRM: &'static str = "_confirm";
    /// What the name of a preference's field starts with.
    pub const PREFERENCE: &'static str = "preference.";

    /// Reads fields: a purpose's id with `yes` or `no`, `preference.NAME` with a value, and the form's own.
    pub fn from_fields<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, ChoicesError> {
        let mut submission = Self::default();
        for (name, value) in fields {
            if let Some(preference) = name.strip_prefix(Self::PREFERENCE) {
                submission.preferences.push((preference.to_owned(), value.to_owned()));
                continue;
            }
            match name {
                Self::VERSION => submission.seen.version = Some(value.to_owned()),
                Self::LAST_CHOICE => submission.seen.last_choice = Some(value.to_owned()),
                Self::INTERFACE => submission.method = Some(method(value)?),
                Self::LANGUAGE => submission.language = Some(value.to_owned()),
                Self::CONFIRM => submission.confirmed = answer(name, value)? == Answer::Yes,
                Self::ALL => submission.all = Some(answer(name, value)?),
                purpose => {
                    let answer = answer(purpose, value)?;
                    if submission.answers.iter().any(|(known, other)| known == purpose && *other != answer) {
                        return Err(ChoicesError::Contradiction(purpose.to_owned()));
                    }
                    submission.answers.push((purpose.to_owned(), answer));
                }
            }
        }
        Ok(submission)
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.all.is_none() && self.preferences.is_empty()
    }

    /// Whether there is a yes in it.
    pub fn says_yes(&self) -> bool {
        self.all == Some(Answer::Yes) || self.all.is_none() && self.answers.iter().any(|(_, answer)| *answer == Answer::Yes)
    }

    /// Its refusals and nothing else.
    pub fn refusals(&self, policy: &Policy) -> Result<Self, ChoicesError> {
        let refused = self.answered(policy)?.into_iter().filter(|(_, answer)| *answer == Answer::No);
        let answers = refused.map(|(purpose, answer)| (policy.purpose(purpose).id.to_string(), answer)).collect();
        Ok(Self { answers, all: None, preferences: Vec::new(), ..self.clone() })
    }

    /// The answers with their purposes looked up; each purpose once.
    pub(super) fn answered(&self, policy: &Policy) -> Result<Vec<(Index<Purpose>, Answer)>, ChoicesError> {
        let refusable = refusable(policy);
        let mut answered: Vec<(Index<Purpose>, Answer)> = Vec::new();
        for (name, answer) in &self.answers {
            let purpose = policy.purpose_named(name).ok_or_else(|| ChoicesError::UnknownPurpose(name.clone()))?;
            if !refusable.contains(purpose) {
                return Err(ChoicesError::NotRefusable(policy.purpose(purpose).id.clone()));
            }
            if answered.iter().all(|(known, _)| *known != purpose) {
                answered.push((purpose, *answer));
            }
        }
        match self.all {
            None => Ok(answered),
            Some(answer) => Ok(refusable.iter().map(|purpose| (purpose, answer)).collect()),
        }
    }
}

impl Seen {
    /// What a form made now says of itself.
    pub fn of(policy: &Policy, current: &CookieState) -> Self {
        Self { version: Some(policy.version.to_string()), last_choice: Some(last_choice_text(current)) }
    }

    pub fn version(&self) -> &str {
        self.version.as_deref().unwrap_or_default()
    }

    pub fn last_choice(&self) -> &str {
        self.last_choice.as_deref().unwrap_or_default()
    }

    /// A form that says nothing of itself is never stale.
    pub(super) fn is_stale(&self, policy: &Policy, current: &CookieState) -> bool {
        let version = self.version.as_ref().is_some_and(|seen| seen.parse().map(Version) != Ok(policy.version));
        let choice = self.last_choice.as_ref().is_some_and(|seen| match seen.split_once(MARK) {
            Some(_) => *seen != last_choice_text(current),
            None => seen.parse::<Timestamp>().ok() != last_choice(current),
        });
        version || choice
    }
}

fn last_choice_text(current: &CookieState) -> String {
    let part = current.parts().and_then(|parts| parts.choices.as_ref());
    part.map_or_else(String::new, |part| format!("{}{MARK}{}", part.made, mark(part)))
}

/// Stands between the time and the hash.
const MARK: char = '~';

/// Eight hexadecimal digits that are others when any answer is another.
fn mark(part: &ChoicesPart) -> String {
    let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
    digest.update(&part.record.0);
    let mut choices: Vec<_> = part.choices.iter().collect();
    choices.sort_by(|one, other| one.purpose.cmp(&other.purpose));
    for choice in choices {
        let answer = if choice.answer == Answer::Yes { "yes" } else { "no" };
        digest.update(format!("{} {answer} {} {} {}\n", choice.purpose, choice.at, choice.version, choice.gpc).as_bytes());
    }
    digest.finish().as_ref()[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Nobody posts this form for the browser's signal, nor for somebody else.
fn method(value: &str) -> Result<ChoiceMethod, ChoicesError> {
    ChoiceMethod::named(value)
        .filter(|method| !matches!(method, ChoiceMethod::Signal | ChoiceMethod::Guardian))
        .ok_or_else(|| ChoicesError::UnknownInterface(value.to_owned()))
}

fn answer(field: &str, value: &str) -> Result<Answer, ChoicesError> {
    match value {
        "yes" => Ok(Answer::Yes),
        "no" => Ok(Answer::No),
        _ => Err(ChoicesError::NotYesOrNo(field.to_owned())),
    }
}
