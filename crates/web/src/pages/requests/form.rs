use app::minors::{ABOUT_CHARACTERS_MAX, BadReport, MESSAGE_CHARACTERS_MAX, Reported};
use app::people::{Doer, email_of_a_request};
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use domain::Field;
use policy::model::Guardians;

use super::{Here, forged, keeps, takes_reports};
use crate::forgery;
use crate::forms::{Form, see_other, setting};
use crate::pages::frame::{Frame, Place};
use crate::pages::html;
use crate::pages::register::email_problem;
use crate::phrases::{RegisterWords, RequestWords};

const KIND: &str = "kind";
const REPORT_A_MINOR: &str = "report-a-minor";
const ABOUT: &str = "_about";
const MESSAGE: &str = "_message";
const EMAIL: &str = "_email";
/// No person sees this field. Programs that fill in whatever they find do.
const TRAP: &str = "_website";

#[derive(Template)]
#[template(path = "requests/form.html")]
struct FormPage {
    frame: Frame,
    words: &'static RequestWords,
    action: String,
    token: Option<String>,
    /// None where the policy has no such form.
    report: Option<ReportForm>,
}

#[derive(Default)]
struct ReportForm {
    lead: String,
    next: [&'static str; 3],
    about: Filled,
    /// None where nothing is kept of it, and so nothing asked.
    message: Option<Filled>,
    email: Option<Filled>,
    about_max: usize,
    message_max: usize,
    trapped: Option<&'static str>,
    has_problem: bool,
}

/// A field as it is shown again.
#[derive(Clone, Debug, Default)]
struct Filled {
    typed: String,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "requests/told.html")]
pub(super) struct ToldPage {
    pub(super) frame: Frame,
    pub(super) title: &'static str,
    pub(super) lead: String,
    pub(super) back: String,
    pub(super) door: &'static str,
}

/// What is wrong with each field.
#[derive(Default)]
struct Problems {
    about: Option<String>,
    message: Option<String>,
    email: Option<String>,
    trapped: Option<&'static str>,
}

pub(crate) async fn show(here: Here) -> Response {
    page(&here, StatusCode::OK, &Form::default(), Problems::default())
}

pub(crate) async fn take(here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    let form = Form::read(&here.headers, body);
    if !is_ours(&here, &form) {
        return here.failed(forged());
    }
    if !takes_reports(&here.asker.policy) || form.get(KIND).unwrap_or_default() != REPORT_A_MINOR {
        return page(&here, StatusCode::UNPROCESSABLE_ENTITY, &form, Problems::default());
    }
    report(&here, &form).await.unwrap_or_else(|response| response)
}

/// The same answer, whoever and whatever is reported.
async fn report(here: &Here, form: &Form) -> Result<Response, Response> {
    let reported = read(here, form).map_err(|problems| page(here, StatusCode::UNPROCESSABLE_ENTITY, form, problems))?;
    let doer = Doer { client: &here.asker.client, email: Some(reported.counted()) };
    here.state.minors.admit(doer, here.asker.now).map_err(|too_often| too_many(here, too_often.seconds))?;
    let kept = here.state.minors.report(reported, Some(&here.asker.client), &here.asker.policy, here.asker.now).await;
    let token = kept.map_err(|error| here.unavailable(&error))?;
    let frame = here.frame();
    let and_new = if frame.keep_language.is_empty() { "?new" } else { "&new" };
    Ok(see_other(&format!("{}/requests/{}{}{and_new}", frame.prefix, token.text(), frame.keep_language)))
}

fn read(here: &Here, form: &Form) -> Result<Reported, Problems> {
    let (words, register) = (here.words, RegisterWords::of(here.words.language));
    let mut problems =
        Problems { trapped: (!form.get(TRAP).unwrap_or_default().is_empty()).then_some(words.problems.trapped), ..Problems::default() };
    let asks_email = keeps(&here.asker.policy, Field::RequestEmail) && !form.get(EMAIL).unwrap_or_default().trim().is_empty();
    let email = asks_email.then(|| email_of_a_request(form.get(EMAIL).unwrap_or_default())).transpose().unwrap_or_else(|why| {
        problems.email = Some(email_problem(why, register));
        None
    });
    let reported = Reported::new(form.get(ABOUT).unwrap_or_default(), form.get(MESSAGE).unwrap_or_default(), email, here.words.language);
    let too_long = |most: usize| Some(words.problems.too_long.with(&[("most", &most.to_string())]));
    match &reported {
        Ok(_) => {}
        Err(BadReport::AboutMissing) => problems.about = Some(words.problems.about_missing.to_owned()),
        Err(BadReport::AboutTooLong) => problems.about = too_long(ABOUT_CHARACTERS_MAX),
        Err(BadReport::MessageTooLong) => problems.message = too_long(MESSAGE_CHARACTERS_MAX),
    }
    match reported {
        Ok(reported) if !problems.has_any() => Ok(reported),
        _ => Err(problems),
    }
}

impl Problems {
    const fn has_any(&self) -> bool {
        self.about.is_some() || self.message.is_some() || self.email.is_some() || self.trapped.is_some()
    }
}

fn too_many(here: &Here, seconds: u64) -> Response {
    let (title, lead) = here.words.too_often;
    let minutes = seconds.div_ceil(60);
    let units = here.frame().phrases.units[0];
    let wait = format!("{minutes} {}", if minutes == 1 { units.0 } else { units.1 });
    let mut response = here.told(StatusCode::TOO_MANY_REQUESTS, title, lead.with(&[("wait", &wait)]));
    response.headers_mut().insert("retry-after", HeaderValue::from(seconds));
    response
}

fn page(here: &Here, status: StatusCode, form: &Form, problems: Problems) -> Response {
    let (state, policy) = (&here.state, &here.asker.policy);
    let proof = forgery::proof(&here.asker, &here.headers, &state.keys.load(), &*state.random, state.settings.prefix.as_str());
    let (token, set_cookie) = proof.map_or((None, None), |proof| (Some(proof.token), proof.set_cookie));
    let has_problem = problems.has_any();
    let filled = |name: &str, problem| Filled { typed: form.get(name).unwrap_or_default().to_owned(), problem };
    let (minor, guardians) = (&here.words.minor, policy.guardians == Guardians::Register);
    let [first, _, last] = minor.next;
    let report = takes_reports(policy).then(|| ReportForm {
        lead: if guardians { &minor.lead_with_guardians } else { &minor.lead }.with(&[("age", &policy.minimum_age.to_string())]),
        next: if guardians { [first, minor.next_with_guardians, last] } else { minor.next },
        about: filled(ABOUT, problems.about),
        message: keeps(policy, Field::RequestMessage).then(|| filled(MESSAGE, problems.message)),
        email: keeps(policy, Field::RequestEmail).then(|| filled(EMAIL, problems.email)),
        about_max: ABOUT_CHARACTERS_MAX,
        message_max: MESSAGE_CHARACTERS_MAX,
        trapped: problems.trapped,
        has_problem,
    });
    let response = html(status, &FormPage { frame: here.frame(), words: here.words, action: here.path(), token, report });
    match set_cookie {
        Some(set_cookie) => setting(response, &set_cookie),
        None => response,
    }
}

fn is_ours(here: &Here, form: &Form) -> bool {
    let origin = here.state.settings.origin.clone().unwrap_or_else(|| here.asker.origin());
    let token = form.get(forgery::TOKEN_FIELD);
    forgery::is_from_our_page(&here.asker, &here.headers, &origin, token, &here.state.keys.load())
}
