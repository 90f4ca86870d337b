//! The schema, step by step. A step that was released never changes; `{blob}` is the database's type for bytes.

use sqlx::{AssertSqlSafe, Row};

use crate::{Records, RecordsError, Work};

const STEPS: &[&str] = &[include_str!("0001-choices.sql")];

/// Takes the steps that are missing, each as one transaction with the note that it was taken.
pub(crate) async fn run(records: &Records) -> Result<(), RecordsError> {
    records.transact(async |work: &mut Work| take_missing_steps(records, work).await).await
}

async fn take_missing_steps(records: &Records, work: &mut Work) -> Result<(), RecordsError> {
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_step (number BIGINT PRIMARY KEY)").execute(&mut **work).await?;
    let row = sqlx::query("SELECT COALESCE(MAX(number), 0) AS newest FROM schema_step").fetch_one(&mut **work).await?;
    let found: i64 = row.try_get("newest")?;
    let known = STEPS.len() as i64;
    if found > known {
        return Err(RecordsError::Newer { found, known });
    }
    for (step, number) in STEPS.iter().zip(1..).skip(found as usize) {
        let sql = step.replace("{blob}", records.dialect.blob());
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **work).await?;
        sqlx::query("INSERT INTO schema_step (number) VALUES ($1)").bind::<i64>(number).execute(&mut **work).await?;
    }
    Ok(())
}
