//! What somebody changes about their account.

use domain::{Span, Timestamp};
use policy::cookie::SessionPart;
use records::{EmailConfirmed, Findable, NewLink, RecordsError, WayBack};

use super::{Accounts, Holder, Token};
use crate::mail::Letter;

/// The kind of link that confirms a new address.
pub(super) const EMAIL: &str = "email";

/// The kind of link that takes the old one back.
pub(super) const EMAIL_BACK: &str = "email-back";

/// So long the link to a new address works.
pub const EMAIL_LINK_LIVES: Span = Span::hours(24);

/// So long whoever had the old address can take it back.
pub const WAY_BACK_LIVES: Span = Span::days(7);

/// What wishing for another username did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renamed {
    /// This is the ticket with the new name; none where the session ended meanwhile.
    Done(Option<SessionPart>),
    Taken,
    /// The account was closed meanwhile.
    Closed,
}

impl Accounts {
    /// Gives somebody another username, unless it or one that looks like it is taken.
    pub async fn change_username(&self, holder: &Holder, username: Findable, now: Timestamp) -> Result<Renamed, RecordsError> {
        match self.people.change_username(holder.account.id, username).await {
            Ok(()) => {
                self.endings.tickets_of(holder.account.id);
                Ok(Renamed::Done(self.renew(holder.session.id, now).await?))
            }
            Err(RecordsError::UsernameTaken) => Ok(Renamed::Taken),
            Err(RecordsError::NobodyThere) => Ok(Renamed::Closed),
            Err(error) => Err(error),
        }
    }

    /// Mails a link to a new address, and tells the old one. Whether the new address has an account plays no part in it: whoever reads the mail there is
    /// told when they follow the link.
    pub async fn ask_for_email(&self, holder: &Holder, email: Findable, now: Timestamp) -> Result<(), RecordsError> {
        if holder.account.email.is_none() {
            // A dependent has none, until the account is theirs and they take it up.
            return Err(RecordsError::NobodyThere);
        }
        let (owner, token) = (holder.account.id, Token::random(&*self.random));
        let expires = EMAIL_LINK_LIVES.after(now);
        let link = NewLink { id: token.link(), kind: EMAIL, owner, email: Some(email), at: now, expires };
        let letter = Letter::ConfirmEmail { token: token.text() }.job(owner, &*self.random, now);
        let told = Letter::EmailChanging.job(owner, &*self.random, now);
        self.people.ask_for_email(link, letter, told).await
    }

    /// Whether a link would give an account another address, without using it up.
    pub async fn can_confirm_email(&self, token: &Token, now: Timestamp) -> Result<bool, RecordsError> {
        Ok(self.people.look_at_link(token.link(), EMAIL, now).await?.is_some())
    }

    /// Gives an account the address that a link was mailed to. The old address is told, and gets a link that takes it back.
    pub async fn confirm_email(&self, token: &Token, now: Timestamp) -> Result<EmailConfirmed, RecordsError> {
        let Some(link) = self.people.look_at_link(token.link(), EMAIL, now).await? else {
            return Ok(EmailConfirmed::NoLink);
        };
        let Some(account) = self.people.account(link.owner).await? else {
            return Ok(EmailConfirmed::NoLink);
        };
        let back = account.email.clone().map(|old| {
            let token = Token::random(&*self.random);
            // An address is kept as two of them are compared.
            let email = Some(Findable { shown: old.clone(), compared: old });
            let link =
                NewLink { id: token.link(), kind: EMAIL_BACK, owner: account.id, email, at: now, expires: WAY_BACK_LIVES.after(now) };
            WayBack { link, letter: Letter::EmailChanged { token: token.text() }.job(account.id, &*self.random, now) }
        });
        match self.people.confirm_email(token.link(), account.email.as_ref(), back, now).await {
            // It was closed in between.
            Err(RecordsError::NobodyThere) => Ok(EmailConfirmed::NoLink),
            confirmed => confirmed,
        }
    }

    /// Whether a link would take an address back, without using it up.
    pub async fn can_take_email_back(&self, token: &Token, now: Timestamp) -> Result<bool, RecordsError> {
        Ok(self.people.look_at_link(token.link(), EMAIL_BACK, now).await?.is_some())
    }

    /// Gives an account its old address back, and shuts everybody out who came since.
    pub async fn take_email_back(&self, token: &Token, now: Timestamp) -> Result<EmailConfirmed, RecordsError> {
        match self.people.take_email_back(token.link(), now).await {
            Ok(EmailConfirmed::Changed(account)) => {
                self.endings.tickets_of(account);
                Ok(EmailConfirmed::Changed(account))
            }
            Err(RecordsError::NobodyThere) => Ok(EmailConfirmed::NoLink),
            other => other,
        }
    }
}
