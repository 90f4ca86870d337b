use domain::{AccountId, OperatorId, PasskeyId};
use records::{
    Deed, FirstPasskey, Joined, Joining, NewInvitation, NewOperatorPasskey, OperatorName, OperatorRemoved, OperatorSession, Operators,
    PasskeyAdded, PasskeyName, PasskeyRemoved, RecordsError, Role, TokenHash,
};

use crate::database::{Database, at, on_both};
use crate::people::{NEXT_DAY, NOON, ONE, master, people_with};

const ADA: OperatorId = OperatorId([1; 16]);
const BEA: OperatorId = OperatorId([2; 16]);
const IDLE: &str = "2026-03-02T11:30:00Z";

fn with_operators(test: impl AsyncFn(Database, Database, Operators)) {
    on_both(async |database| {
        let keys = database.another().await;
        let operators = open(&database, &keys).await;
        test(database, keys, operators).await;
    });
}

async fn open(database: &Database, keys: &Database) -> Operators {
    let people = people_with(database, keys, &master(1)).await;
    Operators::new(database.open().await, people.vault().clone())
}

fn hash(of: u8) -> TokenHash {
    TokenHash([of; 32])
}

fn invitation(id: u8, operator: OperatorId, role: Role, invited_by: Option<OperatorId>) -> NewInvitation {
    NewInvitation { id: hash(id), operator, role, invited_by, at: at(NOON), expires: at(ONE) }
}

fn passkey(id: u8) -> FirstPasskey {
    let name = PasskeyName::parse("Secret phone").expect("a name");
    FirstPasskey { id: PasskeyId([id; 16]), credential_id: vec![id; 20], credential: b"secret public half".to_vec(), name }
}

fn joining(invitation: u8, name: &str, key: u8) -> Joining {
    Joining {
        invitation: hash(invitation),
        name: OperatorName::parse(name).expect("a name"),
        passkey: passkey(key),
        session: hash(100 + invitation),
        at: at(NOON),
        session_ends: at(NEXT_DAY),
    }
}

/// The first owner, by the link of the machine itself.
async fn ada(operators: &Operators) {
    operators.make_owner_link(invitation(1, ADA, Role::Owner, None)).await.expect("kept");
    assert_eq!(operators.join(joining(1, "Secret Ada", 1)).await.expect("answered"), Joined::Operator(ADA));
}

async fn bea(operators: &Operators, role: Role) {
    assert!(operators.invite(invitation(2, BEA, role, Some(ADA))).await.expect("kept"));
    assert_eq!(operators.join(joining(2, "Secret Bea", 2)).await.expect("answered"), Joined::Operator(BEA));
}

async fn deeds(operators: &Operators) -> Vec<(i64, Deed)> {
    operators.actions(None, 100).await.expect("read").iter().map(|action| (action.number, action.deed)).collect()
}

async fn is_signed_in(operators: &Operators, session: u8) -> bool {
    operators.signed_in(hash(session), at(NOON), at(IDLE)).await.expect("read").is_some()
}

#[test]
fn whoever_follows_the_link_of_the_machine_is_the_first_owner_and_signed_in() {
    with_operators(async |_, _, operators| {
        assert!(!operators.has_owner().await.expect("read"));
        ada(&operators).await;
        assert!(operators.has_owner().await.expect("read"));
        let found = operators.signed_in(hash(101), at(NOON), at(IDLE)).await.expect("read").expect("signed in");
        assert_eq!((found.operator.id, found.operator.role, found.operator.name.as_str()), (ADA, Role::Owner, "Secret Ada"));
        assert_eq!((found.session.started, found.session.ends), (at(NOON), at(NEXT_DAY)));
        assert_eq!(operators.all().await.expect("read"), [found.operator]);
        assert_eq!(deeds(&operators).await, [(2, Deed::Joined), (1, Deed::LinkMade)]);
    });
}

