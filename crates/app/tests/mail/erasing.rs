//! Whoever is erased leaves no visit in the log, and what remembers that they are to be erased goes after the last of them.

use std::path::Path;
use std::sync::Arc;

use app::minors::{CaseState, Deadlines, Minors, Outcome, Receipt, Reported};
use app::people::Accounts;
use disk::{Disk, SimulatedDisk};
use domain::{AccountId, Clock, Field, OperatorId, Span, VisitorId};
use policy::Sealed;
use visits::{Log, LogSettings, NewVisit, Query};

use crate::house::{House, folder, storage};

const PHONE: VisitorId = VisitorId([0xa1; 16]);
const TABLET: VisitorId = VisitorId([0xa2; 16]);
const BENS: VisitorId = VisitorId([0xb1; 16]);

/// A log of small segments, in which nothing is written before somebody asks.
pub(crate) fn log(disk: Arc<dyn Disk>, house: &House) -> Log {
    let settings = LogSettings { segment_bytes: 1_000, sync_interval: std::time::Duration::from_secs(3_600), ..LogSettings::default() };
    Log::open(disk, storage(), Arc::clone(&house.clock) as Arc<dyn Clock>, settings).expect("the log opens").0
}

/// One visit, durable.
pub(crate) fn visited(log: &Log, house: &House, visitor: Option<VisitorId>, account: Option<AccountId>) {
    log.recorder().record(&NewVisit {
        time: house.clock.now(),
        method: Some("GET"),
        status: Some(200),
        bytes: None,
        duration_us: None,
        ip: Some(Sealed::new(Field::VisitIp, [192, 0, 2, 7].into())),
        browser: None,
        referrer: None,
        path: Some(Sealed::new(Field::VisitPath, "/page")),
        visitor: visitor.map(|visitor| Sealed::new(Field::VisitVisitor, visitor)),
        account: account.map(|account| Sealed::new(Field::VisitAccount, account)),
        purposes: "operate",
    });
    log.flush().expect("the disk works");
}

/// Whether any file of the log holds these bytes.
pub(crate) fn in_files(folder: &Path, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(folder.join("visits")).expect("a folder");
    files.flatten().any(|file| std::fs::read(file.path()).is_ok_and(|read| read.windows(bytes.len()).any(|window| window == bytes)))
}

fn on_disk(disk: &SimulatedDisk, bytes: &[u8]) -> bool {
    let files = disk.list("visits").expect("a folder");
    files.iter().any(|file| disk.read(&format!("visits/{file}")).expect("readable").windows(bytes.len()).any(|window| window == bytes))
}

struct Town {
    house: House,
    disk: SimulatedDisk,
    log: Arc<Log>,
    accounts: Arc<Accounts>,
}

impl Town {
    async fn new() -> Self {
        let house = House::in_folder(&folder()).await;
        let disk = SimulatedDisk::new();
        let log = Arc::new(log(Arc::new(disk.clone()), &house));
        let accounts = Accounts::new(house.people.clone(), Arc::clone(&house.random));
        let accounts = Arc::new(accounts.with_visits_in(Arc::clone(&log)));
        Self { house, disk, log, accounts }
    }

    async fn signed_in_with(&self, account: AccountId, visitor: VisitorId) {
        let now = self.house.clock.now();
        let visitor = Sealed::new(Field::VisitVisitor, visitor);
        self.house.people.note_visitor(account, visitor, now, Span::days(30).after(now)).await.expect("noted");
    }

    async fn somebody(&self, name: &str, visitors: &[VisitorId]) -> AccountId {
        let account = self.house.account(&format!("{name}@example.org"), "en").await;
        for visitor in visitors {
            self.signed_in_with(account, *visitor).await;
        }
        account
    }

    /// Visits of each kind.
    fn visited(&self, account: Option<AccountId>, visitors: &[VisitorId]) {
        for visitor in visitors {
            visited(&self.log, &self.house, Some(*visitor), account);
            visited(&self.log, &self.house, Some(*visitor), None);
        }
    }

    async fn close(&self, account: AccountId) {
        self.accounts.close(account, self.house.clock.now()).await.expect("closed");
    }

    async fn erase_closed(&self) -> Option<u64> {
        self.accounts.erase_closed(self.house.clock.now()).await.ok()
    }

    /// Who made the visits that are left, in order.
    fn left(&self) -> Vec<(Option<VisitorId>, Option<AccountId>)> {
        let opened = |visit: visits::Visit| {
            let storage = storage();
            (visit.visitor.map(|visitor| *storage.reveal(&visitor)), visit.account.map(|account| *storage.reveal(&account)))
        };
        self.log.rows(&Query::default()).map(|visit| opened(visit.expect("readable"))).collect()
    }
}

