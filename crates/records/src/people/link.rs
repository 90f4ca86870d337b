use std::sync::Arc;

use domain::{AccountId, Field, Timestamp};
use policy::Sealed;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::job::insert_job;
use super::{Findable, NewJob, People, account_id, time};
use crate::{PersonKey, RecordsError, Work};

/// The SHA-256 of a mailed token: what is kept of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkId(pub [u8; 32]);

/// A link that works once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLink {
    pub id: LinkId,
    /// What it is for: `confirm`, `sign-in`, `email`.
    pub kind: &'static str,
    /// The account or the registration it belongs to.
    pub owner: AccountId,
    /// The address that is to become theirs, where it is for that.
    pub email: Option<Findable>,
    pub at: Timestamp,
    pub expires: Timestamp,
}

/// A link as far as the letter goes that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailedLink {
    /// The address that is to become somebody's, where it is for that.
    pub email: Option<Sealed<String>>,
    pub made: Timestamp,
    pub expires: Timestamp,
}

/// A link as it is written and read: what it carries is sealed.
pub(super) struct SealedLink {
    pub(super) link: NewLink,
    email: Option<Vec<u8>>,
    compared: Option<Vec<u8>>,
}

const COLUMNS: &str = "owner, email, email_compared, made_at, expires_at";

/// It is there, it is for that, and its time is not over.
const WORKS: &str = "id = $1 AND kind = $2 AND expires_at > $3";

impl NewLink {
    pub(super) fn sealed(mut self, people: &People, key: &PersonKey) -> SealedLink {
        let email = self.email.take();
        let seal = |text: fn(&Findable) -> &Sealed<String>| email.as_ref().map(|email| people.vault.seal(key, text(email)));
        let (email, compared) = (seal(|email| &email.shown), seal(|email| &email.compared));
        SealedLink { link: self, email, compared }
    }
}

impl People {
    /// Keeps a link and the mail that carries it, both or neither. Earlier links of its kind and owner are void.
    pub async fn make_link(&self, link: NewLink, mail: NewJob) -> Result<(), RecordsError> {
        self.make_link_beside(0, link, mail).await
    }

    /// The same, but so many earlier ones, the newest, go on working: where somebody else can ask for links too, theirs must not void one that is about to be
    /// followed.
    pub async fn make_link_beside(&self, earlier: u32, link: NewLink, mail: NewJob) -> Result<(), RecordsError> {
        match self.vault.find(link.owner).await? {
            Some(key) => self.keep_link(earlier, link.sealed(self, &key), mail.sealed(self, &key)).await,
            None => Err(RecordsError::NobodyThere),
        }
    }

    /// The same where the letter goes to somebody else, such as a guardian.
    pub async fn make_link_for_another(&self, link: NewLink, mail: NewJob) -> Result<(), RecordsError> {
        let reader = mail.owner.ok_or(RecordsError::NobodyThere)?;
        match (self.vault.find(link.owner).await?, self.vault.find(reader).await?) {
            (Some(key), Some(readers)) => self.keep_link(0, link.sealed(self, &key), mail.sealed(self, &readers)).await,
            _ => Err(RecordsError::NobodyThere),
        }
    }

    /// The same work for an owner who is nobody, so that neither a clock nor the size of the database tells which it was. The key it is sealed under is
    /// kept nowhere: whoever begins the job finds that there is nobody, and the link has its time like any other.
    pub async fn make_link_for_nobody(&self, earlier: u32, link: NewLink, mail: NewJob) -> Result<(), RecordsError> {
        match self.vault.find(link.owner).await? {
            Some(_) => Err(RecordsError::Unreadable("a key of nobody")),
            None => {
                let key = self.vault.kept_nowhere(link.owner);
                self.keep_link(earlier, link.sealed(self, &key), mail.sealed(self, &key)).await
            }
        }
    }

    async fn keep_link(&self, earlier: u32, link: SealedLink, mail: NewJob) -> Result<(), RecordsError> {
        let both = Arc::new((link, mail));
        let records = self.records.clone();
        let made = self
            .records
            .at_home(async move {
                records
                    .transact(move |work| {
                        let both = Arc::clone(&both);
                        Box::pin(async move {
                            void_links(work, both.0.link.owner, both.0.link.kind, earlier).await?;
                            insert_link(work, &both.0).await?;
                            insert_job(work, &both.1).await
                        })
                    })
                    .await
            })
            .await;
        self.tell_of_job();
        made
    }

    /// A link that still works, without using it up.
    pub async fn look_at_link(&self, id: LinkId, kind: &'static str, now: Timestamp) -> Result<Option<NewLink>, RecordsError> {
        let pool = self.records.pool.clone();
        let found = self
            .records
            .ask(async move {
                let sql = format!("SELECT {COLUMNS} FROM links WHERE {WORKS}");
                let query = sqlx::query(AssertSqlSafe(sql)).bind(id.0.to_vec()).bind(kind).bind(now.as_microsecond());
                query.fetch_optional(&pool).await?.map(|row| read(&row, id, kind)).transpose()
            })
            .await?;
        self.opened(found).await
    }

