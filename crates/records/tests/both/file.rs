//! The file of SQLite, and what is said where a database cannot be opened.

use std::os::unix::fs::PermissionsExt;

use domain::ChoiceRecordId;
use records::{Address, Records, RecordsError};

use crate::database::{Database, row};

const NOON: &str = "2026-03-02T12:00:00Z";

fn path(database: &Database) -> std::path::PathBuf {
    match &database.address {
        Address::Sqlite(path) => path.clone(),
        Address::Postgres(_) => panic!("this one is a file"),
    }
}

#[tokio::test]
async fn the_file_and_what_lies_beside_it_are_for_their_owner_alone() {
    let database = Database::sqlite();
    let records = Records::open(&database.address).await.expect("records");
    records.keep_choices(vec![row(1, 1, NOON)]).await.expect("kept");
    let folder = path(&database).parent().expect("a folder").to_owned();
    let rights: Vec<u32> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.and_then(|entry| entry.metadata()).expect("a file").permissions().mode() & 0o777)
        .collect();
    assert!(rights.len() > 1 && rights.iter().all(|rights| *rights == 0o600), "{rights:?}");
}

#[tokio::test]
async fn nothing_is_acknowledged_once_the_file_is_gone_or_another() {
    let database = Database::sqlite();
    let records = Records::open(&database.address).await.expect("records");
    records.keep_choices_soon(vec![row(1, 1, NOON)]).await.expect("kept");
    std::fs::remove_file(path(&database)).expect("it was there");
    for id in 2..4 {
        let kept = records.keep_choices_soon(vec![row(id, 1, NOON)]).await;
        assert!(matches!(kept, Err(RecordsError::FileGone)), "{kept:?}");
        // The second time there is another file of that name.
        std::fs::write(path(&database), "").expect("the folder can be written");
    }
    records.close().await;
    let again = Records::open(&database.address).await.expect("new records");
    assert_eq!(again.choices_of(ChoiceRecordId([1; 16])).await.expect("read"), []);
}

#[tokio::test]
async fn why_a_database_cannot_be_opened_is_told() {
    let database = Database::sqlite();
    std::fs::write(path(&database), "this is no database".repeat(100)).expect("the folder can be written");
    let told = async |address: &Address| Records::open(address).await.expect_err("nothing there").to_string();
    assert!(told(&database.address).await.ends_with("the file is no SQLite database"));
    let nowhere = Address::Sqlite(path(&database).join("in a file.sqlite"));
    assert!(told(&nowhere).await.ends_with("the file cannot be opened or made: not a directory"), "{}", told(&nowhere).await);
    let refused = Address::parse("postgres://candor:s3cret@127.0.0.1:1/candor").expect("an address");
    let told = told(&refused).await;
    assert!(told.ends_with("the database cannot be reached: connection refused") && !told.contains("s3cret"), "{told}");
}
