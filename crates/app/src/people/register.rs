use domain::{AccountId, Span, Timestamp};
use policy::cookie::CookieParts;
use records::{Confirmed, Findable, NewLink, NewRegistration, RecordsError, Representation, SignInMethod};

use super::{Accounts, Browser, Token};
use crate::mail::Letter;

/// The kind of link that confirms a registration.
const CONFIRM: &str = "confirm";

/// What nobody confirmed by then is gone.
pub const REGISTRATION_LIVES: Span = Span::hours(24);

/// What somebody gives to register.
#[derive(Clone, Debug)]
pub struct Applicant {
    pub email: Findable,
    pub username: Findable,
    /// The language of the form, and of mail.
    pub language: String,
    pub age: Representation,
    /// The path of the site they wanted to go to.
    pub return_to: Option<String>,
}

/// What following the link of a registration did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// There is an account, and this is the cookie of whoever has it.
    SignedIn(Box<CookieParts>),
    /// The link is old, was used, or is none of ours.
    NoLink,
    /// The link still works, once the registration takes another name.
    UsernameTaken,
    EmailTaken,
}

impl Accounts {
    /// Whether somebody has this name, or one that looks like it.
    pub async fn is_username_taken(&self, username: &Findable) -> Result<bool, RecordsError> {
        Ok(self.people.account_by_username(&username.compared).await?.is_some())
    }

    /// Keeps a registration and the letter that carries its link. Where the address has an account already, the same is kept, but the link is carried
    /// nowhere and the letter says that there is an account: the work is the same, and so is what anybody can see of it.
    pub async fn register(&self, applicant: Applicant, now: Timestamp) -> Result<(), RecordsError> {
        let Applicant { email, username, language, age, return_to } = applicant;
        let is_known = self.people.owner_of_email(&email.compared).await?.is_some();
        let (id, token) = (AccountId::random(&*self.random), Token::random(&*self.random));
        let expires = REGISTRATION_LIVES.after(now);
        let link = NewLink { id: token.link(), kind: CONFIRM, owner: id, email: None, at: now, expires };
        let letter = if is_known { Letter::AlreadyRegistered } else { Letter::Confirm { token: token.text(), return_to } };
        let mail = letter.job(id, &*self.random, now);
        self.people.register(NewRegistration { id, email, username, language, age, at: now, expires }, link, mail).await
    }

    /// Whether a link would confirm a registration. Looking uses nothing up: programs that look through mail open links too.
    pub async fn can_confirm(&self, token: &Token, now: Timestamp) -> Result<bool, RecordsError> {
        Ok(self.people.look_at_link(token.link(), CONFIRM, now).await?.is_some())
    }

    /// Makes the account, and signs whoever followed the link in to it.
    pub async fn confirm(&self, token: &Token, browser: Browser<'_>) -> Result<Confirmation, RecordsError> {
        let arriving = self.arriving(SignInMethod::Link, browser);
        match self.people.confirm_and_arrive(token.link(), arriving.arrival).await? {
            (Confirmed::UsernameTaken(_), _) => Ok(Confirmation::UsernameTaken),
            (Confirmed::EmailTaken, _) => Ok(Confirmation::EmailTaken),
            (Confirmed::Account(_), Some(arrived)) => Ok(Confirmation::SignedIn(Box::new(self.arrived(arriving, arrived, browser).await?))),
            // Without anybody it was deleted in between.
            (Confirmed::NoLink | Confirmed::Account(_), _) => Ok(Confirmation::NoLink),
        }
    }

    /// The same under another name, where the first one was taken meanwhile.
    pub async fn confirm_as(&self, token: &Token, username: Findable, browser: Browser<'_>) -> Result<Confirmation, RecordsError> {
        let Some(link) = self.people.look_at_link(token.link(), CONFIRM, browser.now()).await? else {
            return Ok(Confirmation::NoLink);
        };
        match self.people.rename_registration(link.owner, username).await {
            Ok(()) => self.confirm(token, browser).await,
            Err(RecordsError::NobodyThere) => Ok(Confirmation::NoLink),
            Err(error) => Err(error),
        }
    }

    /// Forgets what nobody confirmed or followed in time, and says how many registrations and links there were.
    pub async fn forget_what_nobody_followed(&self, now: Timestamp) -> Result<(u64, u64), RecordsError> {
        let mut registrations = 0;
        loop {
            match self.people.forget_registrations(now).await? {
                0 => break,
                some => registrations += some,
            }
        }
        Ok((registrations, self.people.forget_links(now).await?))
    }
}
