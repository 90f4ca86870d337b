//! Reports, cases, and what is deleted in them.

use domain::{AccountId, CaseId, Field, JobId, OperatorId, ReportId, SessionId};
use policy::Sealed;
use records::{About, AccountState, CaseEvent, CaseState, Confirmation, Decided, Decision, LinkId, Named, NewJob, NewReport, People};

use crate::database::at;
use crate::people::{NEXT_DAY, NOON, ONE, confirm, email, job, link, register, session, username, with_people};

const SOMEBODY: OperatorId = OperatorId([7; 16]);

fn words(text: &str) -> Sealed<String> {
    Sealed::new(Field::RequestMessage, text.to_owned())
}

fn report(id: u8, about: About, time: &str) -> NewReport {
    NewReport {
        id: ReportId([id; 16]),
        case: CaseId([id; 16]),
        reference: LinkId([id; 32]),
        about,
        written: Some(words("the one called anna")),
        message: Some(words("she is eleven")),
        email: Some(Sealed::new(Field::RequestEmail, "aunt@example.org".to_owned())),
        reporter: Some([9; 32]),
        language: "de".to_owned(),
        at: at(time),
        due: at("2026-03-09T12:00:00Z"),
        dismissed_since: at("2026-02-01T00:00:00Z"),
    }
}

fn decision(case: u8, time: &str) -> Decision {
    Decision { case: CaseId([case; 16]), by: SOMEBODY, at: at(time), due: at(NEXT_DAY) }
}

fn letter(id: u8, owner: AccountId) -> NewJob {
    NewJob { payload: b"closed".to_vec(), ..job(id, owner, ONE) }
}

async fn with_anna(people: &People) -> AccountId {
    register(people, 1, "anna@example.org", "anna").await;
    confirm(people, 1).await;
    AccountId([1; 16])
}

async fn state(people: &People, case: u8) -> CaseState {
    people.case(CaseId([case; 16])).await.expect("read").expect("a case").case.state
}

#[test]
fn all_reports_of_an_account_are_one_case_and_change_nothing() {
    with_people(async |_, _, people| {
        let anna = with_anna(&people).await;
        people.begin_session(session(1, 1, NOON), None).await.expect("begun");
        let before = people.account(anna).await.expect("read");
        for id in 10..20 {
            let about =
                if id % 2 == 0 { About::Email(email("anna@example.org").compared) } else { About::Username(username("anna").compared) };
            assert_eq!(people.report(report(id, about, ONE)).await.expect("kept"), CaseState::Open);
        }
        let cases = people.cases(0, 10).await.expect("read");
        assert_eq!(cases.len(), 1, "the address and the name lead to one account");
        assert_eq!((cases[0].subject, cases[0].reports), (Some(anna), 10));
        assert_eq!(people.account(anna).await.expect("read"), before);
        assert_eq!(people.sessions_of(anna, at(ONE)).await.expect("read").len(), 1);
        let file = people.case(cases[0].id).await.expect("read").expect("a case");
        assert_eq!(file.reports.len(), 10);
        assert_eq!(file.reports[0].message, Some(words("she is eleven")));
        assert!(file.events.iter().all(|happened| happened.event == CaseEvent::Reported && happened.actor.is_none()));
        assert_eq!(people.waiting_cases().await.expect("read").undecided, 1);
    });
}

#[test]
fn a_report_of_nobody_takes_the_same_rows_as_one_of_somebody() {
    with_people(async |database, keys, people| {
        with_anna(&people).await;
        let rows = async || (database.rows().await, keys.rows().await);
        let added = |after: &[(String, i64)], before: &[(String, i64)]| -> Vec<(String, i64)> {
            after.iter().zip(before).map(|((table, after), (_, before))| (table.clone(), after - before)).collect()
        };
        let before = rows().await;
        people.report(report(10, About::Username(username("anna").compared), ONE)).await.expect("kept");
        let of_anna = rows().await;
        people.report(report(11, About::Username(username("nobody-at-all").compared), ONE)).await.expect("kept");
        let of_nobody = rows().await;
        people.report(report(12, About::Elsewhere(words("https://site.example/people/42")), ONE)).await.expect("kept");
        let of_a_page = rows().await;
        assert_eq!(added(&of_anna.0, &before.0), added(&of_nobody.0, &of_anna.0));
        assert_eq!(added(&of_nobody.0, &of_anna.0), added(&of_a_page.0, &of_nobody.0));
        assert_eq!(added(&of_anna.1, &before.1), added(&of_nobody.1, &of_anna.1), "each has a key of its own");
        assert_eq!(people.report_state(LinkId([11; 32])).await.expect("read"), Some((CaseState::Open, at(ONE))));
    });
}

