//! Whose browser a record is.

use domain::{AccountId, ChoiceRecordId, Timestamp};
use sqlx::Row;

use crate::choices::of_account;
use crate::{ChoiceRow, Records, RecordsError, Work};

/// What was answered before a browser and an account came together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    /// Under the browser's record, the oldest first.
    pub browser: Vec<ChoiceRow>,
    /// Under the account, from its other browsers, the oldest first.
    pub account: Vec<ChoiceRow>,
}

impl Records {
    /// Binds a browser's record to the account somebody signs in to with it, and says what either had answered before, as one transaction: an answer
    /// given meanwhile is in one of the two or follows. Binding again to the same account changes nothing. A record that belongs to another account
    /// stays with it; the browser then needs a record of its own. Whoever signs people in calls this and joins the two sides with
    /// `app::choices::join`, so that no is never turned into yes.
    pub async fn bind(&self, record: ChoiceRecordId, account: AccountId, at: Timestamp) -> Result<Sides, RecordsError> {
        let records = self.clone();
        self.at_home(async move { records.transact(move |work| Box::pin(bind(work, record, account, at))).await }).await
    }
}

pub(crate) async fn bind(work: &mut Work, record: ChoiceRecordId, account: AccountId, at: Timestamp) -> Result<Sides, RecordsError> {
    match bound_to(work, record).await? {
        Some(other) if other != account => return Err(RecordsError::BoundElsewhere),
        Some(_) => {}
        None => {
            sqlx::query("INSERT INTO record_accounts (record, account, bound_at) VALUES ($1, $2, $3)")
                .bind(record.0.to_vec())
                .bind(account.0.to_vec())
                .bind(at.as_microsecond())
                .execute(&mut **work)
                .await?;
        }
    }
    sqlx::query("UPDATE choices SET account = $1 WHERE record = $2 AND account IS NULL")
        .bind(account.0.to_vec())
        .bind(record.0.to_vec())
        .execute(&mut **work)
        .await?;
    let all = of_account(work, account).await?;
    let (browser, account) = all.into_iter().partition(|row| row.record == record);
    Ok(Sides { browser, account })
}

/// The account a record is bound to.
pub(crate) async fn bound_to(work: &mut Work, record: ChoiceRecordId) -> Result<Option<AccountId>, RecordsError> {
    let query = sqlx::query("SELECT account FROM record_accounts WHERE record = $1").bind(record.0.to_vec());
    let Some(row) = query.fetch_optional(&mut **work).await? else {
        return Ok(None);
    };
    let account: Vec<u8> = row.try_get("account")?;
    let account = account.try_into().map_err(|_| RecordsError::Unreadable("an account's id"))?;
    Ok(Some(AccountId(account)))
}
