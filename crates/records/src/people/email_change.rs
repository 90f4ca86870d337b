use std::sync::Arc;

use domain::{AccountId, Timestamp};
use policy::Sealed;

use super::job::insert_job;
use super::link::{SealedLink, insert_link, take_link};
use super::{LinkId, NewJob, NewLink, People};
use crate::{RecordsError, Work};

/// What following the link to a new address did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailConfirmed {
    Changed(AccountId),
    /// No such link, or not any more.
    NoLink,
    /// The address became another account's meanwhile.
    Taken,
}

/// The way back to the address that was given up: the link, which carries that address, and the letter that carries the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    pub link: NewLink,
    pub letter: NewJob,
}

/// What a link says, ready to be written into the account's row.
struct Written {
    link: LinkId,
    owner: AccountId,
    made: Timestamp,
    sealed: Vec<u8>,
    lookup: [u8; 32],
    now: Timestamp,
}

/// A change of address, ready to be made.
struct Confirming {
    written: Written,
    /// What the address is compared by that the account must still have.
    old: Option<[u8; 32]>,
    back: Option<(SealedLink, NewJob)>,
}

/// The kind of link that confirms a new address.
pub(super) const NEW: &str = "email";

/// The kind of link that takes the old address back.
pub(super) const BACK: &str = "email-back";

impl People {
    /// Keeps a link to a new address, the letter that carries it, and the one that tells the old address of it: all of them or none.
    pub async fn ask_for_email(&self, link: NewLink, letter: NewJob, told: NewJob) -> Result<(), RecordsError> {
        let key = self.vault.find(link.owner).await?.ok_or(RecordsError::NobodyThere)?;
        let all = Arc::new((link.sealed(self, &key), letter.sealed(self, &key), told.sealed(self, &key)));
        let records = self.records.clone();
        let kept = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let all = Arc::clone(&all);
                        Box::pin(async move {
                            sqlx::query("DELETE FROM links WHERE owner = $1 AND kind = $2")
                                .bind(all.0.link.owner.0.to_vec())
                                .bind(all.0.link.kind)
                                .execute(&mut **work)
                                .await?;
                            insert_link(work, &all.0).await?;
                            insert_job(work, &all.1).await?;
                            insert_job(work, &all.2).await
                        })
                    })
                    .await
            })
            .await;
        self.tell_of_job();
        kept
    }

    /// Gives an account the address that a link carries, and keeps the way back to the old one, all at once. `old` is the address the way back leads to:
    /// where the account has another by now, nothing happens. Links that were mailed to the old address are void.
    pub async fn confirm_email(
        &self,
        link: LinkId,
        old: Option<&Sealed<String>>,
        back: Option<WayBack>,
        now: Timestamp,
    ) -> Result<EmailConfirmed, RecordsError> {
        let Some(written) = self.written(link, NEW, now).await? else {
            return Ok(EmailConfirmed::NoLink);
        };
        let key = self.vault.find(written.owner).await?.ok_or(RecordsError::NobodyThere)?;
        let back = back.map(|back| (back.link.sealed(self, &key), back.letter.sealed(self, &key)));
        let old = old.map(|old| self.vault.lookup(old));
        self.change_email_in(Arc::new(Confirming { written, old, back })).await
    }

    /// Gives an account the address back that a link carries. Whoever took it away is shut out: every session ends, passkeys are removed, and so is every
    /// link made since. The ways back to addresses before this one stay.
    pub async fn take_email_back(&self, link: LinkId, now: Timestamp) -> Result<EmailConfirmed, RecordsError> {
        let Some(written) = self.written(link, BACK, now).await? else {
            return Ok(EmailConfirmed::NoLink);
        };
        let written = Arc::new(written);
        let records = self.records.clone();
        let done = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let written = Arc::clone(&written);
                        Box::pin(async move { take_back(work, &written).await })
                    })
                    .await
            })
            .await;
        taken_or(done)
    }

    async fn written(&self, link: LinkId, kind: &'static str, now: Timestamp) -> Result<Option<Written>, RecordsError> {
        let Some(found) = self.look_at_link(link, kind, now).await? else { return Ok(None) };
        let (Some(email), Some(key)) = (found.email, self.vault.find(found.owner).await?) else {
            return Ok(None);
        };
        let (sealed, lookup) = (self.vault.seal(&key, &email.shown), self.vault.lookup(&email.compared));
        Ok(Some(Written { link, owner: found.owner, made: found.at, sealed, lookup, now }))
    }

    async fn change_email_in(&self, change: Arc<Confirming>) -> Result<EmailConfirmed, RecordsError> {
        let records = self.records.clone();
        let done = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let change = Arc::clone(&change);
                        Box::pin(async move { change.make(work).await })
                    })
                    .await
            })
            .await;
        self.tell_of_job();
        taken_or(done)
    }
}

fn taken_or(done: Result<EmailConfirmed, RecordsError>) -> Result<EmailConfirmed, RecordsError> {
    match done {
        Err(error) if error.is_taken() => Ok(EmailConfirmed::Taken),
        done => done,
    }
}

impl Confirming {
    async fn make(&self, work: &mut Work) -> Result<EmailConfirmed, RecordsError> {
        if take_link(work, self.written.link, NEW, self.written.now).await?.is_none() {
            return Ok(EmailConfirmed::NoLink);
        }
        let query = sqlx::query(
            "UPDATE accounts SET email = $1, email_key = $2 WHERE id = $3 AND state = 'open' \
             AND (email_key = $4 OR (email_key IS NULL AND $5 = 1))",
        );
        let changed = query
            .bind(self.written.sealed.clone())
            .bind(self.written.lookup.to_vec())
            .bind(self.written.owner.0.to_vec())
            .bind(self.old.unwrap_or_default().to_vec())
            .bind(i64::from(self.old.is_none()))
            .execute(&mut **work)
            .await?
            .rows_affected();
        if changed == 0 {
            return Err(RecordsError::NobodyThere);
        }
        sqlx::query("DELETE FROM links WHERE owner = $1 AND kind <> $2")
            .bind(self.written.owner.0.to_vec())
            .bind(BACK)
            .execute(&mut **work)
            .await?;
        if let Some((link, letter)) = &self.back {
            insert_link(work, link).await?;
            insert_job(work, letter).await?;
        }
        Ok(EmailConfirmed::Changed(self.written.owner))
    }
}

async fn take_back(work: &mut Work, written: &Written) -> Result<EmailConfirmed, RecordsError> {
    if take_link(work, written.link, BACK, written.now).await?.is_none() {
        return Ok(EmailConfirmed::NoLink);
    }
    let changed = sqlx::query("UPDATE accounts SET email = $1, email_key = $2 WHERE id = $3 AND state = 'open'")
        .bind(written.sealed.clone())
        .bind(written.lookup.to_vec())
        .bind(written.owner.0.to_vec())
        .execute(&mut **work)
        .await?
        .rows_affected();
    if changed == 0 {
        return Err(RecordsError::NobodyThere);
    }
    for sql in ["DELETE FROM sessions WHERE account = $1", "DELETE FROM passkeys WHERE account = $1"] {
        sqlx::query(sql).bind(written.owner.0.to_vec()).execute(&mut **work).await?;
    }
    sqlx::query("DELETE FROM links WHERE owner = $1 AND (kind <> $2 OR made_at >= $3)")
        .bind(written.owner.0.to_vec())
        .bind(BACK)
        .bind(written.made.as_microsecond())
        .execute(&mut **work)
        .await?;
    Ok(EmailConfirmed::Changed(written.owner))
}
