//! The keys that personal data is sealed under, the master key above them, and what is left once a key is gone.

use std::sync::Arc;

use domain::{AccountId, Field, SeededRandom};
use policy::Sealed;
use records::{Address, MasterKeys, RecordsError, Vault};
use sqlx::{Connection, Row};

use crate::database::on_both;
use crate::people::{NOON, confirm, email, job, link, master, people_with, register, storage, with_people};

#[test]
fn nothing_of_a_person_can_be_read_without_their_key() {
    with_people(async |database, keys, people| {
        register(&people, 1, "anna.secret@example.org", "anna-secret").await;
        confirm(&people, 1).await;
        people.make_link(link(2, AccountId([1; 16]), "email"), job(2, AccountId([1; 16]), NOON)).await.expect("made");
        for place in [&database, &keys] {
            let everything = place.dump().await;
            assert!(!everything.is_empty());
            for word in ["secret", "example.org", "carried"] {
                assert!(!everything.to_lowercase().contains(word), "{word} is in {:?}", place.kind);
            }
        }
        people.vault().destroy(AccountId([1; 16])).await.expect("destroyed");
        assert_eq!(people.account(AccountId([1; 16])).await.expect("read"), None);
        people.delete(AccountId([1; 16])).await.expect("deleted");
        assert!(people.account_by_email(&email("anna.secret@example.org").compared).await.expect("read").is_none());
    });
}

#[test]
fn a_new_master_key_takes_over_without_a_pause() {
    on_both(async |database| {
        let keys = database.another().await;
        let (old, new) = (master(1), master(2));
        let before = people_with(&database, &keys, &old).await;
        register(&before, 1, "anna@example.org", "anna").await;
        confirm(&before, 1).await;
        let both = people_with(&database, &keys, &format!("{new}\n{old}")).await;
        assert!(both.account(AccountId([1; 16])).await.expect("read").is_some(), "the older one still opens");
        assert_eq!(both.vault().rewrap().await.expect("wrapped"), 2, "hers, and the one for look-ups");
        assert_eq!(both.vault().rewrap().await.expect("wrapped"), 0);
        let after = people_with(&database, &keys, &new).await;
        assert!(after.account_by_email(&email("anna@example.org").compared).await.expect("read").is_some());
        let refused = Vault::open(&keys.address, MasterKeys::parse(&old).expect("a key"), storage(), Arc::new(SeededRandom::new(9))).await;
        assert!(matches!(refused, Err(RecordsError::MasterKeyMissing)), "the old one alone opens nothing");
    });
}

#[test]
fn a_master_key_is_replaced_while_people_register_and_no_key_stays_under_the_old_one() {
    on_both(async |database| {
        let keys = database.another().await;
        let (old, new) = (master(1), master(2));
        let people = people_with(&database, &keys, &old).await;
        for id in 1..=40 {
            register(&people, id, &format!("{id}@example.org"), &format!("name-{id}")).await;
        }
        let registering = async {
            for id in 41..=120 {
                register(&people, id, &format!("{id}@example.org"), &format!("name-{id}")).await;
                assert!(people.registration(AccountId([id; 16])).await.expect("read").is_some());
            }
        };
        let replacing = async {
            tokio::task::yield_now().await;
            let both = MasterKeys::parse(&format!("{new}\n{old}")).expect("keys");
            people.vault().use_master_keys(both).await.expect("taken over");
            while people.vault().rewrap().await.expect("wrapped") > 0 {}
        };
        tokio::join!(registering, replacing);
        let wrapped = people.vault().wrappings().await.expect("counted");
        assert_eq!((wrapped.newest, wrapped.older), (121, 0), "everybody's, and the one for look-ups");
        let after = people_with(&database, &keys, &new).await;
        for id in 1..=120 {
            assert!(after.registration(AccountId([id; 16])).await.expect("read").is_some(), "{id}");
        }
    });
}

#[test]
fn keys_that_lack_one_that_is_needed_are_refused_and_change_nothing() {
    on_both(async |database| {
        let keys = database.another().await;
        let (old, new) = (master(1), master(2));
        let people = people_with(&database, &keys, &old).await;
        register(&people, 1, "anna@example.org", "anna").await;
        let refused = people.vault().use_master_keys(MasterKeys::parse(&new).expect("a key")).await;
        assert!(matches!(refused, Err(RecordsError::MasterKeyMissing)));
        register(&people, 2, "bert@example.org", "bert").await;
        assert_eq!(people.vault().wrappings().await.expect("counted").older, 0);
        // Half of it is done, and then the older key is taken away.
        let both = MasterKeys::parse(&format!("{new}\n{old}")).expect("keys");
        people.vault().use_master_keys(both).await.expect("taken over");
        register(&people, 3, "cleo@example.org", "cleo").await;
        let opened = Vault::open(&keys.address, MasterKeys::parse(&new).expect("a key"), storage(), Arc::new(SeededRandom::new(9))).await;
        assert!(matches!(opened, Err(RecordsError::MasterKeyMissing)), "nobody's key is lost without a word");
    });
}

