//! What letters say, in each language.

mod english;
mod french;
mod german;
mod spanish;

use super::Letter;

/// All that is written in one language. `{site}` is what people know the site by, `{contact}` where they can write to, `{time}` how long a link works
/// or something else lasts, `{age}` how old people are who may have an account, `{visits}` how long the log keeps a visit.
pub(super) struct Words {
    language: &'static str,
    pub(super) greeting: &'static str,
    /// How long a link works.
    pub(super) lasts: &'static str,
    pub(super) questions: &'static str,
    /// Who may have an account, as `{rule}` says it in a letter: where guardians open none, and where they do.
    pub(super) accounts: &'static str,
    pub(super) accounts_with_guardians: &'static str,
    minutes: (&'static str, &'static str),
    hours: (&'static str, &'static str),
    days: (&'static str, &'static str),
    confirm: LetterWords,
    already_registered: LetterWords,
    sign_in: LetterWords,
    confirm_email: LetterWords,
    email_changing: LetterWords,
    email_changed: LetterWords,
    passkey_added: LetterWords,
    passkey_copied: LetterWords,
    closed: LetterWords,
    confirm_dependent: LetterWords,
    dependent_confirmed: LetterWords,
    dependent_closed: LetterWords,
    dependent_passes: LetterWords,
    dependent_passed: LetterWords,
    take_up: LetterWords,
    minor_asked: LetterWords,
    minor_confirmed: LetterWords,
    dependent_reported: LetterWords,
    report_closed: LetterWords,
}

/// What one letter says.
pub(super) struct LetterWords {
    pub(super) subject: &'static str,
    /// Ends in a colon where a link follows.
    pub(super) text: &'static str,
    /// What to do if it was somebody else.
    pub(super) not_you: &'static str,
}

static LANGUAGES: [&Words; 4] = [&english::WORDS, &spanish::WORDS, &german::WORDS, &french::WORDS];

/// The words in a language, or in English.
pub(super) fn words(language: &str) -> &'static Words {
    LANGUAGES.into_iter().find(|words| words.language == language).unwrap_or(LANGUAGES[0])
}

impl Words {
    pub(super) const fn of(&self, letter: &Letter) -> &LetterWords {
        match letter {
            Letter::Confirm { .. } => &self.confirm,
            Letter::AlreadyRegistered => &self.already_registered,
            Letter::SignIn { .. } => &self.sign_in,
            Letter::ConfirmEmail { .. } => &self.confirm_email,
            Letter::EmailChanging => &self.email_changing,
            Letter::EmailChanged { .. } => &self.email_changed,
            Letter::PasskeyAdded => &self.passkey_added,
            Letter::PasskeyCopied => &self.passkey_copied,
            Letter::Closed => &self.closed,
            Letter::ConfirmDependent { .. } => &self.confirm_dependent,
            Letter::DependentConfirmed => &self.dependent_confirmed,
            Letter::DependentClosed => &self.dependent_closed,
            Letter::DependentPasses => &self.dependent_passes,
            Letter::DependentPassed => &self.dependent_passed,
            Letter::TakeUp { .. } => &self.take_up,
            Letter::MinorAsked { .. } => &self.minor_asked,
            Letter::MinorConfirmed { .. } => &self.minor_confirmed,
            Letter::DependentReported => &self.dependent_reported,
            Letter::ReportClosed => &self.report_closed,
        }
    }

    /// A time in the largest unit that it is a whole number of, or nearly so.
    pub(super) fn time(&self, span: jiff::SignedDuration) -> String {
        let minutes = (span.as_secs() + 30).max(60) / 60;
        let (count, (one, many)) = match minutes {
            m if m >= 48 * 60 && m % (24 * 60) == 0 => (m / (24 * 60), self.days),
            m if m >= 60 && m % 60 == 0 => (m / 60, self.hours),
            m => (m, self.minutes),
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }
}

/// The text with its gaps filled, each once: what fills one is never read for others.
pub(super) fn filled(text: &str, gaps: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(gaps.iter().find(|(gap, _)| *gap == name).map_or("", |(_, value)| value));
        rest = after;
    }
    filled + rest
}
