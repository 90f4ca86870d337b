use domain::{AccountId, PasskeyId, Timestamp};
use policy::account_permit;
use policy::cookie::{CookieParts, VerifiedAccount};
use records::{NewPasskey, Passkey, PasskeyAdded, PasskeyName, RecordsError, SignInMethod};

use super::{Accounts, Browser};
use crate::mail::Letter;
use crate::passkeys::{Assertion, Begun, CeremonyError, Owner, Party};

/// Why a passkey was not added.
#[derive(Debug, thiserror::Error)]
pub enum NewPasskeyError {
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    #[error("this passkey is somebody's already")]
    Known,
    #[error("nobody has more than {} passkeys: remove one first", records::PASSKEYS_MAX)]
    TooMany,
    #[error(transparent)]
    Records(#[from] RecordsError),
}

/// Why nobody was signed in with a passkey.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// There is no such passkey, or the answer is not its. Nobody is told which.
    #[error("this passkey does not sign in here")]
    Refused,
    /// Whoever answered holds the passkey's secret, so this can be said.
    #[error("there may be a copy of this passkey, so it does not sign in any more")]
    Copied,
    #[error("it took too long, or was done before: begin again")]
    BeginAgain,
    #[error("too many people sign in at this moment")]
    Busy,
    #[error(transparent)]
    Records(#[from] RecordsError),
}

impl Accounts {
    /// Somebody's passkeys, the newest first.
    pub async fn passkeys(&self, who: &VerifiedAccount) -> Result<Vec<Passkey>, RecordsError> {
        self.people.passkeys_of(who.account()).await
    }

    /// Asks somebody's browser for a new passkey.
    pub async fn begin_adding_passkey(&self, who: &VerifiedAccount, party: &Party, now: Timestamp) -> Result<Begun, NewPasskeyError> {
        let has = self.people.passkeys_of(who.account()).await?;
        if has.len() >= records::PASSKEYS_MAX {
            return Err(NewPasskeyError::TooMany);
        }
        let known: Vec<&[u8]> = has.iter().map(|passkey| passkey.credential.as_slice()).collect();
        let permit = account_permit(who);
        let name = who.username().open(&permit).unwrap_or_else(|_| unreachable!("one's own permit covers one's own name"));
        Ok(self.ceremonies.begin_adding(party, Owner { id: who.account().0, name }, &known, now)?)
    }

    /// Keeps the passkey that somebody's browser made, and tells them by mail.
    pub async fn add_passkey(
        &self,
        who: &VerifiedAccount,
        party: &Party,
        ticket: &str,
        answer: &serde_json::Value,
        name: PasskeyName,
        now: Timestamp,
    ) -> Result<PasskeyId, NewPasskeyError> {
        let account = who.account();
        let added = self.ceremonies.end_adding(party, account.0, ticket, answer, now)?;
        let id = PasskeyId::random(&*self.random);
        let new = NewPasskey { id, account, credential_id: added.credential_id, credential: added.credential, name, at: now };
        let mail = Letter::PasskeyAdded.job(account, &*self.random, now);
        match self.people.add_passkey(new, mail).await? {
            PasskeyAdded::Added => Ok(id),
            PasskeyAdded::Known => Err(NewPasskeyError::Known),
            PasskeyAdded::TooMany => Err(NewPasskeyError::TooMany),
        }
    }

    /// False where they have no such passkey.
    pub async fn rename_passkey(&self, who: &VerifiedAccount, id: PasskeyId, name: &PasskeyName) -> Result<bool, RecordsError> {
        self.people.rename_passkey(who.account(), id, name).await
    }

    /// False where they have no such passkey. It may be the last one: a mailed link still signs in.
    pub async fn remove_passkey(&self, who: &VerifiedAccount, id: PasskeyId) -> Result<bool, RecordsError> {
        self.people.remove_passkey(who.account(), id).await
    }

    /// Asks whoever is there for a passkey of theirs.
    pub fn begin_passkey_sign_in(&self, party: &Party, now: Timestamp) -> Result<Begun, PasskeyError> {
        self.ceremonies.begin_signing_in(party, now).map_err(refused)
    }

    /// Signs in whoever has the passkey that answered. Returns what the browser's cookie holds from now on.
    pub async fn sign_in_by_passkey(
        &self,
        party: &Party,
        ticket: &str,
        answer: &serde_json::Value,
        browser: Browser<'_>,
    ) -> Result<CookieParts, PasskeyError> {
        let now = browser.now();
        self.ceremonies.can_sign_in(party, ticket, now).map_err(refused)?;
        let assertion = Assertion::parse(answer).map_err(refused)?;
        let passkey = self.people.passkey_by_credential(assertion.credential_id()).await?.ok_or(PasskeyError::Refused)?;
        let owner = passkey.account;
        let credential = match self.ceremonies.end_signing_in(party, ticket, &assertion, owner.0, &passkey.credential, now) {
            Ok(credential) => credential,
            Err(error) => {
                if error == CeremonyError::Copied {
                    self.tell_of_copy(owner, now).await?;
                }
                return Err(refused(error));
            }
        };
        // Somebody else has just used it, or its owner has removed it.
        if !self.people.note_passkey_use(&passkey, &credential, now).await? {
            return Err(PasskeyError::Refused);
        }
        match self.welcome(owner, SignInMethod::Passkey, browser).await {
            Err(RecordsError::NobodyThere) => Err(PasskeyError::Refused),
            signed_in => Ok(signed_in?),
        }
    }

    async fn tell_of_copy(&self, owner: AccountId, now: Timestamp) -> Result<(), RecordsError> {
        match self.people.add_job(Letter::PasskeyCopied.job(owner, &*self.random, now)).await {
            // There is nobody any more to be told.
            Err(RecordsError::NobodyThere) => Ok(()),
            told => told,
        }
    }
}

fn refused(error: CeremonyError) -> PasskeyError {
    match error {
        CeremonyError::Copied => PasskeyError::Copied,
        CeremonyError::NoTicket | CeremonyError::TooLate | CeremonyError::Replayed => PasskeyError::BeginAgain,
        CeremonyError::Busy => PasskeyError::Busy,
        CeremonyError::Unreadable
        | CeremonyError::NotVerified
        | CeremonyError::NotDiscoverable
        | CeremonyError::Refused
        | CeremonyError::Damaged => PasskeyError::Refused,
    }
}
