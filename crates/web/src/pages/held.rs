use app::choices::Because;
use app::held::{HeldVisits, SeenVisit, VISITS_SHOWN_MAX};
use app::people::Holder;
use askama::Template;
use axum::extract;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use domain::{Answer, Field};
use policy::Policy;
use policy::account_permit;
use policy::cookie::{CookieParts, CookieState, SignedIn, VerifiedAccount, purpose_of};
use policy::model::{CookieHolds, Use};

use crate::headers::PERSONAL;
use crate::pages::account::agreements::{self, AgreementLine};
use crate::pages::frame::{Frame, Place};
use crate::pages::html;
use crate::phrases::{AccountWords, Moment, Phrases, Sentence, UseInWords, because, capitalised, in_a_sentence, use_in_words};
use crate::readers::Readers;
use crate::{Asker, State};

#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage {
    frame: Frame,
    /// Of whoever is signed in.
    account: Option<AccountLines>,
    visits: Visits,
    /// The fields the log may keep of the request that asked for this page.
    leaves: String,
    /// The uses of visits, which say why they are held, how long, and who gets them.
    uses: Vec<UseInWords>,
    cookie: Option<CookieLines>,
    cookie_unverified: bool,
}

struct AccountLines {
    words: &'static AccountWords,
    path: String,
    username: String,
    email: Option<String>,
    since: Moment,
    agreements: Vec<AgreementLine>,
    /// None where the log cannot be read.
    visits: Option<AccountVisits>,
}

struct AccountVisits {
    count: String,
    may_miss_some: bool,
    rows: Vec<Row>,
}

enum Visits {
    /// Nobody can be told apart.
    Unknown,
    Unreadable,
    Known {
        id: Option<String>,
        since: Moment,
        /// How many are shown, and whether there are more.
        count: String,
        may_miss_some: bool,
        rows: Vec<Row>,
    },
}

struct Row {
    time: Moment,
    page: String,
    answer: String,
    lines: Vec<(String, String)>,
}

/// What the cookie of this browser holds.
struct CookieLines {
    choices: Option<ChoicesLines>,
    signal: Option<SignalLines>,
    visitor: Option<(Moment, Option<String>)>,
    preferences: Option<PreferencesLines>,
}

struct ChoicesLines {
    record: String,
    made: Moment,
    answers: Vec<(String, &'static str, Moment)>,
    held: Option<String>,
}

/// What the browser's signal ended, and what says so.
struct SignalLines {
    record: String,
    purposes: Vec<(String, String)>,
    held: Option<String>,
}

struct PreferencesLines {
    made: Moment,
    values: Vec<(String, String)>,
    held: Option<String>,
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
                Some(Ok(held)) => known(policy, held, since, frame.phrases, &frame.language),
                Some(Err(error)) => {
                    tracing::error!(%error, "the visit log could not be read for a visitor");
                    Visits::Unreadable
                }
                None => Visits::Unreadable,
            }
        }
    };
    let account = account_lines(&state, &readers, &asker, &frame).await;
    let status = if matches!(visits, Visits::Unreadable) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let page = HeldPage {
        account,
        visits,
        leaves: leaves(&asker, frame.phrases),
        uses: uses_of_visits(policy).map(|rule| use_in_words(policy, rule, frame.phrases, &frame.language)).collect(),
        cookie: asker
            .cookie
            .parts()
            .filter(|parts| !parts.is_empty())
            .map(|parts| cookie_lines(policy, parts, frame.phrases, &frame.language)),
        cookie_unverified: matches!(asker.cookie, CookieState::Unverified(_)),
        frame,
    };
    let mut response = html(status, &page);
    response.headers_mut().insert(CACHE_CONTROL, PERSONAL);
    response
}

