use std::collections::HashMap;

use app::minors::{CaseEvent, CaseFile, CaseState, DismissReason, Receipt, Report};
use app::operators::RecordsError;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::{Age, CaseId, OperatorId};
use policy::{Permit, Sealed, case_permit};

use super::state_in_words;
use crate::console::desk::Operator;
use crate::console::frame::{Frame, Tab};
use crate::console::told::Told;
use crate::pages::query;
use crate::phrases::Moment;

#[derive(Template)]
#[template(path = "console/cases/file.html")]
struct FilePage {
    frame: Frame,
    said: Option<&'static str>,
    id: String,
    short: String,
    state: &'static str,
    is_undecided: bool,
    is_asked: bool,
    can_confirm: bool,
    can_ask: bool,
    can_name: bool,
    opened: Moment,
    due: Moment,
    is_late: bool,
    has_ended: bool,
    reason: Option<&'static str>,
    account: Option<Shown>,
    reports: Vec<ShownReport>,
    events: Vec<ShownEvent>,
    reasons: Vec<(&'static str, &'static str)>,
    receipt: Option<ShownReceipt>,
}

/// The second step before something that cannot be taken back.
#[derive(Template)]
#[template(path = "console/cases/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    id: String,
    short: String,
    username: Option<String>,
    has_guardian: bool,
}

struct Shown {
    username: Option<String>,
    said_of_age: &'static str,
    since: Moment,
    has_guardian: bool,
    is_closed: bool,
}

struct ShownReport {
    about: Option<String>,
    message: Option<String>,
    made: Moment,
    wants_answer: bool,
    /// Others came from the same network.
    same_network: usize,
    is_erased: bool,
}

struct ShownEvent {
    at: Moment,
    what: &'static str,
    who: Option<String>,
}

