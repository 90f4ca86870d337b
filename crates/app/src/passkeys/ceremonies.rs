use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use domain::{Random, Timestamp};
use parking_lot::Mutex;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Uuid, WebauthnError,
};

use super::Party;
use super::ticket::{Purpose, Signer, Ticket};

/// So long somebody may take from the question to the answer.
pub const CEREMONY_LIVES: Duration = Duration::from_secs(300);

/// So many ceremonies are remembered as done. Each takes a passkey that verified, so nobody can fill this up from outside.
pub const SPENT_MAX: usize = 100_000;

const ADD: &str = "add a passkey";
const SIGN_IN: &str = "sign in with a passkey";

/// The ceremonies of owners of one kind. Each can be ended once, in the time it has, at the place it was begun.
pub struct Ceremonies {
    realm: &'static str,
    signer: Signer,
    /// Those that were ended, by when their time is over.
    spent: Mutex<HashMap<[u8; 32], Timestamp>>,
}

/// Who adds a passkey.
#[derive(Clone, Copy)]
pub struct Owner<'o> {
    /// Random, and not an address: the passkey carries it, and says it when somebody signs in.
    pub id: [u8; 16],
    /// What the browser shows beside the passkey.
    pub name: &'o str,
}

/// A ceremony that has begun: what the browser is asked, and what it has to bring back with the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The options of `navigator.credentials.create` or `.get`, with bytes as base64url.
    pub options: serde_json::Value,
    pub ticket: String,
}

/// A passkey that was made.
#[derive(Clone, PartialEq, Eq)]
pub struct Added {
    /// What to look it up by.
    pub credential_id: Vec<u8>,
    /// What to keep of it.
    pub credential: Vec<u8>,
}

/// The answer of somebody who wants to sign in: they say who they are, and it is not checked yet.
pub struct Assertion {
    answer: PublicKeyCredential,
    owner: [u8; 16],
}

/// Why a ceremony came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CeremonyError {
    #[error("this is no ticket for this, here and now: begin again")]
    NoTicket,
    #[error("it took too long: begin again")]
    TooLate,
    #[error("this answer was given before: begin again")]
    Replayed,
    #[error("the browser's answer cannot be read")]
    Unreadable,
    #[error("the passkey did not check that its owner is there; it needs a fingerprint, a face or a PIN")]
    NotVerified,
    #[error("the passkey cannot be found again without being named; another kind of passkey can")]
    NotDiscoverable,
    #[error("the passkey's count went back: there may be a copy of it")]
    Copied,
    #[error("the answer does not fit the passkey or the place")]
    Refused,
    #[error("too many people sign in at this moment; in a few minutes it works again")]
    Busy,
    #[error("what is kept of a passkey cannot be read")]
    Damaged,
}

impl Ceremonies {
    /// The ceremonies of one kind of owner, as `account`: what was begun for one kind cannot be ended for another.
    pub fn new(realm: &'static str, random: &dyn Random) -> Self {
        Self { realm, signer: Signer::new(random), spent: Mutex::default() }
    }

    /// Asks for a new passkey that can be found without a name, and that checks who uses it. `known` is what is kept of the owner's others.
    pub fn begin_adding(&self, party: &Party, owner: Owner<'_>, known: &[&[u8]], now: Timestamp) -> Result<Begun, CeremonyError> {
        let known: Vec<_> = known.iter().map(|kept| Ok(read(kept)?.cred_id().clone())).collect::<Result<_, CeremonyError>>()?;
        let (options, state) = party
            .webauthn
            .start_passkey_registration(Uuid::from_bytes(owner.id), owner.name, owner.name, Some(known))
            .map_err(|error| refusal(&error))?;
        let mut options = to_json(&options)?;
        options["publicKey"]["authenticatorSelection"]["residentKey"] = "required".into();
        options["publicKey"]["authenticatorSelection"]["requireResidentKey"] = true.into();
        self.begun(self.purpose(ADD, party, &owner.id), options, &state, now)
    }

    /// Ends what [`Self::begin_adding`] began for the same owner.
    pub fn end_adding(
        &self,
        party: &Party,
        owner: [u8; 16],
        ticket: &str,
        answer: &serde_json::Value,
        now: Timestamp,
    ) -> Result<Added, CeremonyError> {
        let ticket = self.ticket(self.purpose(ADD, party, &owner), ticket, now)?;
        let state: PasskeyRegistration = serde_json::from_slice(&ticket.state).map_err(|_| CeremonyError::NoTicket)?;
        let answer: RegisterPublicKeyCredential = parse(answer)?;
        if answer.extensions.cred_props.as_ref().is_some_and(|properties| properties.rk == Some(false)) {
            return Err(CeremonyError::NotDiscoverable);
        }
        let passkey = party.webauthn.finish_passkey_registration(&answer, &state).map_err(|error| refusal(&error))?;
        self.spend(&ticket, now)?;
        Ok(Added { credential_id: passkey.cred_id().clone(), credential: to_bytes(&passkey)? })
    }

    /// Asks whoever is there for a passkey of theirs, without knowing who it is.
    pub fn begin_signing_in(&self, party: &Party, now: Timestamp) -> Result<Begun, CeremonyError> {
        let (options, state) = party.webauthn.start_discoverable_authentication().map_err(|error| refusal(&error))?;
        let options = serde_json::json!({ "publicKey": to_json(&options.public_key)? });
        self.begun(self.purpose(SIGN_IN, party, &[]), options, &state, now)
    }