#[tokio::test]
async fn whoever_deletes_their_account_is_in_no_visit_and_others_are_in_theirs() {
    let town = Town::new().await;
    let anna = town.somebody("anna", &[PHONE, TABLET]).await;
    let ben = town.somebody("ben", &[TABLET, BENS]).await;
    for _ in 0..5 {
        town.visited(Some(anna), &[PHONE, TABLET]);
        town.visited(Some(ben), &[TABLET, BENS]);
    }
    town.close(anna).await;
    assert!(on_disk(&town.disk, &anna.0), "closing alone takes nothing out");
    assert_eq!(town.erase_closed().await, Some(1));
    assert!(!on_disk(&town.disk, &anna.0) && !on_disk(&town.disk, &PHONE.0));
    let bens = [(Some(TABLET), None), (Some(TABLET), Some(ben)), (Some(TABLET), None), (Some(BENS), Some(ben)), (Some(BENS), None)];
    assert_eq!(town.left(), bens.repeat(5), "what anybody did on the tablet without an account may be his");
    town.close(ben).await;
    assert_eq!(town.erase_closed().await, Some(1));
    assert_eq!(town.left(), [], "and when he goes as well, nobody else is known to have used it");
}

#[tokio::test]
async fn people_who_share_a_browser_and_go_together_leave_nothing_of_it() {
    let town = Town::new().await;
    let (anna, ben) = (town.somebody("anna", &[TABLET]).await, town.somebody("ben", &[TABLET]).await);
    town.visited(Some(anna), &[TABLET]);
    town.visited(Some(ben), &[TABLET, BENS]);
    town.close(anna).await;
    town.close(ben).await;
    assert_eq!(town.erase_closed().await, Some(2));
    assert_eq!(town.left(), [(Some(BENS), None)], "nobody is known to have signed in with the other");
}

#[tokio::test]
async fn killed_or_failing_anywhere_the_account_stays_until_its_visits_are_gone() {
    for at in 0.. {
        let town = Town::new().await;
        let anna = town.somebody("anna", &[PHONE]).await;
        let ben = town.somebody("ben", &[BENS]).await;
        for _ in 0..6 {
            town.visited(Some(anna), &[PHONE]);
            town.visited(Some(ben), &[BENS]);
        }
        town.close(anna).await;
        let before = town.disk.operations();
        town.disk.stop_from(before + at);
        let is_done = town.erase_closed().await.is_some();
        let account = town.house.people.account(anna).await.expect("read");
        assert_eq!(account.is_none(), is_done, "operation {at}: its row remembers it");
        assert!(town.left().iter().all(|(visitor, _)| *visitor == Some(BENS)), "operation {at}: nobody sees them");
        if is_done {
            assert!(at > 5, "it was stopped at {at} operations");
            return;
        }
        // The next process finds what this one left.
        town.disk.heal();
        let log = Arc::new(log(Arc::new(town.disk.crash(at)), &town.house));
        let accounts = Accounts::new(town.house.people.clone(), Arc::clone(&town.house.random));
        let accounts = accounts.with_visits_in(Arc::clone(&log));
        assert_eq!(accounts.erase_closed(town.house.clock.now()).await.expect("the disk works"), 1, "operation {at}");
        assert_eq!(log.rows(&Query::default()).count(), 12, "operation {at}: nobody else's is gone");
        assert_eq!(town.house.people.account(anna).await.expect("read"), None);
    }
}

#[tokio::test]
async fn a_confirmed_minor_leaves_no_visit_and_the_receipt_says_how_many_there_were() {
    let town = Town::new().await;
    let (policy, now) = (town.house.policy.load_full(), town.house.clock.now());
    let minors = Minors::new(Arc::clone(&town.accounts), Deadlines::default());
    let anna = town.somebody("anna", &[PHONE]).await;
    for _ in 0..4 {
        town.visited(Some(anna), &[PHONE, TABLET]);
    }
    let client = Sealed::new(Field::VisitIp, [192, 0, 2, 8].into());
    let reported = Reported::new("anna@example.org", "a child", None, "en").expect("a report");
    minors.report(reported, Some(&client), &policy, now).await.expect("kept");
    let case = minors.cases(0, 100).await.expect("read")[0].id;
    assert_eq!(minors.confirm(case, OperatorId([3; 16]), now).await.expect("decided"), Outcome::Done);
    for letter in town.house.people.due_jobs("mail", now, 100).await.expect("read") {
        town.house.people.end_job(letter.id).await.expect("sent");
    }
    town.disk.stop_from(town.disk.operations());
    assert!(minors.reconcile(&policy, now).await.is_err(), "the disk is gone");
    assert_eq!(minors.cases(0, 100).await.expect("read")[0].state, CaseState::Confirmed, "the case remembers it");
    town.disk.heal();
    assert_eq!(minors.reconcile(&policy, now).await.expect("done").erased, 1);
    assert!(!on_disk(&town.disk, &anna.0) && !on_disk(&town.disk, &PHONE.0));
    assert_eq!(town.left(), [(Some(TABLET), None); 4]);
    let file = minors.case(case).await.expect("read").expect("a case");
    let receipt = Receipt::of(&file, &policy, now).expect("it is confirmed");
    let visits = receipt.gone.iter().find(|gone| gone.what == "visits taken out of the visit log").expect("counted");
    assert_eq!(visits.number, 12);
}
