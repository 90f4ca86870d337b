//! What a guardian does with the accounts of those they answer for, and how somebody signs in who has no address, and takes their account up.

pub(crate) mod choices;
pub(crate) mod code;
pub(crate) mod confirm;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod one;
pub(crate) mod take_up;

use app::people::age::first_day;
use app::people::{Dependent, Guarded, Quarter};
use axum::response::Response;
use domain::AccountId;
use policy::model::Guardians;

use super::account::{Member, member, proved_member};
use super::error;
use super::register::here::Here;
use crate::phrases::{GuardianWords, Moment, Phrases};

const LIST: &str = "/dependents";

fn words(here: &Here) -> &'static GuardianWords {
    GuardianWords::of(here.words.language)
}

/// Whether the policy lets guardians register others.
pub(crate) fn can_register(here: &Here) -> bool {
    here.asker.policy.guardians == Guardians::Register
}

/// There is no such page.
async fn nothing_here(here: &Here) -> Response {
    let state = axum::extract::State(here.state.clone());
    error::not_found(state, here.asker.clone(), here.headers.clone(), here.uri.clone()).await
}

/// The path of one dependent's page, and of what is below it.
fn path_of(id: AccountId, under: &str) -> String {
    format!("{LIST}/{}{under}", id.to_hex())
}

/// A guardian who is signed in, and the dependent of theirs that the address names. Whoever is somebody else's is as unknown as whoever is nobody.
async fn guardian(here: &Here, id: &str, under: &str) -> Result<(Member, Guarded), Response> {
    let Some(id) = AccountId::parse(id) else { return Err(nothing_here(here).await) };
    found(here, member(here, &path_of(id, under)).await?, id).await
}

/// The same for what takes a fresh proof of who they are.
async fn proved_guardian(here: &Here, id: &str, under: &str) -> Result<(Member, Guarded), Response> {
    let Some(id) = AccountId::parse(id) else { return Err(nothing_here(here).await) };
    found(here, proved_member(here, &path_of(id, under)).await?, id).await
}

async fn found(here: &Here, member: Member, id: AccountId) -> Result<(Member, Guarded), Response> {
    match here.state.accounts.guarded(&member.holder, id).await {
        Ok(Some(guarded)) => Ok((member, guarded)),
        Ok(None) => Err(nothing_here(here).await),
        Err(error) => Err(here.unavailable(&error)),
    }
}

fn username(member: &Member, dependent: &Dependent) -> String {
    dependent.account.username.open(&member.permit()).map_or_else(|_| String::new(), Clone::clone)
}

/// The first day on which an account is its owner's own.
fn day(quarter: Quarter, phrases: &Phrases) -> Moment {
    first_day(quarter).map_or_else(|| Moment { machine: String::new(), words: String::new() }, |day| phrases.moment_of_date(day))
}
