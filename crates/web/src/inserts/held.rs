use app::choices::PurposeState;
use askama::Template;
use policy::Policy;

use super::Marked;
use crate::features::features;
use crate::phrases::{Phrases, because};

/// Why what needs a purpose was held back, and what would allow it.
#[derive(Debug)]
pub(super) struct HeldPurpose {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) because: String,
    /// The features that its cookies are for, which are missing without it.
    pub(super) without: Option<String>,
    /// What the button says.
    pub(super) allow: String,
    /// Whether it is the reader's to allow.
    pub(super) can_allow: bool,
}

impl HeldPurpose {
    pub(super) fn of(policy: &Policy, state: &PurposeState<'_>, phrases: &Phrases, language: &str, can_choose: bool) -> Self {
        let words = &phrases.held_back;
        let title = state.purpose.title.in_language(language);
        let features = features(policy.cookies.iter().filter(|cookie| cookie.purpose == state.index), language);
        Self {
            id: state.purpose.id.to_string(),
            title: title.to_owned(),
            because: because(state.because, policy, phrases, language),
            without: (!features.is_empty()).then(|| words.without.with(&[("features", &features.join(", "))])),
            allow: words.allow.with(&[("purpose", title)]),
            can_allow: state.is_choice && !state.on && can_choose,
        }
    }
}

#[derive(Template)]
#[template(path = "insert_placeholder.html")]
pub(super) struct Placeholder<'a> {
    pub(super) phrases: &'static Phrases,
    pub(super) policy_language: Marked,
    pub(super) label: String,
    pub(super) what: String,
    pub(super) held: &'a HeldPurpose,
    pub(super) sends_forms: bool,
    pub(super) choices: String,
}

#[derive(Template)]
#[template(path = "insert_small_placeholder.html")]
pub(super) struct SmallPlaceholder<'a> {
    pub(super) phrases: &'static Phrases,
    pub(super) policy_language: Marked,
    pub(super) label: String,
    pub(super) title: &'a str,
    pub(super) choices: String,
}

/// Something that the policy does not name: nobody can be asked to allow it.
#[derive(Template)]
#[template(path = "insert_undeclared.html")]
pub(super) struct Undeclared {
    pub(super) phrases: &'static Phrases,
    pub(super) label: String,
    pub(super) what: String,
    pub(super) has_little_room: bool,
}

#[derive(Template)]
#[template(path = "insert_summary.html")]
pub(super) struct Summary<'a> {
    pub(super) phrases: &'static Phrases,
    pub(super) prefix: &'a str,
    /// Of the form that every button on the page belongs to; empty where there is none.
    pub(super) fields: Vec<(&'a str, String)>,
    pub(super) title: String,
    pub(super) lines: Vec<Line<'a>>,
    pub(super) sends_forms: bool,
}

/// One thing that was held back where nobody would have seen it.
pub(super) struct Line<'a> {
    pub(super) what: String,
    pub(super) choices: String,
    /// None for what no purpose would allow.
    pub(super) held: Option<&'a HeldPurpose>,
}
