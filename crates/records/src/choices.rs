//! Choices as they were made, so that each can be shown to have been made.

use domain::{ChoiceRecordId, Id, Timestamp, Version};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::{Records, RecordsError, Work};

/// What somebody did about a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Given,
    Refused,
    Withdrawn,
    Objected,
    OptedOut,
}

/// Where they did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Page,
    Banner,
    Api,
    /// `Sec-GPC: 1`.
    GlobalPrivacyControl,
}

macro_rules! names {
    ($kind:ident, $what:literal: $($variant:ident = $name:literal),+) => {
        impl $kind {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            fn read(text: &str) -> Result<Self, RecordsError> {
                Self::ALL.iter().copied().find(|known| known.name() == text).ok_or(RecordsError::Unreadable($what))
            }
        }
    };
}

names!(Action, "a choice's action": Given = "given", Refused = "refused", Withdrawn = "withdrawn", Objected = "objected", OptedOut = "opted-out");
names!(Method, "a choice's method": Page = "page", Banner = "banner", Api = "api", GlobalPrivacyControl = "global-privacy-control");

/// One row of `choice`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceRow {
    pub id: [u8; 16],
    pub record: ChoiceRecordId,
    pub purpose: Id,
    pub action: Action,
    pub method: Method,
    pub version: Version,
    /// SHA-256 of the words that were shown.
    pub words_hash: [u8; 32],
    /// The page or banner that showed them, with its version.
    pub interface: String,
    pub language: String,
    pub region: String,
    pub gpc: bool,
    /// To the microsecond.
    pub at: Timestamp,
}

/// Writes rows as part of a transaction.
pub async fn insert(work: &mut Work, rows: &[ChoiceRow]) -> Result<(), RecordsError> {
    for row in rows {
        sqlx::query(
            "INSERT INTO choice (id, record, purpose, action, method, policy_version, words_hash, interface, language, region, gpc, made_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(row.id.to_vec())
        .bind(row.record.0.to_vec())
        .bind(row.purpose.as_str().to_owned())
        .bind(row.action.name())
        .bind(row.method.name())
        .bind(i64::from(row.version.0))
        .bind(row.words_hash.to_vec())
        .bind(row.interface.clone())
        .bind(row.language.clone())
        .bind(row.region.clone())
        .bind(i64::from(row.gpc))
        .bind(row.at.as_microsecond())
        .execute(&mut **work)
        .await?;
    }
    Ok(())
}

impl Records {
    /// Every choice under a pseudonym, the oldest first.
    pub async fn choices_of(&self, record: ChoiceRecordId) -> Result<Vec<ChoiceRow>, RecordsError> {
        let rows = sqlx::query(
            "SELECT id, record, purpose, action, method, policy_version, words_hash, interface, language, region, gpc, made_at \
             FROM choice WHERE record = $1 ORDER BY made_at, id",
        )
        .bind(record.0.to_vec())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Deletes the choices made before a moment, and says how many there were.
    pub async fn forget_choices_before(&self, moment: Timestamp) -> Result<u64, RecordsError> {
        let moment = moment.as_microsecond();
        self.transact(async |work: &mut Work| {
            Ok(sqlx::query("DELETE FROM choice WHERE made_at < $1").bind(moment).execute(&mut **work).await?.rows_affected())
        })
        .await
    }
}

fn read(row: &AnyRow) -> Result<ChoiceRow, RecordsError> {
    let unreadable = RecordsError::Unreadable;
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(ChoiceRow {
        id: bytes(row, "id")?,
        record: ChoiceRecordId(bytes(row, "record")?),
        purpose: Id::parse(&text("purpose")?).map_err(|_| unreadable("a choice's purpose"))?,
        action: Action::read(&text("action")?)?,
        method: Method::read(&text("method")?)?,
        version: Version(u32::try_from(row.try_get::<i64, _>("policy_version")?).map_err(|_| unreadable("a choice's version"))?),
        words_hash: bytes(row, "words_hash")?,
        interface: text("interface")?,
        language: text("language")?,
        region: text("region")?,
        gpc: row.try_get::<i64, _>("gpc")? != 0,
        at: Timestamp::from_microsecond(row.try_get("made_at")?).map_err(|_| unreadable("a choice's time"))?,
    })
}

fn bytes<const N: usize>(row: &AnyRow, column: &str) -> Result<[u8; N], RecordsError> {
    row.try_get::<Vec<u8>, _>(column)?.try_into().map_err(|_| RecordsError::Unreadable("an id or a hash of another length"))
}
