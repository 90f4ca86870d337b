//! What somebody who is signed in does with their account. Every page asks the session's row, whatever the ticket says.

pub(in crate::pages) mod agreements;
pub(crate) mod delete;
pub(crate) mod email;
pub(crate) mod export;
pub(crate) mod home;
pub(crate) mod prove;
pub(crate) mod sessions;
pub(crate) mod username;

use app::people::Holder;
use axum::response::Response;
use policy::cookie::{SignedIn, VerifiedAccount};
use policy::{Permit, account_permit};

use crate::phrases::AccountWords;

use super::register::here::{Here, see_other};

/// Whoever is signed in and asks.
pub(in crate::pages) struct Member {
    pub(in crate::pages) holder: Holder,
    /// The proof that it is they who ask.
    pub(in crate::pages) who: VerifiedAccount,
    pub(in crate::pages) words: &'static AccountWords,
}

impl Member {
    pub(in crate::pages) fn permit(&self) -> Permit {
        account_permit(&self.who)
    }

    fn username(&self) -> String {
        self.holder.account.username.open(&self.permit()).map_or_else(|_| String::new(), Clone::clone)
    }

    fn email(&self) -> Option<String> {
        self.holder.account.email.as_ref().and_then(|email| email.open(&self.permit()).ok().cloned())
    }
}

pub(in crate::pages) fn words(here: &Here) -> &'static AccountWords {
    AccountWords::of(here.words.language)
}

/// Whoever is signed in; anybody else is sent to sign in, and from there back to this path of the account's.
pub(in crate::pages) async fn member(here: &Here, back_to: &str) -> Result<Member, Response> {
    let sign_in = || sign_in_first(here, back_to);
    let SignedIn::As(who) = here.asker.signed_in() else { return Err(sign_in()) };
    match here.state.accounts.holder(who.session(), here.asker.now).await {
        Ok(Some(holder)) => Ok(Member { holder, who, words: words(here) }),
        Ok(None) => Err(sign_in()),
        Err(error) => Err(here.unavailable(&error)),
    }
}

/// Sends somebody to sign in, and from there back to this path of the account's.
fn sign_in_first(here: &Here, back_to: &str) -> Response {
    // The account's first page is where signing in leads by itself.
    let return_to = (!back_to.is_empty()).then(|| here.path(back_to, &[]));
    see_other(&here.path_and_return("/sign-in", return_to.as_deref()))
}

/// The same for what takes a fresh proof of who they are.
pub(in crate::pages) async fn proved_member(here: &Here, back_to: &str) -> Result<Member, Response> {
    let member = member(here, back_to).await?;
    if member.holder.has_just_proved(here.asker.now) { Ok(member) } else { Err(prove::page(here, &member, back_to)) }
}
