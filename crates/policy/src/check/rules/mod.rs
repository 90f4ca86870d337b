//! One rule, one file. Each says in one sentence when it fires, which is the reference.

mod choices_forgotten;
mod compelling_marketing;
mod contradicting_duration;
mod contradicts_never;
mod cookie_over_400_days;
mod days;
mod guardians_without_words;
mod marketing_to_minors;
mod missing_balancing;
mod missing_change_process;
mod missing_contact;
mod missing_do_not_track;
mod missing_minimum_age;
mod missing_reading;
mod missing_retention;
mod missing_translation;
mod promise_without_rule;
mod purpose_without_use;
mod recipient_without_address;
mod retention_over_limit;
mod table_reaches_everybody;
mod undeclared_data;
mod undeclared_purpose;
mod undeclared_recipient;
mod undisclosed_rule;
mod unknown_key;
mod unknown_tag;
mod unparsable;
mod unreachable_store;
mod unreachable_table;
mod untagged_words;
mod use_without_basis;

use super::{Found, Rule, Site};

/// In the order of the reference.
pub(super) const ALL: [Rule; 31] = [
    untagged_words::RULE,
    unknown_tag::RULE,
    undisclosed_rule::RULE,
    contradicting_duration::RULE,
    promise_without_rule::RULE,
    unknown_key::RULE,
    undeclared_data::RULE,
    undeclared_purpose::RULE,
    undeclared_recipient::RULE,
    use_without_basis::RULE,
    missing_retention::RULE,
    retention_over_limit::RULE,
    missing_balancing::RULE,
    missing_reading::RULE,
    recipient_without_address::RULE,
    contradicts_never::RULE,
    marketing_to_minors::RULE,
    guardians_without_words::RULE,
    purpose_without_use::RULE,
    cookie_over_400_days::RULE,
    choices_forgotten::RULE,
    missing_contact::RULE,
    missing_change_process::RULE,
    missing_do_not_track::RULE,
    missing_minimum_age::RULE,
    compelling_marketing::RULE,
    unreachable_table::RULE,
    table_reaches_everybody::RULE,
    missing_translation::RULE,
    unparsable::RULE,
    unreachable_store::RULE,
];

/// Those whose findings mean that the rules say something this program does not understand.
pub(super) const UNDERSTANDING: [Rule; 5] =
    [unparsable::RULE, unknown_key::RULE, undeclared_data::RULE, undeclared_purpose::RULE, undeclared_recipient::RULE];

/// For a folder in which no rule finds an error, and which makes no policy all the same: refused, because what is not understood is not run.
pub(super) fn not_put_together() -> Rule {
    fn check(site: &Site<'_>, found: &mut Found) {
        found.in_rules(
            site.rules.top(),
            "this policy cannot be put together",
            "this is a mistake in Candor: please report it with this folder",
        );
    }
    Rule { check, ..unparsable::RULE }
}
