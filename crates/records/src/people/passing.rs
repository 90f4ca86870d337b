//! How a dependent's account becomes theirs: their guardian is told beforehand, answers for it no more from a day on, and they take it up with an address
//! of their own.

use std::sync::Arc;

use domain::{AccountId, Timestamp};

use super::dependent::{Quarter, guardian_of};
use super::job::insert_job;
use super::link::take_link;
use super::{LinkId, NewJob, People, Representation};
use crate::{RecordsError, Work};

/// The kind of link with which somebody takes their account up.
pub(super) const TAKE_UP: &str = "take-up";

/// What following the link to take an account up did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenUp {
    Done(AccountId),
    /// No such link, or not any more.
    NoLink,
    /// The address is another account's.
    EmailTaken,
}

/// What taking up writes.
struct Written {
    link: LinkId,
    owner: AccountId,
    email: (Vec<u8>, [u8; 32]),
    age: Representation,
    now: Timestamp,
}

impl People {
    /// The dependents whose account passes to them in this quarter or before, and whose guardian was not told so yet.
    pub async fn dependents_to_be_told_of(&self, by: Quarter) -> Result<Vec<AccountId>, RecordsError> {
        let sql = "SELECT account AS id FROM dependents WHERE passes_in <= $1 AND told_at IS NULL AND passed_at IS NULL \
                   AND EXISTS (SELECT 1 FROM accounts WHERE accounts.id = dependents.account AND accounts.state = 'open') ORDER BY account LIMIT 500";
        self.ids(sql, i64::from(by.0)).await
    }

    /// The dependents whose account passes to them now.
    pub async fn dependents_that_pass(&self, by: Quarter) -> Result<Vec<AccountId>, RecordsError> {
        let sql = "SELECT account AS id FROM dependents WHERE passes_in <= $1 AND passed_at IS NULL \
                   AND EXISTS (SELECT 1 FROM accounts WHERE accounts.id = dependents.account AND accounts.state = 'open') ORDER BY account LIMIT 500";
        self.ids(sql, i64::from(by.0)).await
    }

    /// The accounts that passed to somebody by then who never took them up. They are to be closed.
    pub async fn dependents_never_taken_up(&self, passed_by: Timestamp) -> Result<Vec<AccountId>, RecordsError> {
        let sql = "SELECT account AS id FROM dependents WHERE passed_at <= $1 \
                   AND EXISTS (SELECT 1 FROM accounts WHERE accounts.id = dependents.account AND accounts.state = 'open') ORDER BY account LIMIT 500";
        self.ids(sql, passed_by.as_microsecond()).await
    }

    /// Notes that a guardian was told, and keeps the letter that tells them, both or neither.
    pub async fn tell_guardian(&self, dependent: AccountId, letter: NewJob, now: Timestamp) -> Result<(), RecordsError> {
        self.with_letter(dependent, letter, now, |work, dependent, now| {
            Box::pin(async move {
                let sql = "UPDATE dependents SET told_at = $1 WHERE account = $2 AND told_at IS NULL";
                let told = sqlx::query(sql).bind(now.as_microsecond()).bind(dependent.0.to_vec()).execute(&mut **work).await?;
                Ok(told.rows_affected() == 1)
            })
        })
        .await
    }

    /// Ends what a guardian may do with an account, and keeps the letter that says so, both or neither. Codes to sign in with that they made are void.
    pub async fn pass(&self, dependent: AccountId, letter: NewJob, now: Timestamp) -> Result<(), RecordsError> {
        self.with_letter(dependent, letter, now, |work, dependent, now| {
            Box::pin(async move {
                let sql = "UPDATE dependents SET passed_at = $1 WHERE account = $2 AND passed_at IS NULL";
                let passed = sqlx::query(sql).bind(now.as_microsecond()).bind(dependent.0.to_vec()).execute(&mut **work).await?;
                for sql in ["UPDATE accounts SET guardian = NULL WHERE id = $1", "DELETE FROM links WHERE owner = $1"] {
                    sqlx::query(sql).bind(dependent.0.to_vec()).execute(&mut **work).await?;
                }
                Ok(passed.rows_affected() == 1)
            })
        })
        .await
    }

