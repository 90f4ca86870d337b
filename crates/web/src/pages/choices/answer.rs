use std::collections::BTreeMap;

use app::choices::{PurposeState, last_choice, purposes_in_force, states};
use domain::Answer;
use policy::Set;
use policy::cookie::CookieState;
use policy::model::Purpose;
use serde::Serialize;

use crate::Asker;
use crate::phrases::{Phrases, because, to_the_second};

/// How everything stands, for scripts.
#[derive(Debug, Serialize)]
pub(crate) struct Answers {
    version: u32,
    revised: String,
    gpc: bool,
    last_choice: Option<String>,
    purposes: Vec<PurposeAnswer>,
    preferences: BTreeMap<String, String>,
    /// True once a yes is in our records, and false where answers count but will not be in them. A no is written down when there is time.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<bool>,
}

#[derive(Debug, Serialize)]
struct PurposeAnswer {
    id: String,
    title: String,
    /// Whether it is permitted now.
    allowed: bool,
    /// What was chosen, if anything was. What the browser's signal ended, nobody chose.
    choice: Option<&'static str>,
    /// Whether it is theirs to choose.
    refusable: bool,
    reason: String,
}

/// For this request.
pub(crate) fn of(asker: &Asker) -> Answers {
    answers(asker, &asker.cookie, asker.purposes, None)
}

/// For the cookie that this answer sets.
pub(crate) fn after(asker: &Asker, cookie: CookieState, recorded: Option<bool>) -> Answers {
    let purposes = purposes_in_force(&asker.policy, &cookie.standing(&asker.policy), asker.circumstances());
    answers(asker, &cookie, purposes, recorded)
}

fn answers(asker: &Asker, cookie: &CookieState, permitted: Set<Purpose>, recorded: Option<bool>) -> Answers {
    let policy = &asker.policy;
    let language = policy.default_language().as_str();
    let about = |state: PurposeState<'_>| PurposeAnswer {
        id: state.purpose.id.to_string(),
        title: state.purpose.title.in_language(language).to_owned(),
        allowed: permitted.contains(state.index),
        choice: chosen(cookie, &state),
        refusable: state.is_choice,
        reason: because(state.because, policy, Phrases::of(policy.default_language()), language),
    };
    let preferences = cookie.parts().and_then(|parts| parts.preferences.as_ref());
    Answers {
        version: policy.version.0,
        revised: policy.revised.to_string(),
        gpc: asker.gpc,
        last_choice: last_choice(cookie).map(to_the_second),
        purposes: states(policy, cookie, asker.circumstances()).into_iter().map(about).collect(),
        preferences: preferences
            .map_or_else(BTreeMap::new, |part| part.values.iter().map(|(id, value)| (id.to_string(), value.clone())).collect()),
        recorded,
    }
}

fn chosen(cookie: &CookieState, state: &PurposeState<'_>) -> Option<&'static str> {
    let parts = cookie.parts()?;
    let choice = parts.answer(&state.purpose.id).filter(|_| parts.signalled(&state.purpose.id).is_none())?;
    Some(match choice.answer {
        Answer::Yes => "yes",
        Answer::No => "no",
    })
}