#[test]
fn nothing_that_was_written_can_be_read_in_the_database() {
    with_people(async |database, _, people| {
        with_anna(&people).await;
        people.report(report(10, About::Username(username("anna").compared), ONE)).await.expect("kept");
        let dump = database.dump().await;
        for personal in ["the one called anna", "she is eleven", "aunt@example.org"] {
            assert!(!dump.contains(personal), "{personal}");
        }
        let reporter = people.reporter(ReportId([10; 16])).await.expect("read").expect("a reporter");
        assert_eq!((reporter.email.field(), reporter.language.as_str()), (Field::RequestEmail, "de"));
    });
}

#[test]
fn a_dismissed_case_takes_more_of_the_same_for_a_while_without_being_opened_again() {
    with_people(async |_, _, people| {
        let anna = with_anna(&people).await;
        let about = || About::Username(username("anna").compared);
        people.report(report(10, about(), NOON)).await.expect("kept");
        assert_eq!(people.dismiss_case(decision(10, ONE), "not-shown", None).await.expect("decided"), Decided::Done);
        assert_eq!(people.dismiss_case(decision(10, ONE), "not-shown", None).await.expect("decided"), Decided::NotNow, "once");
        assert_eq!(people.report(report(11, about(), NEXT_DAY)).await.expect("kept"), CaseState::Dismissed);
        let file = people.case(CaseId([10; 16])).await.expect("read").expect("a case");
        assert_eq!((file.case.state, file.case.reports, file.case.reported), (CaseState::Dismissed, 2, at(NEXT_DAY)), "it is counted");
        assert_eq!(file.reports[0].reporter, None, "what limited the report is of no use any more");
        let later = NewReport { dismissed_since: at("2026-03-02T13:00:00Z"), ..report(12, about(), NEXT_DAY) };
        assert_eq!(people.report(later).await.expect("kept"), CaseState::Open, "a month later it is a case again");
        assert!(people.account(anna).await.expect("read").is_some_and(|account| account.state == AccountState::Open));
        assert_eq!(people.reports_untold().await.expect("read").len(), 1, "only what came before somebody looked is said to be looked at");
    });
}

#[test]
fn confirming_closes_the_account_in_the_same_moment_and_drops_what_waited() {
    with_people(async |_, _, people| {
        let anna = with_anna(&people).await;
        people.begin_session(session(1, 1, NOON), None).await.expect("begun");
        people.make_link(link(2, anna, "sign-in"), job(2, anna, NOON)).await.expect("kept");
        people.add_job(job(3, anna, NOON)).await.expect("kept");
        people.report(report(10, About::Username(username("anna").compared), NOON)).await.expect("kept");
        let confirmed = people.confirm_case(decision(10, ONE), Some(letter(40, anna))).await.expect("decided");
        assert_eq!(confirmed, Confirmation::Closed(anna));
        assert_eq!(people.session(SessionId([1; 16]), at(ONE), at(NOON)).await.expect("read"), None);
        assert!(people.begin_session(session(5, 1, ONE), None).await.is_err(), "nobody signs in");
        assert_eq!(people.take_link(LinkId([2; 32]), "sign-in", at(ONE)).await.expect("read"), None);
        let due = people.due_jobs("mail", at(ONE), 10).await.expect("read");
        assert_eq!(due.iter().map(|job| job.payload.clone()).collect::<Vec<_>>(), [b"closed".to_vec()], "one letter, and no other");
        assert_eq!(people.confirm_case(decision(10, ONE), None).await.expect("decided"), Confirmation::Not(Decided::NotNow), "once");
        assert_eq!(people.to_be_erased(at(NEXT_DAY)).await.expect("read"), [], "the case erases it, and keeps the receipt");
        let file = people.case(CaseId([10; 16])).await.expect("read").expect("a case");
        let events: Vec<CaseEvent> = file.events.iter().map(|happened| happened.event).collect();
        assert_eq!(events, [CaseEvent::Reported, CaseEvent::Confirmed, CaseEvent::Deactivated]);
        assert_eq!(file.events[1].actor, Some(SOMEBODY));
        let counted: Vec<(&str, u64)> = file.deletions.iter().map(|gone| (gone.what.as_str(), gone.number)).collect();
        assert_eq!(counted, [("letters", 2), ("links", 1), ("sessions", 1)]);
    });
}

