//! What is said to somebody who registers, signs in or signs out.

mod english;
mod french;
mod german;
mod spanish;

use super::catalogue::Sentence;

/// Our words around registering and signing in, in one language.
#[derive(Debug)]
pub(crate) struct RegisterWords {
    pub(crate) language: &'static str,
    /// What leads to the account from every page.
    pub(crate) account: &'static str,
    pub(crate) age: AgeWords,
    pub(crate) form: FormWords,
    pub(crate) problems: Problems,
    pub(crate) sign_in: SignInWords,
    pub(crate) told: Told,
}

/// The question everybody is asked first. What is said here is part of what somebody represents, so a change of it is a change of that.
#[derive(Debug)]
pub(crate) struct AgeWords {
    pub(crate) title: &'static str,
    pub(crate) question: &'static str,
    pub(crate) day: &'static str,
    pub(crate) month: &'static str,
    pub(crate) year: &'static str,
    pub(crate) not_kept: &'static str,
    pub(crate) go_on: &'static str,
    pub(crate) no_such_day: &'static str,
    pub(crate) asked_again: &'static str,
    pub(crate) refused: Page,
    pub(crate) refused_but_guardian: Page,
}

#[derive(Debug)]
pub(crate) struct FormWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) email: &'static str,
    pub(crate) email_how: &'static str,
    pub(crate) username: &'static str,
    /// About `least` and `most` characters.
    pub(crate) username_how: Sentence,
    pub(crate) represents: &'static str,
    pub(crate) from_policy: &'static str,
    pub(crate) register: &'static str,
    pub(crate) have_one: &'static str,
    pub(crate) problem: &'static str,
}

/// What is wrong with what was typed.
#[derive(Debug)]
pub(crate) struct Problems {
    pub(crate) email_missing: &'static str,
    /// About `most` bytes.
    pub(crate) email_too_long: Sentence,
    pub(crate) email_malformed: &'static str,
    pub(crate) email_domain: &'static str,
    /// About `least` and `most` characters.
    pub(crate) username_length: Sentence,
    pub(crate) username_characters: &'static str,
    pub(crate) username_mixed: &'static str,
    pub(crate) username_reserved: &'static str,
    pub(crate) username_taken: &'static str,
}

#[derive(Debug)]
pub(crate) struct SignInWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) send: &'static str,
    pub(crate) new_here: &'static str,
    pub(crate) signed_out: &'static str,
    pub(crate) sign_out: &'static str,
}

/// Pages that say one thing, some of them with one button.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) mailed_registration: Page,
    pub(crate) mailed_sign_in: Page,
    pub(crate) nothing_came: &'static str,
    pub(crate) confirm: Page,
    pub(crate) confirm_button: &'static str,
    pub(crate) confirm_dead: Page,
    pub(crate) register_again: &'static str,
    pub(crate) username_lost: Page,
    pub(crate) username_lost_button: &'static str,
    pub(crate) email_lost: Page,
    pub(crate) follow: Page,
    pub(crate) follow_button: &'static str,
    pub(crate) follow_dead: Page,
    pub(crate) another_link: &'static str,
    pub(crate) signed_in: Page,
    /// About `wait`.
    pub(crate) too_often: (&'static str, Sentence),
    /// A form that is longer than any of ours, and what is no form.
    pub(crate) too_much: Page,
    pub(crate) no_form: Page,
    pub(crate) forged: Page,
    pub(crate) unavailable: Page,
    pub(crate) try_again: &'static str,
}

/// A title, and what there is to say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
}

impl RegisterWords {
    /// In every language that our other words are in.
    const ALL: [&'static Self; 4] = [&english::WORDS, &spanish::WORDS, &german::WORDS, &french::WORDS];

    /// In the language of a page's other words.
    pub(crate) fn of(language: &str) -> &'static Self {
        Self::ALL.into_iter().find(|words| words.language == language).unwrap_or(Self::ALL[0])
    }
}

#[cfg(test)]
mod tests {
    use super::RegisterWords;
    use crate::phrases::Phrases;
    use crate::phrases::alike::assert_said_alike;

    #[test]
    fn every_language_says_everything_in_its_own_words_and_has_the_same_gaps() {
        assert_said_alike(RegisterWords::of, |words| words.language, 51);
    }

    #[test]
    fn the_question_gives_no_hint_of_the_right_answer() {
        for phrases in Phrases::ALL {
            let age = &RegisterWords::of(phrases.language).age;
            let asked = [age.title, age.question, age.day, age.month, age.year, age.not_kept, age.go_on, age.no_such_day].concat();
            assert!(!asked.chars().any(|character| character.is_ascii_digit()), "{asked}");
        }
    }
}
