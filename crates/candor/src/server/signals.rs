//! What browsers signalled and what people refused, on its way into the records. No visitor waits for it: a queue takes it, and a task writes it durably.

use std::sync::Arc;
use std::time::Duration;

use app::choices::{Asked, ChoiceRecords, ChoiceRow, Circumstances, KeepLater, rows, signalled};
use domain::{ChoiceMethod, Random};
use edge::{KeepSignals, Signal};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use super::networks::Networks;

/// So many wait at most; each is some hundred bytes. A browser signals once, so this is a burst of new visitors while the database is slow.
const QUEUE_MAX: usize = 4_096;
/// So many are written as one transaction.
const TOGETHER_MAX: usize = 256;
/// How often and when a write that failed is tried again. What fails to the end is counted.
const TRIES: u32 = 5;
const WAIT: Duration = Duration::from_millis(200);

/// The queue. Closing it ends the task once everything in it is written.
pub(super) struct Signals {
    queue: Mutex<Option<Sender<Vec<ChoiceRow>>>>,
    task: Mutex<Option<JoinHandle<()>>>,
    choices: Arc<ChoiceRecords>,
    random: Arc<dyn Random>,
    networks: Networks,
}

impl Signals {
    pub(super) fn start(runtime: &Handle, choices: Arc<ChoiceRecords>, random: Arc<dyn Random>, networks: Networks) -> Self {
        let (queue, waiting) = channel(QUEUE_MAX);
        let task = runtime.spawn(write(waiting, Arc::clone(&choices)));
        Self { queue: Mutex::new(Some(queue)), task: Mutex::new(Some(task)), choices, random, networks }
    }

    /// Where it all goes.
    pub(super) fn choices(&self) -> Arc<ChoiceRecords> {
        Arc::clone(&self.choices)
    }

    /// How networks are told apart, here and where answers are taken.
    pub(super) fn networks(&self) -> Networks {
        self.networks.clone()
    }

    /// Waits until everything is written, but not for ever.
    pub(super) async fn close(&self, patience: Duration) {
        self.queue.lock().take();
        let task = self.task.lock().take();
        if let Some(task) = task
            && tokio::time::timeout(patience, task).await.is_err()
        {
            tracing::error!("the last refusals and signals could not be recorded in time");
        }
    }
}

impl KeepSignals for Signals {
    fn keep(&self, signal: Signal) {
        let rows = rows_of(&signal, &*self.random);
        // The cookie says so whatever becomes of the rows; nobody fills the records with signals of ever new browsers.
        if self.choices.limits().take(self.networks.number_of(&signal.client), rows.len(), signal.at).is_err() {
            return self.choices.count_unkept(rows.len() as u64);
        }
        self.keep_later(rows);
    }
}

impl KeepLater for Signals {
    fn keep_later(&self, rows: Vec<ChoiceRow>) -> bool {
        let answers = rows.len() as u64;
        let taken = self.queue.lock().as_ref().is_some_and(|queue| queue.try_send(rows).is_ok());
        if !taken {
            self.choices.count_unkept(answers);
        }
        taken
    }
}

async fn write(mut waiting: Receiver<Vec<ChoiceRow>>, choices: Arc<ChoiceRecords>) {
    let mut together = Vec::with_capacity(TOGETHER_MAX);
    while waiting.recv_many(&mut together, TOGETHER_MAX).await > 0 {
        let all = together.drain(..).flatten().collect();
        keep(&choices, all).await;
    }
}

fn rows_of(signal: &Signal, random: &dyn Random) -> Vec<ChoiceRow> {
    let policy = &signal.policy;
    let events = signalled(policy, signal.purposes, signal.withdrawn);
    // Nobody read any words: those in force are named in the policy's first language.
    let asked = Asked { method: ChoiceMethod::Signal, language: policy.default_language().as_str() };
    let circumstances = Circumstances { gpc: true, region: signal.region, now: signal.at };
    rows(policy, signal.record, &events, asked, circumstances, random)
}