#[test]
fn nothing_of_a_destroyed_key_is_left_in_the_file_or_beside_it() {
    with_people(async |_, keys, people| {
        for id in 1..=40 {
            register(&people, id, &format!("{id}@example.org"), &format!("name-{id}")).await;
        }
        let mut connection = keys.connect().await;
        let of_anna = sqlx::query("SELECT wrapped FROM person_keys WHERE person = $1").bind(vec![7_u8; 16]);
        let wrapped: Vec<u8> = of_anna.fetch_one(&mut connection).await.expect("her key").get("wrapped");
        connection.close().await.expect("closed");
        // Where PostgreSQL keeps what it deleted is its own affair: no copy that it makes has it.
        let Address::Sqlite(file) = &keys.address else { return };
        let in_files = || {
            let files = std::fs::read_dir(file.parent().expect("a folder")).expect("listed").map(|entry| entry.expect("a file").path());
            files.into_iter().any(|file| std::fs::read(file).expect("read").windows(wrapped.len()).any(|bytes| bytes == wrapped))
        };
        assert!(in_files(), "as long as she is there");
        people.delete(AccountId([7; 16])).await.expect("erased");
        assert!(!in_files());
        people.vault().destroy(AccountId([7; 16])).await.expect("what is destroyed can be destroyed again");
    });
}

#[test]
fn whoever_was_erased_is_erased_again_when_an_older_copy_comes_back() {
    on_both(async |database| {
        let keys = database.another().await;
        let people = people_with(&database, &keys, &master(1)).await;
        for id in [1, 2] {
            register(&people, id, &format!("{id}@example.org"), &format!("name-{id}")).await;
            confirm(&people, id).await;
        }
        people.delete(AccountId([1; 16])).await.expect("erased");
        assert_eq!(people.came_back().await.expect("looked"), []);
        // The older copy: the same person's rows beside the keys of today.
        let older = database.another().await;
        let before = people_with(&older, &keys, &master(1)).await;
        let sql = "INSERT INTO accounts (id, state, email, email_key, username, username_key, language, age, age_method, age_words_hash, \
                   age_policy_version, age_at, made_at) VALUES ($1, 'open', $2, $2, $2, $2, 'en', 'adult', 'stated', $2, 1, 0, 0)";
        let mut connection = older.connect().await;
        for id in [1_u8, 3] {
            sqlx::query(sql).bind(vec![id; 16]).bind(vec![id; 32]).execute(&mut connection).await.expect("a row");
        }
        assert_eq!(before.account(AccountId([1; 16])).await.expect("read"), None);
        let back = before.came_back().await.expect("looked");
        assert_eq!(back, [AccountId([1; 16])]);
        before.delete_again(back[0]).await.expect("erased");
        assert_eq!(before.came_back().await.expect("looked"), []);
        let left = sqlx::query("SELECT id FROM accounts").fetch_all(&mut connection).await.expect("rows").len();
        assert_eq!(left, 1, "of whom nobody knows that they were erased, nothing is taken away: their key may come back");
    });
}

#[test]
fn addresses_of_one_network_are_told_by_the_same_hash() {
    with_people(async |_, _, people| {
        let hash =
            |text: &str, v4, v6| people.vault().lookup_network(&Sealed::new(Field::VisitIp, text.parse().expect("an address")), v4, v6);
        assert_eq!(hash("192.0.2.1", 24, 48), hash("192.0.2.200", 24, 48));
        assert_ne!(hash("192.0.2.1", 24, 48), hash("192.0.3.1", 24, 48));
        assert_ne!(hash("192.0.2.1", 32, 64), hash("192.0.2.2", 32, 64));
        assert_ne!(hash("192.0.2.0", 32, 64), hash("192.0.2.0", 24, 64), "a network is not its first address");
        assert_eq!(hash("::ffff:192.0.2.1", 32, 64), hash("192.0.2.1", 32, 64));
        assert_eq!(hash("2001:db8:1:2::3", 32, 64), hash("2001:db8:1:2:ffff::", 32, 64));
        assert_ne!(hash("2001:db8:1:2::3", 32, 64), hash("2001:db8:1:3::3", 32, 64));
        assert_eq!(hash("2001:db8:1:2::3", 24, 48), hash("2001:db8:1:3::3", 24, 48));
    });
}
