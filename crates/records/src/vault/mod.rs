//! Where the keys are that personal data is sealed under: one for each person, wrapped by a master key, in a database of their own. Whoever is erased
//! loses that key, and with it every copy of what was sealed under it, in backups too.

mod aead;
mod master;
mod person_key;
mod wrapping;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use domain::{AccountId, Field, Random, VisitorId};
use policy::{Sealed, StorageCapability};
use ring::aead::LessSafeKey;
use ring::hmac;
use tokio::sync::RwLock;

use crate::bytes::bytes;
use crate::{Address, Records, RecordsError, Work, migrations};

pub use master::{BadMasterKeys, MasterKeys};
pub use person_key::PersonKey;
pub use wrapping::Wrappings;

use master::{KEY_BYTES, Wrapped};
use wrapping::ensure_all_are_known;

/// The name of the key that look-ups are hashed with.
const LOOKUP: &str = "lookup";

/// The keys, and the right to use them. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Vault {
    records: Records,
    /// Held while a key is made, so that none is wrapped by a master key that has just been replaced.
    master: Arc<RwLock<Arc<MasterKeys>>>,
    lookup: Arc<hmac::Key>,
    storage: StorageCapability,
    random: Arc<dyn Random>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Vault").finish_non_exhaustive()
    }
}

