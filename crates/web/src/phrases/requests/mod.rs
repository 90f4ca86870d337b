//! What is said to somebody who asks or tells us something about data.

mod english;
mod french;
mod german;
mod spanish;

use super::catalogue::Sentence;

/// Our words around requests, in one language.
#[derive(Debug)]
pub(crate) struct RequestWords {
    pub(crate) language: &'static str,
    pub(crate) title: &'static str,
    /// What leads here from other pages.
    pub(crate) door: &'static str,
    pub(crate) door_how: &'static str,
    /// For everything that no form is for: before the address.
    pub(crate) anything_else: &'static str,
    pub(crate) nothing_here: &'static str,
    pub(crate) minor: MinorWords,
    pub(crate) problems: Problems,
    pub(crate) sent: Sent,
    pub(crate) progress: ProgressWords,
    /// A title, and how long to `wait`.
    pub(crate) too_often: (&'static str, Sentence),
    pub(crate) unavailable: (&'static str, &'static str),
    pub(crate) unknown: (&'static str, &'static str),
}

/// The form that reports a child's account.
#[derive(Debug)]
pub(crate) struct MinorWords {
    pub(crate) title: &'static str,
    /// About accounts below the `age`.
    pub(crate) lead: Sentence,
    /// The same where guardians open accounts.
    pub(crate) lead_with_guardians: Sentence,
    pub(crate) about: &'static str,
    pub(crate) about_how: &'static str,
    pub(crate) message: &'static str,
    pub(crate) message_how: &'static str,
    pub(crate) email: &'static str,
    pub(crate) email_how: &'static str,
    /// The field that people leave empty.
    pub(crate) trap: &'static str,
    pub(crate) send: &'static str,
    pub(crate) next_title: &'static str,
    pub(crate) next: [&'static str; 3],
    /// Instead of the second, where guardians open accounts.
    pub(crate) next_with_guardians: &'static str,
}

/// What is wrong with what was written.
#[derive(Debug)]
pub(crate) struct Problems {
    pub(crate) look: &'static str,
    pub(crate) about_missing: &'static str,
    /// About the `most` characters there can be.
    pub(crate) too_long: Sentence,
    pub(crate) trapped: &'static str,
}

/// What is said after sending.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) keep: &'static str,
}

/// The page a request is followed on.
#[derive(Debug)]
pub(crate) struct ProgressWords {
    pub(crate) title: &'static str,
    /// On the `day`.
    pub(crate) made: Sentence,
    pub(crate) received: &'static str,
    pub(crate) looked_at: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) received_how: &'static str,
    pub(crate) looked_at_how: &'static str,
    pub(crate) closed_how: &'static str,
    /// Read out beside the step that it is at.
    pub(crate) now: &'static str,
    pub(crate) why_no_more: &'static str,
}

impl RequestWords {
    /// In every language that our other words are in.
    const ALL: [&'static Self; 4] = [&english::WORDS, &spanish::WORDS, &german::WORDS, &french::WORDS];

    /// In the language of a page's other words.
    pub(crate) fn of(language: &str) -> &'static Self {
        Self::ALL.into_iter().find(|words| words.language == language).unwrap_or(Self::ALL[0])
    }
}

#[cfg(test)]
mod tests {
    use super::RequestWords;
    use crate::phrases::alike::assert_said_alike;

    #[test]
    fn every_language_says_everything_in_its_own_words_and_has_the_same_gaps() {
        assert_said_alike(RequestWords::of, |words| words.language, 36);
    }
}
