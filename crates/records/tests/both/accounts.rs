use domain::{AccountId, ChoiceRecordId};
use records::{ChoiceRow, RecordsError, Sides};

use crate::database::{at, on_both, row};

const NOON: &str = "2026-03-02T12:00:00Z";
const LATER: &str = "2026-04-02T12:00:00Z";
const ANNA: AccountId = AccountId([10; 16]);
const BERT: AccountId = AccountId([11; 16]);

fn annas(row: ChoiceRow) -> ChoiceRow {
    ChoiceRow { account: Some(ANNA), ..row }
}

#[test]
fn a_browser_and_an_account_come_together_with_both_their_answers() {
    on_both(async |database| {
        let records = database.open().await;
        let (phone, laptop) = (ChoiceRecordId([1; 16]), ChoiceRecordId([2; 16]));
        records.keep_choices(vec![row(1, 1, NOON), row(2, 2, LATER), row(3, 3, NOON)]).await.expect("kept");
        let first = records.bind(phone, ANNA, at(NOON)).await.expect("bound");
        assert_eq!(first, Sides { browser: vec![annas(row(1, 1, NOON))], account: vec![] });
        let second = records.bind(laptop, ANNA, at(LATER)).await.expect("bound");
        assert_eq!(second, Sides { browser: vec![annas(row(2, 2, LATER))], account: vec![annas(row(1, 1, NOON))] });
        assert_eq!(records.bind(laptop, ANNA, at(LATER)).await.expect("again"), second, "once is enough");
        assert_eq!(records.choices_of(ChoiceRecordId([3; 16])).await.expect("read")[0].account, None, "nobody else's");
    });
}

#[test]
fn what_a_bound_browser_answers_later_is_the_accounts_too() {
    on_both(async |database| {
        let records = database.open().await;
        let phone = ChoiceRecordId([1; 16]);
        records.bind(phone, ANNA, at(NOON)).await.expect("bound");
        records.keep_choices(vec![row(1, 1, LATER)]).await.expect("kept");
        assert_eq!(records.choices_of(phone).await.expect("read"), [annas(row(1, 1, LATER))]);
    });
}

#[test]
fn a_browser_that_two_people_use_is_not_handed_from_one_to_the_other() {
    on_both(async |database| {
        let records = database.open().await;
        let shared = ChoiceRecordId([1; 16]);
        records.keep_choices(vec![row(1, 1, NOON)]).await.expect("kept");
        records.bind(shared, ANNA, at(NOON)).await.expect("bound");
        let refused = records.bind(shared, BERT, at(LATER)).await;
        assert!(matches!(refused, Err(RecordsError::BoundElsewhere)), "{refused:?}");
        assert_eq!(records.choices_of(shared).await.expect("read"), [annas(row(1, 1, NOON))]);
    });
}

#[test]
fn of_two_who_sign_in_with_one_browser_at_once_one_gets_it() {
    on_both(async |database| {
        let records = database.open().await;
        for record in 1..=10 {
            let record = ChoiceRecordId([record; 16]);
            let (anna, bert) = tokio::join!(records.bind(record, ANNA, at(NOON)), records.bind(record, BERT, at(NOON)));
            assert!(anna.is_ok() != bert.is_ok(), "{:?}: {anna:?} {bert:?}", database.kind);
        }
    });
}
