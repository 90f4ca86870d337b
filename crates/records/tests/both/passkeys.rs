use domain::{AccountId, PasskeyId};
use records::{NewPasskey, PASSKEYS_MAX, PasskeyAdded, PasskeyName, People, RecordsError};

use crate::database::at;
use crate::people::{NEXT_DAY, NOON, ONE, confirm, job, register, with_people};

const ANNA: AccountId = AccountId([1; 16]);
const BERT: AccountId = AccountId([2; 16]);

fn name(text: &str) -> PasskeyName {
    PasskeyName::parse(text).expect("a name")
}

fn passkey(id: u8, account: AccountId, at_time: &str) -> NewPasskey {
    NewPasskey {
        id: PasskeyId([id; 16]),
        account,
        credential_id: vec![id; 20],
        credential: b"secret public half".to_vec(),
        name: name("Secret phone"),
        at: at(at_time),
    }
}

pub(crate) async fn add(people: &People, id: u8, account: AccountId, at_time: &str) -> Result<PasskeyAdded, RecordsError> {
    people.add_passkey(passkey(id, account, at_time), job(100 + id, account, NOON)).await
}

async fn anna_and_bert(people: &People) {
    for (id, who) in [(1, "anna"), (2, "bert")] {
        register(people, id, &format!("{who}@example.org"), who).await;
        confirm(people, id).await;
    }
}

#[test]
fn a_passkey_is_kept_with_the_mail_that_tells_of_it_and_found_by_its_id() {
    with_people(async |_, _, people| {
        anna_and_bert(&people).await;
        let (waiting, _) = people.count_jobs("mail").await.expect("read");
        assert_eq!(add(&people, 5, ANNA, NOON).await.expect("kept"), PasskeyAdded::Added);
        assert_eq!(add(&people, 6, ANNA, ONE).await.expect("kept"), PasskeyAdded::Added);
        assert_eq!(people.count_jobs("mail").await.expect("read").0, waiting + 2);
        let hers = people.passkeys_of(ANNA).await.expect("read");
        assert_eq!(hers.iter().map(|passkey| passkey.id).collect::<Vec<_>>(), [PasskeyId([6; 16]), PasskeyId([5; 16])], "the newest first");
        assert_eq!((hers[1].name.as_str(), hers[1].made, hers[1].used), ("Secret phone", at(NOON), None));
        assert_eq!(hers[1].credential, b"secret public half");
        assert_eq!(people.passkeys_of(BERT).await.expect("read"), []);
        let found = people.passkey_by_credential(&[5; 20]).await.expect("read");
        assert_eq!(found.as_ref(), Some(&hers[1]));
        assert_eq!(people.passkey_by_credential(&[7; 20]).await.expect("read"), None);
    });
}

#[test]
fn what_cannot_be_kept_leaves_nothing_behind_not_even_mail() {
    with_people(async |_, _, people| {
        anna_and_bert(&people).await;
        add(&people, 5, ANNA, NOON).await.expect("kept");
        let before = people.count_jobs("mail").await.expect("read");
        let same = NewPasskey { id: PasskeyId([9; 16]), ..passkey(5, BERT, NOON) };
        assert_eq!(people.add_passkey(same, job(9, BERT, NOON)).await.expect("answered"), PasskeyAdded::Known, "another's already");
        let nobody = add(&people, 6, AccountId([77; 16]), NOON).await;
        assert!(matches!(nobody, Err(RecordsError::NobodyThere)), "{nobody:?}");
        people.close(BERT, at(ONE)).await.expect("closed");
        let closed = add(&people, 7, BERT, NOON).await;
        assert!(matches!(closed, Err(RecordsError::NobodyThere)), "{closed:?}");
        assert!(people.count_jobs("mail").await.expect("read").0 <= before.0);
        assert_eq!(people.passkeys_of(BERT).await.expect("read"), []);
    });
}

