use domain::{Span, Timestamp};
use records::TokenHash;

use super::{Operators, RecordsError, SignedIn};
use crate::people::Token;

/// Whoever does nothing for so long has to sign in again.
pub const IDLE_MAX: Span = Span::minutes(30);

/// Everybody has to sign in again after this.
pub const SESSION_MAX: Span = Span::hours(12);

/// For so long after signing in an operator may change who can sign in, themselves or others.
pub const PROOF_LASTS: Span = Span::minutes(10);

/// When a session was last seen is written this often.
const SEEN_WRITTEN_EVERY: Span = Span::minutes(1);

impl Operators {
    /// Whoever a cookie signs in, at this moment. Notes that they were here.
    pub async fn signed_in(&self, cookie: &Token, now: Timestamp) -> Result<Option<SignedIn>, RecordsError> {
        let id = TokenHash(cookie.hash());
        let found = self.records.signed_in(id, now, IDLE_MAX.before(now)).await?;
        if found.as_ref().is_some_and(|found| SEEN_WRITTEN_EVERY.after(found.session.seen) <= now) {
            self.records.touch_session(id, now).await?;
        }
        Ok(found)
    }

    pub async fn sign_out(&self, who: &SignedIn, now: Timestamp) -> Result<(), RecordsError> {
        self.records.sign_out(who.session, now).await
    }

    /// Ends all their sessions, in every browser.
    pub async fn sign_out_everywhere(&self, who: &SignedIn, now: Timestamp) -> Result<(), RecordsError> {
        self.records.sign_out_everywhere(who.operator.id, now).await
    }
}

/// Whether they proved who they are just now, and not only at some time today.
pub fn has_just_proved(who: &SignedIn, now: Timestamp) -> bool {
    PROOF_LASTS.after(who.session.started) > now
}