#[test]
fn a_link_works_once_and_in_its_time_and_a_newer_one_of_the_machine_voids_it() {
    with_operators(async |_, _, operators| {
        operators.make_owner_link(invitation(1, ADA, Role::Owner, None)).await.expect("kept");
        operators.make_owner_link(invitation(2, BEA, Role::Owner, None)).await.expect("kept");
        assert_eq!(operators.join(joining(1, "Ada", 1)).await.expect("answered"), Joined::NoInvitation);
        let late = Joining { at: at(ONE), ..joining(2, "Bea", 2) };
        assert_eq!(operators.join(late).await.expect("answered"), Joined::NoInvitation);
        assert_eq!(operators.join(joining(2, "Bea", 2)).await.expect("answered"), Joined::Operator(BEA));
        assert_eq!(operators.join(joining(2, "Bea", 3)).await.expect("answered"), Joined::NoInvitation, "once");
        assert_eq!(operators.forget_invitations(at(ONE)).await.expect("removed"), 0);
    });
}

#[test]
fn of_two_who_follow_one_link_at_once_one_gets_in() {
    with_operators(async |_, _, operators| {
        operators.make_owner_link(invitation(1, ADA, Role::Owner, None)).await.expect("kept");
        let other = Joining { session: hash(50), ..joining(1, "Not Ada", 2) };
        let (one, two) = tokio::join!(operators.join(joining(1, "Ada", 1)), operators.join(other));
        let got_in = [&one, &two].into_iter().filter(|joined| matches!(joined, Ok(Joined::Operator(_)))).count();
        assert_eq!(got_in, 1, "{one:?} {two:?}");
        let all = operators.all().await.expect("read");
        assert_eq!(all.len(), 1, "and their name can be read");
    });
}

#[test]
fn a_passkey_signs_one_operator_in_and_a_new_session_replaces_the_browsers_old_one() {
    with_operators(async |_, _, operators| {
        ada(&operators).await;
        assert_eq!(operators.passkey_by_credential(&[9; 20]).await.expect("read"), None);
        let passkey = operators.passkey_by_credential(&[1; 20]).await.expect("read").expect("hers");
        assert_eq!((passkey.operator, passkey.credential.as_slice(), passkey.used), (ADA, &b"secret public half"[..], None));
        let session = OperatorSession { id: hash(7), operator: ADA, started: at(NOON), seen: at(NOON), ends: at(NEXT_DAY) };
        assert!(operators.sign_in(passkey.clone(), b"next", session, Some(hash(101))).await.expect("signed in"));
        assert_eq!((is_signed_in(&operators, 7).await, is_signed_in(&operators, 101).await), (true, false));
        let again = OperatorSession { id: hash(8), ..session };
        assert!(!operators.sign_in(passkey, b"next", again, None).await.expect("answered"), "somebody has just used it");
        assert!(!is_signed_in(&operators, 8).await);
        let kept = operators.passkeys_of(ADA).await.expect("read");
        assert_eq!((kept[0].credential.as_slice(), kept[0].used), (&b"next"[..], Some(at(NOON))));
    });
}

#[test]
fn a_session_ends_by_itself_and_on_wish_and_not_before() {
    with_operators(async |_, _, operators| {
        ada(&operators).await;
        let signed_in = async |now: &str, idle: &str| operators.signed_in(hash(101), at(now), at(idle)).await.expect("read");
        assert_eq!(signed_in(NEXT_DAY, NOON).await, None, "it has had its time");
        assert_eq!(signed_in(ONE, "2026-03-02T12:30:00Z").await, None, "nobody was there for too long");
        operators.touch_session(hash(101), at("2026-03-02T12:40:00Z")).await.expect("noted");
        operators.touch_session(hash(101), at(NOON)).await.expect("noted");
        let found = signed_in(ONE, "2026-03-02T12:30:00Z").await.expect("signed in");
        assert_eq!(found.session.seen, at("2026-03-02T12:40:00Z"), "a clock that goes back takes nothing");
        operators.sign_out(found.session, at(ONE)).await.expect("signed out");
        assert_eq!(signed_in(ONE, NOON).await, None);
        bea(&operators, Role::Operator).await;
        operators.sign_out_everywhere(BEA, at(ONE)).await.expect("signed out");
        assert!(!is_signed_in(&operators, 102).await);
        assert_eq!(operators.forget_sessions(at(NEXT_DAY), at(NOON)).await.expect("removed"), 0, "none is left");
    });
}

