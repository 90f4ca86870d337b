//! Everything that is held about an account: to read, and as a file for programs.

use app::choices::Receipt;
use app::held::{HeldVisits, LogError};
use app::people::{Export, ExportedVisits};
use askama::Template;
use axum::extract::Extension;
use axum::http::header::CONTENT_DISPOSITION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::{Age, Timestamp};

use super::agreements::{self, AgreementLine};
use super::home::said_of_age;
use super::{Member, proved_member};
use crate::pages::frame::{Frame, Place};
use crate::pages::query;
use crate::pages::register::here::{Here, Hidden};
use crate::phrases::{AccountWords, GuardianWords, Moment, Phrases, Sentence, action};
use crate::readers::Readers;

const HERE: &str = "/export";
const FILE: &str = "/export.json";

/// The parameter that asks for older visits.
pub(in crate::pages) const BEFORE: &str = "visits_before";

/// One file holds so many visits, and says where the older ones are.
pub(in crate::pages) const VISITS_MAX: usize = 20_000;

const ATTACHMENT: HeaderValue = HeaderValue::from_static("attachment; filename=\"account.json\"");

#[derive(Template)]
#[template(path = "account/export.html")]
struct ExportPage {
    frame: Frame,
    words: &'static AccountWords,
    export: Export,
    since: Moment,
    links: Vec<(&'static str, Moment)>,
    waiting: Vec<(&'static str, Moment)>,
    passkeys: Vec<(String, Moment)>,
    answers: Vec<AnswerLine>,
    agreements: Vec<AgreementLine>,
    heads: Heads,
    /// Whoever reads it is whom it is about.
    is_own: bool,
    age: AgeLines,
    file: String,
    home: String,
    hidden: Hidden,
}

/// What the page says around it: to whoever it is about, or to their guardian.
struct Heads {
    title: &'static str,
    lead: &'static str,
    account: &'static str,
    sessions: &'static str,
    answers: &'static str,
    visits: &'static str,
    visits_how: &'static str,
    back: &'static str,
}

/// What was said of somebody's age, and what their guardian said.
struct AgeLines {
    said: &'static str,
    how: String,
    version: String,
    words_hash: String,
    by_guardian: Option<String>,
    guardian_words_hash: Option<String>,
    passes: Option<String>,
}

struct AnswerLine {
    title: String,
    action: &'static str,
    time: Moment,
}

/// To read.
pub(crate) async fn show(here: Here) -> Response {
    match gathered(&here).await {
        Ok((member, export)) => page(&here, member.words, export, here.path(FILE, &[]), here.path("", &[])),
        Err(response) => response,
    }
}

/// To be saved as a file.
pub(crate) async fn json(Extension(readers): Extension<Readers>, here: Here) -> Response {
    file(&here, &readers).await.unwrap_or_else(|response| response)
}

async fn file(here: &Here, readers: &Readers) -> Result<Response, Response> {
    let (member, mut export) = gathered(here).await?;
    let (holdings, who, since) = (here.state.holdings.clone(), member.who.clone(), member.holder.account.made);
    let before: Option<Timestamp> = query(&here.uri, BEFORE).and_then(|time| time.parse().ok());
    let found = readers.read(move || holdings.visits_of_account(&who, since, before, VISITS_MAX)).await;
    export.visits = Some(visits(here, found, FILE)?);
    Ok(attached(export))
}

/// The visits of somebody, with the way to the older ones in the same file of theirs.
#[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
pub(in crate::pages) fn visits(here: &Here, found: Option<Result<HeldVisits, LogError>>, file: &str) -> Result<ExportedVisits, Response> {
    let Some(Ok(visits)) = found else {
        if let Some(Err(error)) = found {
            tracing::error!(%error, "the visit log could not be read for an export");
        }
        return Err(here.busy());
    };
    let origin = here.state.settings.origin.clone().unwrap_or_else(|| here.asker.origin());
    let older = |time: Timestamp| format!("{origin}{}", here.path(file, &[(BEFORE, &time.to_string())]));
    Ok(ExportedVisits::of(visits, older))
}

pub(in crate::pages) fn attached(export: Export) -> Response {
    let mut response = axum::Json(export).into_response();
    response.headers_mut().insert(CONTENT_DISPOSITION, ATTACHMENT);
    response
}

async fn gathered(here: &Here) -> Result<(Member, Export), Response> {
    let member = proved_member(here, HERE).await?;
    let centre = centre(here);
    let policies = (&*here.state.versions, &*here.asker.policy);
    let exported = here.state.accounts.export(&member.holder, &member.who, policies, &centre, here.asker.now).await;
    exported.map(|export| (member, export)).map_err(|error| here.unavailable(&error))
}

/// Where people reach the privacy centre.
pub(in crate::pages) fn centre(here: &Here) -> String {
    let origin = here.state.settings.origin.clone().unwrap_or_else(|| here.asker.origin());
    format!("{origin}{}", here.state.settings.prefix)
}

/// An export to read, the file of the same, and where it leads back to.
pub(in crate::pages) fn page(here: &Here, words: &'static AccountWords, export: Export, file: String, home: String) -> Response {
    let frame = here.frame();
    let (phrases, zone) = (frame.phrases, &here.asker.policy.time_zone);
    let moment = |time| phrases.moment(time, zone);
    let receipts = export.choices.iter().map(|choices| &choices.receipt);
    let mut answers: Vec<(Timestamp, AnswerLine)> = receipts.flat_map(|receipt| lines(receipt, &frame, phrases, here)).collect();
    answers.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    let guardian = GuardianWords::of(here.words.language);
    let is_own = export.dependent.is_none() || here.asker.signed_in_as().is_some_and(|id| id.to_hex() == export.account.id);
    let agreed = |agreement: &app::people::ExportedAgreement| {
        let times = (agreement.since, agreement.until);
        agreements::line(&agreement.name, times, &here.asker.policy, phrases, &frame.language)
    };
    let agreements = export.agreements.iter().map(agreed).collect();
    here.with_form(StatusCode::OK, |hidden| ExportPage {
        words,
        heads: heads(words, guardian, is_own),
        agreements,
        age: age(&export, here, (words, guardian), is_own),
        since: phrases.moment_of_day(export.account.since, zone),
        links: export.links.iter().map(|link| ((words.export.link)(&link.kind), moment(link.expires))).collect(),
        waiting: export.waiting.iter().map(|job| ((words.export.job)(&job.kind), moment(job.made))).collect(),
        passkeys: export.passkeys.iter().map(|passkey| (passkey.name.clone(), moment(passkey.made))).collect(),
        answers: answers.into_iter().map(|(_, line)| line).collect(),
        is_own,
        file,
        home,
        hidden,
        export,
        frame,
    })
}

fn heads(words: &AccountWords, guardian: &GuardianWords, is_own: bool) -> Heads {
    if !is_own {
        let said = &guardian.export;
        return Heads {
            title: said.title,
            lead: said.lead,
            account: said.account,
            sessions: guardian.one.sessions,
            answers: said.answers,
            visits: said.visits,
            visits_how: said.visits_how,
            back: said.back,
        };
    }
    Heads {
        title: words.export.title,
        lead: words.export.lead,
        account: words.home.title,
        sessions: words.sessions.title,
        answers: words.export.answers,
        visits: words.export.visits,
        visits_how: words.export.visits_how,
        back: words.back,
    }
}

fn age(export: &Export, here: &Here, (words, guardian): (&AccountWords, &GuardianWords), is_own: bool) -> AgeLines {
    let (frame, zone) = (here.frame(), &here.asker.policy.time_zone);
    let (phrases, age) = (frame.phrases, &export.age);
    let said = said_of_age(age.verdict, &age.method, words);
    let version = age.policy_version.to_string();
    let by_guardian = export.dependent.as_ref().filter(|_| !is_own).map(|dependent| {
        let version = dependent.policy_version.to_string();
        guardian.export.said.with(&[("day", &phrases.day_of(dependent.said_at, zone)), ("version", &version)])
    });
    AgeLines {
        said: if is_own || age.verdict != Age::Minor.name() { said } else { guardian.export.minor },
        how: words.home.age_how.with(&[("day", &phrases.day_of(age.at, zone)), ("version", &version)]),
        version: format!("{}/versions/{version}{}", frame.prefix, frame.keep_language),
        words_hash: age.words_sha256.clone(),
        by_guardian,
        guardian_words_hash: export.dependent.as_ref().filter(|_| !is_own).map(|dependent| dependent.words_sha256.clone()),
        passes: passes(export, phrases, if is_own { &guardian.own.passes } else { &guardian.one.passes }),
    }
}

/// When the account becomes its owner's own, where it does.
fn passes(export: &Export, phrases: &Phrases, says: &Sentence) -> Option<String> {
    let day = export.dependent.as_ref()?.passes_on.as_ref()?.parse().ok()?;
    Some(says.with(&[("day", &phrases.moment_of_date(day).words)]))
}

fn lines(receipt: &Receipt, frame: &Frame, phrases: &Phrases, here: &Here) -> Vec<(Timestamp, AnswerLine)> {
    let policy = &here.asker.policy;
    let line = |event: &app::choices::ReceiptEvent| {
        let known = policy.purpose_named(&event.purpose_id);
        let title = known.map_or_else(|| event.purpose_id.clone(), |index| policy.title(index).in_language(&frame.language).to_owned());
        let time = phrases.moment(event.event_time, &policy.time_zone);
        (event.event_time, AnswerLine { title, action: action(event.event_type, phrases), time })
    };
    receipt.events.iter().map(line).collect()
}
