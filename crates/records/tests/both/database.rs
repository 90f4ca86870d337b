//! An empty database of a test's own, of either kind.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::{Basis, ChoiceAction, ChoiceMethod, ChoiceRecordId, Id, Region, Timestamp, Version};
use records::{Address, ChoiceRow, EventId, Records};
use sqlx::AnyConnection;
use sqlx::Connection;

/// Where a PostgreSQL is whose user may make databases.
const POSTGRES: &str = "CANDOR_TEST_POSTGRES";

static NEXT: AtomicU32 = AtomicU32::new(0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// An empty database. Files go with it; a database on a server goes with the server, which the tests' own is.
pub(crate) struct Database {
    pub(crate) kind: Kind,
    pub(crate) address: Address,
    folder: Option<PathBuf>,
}

/// Runs a test on every database there is, one after the other.
pub(crate) fn on_both<F: Future<Output = ()>>(test: impl Fn(Database) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        test(Database::sqlite()).await;
        if let Ok(url) = std::env::var(POSTGRES) {
            test(Database::postgres(&url).await).await;
        }
    });
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(name());
        std::fs::create_dir(&folder).expect("the temporary folder can be written");
        let address = Address::Sqlite(folder.join("a file 100% of its own?#.sqlite"));
        Self { kind: Kind::Sqlite, address, folder: Some(folder) }
    }

    async fn postgres(url: &str) -> Self {
        sqlx::any::install_default_drivers();
        let name = name();
        let mut server = AnyConnection::connect(url).await.expect("the server answers");
        let sql = format!("CREATE DATABASE \"{name}\"");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut server).await.expect("databases can be made");
        server.close().await.expect("it lets go");
        let (server, query) = url.split_once('?').map_or((url, ""), |(server, query)| (server, query));
        let (server, _) = server.rsplit_once('/').expect("the URL names a database");
        let url = format!("{server}/{name}?{query}");
        Self { kind: Kind::Postgres, address: Address::parse(&url).expect("an address"), folder: None }
    }

    pub(crate) async fn open(&self) -> Records {
        Records::open(&self.address).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Asks the database itself, past everything of ours. `{blob}` is its type for bytes.
    pub(crate) async fn run(&self, sql: &str) {
        let sql = sql.replace("{blob}", if self.kind == Kind::Sqlite { "BLOB" } else { "BYTEA" });
        let url = match &self.address {
            Address::Sqlite(path) => {
                format!("sqlite:{}", path.to_str().expect("text").replace('%', "%25").replace('?', "%3F").replace('#', "%23"))
            }
            Address::Postgres(url) => url.clone(),
        };
        let mut connection = AnyConnection::connect(&url).await.expect("the database is there");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.expect("the database does it");
        connection.close().await.expect("it lets go");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn name() -> String {
    format!("candor-records-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A yes to news of this browser, at this time.
pub(crate) fn row(id: u8, record: u8, time: &str) -> ChoiceRow {
    ChoiceRow {
        id: EventId([id; 16]),
        record: ChoiceRecordId([record; 16]),
        account: None,
        purpose: Id::parse("news").expect("an id"),
        action: ChoiceAction::Given,
        method: ChoiceMethod::Banner,
        basis: Basis::Consent,
        interface: "banner/1".to_owned(),
        language: "en".to_owned(),
        words_hash: [7; 32],
        policy_version: Version(3),
        policy_hash: [8; 32],
        region: Region::parse("US-CA").expect("a region"),
        gpc: true,
        at: at(time),
    }
}