#[test]
fn whoever_is_removed_is_signed_out_their_passkeys_and_their_invitations_are_gone() {
    with_operators(async |_, _, operators| {
        ada(&operators).await;
        bea(&operators, Role::Owner).await;
        let cid = OperatorId([3; 16]);
        assert!(operators.invite(invitation(3, cid, Role::Operator, Some(BEA))).await.expect("kept"));
        assert_eq!(operators.remove(BEA, ADA, at(ONE)).await.expect("answered"), OperatorRemoved::Removed);
        assert!(!is_signed_in(&operators, 102).await);
        assert_eq!(operators.passkey_by_credential(&[2; 20]).await.expect("read"), None);
        assert_eq!(operators.join(joining(3, "Cid", 3)).await.expect("answered"), Joined::NoInvitation);
        assert!(!operators.invite(invitation(4, cid, Role::Owner, Some(BEA))).await.expect("answered"), "she invites nobody any more");
        let late = NewOperatorPasskey { operator: BEA, passkey: passkey(9), at: at(ONE) };
        assert!(matches!(operators.add_passkey(late).await, Err(RecordsError::NobodyThere)));
        assert_eq!(operators.remove(BEA, ADA, at(ONE)).await.expect("answered"), OperatorRemoved::NobodyThere);
        let removed = operators.actions(None, 1).await.expect("read");
        assert_eq!((removed[0].operator, removed[0].deed, removed[0].subject), (Some(ADA), Deed::Removed, Some(BEA.0)));
    });
}

#[test]
fn one_owner_always_remains() {
    with_operators(async |_, _, operators| {
        ada(&operators).await;
        assert_eq!(operators.remove(ADA, ADA, at(ONE)).await.expect("answered"), OperatorRemoved::LastOwner);
        bea(&operators, Role::Owner).await;
        let (one, two) = tokio::join!(operators.remove(ADA, BEA, at(ONE)), operators.remove(BEA, ADA, at(ONE)));
        assert!(operators.has_owner().await.expect("read"), "{one:?} {two:?}");
        let mut ended = [one.expect("answered"), two.expect("answered")];
        ended.sort_by_key(|ended| *ended != OperatorRemoved::Removed);
        assert_eq!(ended, [OperatorRemoved::Removed, OperatorRemoved::NotForThem], "whoever was removed first removes nobody");
    });
}

#[test]
fn who_runs_it_is_for_owners_to_say() {
    with_operators(async |_, _, operators| {
        ada(&operators).await;
        bea(&operators, Role::Operator).await;
        let cid = OperatorId([3; 16]);
        assert!(!operators.invite(invitation(3, cid, Role::Owner, Some(BEA))).await.expect("answered"));
        assert!(operators.invite(invitation(4, cid, Role::Operator, Some(ADA))).await.expect("kept"));
        assert!(!operators.withdraw_invitation(cid, BEA, at(NOON)).await.expect("answered"));
        assert_eq!(operators.remove(ADA, BEA, at(NOON)).await.expect("answered"), OperatorRemoved::NotForThem);
        assert_eq!(operators.remove(BEA, BEA, at(NOON)).await.expect("answered"), OperatorRemoved::NotForThem);
        assert!(operators.withdraw_invitation(cid, ADA, at(NOON)).await.expect("withdrawn"));
    });
}

