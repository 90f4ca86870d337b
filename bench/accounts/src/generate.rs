//! A data folder with so many people in it, each registered and confirmed like anybody.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use app::people::{Token, email, username};
use domain::{AccountId, Age, JobId, Random, SeededRandom, Timestamp, Version};
use policy::StorageCapability;
use records::{Address, Confirmed, MasterKeys, NewJob, NewLink, NewRegistration, People, Records, Representation, Vault};
use tokio::task::JoinSet;

/// So many register at the same time, and share commits.
const AT_ONCE: u64 = 256;

/// How many there are is written down this often; what an interrupted run made beyond that is made again from the beginning.
const WRITTEN_DOWN_EVERY: u64 = 10_000;

/// The file that says how many there are.
const COUNT: &str = "people";

/// Makes a folder, or makes it larger.
pub(crate) async fn run(folder: &Path, people: u64) -> Result<()> {
    fs::create_dir_all(folder)?;
    let count = folder.join(COUNT);
    let mut there = match fs::read_to_string(&count) {
        Ok(text) => text.trim().parse().context("the file that says how many people there are")?,
        Err(_) => 0,
    };
    // Secrets of nobody: the same each time, so that what is made once can be used again.
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(there ^ 0x7065_6f70_6c65));
    let master = MasterKeys::new_line(&SeededRandom::new(1));
    fs::write(folder.join("master.key"), &master)?;
    let opened = open(folder, &master, Arc::clone(&random)).await?;
    while there < people {
        let until = (there + WRITTEN_DOWN_EVERY).min(people);
        let mut waiting = there..until;
        let mut tasks = JoinSet::new();
        loop {
            while tasks.len() < AT_ONCE as usize {
                let Some(number) = waiting.next() else { break };
                tasks.spawn(registered(opened.clone(), Arc::clone(&random), number));
            }
            match tasks.join_next().await {
                Some(done) => done??,
                None => break,
            }
        }
        there = until;
        fs::write(&count, there.to_string())?;
        eprintln!("{there} people");
    }
    opened.close().await;
    Ok(())
}

#[derive(Clone)]
struct Opened {
    people: People,
    records: Records,
}

impl Opened {
    async fn close(&self) {
        self.people.vault().close().await;
        self.records.close().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the generator stands in for the wiring")]
async fn open(folder: &Path, master: &str, random: Arc<dyn Random>) -> Result<Opened> {
    let records = Records::open(&Address::Sqlite(folder.join("records.sqlite"))).await?;
    let keys = Address::Sqlite(folder.join("keys.sqlite"));
    let vault = Vault::open(&keys, MasterKeys::parse(master)?, StorageCapability::issue(), random).await?;
    Ok(Opened { people: People::new(records.clone(), vault), records })
}

async fn registered(opened: Opened, random: Arc<dyn Random>, number: u64) -> Result<()> {
    let at: Timestamp = "2026-01-01T00:00:00Z".parse()?;
    let later: Timestamp = "2026-01-02T00:00:00Z".parse()?;
    let (id, token) = (AccountId::random(&*random), Token::random(&*random));
    let age = Representation { verdict: Age::Adult, method: "stated".to_owned(), words_hash: [1; 32], version: Version(1), at };
    let new = NewRegistration {
        id,
        email: email(&format!("{}@example.org", name(number)))?,
        username: username(&name(number), "")?,
        language: "en".to_owned(),
        age,
        at,
        expires: later,
    };
    let link = NewLink { id: token.link(), kind: "confirm", owner: id, email: None, at, expires: later };
    let mail = NewJob { id: JobId::random(&*random), kind: "mail", owner: Some(id), payload: token.text().into_bytes(), at, due: at };
    opened.people.register(new, link, mail).await?;
    match opened.people.confirm(token.link(), at).await? {
        Confirmed::Account(_) => Ok(()),
        other => bail!("{}: {other:?}; an interrupted run left more than it wrote down: remove the folder", name(number)),
    }
}

/// Letters for digits: no two of these names look alike. The benchmark's clients know people by the same.
fn name(number: u64) -> String {
    let letters = number.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect::<String>();
    format!("person-{letters}")
}