struct ShownReceipt {
    deleted: Option<Moment>,
    in_time: bool,
    gone: Vec<(&'static str, u64)>,
    remains: Vec<(&'static str, &'static str, String)>,
}

pub(crate) async fn show(Path(case): Path<String>, operator: Operator) -> Response {
    match found(&operator, &case).await {
        Ok(file) => page(&operator, &file).await.unwrap_or_else(|error| operator.desk.unavailable(&error)),
        Err(response) => response,
    }
}

/// The question before confirming. Who asks has shown just now that it is still them.
pub(crate) async fn ask_again(Path(case): Path<String>, operator: Operator) -> Response {
    let file = match found(&operator, &case).await {
        Ok(file) => file,
        Err(response) => return response,
    };
    let id = file.case.id.to_hex();
    if let Err(response) = operator.proved_or_back_to(&format!("/cases/{id}/confirm")) {
        return response;
    }
    let permit = permit(&operator);
    let account = file.account.as_ref();
    operator.page(&ConfirmPage {
        frame: operator.frame(Tab::Cases),
        short: id[..8].to_owned(),
        id,
        username: account.and_then(|account| opened(&account.username, permit.as_ref())),
        has_guardian: account.is_some_and(|account| account.guardian.is_some()),
    })
}

/// The receipt for machines.
pub(crate) async fn receipt(Path(case): Path<String>, operator: Operator) -> Response {
    let file = match found(&operator, &case).await {
        Ok(file) => file,
        Err(response) => return response,
    };
    let policy = operator.desk.state.versions.current();
    match policy.and_then(|policy| Receipt::of(&file, &policy, operator.desk.now)) {
        Some(receipt) => axum::Json(receipt).into_response(),
        None => no_case(&operator),
    }
}

pub(super) async fn found(operator: &Operator, case: &str) -> Result<CaseFile, Response> {
    let Some(id) = CaseId::parse(case) else { return Err(no_case(operator)) };
    match operator.desk.state.minors.case(id).await {
        Ok(Some(file)) => Ok(file),
        Ok(None) => Err(no_case(operator)),
        Err(error) => Err(operator.desk.unavailable(&error)),
    }
}

pub(super) fn no_case(operator: &Operator) -> Response {
    let told = Told::new("There is no such case", "It may have been deleted after its time was over.");
    told.status(StatusCode::NOT_FOUND).way("/cases", "All cases").shown_in(operator.frame(Tab::Cases))
}

fn permit(operator: &Operator) -> Option<Permit> {
    case_permit(&*operator.desk.state.versions.current()?)
}

fn opened(text: &Sealed<String>, permit: Option<&Permit>) -> Option<String> {
    text.open(permit?).ok().cloned()
}

async fn page(operator: &Operator, file: &CaseFile) -> Result<Response, RecordsError> {
    let (desk, case) = (&operator.desk, &file.case);
    let permit = permit(operator);
    let names: HashMap<OperatorId, String> =
        desk.state.operators.all().await?.into_iter().map(|one| (one.id, one.name.as_str().to_owned())).collect();
    let id = case.id.to_hex();
    let reasons = DismissReason::ALL.into_iter().filter(|reason| reason.fits(file)).map(|reason| (reason.name(), reason_in_words(reason)));
    let receipt = desk.state.versions.current().and_then(|policy| Receipt::of(file, &policy, desk.now));
    Ok(operator.page(&FilePage {
        frame: operator.frame(Tab::Cases),
        said: query(&desk.uri, "said").and_then(|said| in_words(&said)),
        short: id[..8].to_owned(),
        id,
        state: state_in_words(case.state),
        is_undecided: case.state.is_undecided(),
        is_asked: case.state == CaseState::Asked,
        can_confirm: case.subject.is_some() && matches!(case.state, CaseState::Open | CaseState::Asked | CaseState::Dismissed),
        can_ask: file.account.as_ref().is_some_and(|account| account.email.is_some() && account.closed.is_none()),
        can_name: case.subject.is_none() && case.state.is_undecided(),
        opened: desk.moment(case.opened),
        due: desk.moment(case.due),
        is_late: !case.state.has_ended() && case.due < desk.now,
        has_ended: case.state.has_ended(),
        reason: case.reason.as_deref().and_then(DismissReason::named).map(reason_in_words),
        account: file.account.as_ref().map(|account| Shown {
            username: opened(&account.username, permit.as_ref()),
            said_of_age: age_in_words(account.age.verdict),
            since: desk.moment(account.made),
            has_guardian: account.guardian.is_some(),
            is_closed: account.closed.is_some(),
        }),
        reports: file.reports.iter().map(|report| shown_report(operator, report, &file.reports, permit.as_ref())).collect(),
        events: file
            .events
            .iter()
            .map(|happened| ShownEvent {
                at: desk.moment(happened.at),
                what: event_in_words(happened.event),
                who: happened.actor.map(|actor| names.get(&actor).cloned().unwrap_or_else(|| "somebody who was removed".to_owned())),
            })
            .collect(),
        reasons: reasons.collect(),
        receipt: receipt.map(|receipt| ShownReceipt {
            deleted: receipt.deleted.map(|time| desk.moment(time)),
            in_time: receipt.in_time,
            gone: receipt.gone.iter().filter(|gone| gone.number > 0).map(|gone| (gone.what, gone.number)).collect(),
            remains: receipt.remains.into_iter().map(|remains| (remains.what, remains.why, remains.until)).collect(),
        }),
    }))
}

fn shown_report(operator: &Operator, report: &Report, all: &[Report], permit: Option<&Permit>) -> ShownReport {
    let text = |text: &Option<Sealed<String>>| text.as_ref().and_then(|text| opened(text, permit));
    let others = all.iter().filter(|other| other.id != report.id && other.reporter.is_some() && other.reporter == report.reporter);
    ShownReport {
        about: text(&report.about),
        message: text(&report.message),
        made: operator.desk.moment(report.made),
        wants_answer: report.wants_answer,
        same_network: others.count(),
        is_erased: report.erased.is_some(),
    }
}

const fn reason_in_words(reason: DismissReason) -> &'static str {
    match reason {
        DismissReason::NotAMinor => "The person is old enough",
        DismissReason::NotShown => "Nothing shows that it is a child",
        DismissReason::NoAccount => "There is no such account",
        DismissReason::Abusive => "The report was made to harm somebody",
        DismissReason::HasGuardian => "A guardian looks after this account, and is told of the report",
    }
}

const fn age_in_words(age: Age) -> &'static str {
    match age {
        Age::Adult => "old enough",
        Age::Minor => "too young: a guardian registered them",
        Age::Unknown => "nothing",
    }
}

const fn event_in_words(event: CaseEvent) -> &'static str {
    match event {
        CaseEvent::Reported => "Somebody reported it",
        CaseEvent::Named => "The account was found",
        CaseEvent::Asked => "The person was asked by mail",
        CaseEvent::Answered => "An answer came",
        CaseEvent::Confirmed => "Confirmed as a minor's",
        CaseEvent::Deactivated => "The account was closed: nobody is signed in, and no mail goes out",
        CaseEvent::Erased => "The data was deleted",
        CaseEvent::Dismissed => "Dismissed",
    }
}

fn in_words(said: &str) -> Option<&'static str> {
    Some(match said {
        "named" => "The account is known now.",
        "nobody" => "There is no account of that name or address.",
        "asked" => "A letter is on its way.",
        "signed-out" => "The person is signed out everywhere.",
        "answered" => "It is noted that an answer came.",
        "dismissed" => "The case is dismissed. Nothing happened to the account.",
        "confirmed" => "The account is closed, and its data is being deleted.",
        "not-now" => "Nothing was done: the case has moved on, or that does not fit it.",
        _ => return None,
    })
}
