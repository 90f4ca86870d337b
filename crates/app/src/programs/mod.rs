//! Programs that ask us over the API: the tokens they ask with, what each may do and how often, and what they were answered.

mod rate;
mod scope;
mod secret;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::{Random, Span, Timestamp, TokenId};
use parking_lot::Mutex;
use records::{People, Records, RecordsError};

pub use rate::Rate;
pub use records::{ApiToken, AskedBefore, Claim, KeptAnswer};
pub use scope::{BadScope, Scope, Scopes};
pub use secret::TokenSecret;

use crate::people::TooOften;
use rate::Rates;

/// How long the same idempotency key gets the same answer.
pub const ANSWERS_KEPT: Span = Span::hours(24);

/// A write that has no answer after this was cut short by the end of the process, and is done again when it is asked for again.
const GOING_MAX: Span = Span::minutes(2);

/// A token that is over is still listed for so long.
const OVER_LISTED: Span = Span::days(30);

/// When tokens were last used is written this often, all at once.
pub const USED_WRITTEN_EVERY: Duration = Duration::from_secs(30);

pub const NAME_CHARACTERS_MAX: usize = 100;

/// What a kept answer is sealed as.
const ANSWER: &str = "idempotency-answer";

/// Everything that is done with programs.
pub struct Programs {
    records: Records,
    people: People,
    random: Arc<dyn Random>,
    /// Tokens that were used, to be written down together.
    used: Mutex<HashMap<TokenId, Timestamp>>,
    rates: Rates,
}

/// A program whose token is one of ours and not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub token: TokenId,
    pub scopes: Scopes,
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    pub scopes: Scopes,
    /// It works for so long; none is until it is revoked.
    pub lives: Option<Span>,
}

/// Why a token is not made.
#[derive(Debug, thiserror::Error)]
pub enum NewTokenError {
    #[error("a token needs a scope: one or more of {}", Scope::names())]
    NoScope,
    #[error("a token's name has {NAME_CHARACTERS_MAX} characters at most, and no line breaks or other control characters")]
    BadName,
    #[error(transparent)]
    Records(#[from] RecordsError),
}

impl fmt::Debug for Programs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Programs").finish_non_exhaustive()
    }
}

impl Programs {
    pub fn new(people: People, records: Records, random: Arc<dyn Random>) -> Self {
        Self { records, people, random, used: Mutex::default(), rates: Rates::new(Rate::default()) }
    }

    /// The same where each token may ask at another rate.
    pub fn limited_to(self, rate: Rate) -> Self {
        Self { rates: Rates::new(rate), ..self }
    }

    /// Makes a token. The secret is handed out once, here, and kept nowhere.
    pub async fn issue(&self, new: NewToken, now: Timestamp) -> Result<(TokenSecret, ApiToken), NewTokenError> {
        if new.scopes.is_empty() {
            return Err(NewTokenError::NoScope);
        }
        if new.name.chars().count() > NAME_CHARACTERS_MAX || new.name.chars().any(char::is_control) {
            return Err(NewTokenError::BadName);
        }
        let secret = TokenSecret::random(&*self.random);
        let token = ApiToken {
            id: TokenId::random(&*self.random),
            name: new.name,
            scopes: new.scopes.to_string(),
            made: now,
            expires: new.lives.map(|span| span.after(now)),
            used: None,
        };
        self.records.keep_token(token.clone(), secret.hash()).await?;
        Ok((secret, token))
    }

    /// Every token there is, the oldest first.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, RecordsError> {
        self.records.tokens().await
    }

    /// Revokes a token: the next request with it is refused. Says whether there was one.
    pub async fn revoke(&self, id: TokenId) -> Result<bool, RecordsError> {
        self.records.revoke_token(id).await
    }

    /// Whose token this is. It is looked up each time, by its hash, so that a revoked one counts for nothing from then on. A text that is no token of ours is
    /// told from one without asking anybody.
    pub async fn recognise(&self, secret: &str, now: Timestamp) -> Result<Option<Program>, RecordsError> {
        let Some(secret) = TokenSecret::parse(secret) else {
            return Ok(None);
        };
        let Some(token) = self.records.token_by_hash(secret.hash(), now).await? else {
            return Ok(None);
        };
        self.used.lock().insert(token.id, now);
        Ok(Some(Program { token: token.id, scopes: Scopes::known(&token.scopes) }))
    }

    /// Counts one request of a program, unless it asks too often.
    pub fn admit(&self, token: TokenId, now: Timestamp) -> Result<(), TooOften> {
        self.rates.admit(token, now)
    }

    /// What a write is told from others by.
    pub fn claim(&self, token: TokenId, key: &str, request: &[u8]) -> Claim {
        let hash = |kind, bytes| self.people.vault().lookup_bytes(kind, bytes);
        Claim { token, key: hash("idempotency-key", key.as_bytes()), request: hash("idempotency-request", request) }
    }

    /// Whether a write was asked for before. If not, it is this one's turn, and [`Self::answered`] or [`Self::not_done`] says how it ended.
    pub async fn was_asked_before(&self, claim: Claim, now: Timestamp) -> Result<AskedBefore, RecordsError> {
        let asked = self.records.claim_key(claim, now, ANSWERS_KEPT.before(now), GOING_MAX.before(now)).await?;
        let AskedBefore::Answered(answer) = asked else {
            return Ok(asked);
        };
        let body = self.people.vault().open_apart(ANSWER, &about(claim), &answer.body)?;
        Ok(AskedBefore::Answered(KeptAnswer { body, ..answer }))
    }

    /// Keeps an answer, sealed: there may be something in it that lets whoever reads it do more.
    pub async fn answered(&self, claim: Claim, answer: KeptAnswer) -> Result<(), RecordsError> {
        let body = self.people.vault().seal_apart(ANSWER, &about(claim), &answer.body);
        self.records.keep_answer(claim, KeptAnswer { body, ..answer }).await
    }

    pub async fn not_done(&self, claim: Claim) -> Result<(), RecordsError> {
        self.records.release_key(claim).await
    }

    /// Writes down when tokens were last used. What cannot be written now is written the next time.
    pub async fn write_used(&self) -> Result<(), RecordsError> {
        let used = std::mem::take(&mut *self.used.lock());
        if used.is_empty() {
            return Ok(());
        }
        let written = self.records.touch_tokens(used.iter().map(|(id, at)| (*id, *at)).collect()).await;
        if written.is_err() {
            let mut newer = self.used.lock();
            for (id, at) in used {
                newer.entry(id).or_insert(at);
            }
        }
        written
    }

    /// Forgets answers and tokens that have had their time, and says how many there were.
    pub async fn forget(&self, now: Timestamp) -> Result<(u64, u64), RecordsError> {
        let answers = self.records.forget_answers(ANSWERS_KEPT.before(now)).await?;
        Ok((answers, self.records.forget_tokens(OVER_LISTED.before(now)).await?))
    }
}

/// An answer opens only for the request that it was given to.
fn about(claim: Claim) -> Vec<u8> {
    [&claim.token.0[..], &claim.key, &claim.request].concat()
}
