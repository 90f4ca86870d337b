//! What Candor keeps in SQL: on SQLite by default, on PostgreSQL by URL. Each query is written once and runs on both; `dialect` holds what differs.
//!
//! Trusted, and may lose nothing: what was acknowledged has been committed durably.

mod address;
mod bindings;
mod bytes;
mod choices;
mod dialect;
mod error;
mod file;
mod group;
mod migrations;
mod operators;
mod people;
mod programs;
mod vault;

pub use address::Address;
pub use bindings::Sides;
pub use choices::{ChoiceRow, EventId};
pub use error::RecordsError;
pub use operators::{
    Action, Deed, FirstPasskey, Invitation, Joined, Joining, NewAction, NewInvitation, NewOperatorPasskey, Operator, OperatorName,
    OperatorPasskey, OperatorRemoved, OperatorSession, Operators, PasskeyRemoved, Role, SignedIn, TokenHash,
};
pub use people::{
    AGREEMENTS_MAX, About, Account, AccountState, Agreement, AgreementPut, AnswersOfAccount, Arrival, Arrived, Case, CaseEvent, CaseFile,
    CaseState, Confirmation, Confirmed, DEPENDENTS_MAX, Decided, Decision, Deletion, Dependent, DependentAdded, DueErasure, EmailConfirmed,
    Findable, Guardianship, Happened, Job, LinkId, LinkedAddress, LinkedVisitor, MailedLink, Named, NewDependent, NewJob, NewLink,
    NewPasskey, NewRegistration, NewReport, PASSKEYS_MAX, Passkey, PasskeyAdded, PasskeyName, People, Quarter, Registration, Report,
    Reporter, Representation, SESSIONS_AT_ONCE_MAX, Session, SignInMethod, TakenUp, Waiting, WaitingJob, WaitingLink, WayBack,
};
pub use programs::{ApiToken, AskedBefore, Claim, KeptAnswer};
pub use vault::{BadMasterKeys, MasterKeys, PersonKey, Vault, Wrappings};

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyArguments, AnyPoolOptions};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Row, Transaction};
use tokio::runtime::Handle;

use dialect::Dialect;
use file::OpenedFile;
use group::Group;

/// The database, with its schema brought up to date. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct Records {
    pool: AnyPool,
    dialect: Dialect,
    /// Where SQLite keeps them.
    file: Option<Arc<OpenedFile>>,
    /// Who writes to that file.
    group: Option<Group>,
    /// Its connections live on the runtime it was opened on, and whoever asks may live on another, or go away: the work is done there, to its end.
    runtime: Handle,
}

/// A transaction that others see whole or not at all, and that behaves as if it ran alone.
pub(crate) type Work = Transaction<'static, Any>;

/// One piece of a transaction, done again where the database could not fit it beside others'.
pub(crate) type Done<'w, T> = Pin<Box<dyn Future<Output = Result<T, RecordsError>> + Send + 'w>>;

/// One statement with all that it takes.
pub(crate) type Statement = Query<'static, Any, AnyArguments>;

/// So many times work is tried when the database could not fit it beside other work.
const TRIES: u32 = 8;

/// Somebody waits for it.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// Somebody looks at a page that does not come.
pub(crate) const SOON: Duration = Duration::from_secs(2);
const CONNECT_MAX: Duration = Duration::from_secs(5);

impl Records {
    /// Opens the database, makes it where there is none, and brings its schema up to date.
    pub async fn open(address: &Address) -> Result<Self, RecordsError> {
        Self::open_with(address, migrations::RECORDS).await
    }

