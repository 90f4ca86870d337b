//! Everything in which the two databases differ.

use sqlx::AnyConnection;

use crate::RecordsError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    pub(crate) fn of(url: &str) -> Result<Self, RecordsError> {
        match url.split(':').next() {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            // What stands after the scheme may hold a password.
            scheme => Err(RecordsError::NotADatabase(format!("{}:…", scheme.unwrap_or_default()))),
        }
    }

    /// The URL to connect to: a SQLite file is made if it is not there.
    pub(crate) fn address(self, url: &str) -> String {
        match self {
            Self::Sqlite if !url.contains('?') => format!("{url}?mode=rwc"),
            _ => url.to_owned(),
        }
    }

    pub(crate) const fn connections_max(self) -> u32 {
        match self {
            Self::Sqlite => 4,
            Self::Postgres => 16,
        }
    }

    /// Readers do not wait for the writer, a commit is on the disk when it returns, and foreign keys hold.
    pub(crate) async fn prepare(self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        if self == Self::Sqlite {
            for pragma in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON", "PRAGMA busy_timeout = 5000"] {
                sqlx::raw_sql(pragma).execute(&mut *connection).await?;
            }
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
