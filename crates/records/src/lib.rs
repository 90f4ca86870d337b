//! What Candor keeps in SQL: on SQLite by default, on PostgreSQL by URL. Each query is written once and runs on both.
//!
//! Trusted, and may lose nothing: what was acknowledged has been committed durably.

pub mod choices;
mod dialect;
mod error;
mod migrations;

pub use error::RecordsError;

use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{Any, AnyPool, Transaction};

use dialect::Dialect;

/// The database, with its schema brought up to date.
#[derive(Clone, Debug)]
pub struct Records {
    pool: AnyPool,
    dialect: Dialect,
}

/// A transaction that others see whole or not at all, and that behaves as if it ran alone.
pub type Work = Transaction<'static, Any>;

/// So many times work is tried when the database could not fit it beside other work.
const TRIES: u32 = 8;

impl Records {
    /// Opens `sqlite:PATH` or `postgres://…`, and brings its schema up to date.
    pub async fn open(url: &str) -> Result<Self, RecordsError> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of(url)?;
        let pool = AnyPoolOptions::new()
            .max_connections(dialect.connections_max())
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(move |connection, _| Box::pin(dialect.prepare(connection)))
            .connect(&dialect.address(url))
            .await?;
        let records = Self { pool, dialect };
        migrations::run(&records).await?;
        Ok(records)
    }

    /// Does work as one transaction. Where the database could not fit it beside other work it is undone and done again, so it must have no effect
    /// outside the database.
    pub async fn transact<T, E>(&self, work: impl AsyncFn(&mut Work) -> Result<T, E>) -> Result<T, E>
    where
        E: From<RecordsError> + AsRecordsError,
    {
        let mut wait = Duration::from_millis(2);
        for _ in 1..TRIES {
            match self.attempt(&work).await {
                Err(error) if error.as_records_error().is_some_and(RecordsError::is_conflict) => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                ended => return ended,
            }
        }
        self.attempt(&work).await
    }

    async fn attempt<T, E: From<RecordsError>>(&self, work: &impl AsyncFn(&mut Work) -> Result<T, E>) -> Result<T, E> {
        let mut transaction = self.pool.begin_with(self.dialect.begin()).await.map_err(RecordsError::from)?;
        let done = work(&mut transaction).await?;
        transaction.commit().await.map_err(RecordsError::from)?;
        Ok(done)
    }

    /// Ends every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// An error that may come from the database.
pub trait AsRecordsError {
    fn as_records_error(&self) -> Option<&RecordsError>;
}

impl AsRecordsError for RecordsError {
    fn as_records_error(&self) -> Option<&RecordsError> {
        Some(self)
    }
}
