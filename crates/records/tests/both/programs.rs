use domain::{AccountId, Field, Id, Timestamp, TokenId, VisitorId};
use policy::Sealed;
use records::{
    AGREEMENTS_MAX, Agreement, AgreementPut, ApiToken, AskedBefore, Claim, KeptAnswer, LinkedVisitor, People, Records, RecordsError,
};

use crate::database::{at, on_both};
use crate::people::{NEXT_DAY, NOON, ONE, confirm, email, link, register, with_people};

const ANNA: AccountId = AccountId([1; 16]);
const BERT: AccountId = AccountId([2; 16]);
const NEXT_YEAR: &str = "2027-03-02T12:00:00Z";

async fn anna_and_bert(people: &People) {
    for (id, who) in [(1, "anna"), (2, "bert")] {
        register(people, id, &format!("{who}@example.org"), who).await;
        confirm(people, id).await;
    }
}

fn token(id: u8, expires: Option<&str>) -> ApiToken {
    ApiToken {
        id: TokenId([id; 16]),
        name: "the shop".to_owned(),
        scopes: "decide agreements".to_owned(),
        made: at(NOON),
        expires: expires.map(at),
        used: None,
    }
}

async fn keep(records: &Records, id: u8, expires: Option<&str>) {
    records.keep_token(token(id, expires), [id; 32]).await.expect("kept");
}

#[test]
fn a_token_is_found_by_its_hash_until_it_is_over_or_revoked() {
    on_both(async |database| {
        let records = database.open().await;
        keep(&records, 1, None).await;
        keep(&records, 2, Some(ONE)).await;
        let found = async |hash: u8, now: &str| records.token_by_hash([hash; 32], at(now)).await.expect("read").map(|token| token.id);
        assert_eq!(records.token_by_hash([1; 32], at(NOON)).await.expect("read"), Some(token(1, None)));
        assert_eq!((found(2, NOON).await, found(2, ONE).await), (Some(TokenId([2; 16])), None));
        assert_eq!(found(3, NOON).await, None);
        assert_eq!(records.tokens().await.expect("read").len(), 2, "one that is over is still listed");
        assert!(records.revoke_token(TokenId([1; 16])).await.expect("revoked"));
        assert!(!records.revoke_token(TokenId([1; 16])).await.expect("answered"), "there is none any more");
        assert_eq!(found(1, NOON).await, None);
        assert_eq!(records.forget_tokens(at(NOON)).await.expect("forgotten"), 0);
        assert_eq!(records.forget_tokens(at(NEXT_DAY)).await.expect("forgotten"), 1);
    });
}

#[test]
fn when_tokens_were_used_is_written_together_and_never_goes_back() {
    on_both(async |database| {
        let records = database.open().await;
        keep(&records, 1, None).await;
        let write = async |time: &str| {
            records.touch_tokens(vec![(TokenId([1; 16]), at(time)), (TokenId([9; 16]), at(time))]).await.expect("written")
        };
        let used = async || records.tokens().await.expect("read")[0].used;
        write(ONE).await;
        assert_eq!(used().await, Some(at(ONE)));
        write(NOON).await;
        assert_eq!(used().await, Some(at(ONE)));
    });
}

fn claim(token: u8, key: u8, request: u8) -> Claim {
    Claim { token: TokenId([token; 16]), key: [key; 32], request: [request; 32] }
}

async fn asked(records: &Records, claim: Claim, now: &str) -> AskedBefore {
    let now = at(now);
    let ago = |minutes: i64| now - jiff_minutes(minutes);
    records.claim_key(claim, now, ago(24 * 60), ago(2)).await.expect("answered")
}

fn jiff_minutes(minutes: i64) -> std::time::Duration {
    std::time::Duration::from_secs(u64::try_from(minutes * 60).expect("not negative"))
}

#[test]
fn the_same_write_is_answered_once_and_another_under_its_key_is_not_done() {
    on_both(async |database| {
        let records = database.open().await;
        let answer = KeptAnswer { status: 201, kind: "application/json".to_owned(), body: b"{}".to_vec() };
        assert_eq!(asked(&records, claim(1, 1, 1), NOON).await, AskedBefore::No);
        assert_eq!(asked(&records, claim(1, 1, 1), NOON).await, AskedBefore::Going);
        assert_eq!(asked(&records, claim(1, 1, 2), NOON).await, AskedBefore::OtherRequest);
        assert_eq!(asked(&records, claim(2, 1, 2), NOON).await, AskedBefore::No, "another program's key is its own");
        records.keep_answer(claim(1, 1, 1), answer.clone()).await.expect("kept");
        assert_eq!(asked(&records, claim(1, 1, 1), ONE).await, AskedBefore::Answered(answer.clone()));
        assert_eq!(asked(&records, claim(1, 1, 2), ONE).await, AskedBefore::OtherRequest);
        records.release_key(claim(1, 1, 1)).await.expect("answered");
        assert_eq!(asked(&records, claim(1, 1, 1), ONE).await, AskedBefore::Answered(answer), "what was answered stays");
        let empty = KeptAnswer { status: 204, kind: String::new(), body: Vec::new() };
        assert_eq!(asked(&records, claim(1, 3, 1), NOON).await, AskedBefore::No);
        records.keep_answer(claim(1, 3, 1), empty.clone()).await.expect("kept");
        assert_eq!(asked(&records, claim(1, 3, 1), NOON).await, AskedBefore::Answered(empty));
    });
}