/// Nobody's where the session is over, whatever the ticket says.
async fn account_lines(state: &State, readers: &Readers, asker: &Asker, frame: &Frame) -> Option<AccountLines> {
    let SignedIn::As(who) = asker.cookie.signed_in(asker.now) else { return None };
    let holder = match state.accounts.holder(who.session(), asker.now).await {
        Ok(holder) => holder?,
        Err(error) => {
            tracing::error!(%error, "an account could not be read for whoever has it");
            return None;
        }
    };
    let permit = account_permit(&who);
    let agreed = match state.accounts.facts_of(&holder.account, asker.now).await {
        Ok(facts) => facts.agreements,
        Err(error) => {
            tracing::error!(%error, "what was agreed with somebody could not be read for them");
            return None;
        }
    };
    let visits = account_visits(state, readers, &holder, who).await;
    let (policy, phrases) = (&asker.policy, frame.phrases);
    Some(AccountLines {
        words: AccountWords::of(phrases.language),
        path: format!("{}{}", state.settings.account, frame.keep_language),
        username: holder.account.username.open(&permit).map_or_else(|_| String::new(), Clone::clone),
        email: holder.account.email.as_ref().and_then(|email| email.open(&permit).ok().cloned()),
        since: phrases.moment_of_day(holder.account.made, &policy.time_zone),
        agreements: agreements::lines(&agreed, policy, phrases, &frame.language),
        visits: visits.map(|held| AccountVisits {
            count: count(&held, phrases),
            may_miss_some: held.may_miss_some,
            rows: held.visits.into_iter().map(|visit| row(policy, visit, phrases, &frame.language)).collect(),
        }),
    })
}

async fn account_visits(state: &State, readers: &Readers, holder: &Holder, who: VerifiedAccount) -> Option<HeldVisits> {
    let (holdings, since) = (state.holdings.clone(), holder.account.made);
    match readers.read(move || holdings.visits_of_account(&who, since, None, VISITS_SHOWN_MAX)).await {
        Some(Ok(held)) => Some(held),
        Some(Err(error)) => {
            tracing::error!(%error, "the visit log could not be read for somebody with an account");
            None
        }
        None => None,
    }
}

/// How many are shown, and whether there are more.
fn count(held: &HeldVisits, phrases: &Phrases) -> String {
    let count = held.visits.len().to_string();
    match (held.more, held.visits.len()) {
        (true, _) => phrases.holding.newest_visits.with(&[("count", &count)]),
        (false, 1) => phrases.holding.one_visit.to_owned(),
        (false, _) => phrases.holding.all_visits.with(&[("count", &count)]),
    }
}

fn known(policy: &Policy, held: HeldVisits, since: domain::Timestamp, phrases: &Phrases, language: &str) -> Visits {
    Visits::Known {
        id: held.visitor.map(domain::VisitorId::to_hex),
        since: phrases.moment_of_day(since, &policy.time_zone),
        count: count(&held, phrases),
        may_miss_some: held.may_miss_some,
        rows: held.visits.into_iter().map(|visit| row(policy, visit, phrases, language)).collect(),
    }
}

/// What the policy calls a purpose now; its name where it has none of that name any more.
fn purpose_title(policy: &Policy, name: &str, language: &str) -> String {
    policy.purpose_named(name).map_or_else(|| name.to_owned(), |purpose| policy.title(purpose).in_language(language).to_owned())
}

fn row(policy: &Policy, visit: SeenVisit, phrases: &Phrases, language: &str) -> Row {
    let answer = visit.status.map_or_else(String::new, |status| status.to_string());
    let page = [visit.method, visit.path].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let ip = visit.ip.map(|ip| match ip.encrypted() {
        Some(encrypted) => format!("{} ({})", phrases.holding.encrypted, encrypted.value()),
        None => ip.to_string(),
    });
    let lines = [
        (Field::VisitIp, ip),
        (Field::VisitBrowser, visit.browser),
        (Field::VisitReferrer, visit.referrer),
        (Field::VisitBytes, visit.bytes.map(|bytes| bytes.to_string())),
        (Field::VisitDuration, visit.duration_us.map(|duration_us| format!("{:.1} ms", duration_us as f64 / 1_000.0))),
    ];
    let meaning = |field| capitalised((phrases.rules.field)(field));
    let mut lines: Vec<_> = lines.into_iter().filter_map(|(field, value)| Some((meaning(field), value?))).collect();
    let purposes: Vec<String> =
        visit.purposes.split(',').filter(|name| !name.is_empty()).map(|name| purpose_title(policy, name, language)).collect();
    lines.extend((!purposes.is_empty()).then(|| (phrases.holding.purposes_then.to_owned(), purposes.join(phrases.semicolon))));
    Row { time: phrases.moment(visit.time, &policy.time_zone), page, answer, lines }
}

