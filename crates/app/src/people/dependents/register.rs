use domain::{AccountId, Age, Span, Timestamp, Version};
use records::{DependentAdded, Findable, Guardianship, NewDependent, NewJob, NewLink, Quarter, RecordsError, Representation};

use super::Guarded;
use crate::mail::Letter;
use crate::people::age::{GUARDIAN, words_hash};
use crate::people::{Accounts, Holder, Token};

/// The kind of link with which a guardian confirms.
const CONFIRM: &str = "guardian";

/// A dependent whom their guardian did not confirm by then is gone.
pub const CONFIRMED_WITHIN: Span = Span::hours(24);

/// So long after confirming, the guardian is told once more, and how to take it back.
pub const REPEATED_AFTER: Span = Span::hours(24);

/// What a guardian gives to register a dependent.
#[derive(Clone, Debug)]
pub struct DependentApplicant<'w> {
    pub username: Findable,
    /// The language of the form.
    pub language: String,
    /// When the account becomes theirs.
    pub passes: Quarter,
    /// What was asked about their age.
    pub age_words: &'w [&'w str],
    /// What the guardian says of being one.
    pub guardian_words: &'w [&'w str],
    /// The policy's.
    pub version: Version,
}

impl Accounts {
    /// Keeps a dependent, and the letter to their guardian with the link that confirms it. Nobody can sign in as the dependent before.
    pub async fn register_dependent(
        &self,
        guardian: &Holder,
        applicant: DependentApplicant<'_>,
        now: Timestamp,
    ) -> Result<DependentAdded, RecordsError> {
        if !self.can_be_guardian(guardian) {
            return Ok(DependentAdded::NoGuardian);
        }
        let DependentApplicant { username, language, passes, age_words, guardian_words, version } = applicant;
        let (id, token) = (AccountId::random(&*self.random), Token::random(&*self.random));
        let age = Representation { verdict: Age::Minor, method: GUARDIAN.to_owned(), words_hash: words_hash(age_words), version, at: now };
        let guardianship = Guardianship { words_hash: words_hash(guardian_words), version, at: now };
        let new = NewDependent { id, guardian: guardian.account.id, username, language, age, guardianship, passes, at: now };
        let link = NewLink { id: token.link(), kind: CONFIRM, owner: id, email: None, at: now, expires: CONFIRMED_WITHIN.after(now) };
        let letter = Letter::ConfirmDependent { token: token.text() }.job(guardian.account.id, &*self.random, now);
        self.people.add_dependent(new, link, letter).await
    }

    /// Writes to a guardian once more about a dependent whom they did not confirm yet. The link in the letter before is void, and the new one lasts no longer.
    pub async fn ask_to_confirm_again(&self, guarded: &Guarded, now: Timestamp) -> Result<(), RecordsError> {
        let (token, expires) = (Token::random(&*self.random), CONFIRMED_WITHIN.after(guarded.dependent.account.made));
        let link = NewLink { id: token.link(), kind: CONFIRM, owner: guarded.id(), email: None, at: now, expires };
        let letter = Letter::ConfirmDependent { token: token.text() }.job(guarded.guardian, &*self.random, now);
        self.people.make_link_for_another(link, letter).await
    }

    /// Whether a link would confirm a dependent, without using it up.
    pub async fn can_confirm_dependent(&self, token: &Token, now: Timestamp) -> Result<bool, RecordsError> {
        Ok(self.people.look_at_link(token.link(), CONFIRM, now).await?.is_some())
    }

    /// Opens a dependent's account: whoever followed the link reads the guardian's mail. A day later the guardian is told once more. None where the link is old,
    /// was used, or is none of ours, and where the guardian's account was closed meanwhile.
    pub async fn confirm_dependent(&self, token: &Token, now: Timestamp) -> Result<Option<AccountId>, RecordsError> {
        let Some(link) = self.people.look_at_link(token.link(), CONFIRM, now).await? else { return Ok(None) };
        let guardian = self.people.account(link.owner).await?.and_then(|dependent| dependent.guardian);
        let Some(guardian) = guardian else { return Ok(None) };
        let later = REPEATED_AFTER.after(now);
        let letter = NewJob { at: later, due: later, ..Letter::DependentConfirmed.job(guardian, &*self.random, now) };
        match self.people.confirm_dependent(token.link(), letter, now).await {
            Err(RecordsError::NobodyThere) => Ok(None),
            confirmed => confirmed,
        }
    }

    /// Deletes the dependents whom nobody confirmed in time, and says how many there were.
    pub(super) async fn forget_unconfirmed_dependents(&self, now: Timestamp) -> Result<u64, RecordsError> {
        let mut gone = 0;
        loop {
            let ids = self.people.dependents_unconfirmed(CONFIRMED_WITHIN.before(now)).await?;
            for id in &ids {
                self.people.delete(*id).await?;
                gone += 1;
            }
            if ids.is_empty() {
                return Ok(gone);
            }
        }
    }
}
