//! Browsers that somebody signed in with: the link between an account and the numbers that recognise visitors.

use std::collections::HashSet;
use std::sync::Arc;

use domain::{AccountId, Field, Timestamp, VisitorId};
use policy::Sealed;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{People, account_id, time, unsealed};
use crate::{RecordsError, Work};

/// A browser that somebody signed in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedVisitor {
    /// The visitor's number, as 32 digits.
    pub visitor: Sealed<String>,
    /// When they first and last signed in with it.
    pub first: Timestamp,
    pub last: Timestamp,
    /// Somebody else signed in with it, too: what was done with it is not theirs alone.
    pub shared: bool,
}

impl People {
    /// Notes that somebody signed in with this browser; the note is kept as long as its cookie. Nothing is noted of whoever is being erased.
    pub async fn note_visitor(
        &self,
        account: AccountId,
        visitor: Sealed<VisitorId>,
        at: Timestamp,
        expires: Timestamp,
    ) -> Result<(), RecordsError> {
        let Some(key) = self.vault.find(account).await? else {
            return Ok(());
        };
        let visitor = visitor.map(VisitorId::to_hex);
        let (lookup, sealed) = (self.vault.lookup(&visitor), Arc::new(self.vault.seal(&key, &visitor)));
        let records = self.records.clone();
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let sealed = Arc::clone(&sealed);
                        Box::pin(async move { note(work, account, (lookup, &sealed), at, expires).await })
                    })
                    .await
            })
            .await
    }

    /// The browsers that somebody signed in with, the newest first.
    pub async fn visitors_of(&self, account: AccountId, now: Timestamp) -> Result<Vec<LinkedVisitor>, RecordsError> {
        let Some(key) = self.vault.find(account).await? else {
            return Ok(Vec::new());
        };
        let people = self.clone();
        self.records
            .ask(async move {
                let sql = "SELECT visitor, first_at, last_at, (SELECT COUNT(*) FROM account_visitors other WHERE \
                           other.visitor_key = mine.visitor_key AND other.account <> mine.account) AS others \
                           FROM account_visitors mine WHERE account = $1 AND expires_at > $2 ORDER BY last_at DESC, visitor_key";
                let query = sqlx::query(sql).bind(account.0.to_vec()).bind(now.as_microsecond());
                let rows = query.fetch_all(&people.records.pool).await?;
                let read = |row: &AnyRow| {
                    Ok(LinkedVisitor {
                        visitor: unsealed(&people.vault, &key, row, "visitor", Field::VisitVisitor)?,
                        first: time(row, "first_at")?,
                        last: time(row, "last_at")?,
                        shared: row.try_get::<i64, _>("others")? > 0,
                    })
                };
                rows.iter().map(read).collect()
            })
            .await
    }

    /// For each of these accounts, the browsers that nobody signed in with but them: those that several of them share are told with the first of them. What is
    /// done with such a number by nobody who is signed in is theirs.
    pub async fn visitors_alone(&self, accounts: &[AccountId], now: Timestamp) -> Result<Vec<Vec<Sealed<VisitorId>>>, RecordsError> {
        let mut told = HashSet::new();
        let mut alone = Vec::with_capacity(accounts.len());
        for account in accounts {
            let mut visitors = Vec::new();
            for linked in self.visitors_of(*account, now).await? {
                let visitor = Sealed::new(Field::VisitVisitor, self.vault.visitor(&linked.visitor)?);
                let is_alone = !linked.shared || self.accounts_of_visitor(visitor, now).await?.iter().all(|other| accounts.contains(other));
                if is_alone && told.insert(visitor) {
                    visitors.push(visitor);
                }
            }
            alone.push(visitors);
        }
        Ok(alone)
    }

    /// Whoever signed in with this browser.
    pub async fn accounts_of_visitor(&self, visitor: Sealed<VisitorId>, now: Timestamp) -> Result<Vec<AccountId>, RecordsError> {
        let (pool, lookup) = (self.records.pool.clone(), self.vault.lookup(&visitor.map(VisitorId::to_hex)));
        self.records
            .ask(async move {
                let sql = "SELECT account FROM account_visitors WHERE visitor_key = $1 AND expires_at > $2 ORDER BY last_at DESC, account";
                let query = sqlx::query(sql).bind(lookup.to_vec()).bind(now.as_microsecond());
                query.fetch_all(&pool).await?.iter().map(|row| account_id(row, "account")).collect()
            })
            .await
    }

    /// Forgets which browsers somebody signed in with.
    pub async fn forget_visitors_of(&self, account: AccountId) -> Result<(), RecordsError> {
        let forgotten = move || sqlx::query("DELETE FROM account_visitors WHERE account = $1").bind(account.0.to_vec());
        self.records.change(forgotten).await.map(drop)
    }

    /// Deletes the links whose cookie is over, and says how many there were.
    pub async fn forget_visitors(&self, now: Timestamp) -> Result<u64, RecordsError> {
        self.records.change(move || sqlx::query("DELETE FROM account_visitors WHERE expires_at <= $1").bind(now.as_microsecond())).await
    }
}

async fn note(
    work: &mut Work,
    account: AccountId,
    (lookup, sealed): ([u8; 32], &[u8]),
    at: Timestamp,
    expires: Timestamp,
) -> Result<(), RecordsError> {
    sqlx::query(
        "INSERT INTO account_visitors (account, visitor_key, visitor, first_at, last_at, expires_at) \
         SELECT id, $2, $3, $4, $4, $5 FROM accounts WHERE id = $1 AND state = 'open' \
         ON CONFLICT (account, visitor_key) DO UPDATE SET last_at = excluded.last_at, expires_at = excluded.expires_at",
    )
    .bind(account.0.to_vec())
    .bind(lookup.to_vec())
    .bind(sealed.to_vec())
    .bind(at.as_microsecond())
    .bind(expires.as_microsecond())
    .execute(&mut **work)
    .await?;
    Ok(())
}
