use records::{Address, Records};

use crate::database::on_both;

#[test]
fn the_schema_is_brought_up_to_date_once() {
    on_both(async |database| {
        database.open().await.close().await;
        database.open().await.close().await;
    });
}

#[test]
fn records_of_a_newer_program_are_left_alone() {
    on_both(async |database| {
        database.open().await.close().await;
        database.run("DELETE FROM schema_steps").await;
        database.run("INSERT INTO schema_steps (number) VALUES (99)").await;
        let refused = Records::open(&database.address).await.expect_err("refused").to_string();
        let start = format!(
            "the records at {} cannot be opened: they were written by a newer Candor: their schema is 99, and this",
            database.address
        );
        assert!(refused.starts_with(&start), "{refused}");
        assert!(refused.ends_with("; start the newer program again"), "{refused}");
    });
}

#[test]
fn what_is_no_candors_database_is_not_believed() {
    on_both(async |database| {
        let records = database.open().await;
        database
            .run(
                "INSERT INTO choices (id, record, purpose, action, method, basis, interface, language, words_hash, policy_version, policy_hash, \
                 region, gpc, made_at) SELECT CAST('0123456789abcdef' AS {blob}), CAST('0123456789abcdef' AS {blob}), 'news', 'dreamt', 'page', \
                 'consent', 'page/1', 'en', CAST('x' AS {blob}), 1, CAST('x' AS {blob}), 'DE', 0, 0",
            )
            .await;
        let read = records.choices_of(domain::ChoiceRecordId(*b"0123456789abcdef")).await;
        assert_eq!(read.expect_err("unreadable").to_string(), "the database holds what no Candor writes: a choice's action");
    });
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_told_without_its_password() {
    let folder = Address::parse("sqlite:/no/such/folder/records.sqlite").expect("an address");
    let refused = Records::open(&folder).await.expect_err("refused").to_string();
    assert_eq!(
        refused,
        "the records at sqlite:/no/such/folder/records.sqlite cannot be opened: the file cannot be opened or made: entity not found"
    );
    let nobody = Address::parse("postgres://candor:s3cret@127.0.0.1:1/candor").expect("an address");
    let refused = Records::open(&nobody).await.expect_err("refused");
    let told = format!("{refused} {refused:?}");
    assert!(told.starts_with("the records at postgres://candor@127.0.0.1:1/candor cannot be opened: "), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
}
