use domain::{PasskeyId, Timestamp};
use records::{Deed, FirstPasskey, NewAction, NewOperatorPasskey, OperatorSession, PASSKEYS_MAX, PasskeyAdded, TokenHash};

use super::sessions::SESSION_MAX;
use super::{OperatorPasskey, Operators, PasskeyName, PasskeyRemoved, RecordsError, SignedIn};
use crate::passkeys::{Assertion, Begun, CeremonyError, Owner, Party};
use crate::people::Token;

/// Why a further passkey was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddPasskeyError {
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    #[error("this passkey is an operator's already")]
    Known,
    #[error("nobody has more than {PASSKEYS_MAX} passkeys: remove one first")]
    TooMany,
    #[error(transparent)]
    Records(#[from] RecordsError),
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
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

impl Operators {
    /// Asks whoever is there for a passkey of theirs. It is the same question for everybody.
    pub fn begin_signing_in(&self, party: &Party, now: Timestamp) -> Result<Begun, SignInError> {
        self.ceremonies.begin_signing_in(party, now).map_err(refused)
    }

    /// Signs in whoever has the passkey that answered, in place of the session the browser had. Returns what its cookie holds from now on.
    pub async fn sign_in(
        &self,
        party: &Party,
        ticket: &str,
        answer: &serde_json::Value,
        instead_of: Option<&Token>,
        now: Timestamp,
    ) -> Result<Token, SignInError> {
        self.ceremonies.can_sign_in(party, ticket, now).map_err(refused)?;
        let assertion = Assertion::parse(answer).map_err(refused)?;
        let passkey = self.records.passkey_by_credential(assertion.credential_id()).await?.ok_or(SignInError::Refused)?;
        let proved = self.ceremonies.end_signing_in(party, ticket, &assertion, passkey.operator.0, &passkey.credential, now);
        let credential = match proved {
            Ok(credential) => credential,
            Err(error) => {
                if error == CeremonyError::Copied {
                    let action =
                        NewAction { operator: Some(passkey.operator), deed: Deed::PasskeyCopied, subject: Some(passkey.id.0), at: now };
                    self.records.note(action).await?;
                }
                return Err(refused(error));
            }
        };
        let cookie = Token::random(&*self.random);
        let id = TokenHash(cookie.hash());
        let session = OperatorSession { id, operator: passkey.operator, started: now, seen: now, ends: SESSION_MAX.after(now) };
        let old = instead_of.map(|cookie| TokenHash(cookie.hash()));
        if self.records.sign_in(passkey, &credential, session, old).await? { Ok(cookie) } else { Err(SignInError::Refused) }
    }

    /// An operator's passkeys, the newest first.
    pub async fn passkeys(&self, who: &SignedIn) -> Result<Vec<OperatorPasskey>, RecordsError> {
        self.records.passkeys_of(who.operator.id).await
    }

    /// Asks an operator's browser for a further passkey.
    pub async fn begin_adding_passkey(&self, who: &SignedIn, party: &Party, now: Timestamp) -> Result<Begun, AddPasskeyError> {
        let has = self.records.passkeys_of(who.operator.id).await?;
        if has.len() >= PASSKEYS_MAX {
            return Err(AddPasskeyError::TooMany);
        }
        let known: Vec<&[u8]> = has.iter().map(|passkey| passkey.credential.as_slice()).collect();
        let owner = Owner { id: who.operator.id.0, name: who.operator.name.as_str() };
        Ok(self.ceremonies.begin_adding(party, owner, &known, now)?)
    }

    /// Keeps the passkey that an operator's browser made.
    pub async fn add_passkey(
        &self,
        who: &SignedIn,
        party: &Party,
        ticket: &str,
        answer: &serde_json::Value,
        name: PasskeyName,
        now: Timestamp,
    ) -> Result<(), AddPasskeyError> {
        let operator = who.operator.id;
        let added = self.ceremonies.end_adding(party, operator.0, ticket, answer, now)?;
        let id = PasskeyId::random(&*self.random);
        let passkey = FirstPasskey { id, credential_id: added.credential_id, credential: added.credential, name };
        match self.records.add_passkey(NewOperatorPasskey { operator, passkey, at: now }).await? {
            PasskeyAdded::Added => Ok(()),
            PasskeyAdded::Known => Err(AddPasskeyError::Known),
            PasskeyAdded::TooMany => Err(AddPasskeyError::TooMany),
        }
    }

    /// Removes a passkey of an operator's, unless it is their last: nothing else signs in.
    pub async fn remove_passkey(&self, who: &SignedIn, id: PasskeyId, now: Timestamp) -> Result<PasskeyRemoved, RecordsError> {
        self.records.remove_passkey(who.operator.id, id, now).await
    }
}

fn refused(error: CeremonyError) -> SignInError {
    match error {
        CeremonyError::Copied => SignInError::Copied,
        CeremonyError::NoTicket | CeremonyError::TooLate | CeremonyError::Replayed => SignInError::BeginAgain,
        CeremonyError::Busy => SignInError::Busy,
        CeremonyError::Unreadable
        | CeremonyError::NotVerified
        | CeremonyError::NotDiscoverable
        | CeremonyError::Refused
        | CeremonyError::Damaged => SignInError::Refused,
    }
}