fn leaves(asker: &Asker, phrases: &Phrases) -> String {
    let policy = &asker.policy;
    let rule = policy.access_log().map(|index| policy.the_use(index)).filter(|rule| asker.purposes.contains(rule.purpose));
    rule.map_or_else(String::new, |rule| {
        let fields = policy.reserved(rule.data);
        let recognised = purpose_of(policy, &CookieHolds::Visitor).is_some_and(|purpose| asker.purposes.contains(purpose));
        let left = |field: &Field| match field {
            Field::VisitVisitor => recognised,
            Field::VisitAccount => matches!(asker.cookie.signed_in(asker.now), SignedIn::As(_)),
            _ => true,
        };
        let meanings = fields.iter().filter(left).map(|field| (phrases.rules.field)(field).to_owned());
        // Every line of the log says under which purposes it was written.
        in_a_sentence(meanings.chain([phrases.holding.purposes_then.to_owned()]), phrases)
    })
}

fn uses_of_visits(policy: &Policy) -> impl Iterator<Item = &Use> {
    policy.uses.iter().filter(|rule| rule.data.iter().any(|field| policy.field(field).data == *"visit"))
}

fn cookie_lines(policy: &Policy, parts: &CookieParts, phrases: &Phrases, language: &str) -> CookieLines {
    let words = &phrases.holding;
    // How long, and what for.
    let held = |holds: &CookieHolds, sentence: Sentence| {
        let purpose = purpose_of(policy, holds)?;
        let cookie = policy.cookies.iter().find(|cookie| cookie.holds == *holds)?;
        Some(sentence.with(&[("keep", &phrases.span(cookie.keep)), ("purpose", policy.title(purpose).in_language(language))]))
    };
    let zone = &policy.time_zone;
    let title_of = |id: &domain::Id| purpose_title(policy, id.as_str(), language);
    CookieLines {
        choices: parts.choices.as_ref().map(|part| ChoicesLines {
            record: part.record.to_hex(),
            made: phrases.moment(part.made, zone),
            answers: part
                .choices
                .iter()
                .map(|choice| {
                    let word = if choice.answer == Answer::Yes { phrases.choices.yes } else { phrases.choices.no };
                    (title_of(&choice.purpose), word, phrases.moment_of_day(choice.at, zone))
                })
                .collect(),
            held: held(&CookieHolds::Choices, words.kept),
        }),
        signal: parts.signal.as_ref().map(|part| SignalLines {
            record: part.record.to_hex(),
            purposes: part
                .opted_out()
                .iter()
                .filter(|choice| parts.signalled(&choice.purpose).is_some())
                .map(|choice| (title_of(&choice.purpose), because(Because::Signalled(choice.at), policy, phrases, language)))
                .collect(),
            held: held(&CookieHolds::Choices, words.kept),
        }),
        visitor: parts
            .visitor
            .as_ref()
            .map(|part| (phrases.moment_of_day(part.since, zone), held(&CookieHolds::Visitor, words.kept_from_then))),
        preferences: parts.preferences.as_ref().map(|part| PreferencesLines {
            made: phrases.moment_of_day(part.made, zone),
            values: part
                .values
                .iter()
                .map(|(id, value)| {
                    let known = policy.preferences.iter().find(|preference| preference.id == *id);
                    (known.map_or_else(|| id.to_string(), |known| known.title.in_language(language).to_owned()), value.clone())
                })
                .collect(),
            held: held(&CookieHolds::Preferences, words.kept),
        }),
    }
}