    /// What the letter that carries a link has to know of it, whatever it is for; none where it does not work any more.
    pub async fn mailed_link(&self, id: LinkId, now: Timestamp) -> Result<Option<MailedLink>, RecordsError> {
        let pool = self.records.pool.clone();
        let found = self
            .records
            .ask(async move {
                let query = sqlx::query("SELECT owner, email, made_at, expires_at FROM links WHERE id = $1 AND expires_at > $2");
                let found = query.bind(id.0.to_vec()).bind(now.as_microsecond()).fetch_optional(&pool).await?;
                let Some(row) = found else { return Ok(None) };
                let email: Option<Vec<u8>> = row.try_get("email")?;
                Ok(Some((account_id(&row, "owner")?, email, time(&row, "made_at")?, time(&row, "expires_at")?)))
            })
            .await?;
        let Some((owner, email, made, expires)) = found else { return Ok(None) };
        let email = match email {
            None => None,
            Some(sealed) => {
                let Some(key) = self.vault.find(owner).await? else { return Ok(None) };
                Some(self.vault.unseal(&key, Field::AccountEmail, &sealed)?)
            }
        };
        Ok(Some(MailedLink { email, made, expires }))
    }

    /// Uses a link up, and its owner's others of its kind with it; none where it is of another kind, was used, or has had its time. Of two who use it at once,
    /// one gets it.
    pub async fn take_link(&self, id: LinkId, kind: &'static str, now: Timestamp) -> Result<Option<NewLink>, RecordsError> {
        let records = self.records.clone();
        let taken =
            self.records.at_home(async move { records.transact(move |work| Box::pin(take_all(work, id, kind, now))).await }).await?;
        self.opened(taken).await
    }

    /// Deletes the links that have had their time, and says how many there were.
    pub async fn forget_links(&self, now: Timestamp) -> Result<u64, RecordsError> {
        self.records.change(move || sqlx::query("DELETE FROM links WHERE expires_at <= $1").bind(now.as_microsecond())).await
    }

    async fn opened(&self, link: Option<SealedLink>) -> Result<Option<NewLink>, RecordsError> {
        let Some(SealedLink { mut link, email, compared }) = link else { return Ok(None) };
        if let (Some(email), Some(compared)) = (email, compared) {
            let Some(key) = self.vault.find(link.owner).await? else { return Ok(None) };
            let open = |sealed: &[u8]| self.vault.unseal(&key, Field::AccountEmail, sealed);
            link.email = Some(Findable { shown: open(&email)?, compared: open(&compared)? });
        }
        Ok(Some(link))
    }
}

pub(super) async fn insert_link(work: &mut Work, sealed: &SealedLink) -> Result<(), RecordsError> {
    let SealedLink { link, email, compared } = sealed;
    sqlx::query("INSERT INTO links (id, kind, owner, email, email_compared, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(link.id.0.to_vec())
        .bind(link.kind)
        .bind(link.owner.0.to_vec())
        .bind(email.clone())
        .bind(compared.clone())
        .bind(link.at.as_microsecond())
        .bind(link.expires.as_microsecond())
        .execute(&mut **work)
        .await?;
    Ok(())
}

/// Deletes the links of a kind and an owner but for the newest, so many of them.
async fn void_links(work: &mut Work, owner: AccountId, kind: &'static str, but: u32) -> Result<(), RecordsError> {
    let others = "DELETE FROM links WHERE owner = $1 AND kind = $2 AND id NOT IN \
                  (SELECT id FROM links WHERE owner = $1 AND kind = $2 ORDER BY made_at DESC, id LIMIT $3)";
    sqlx::query(others).bind(owner.0.to_vec()).bind(kind).bind(i64::from(but)).execute(&mut **work).await?;
    Ok(())
}

pub(super) async fn take_all(work: &mut Work, id: LinkId, kind: &'static str, now: Timestamp) -> Result<Option<SealedLink>, RecordsError> {
    let taken = take_link(work, id, kind, now).await?;
    if let Some(taken) = &taken {
        void_links(work, taken.link.owner, kind, 0).await?;
    }
    Ok(taken)
}

pub(super) async fn take_link(work: &mut Work, id: LinkId, kind: &'static str, now: Timestamp) -> Result<Option<SealedLink>, RecordsError> {
    let sql = format!("DELETE FROM links WHERE {WORKS} RETURNING {COLUMNS}");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(id.0.to_vec()).bind(kind).bind(now.as_microsecond());
    query.fetch_optional(&mut **work).await?.map(|row| read(&row, id, kind)).transpose()
}

fn read(row: &AnyRow, id: LinkId, kind: &'static str) -> Result<SealedLink, RecordsError> {
    let owner = account_id(row, "owner")?;
    let link = NewLink { id, kind, owner, email: None, at: time(row, "made_at")?, expires: time(row, "expires_at")? };
    Ok(SealedLink { link, email: row.try_get("email")?, compared: row.try_get("email_compared")? })
}
