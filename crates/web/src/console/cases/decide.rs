use app::minors::{DismissReason, Named, Outcome};
use app::operators::RecordsError;
use axum::extract::Path;
use axum::response::Response;
use domain::CaseId;

use super::file::{found, no_case};
use crate::console::desk::{Operator, Posted};
use crate::forms::see_other;

const WHOM: &str = "_account";
const REASON: &str = "_reason";

/// Says which account a case is about.
pub(crate) async fn name(Path(case): Path<String>, Posted { operator, form }: Posted) -> Response {
    let Some(id) = CaseId::parse(&case) else { return no_case(&operator) };
    let desk = &operator.desk;
    let written = form.get(WHOM).unwrap_or_default();
    match desk.state.minors.name_account(id, written, operator.who.operator.id, desk.now).await {
        Ok(Named::Named) => back(id, "named"),
        Ok(Named::Nobody) => back(id, "nobody"),
        Ok(Named::InCase(other)) => see_other(&format!("/cases/{}", other.to_hex())),
        Ok(Named::Not(decided)) => after(&operator, id, Ok(decided.into()), "named"),
        Err(error) => desk.unavailable(&error),
    }
}

/// Writes to the person.
pub(crate) async fn ask(Path(case): Path<String>, Posted { operator, .. }: Posted) -> Response {
    let Some(id) = CaseId::parse(&case) else { return no_case(&operator) };
    let asked = operator.desk.state.minors.ask(id, operator.who.operator.id, operator.desk.now).await;
    after(&operator, id, asked, "asked")
}

pub(crate) async fn answered(Path(case): Path<String>, Posted { operator, .. }: Posted) -> Response {
    let Some(id) = CaseId::parse(&case) else { return no_case(&operator) };
    let noted = operator.desk.state.minors.note_answer(id, operator.who.operator.id, operator.desk.now).await;
    after(&operator, id, noted, "answered")
}

pub(crate) async fn dismiss(Path(case): Path<String>, Posted { operator, form }: Posted) -> Response {
    let Some(id) = CaseId::parse(&case) else { return no_case(&operator) };
    let Some(reason) = form.get(REASON).and_then(DismissReason::named) else { return back(id, "not-now") };
    let dismissed = operator.desk.state.minors.dismiss(id, reason, operator.who.operator.id, operator.desk.now).await;
    after(&operator, id, dismissed, "dismissed")
}

/// Confirms a case: what follows cannot be taken back.
pub(crate) async fn confirm(Path(case): Path<String>, Posted { operator, .. }: Posted) -> Response {
    let Some(id) = CaseId::parse(&case) else { return no_case(&operator) };
    if let Err(response) = operator.proved_or_back_to(&format!("/cases/{}/confirm", id.to_hex())) {
        return response;
    }
    let confirmed = operator.desk.state.minors.confirm(id, operator.who.operator.id, operator.desk.now).await;
    after(&operator, id, confirmed, "confirmed")
}

/// Signs the person out everywhere. Nothing of it is a decision: the case stays as it is.
pub(crate) async fn sign_out(Path(case): Path<String>, Posted { operator, .. }: Posted) -> Response {
    let file = match found(&operator, &case).await {
        Ok(file) => file,
        Err(response) => return response,
    };
    let (desk, id) = (&operator.desk, file.case.id);
    let Some(account) = file.account else { return back(id, "not-now") };
    match desk.state.operators.sign_out_person(&desk.state.accounts, account.id, &operator.who, desk.now).await {
        Ok(true) => back(id, "signed-out"),
        Ok(false) => back(id, "not-now"),
        Err(error) => desk.unavailable(&error),
    }
}

fn after(operator: &Operator, case: CaseId, outcome: Result<Outcome, RecordsError>, said: &'static str) -> Response {
    match outcome {
        Ok(Outcome::Done) => back(case, said),
        Ok(Outcome::NotNow) => back(case, "not-now"),
        Ok(Outcome::NoCase) => no_case(operator),
        Err(error) => operator.desk.unavailable(&error),
    }
}

fn back(case: CaseId, said: &str) -> Response {
    see_other(&format!("/cases/{}?said={said}", case.to_hex()))
}