    /// The same for a database of other steps.
    pub(crate) async fn open_with(address: &Address, steps: &'static [&'static str]) -> Result<Self, RecordsError> {
        Self::try_open(address, steps).await.map_err(|why| RecordsError::Unopened { address: address.clone(), why: Box::new(why) })
    }

    async fn try_open(address: &Address, steps: &'static [&'static str]) -> Result<Self, RecordsError> {
        sqlx::any::install_default_drivers();
        let dialect = address.dialect();
        let url = address.url().ok_or(RecordsError::NotText)?;
        if let Address::Sqlite(path) = address {
            OpenedFile::made(path).map_err(|error| RecordsError::File(error.kind()))?;
        }
        try_once(&url, dialect).await?;
        let connections = |most: u32| {
            AnyPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(CONNECT_MAX)
                // A server may have ended a connection; a file does not.
                .test_before_acquire(dialect == Dialect::Postgres)
        };
        let prepared = connections(dialect.connections_max()).after_connect(move |connection, _| Box::pin(dialect.prepare(connection)));
        let pool = prepared.connect(&url).await?;
        let file = match address {
            Address::Sqlite(path) => Some(Arc::new(OpenedFile::at(path).map_err(|error| RecordsError::File(error.kind()))?)),
            Address::Postgres(_) => None,
        };
        let group = match &file {
            Some(file) => {
                let writer = connections(1).after_connect(move |connection, _| {
                    Box::pin(async move {
                        dialect.prepare(connection).await?;
                        Dialect::prepare_writer(connection).await
                    })
                });
                Some(Group::start(writer.connect(&url).await?, pool.clone(), Arc::clone(file)))
            }
            None => None,
        };
        let records = Self { pool, dialect, file, group, runtime: Handle::current() };
        records.transact(move |work| Box::pin(migrations::run(work, dialect, steps))).await?;
        Ok(records)
    }

    /// Does work as one transaction, durable on return. Where the database could not fit it beside other work it is undone and done again, so it must have no
    /// effect outside the database.
    pub(crate) async fn transact<T: Send + 'static>(
        &self,
        work: impl for<'w> Fn(&'w mut Work) -> Done<'w, T> + Send + Sync + 'static,
    ) -> Result<T, RecordsError> {
        if let Some(group) = &self.group {
            return group.transact(work).await;
        }
        let mut wait = Duration::from_millis(2);
        for _ in 1..TRIES {
            match self.attempt(&work).await {
                Err(error) if error.is_conflict() => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                ended => return ended,
            }
        }
        self.attempt(&work).await
    }

    async fn attempt<T: Send>(&self, work: &(impl for<'w> Fn(&'w mut Work) -> Done<'w, T> + Send + Sync)) -> Result<T, RecordsError> {
        let ended = async {
            let mut transaction = self.pool.begin_with(self.dialect.begin()).await?;
            let done = work(&mut transaction).await?;
            transaction.commit().await?;
            Ok(done)
        };
        self.unless_gone(ended.await)
    }

    /// What was found or written where the file is gone is of no file; and what failed there failed for that, as where a new connection met another file.
    fn unless_gone<T>(&self, ended: Result<T, RecordsError>) -> Result<T, RecordsError> {
        if self.file.as_ref().is_some_and(|file| !file.is_there()) { Err(RecordsError::FileGone) } else { ended }
    }

    /// Runs one statement that is a transaction by itself, and says how many rows it changed. They are durable on return.
    pub(crate) async fn change(&self, statement: impl Fn() -> Statement + Send + Sync + 'static) -> Result<u64, RecordsError> {
        let records = self.clone();
        self.at_home(async move {
            if records.group.is_none() {
                return Ok(statement().execute(&records.pool).await?.rows_affected());
            }
            records.transact(move |work| Box::pin(run(work, statement()))).await
        })
        .await
    }

    /// Does this where the connections live, to its end if whoever asked goes away, and not for longer than somebody waits.
    pub(crate) async fn at_home<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, RecordsError>> + Send + 'static,
    ) -> Result<T, RecordsError> {
        self.at_home_within(WAIT_MAX, work).await
    }

    /// Asks what changes nothing, and not for longer than somebody waits. A connection to SQLite has a thread of its own and needs no runtime to live on, so
    /// whoever asks waits for it where they are: each way to another thread and back takes longer than most answers.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl Future<Output = Result<T, RecordsError>> + Send + 'static,
    ) -> Result<T, RecordsError> {
        match self.dialect {
            Dialect::Sqlite => tokio::time::timeout(WAIT_MAX, question).await.unwrap_or(Err(RecordsError::TooSlow)),
            Dialect::Postgres => self.at_home(question).await,
        }
    }

    pub(crate) async fn at_home_within<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl Future<Output = Result<T, RecordsError>> + Send + 'static,
    ) -> Result<T, RecordsError> {
        let in_time = async move { tokio::time::timeout(patience, work).await.unwrap_or(Err(RecordsError::TooSlow)) };
        self.runtime.spawn(in_time).await.unwrap_or(Err(RecordsError::Ended))
    }

    /// Takes what was deleted out of SQLite's log, too, where it would stay until it is written over. Whoever reads or writes just then may keep it from that;
    /// it is tried a few times.
    pub(crate) async fn forget_the_log(&self) -> Result<(), RecordsError> {
        if self.group.is_none() {
            return Ok(());
        }
        let pool = self.pool.clone();
        self.at_home(async move {
            for _ in 0..TRIES {
                let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&pool).await?;
                if row.try_get::<i64, _>(0)? == 0 {
                    return Ok(());
                }
            }
            Err(RecordsError::TooSlow)
        })
        .await
    }

    /// Whether the database answers, asked as cheaply as can be and not for long.
    pub async fn answers(&self) -> Result<(), RecordsError> {
        let records = self.clone();
        let asked = async move {
            let asked = sqlx::query("SELECT 1").execute(&records.pool).await;
            records.unless_gone(asked.map(drop).map_err(RecordsError::from))
        };
        self.at_home_within(SOON, asked).await
    }

    /// Ends every connection; whatever is asked afterwards fails.
    pub async fn close(&self) {
        if let Some(group) = &self.group {
            group.close().await;
        }
        self.pool.close().await;
    }
}

async fn run(work: &mut Work, statement: Statement) -> Result<u64, RecordsError> {
    Ok(statement.execute(&mut **work).await?.rows_affected())
}

/// One connection by itself. A pool tries until its time is over and then tells that; a single one tells what is wrong.
async fn try_once(url: &str, dialect: Dialect) -> Result<(), RecordsError> {
    let connected = async {
        let mut connection = AnyConnection::connect(url).await?;
        dialect.prepare(&mut connection).await?;
        connection.close().await
    };
    tokio::time::timeout(CONNECT_MAX, connected).await.map_err(|_| RecordsError::TooSlow)?.map_err(RecordsError::from)
}
