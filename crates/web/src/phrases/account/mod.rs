//! What is said to somebody who is signed in about their account.

mod english;
mod french;
mod german;
mod spanish;

use super::catalogue::Sentence;
use super::register::Page;

/// Our words around an account, in one language.
#[derive(Debug)]
pub(crate) struct AccountWords {
    pub(crate) language: &'static str,
    pub(crate) home: HomeWords,
    pub(crate) sessions: SessionsWords,
    pub(crate) username: UsernameWords,
    pub(crate) email: EmailWords,
    pub(crate) prove: ProveWords,
    pub(crate) export: ExportWords,
    pub(crate) delete: DeleteWords,
    pub(crate) held: HeldWords,
    /// What a link to the account's first page says.
    pub(crate) back: &'static str,
}

#[derive(Debug)]
pub(crate) struct HomeWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) username: &'static str,
    pub(crate) change_username: &'static str,
    pub(crate) email: &'static str,
    pub(crate) no_email: &'static str,
    pub(crate) change_email: &'static str,
    pub(crate) since: &'static str,
    pub(crate) age: &'static str,
    pub(crate) adult: &'static str,
    pub(crate) adult_by_guardian: &'static str,
    pub(crate) minor: &'static str,
    pub(crate) age_unknown: &'static str,
    /// About `day` and `version`.
    pub(crate) age_how: Sentence,
    pub(crate) agreements: &'static str,
    pub(crate) agreements_how: &'static str,
    pub(crate) yours: &'static str,
    pub(crate) choices_how: &'static str,
    pub(crate) held_how: &'static str,
    pub(crate) export_how: &'static str,
    pub(crate) delete_how: &'static str,
}

#[derive(Debug)]
pub(crate) struct SessionsWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) this_browser: &'static str,
    pub(crate) another_browser: &'static str,
    pub(crate) now: &'static str,
    pub(crate) by_link: &'static str,
    pub(crate) by_passkey: &'static str,
    /// A time follows each of these three.
    pub(crate) since: &'static str,
    pub(crate) seen: &'static str,
    pub(crate) ends: &'static str,
    pub(crate) end_one: &'static str,
    pub(crate) end_others: &'static str,
    pub(crate) end_all: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) others_ended: &'static str,
    /// Beside the button that ends the others, where a way to sign in has just changed.
    pub(crate) elsewhere: &'static str,
}

#[derive(Debug)]
pub(crate) struct UsernameWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) save: &'static str,
    pub(crate) done: &'static str,
}

#[derive(Debug)]
pub(crate) struct EmailWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) new: &'static str,
    pub(crate) send: &'static str,
    pub(crate) same: &'static str,
    pub(crate) asked: Page,
    pub(crate) confirm: Page,
    pub(crate) confirm_button: &'static str,
    pub(crate) changed: Page,
    pub(crate) back: Page,
    pub(crate) back_button: &'static str,
    pub(crate) taken_back: Page,
    pub(crate) taken: Page,
    pub(crate) dead: Page,
}

#[derive(Debug)]
pub(crate) struct ProveWords {
    pub(crate) page: Page,
    pub(crate) send: &'static str,
}

#[derive(Debug)]
pub(crate) struct ExportWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) download: &'static str,
    pub(crate) number: &'static str,
    /// Before the hash of what somebody was shown when they said it.
    pub(crate) words_shown: &'static str,
    pub(crate) answers: &'static str,
    pub(crate) none: &'static str,
    pub(crate) others: &'static str,
    /// A time follows each of these two.
    pub(crate) until: &'static str,
    pub(crate) since: &'static str,
    pub(crate) passkey: &'static str,
    pub(crate) visits: &'static str,
    pub(crate) visits_how: &'static str,
    /// What a mailed link is for, by its kind.
    pub(crate) link: fn(&str) -> &'static str,
    /// What is still to be done, by its kind.
    pub(crate) job: fn(&str) -> &'static str,
}

#[derive(Debug)]
pub(crate) struct DeleteWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) what_happens: [&'static str; 5],
    /// A link to the export follows.
    pub(crate) before: &'static str,
    pub(crate) go_on: &'static str,
    pub(crate) sure: Page,
    pub(crate) delete: &'static str,
    pub(crate) keep: &'static str,
    pub(crate) closed: Page,
}

/// Of the page about what is held.
#[derive(Debug)]
pub(crate) struct HeldWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) open: &'static str,
    pub(crate) visits: &'static str,
    pub(crate) visits_how: &'static str,
    pub(crate) unreadable: &'static str,
}

impl AccountWords {
    /// In every language that our other words are in.
    const ALL: [&'static Self; 4] = [&english::WORDS, &spanish::WORDS, &german::WORDS, &french::WORDS];

    /// In the language of a page's other words.
    pub(crate) fn of(language: &str) -> &'static Self {
        Self::ALL.into_iter().find(|words| words.language == language).unwrap_or(Self::ALL[0])
    }
}

#[cfg(test)]
mod tests {
    use super::AccountWords;
    use crate::phrases::alike::assert_said_alike;

    #[test]
    fn every_language_says_everything_in_its_own_words_and_has_the_same_gaps() {
        assert_said_alike(AccountWords::of, |words| words.language, 71);
    }

    #[test]
    fn every_kind_of_link_and_job_has_a_name_of_its_own() {
        for words in AccountWords::ALL {
            let mut names: Vec<&str> = ["sign-in", "email", "email-back", "another"].map(words.export.link).to_vec();
            names.extend(["mail", "another"].map(words.export.job));
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), 6, "{}", words.language);
        }
    }
}
