//! Everything in which the two databases differ.

use sqlx::AnyConnection;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    pub(crate) const fn connections_max(self) -> u32 {
        match self {
            Self::Sqlite => 4,
            Self::Postgres => 16,
        }
    }

    /// Readers do not wait for the writer, a commit is on the disk when it returns, foreign keys hold, and what is deleted is written over.
    pub(crate) async fn prepare(self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let settings: &[&'static str] = match self {
            Self::Sqlite => &[
                "PRAGMA busy_timeout = 5000",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "PRAGMA foreign_keys = ON",
                "PRAGMA secure_delete = ON",
            ],
            Self::Postgres => &["SET synchronous_commit = on", "SET statement_timeout = '10s'"],
        };
        for setting in settings {
            sqlx::raw_sql(*setting).execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// What SQLite's one writer needs beyond that. All that one commit changes has room in memory, and what it was before, should a piece be undone, stays there
    /// too: written out it would be written several times. Its log is moved beside the writer; at this many pages (64 MiB) the writer does it at last.
    pub(crate) async fn prepare_writer(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        for setting in ["PRAGMA cache_size = -16384", "PRAGMA temp_store = MEMORY", "PRAGMA wal_autocheckpoint = 16384"] {
            sqlx::raw_sql(setting).execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// SQLite lets one writer in at a time, from the beginning of its work, so that none fails half-way.
    pub(crate) const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        }
    }

    /// The type of a column of bytes.
    pub(crate) const fn blob(self) -> &'static str {
        match self {
            Self::Sqlite => "BLOB",
            Self::Postgres => "BYTEA",
        }
    }
}