#[test]
fn a_write_that_failed_or_was_cut_short_is_done_again_and_a_day_later_so_is_every_other() {
    on_both(async |database| {
        let records = database.open().await;
        assert_eq!(asked(&records, claim(1, 1, 1), NOON).await, AskedBefore::No);
        records.release_key(claim(1, 1, 1)).await.expect("given back");
        assert_eq!(asked(&records, claim(1, 1, 1), NOON).await, AskedBefore::No);
        assert_eq!(asked(&records, claim(1, 1, 1), "2026-03-02T12:02:00Z").await, AskedBefore::Going);
        assert_eq!(asked(&records, claim(1, 1, 1), "2026-03-02T12:02:01Z").await, AskedBefore::No, "the process ended in between");
        let answer = KeptAnswer { status: 200, kind: "application/json".to_owned(), body: b"{}".to_vec() };
        records.keep_answer(claim(1, 1, 1), answer).await.expect("kept");
        assert!(matches!(asked(&records, claim(1, 1, 1), "2026-03-03T12:02:00Z").await, AskedBefore::Answered(_)));
        assert_eq!(
            asked(&records, claim(1, 1, 2), "2026-03-03T12:02:02Z").await,
            AskedBefore::No,
            "the key may be taken for something else"
        );
        assert_eq!(records.forget_answers(at(NOON)).await.expect("forgotten"), 0);
        assert_eq!(records.forget_answers(at(NEXT_YEAR)).await.expect("forgotten"), 1);
    });
}

#[test]
fn of_many_who_send_one_key_at_once_one_does_the_work() {
    on_both(async |database| {
        let records = database.open().await;
        for key in 1..=5 {
            let (first, second, third) = tokio::join!(
                asked(&records, claim(1, key, 1), NOON),
                asked(&records, claim(1, key, 1), NOON),
                asked(&records, claim(1, key, 1), NOON)
            );
            let turns = [first, second, third].into_iter().filter(|asked| *asked == AskedBefore::No).count();
            assert_eq!(turns, 1, "{:?}", database.kind);
        }
    });
}

#[test]
fn a_revoked_token_takes_its_answers_along() {
    on_both(async |database| {
        let records = database.open().await;
        keep(&records, 1, None).await;
        assert_eq!(asked(&records, claim(1, 1, 1), NOON).await, AskedBefore::No);
        records.revoke_token(TokenId([1; 16])).await.expect("revoked");
        assert_eq!(records.forget_answers(at(NEXT_YEAR)).await.expect("forgotten"), 0);
    });
}

fn agreement(name: &str, since: &str, until: Option<&str>) -> Agreement {
    Agreement { name: Id::parse(name).expect("an id"), since: at(since), until: until.map(at) }
}

async fn names(people: &People, account: AccountId, now: &str) -> Vec<String> {
    people.agreements_of(account, at(now)).await.expect("read").iter().map(|agreement| agreement.name.to_string()).collect()
}

#[test]
fn an_agreement_is_in_force_until_its_time_or_until_it_is_ended() {
    with_people(async |_, _, people| {
        anna_and_bert(&people).await;
        let put = async |agreement| people.put_agreement(ANNA, agreement).await.expect("answered");
        let loan = agreement("loan", NOON, None);
        assert_eq!(put(loan.clone()).await, (AgreementPut::Begun, loan.clone()));
        let again = put(agreement("loan", ONE, Some(NEXT_DAY))).await;
        assert_eq!(again, (AgreementPut::Kept, agreement("loan", NOON, Some(NEXT_DAY))), "it is in force since the first time");
        put(agreement("club", ONE, None)).await;
        assert_eq!(names(&people, ANNA, ONE).await, ["club", "loan"]);
        assert_eq!(names(&people, ANNA, NEXT_DAY).await, ["club"]);
        assert_eq!(names(&people, BERT, ONE).await, [""; 0]);
        let anew = put(agreement("loan", NEXT_YEAR, None)).await;
        assert_eq!(anew, (AgreementPut::Begun, agreement("loan", NEXT_YEAR, None)), "what is over begins anew");
        let end = async |name: &str| people.end_agreement(ANNA, Id::parse(name).expect("an id"), at(NEXT_YEAR)).await.expect("answered");
        assert!(end("loan").await);
        assert!(!end("loan").await && !end("never-was").await);
        put(agreement("loan", NOON, Some(ONE))).await;
        assert!(!end("loan").await, "it was over by then");
        put(agreement("loan", NOON, Some(ONE))).await;
        assert_eq!(people.forget_agreements(at(NEXT_DAY)).await.expect("forgotten"), 1);
    });
}

