//! Everything that is held about somebody who has an account, in a form that programs read.

use std::fmt;

use domain::{ChoiceRecordId, Timestamp};
use policy::cookie::VerifiedAccount;
use policy::{Permit, Policy, account_permit};
use records::{Account, ChoiceRow, Dependent, RecordsError, Session};
use serde::Serialize;

use super::age::first_day;
use super::{Accounts, Holder, Identifier, Link};
use crate::choices::{Receipt, receipt};
use crate::held::{HeldVisits, SeenVisit};
use crate::publishing::Versions;

/// Everything but visits, which are in the log.
#[derive(Debug, Serialize)]
pub struct Export {
    pub format: &'static str,
    pub made: Timestamp,
    pub responsible: String,
    pub account: ExportedAccount,
    pub age: ExportedAge,
    pub sessions: Vec<ExportedSession>,
    pub passkeys: Vec<ExportedPasskey>,
    /// Browsers that are recognised, and known to be theirs because they signed in with them.
    pub browsers: Vec<ExportedBrowser>,
    /// What was agreed with them and is in force.
    pub agreements: Vec<ExportedAgreement>,
    /// Mailed links that still work.
    pub links: Vec<ExportedLink>,
    /// What is still to be done, letters first of all.
    pub waiting: Vec<ExportedJob>,
    pub choices: Vec<ExportedChoices>,
    /// Whose guardian they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guardian_of: Vec<ExportedDependent>,
    /// What is kept because a guardian registered them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependent: Option<ExportedGuardianship>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visits: Option<ExportedVisits>,
}

#[derive(Serialize)]
pub struct ExportedAccount {
    pub id: String,
    pub username: Option<String>,
    pub email: Option<String>,
    pub language: String,
    pub since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardian: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct ExportedAge {
    pub verdict: &'static str,
    pub method: String,
    pub at: Timestamp,
    pub policy_version: u32,
    pub words_sha256: String,
}

/// Somebody whose guardian they are. What is held about them is in an export of its own.
#[derive(Debug, Serialize)]
pub struct ExportedDependent {
    pub id: String,
    pub since: Timestamp,
}

/// What a guardian said, and when the account passes on.
#[derive(Debug, Serialize)]
pub struct ExportedGuardianship {
    pub said_at: Timestamp,
    pub policy_version: u32,
    pub words_sha256: String,
    pub confirmed: Option<Timestamp>,
    /// The first day of the quarter in which the account becomes theirs.
    pub passes_on: Option<String>,
    pub guardian_told: Option<Timestamp>,
    pub passed: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
pub struct ExportedSession {
    pub since: Timestamp,
    pub last_seen: Timestamp,
    pub proved: Timestamp,
    pub ends: Timestamp,
    pub method: &'static str,
    pub this_browser: bool,
}

#[derive(Debug, Serialize)]
pub struct ExportedPasskey {
    /// What they called it.
    pub name: String,
    pub made: Timestamp,
    pub last_used: Option<Timestamp>,
}

#[derive(Serialize)]
pub struct ExportedBrowser {
    /// The visitor's number.
    pub visitor: Option<String>,
    pub first_signed_in: Timestamp,
    pub last_signed_in: Timestamp,
    /// Somebody else signed in with it, too.
    pub shared: bool,
}

#[derive(Debug, Serialize)]
pub struct ExportedAgreement {
    pub name: String,
    pub since: Timestamp,
    pub until: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
pub struct ExportedLink {
    pub kind: String,
    pub made: Timestamp,
    pub expires: Timestamp,
}

#[derive(Debug, Serialize)]
pub struct ExportedJob {
    pub kind: String,
    pub made: Timestamp,
    pub due: Timestamp,
    pub given_up: bool,
}

/// The answers of one browser.
#[derive(Debug, Serialize)]
pub struct ExportedChoices {
    pub record: String,
    /// Since when the browser's answers are the account's.
    pub yours_since: Option<Timestamp>,
    pub receipt: Receipt,
}

#[derive(Debug, Serialize)]
pub struct ExportedVisits {
    pub visits: Vec<ExportedVisit>,
    /// The log could not keep up or is damaged, so some may be missing.
    pub may_miss_some: bool,
    /// Where the older ones are, if there are more.
    pub older: Option<String>,
}

#[derive(Serialize)]
pub struct ExportedVisit {
    pub time: Timestamp,
    pub method: Option<String>,
    pub path: Option<String>,
    pub status: Option<u16>,
    pub bytes: Option<u64>,
    pub duration_us: Option<u64>,
    pub ip: Option<String>,
    pub browser: Option<String>,
    pub referrer: Option<String>,
    pub purposes: String,
}

/// They are opened personal data, so debug output does not show them.
macro_rules! shows_nothing {
    ($($name:ident),*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })*
    };
}

shows_nothing!(ExportedAccount, ExportedBrowser, ExportedVisit);

const FORMAT: &str = "candor-account/1";

impl Accounts {
    /// Gathers everything that is held about somebody but their visits. `centre` is where people reach the privacy centre.
    pub async fn export(
        &self,
        holder: &Holder,
        who: &VerifiedAccount,
        (versions, policy): (&Versions, &Policy),
        centre: &str,
        now: Timestamp,
    ) -> Result<Export, RecordsError> {
        self.gather(&holder.account, Some(holder), who, (versions, policy), centre, now).await
    }

