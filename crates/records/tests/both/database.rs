//! An empty database of a test's own, of either kind.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::{Basis, ChoiceAction, ChoiceMethod, ChoiceRecordId, Id, Region, Timestamp, Version};
use records::{Address, ChoiceRow, EventId, Records};
use sqlx::AnyConnection;
use sqlx::{Connection, Row};

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

    /// An empty one beside it, of the same kind.
    pub(crate) async fn another(&self) -> Self {
        match &self.address {
            Address::Sqlite(_) => Self::sqlite(),
            Address::Postgres(url) => Self::postgres(url).await,
        }
    }

    /// The columns that the database's own catalogue lists, by table.
    pub(crate) async fn columns(&self) -> Vec<(String, String)> {
        let sql = match self.kind {
            Kind::Sqlite => {
                "SELECT m.name AS of_table, c.name AS of_column FROM sqlite_master m, pragma_table_info(m.name) c \
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
            }
            Kind::Postgres => {
                "SELECT table_name::text AS of_table, column_name::text AS of_column FROM information_schema.columns \
                 WHERE table_schema = 'public' ORDER BY 1, 2"
            }
        };
        let mut connection = self.connect().await;
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.expect("the catalogue");
        rows.iter().map(|row| (row.try_get("of_table").expect("a name"), row.try_get("of_column").expect("a name"))).collect()
    }

    /// How many rows each table has.
    pub(crate) async fn rows(&self) -> Vec<(String, i64)> {
        let mut tables: Vec<String> = self.columns().await.into_iter().map(|(table, _)| table).collect();
        tables.dedup();
        let mut connection = self.connect().await;
        let mut rows = Vec::new();
        for table in tables {
            let query = format!("SELECT COUNT(*) AS rows_of_it FROM \"{table}\"");
            let row = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_one(&mut connection).await.expect("a count");
            rows.push((table, row.try_get("rows_of_it").expect("a number")));
        }
        rows
    }

    /// Everything in it, as bytes read as text.
    pub(crate) async fn dump(&self) -> String {
        let mut connection = self.connect().await;
        let mut text = String::new();
        for (table, column) in self.columns().await {
            let kind = if self.kind == Kind::Sqlite { "BLOB" } else { "BYTEA" };
            let value = match self.kind {
                Kind::Sqlite => format!("CAST(\"{column}\" AS {kind})"),
                Kind::Postgres => format!("convert_to(encode(textsend(\"{column}\"::text), 'escape'), 'UTF8')"),
            };
            let sql = format!("SELECT {value} AS bytes FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await.expect("its rows");
            for row in rows {
                let bytes: Vec<u8> = row.try_get("bytes").expect("bytes");
                text.push_str(&String::from_utf8_lossy(&bytes));
                text.push('\n');
            }
        }
        text
    }

    pub(crate) async fn connect(&self) -> AnyConnection {
        let url = match &self.address {
            Address::Sqlite(path) => {
                format!("sqlite:{}", path.to_str().expect("text").replace('%', "%25").replace('?', "%3F").replace('#', "%23"))
            }
            Address::Postgres(url) => url.clone(),
        };
        AnyConnection::connect(&url).await.expect("the database is there")
    }

    /// Asks the database itself, past everything of ours. `{blob}` is its type for bytes.
    pub(crate) async fn run(&self, sql: &str) {
        let sql = sql.replace("{blob}", if self.kind == Kind::Sqlite { "BLOB" } else { "BYTEA" });
        let mut connection = self.connect().await;
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