impl Vault {
    /// Opens the place where the keys are, and makes it where there is none. It is refused where a master key is missing that something is wrapped by.
    pub async fn open(
        address: &Address,
        master: MasterKeys,
        storage: StorageCapability,
        random: Arc<dyn Random>,
    ) -> Result<Self, RecordsError> {
        let records = Records::open_with(address, migrations::KEYS).await?;
        let master = Arc::new(master);
        let (keys, source) = (Arc::clone(&master), Arc::clone(&random));
        let secret = records
            .transact(move |work| {
                let (keys, source) = (Arc::clone(&keys), Arc::clone(&source));
                Box::pin(async move {
                    ensure_all_are_known(work, &keys).await?;
                    named(work, LOOKUP, &keys, &*source).await
                })
            })
            .await?;
        let master = Arc::new(RwLock::new(master));
        let lookup = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &secret));
        Ok(Self { records, master, lookup, storage, random })
    }

    /// A new key for a person who has none. It is durable on return.
    pub async fn make(&self, person: AccountId) -> Result<PersonKey, RecordsError> {
        let secret = random_key(&*self.random);
        let master = Arc::clone(&self.master).read_owned().await;
        let wrapped = master.wrap(&person.0, &secret, &*self.random);
        let records = self.records.clone();
        // The master key may not be replaced as long as this may still be kept: the work has it in hand.
        let new = (wrapped, master);
        self.records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let (wrapped, _held) = &new;
                        Box::pin(insert(work, person, wrapped.clone()))
                    })
                    .await
            })
            .await?;
        Ok(self.key(person, &secret))
    }

    /// A key for what nobody will ever read.
    pub(crate) fn kept_nowhere(&self, person: AccountId) -> PersonKey {
        self.key(person, &random_key(&*self.random))
    }

    /// A person's key; none where it was destroyed or never made.
    pub async fn find(&self, person: AccountId) -> Result<Option<PersonKey>, RecordsError> {
        let pool = self.records.pool.clone();
        let found = self
            .records
            .ask(async move {
                let query = sqlx::query("SELECT master, wrapped FROM person_keys WHERE person = $1").bind(person.0.to_vec());
                query.fetch_optional(&pool).await?.as_ref().map(Wrapped::read).transpose()
            })
            .await?;
        match found {
            Some(wrapped) => Ok(Some(self.key(person, &self.master.read().await.unwrap(&person.0, &wrapped)?))),
            None => Ok(None),
        }
    }

    /// Destroys a person's key, in every file of the place where the keys are. What was sealed under it can never be read again. Where it fails the key may
    /// be gone or not; it can be destroyed again.
    pub async fn destroy(&self, person: AccountId) -> Result<(), RecordsError> {
        let records = self.records.clone();
        self.records.at_home(async move { records.transact(move |work| Box::pin(delete(work, person))).await }).await?;
        self.records.forget_the_log().await
    }

    /// The same for somebody who is erased: that they were is remembered, by their number alone, in case an older copy of the records comes back. Nothing of
    /// the key is left in SQLite's files, so that none is in a copy of them that is made from now on.
    pub async fn erase(&self, person: AccountId) -> Result<(), RecordsError> {
        let records = self.records.clone();
        self.records.at_home(async move { records.transact(move |work| Box::pin(erase(work, person))).await }).await?;
        self.records.forget_the_log().await
    }

    /// Some of those who were erased, by number, beyond this one.
    pub(crate) async fn erased_beyond(&self, person: Option<AccountId>) -> Result<Vec<AccountId>, RecordsError> {
        let pool = self.records.pool.clone();
        let beyond = person.map_or_else(Vec::new, |person| person.0.to_vec());
        self.records
            .ask(async move {
                let sql = "SELECT person FROM erased_people WHERE person > $1 ORDER BY person LIMIT 500";
                let rows = sqlx::query(sql).bind(beyond).fetch_all(&pool).await?;
                rows.iter().map(|row| bytes(row, "person").map(AccountId)).collect()
            })
            .await
    }

    /// What a value is looked up by: a keyed hash. The same text gives another one for another field.
    pub fn lookup(&self, value: &Sealed<String>) -> [u8; 32] {
        self.lookup_bytes(value.field().name(), self.storage.reveal(value).as_bytes())
    }

    /// What a mailbox is told by where letters to it are counted: most servers deliver to one whatever the case of the letters, and whatever follows a `+`.
    pub fn lookup_mailbox(&self, address: &Sealed<String>) -> [u8; 32] {
        let text = self.storage.reveal(address).to_lowercase();
        let (local, domain) = text.rsplit_once('@').unwrap_or((&text, ""));
        let local = local.split('+').next().unwrap_or(local);
        self.lookup_bytes("mailbox", format!("{local}@{domain}").as_bytes())
    }

    /// What the network of an address is told by: the first bits of it, of which the two families have different numbers.
    pub fn lookup_network(&self, address: &Sealed<IpAddr>, v4_bits: u32, v6_bits: u32) -> [u8; 32] {
        let first = |bits: u32, of: u32| u128::MAX.checked_shl(of - bits.min(of)).unwrap_or(0);
        match self.storage.reveal(address).to_canonical() {
            IpAddr::V4(address) => {
                let network = u128::from(address.to_bits()) & first(v4_bits, 32);
                self.lookup_bytes("v4", &[&v4_bits.to_le_bytes()[..], &network.to_le_bytes()].concat())
            }
            IpAddr::V6(address) => {
                let network = address.to_bits() & first(v6_bits, 128);
                self.lookup_bytes("v6", &[&v6_bits.to_le_bytes()[..], &network.to_le_bytes()].concat())
            }
        }
    }

    /// The same for what is no field of its own.
    pub fn lookup_bytes(&self, kind: &str, value: &[u8]) -> [u8; 32] {
        let mut mac = hmac::Context::with_key(&self.lookup);
        mac.update(&(kind.len() as u64).to_le_bytes());
        mac.update(kind.as_bytes());
        mac.update(value);
        let mut hash = [0; 32];
        hash.copy_from_slice(mac.sign().as_ref());
        hash
    }

    /// Seals what belongs to no person, under a key of its own that is made of what it is about. It opens only as what it was sealed as, about the same.
    pub fn seal_apart(&self, kind: &str, about: &[u8], plain: &[u8]) -> Vec<u8> {
        aead::seal(&self.key_apart(kind, about), kind.as_bytes(), plain, &*self.random)
    }

    pub fn open_apart(&self, kind: &str, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, RecordsError> {
        aead::open(&self.key_apart(kind, about), kind.as_bytes(), sealed)
    }

    fn key_apart(&self, kind: &str, about: &[u8]) -> LessSafeKey {
        aead::key(&self.lookup_bytes("key-apart", &[&(kind.len() as u64).to_le_bytes(), kind.as_bytes(), about].concat()))
    }

    pub(crate) fn seal(&self, key: &PersonKey, value: &Sealed<String>) -> Vec<u8> {
        key.seal(value.field().name(), self.storage.reveal(value).as_bytes(), &*self.random)
    }

    pub(crate) fn unseal(&self, key: &PersonKey, field: Field, sealed: &[u8]) -> Result<Sealed<String>, RecordsError> {
        let text = String::from_utf8(key.open(field.name(), sealed)?).map_err(|_| RecordsError::Unreadable("a text that is none"))?;
        Ok(Sealed::new(field, text))
    }

    /// A visitor's number, of its digits.
    pub(crate) fn visitor(&self, digits: &Sealed<String>) -> Result<VisitorId, RecordsError> {
        let digits: &String = self.storage.reveal(digits);
        VisitorId::parse(digits).ok_or(RecordsError::Unreadable("a visitor's number"))
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// Ends every connection; whatever is asked afterwards fails.
    pub async fn close(&self) {
        self.records.close().await;
    }

    fn key(&self, person: AccountId, secret: &[u8; KEY_BYTES]) -> PersonKey {
        PersonKey::new(person, secret)
    }
}

fn random_key(random: &dyn Random) -> [u8; KEY_BYTES] {
    let mut secret = [0; KEY_BYTES];
    random.fill(&mut secret);
    secret
}

async fn insert(work: &mut Work, person: AccountId, wrapped: Wrapped) -> Result<(), RecordsError> {
    sqlx::query("INSERT INTO person_keys (person, master, wrapped) VALUES ($1, $2, $3)")
        .bind(person.0.to_vec())
        .bind(wrapped.master.to_vec())
        .bind(wrapped.bytes)
        .execute(&mut **work)
        .await?;
    Ok(())
}

async fn delete(work: &mut Work, person: AccountId) -> Result<(), RecordsError> {
    sqlx::query("DELETE FROM person_keys WHERE person = $1").bind(person.0.to_vec()).execute(&mut **work).await?;
    Ok(())
}

async fn erase(work: &mut Work, person: AccountId) -> Result<(), RecordsError> {
    delete(work, person).await?;
    let sql = "INSERT INTO erased_people (person) VALUES ($1) ON CONFLICT (person) DO NOTHING";
    sqlx::query(sql).bind(person.0.to_vec()).execute(&mut **work).await?;
    Ok(())
}

/// A key of the whole, made where there is none.
async fn named(work: &mut Work, name: &'static str, master: &MasterKeys, random: &dyn Random) -> Result<[u8; KEY_BYTES], RecordsError> {
    let query = sqlx::query("SELECT master, wrapped FROM named_keys WHERE name = $1").bind(name);
    if let Some(row) = query.fetch_optional(&mut **work).await? {
        return master.unwrap(name.as_bytes(), &Wrapped::read(&row)?);
    }
    let secret = random_key(random);
    let wrapped = master.wrap(name.as_bytes(), &secret, random);
    sqlx::query("INSERT INTO named_keys (name, master, wrapped) VALUES ($1, $2, $3)")
        .bind(name)
        .bind(wrapped.master.to_vec())
        .bind(wrapped.bytes)
        .execute(&mut **work)
        .await?;
    Ok(secret)
}
