use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::find;

/// Where a PostgreSQL is whose user may make databases; `cargo xtask test` starts one.
const POSTGRES: &str = "CANDOR_TEST_POSTGRES";

/// What a story's records are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    /// Whether this machine has it.
    pub fn is_here(self) -> bool {
        self == Self::Sqlite || std::env::var_os(POSTGRES).is_some()
    }

    /// The address of an empty database; none for the file that Candor makes by itself. It goes with the server it is on.
    pub(crate) fn fresh(self) -> Option<String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if self == Self::Sqlite {
            return None;
        }
        let server = std::env::var(POSTGRES).expect("`cargo xtask test` says where PostgreSQL is");
        let name = format!("candor-story-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let made = Command::new(find("psql")).args([&server, "-q", "-c", &format!("CREATE DATABASE \"{name}\"")]).status();
        assert!(made.is_ok_and(|made| made.success()), "PostgreSQL made no database");
        let (server, _) = server.rsplit_once('/').expect("the URL names a database");
        Some(format!("{server}/{name}"))
    }
}

/// Tells each of these stories twice: with the records in SQLite, and in PostgreSQL where there is one. A story is a function of the database.
#[macro_export]
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[test]
            fn $story() {
                super::$story($crate::Database::Sqlite);
            })+
        }

        mod on_postgres {
            $(#[test]
            fn $story() {
                if $crate::Database::Postgres.is_here() {
                    super::$story($crate::Database::Postgres);
                }
            })+
        }
    };
}
