use domain::{OperatorId, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::Operators;
use crate::bytes::maybe_bytes;
use crate::people::time;
use crate::{RecordsError, Work};

macro_rules! deeds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)+) => {
        /// Something that an operator did and has to answer for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Deed { $($(#[$doc])* $variant),+ }

        impl Deed {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As the records name it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

deeds! {
    /// Made a link to become an owner, on the machine itself.
    LinkMade = "link-made";
    /// Followed a link, and is an operator from then on.
    Joined = "joined";
    SignedIn = "signed-in";
    SignedOut = "signed-out";
    /// From all their browsers.
    SignedOutEverywhere = "signed-out-everywhere";
    /// Made a link for another operator; the subject is the operator it will make.
    Invited = "invited";
    /// Took such a link back.
    InvitationWithdrawn = "invitation-withdrawn";
    /// Removed an operator, who is the subject.
    Removed = "removed";
    PasskeyAdded = "passkey-added";
    PasskeyRemoved = "passkey-removed";
    /// Was refused, because there may be a copy of the passkey.
    PasskeyCopied = "passkey-copied";
    /// Signed somebody out of their account everywhere; the subject is the account.
    PersonSignedOut = "person-signed-out";
}

impl Deed {
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|deed| deed.name() == name)
    }
}

/// A deed that is to be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewAction {
    /// None where it was done on the machine itself.
    pub operator: Option<OperatorId>,
    pub deed: Deed,
    /// The id of whom or what it was done to.
    pub subject: Option<[u8; 16]>,
    pub at: Timestamp,
}

/// A deed, as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// The first is 1, and none is missing.
    pub number: i64,
    pub operator: Option<OperatorId>,
    pub deed: Deed,
    pub subject: Option<[u8; 16]>,
    pub at: Timestamp,
}

impl Operators {
    /// Remembers a deed that nothing else is kept of.
    pub async fn note(&self, action: NewAction) -> Result<(), RecordsError> {
        self.transact(action, |work, action| Box::pin(insert_action(work, action))).await
    }

    /// The newest deeds before this number, the newest first.
    pub async fn actions(&self, before: Option<i64>, at_most: u16) -> Result<Vec<Action>, RecordsError> {
        let pool = self.records.pool.clone();
        self.records
            .ask(async move {
                let sql = format!(
                    "SELECT number, made_at, operator, deed, subject FROM operator_actions WHERE number < $1 ORDER BY number DESC LIMIT {at_most}"
                );
                let query = sqlx::query(AssertSqlSafe(sql)).bind(before.unwrap_or(i64::MAX));
                query.fetch_all(&pool).await?.iter().map(read).collect()
            })
            .await
    }
}

/// Remembers a deed together with what it did.
pub(crate) async fn insert_action(work: &mut Work, action: &NewAction) -> Result<(), RecordsError> {
    let newest = sqlx::query("SELECT COALESCE(MAX(number), 0) AS newest FROM operator_actions").fetch_one(&mut **work).await?;
    let newest: i64 = newest.try_get("newest")?;
    sqlx::query("INSERT INTO operator_actions (number, made_at, operator, deed, subject) VALUES ($1, $2, $3, $4, $5)")
        .bind(newest + 1)
        .bind(action.at.as_microsecond())
        .bind(action.operator.map(|operator| operator.0.to_vec()))
        .bind(action.deed.name())
        .bind(action.subject.map(|subject| subject.to_vec()))
        .execute(&mut **work)
        .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Action, RecordsError> {
    Ok(Action {
        number: row.try_get("number")?,
        operator: maybe_bytes(row, "operator")?.map(OperatorId),
        deed: Deed::named(&row.try_get::<String, _>("deed")?).ok_or(RecordsError::Unreadable("what an operator did"))?,
        subject: maybe_bytes(row, "subject")?,
        at: time(row, "made_at")?,
    })
}