#[test]
fn an_account_has_only_so_many_agreements_and_none_once_it_is_closed() {
    with_people(async |database, _, people| {
        anna_and_bert(&people).await;
        let name = |number: usize| format!("agreement-{number}");
        for number in 0..AGREEMENTS_MAX {
            let until = (number == 0).then_some(ONE);
            let (put, _) = people.put_agreement(ANNA, agreement(&name(number), NOON, until)).await.expect("answered");
            assert_eq!(put, AgreementPut::Begun);
        }
        let put =
            async |number: usize, now: &str| people.put_agreement(ANNA, agreement(&name(number), now, None)).await.expect("answered").0;
        assert_eq!(put(99, NOON).await, AgreementPut::TooMany);
        assert_eq!(put(3, NOON).await, AgreementPut::Kept);
        assert_eq!(put(99, ONE).await, AgreementPut::Begun, "one was over by then");
        people.close(ANNA, at(NEXT_DAY)).await.expect("closed");
        assert_eq!(names(&people, ANNA, NEXT_DAY).await, [""; 0]);
        for account in [ANNA, AccountId([9; 16])] {
            let refused = people.put_agreement(account, agreement("loan", NEXT_DAY, None)).await;
            assert!(matches!(refused, Err(RecordsError::NobodyThere)), "{refused:?}");
        }
        assert!(database.rows().await.contains(&("agreements".to_owned(), 0)));
    });
}

fn visitor(number: u8) -> Sealed<VisitorId> {
    // Nobody's account has such a number.
    Sealed::new(Field::VisitVisitor, VisitorId([40 + number; 16]))
}

fn linked(number: u8, first: &str, last: &str, shared: bool) -> LinkedVisitor {
    LinkedVisitor { visitor: visitor(number).map(VisitorId::to_hex), first: at(first), last: at(last), shared }
}

#[test]
fn a_browser_that_somebody_signed_in_with_is_theirs_as_long_as_its_cookie() {
    with_people(async |database, _, people| {
        anna_and_bert(&people).await;
        let note =
            async |account, number, now: &str| people.note_visitor(account, visitor(number), at(now), at(NEXT_YEAR)).await.expect("noted");
        note(ANNA, 1, NOON).await;
        note(ANNA, 2, ONE).await;
        note(ANNA, 1, NEXT_DAY).await;
        let known = async |account, now: &str| people.visitors_of(account, at(now)).await.expect("read");
        assert_eq!(known(ANNA, NEXT_DAY).await, [linked(1, NOON, NEXT_DAY, false), linked(2, ONE, ONE, false)]);
        note(BERT, 2, NEXT_DAY).await;
        assert!(known(ANNA, NEXT_DAY).await[1].shared && known(BERT, NEXT_DAY).await[0].shared);
        let of = async |number, now: &str| people.accounts_of_visitor(visitor(number), at(now)).await.expect("read");
        assert_eq!((of(1, NEXT_DAY).await, of(2, NEXT_DAY).await, of(3, NEXT_DAY).await), (vec![ANNA], vec![BERT, ANNA], vec![]));
        assert_eq!((known(ANNA, NEXT_YEAR).await, of(1, NEXT_YEAR).await), (vec![], vec![]));
        let dump = database.dump().await;
        assert!(!dump.contains(&VisitorId([41; 16]).to_hex()), "sealed");
        people.delete(ANNA).await.expect("deleted");
        assert_eq!((known(ANNA, NEXT_DAY).await, of(1, NEXT_DAY).await), (vec![], vec![]));
        note(ANNA, 1, NEXT_DAY).await;
        assert_eq!(of(1, NEXT_DAY).await, [], "nothing is noted of somebody who is erased");
        assert!(!known(BERT, NEXT_DAY).await[0].shared);
        people.forget_visitors_of(BERT).await.expect("forgotten");
        note(BERT, 3, NOON).await;
        assert_eq!(people.forget_visitors(at(NEXT_YEAR)).await.expect("forgotten"), 1);
    });
}

#[test]
fn the_addresses_that_links_carry_are_their_owners() {
    with_people(async |_, _, people| {
        anna_and_bert(&people).await;
        people.make_link(link(5, ANNA, "email"), crate::people::job(55, ANNA, NOON)).await.expect("kept");
        let of = async |account, now: Timestamp| people.addresses_of(account, now).await.expect("read");
        let found = of(ANNA, at(ONE)).await;
        assert_eq!((found.len(), found[0].kind.as_str(), &found[0].email), (1, "email", &email("Carried@example.org").shown));
        assert_eq!(of(ANNA, at(NEXT_DAY)).await, []);
        assert_eq!(of(BERT, at(ONE)).await, []);
    });
}
