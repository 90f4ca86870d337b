//! People who register: who they are, how they show it, and what they may do with what is held about them.

pub mod age;
mod agreements;
mod answers;
mod changes;
mod closing;
mod dependents;
mod endings;
mod export;
mod holder;
mod log_users;
mod names;
mod passkeys;
pub(crate) mod rates;
mod register;
mod sessions;
mod shown;
mod signing_in;
mod token;
mod visits;
mod who;

use std::collections::HashSet;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use domain::{AccountId, Random, SessionId, Timestamp};
use parking_lot::Mutex;
use policy::Sealed;
use records::People;

pub use agreements::{BegunAgreement, PersonFacts};
pub use changes::{EMAIL_LINK_LIVES, Renamed, WAY_BACK_LIVES};
pub use closing::ERASED_WITHIN;
pub use dependents::{
    AnswerFor, Asking, CODE_LIVES, CONFIRMED_WITHIN, Code, DependentApplicant, Guarded, LookedAfter, PurposeFor, REPEATED_AFTER,
    TAKEN_UP_WITHIN, TOLD_BEFORE, TakingUp,
};
pub use endings::Endings;
pub use export::{Export, ExportedAgreement, ExportedVisits};
pub use holder::{Holder, PROOF_LASTS, short_name};
pub(crate) use names::looks;
pub use names::{
    BadEmail, BadUsername, EMAIL_BYTES_MAX, USERNAME_CHARACTERS_MAX, USERNAME_CHARACTERS_MIN, email, email_of_a_request, username,
};
pub use passkeys::{NewPasskeyError, PasskeyError};
pub use rates::{Doer, Limits, Rate, TooOften};
pub use register::{Applicant, Confirmation, REGISTRATION_LIVES};
pub use sessions::{IDLE_MAX, SEEN_WRITTEN_EVERY, SESSION_MAX};
pub use shown::{NotShown, Reader, ShownAnswer, ShownFacts, ShownLink, ShownPerson, Withheld};
pub use signing_in::{Browser, SIGN_IN_LINK_LIVES};
pub use token::Token;
pub use visits::EraseError;
pub use who::{BadClue, Clue, Evidence, Identifier, KnownPerson, Link};

pub use records::{
    AGREEMENTS_MAX, Agreement, DEPENDENTS_MAX, Dependent, DependentAdded, EmailConfirmed, Findable, PASSKEYS_MAX, Passkey, PasskeyName,
    Quarter, Representation, SESSIONS_AT_ONCE_MAX, Session, SignInMethod,
};

pub(crate) use rates::Rates;

use crate::passkeys::Ceremonies;

/// Everything that is done with accounts.
pub struct Accounts {
    pub(crate) people: People,
    pub(crate) random: Arc<dyn Random>,
    /// Sessions that were seen, to be written down together.
    pub(crate) seen: Mutex<Vec<(SessionId, Timestamp)>>,
    /// Who said no to being recognised as a visitor, for the links to their browsers to be forgotten.
    pub(crate) unrecognised: Mutex<HashSet<AccountId>>,
    pub(crate) endings: Arc<dyn Endings>,
    /// Where their visits are.
    visits: Option<Arc<::visits::Log>>,
    rates: Rates,
    ceremonies: Ceremonies,
}

impl fmt::Debug for Accounts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Accounts").finish_non_exhaustive()
    }
}

impl Accounts {
    pub fn new(people: People, random: Arc<dyn Random>) -> Self {
        let ceremonies = Ceremonies::new("account", &*random);
        let (seen, unrecognised, endings) = (Mutex::default(), Mutex::default(), Arc::new(endings::Unheard));
        Self { people, random, seen, unrecognised, endings, visits: None, rates: Rates::new(Limits::default()), ceremonies }
    }

    /// The same with other limits of what may be done how often.
    pub fn limited_to(self, limits: Limits) -> Self {
        Self { rates: Rates::new(limits), ..self }
    }

    /// Counts something that is limited, of this kind, unless it is too often.
    pub fn admit(&self, kind: &str, doer: Doer<'_>, now: Timestamp) -> Result<(), TooOften> {
        self.rates.admit(kind, doer, self.people.vault(), now)
    }

    /// Counts a letter of this kind to this address, unless there were too many. Whoever may not know whether there is such an account may not know of this
    /// either.
    pub fn admit_letter(&self, kind: &str, email: &Sealed<String>, now: Timestamp) -> Result<(), TooOften> {
        self.rates.admit_letter(kind, email, self.people.vault(), now)
    }

    /// Whether links are still looked at for whoever is there, or they came with too many that are none.
    pub fn may_follow_links(&self, client: &Sealed<IpAddr>, now: Timestamp) -> Result<(), TooOften> {
        self.rates.may_guess(client, self.people.vault(), now)
    }

    /// Counts a link that is none.
    pub fn came_with_no_link(&self, client: &Sealed<IpAddr>, now: Timestamp) {
        self.rates.guessed(client, self.people.vault(), now);
    }
}
