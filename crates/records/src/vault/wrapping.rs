//! A new master key in the place of an older one.

use std::sync::Arc;

use domain::Random;
use sqlx::{AssertSqlSafe, Row};

use super::Vault;
use super::master::{ID_BYTES, MasterKeys, Wrapped};
use crate::bytes::bytes;
use crate::{RecordsError, Work};

/// So many keys are wrapped anew in one transaction: whoever registers meanwhile waits no longer than that.
const REWRAPPED_AT_ONCE: i64 = 250;

/// The tables that hold keys.
const HOLDERS: [&str; 2] = ["person_keys", "named_keys"];

/// Under which master keys everything is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wrappings {
    /// Keys that the newest master key wraps.
    pub newest: u64,
    /// Keys that older ones wrap.
    pub older: u64,
}

impl Vault {
    /// Wraps with the newest of these from now on. It is refused where one is missing among them that something is wrapped by.
    pub async fn use_master_keys(&self, keys: MasterKeys) -> Result<(), RecordsError> {
        let mut master = self.master.write().await;
        let (records, keys) = (self.records.clone(), Arc::new(keys));
        let known = Arc::clone(&keys);
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let known = Arc::clone(&known);
                        Box::pin(async move { ensure_all_are_known(work, &known).await })
                    })
                    .await
            })
            .await?;
        *master = keys;
        Ok(())
    }

    /// Whether the newest of these is what wraps by now.
    pub async fn wraps_with(&self, keys: &MasterKeys) -> bool {
        self.master.read().await.begin_as(keys)
    }

    /// How many keys the newest master key wraps, and how many older ones.
    pub async fn wrappings(&self) -> Result<Wrappings, RecordsError> {
        let (pool, newest) = (self.records.pool.clone(), self.master.read().await.newest());
        self.records
            .ask(async move {
                let mut found = Wrappings::default();
                for holder in HOLDERS {
                    let sql = format!("SELECT master, COUNT(*) AS keys FROM {holder} GROUP BY master");
                    for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(&pool).await? {
                        let keys = row.try_get::<i64, _>("keys")?.unsigned_abs();
                        if bytes::<ID_BYTES>(&row, "master")? == newest {
                            found.newest += keys;
                        } else {
                            found.older += keys;
                        }
                    }
                }
                Ok(found)
            })
            .await
    }

    /// Wraps some of the keys anew that another than the newest master key wraps, and says how many there were. Call it until there are none: then the
    /// older master keys are of no use.
    pub async fn rewrap(&self) -> Result<u64, RecordsError> {
        let vault = self.clone();
        let master = Arc::clone(&*self.master.read().await);
        self.records
            .at_home(async move {
                let records = vault.records.clone();
                records
                    .transact(move |work| {
                        let (master, random) = (Arc::clone(&master), Arc::clone(&vault.random));
                        Box::pin(async move { rewrap(work, &master, &*random).await })
                    })
                    .await
            })
            .await
    }
}

/// Nothing may be wrapped by a master key that is not there: it could not be read, and nobody would notice before somebody needs it.
pub(super) async fn ensure_all_are_known(work: &mut Work, keys: &MasterKeys) -> Result<(), RecordsError> {
    for holder in HOLDERS {
        for master in masters(work, holder).await? {
            if !keys.has(master) {
                return Err(RecordsError::MasterKeyMissing);
            }
        }
    }
    Ok(())
}

/// The master keys that wrap something here. There are few of them for however many rows, so each is looked for beyond the last.
async fn masters(work: &mut Work, holder: &str) -> Result<Vec<[u8; ID_BYTES]>, RecordsError> {
    let mut found: Vec<[u8; ID_BYTES]> = Vec::new();
    loop {
        let sql = format!("SELECT master FROM {holder} WHERE master > $1 ORDER BY master LIMIT 1");
        let beyond = found.last().map_or_else(Vec::new, |last| last.to_vec());
        match sqlx::query(AssertSqlSafe(sql)).bind(beyond).fetch_optional(&mut **work).await? {
            Some(row) => found.push(bytes(&row, "master")?),
            None => return Ok(found),
        }
    }
}

async fn rewrap(work: &mut Work, keys: &MasterKeys, random: &dyn Random) -> Result<u64, RecordsError> {
    let mut rewrapped = 0;
    for master in masters(work, "named_keys").await?.into_iter().filter(|master| *master != keys.newest()) {
        let named = sqlx::query("SELECT name, master, wrapped FROM named_keys WHERE master = $1").bind(master.to_vec());
        for row in named.fetch_all(&mut **work).await? {
            let name: String = row.try_get("name")?;
            let wrapped = keys.wrap(name.as_bytes(), &keys.unwrap(name.as_bytes(), &Wrapped::read(&row)?)?, random);
            let update = sqlx::query("UPDATE named_keys SET master = $1, wrapped = $2 WHERE name = $3");
            update.bind(wrapped.master.to_vec()).bind(wrapped.bytes).bind(name).execute(&mut **work).await?;
            rewrapped += 1;
        }
    }
    if let Some(master) = masters(work, "person_keys").await?.into_iter().find(|master| *master != keys.newest()) {
        let sql = format!("SELECT person, master, wrapped FROM person_keys WHERE master = $1 LIMIT {REWRAPPED_AT_ONCE}");
        for row in sqlx::query(AssertSqlSafe(sql)).bind(master.to_vec()).fetch_all(&mut **work).await? {
            let person: [u8; 16] = bytes(&row, "person")?;
            let wrapped = keys.wrap(&person, &keys.unwrap(&person, &Wrapped::read(&row)?)?, random);
            let update = sqlx::query("UPDATE person_keys SET master = $1, wrapped = $2 WHERE person = $3");
            update.bind(wrapped.master.to_vec()).bind(wrapped.bytes).bind(person.to_vec()).execute(&mut **work).await?;
            rewrapped += 1;
        }
    }
    Ok(rewrapped)
}