#[test]
fn nobody_has_more_than_there_is_room_for() {
    with_people(async |_, _, people| {
        anna_and_bert(&people).await;
        let (last, all) = (u8::try_from(PASSKEYS_MAX).expect("few"), PASSKEYS_MAX);
        for id in 0..last {
            assert_eq!(add(&people, 100 + id, ANNA, NOON).await.expect("kept"), PasskeyAdded::Added);
        }
        assert_eq!(add(&people, 99, ANNA, NOON).await.expect("answered"), PasskeyAdded::TooMany);
        assert_eq!(people.passkeys_of(ANNA).await.expect("read").len(), all);
        assert_eq!(add(&people, 98, BERT, NOON).await.expect("kept"), PasskeyAdded::Added, "others have room");
    });
}

#[test]
fn of_two_uses_at_once_one_is_noted() {
    with_people(async |_, _, people| {
        anna_and_bert(&people).await;
        add(&people, 5, ANNA, NOON).await.expect("kept");
        let read = people.passkey_by_credential(&[5; 20]).await.expect("read").expect("hers");
        assert!(people.note_passkey_use(&read, b"count 2", at(ONE)).await.expect("noted"));
        assert!(!people.note_passkey_use(&read, b"count 2", at(ONE)).await.expect("answered"), "it is another row by now");
        let after = people.passkey_by_credential(&[5; 20]).await.expect("read").expect("hers");
        assert_eq!((after.credential.as_slice(), after.used), (b"count 2".as_slice(), Some(at(ONE))));
        assert!(people.note_passkey_use(&after, b"count 2", at(NEXT_DAY)).await.expect("noted"), "even where nothing but the time changes");
        let last = people.passkey_by_credential(&[5; 20]).await.expect("read").expect("hers");
        people.remove_passkey(ANNA, last.id).await.expect("removed");
        assert!(!people.note_passkey_use(&last, b"count 4", at(NEXT_DAY)).await.expect("answered"), "removed");
    });
}

#[test]
fn only_its_owner_names_and_removes_a_passkey() {
    with_people(async |_, _, people| {
        anna_and_bert(&people).await;
        add(&people, 5, ANNA, NOON).await.expect("kept");
        let id = PasskeyId([5; 16]);
        assert!(!people.rename_passkey(BERT, id, &name("Mine")).await.expect("answered"));
        assert!(!people.remove_passkey(BERT, id).await.expect("answered"));
        assert!(people.rename_passkey(ANNA, id, &name("Blue key")).await.expect("renamed"));
        assert_eq!(people.passkeys_of(ANNA).await.expect("read")[0].name.as_str(), "Blue key");
        assert!(people.remove_passkey(ANNA, id).await.expect("removed"));
        assert!(!people.remove_passkey(ANNA, id).await.expect("answered"), "once");
        assert_eq!(people.passkeys_of(ANNA).await.expect("read"), []);
    });
}

#[test]
fn passkeys_end_with_their_account_and_say_nothing_without_its_key() {
    with_people(async |database, keys, people| {
        anna_and_bert(&people).await;
        add(&people, 5, ANNA, NOON).await.expect("kept");
        for place in [&database, &keys] {
            assert!(!place.dump().await.to_lowercase().contains("secret"));
        }
        people.close(ANNA, at(ONE)).await.expect("closed");
        assert_eq!(people.passkey_by_credential(&[5; 20]).await.expect("read"), None, "it signs nobody in");
        people.delete(ANNA).await.expect("deleted");
        assert_eq!(people.passkeys_of(ANNA).await.expect("read"), []);
        assert_eq!(add(&people, 5, BERT, NOON).await.expect("kept"), PasskeyAdded::Added, "nothing of it is left");
    });
}

#[test]
fn a_name_is_one_line_that_can_be_seen() {
    assert_eq!(PasskeyName::parse("  Blue \t\n key ").as_ref().map(PasskeyName::as_str), Some("Blue key"));
    assert!(PasskeyName::parse(&"é".repeat(PasskeyName::CHARACTERS_MAX)).is_some());
    for bad in ["", "   ", "\u{0}", "a\u{7}b", &"é".repeat(PasskeyName::CHARACTERS_MAX + 1)] {
        assert_eq!(PasskeyName::parse(bad), None, "{bad:?}");
    }
    assert!(!format!("{:?}", name("Annas phone")).contains("Anna"));
}
