//! Passkeys (W3C WebAuthn): how one is added and how somebody signs in with one, for owners of any kind. Nothing here knows who they are or where their
//! passkeys are kept.

mod ceremonies;
mod party;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a passkey of a test makes its own keys, and the library takes no other randomness")]
pub(crate) mod soft;
#[cfg(test)]
mod tests;
mod ticket;

pub use ceremonies::{Added, Assertion, Begun, CEREMONY_LIVES, Ceremonies, CeremonyError, Owner, SPENT_MAX};
pub use party::{NoPasskeysHere, Party, is_this_machine};
