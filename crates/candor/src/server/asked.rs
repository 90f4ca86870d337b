//! What commands ask about programs and people: the same for a command that asks this server and for one that opens the folder itself.

use std::path::Path;
use std::sync::Arc;

use app::people::{Accounts, BadClue, Clue, Reader};
use app::programs::{ApiToken, NewToken, NewTokenError, Programs, Scope, Scopes};
use app::visit_log::Missing;
use disk::{Disk, RealDisk};
use domain::{Clock, Random, Span, Timestamp, TokenId, VisitorId};
use policy::{Policy, StorageCapability};
use records::{People, Records};

use super::{vault, visits};
use crate::clock::{SystemClock, SystemSource};
use crate::config::Configuration;
use crate::owner::{Answer, DataFolder, NewTokenRow, PersonQuestion, TokenQuestion, TokenRow};

type Say<'a> = &'a mut dyn FnMut(Answer) -> anyhow::Result<()>;

/// Answers about tokens from a folder that no server owns.
pub(crate) fn tokens_of_folder(
    folder: &DataFolder,
    (configuration, site): (&Configuration, &Path),
    question: TokenQuestion,
    say: Say<'_>,
) -> anyhow::Result<()> {
    in_folder(folder, (configuration, site), async |opened| {
        let programs = Programs::new(opened.people.clone(), opened.records.clone(), Arc::clone(&opened.random));
        about_tokens(&programs, question, opened.now).await
    })?
    .into_iter()
    .try_for_each(say)
}

/// Answers about a person from a folder that no server owns.
pub(crate) fn person_of_folder(
    folder: &DataFolder,
    (configuration, site): (&Configuration, &Path),
    question: PersonQuestion,
    say: Say<'_>,
) -> anyhow::Result<()> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(folder.path()));
    let policy = visits::policy_in_force(&disk, site)?;
    in_folder(folder, (configuration, site), async |opened| {
        let accounts = Accounts::new(opened.people.clone(), Arc::clone(&opened.random));
        about_person(&accounts, &policy, question, opened.now).await
    })?
    .into_iter()
    .try_for_each(say)
}

/// What a command works with that opens the folder itself.
pub(super) struct Opened {
    pub(super) people: People,
    records: Records,
    pub(super) random: Arc<dyn Random>,
    pub(super) now: Timestamp,
}

/// What may be done with people and records that no server has open.
pub(super) fn in_folder<T>(
    folder: &DataFolder,
    (configuration, site): (&Configuration, &Path),
    work: impl AsyncFnOnce(&Opened) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let (runtime, opened) = open(folder, (configuration, site))?;
    runtime.block_on(async {
        let worked = work(&opened).await;
        opened.close().await;
        worked
    })
}

/// Opens the records of a folder, and a runtime to ask them on.
pub(super) fn open(
    folder: &DataFolder,
    (configuration, site): (&Configuration, &Path),
) -> anyhow::Result<(tokio::runtime::Runtime, Opened)> {
    let random: Arc<dyn Random> = Arc::new(SystemSource::new());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let opened = runtime.block_on(async {
        let records = Records::open(&configuration.records(site, folder.path())).await?;
        let keys = configuration.keys_of_people(site, folder.path());
        let place = vault::Place::new(&configuration.main.master_key, site, folder.path())?;
        let vault = vault::open(&keys, &place, storage(), Arc::clone(&random)).await?;
        let people = People::new(records.clone(), vault);
        anyhow::Ok(Opened { people, records, random, now: SystemClock::new().now() })
    })?;
    Ok((runtime, opened))
}

impl Opened {
    pub(super) async fn close(&self) {
        self.people.vault().close().await;
        self.records.close().await;
    }
}

/// The right to read what is sealed, for a command that opens the folder itself.
#[expect(clippy::disallowed_methods, reason = "this is the wiring of a command that reads the records without a server")]
fn storage() -> StorageCapability {
    StorageCapability::issue()
}

/// Makes, lists or revokes tokens.
pub(super) async fn about_tokens(programs: &Programs, question: TokenQuestion, now: Timestamp) -> anyhow::Result<Vec<Answer>> {
    match question {
        TokenQuestion::New { name, scopes, expires } => {
            let scopes = match scopes.iter().map(|scope| scope.parse::<Scope>()).collect::<Result<Scopes, _>>() {
                Ok(scopes) => scopes,
                Err(error) => return Ok(vec![Answer::Bad(error.to_string())]),
            };
            let lives = match expires.as_deref().map(Span::parse).transpose() {
                Ok(lives) => lives,
                Err(error) => return Ok(vec![Answer::Bad(error.to_string())]),
            };
            match programs.issue(NewToken { name, scopes, lives }, now).await {
                Ok((secret, token)) => Ok(vec![Answer::NewToken(NewTokenRow { token: secret.text(), about: row(token, now) })]),
                Err(NewTokenError::Records(error)) => Err(error.into()),
                Err(why) => Ok(vec![Answer::Bad(why.to_string())]),
            }
        }
        TokenQuestion::List => {
            programs.write_used().await?;
            let mut answers: Vec<Answer> = programs.tokens().await?.into_iter().map(|token| Answer::Token(row(token, now))).collect();
            answers.push(Answer::Done(Missing::default()));
            Ok(answers)
        }
        TokenQuestion::Revoke { id } => match TokenId::parse(&id) {
            None => Ok(vec![Answer::Bad("a token's id has 32 hexadecimal digits; `candor token list` shows them".to_owned())]),
            Some(id) if programs.revoke(id).await? => Ok(vec![Answer::Done(Missing::default())]),
            Some(_) => Ok(vec![Answer::Refused("there is no such token".to_owned())]),
        },
    }
}

/// Shows whomever a text leads to, as far as the policy permits.
pub(super) async fn about_person(
    accounts: &Accounts,
    policy: &Policy,
    question: PersonQuestion,
    now: Timestamp,
) -> anyhow::Result<Vec<Answer>> {
    let reader = match Reader::new(policy, question.purpose.as_deref(), now) {
        Ok(reader) => reader,
        Err(why) => return Ok(vec![Answer::Bad(why.to_string())]),
    };
    let clue = match Clue::parse(&question.person) {
        Ok(clue) => clue,
        // A word that nobody can be called is a name that nobody has, and no bad question.
        Err(BadClue::Username) => return Ok(vec![Answer::Done(Missing::default())]),
        Err(why) => return Ok(vec![Answer::Bad(why.to_string())]),
    };
    let mut found = accounts.who(&clue, policy, now).await?;
    if let (Clue::Account(id), true) = (&clue, found.is_empty()) {
        // The numbers of accounts and of visitors look alike.
        found = accounts.who(&Clue::Visitor(VisitorId(id.0)), policy, now).await?;
    }
    let mut answers: Vec<Answer> = found.iter().map(|person| Answer::Person(reader.show(person))).collect();
    answers.push(Answer::Done(Missing::default()));
    Ok(answers)
}

fn row(token: ApiToken, now: Timestamp) -> TokenRow {
    TokenRow {
        id: token.id.to_hex(),
        name: token.name,
        scopes: token.scopes.split(' ').map(str::to_owned).collect(),
        made: token.made,
        expires: token.expires,
        over: token.expires.is_some_and(|expires| expires <= now),
        used: token.used,
    }
}
