use domain::{ChoiceAction, ChoiceMethod, ChoiceRecordId, Version};
use records::ChoiceRow;

use crate::database::{at, on_both, row};

const NOON: &str = "2026-03-02T12:00:00.123456Z";
const LATER: &str = "2026-04-02T12:00:00Z";

#[test]
fn an_answer_is_read_as_it_was_kept() {
    on_both(async |database| {
        let records = database.open().await;
        let mut kept = Vec::new();
        for (id, (action, method)) in (1..).zip(ChoiceAction::ALL.iter().zip(ChoiceMethod::ALL)) {
            kept.push(ChoiceRow { action: *action, method: *method, gpc: id % 2 == 0, ..row(id, 1, NOON) });
        }
        records.keep_choices(kept.clone()).await.expect("kept");
        assert_eq!(records.choices_of(ChoiceRecordId([1; 16])).await.expect("read"), kept, "{:?}", database.kind);
        assert_eq!(records.choices_of(ChoiceRecordId([2; 16])).await.expect("read"), [], "nobody else's");
    });
}

#[test]
fn what_was_kept_is_there_after_a_restart() {
    on_both(async |database| {
        let records = database.open().await;
        records.keep_choices(vec![row(1, 1, NOON), row(2, 1, LATER)]).await.expect("kept");
        records.close().await;
        let again = database.open().await;
        assert_eq!(again.choices_of(ChoiceRecordId([1; 16])).await.expect("read"), [row(1, 1, NOON), row(2, 1, LATER)]);
    });
}

#[test]
fn answers_are_kept_together_or_not_at_all() {
    on_both(async |database| {
        let records = database.open().await;
        let refused = records.keep_choices(vec![row(1, 1, NOON), row(2, 1, NOON), row(2, 1, NOON)]).await;
        assert!(refused.is_err(), "an id is used once");
        assert_eq!(records.choices_of(ChoiceRecordId([1; 16])).await.expect("read"), []);
    });
}

#[test]
fn many_who_answer_at_once_are_all_kept() {
    on_both(async |database| {
        let records = database.open().await;
        let asked: Vec<_> = (1..=60)
            .map(|id| {
                let records = records.clone();
                tokio::spawn(async move { records.keep_choices(vec![row(id, 1, NOON)]).await })
            })
            .collect();
        for asked in asked {
            asked.await.expect("no panic").expect("kept");
        }
        assert_eq!(records.choices_of(ChoiceRecordId([1; 16])).await.expect("read").len(), 60);
    });
}

#[test]
fn answers_that_had_their_time_are_gone_and_only_those() {
    on_both(async |database| {
        let records = database.open().await;
        let of_version = |version, row| ChoiceRow { policy_version: Version(version), ..row };
        let kept = [row(2, 1, LATER), of_version(2, row(3, 1, LATER))];
        records.keep_choices([&[row(1, 1, NOON), of_version(2, row(4, 1, NOON))], &kept[..]].concat()).await.expect("kept");
        assert_eq!(records.forget_choices(Version(3), at(LATER)).await.expect("forgotten"), 1, "the one before this moment");
        assert_eq!(records.forget_choices(Version(3), at(LATER)).await.expect("forgotten"), 0);
        assert_eq!(records.forget_choices(Version(2), at(LATER)).await.expect("forgotten"), 1, "another version promised another time");
        let mut left = records.choices_of(ChoiceRecordId([1; 16])).await.expect("read");
        left.sort_by_key(|row| row.id);
        assert_eq!(left, kept);
    });
}

#[test]
fn an_answer_is_kept_to_the_end_when_whoever_gave_it_is_gone() {
    on_both(async |database| {
        let records = database.open().await;
        let asked = tokio::spawn({
            let records = records.clone();
            async move { records.keep_choices(vec![row(1, 1, NOON)]).await }
        });
        // The first turn hands the work over; nobody waits for the rest.
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        asked.abort();
        let given_up = asked.await.is_err_and(|error| error.is_cancelled());
        for _ in 0..200 {
            if records.choices_of(ChoiceRecordId([1; 16])).await.expect("read").len() == 1 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the answer was dropped half-way (given up: {given_up})");
    });
}

#[test]
fn records_that_are_closed_say_so() {
    on_both(async |database| {
        let records = database.open().await;
        records.close().await;
        let refused = records.keep_choices(vec![row(1, 1, NOON)]).await.expect_err("closed");
        assert_eq!(refused.to_string(), "the records are closed");
    });
}
