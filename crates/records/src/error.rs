use crate::Address;

/// What went wrong in the database. It shows no values: they may be personal; and no passwords.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    #[error("the records at {address} cannot be opened: {why}")]
    Unopened { address: Address, why: Box<RecordsError> },
    #[error("its path is not text")]
    NotText,
    #[error("they were written by a newer Candor: their schema is {found}, and this program knows {known}; start the newer program again")]
    Newer { found: i64, known: i64 },
    #[error("the database holds what no Candor writes: {0}")]
    Unreadable(&'static str),
    #[error("the database did not answer in time")]
    TooSlow,
    #[error("this record belongs to another account; the browser needs a record of its own")]
    BoundElsewhere,
    #[error("the master key that wraps this is not among those given; put the older key back below the newest")]
    MasterKeyMissing,
    #[error("the e-mail address belongs to another account")]
    EmailTaken,
    #[error("there is no such account")]
    NobodyThere,
    #[error("the username belongs to another account")]
    UsernameTaken,
    #[error("the file cannot be opened or made: {0}")]
    File(std::io::ErrorKind),
    #[error("the file was deleted or replaced; put it back from a copy, or start Candor again to begin a new one")]
    FileGone,
    #[error("the work ended early")]
    Ended,
    #[error("{}", told(.0))]
    Database(#[from] sqlx::Error),
}

/// The database's own words may quote a value, so only its code is told.
fn told(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("28P01" | "28000") => "the database refuses this user or password".to_owned(),
            Some("3D000") => "there is no such database".to_owned(),
            Some("14") => "the file cannot be opened or made".to_owned(),
            Some("26") => "the file is no SQLite database".to_owned(),
            Some("13" | "53100") => "the disk is full".to_owned(),
            Some(code) => format!("the database answered with an error; its code is {code}"),
            None => "the database answered with an error".to_owned(),
        },
        sqlx::Error::PoolTimedOut => "no connection to the database could be had in time".to_owned(),
        sqlx::Error::PoolClosed => "the records are closed".to_owned(),
        sqlx::Error::Io(error) => format!("the database cannot be reached: {}", error.kind()),
        sqlx::Error::Tls(_) => "no encrypted connection to the database could be made".to_owned(),
        sqlx::Error::Configuration(_) => "the address cannot be read".to_owned(),
        _ => "the database does not answer as it should".to_owned(),
    }
}

/// SQLSTATE of a serialization failure and of a deadlock; SQLite's BUSY, and BUSY_SNAPSHOT.
const CONFLICTS: [&str; 4] = ["40001", "40P01", "5", "517"];

/// SQLSTATE of a value that is there already; SQLite's extended codes of the same, for a column and for a primary key.
const TAKEN: [&str; 3] = ["23505", "2067", "1555"];

impl RecordsError {
    /// Whether the value is there already that was to be kept.
    pub(crate) fn is_taken(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.code().is_some_and(|code| TAKEN.contains(&&*code)))
    }

    /// Whether the same work may succeed when it is done again.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.code().is_some_and(|code| CONFLICTS.contains(&&*code)))
    }
}
