//! What is said around passkeys.

mod english;
mod french;
mod german;
mod spanish;

use super::catalogue::Sentence;

/// Our words around passkeys, in one language.
#[derive(Debug)]
pub(crate) struct PasskeyWords {
    pub(crate) language: &'static str,
    pub(crate) title: &'static str,
    /// What leads here from the account's own page.
    pub(crate) door: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) none_yet: &'static str,
    pub(crate) yours: &'static str,
    pub(crate) added: &'static str,
    pub(crate) last_used: &'static str,
    pub(crate) never_used: &'static str,
    pub(crate) rename: &'static str,
    /// Of the field.
    pub(crate) name: &'static str,
    pub(crate) save_name: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) remove_what: &'static str,
    pub(crate) remove_last: &'static str,
    pub(crate) remove_now: &'static str,
    pub(crate) add_title: &'static str,
    pub(crate) add_lead: &'static str,
    pub(crate) add: &'static str,
    /// A name to begin with, from the `day`.
    pub(crate) first_name: Sentence,
    pub(crate) needs_script: &'static str,
    pub(crate) needs_name: &'static str,
    /// About the `address` where it works.
    pub(crate) works_at: Sentence,
    pub(crate) sign_in_again: &'static str,
    pub(crate) sign_in_again_button: &'static str,
    pub(crate) sign_in: &'static str,
    pub(crate) back: &'static str,
    pub(crate) said: Said,
    pub(crate) problems: Problems,
    /// To somebody without an e-mail address, whom a guardian's code signs in.
    pub(crate) by_code: ByCode,
}

/// What stands in the place of words about mailed links.
#[derive(Debug)]
pub(crate) struct ByCode {
    pub(crate) remove_last: &'static str,
    pub(crate) needs_script: &'static str,
    pub(crate) needs_name: &'static str,
    pub(crate) sign_in_again: &'static str,
    pub(crate) sign_in_again_button: &'static str,
}

/// What was done.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) added: &'static str,
    pub(crate) renamed: &'static str,
    pub(crate) removed: &'static str,
    pub(crate) gone: &'static str,
    pub(crate) no_name: &'static str,
}

/// Why it did not work. Each says what to do.
#[derive(Debug)]
pub(crate) struct Problems {
    /// The script says these.
    pub(crate) unsupported: &'static str,
    pub(crate) cancelled: &'static str,
    pub(crate) unreachable: &'static str,
    pub(crate) already_here: &'static str,
    pub(crate) working: &'static str,
    /// The server says these.
    pub(crate) refused: &'static str,
    pub(crate) copied: &'static str,
    pub(crate) begin_again: &'static str,
    pub(crate) not_verified: &'static str,
    pub(crate) not_discoverable: &'static str,
    pub(crate) known: &'static str,
    /// About the `most` there can be.
    pub(crate) too_many: Sentence,
    pub(crate) name: &'static str,
    pub(crate) too_often: &'static str,
    pub(crate) signed_out: &'static str,
    pub(crate) prove: &'static str,
    pub(crate) not_added: &'static str,
    pub(crate) unavailable: &'static str,
    pub(crate) forged: &'static str,
}

impl PasskeyWords {
    /// In every language that our other words are in.
    const ALL: [&'static Self; 4] = [&english::WORDS, &spanish::WORDS, &german::WORDS, &french::WORDS];

    /// In the language of a page's other words.
    pub(crate) fn of(language: &str) -> &'static Self {
        Self::ALL.into_iter().find(|words| words.language == language).unwrap_or(Self::ALL[0])
    }
}

#[cfg(test)]
mod tests {
    use super::PasskeyWords;
    use crate::phrases::alike::assert_said_alike;

    #[test]
    fn every_language_says_everything_in_its_own_words_and_has_the_same_gaps() {
        assert_said_alike(PasskeyWords::of, |words| words.language, 41);
    }
}