async fn keep(choices: &ChoiceRecords, all: Vec<ChoiceRow>) {
    let mut wait = WAIT;
    for _ in 1..TRIES {
        if choices.try_keep(all.clone()).await.is_ok() {
            return;
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    let answers = all.len();
    if let Err(error) = choices.keep(all).await {
        tracing::error!(%error, answers, "what was refused or signalled could not be recorded; it counts all the same");
    }
}

#[cfg(test)]
mod tests {
    use domain::{ChoiceAction, ChoiceRecordId, Field, Region, SeededRandom};
    use policy::check::check;
    use policy::syntax::SiteSources;
    use policy::{Policy, Sealed, opted_out_by_gpc};
    use records::{Address, Records};

    use super::*;

    fn policy() -> Arc<Policy> {
        let site = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/health");
        let text = |name: &str| std::fs::read_to_string(format!("{site}/{name}")).expect("the example is there");
        let spanish = domain::Language::parse("es").expect("a language");
        let sources = SiteSources::new(text("policy.toml"), text("policy.md")).with_translation(spanish, text("policy.es.md"));
        Arc::new(check(&sources, jiff::civil::date(2026, 3, 2)).policy.expect("the example is checked"))
    }

    fn signal(policy: &Arc<Policy>, record: u8) -> Signal {
        let purposes = opted_out_by_gpc(policy).iter().take(1).collect();
        let at = "2026-03-02T12:00:00Z".parse().expect("a time");
        let record = ChoiceRecordId([record; 16]);
        let client = Sealed::new(Field::VisitIp, "203.0.113.7".parse().expect("an address"));
        Signal { policy: Arc::clone(policy), record, purposes, withdrawn: policy::Set::EMPTY, region: Region::UNKNOWN, client, at }
    }

    struct Folder(std::path::PathBuf);

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    async fn records(name: &str) -> (Folder, Records) {
        let folder = Folder(std::env::temp_dir().join(format!("candor-signals-{}-{name}", std::process::id())));
        std::fs::create_dir_all(&folder.0).expect("the temporary folder can be written");
        let records = Records::open(&Address::Sqlite(folder.0.join("records.sqlite"))).await.expect("records");
        (folder, records)
    }

    #[tokio::test]
    async fn what_was_signalled_is_written_before_the_queue_is_closed() {
        let (_folder, records) = records("closed").await;
        let choices = Arc::new(ChoiceRecords::new(records));
        let signals = Signals::start(&Handle::current(), Arc::clone(&choices), Arc::new(SeededRandom::new(1)), Networks::default());
        let policy = policy();
        for record in 0..50 {
            signals.keep(signal(&policy, record));
        }
        signals.close(Duration::from_secs(10)).await;
        assert_eq!((choices.counts().kept, choices.counts().unkept), (50, 0));
        let [row] = choices.of(ChoiceRecordId([7; 16])).await.expect("read").try_into().expect("one row");
        assert_eq!((row.action, row.method, row.gpc), (ChoiceAction::OptedOut, ChoiceMethod::Signal, true));
        signals.keep(signal(&policy, 99));
        assert_eq!(choices.counts().unkept, 1, "after the end it is counted, and nobody waits");
    }

    #[tokio::test]
    async fn what_cannot_be_written_or_does_not_fit_is_counted() {
        let (_folder, records) = records("full").await;
        records.close().await;
        // The waits between the tries are over at once.
        tokio::time::pause();
        let choices = Arc::new(ChoiceRecords::new(records));
        let signals = Signals::start(&Handle::current(), Arc::clone(&choices), Arc::new(SeededRandom::new(1)), Networks::default());
        let policy = policy();
        // The task has no turn before the first await, so the queue fills.
        for _ in 0..QUEUE_MAX + 3 {
            signals.keep_later(rows_of(&signal(&policy, 1), &SeededRandom::new(2)));
        }
        assert_eq!(choices.counts().unkept, 3);
        signals.close(Duration::from_secs(1_000)).await;
        assert_eq!((choices.counts().kept, choices.counts().unkept), (0, QUEUE_MAX as u64 + 3));
    }

    #[tokio::test]
    async fn one_network_does_not_fill_the_records_with_new_browsers() {
        let (_folder, records) = records("many").await;
        let choices = Arc::new(ChoiceRecords::new(records));
        let signals = Signals::start(&Handle::current(), Arc::clone(&choices), Arc::new(SeededRandom::new(1)), Networks::default());
        let policy = policy();
        for record in 0..200 {
            signals.keep(signal(&policy, record));
        }
        signals.close(Duration::from_secs(10)).await;
        assert_eq!((choices.counts().kept, choices.counts().unkept), (60, 140));
    }
}
