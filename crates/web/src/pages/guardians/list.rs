use app::people::Dependent;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::{LIST, Member, can_register, day, member, nothing_here, path_of, username, words};
use crate::pages::frame::{Frame, Place};
use crate::pages::register::here::{Here, Hidden};
use crate::phrases::{AccountWords, GuardianWords, Phrases};

#[derive(Template)]
#[template(path = "guardians/list.html")]
struct ListPage {
    frame: Frame,
    words: &'static GuardianWords,
    account: &'static AccountWords,
    dependents: Vec<Line>,
    /// Where another is registered; none where the policy lets nobody.
    add: Option<String>,
    home: String,
    hidden: Hidden,
}

struct Line {
    path: String,
    username: String,
    waits: bool,
    passes: String,
}

/// Everybody whom somebody is the guardian of. Where the policy lets guardians register nobody, there is no such page but for whoever is one already.
pub(crate) async fn show(here: Here) -> Response {
    page(&here).await.unwrap_or_else(|response| response)
}

async fn page(here: &Here) -> Result<Response, Response> {
    let member = member(here, LIST).await?;
    let dependents = here.state.accounts.dependents(&member.holder).await.map_err(|error| here.unavailable(&error))?;
    if dependents.is_empty() && (!can_register(here) || member.holder.account.guardian.is_some()) {
        return Err(nothing_here(here).await);
    }
    let frame = here.frame();
    let may_add = can_register(here) && here.state.accounts.can_be_guardian(&member.holder);
    Ok(here.with_form(StatusCode::OK, |hidden| ListPage {
        words: words(here),
        account: member.words,
        dependents: dependents.iter().map(|dependent| line(here, &member, dependent, frame.phrases)).collect(),
        add: may_add.then(|| here.path(&format!("{LIST}/new"), &[])),
        home: here.path("", &[]),
        hidden,
        frame,
    }))
}

fn line(here: &Here, member: &Member, dependent: &Dependent, phrases: &Phrases) -> Line {
    Line {
        path: here.path(&path_of(dependent.account.id, ""), &[]),
        username: username(member, dependent),
        waits: dependent.confirmed.is_none(),
        passes: words(here).list.passes.with(&[("day", &day(dependent.passes, phrases).words)]),
    }
}
