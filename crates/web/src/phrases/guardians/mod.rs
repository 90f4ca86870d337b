//! What is said to guardians, and to those they answer for.

mod english;
mod french;
mod german;
mod spanish;

use super::catalogue::Sentence;
use super::register::Page;

/// Our words around the accounts of children, in one language.
#[derive(Debug)]
pub(crate) struct GuardianWords {
    pub(crate) language: &'static str,
    pub(crate) list: ListWords,
    pub(crate) new: NewWords,
    pub(crate) confirm: ConfirmWords,
    pub(crate) one: OneWords,
    pub(crate) code: CodeWords,
    pub(crate) enter: EnterWords,
    pub(crate) choices: ChoicesWords,
    pub(crate) erase: EraseWords,
    pub(crate) export: ExportWords,
    pub(crate) own: OwnWords,
    pub(crate) take_up: TakeUpWords,
}

/// Of the list of children.
#[derive(Debug)]
pub(crate) struct ListWords {
    pub(crate) title: &'static str,
    pub(crate) door: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) none: &'static str,
    pub(crate) add: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) open: &'static str,
    /// About `day`.
    pub(crate) passes: Sentence,
    pub(crate) back: &'static str,
}

/// Of the form for another. What is said here is part of what a guardian represents.
#[derive(Debug)]
pub(crate) struct NewWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) question: &'static str,
    pub(crate) not_kept: &'static str,
    pub(crate) no_such_month: &'static str,
    pub(crate) says: &'static str,
    pub(crate) button: &'static str,
    pub(crate) sent: Page,
    pub(crate) of_age: Page,
    pub(crate) too_many: Page,
    pub(crate) not_you: Page,
}

/// Of the link that was mailed.
#[derive(Debug)]
pub(crate) struct ConfirmWords {
    pub(crate) page: Page,
    pub(crate) button: &'static str,
    pub(crate) done: Page,
    pub(crate) dead: Page,
}

/// Of the page of one child.
#[derive(Debug)]
pub(crate) struct OneWords {
    pub(crate) lead: &'static str,
    pub(crate) waiting: &'static str,
    /// About `day`.
    pub(crate) passes: Sentence,
    pub(crate) sessions: &'static str,
    pub(crate) code: &'static str,
    pub(crate) code_how: &'static str,
    pub(crate) choices_how: &'static str,
    pub(crate) export_how: &'static str,
    pub(crate) erase_how: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) signed_out: &'static str,
    pub(crate) send_again: &'static str,
    pub(crate) sent_again: &'static str,
}

/// Of a code that is shown.
#[derive(Debug)]
pub(crate) struct CodeWords {
    pub(crate) title: &'static str,
    /// About `address`.
    pub(crate) write_it: Sentence,
    pub(crate) lasts: &'static str,
}

/// Of the page where a code is written.
#[derive(Debug)]
pub(crate) struct EnterWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) field: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) door: &'static str,
}

/// Of what a guardian decides.
#[derive(Debug)]
pub(crate) struct ChoicesWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) asked: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) off: &'static str,
    pub(crate) off_how: &'static str,
    pub(crate) child_refuses: &'static str,
    pub(crate) saved: &'static str,
    pub(crate) unsaved: Page,
}

/// Of everything that is held about a child, to their guardian.
#[derive(Debug)]
pub(crate) struct ExportWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) account: &'static str,
    pub(crate) answers: &'static str,
    pub(crate) visits: &'static str,
    pub(crate) visits_how: &'static str,
    pub(crate) minor: &'static str,
    /// What they said as a guardian, on `day`, under `version`.
    pub(crate) said: Sentence,
    pub(crate) back: &'static str,
}

/// Of erasing.
#[derive(Debug)]
pub(crate) struct EraseWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) signed_out: &'static str,
    pub(crate) gone: &'static str,
    pub(crate) answers: &'static str,
    pub(crate) visits: &'static str,
    pub(crate) letter: &'static str,
    /// A link to the export follows.
    pub(crate) before: &'static str,
    pub(crate) go_on: &'static str,
    pub(crate) sure: Page,
    pub(crate) button: &'static str,
    pub(crate) keep: &'static str,
    pub(crate) done: Page,
}

/// Said to somebody whose guardian registered them, or about that.
#[derive(Debug)]
pub(crate) struct OwnWords {
    pub(crate) guarded: &'static str,
    pub(crate) passed: &'static str,
    pub(crate) no_email: Page,
    pub(crate) prove: &'static str,
    pub(crate) with_guardian: &'static str,
    /// What is deleted of an account without an address.
    pub(crate) gone: &'static str,
    /// About `day`.
    pub(crate) passes: Sentence,
    pub(crate) to_guardian: &'static str,
    pub(crate) by_code: &'static str,
}

/// Of the account that becomes somebody’s own.
#[derive(Debug)]
pub(crate) struct TakeUpWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) says: &'static str,
    pub(crate) send: &'static str,
    pub(crate) sent: Page,
    pub(crate) button: &'static str,
    pub(crate) dead: Page,
    pub(crate) taken: Page,
}

impl GuardianWords {
    /// In every language that our other words are in.
    const ALL: [&'static Self; 4] = [&english::WORDS, &spanish::WORDS, &german::WORDS, &french::WORDS];

    /// In the language of a page's other words.
    pub(crate) fn of(language: &str) -> &'static Self {
        Self::ALL.into_iter().find(|words| words.language == language).unwrap_or(Self::ALL[0])
    }
}

#[cfg(test)]
mod tests {
    use super::GuardianWords;
    use crate::phrases::alike::assert_said_alike;

    #[test]
    fn every_language_says_everything_in_its_own_words_and_has_the_same_gaps() {
        assert_said_alike(GuardianWords::of, |words| words.language, 71);
    }
}