#[test]
fn an_operators_last_passkey_stays_and_nobody_removes_anothers() {
    with_operators(async |_, _, operators| {
        ada(&operators).await;
        bea(&operators, Role::Operator).await;
        let remove = async |of, id: u8| operators.remove_passkey(of, PasskeyId([id; 16]), at(ONE)).await.expect("answered");
        assert_eq!(remove(ADA, 1).await, PasskeyRemoved::LastOne);
        let second = NewOperatorPasskey { operator: ADA, passkey: passkey(5), at: at(ONE) };
        assert_eq!(operators.add_passkey(second.clone()).await.expect("kept"), PasskeyAdded::Added);
        assert_eq!(operators.add_passkey(second).await.expect("answered"), PasskeyAdded::Known);
        assert_eq!(remove(BEA, 1).await, PasskeyRemoved::NoneSuch);
        assert_eq!(remove(ADA, 1).await, PasskeyRemoved::Removed);
        let left: Vec<PasskeyId> = operators.passkeys_of(ADA).await.expect("read").iter().map(|passkey| passkey.id).collect();
        assert_eq!(left, [PasskeyId([5; 16])]);
        assert!(operators.invite(invitation(9, OperatorId([9; 16]), Role::Operator, Some(ADA))).await.expect("kept"));
        assert_eq!(operators.join(joining(9, "Dora", 5)).await.expect("answered"), Joined::KnownPasskey);
        assert_eq!(
            operators.join(joining(9, "Dora", 6)).await.expect("answered"),
            Joined::Operator(OperatorId([9; 16])),
            "the link still works"
        );
    });
}

#[test]
fn nothing_of_an_operator_can_be_read_in_the_database_and_long_after_they_were_removed_not_even_by_us() {
    with_operators(async |database, keys, operators| {
        ada(&operators).await;
        bea(&operators, Role::Operator).await;
        for place in [&database, &keys] {
            let dump = place.dump().await;
            assert!(!dump.contains("Secret") && !dump.contains("secret public half"), "{dump}");
        }
        operators.remove(BEA, ADA, at(NOON)).await.expect("removed");
        assert_eq!(operators.forget_removed(at(NOON)).await.expect("forgotten"), 0, "not yet");
        assert_eq!(operators.all().await.expect("read").len(), 2, "what she did has a name");
        assert_eq!(operators.forget_removed(at(ONE)).await.expect("forgotten"), 1);
        assert_eq!(operators.all().await.expect("read").len(), 1);
        assert!(operators.vault().find(AccountId(BEA.0)).await.expect("read").is_none(), "her key is gone");
        assert!(deeds(&operators).await.contains(&(4, Deed::Joined)), "what was done stays");
    });
}

#[test]
fn deeds_are_numbered_without_a_gap_however_many_are_done_at_once() {
    with_operators(async |_, _, operators| {
        ada(&operators).await;
        let note = |_| operators.sign_out_everywhere(ADA, at(ONE));
        let (a, b, c, d) = tokio::join!(note(1), note(2), note(3), note(4));
        [a, b, c, d].into_iter().for_each(|done| done.expect("noted"));
        let numbers: Vec<i64> = deeds(&operators).await.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [6, 5, 4, 3, 2, 1]);
        let earlier = operators.actions(Some(3), 10).await.expect("read");
        assert_eq!(earlier.iter().map(|action| action.number).collect::<Vec<_>>(), [2, 1]);
    });
}

#[test]
fn every_deed_is_read_back_and_none_is_ever_changed_or_deleted() {
    let names: std::collections::HashSet<&str> = Deed::ALL.iter().map(|deed| deed.name()).collect();
    assert_eq!(names.len(), Deed::ALL.len());
    let mut sources = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut said = 0;
    while let Some(path) = sources.pop() {
        if path.is_dir() {
            sources.extend(std::fs::read_dir(&path).expect("our own folder").map(|entry| entry.expect("an entry").path()));
        } else {
            let text = std::fs::read_to_string(&path).expect("our own text");
            said += text.matches("operator_actions").count();
            for forbidden in ["UPDATE operator_actions", "DELETE FROM operator_actions", "DROP TABLE operator_actions"] {
                assert!(!text.contains(forbidden), "{}", path.display());
            }
        }
    }
    assert!(said > 2, "it is looked at where it is written");
}

#[test]
fn where_the_keys_are_gone_nobody_is_signed_in() {
    on_both(async |database| {
        let keys = database.another().await;
        ada(&open(&database, &keys).await).await;
        let other = people_with(&database, &database.another().await, &master(2)).await;
        let operators = Operators::new(database.open().await, other.vault().clone());
        assert!(!is_signed_in(&operators, 101).await);
    });
}
