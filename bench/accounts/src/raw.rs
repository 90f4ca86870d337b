//! SQLite by sqlx with nothing in between: for each person who registers as many transactions as Candor takes, each synced to the disk by itself, with rows of
//! the same size.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

/// A person's key; the registration with link and letter; the end of the letter; the confirmation with the browser's record and the session.
const TRANSACTIONS: usize = 4;

/// About what one of them writes.
const ROW_BYTES: usize = 300;

pub(crate) async fn run(folder: &Path, seconds: u64) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut keys = open(&folder.join("keys.sqlite")).await?;
    let mut records = open(&folder.join("records.sqlite")).await?;
    let row = vec![7_u8; ROW_BYTES];
    let (started, mut people, mut number) = (Instant::now(), 0_u64, 0_i64);
    while started.elapsed() < Duration::from_secs(seconds) {
        for turn in 0..TRANSACTIONS {
            let connection = if turn == 0 { &mut keys } else { &mut records };
            number += 1;
            sqlx::query("INSERT INTO rows (id, row) VALUES ($1, $2)").bind(number).bind(&row).execute(&mut *connection).await?;
        }
        people += 1;
    }
    println!("{:.1}", people as f64 / started.elapsed().as_secs_f64());
    keys.close().await?;
    records.close().await?;
    Ok(())
}

/// As many people one after the other, each of two transactions, as signing in takes; prints how long each took, in microseconds.
pub(crate) async fn one_after_the_other(folder: &Path, people: u64) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut records = open(&folder.join("records.sqlite")).await?;
    let row = vec![7_u8; ROW_BYTES];
    for person in 0..i64::try_from(people)? {
        let started = Instant::now();
        for turn in 0..2 {
            sqlx::query("INSERT INTO rows (id, row) VALUES ($1, $2)").bind(2 * person + turn).bind(&row).execute(&mut records).await?;
        }
        println!("{:.1}", started.elapsed().as_secs_f64() * 1e6);
    }
    records.close().await?;
    Ok(())
}

async fn open(file: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = options.connect().await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, row BLOB NOT NULL)").execute(&mut connection).await?;
    Ok(connection)
}
