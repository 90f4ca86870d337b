//! How a dependent's account becomes theirs: their guardian is told a month before, does and sees nothing more from the day on, and they take it up with an
//! e-mail address of their own. Until then they count as the minor they were; what nobody takes up is erased.

use domain::{AccountId, Age, Span, Timestamp, Version};
use policy::Policy;
use policy::cookie::CookieParts;
use records::{Findable, NewLink, Quarter, RecordsError, Representation, SignInMethod, TakenUp};

use crate::mail::Letter;
use crate::people::age::{CAME_OF_AGE, quarter_of, words_hash};
use crate::people::{Accounts, Browser, EMAIL_LINK_LIVES, Holder, Token};

/// The kind of link with which somebody takes their account up.
const TAKE_UP: &str = "take-up";

/// So long before it passes a guardian is told, so that whoever it passes to can be given a way to sign in.
pub const TOLD_BEFORE: Span = Span::days(30);

/// An account that passed to somebody is erased unless they take it up in this time.
pub const TAKEN_UP_WITHIN: Span = Span::days(90);

/// What was done about dependents in one turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookedAfter {
    /// Never confirmed, and gone.
    pub forgotten: u64,
    /// Theirs from now on.
    pub passed: u64,
    /// Theirs for long, never taken up, and closed.
    pub closed: u64,
}

/// What following the link to take an account up did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakingUp {
    /// The account is theirs, and this is the cookie of whoever followed the link.
    SignedIn(Box<CookieParts>),
    NoLink,
    EmailTaken,
}

impl Accounts {
    /// Does what is due about dependents today, by the policy's calendar. Whoever was stopped in the middle does the rest the next time.
    pub async fn look_after_dependents(&self, policy: &Policy, now: Timestamp) -> Result<LookedAfter, RecordsError> {
        let quarter = |at: Timestamp| quarter_of(at.to_zoned(policy.time_zone.clone()).date());
        let forgotten = self.forget_unconfirmed_dependents(now).await?;
        self.tell_guardians(quarter(TOLD_BEFORE.after(now)), now).await?;
        let passed = self.pass_accounts(quarter(now), now).await?;
        let closed = self.close_what_nobody_took_up(now).await?;
        Ok(LookedAfter { forgotten, passed, closed })
    }

    /// Whether an account is somebody's own who was a dependent, and who has not taken it up yet.
    pub async fn waits_to_be_taken_up(&self, holder: &Holder) -> Result<bool, RecordsError> {
        if holder.account.email.is_some() || holder.account.guardian.is_some() {
            return Ok(false);
        }
        Ok(self.people.dependent(holder.account.id).await?.is_some_and(|dependent| dependent.passed.is_some()))
    }

    /// Mails the link that takes an account up to the address that is to be its own. Whether that is another account's is told to nobody but its reader.
    pub async fn ask_to_take_up(&self, holder: &Holder, email: Findable, now: Timestamp) -> Result<(), RecordsError> {
        let (owner, token) = (holder.account.id, Token::random(&*self.random));
        let expires = EMAIL_LINK_LIVES.after(now);
        let link = NewLink { id: token.link(), kind: TAKE_UP, owner, email: Some(email), at: now, expires };
        let letter = Letter::TakeUp { token: token.text() }.job(owner, &*self.random, now);
        self.people.make_link(link, letter).await
    }

    /// Whether a link would take an account up, without using it up.
    pub async fn can_take_up(&self, token: &Token, now: Timestamp) -> Result<bool, RecordsError> {
        Ok(self.people.look_at_link(token.link(), TAKE_UP, now).await?.is_some())
    }

    /// Takes an account up: it has an address, its owner is an adult by their own word, and everybody is signed out of it but whoever followed the link.
    pub async fn take_up(&self, token: &Token, words: &[&str], version: Version, browser: Browser<'_>) -> Result<TakingUp, RecordsError> {
        let now = browser.now();
        let age = Representation { verdict: Age::Adult, method: CAME_OF_AGE.to_owned(), words_hash: words_hash(words), version, at: now };
        let id = match self.people.take_up(token.link(), age, now).await? {
            TakenUp::Done(id) => id,
            TakenUp::NoLink => return Ok(TakingUp::NoLink),
            TakenUp::EmailTaken => return Ok(TakingUp::EmailTaken),
        };
        self.sign_out_everywhere(id).await?;
        match self.welcome(id, SignInMethod::Link, browser).await {
            Ok(parts) => Ok(TakingUp::SignedIn(Box::new(parts))),
            // It was closed in between.
            Err(RecordsError::NobodyThere) => Ok(TakingUp::NoLink),
            Err(error) => Err(error),
        }
    }

    async fn tell_guardians(&self, by: Quarter, now: Timestamp) -> Result<(), RecordsError> {
        loop {
            let ids = self.people.dependents_to_be_told_of(by).await?;
            for id in &ids {
                if let Some(guardian) = self.guardian_of(*id).await? {
                    let letter = Letter::DependentPasses.job(guardian, &*self.random, now);
                    self.people.tell_guardian(*id, letter, now).await?;
                }
            }
            if ids.is_empty() {
                return Ok(());
            }
        }
    }

    async fn pass_accounts(&self, by: Quarter, now: Timestamp) -> Result<u64, RecordsError> {
        let mut passed = 0;
        loop {
            let ids = self.people.dependents_that_pass(by).await?;
            for id in &ids {
                if let Some(guardian) = self.guardian_of(*id).await? {
                    let letter = Letter::DependentPassed.job(guardian, &*self.random, now);
                    self.people.pass(*id, letter, now).await?;
                    passed += 1;
                }
            }
            if ids.is_empty() {
                return Ok(passed);
            }
        }
    }

    async fn close_what_nobody_took_up(&self, now: Timestamp) -> Result<u64, RecordsError> {
        let mut closed = 0;
        loop {
            let ids = self.people.dependents_never_taken_up(TAKEN_UP_WITHIN.before(now)).await?;
            for id in &ids {
                self.close(*id, now).await?;
                closed += 1;
            }
            if ids.is_empty() {
                return Ok(closed);
            }
        }
    }

    async fn guardian_of(&self, id: AccountId) -> Result<Option<AccountId>, RecordsError> {
        Ok(self.people.account(id).await?.and_then(|account| account.guardian))
    }
}
