use app::choices::{Because, PurposeState, Seen, Submission, last_choice, states};
use askama::Template;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use domain::{Answer, ChoiceMethod};
use policy::cookie::{CookieState, purpose_of};
use policy::model::{CookieHolds, Preference};

use super::Saved;
use crate::features::{features, no_cookie};
use crate::pages::frame::{Frame, Place};
use crate::pages::html;
use crate::phrases::{Moment, Phrases, UseInWords, because, standing, use_in_words};
use crate::{Asker, State};

/// How long a page says "saved" after a choice; an old link must not.
const SAVED_SECONDS: i64 = 60;

/// How the form is shown.
pub(super) struct Shown {
    pub(super) return_to: Option<String>,
    pub(super) saved: Option<Saved>,
    pub(super) stale: Option<super::Stale>,
}

#[derive(Template)]
#[template(path = "choices.html")]
struct ChoicesPage {
    frame: Frame,
    saved: bool,
    /// The form was sent, and nothing was answered with it.
    nothing_answered: bool,
    /// The form was an old one: a word, and what that means.
    stale: Option<(&'static str, &'static str)>,
    /// Somebody saved something, and no cookie came back.
    no_cookie: Option<String>,
    /// Something is on here that nobody was asked about.
    is_on_unasked: bool,
    lead: String,
    gpc: bool,
    unreadable: bool,
    can_choose: bool,
    last_choice: Option<Moment>,
    has_receipt: bool,
    yours: Vec<Card>,
    others: Vec<Card>,
    preferences: Vec<PreferenceField>,
    preferences_need: Option<String>,
    hidden: Vec<(&'static str, String)>,
}

/// One purpose on the page.
struct Card {
    id: String,
    title: String,
    describes: Option<String>,
    standing: &'static str,
    on: bool,
    because: String,
    /// The reason is the policy's own, in its language.
    because_is_theirs: bool,
    says_yes: bool,
    says_no: bool,
    marketing: bool,
    cookies: Vec<CookieLine>,
    uses: Vec<UseInWords>,
}

struct CookieLine {
    name: String,
    keep: String,
    without: Option<String>,
}

struct PreferenceField {
    field: String,
    title: String,
    options: Vec<(String, bool)>,
}

pub(super) fn page(
    state: &State,
    asker: &Asker,
    headers: &HeaderMap,
    uri: &Uri,
    status: StatusCode,
    shown: Shown,
    token: Option<String>,
) -> Response {
    let policy = &asker.policy;
    let frame = Frame::new(state, asker, headers, uri, Place::Choices);
    let phrases = frame.phrases;
    let (yours, others): (Vec<_>, Vec<_>) =
        states(policy, &asker.cookie, asker.circumstances()).into_iter().partition(|purpose| purpose.is_choice);
    let card = |state: &PurposeState<'_>| card(asker, state, phrases, &frame.language);
    // Signing in gives a browser a record before anything is chosen.
    let has_chosen = asker.cookie.parts().and_then(|parts| parts.choices.as_ref()).is_some_and(|part| !part.choices.is_empty());
    let last = last_choice(&asker.cookie).filter(|_| has_chosen);
    let just_now = last.is_some_and(|at| (0..=SAVED_SECONDS).contains(&asker.now.duration_since(at).as_secs()));
    let mut hidden = hidden_fields(asker, &shown, &frame.language);
    hidden.extend(token.map(|token| (crate::forgery::TOKEN_FIELD, token)));
    let page = ChoicesPage {
        saved: shown.saved == Some(Saved::Answered) && just_now,
        nothing_answered: shown.saved == Some(Saved::Nothing),
        stale: shown.stale.map(|stale| match stale {
            super::Stale::Entirely => (phrases.choices.stale, phrases.choices.stale_how),
            super::Stale::ButNo => phrases.choices.stale_but_no,
        }),
        no_cookie: (shown.saved == Some(Saved::Answered) && asker.cookie == CookieState::Absent)
            .then(|| no_cookie(policy, phrases, &frame.language)),
        is_on_unasked: yours.iter().any(|state| state.because == Because::OnUntilRefused),
        lead: phrases.choices.lead.with(&[("controller", &policy.controller)]),
        gpc: asker.gpc,
        unreadable: matches!(asker.cookie, CookieState::Unverified(_)),
        can_choose: purpose_of(policy, &CookieHolds::Choices).is_some(),
        last_choice: last.map(|at| phrases.moment(at, &policy.time_zone)),
        has_receipt: last.is_some(),
        yours: yours.iter().map(card).collect(),
        others: others.iter().map(card).collect(),
        preferences: preference_fields(asker, &frame.language),
        preferences_need: preferences_need(asker, phrases, &frame.language),
        hidden,
        frame,
    };
    html(status, &page)
}

fn hidden_fields(asker: &Asker, shown: &Shown, language: &str) -> Vec<(&'static str, String)> {
    let seen = Seen::of(&asker.policy, &asker.cookie);
    let mut hidden = vec![
        (Submission::VERSION, seen.version().to_owned()),
        (Submission::LAST_CHOICE, seen.last_choice().to_owned()),
        (Submission::INTERFACE, ChoiceMethod::Page.name().to_owned()),
        (Submission::LANGUAGE, language.to_owned()),
    ];
    hidden.extend(shown.return_to.clone().map(|path| (super::RETURN, path)));
    hidden
}

fn card(asker: &Asker, state: &PurposeState<'_>, phrases: &Phrases, language: &str) -> Card {
    let policy = &asker.policy;
    let words = &phrases.choices;
    let purpose = state.purpose;
    let cookies = policy.cookies.iter().filter(|cookie| cookie.purpose == state.index).map(|cookie| CookieLine {
        name: match &cookie.holds {
            CookieHolds::Site(name) => name.0.clone(),
            CookieHolds::Choices => words.our_choices.to_owned(),
            CookieHolds::Preferences => words.our_preferences.to_owned(),
            CookieHolds::Visitor => words.our_visitor.to_owned(),
            CookieHolds::Session => words.our_session.to_owned(),
        },
        keep: words.cookie_for.with(&[("keep", &phrases.span(cookie.keep))]),
        without: (!cookie.needed_for.is_empty())
            .then(|| words.cookie_without.with(&[("features", &features(std::iter::once(cookie), language).join(", "))])),
    });
    Card {
        id: purpose.id.to_string(),
        title: purpose.title.in_language(language).to_owned(),
        describes: purpose.describes.as_ref().map(|text| text.in_language(language).to_owned()),
        standing: standing(state, phrases),
        on: state.on,
        because: because(state.because, policy, phrases, language),
        because_is_theirs: matches!(state.because, Because::Compelling(_)),
        says_yes: state.answer == Some(Answer::Yes),
        says_no: state.answer == Some(Answer::No),
        marketing: purpose.marketing,
        cookies: cookies.collect(),
        uses: state.uses.iter().map(|rule| use_in_words(policy, rule, phrases, language)).collect(),
    }
}

/// None where the policy declares no cookie for them.
fn preference_fields(asker: &Asker, language: &str) -> Vec<PreferenceField> {
    let policy = &asker.policy;
    if purpose_of(policy, &CookieHolds::Preferences).is_none() {
        return Vec::new();
    }
    let held = asker.cookie.parts().and_then(|parts| parts.preferences.as_ref());
    let value = |preference: &Preference| {
        let values = held.map_or(&[][..], |part| &part.values);
        values.iter().find(|(id, _)| *id == preference.id).map(|(_, value)| value.clone())
    };
    let field = |preference: &Preference| {
        let held = value(preference);
        PreferenceField {
            field: format!("{}{}", Submission::PREFERENCE, preference.id),
            title: preference.title.in_language(language).to_owned(),
            options: preference.values.iter().map(|value| (value.clone(), held.as_ref() == Some(value))).collect(),
        }
    };
    policy.preferences.iter().map(field).collect()
}

/// Names the purpose that must be on before a preference can be kept, where it is not.
fn preferences_need(asker: &Asker, phrases: &Phrases, language: &str) -> Option<String> {
    let purpose = purpose_of(&asker.policy, &CookieHolds::Preferences)?;
    (!asker.purposes.contains(purpose)).then(|| {
        let title = asker.policy.title(purpose).in_language(language);
        phrases.choices.preferences_need.with(&[("purpose", title)])
    })
}