#[test]
fn what_is_confirmed_is_deleted_once_its_letter_is_on_its_way_and_leads_nowhere_then() {
    with_people(async |database, keys, people| {
        let anna = with_anna(&people).await;
        people.report(report(10, About::Username(username("anna").compared), NOON)).await.expect("kept");
        people.report(report(11, About::Email(email("anna@example.org").compared), NOON)).await.expect("kept");
        people.confirm_case(decision(10, ONE), Some(letter(40, anna))).await.expect("decided");
        assert_eq!(people.erasures_due(at(ONE)).await.expect("read"), [], "the letter comes first");
        assert_eq!(people.erasures_due(at(NEXT_DAY)).await.expect("read").len(), 1, "but not for longer than was promised");
        // The letter about signing up, dropped by the confirming, is not waited for.
        people.end_job(JobId([40; 16])).await.expect("sent");
        let due = people.erasures_due(at(ONE)).await.expect("read");
        assert_eq!(due.len(), 1);
        // A crash between the key and the rows: it is done again.
        people.vault().destroy(anna).await.expect("gone");
        assert_eq!(people.erasures_due(at(ONE)).await.expect("read"), due);
        for _ in 0..3 {
            people.erase_subject(due[0], 17, at(ONE)).await.expect("erased");
        }
        assert_eq!(people.account(anna).await.expect("read"), None);
        let file = people.case(CaseId([10; 16])).await.expect("read").expect("a case");
        assert_eq!((file.case.state, file.case.subject, file.case.ended), (CaseState::Done, None, Some(at(ONE))));
        assert!(file.reports.iter().all(|report| report.about.is_none() && report.message.is_none()), "nor what was written about them");
        assert_eq!(file.events.iter().filter(|happened| happened.event == CaseEvent::Erased).count(), 1, "however often it is done");
        assert!(file.deletions.iter().any(|gone| (gone.what.as_str(), gone.number) == ("account", 1)));
        assert_eq!(people.owner_of_email(&email("anna@example.org").compared).await.expect("read"), None, "the address is free again");

        for id in people.reports_untold().await.expect("read") {
            people.tell_reporter(id, letter(id.0[0], AccountId(id.0)), at(ONE)).await.expect("kept");
            people.tell_reporter(id, letter(99, AccountId(id.0)), at(ONE)).await.expect("kept");
        }
        assert_eq!(people.count_jobs("mail").await.expect("counted").0, 2, "each reporter is told once");
        assert_eq!(people.reports_to_erase(at(NOON)).await.expect("read"), [], "while their letters wait");
        for id in [10, 11] {
            people.end_job(JobId([id; 16])).await.expect("sent");
        }
        for id in people.reports_to_erase(at(NOON)).await.expect("read") {
            people.erase_report(id, at(NEXT_DAY)).await.expect("erased");
        }
        assert!(keys.rows().await.iter().all(|(table, rows)| table != "person_keys" || *rows == 0), "no key is left of anybody");
        let dump = database.dump().await;
        assert!(!dump.contains("aunt") && !dump.contains("anna"), "{dump}");

        assert_eq!(people.forget_cases(at(NOON)).await.expect("forgotten"), 0);
        assert_eq!(people.forget_cases(at(ONE)).await.expect("forgotten"), 1);
        assert_eq!(people.case(CaseId([10; 16])).await.expect("read").map(|file| file.id()), None);
        assert_eq!(people.report_state(LinkId([10; 32])).await.expect("read"), None);
    });
}

#[test]
fn an_operator_says_which_account_a_case_is_about() {
    with_people(async |_, _, people| {
        let anna = with_anna(&people).await;
        people.report(report(10, About::Elsewhere(words("https://site.example/people/42")), NOON)).await.expect("kept");
        let name = async |about| people.name_subject(decision(10, ONE), about).await.expect("answered");
        assert_eq!(people.confirm_case(decision(10, ONE), None).await.expect("decided"), Confirmation::Not(Decided::NotNow), "of nobody");
        assert_eq!(name(About::Username(username("somebody").compared)).await, Named::Nobody);
        assert_eq!(name(About::Username(username("anna").compared)).await, Named::Named);
        assert_eq!(name(About::Username(username("anna").compared)).await, Named::Not(Decided::NotNow));
        assert_eq!(people.ask_subject(decision(10, ONE), letter(41, anna)).await.expect("asked"), Decided::Done);
        assert_eq!(people.note_answer(decision(10, ONE)).await.expect("noted"), Decided::Done);
        assert_eq!(state(&people, 10).await, CaseState::Asked);
        people.report(report(11, About::Elsewhere(words("https://site.example/people/43")), NOON)).await.expect("kept");
        let other = people.name_subject(decision(11, ONE), About::Email(email("anna@example.org").compared)).await.expect("answered");
        assert_eq!(other, Named::InCase(CaseId([10; 16])));
        assert_eq!(people.dismiss_case(decision(99, ONE), "not-shown", None).await.expect("decided"), Decided::NoCase);
    });
}