    /// Gives somebody whose account passed to them the address that a link was mailed to. From now on they are who they said, what their guardian answered
    /// for them is theirs no more, every session and passkey from before is gone, and the account is like any other.
    pub async fn take_up(&self, link: LinkId, age: Representation, now: Timestamp) -> Result<TakenUp, RecordsError> {
        let Some(found) = self.look_at_link(link, TAKE_UP, now).await? else { return Ok(TakenUp::NoLink) };
        let (Some(email), Some(key)) = (found.email, self.vault.find(found.owner).await?) else { return Ok(TakenUp::NoLink) };
        let email = (self.vault.seal(&key, &email.shown), self.vault.lookup(&email.compared));
        let written = Arc::new(Written { link, owner: found.owner, email, age, now });
        let records = self.records.clone();
        let taken = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let written = Arc::clone(&written);
                        Box::pin(async move { take_up(work, &written).await })
                    })
                    .await
            })
            .await;
        match taken {
            Err(error) if error.is_taken() => Ok(TakenUp::EmailTaken),
            taken => taken,
        }
    }

    /// Does something about a dependent once, with a letter to whoever is the owner of its job. Where that is nobody any more, it is done without.
    async fn with_letter(
        &self,
        dependent: AccountId,
        letter: NewJob,
        now: Timestamp,
        done: for<'w> fn(&'w mut Work, AccountId, Timestamp) -> crate::Done<'w, bool>,
    ) -> Result<(), RecordsError> {
        let guardian = letter.owner;
        let key = match guardian {
            Some(guardian) => self.vault.find(guardian).await?,
            None => None,
        };
        let letter = Arc::new(key.map(|key| letter.sealed(self, &key)));
        let records = self.records.clone();
        let kept = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let letter = Arc::clone(&letter);
                        Box::pin(async move {
                            let is_theirs = guardian_of(work, dependent).await? == guardian;
                            if done(work, dependent, now).await?
                                && is_theirs
                                && let Some(letter) = &*letter
                            {
                                insert_job(work, letter).await?;
                            }
                            Ok(())
                        })
                    })
                    .await
            })
            .await;
        self.tell_of_job();
        kept
    }
}

async fn take_up(work: &mut Work, written: &Written) -> Result<TakenUp, RecordsError> {
    if take_link(work, written.link, TAKE_UP, written.now).await?.is_none() {
        return Ok(TakenUp::NoLink);
    }
    let id = written.owner.0.to_vec();
    let age = &written.age;
    let changed = sqlx::query(
        "UPDATE accounts SET email = $1, email_key = $2, age = $3, age_method = $4, age_words_hash = $5, age_policy_version = $6, age_at = $7 \
         WHERE id = $8 AND state = 'open' AND guardian IS NULL AND email IS NULL \
         AND id IN (SELECT account FROM dependents WHERE passed_at IS NOT NULL)",
    )
    .bind(written.email.0.clone())
    .bind(written.email.1.to_vec())
    .bind(age.verdict.name())
    .bind(age.method.clone())
    .bind(age.words_hash.to_vec())
    .bind(i64::from(age.version.0))
    .bind(age.at.as_microsecond())
    .bind(id.clone())
    .execute(&mut **work)
    .await?
    .rows_affected();
    if changed == 0 {
        return Ok(TakenUp::NoLink);
    }
    for sql in [
        "DELETE FROM record_accounts WHERE record IN (SELECT record FROM choices WHERE account = $1 AND method = 'guardian')",
        // They stay as long as promised, under their number alone.
        "UPDATE choices SET account = NULL WHERE account = $1 AND method = 'guardian'",
        "DELETE FROM dependents WHERE account = $1",
        // Whose device each is on nobody can tell: a guardian may have one of them.
        "DELETE FROM passkeys WHERE account = $1",
        "DELETE FROM sessions WHERE account = $1",
        "DELETE FROM links WHERE owner = $1",
    ] {
        sqlx::query(sql).bind(id.clone()).execute(&mut **work).await?;
    }
    Ok(TakenUp::Done(written.owner))
}
