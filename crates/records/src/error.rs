/// What went wrong in the database. It shows no values: they may be personal.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    #[error("`{0}` is no database: write sqlite:PATH or postgres://USER@HOST/NAME")]
    NotADatabase(String),
    #[error("the database was written by a newer Candor: its schema is {found}, this program knows {known}")]
    Newer { found: i64, known: i64 },
    #[error("the database holds what no Candor writes: {0}")]
    Unreadable(&'static str),
    #[error("the database does not answer as it should{}", code(.0))]
    Database(#[from] sqlx::Error),
}

fn code(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.code().map_or_else(String::new, |code| format!(" (its code is {code})")),
        sqlx::Error::PoolTimedOut => " (every connection is busy)".to_owned(),
        sqlx::Error::Io(error) => format!(" ({})", error.kind()),
        sqlx::Error::Configuration(_) => " (its URL cannot be read)".to_owned(),
        _ => String::new(),
    }
}

/// SQLSTATE of a serialization failure and of a deadlock; SQLite's BUSY, and BUSY_SNAPSHOT.
const CONFLICTS: [&str; 4] = ["40001", "40P01", "5", "517"];

impl RecordsError {
    /// Whether the same work may succeed when it is done again.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.code().is_some_and(|code| CONFLICTS.contains(&&*code)))
    }
}
