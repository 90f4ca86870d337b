//! The schema, step by step. A step that was released never changes; `{blob}` is the database's type for bytes.

use sqlx::{AssertSqlSafe, Row};

use crate::dialect::Dialect;
use crate::{RecordsError, Work};

/// The steps of the records.
pub(crate) const RECORDS: &[&str] = &[
    include_str!("0001-choices.sql"),
    include_str!("0002-people.sql"),
    include_str!("0003-operators.sql"),
    include_str!("0004-cases.sql"),
    include_str!("0005-programs.sql"),
    include_str!("0006-guardians.sql"),
    include_str!("0007-many-people.sql"),
];

/// The steps of the place where the keys are.
pub(crate) const KEYS: &[&str] = &[include_str!("keys-0001.sql")];

/// Takes the steps that are missing, all in one transaction with the notes that they were taken.
pub(crate) async fn run(work: &mut Work, dialect: Dialect, steps: &[&str]) -> Result<(), RecordsError> {
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_steps (number BIGINT PRIMARY KEY)").execute(&mut **work).await?;
    let row = sqlx::query("SELECT COALESCE(MAX(number), 0) AS newest FROM schema_steps").fetch_one(&mut **work).await?;
    let found: i64 = row.try_get("newest")?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(RecordsError::Newer { found, known });
    }
    for (number, step) in (1_i64..).zip(steps).filter(|(number, _)| *number > found) {
        let sql = step.replace("{blob}", dialect.blob());
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **work).await?;
        sqlx::query("INSERT INTO schema_steps (number) VALUES ($1)").bind(number).execute(&mut **work).await?;
    }
    Ok(())
}
