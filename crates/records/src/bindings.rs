//! Whose browser a record is.

use domain::{AccountId, ChoiceRecordId, Timestamp};

use crate::bytes::bytes;
use crate::choices::of_account_or_record;
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
    // Where it is bound already it stays as it is, and says to whom.
    let sql = "INSERT INTO record_accounts (record, account, bound_at) VALUES ($1, $2, $3) \
               ON CONFLICT (record) DO UPDATE SET bound_at = record_accounts.bound_at RETURNING account";
    let query = sqlx::query(sql).bind(record.0.to_vec()).bind(account.0.to_vec()).bind(at.as_microsecond());
    if AccountId(bytes(&query.fetch_one(&mut **work).await?, "account")?) != account {
        return Err(RecordsError::BoundElsewhere);
    }
    let mut all = of_account_or_record(work, account, record).await?;
    if all.iter().any(|row| row.account.is_none()) {
        sqlx::query("UPDATE choices SET account = $1 WHERE record = $2 AND account IS NULL")
            .bind(account.0.to_vec())
            .bind(record.0.to_vec())
            .execute(&mut **work)
            .await?;
        all.iter_mut().for_each(|row| row.account = Some(account));
    }
    let (browser, account) = all.into_iter().partition(|row| row.record == record);
    Ok(Sides { browser, account })
}

/// The account a record is bound to.
pub(crate) async fn bound_to(work: &mut Work, record: ChoiceRecordId) -> Result<Option<AccountId>, RecordsError> {
    let query = sqlx::query("SELECT account FROM record_accounts WHERE record = $1").bind(record.0.to_vec());
    let Some(row) = query.fetch_optional(&mut **work).await? else {
        return Ok(None);
    };
    Ok(Some(AccountId(bytes(&row, "account")?)))
}
