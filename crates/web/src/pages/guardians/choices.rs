//! What a guardian decides for a dependent, purpose by purpose.

use app::choices::ChoiceRow;
use app::people::{AnswerFor, Asking, Guarded, PurposeFor};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Answer;

use super::{guardian, path_of, username, words};
use crate::pages::frame::{Frame, Place};
use crate::pages::query;
use crate::pages::register::here::{Form, Here, Hidden, see_other};
use crate::pages::register::told::{Told, Way};
use crate::phrases::GuardianWords;

const UNDER: &str = "/choices";

#[derive(Template)]
#[template(path = "guardians/choices.html")]
struct ChoicesPage {
    frame: Frame,
    words: &'static GuardianWords,
    username: String,
    action: String,
    back: String,
    hidden: Hidden,
    saved: bool,
    asked: Vec<Card>,
    off: Vec<Card>,
}

struct Card {
    id: String,
    title: String,
    describes: Option<String>,
    says_yes: bool,
    says_no: bool,
    child_refuses: bool,
}

pub(crate) async fn show(Path(id): Path<String>, here: Here) -> Response {
    page(&here, &id).await.unwrap_or_else(|response| response)
}

async fn page(here: &Here, id: &str) -> Result<Response, Response> {
    let (member, guarded) = guardian(here, id, UNDER).await?;
    let policy = here.asker.policy.clone();
    let purposes = here.state.accounts.purposes_for(&guarded, &policy).await.map_err(|error| here.unavailable(&error))?;
    let (off, asked): (Vec<PurposeFor>, Vec<PurposeFor>) = purposes.into_iter().partition(|purpose| purpose.asking == Asking::OffForMinors);
    let frame = here.frame();
    let cards = |purposes: Vec<PurposeFor>| purposes.iter().map(|purpose| card(here, purpose, &frame.language)).collect();
    let (asked, off) = (cards(asked), cards(off));
    Ok(here.with_form(StatusCode::OK, |hidden| ChoicesPage {
        words: words(here),
        username: username(&member, guarded.dependent()),
        action: here.path(&path_of(guarded.id(), UNDER), &[]),
        back: here.path(&path_of(guarded.id(), ""), &[]),
        hidden,
        saved: query(&here.uri, "done").is_some(),
        asked,
        off,
        frame,
    }))
}

fn card(here: &Here, stands: &PurposeFor, language: &str) -> Card {
    let purpose = here.asker.policy.purpose(stands.purpose);
    let (guardian, child_refuses) = match stands.asking {
        Asking::OffForMinors => (None, false),
        Asking::Asked { guardian, dependent_refuses } => (guardian, dependent_refuses),
    };
    Card {
        id: purpose.id.to_string(),
        title: purpose.title.in_language(language).to_owned(),
        describes: purpose.describes.as_ref().map(|text| text.in_language(language).to_owned()),
        says_yes: guardian == Some(Answer::Yes),
        says_no: guardian == Some(Answer::No),
        child_refuses,
    }
}

pub(crate) async fn take(Path(id): Path<String>, here: Here, body: Result<Bytes, BytesRejection>) -> Response {
    save(&here, &id, body).await.unwrap_or_else(|response| response)
}

/// A no counts before it is written down, and a yes after.
async fn save(here: &Here, id: &str, body: Result<Bytes, BytesRejection>) -> Result<Response, Response> {
    let form = here.posted(body)?;
    let (_, guarded) = guardian(here, id, UNDER).await?;
    let (accounts, language) = (&here.state.accounts, here.frame().language);
    let answers = answers(here, &form);
    let rows = accounts.rows_for(&guarded, &here.asker.policy, &answers, &language, here.asker.circumstances()).await;
    let rows = rows.map_err(|error| here.unavailable(&error))?;
    accounts.tell_refused_for(&guarded, &rows);
    if !rows.is_empty() && !keep(here, &guarded, &rows).await {
        let again = Way::new(here.path(&path_of(guarded.id(), UNDER), &[]), here.words.told.try_again);
        return Err(Told::of(words(here).choices.unsaved).way(again).status(StatusCode::SERVICE_UNAVAILABLE).shown(here));
    }
    Ok(see_other(&here.path(&path_of(guarded.id(), UNDER), &[("done", "saved")])))
}

/// What cannot be written now is written later, as far as it is a no.
async fn keep(here: &Here, guarded: &Guarded, rows: &[ChoiceRow]) -> bool {
    let choices = &here.state.choices;
    let may = choices.limits().take(here.asker.network, rows.len(), here.asker.now).is_ok();
    if may && choices.keep_soon(rows.to_vec()).await.is_ok() {
        return match here.state.accounts.tell_permitted_for(guarded, rows).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "that a guardian said yes could not be told; it counts from the next sign-in on");
                true
            }
        };
    }
    let refused: Vec<ChoiceRow> = rows.iter().filter(|row| row.action.answer() == Answer::No).cloned().collect();
    let only_no = refused.len() == rows.len();
    let later = !refused.is_empty() && here.state.later.keep_later(refused);
    only_no && later
}

fn answers(here: &Here, form: &Form) -> Vec<AnswerFor> {
    let policy = &here.asker.policy;
    let said = |(name, value): (&str, &str)| {
        let answer = match value {
            "yes" => Answer::Yes,
            "no" => Answer::No,
            _ => return None,
        };
        policy.purpose_named(name).map(|purpose| AnswerFor { purpose, answer })
    };
    form.fields().filter_map(said).collect()
}