    /// Whether somebody can still sign in with this ticket, whoever they are. Ask it before a passkey is looked up, so that the answer to a bad ticket
    /// does not hang on whether there is one.
    pub fn can_sign_in(&self, party: &Party, ticket: &str, now: Timestamp) -> Result<(), CeremonyError> {
        self.ticket(self.purpose(SIGN_IN, party, &[]), ticket, now).map(|_| ())
    }

    /// Ends what [`Self::begin_signing_in`] began: whether the answer is that of this owner's passkey. Returns what to keep of the passkey from now on.
    pub fn end_signing_in(
        &self,
        party: &Party,
        ticket: &str,
        assertion: &Assertion,
        owner: [u8; 16],
        credential: &[u8],
        now: Timestamp,
    ) -> Result<Vec<u8>, CeremonyError> {
        let ticket = self.ticket(self.purpose(SIGN_IN, party, &[]), ticket, now)?;
        let state: DiscoverableAuthentication = serde_json::from_slice(&ticket.state).map_err(|_| CeremonyError::NoTicket)?;
        let mut passkey = read(credential)?;
        if assertion.owner != owner {
            return Err(CeremonyError::Refused);
        }
        let proved = party.webauthn.finish_discoverable_authentication_v2(&assertion.answer, state, &passkey);
        let proved = proved.map_err(|error| refusal(&error));
        // A copy has answered too.
        if matches!(proved, Ok(_) | Err(CeremonyError::Copied)) {
            self.spend(&ticket, now)?;
        }
        let proved = proved?;
        passkey.update_credential(&proved);
        to_bytes(&passkey)
    }

    fn begun(
        &self,
        purpose: Purpose<'_>,
        options: serde_json::Value,
        state: &impl serde::Serialize,
        now: Timestamp,
    ) -> Result<Begun, CeremonyError> {
        let expires = now.checked_add(CEREMONY_LIVES).unwrap_or(Timestamp::MAX);
        Ok(Begun { options, ticket: self.signer.write(purpose, &to_bytes(state)?, expires) })
    }

    fn ticket(&self, purpose: Purpose<'_>, text: &str, now: Timestamp) -> Result<Ticket, CeremonyError> {
        let ticket = self.signer.read(purpose, text).ok_or(CeremonyError::NoTicket)?;
        if ticket.expires <= now {
            return Err(CeremonyError::TooLate);
        }
        if self.spent.lock().contains_key(&ticket.tag) {
            return Err(CeremonyError::Replayed);
        }
        Ok(ticket)
    }

    /// Only an answer that verified uses a ticket up, so that whoever cannot answer leaves nothing behind. Of two who answer at once, one is first.
    fn spend(&self, ticket: &Ticket, now: Timestamp) -> Result<(), CeremonyError> {
        let mut spent = self.spent.lock();
        if spent.len() >= SPENT_MAX {
            spent.retain(|_, expires| *expires > now);
        }
        if spent.len() >= SPENT_MAX {
            return Err(CeremonyError::Busy);
        }
        match spent.insert(ticket.tag, ticket.expires) {
            None => Ok(()),
            Some(_) => Err(CeremonyError::Replayed),
        }
    }

    const fn purpose<'p>(&self, deed: &'static str, party: &'p Party, owner: &'p [u8]) -> Purpose<'p> {
        Purpose { realm: self.realm, deed, origin: party.origin.as_str(), owner }
    }
}

impl Assertion {
    pub fn parse(answer: &serde_json::Value) -> Result<Self, CeremonyError> {
        let answer: PublicKeyCredential = parse(answer)?;
        let owner = answer.get_user_unique_id().and_then(|id| id.try_into().ok()).ok_or(CeremonyError::Unreadable)?;
        Ok(Self { answer, owner })
    }

    /// The id to look the passkey up by.
    pub fn credential_id(&self) -> &[u8] {
        self.answer.get_credential_id()
    }
}

fn refusal(error: &WebauthnError) -> CeremonyError {
    match error {
        WebauthnError::CredentialPossibleCompromise => CeremonyError::Copied,
        WebauthnError::UserNotVerified => CeremonyError::NotVerified,
        _ => CeremonyError::Refused,
    }
}

fn read(credential: &[u8]) -> Result<Passkey, CeremonyError> {
    serde_json::from_slice(credential).map_err(|_| CeremonyError::Damaged)
}

fn parse<T: serde::de::DeserializeOwned>(answer: &serde_json::Value) -> Result<T, CeremonyError> {
    T::deserialize(answer).map_err(|_| CeremonyError::Unreadable)
}

fn to_json(value: &impl serde::Serialize) -> Result<serde_json::Value, CeremonyError> {
    serde_json::to_value(value).map_err(|_| CeremonyError::Damaged)
}

fn to_bytes(value: &impl serde::Serialize) -> Result<Vec<u8>, CeremonyError> {
    serde_json::to_vec(value).map_err(|_| CeremonyError::Damaged)
}

impl fmt::Debug for Ceremonies {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Ceremonies").field("realm", &self.realm).finish_non_exhaustive()
    }
}

impl fmt::Debug for Owner<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Owner").finish_non_exhaustive()
    }
}

impl fmt::Debug for Added {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Added").finish_non_exhaustive()
    }
}

impl fmt::Debug for Assertion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Assertion").finish_non_exhaustive()
    }
}
