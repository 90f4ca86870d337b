use app::held::{HeldVisits, SeenVisit};
use askama::Template;
use axum::extract;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use domain::{Answer, Field};
use policy::Policy;
use policy::cookie::{CookieParts, CookieState, purpose_of};
use policy::model::{CookieHolds, Use};

use crate::headers::PERSONAL;
use crate::pages::frame::{Frame, Place};
use crate::pages::html;
use crate::phrases::{Moment, Phrases, UseInWords, in_a_sentence, use_in_words};
use crate::readers::Readers;
use crate::{Asker, State};

#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage {
    frame: Frame,
    visits: Visits,
    /// The fields the log may keep of the request that asked for this page.
    leaves: String,
    /// The uses of visits, which say why they are held, how long, and who gets them.
    uses: Vec<UseInWords>,
    cookie: Option<CookieLines>,
    cookie_unverified: bool,
}

/// Every line of the log says under which purposes it was written.
const PURPOSES_THEN_ALLOWED: &str = "Purposes then allowed";

enum Visits {
    /// Nobody can be told apart.
    Unknown,
    Unreadable,
    Known {
        id: Option<String>,
        since: Moment,
        more: bool,
        may_miss_some: bool,
        rows: Vec<Row>,
    },
}

struct Row {
    time: Moment,
    page: String,
    answer: String,
    lines: Vec<(&'static str, String)>,
}

/// What the cookie of this browser holds.
struct CookieLines {
    choices: Option<ChoicesLines>,
    visitor: Option<(String, Option<Held>)>,
    preferences: Option<PreferencesLines>,
}

struct ChoicesLines {
    record: String,
    made: Moment,
    answers: Vec<(String, &'static str, Moment)>,
    held: Option<Held>,
}

struct PreferencesLines {
    made: Moment,
    values: Vec<(String, String)>,
    held: Option<Held>,
}

/// What for, and how long.
struct Held {
    purpose: String,
    keep: String,
}

/// What is held about whoever asks: theirs alone, as far as their cookie shows who they are.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    extract::Extension(readers): extract::Extension<Readers>,
    asker: Asker,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let policy = &asker.policy;
    let frame = Frame::new(&state, &asker, &headers, &uri, Place::Held);
    let visits = match asker.cookie.visitor() {
        None => Visits::Unknown,
        Some(visitor) => {
            let holdings = state.holdings.clone();
            let since = visitor.since();
            match readers.read(move || holdings.visits_of(&visitor)).await {
                Some(Ok(held)) => known(policy, held, since),
                Some(Err(error)) => {
                    tracing::error!(%error, "the visit log could not be read for a visitor");
                    Visits::Unreadable
                }
                None => Visits::Unreadable,
            }
        }
    };
    let status = if matches!(visits, Visits::Unreadable) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let page = HeldPage {
        visits,
        leaves: leaves(&asker),
        uses: uses_of_visits(policy).map(|rule| use_in_words(policy, rule, Phrases::ENGLISH, &frame.language)).collect(),
        cookie: asker.cookie.parts().filter(|parts| !parts.is_empty()).map(|parts| cookie_lines(policy, parts, &frame.language)),
        cookie_unverified: matches!(asker.cookie, CookieState::Unverified(_)),
        frame,
    };
    let mut response = html(status, &page);
    response.headers_mut().insert(CACHE_CONTROL, PERSONAL);
    response
}

fn known(policy: &Policy, held: HeldVisits, since: domain::Timestamp) -> Visits {
    Visits::Known {
        id: held.visitor.map(domain::VisitorId::to_hex),
        since: Moment::day_of(since, &policy.time_zone),
        more: held.more,
        may_miss_some: held.may_miss_some,
        rows: held.visits.into_iter().map(|visit| row(policy, visit)).collect(),
    }
}

fn row(policy: &Policy, visit: SeenVisit) -> Row {
    let answer = visit.status.map_or_else(String::new, |status| status.to_string());
    let page = [visit.method, visit.path].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let lines = [
        (Field::VisitIp, visit.ip.map(|ip| ip.to_string())),
        (Field::VisitBrowser, visit.browser),
        (Field::VisitReferrer, visit.referrer),
        (Field::VisitBytes, visit.bytes.map(|bytes| bytes.to_string())),
        (Field::VisitDuration, visit.duration_us.map(|duration_us| format!("{:.1} ms", duration_us as f64 / 1_000.0))),
    ];
    let mut lines: Vec<_> = lines.into_iter().filter_map(|(field, value)| Some((field.meaning(), value?))).collect();
    lines.extend((!visit.purposes.is_empty()).then(|| (PURPOSES_THEN_ALLOWED, visit.purposes.replace(',', ", "))));
    Row { time: Moment::to_the_minute(visit.time, &policy.time_zone), page, answer, lines }
}

fn leaves(asker: &Asker) -> String {
    let policy = &asker.policy;
    let rule = policy.access_log().map(|index| policy.the_use(index)).filter(|rule| asker.purposes.contains(rule.purpose));
    rule.map_or_else(String::new, |rule| {
        let fields = policy.reserved(rule.data);
        let recognised = purpose_of(policy, &CookieHolds::Visitor).is_some_and(|purpose| asker.purposes.contains(purpose));
        let left = |field: &Field| match field {
            Field::VisitVisitor => recognised,
            Field::VisitAccount => false,
            _ => true,
        };
        let meanings = fields.iter().filter(left).map(|field| field.meaning().to_owned());
        in_a_sentence(meanings.chain([PURPOSES_THEN_ALLOWED.to_owned()]), Phrases::ENGLISH)
    })
}

fn uses_of_visits(policy: &Policy) -> impl Iterator<Item = &Use> {
    policy.uses.iter().filter(|rule| rule.data.iter().any(|field| policy.field(field).data == *"visit"))
}

fn cookie_lines(policy: &Policy, parts: &CookieParts, language: &str) -> CookieLines {
    let held = |holds: &CookieHolds| {
        let purpose = purpose_of(policy, holds)?;
        let cookie = policy.cookies.iter().find(|cookie| cookie.holds == *holds)?;
        Some(Held { purpose: policy.title(purpose).in_language(language).to_owned(), keep: cookie.keep.to_string() })
    };
    let zone = &policy.time_zone;
    let title_of = |id: &domain::Id| {
        policy.purpose_named(id.as_str()).map_or_else(|| id.to_string(), |purpose| policy.title(purpose).in_language(language).to_owned())
    };
    CookieLines {
        choices: parts.choices.as_ref().map(|part| ChoicesLines {
            record: part.record.to_hex(),
            made: Moment::to_the_minute(part.made, zone),
            answers: part
                .choices
                .iter()
                .map(|choice| {
                    let word = if choice.answer == Answer::Yes { "yes" } else { "no" };
                    (title_of(&choice.purpose), word, Moment::day_of(choice.at, zone))
                })
                .collect(),
            held: held(&CookieHolds::Choices),
        }),
        visitor: parts.visitor.as_ref().map(|part| (Moment::day_of(part.since, zone).words, held(&CookieHolds::Visitor))),
        preferences: parts.preferences.as_ref().map(|part| PreferencesLines {
            made: Moment::day_of(part.made, zone),
            values: part
                .values
                .iter()
                .map(|(id, value)| {
                    let known = policy.preferences.iter().find(|preference| preference.id == *id);
                    (known.map_or_else(|| id.to_string(), |known| known.title.in_language(language).to_owned()), value.clone())
                })
                .collect(),
            held: held(&CookieHolds::Preferences),
        }),
    }
}
