//! Everything that is held about a dependent, for their guardian: to read, and as a file for programs.

use app::people::{Export, Guarded};
use axum::extract::{Extension, Path};
use axum::response::Response;
use domain::Timestamp;

use super::{Member, path_of, proved_guardian};
use crate::pages::account::export::{BEFORE, VISITS_MAX, attached, centre, page, visits};
use crate::pages::query;
use crate::pages::register::here::Here;
use crate::readers::Readers;

const UNDER: &str = "/export";
const FILE: &str = "/export.json";

pub(crate) async fn show(Path(id): Path<String>, here: Here) -> Response {
    match gathered(&here, &id).await {
        Ok((member, guarded, export)) => {
            let path = |under: &str| here.path(&path_of(guarded.id(), under), &[]);
            page(&here, member.words, export, path(FILE), path(""))
        }
        Err(response) => response,
    }
}

pub(crate) async fn json(Extension(readers): Extension<Readers>, Path(id): Path<String>, here: Here) -> Response {
    file(&here, &readers, &id).await.unwrap_or_else(|response| response)
}

async fn file(here: &Here, readers: &Readers, id: &str) -> Result<Response, Response> {
    let (member, guarded, mut export) = gathered(here, id).await?;
    let file = path_of(guarded.id(), FILE);
    let (holdings, who) = (here.state.holdings.clone(), member.who);
    let before: Option<Timestamp> = query(&here.uri, BEFORE).and_then(|time| time.parse().ok());
    let found = readers.read(move || holdings.visits_of_dependent(&guarded, &who, before, VISITS_MAX)).await;
    export.visits = Some(visits(here, found, &file)?);
    Ok(attached(export))
}

async fn gathered(here: &Here, id: &str) -> Result<(Member, Guarded, Export), Response> {
    let (member, guarded) = proved_guardian(here, id, UNDER).await?;
    let policies = (&*here.state.versions, &*here.asker.policy);
    let exported = here.state.accounts.export_dependent(&guarded, &member.who, policies, &centre(here), here.asker.now).await;
    exported.map(|export| (member, guarded, export)).map_err(|error| here.unavailable(&error))
}