    /// The same of an account that may be looked at without a session of its own.
    pub(super) async fn gather(
        &self,
        of: &Account,
        holder: Option<&Holder>,
        who: &VerifiedAccount,
        (versions, policy): (&Versions, &Policy),
        centre: &str,
        now: Timestamp,
    ) -> Result<Export, RecordsError> {
        let id = of.id;
        let answers = self.people.answers_of(id).await?;
        let person = self.known(of.clone(), policy, now).await?;
        let mut records: Vec<(ChoiceRecordId, Option<Timestamp>)> =
            answers.records.iter().map(|(record, since)| (*record, Some(*since))).collect();
        for row in &answers.rows {
            if records.iter().all(|(known, _)| *known != row.record) {
                records.push((row.record, None));
            }
        }
        let choices = |(record, yours_since): &(ChoiceRecordId, Option<Timestamp>)| {
            let rows: Vec<ChoiceRow> = answers.rows.iter().filter(|row| row.record == *record).cloned().collect();
            let receipt = receipt(versions, policy, *record, &rows, centre);
            ExportedChoices { record: record.to_hex(), yours_since: *yours_since, receipt }
        };
        Ok(Export {
            format: FORMAT,
            made: now,
            responsible: policy.controller.clone(),
            account: account(of, &account_permit(who)),
            age: age(of),
            sessions: self.sessions(id, now).await?.iter().map(|session| exported(session, holder)).collect(),
            passkeys: self
                .people
                .passkeys_of(id)
                .await?
                .into_iter()
                .map(|passkey| ExportedPasskey { name: passkey.name.as_str().to_owned(), made: passkey.made, last_used: passkey.used })
                .collect(),
            browsers: person.links.iter().filter_map(|link| browser(link, &account_permit(who))).collect(),
            agreements: person
                .facts
                .agreements
                .into_iter()
                .map(|agreement| ExportedAgreement { name: agreement.name.to_string(), since: agreement.since, until: agreement.until })
                .collect(),
            links: self
                .people
                .links_of(id, now)
                .await?
                .into_iter()
                .map(|link| ExportedLink { kind: link.kind, made: link.made, expires: link.expires })
                .collect(),
            waiting: self
                .people
                .jobs_of(id)
                .await?
                .into_iter()
                .map(|job| ExportedJob { kind: job.kind, made: job.made, due: job.due, given_up: job.given_up })
                .collect(),
            choices: records.iter().map(choices).collect(),
            guardian_of: self
                .people
                .dependents_of(id)
                .await?
                .into_iter()
                .map(|dependent| ExportedDependent { id: dependent.account.id.to_hex(), since: dependent.account.made })
                .collect(),
            dependent: self.people.dependent(id).await?.as_ref().map(guardianship),
            visits: None,
        })
    }
}

impl ExportedVisits {
    /// `older` leads to those before a moment. Two visits may share a moment, so that the last of these may come again.
    pub fn of(held: HeldVisits, older: impl FnOnce(Timestamp) -> String) -> Self {
        let oldest = held.visits.last().map(|visit| visit.time).filter(|_| held.more);
        let oldest = oldest.map(|time| time.checked_add(jiff::SignedDuration::from_micros(1)).unwrap_or(time));
        Self { visits: held.visits.into_iter().map(visit).collect(), may_miss_some: held.may_miss_some, older: oldest.map(older) }
    }
}

fn account(account: &Account, permit: &Permit) -> ExportedAccount {
    ExportedAccount {
        id: account.id.to_hex(),
        username: account.username.open(permit).ok().cloned(),
        email: account.email.as_ref().and_then(|email| email.open(permit).ok().cloned()),
        language: account.language.clone(),
        since: account.made,
        guardian: account.guardian.map(|guardian| guardian.to_hex()),
    }
}

fn browser(link: &Link, permit: &Permit) -> Option<ExportedBrowser> {
    let Identifier::Visitor(visitor) = &link.identifier else {
        return None;
    };
    Some(ExportedBrowser {
        visitor: visitor.open(permit).ok().cloned(),
        first_signed_in: link.first,
        last_signed_in: link.last.unwrap_or(link.first),
        shared: link.shared,
    })
}

fn age(account: &Account) -> ExportedAge {
    let age = &account.age;
    ExportedAge {
        verdict: age.verdict.name(),
        method: age.method.clone(),
        at: age.at,
        policy_version: age.version.0,
        words_sha256: hexadecimal(&age.words_hash),
    }
}

fn guardianship(dependent: &Dependent) -> ExportedGuardianship {
    let said = &dependent.guardianship;
    ExportedGuardianship {
        said_at: said.at,
        policy_version: said.version.0,
        words_sha256: hexadecimal(&said.words_hash),
        confirmed: dependent.confirmed,
        passes_on: first_day(dependent.passes).map(|day| day.to_string()),
        guardian_told: dependent.told,
        passed: dependent.passed,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn exported(session: &Session, holder: Option<&Holder>) -> ExportedSession {
    ExportedSession {
        since: session.started,
        last_seen: session.seen,
        proved: session.proved,
        ends: session.ends,
        method: session.method.name(),
        this_browser: holder.is_some_and(|holder| session.id == holder.session.id),
    }
}

fn visit(visit: SeenVisit) -> ExportedVisit {
    ExportedVisit {
        time: visit.time,
        method: visit.method,
        path: visit.path,
        status: visit.status,
        bytes: visit.bytes,
        duration_us: visit.duration_us,
        ip: visit.ip.map(|ip| ip.to_string()),
        browser: visit.browser,
        referrer: visit.referrer,
        purposes: visit.purposes,
    }
}
