//! What the pages about versions, about what is held, and about earlier answers say.

pub(super) mod english;
pub(super) mod french;
pub(super) mod german;
pub(super) mod spanish;

use domain::{ChoiceAction, ChoiceMethod};
use policy::diff::Materiality;

use super::catalogue::Sentence;

/// The list of versions, and the page of one.
#[derive(Debug)]
pub(crate) struct VersionsWords {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    /// About `version`, as are the others with a gap.
    pub(crate) damaged: Sentence,
    pub(crate) version: Sentence,
    pub(crate) in_force: &'static str,
    pub(crate) important: &'static str,
    /// The day follows.
    pub(crate) revised: &'static str,
    pub(crate) what_changed: Sentence,
    pub(crate) fingerprint: &'static str,
    pub(crate) is_in_force: Sentence,
    pub(crate) is_not_in_force: Sentence,
    pub(crate) unchanged: &'static str,
    /// The day follows.
    pub(crate) published: &'static str,
    pub(crate) read_in_force: &'static str,
    pub(crate) what_it_changed: &'static str,
    /// The hash follows.
    pub(crate) hash_of: &'static str,
    pub(crate) hash_how: &'static str,
    pub(crate) all: &'static str,
    pub(crate) nothing_changed: &'static str,
    pub(crate) only_words: &'static str,
    /// About `count` and, of these, `important`.
    pub(crate) count: Sentence,
}

/// What a version changed.
#[derive(Debug)]
pub(crate) struct ChangesWords {
    pub(crate) was_first: &'static str,
    /// A version follows.
    pub(crate) compared: &'static str,
    pub(crate) asked_again: &'static str,
    pub(crate) asked_again_how: &'static str,
    pub(crate) matters: &'static str,
    pub(crate) others: &'static str,
    /// To somebody who reads another language.
    pub(crate) in_english: &'static str,
    pub(crate) words: &'static str,
    pub(crate) added: &'static str,
    pub(crate) removed: &'static str,
    /// About `version`.
    pub(crate) read: Sentence,
    pub(crate) because: fn(Materiality) -> &'static str,
    /// The kind of a rule, by its name in the policy, in a word or two for everybody.
    pub(crate) kind: fn(&str) -> &'static str,
}

/// What is held about whoever asks.
#[derive(Debug)]
pub(crate) struct Holding {
    pub(crate) title: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) why_no_more: &'static str,
    pub(crate) bad_cookie: &'static str,
    pub(crate) no_visitor: &'static str,
    pub(crate) only_address: &'static str,
    pub(crate) unreadable: &'static str,
    /// The day follows.
    pub(crate) known_since: &'static str,
    pub(crate) known: &'static str,
    pub(crate) visits: &'static str,
    pub(crate) may_miss_some: &'static str,
    pub(crate) no_visits: &'static str,
    pub(crate) one_visit: &'static str,
    /// About `count`.
    pub(crate) all_visits: Sentence,
    /// About `count`.
    pub(crate) newest_visits: Sentence,
    pub(crate) leaves: &'static str,
    pub(crate) leaves_nothing: &'static str,
    pub(crate) leaves_line: &'static str,
    pub(crate) purposes_then: &'static str,
    /// Said of an IP address.
    pub(crate) encrypted: &'static str,
    pub(crate) why: &'static str,
    /// A purpose follows.
    pub(crate) purpose: &'static str,
    pub(crate) browser: &'static str,
    pub(crate) not_believed: &'static str,
    pub(crate) no_cookie: &'static str,
    pub(crate) cookie: &'static str,
    /// The time follows.
    pub(crate) last_changed: &'static str,
    /// A number follows.
    pub(crate) number: &'static str,
    pub(crate) not_linked: &'static str,
    /// About `keep` and `purpose`.
    pub(crate) kept: Sentence,
    /// About `keep` and `purpose`.
    pub(crate) kept_from_then: Sentence,
    pub(crate) browser_number: &'static str,
    pub(crate) browser_number_how: &'static str,
    /// The day follows.
    pub(crate) since: &'static str,
    pub(crate) change: &'static str,
}

/// The receipt of somebody's choices.
#[derive(Debug)]
pub(crate) struct ReceiptWords {
    pub(crate) lead: &'static str,
    pub(crate) record: &'static str,
    pub(crate) record_how: &'static str,
    pub(crate) responsible: &'static str,
    pub(crate) shown: &'static str,
    pub(crate) change: &'static str,
    pub(crate) change_how: &'static str,
    pub(crate) machines: &'static str,
    pub(crate) json: &'static str,
    pub(crate) answered: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) answered_again: &'static str,
    /// About `version`.
    pub(crate) policy_version: Sentence,
    /// About `region`.
    pub(crate) region: Sentence,
    pub(crate) gpc: &'static str,
    /// About `version`.
    pub(crate) words: Sentence,
    pub(crate) words_how: &'static str,
    /// A hash follows.
    pub(crate) policy_hash: &'static str,
    /// A hash follows.
    pub(crate) words_hash: &'static str,
    pub(crate) policy_is_gone: &'static str,
    pub(crate) words_differ: &'static str,
    /// What an answer did.
    pub(crate) action: fn(ChoiceAction) -> &'static str,
    /// Where it was given.
    pub(crate) place: fn(ChoiceMethod) -> &'static str,
}

#[cfg(test)]
mod tests {
    use domain::{ChoiceAction, ChoiceMethod};
    use policy::diff::Materiality;

    use crate::phrases::Phrases;

    /// All that one language says where it depends on what happened.
    fn said(phrases: &Phrases) -> Vec<&'static str> {
        use Materiality::{LongerRetention, NewBasis, NewData, NewPurpose, NewRecipient, WeakerRight};
        let actions = [ChoiceAction::Given, ChoiceAction::Withdrawn, ChoiceAction::Objected, ChoiceAction::OptedOut, ChoiceAction::Refused];
        let methods = [
            ChoiceMethod::Banner,
            ChoiceMethod::Placeholder,
            ChoiceMethod::Api,
            ChoiceMethod::Signal,
            ChoiceMethod::Guardian,
            ChoiceMethod::Page,
        ];
        let reasons = [NewData, NewPurpose, NewRecipient, NewBasis, LongerRetention, WeakerRight];
        let reasons = reasons.map(phrases.changes.because);
        [&actions.map(phrases.receipt.action)[..], &methods.map(phrases.receipt.place), &reasons].concat()
    }

    #[test]
    fn every_language_has_words_of_its_own_for_all_that_can_happen() {
        let mut all: Vec<&str> = Phrases::ALL.into_iter().flat_map(said).collect();
        let count = all.len();
        assert!(all.iter().all(|words| !words.is_empty()));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "two things, or two languages, say the same");
    }

    #[test]
    fn every_kind_of_rule_has_a_name_of_its_own() {
        let kinds = [
            "choices",
            "cookie",
            "data",
            "duty",
            "never",
            "notice",
            "policy",
            "preference",
            "promise",
            "purpose",
            "recipient",
            "resource",
            "store",
            "use",
            "words",
        ];
        for phrases in Phrases::ALL {
            let mut names: Vec<&str> = kinds.iter().map(|kind| (phrases.changes.kind)(kind)).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), kinds.len(), "{}", phrases.language);
        }
    }
}
