use std::sync::Arc;

use domain::{AccountId, CaseId, OperatorId, Timestamp};

use super::reporting::subject;
use super::{About, Case, CaseEvent, CaseState, add_deletion, add_event, find, grounds};
use crate::bytes::bytes;
use crate::people::account::close;
use crate::people::job::insert_job;
use crate::people::{NewJob, People};
use crate::{RecordsError, Vault, Work};

/// Who decides what about which case, and when.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    pub case: CaseId,
    pub by: OperatorId,
    pub at: Timestamp,
    /// By when what follows is to be done.
    pub due: Timestamp,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    Done,
    /// There is no such case.
    NoCase,
    /// The case is past that, or it is not known which account it is about.
    NotNow,
}

/// What confirming did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Nobody is signed in to this account any more.
    Closed(AccountId),
    Not(Decided),
}

/// What naming the account did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Named,
    /// There is no such account.
    Nobody,
    /// Another case is about it already.
    InCase(CaseId),
    Not(Decided),
}

impl People {
    /// Says which account a case is about that nobody knew it of.
    pub async fn name_subject(&self, decision: Decision, about: About) -> Result<Named, RecordsError> {
        let about = Arc::new(about);
        self.decide(move |work, vault| {
            let about = Arc::clone(&about);
            Box::pin(async move { name(work, &vault, decision, &about).await })
        })
        .await
    }

    /// Notes that the account's address is asked, and keeps the letter that asks, both or neither.
    pub async fn ask_subject(&self, decision: Decision, letter: NewJob) -> Result<Decided, RecordsError> {
        let Some(letter) = self.sealed_for_owner(Some(letter)).await? else { return Ok(Decided::NotNow) };
        let letter = Arc::new(letter);
        let asked = self
            .decide(move |work, vault| {
                let letter = Arc::clone(&letter);
                Box::pin(async move {
                    let case = match find(work, decision.case).await? {
                        None => return Ok(Decided::NoCase),
                        Some(case) if !case.state.is_undecided() || case.subject != letter.owner => return Ok(Decided::NotNow),
                        Some(case) => case,
                    };
                    set(work, &case, CaseState::Asked, decision.due).await?;
                    insert_job(work, &letter).await?;
                    add_event(work, case.id, CaseEvent::Asked, Some(decision.by), decision.at, vault.random()).await?;
                    Ok(Decided::Done)
                })
            })
            .await;
        self.tell_of_job();
        asked
    }

    /// Notes that an answer came. What it said is for whoever decides.
    pub async fn note_answer(&self, decision: Decision) -> Result<Decided, RecordsError> {
        self.decide(move |work, vault| {
            Box::pin(async move {
                match find(work, decision.case).await? {
                    None => Ok(Decided::NoCase),
                    Some(case) if case.state != CaseState::Asked => Ok(Decided::NotNow),
                    Some(case) => {
                        add_event(work, case.id, CaseEvent::Answered, Some(decision.by), decision.at, vault.random()).await?;
                        Ok(Decided::Done)
                    }
                }
            })
        })
        .await
    }

    /// Ends a case without doing anything to the account, for a reason of a list, and keeps the letter that tells somebody of it, both or neither.
    pub async fn dismiss_case(&self, decision: Decision, reason: &'static str, letter: Option<NewJob>) -> Result<Decided, RecordsError> {
        let letter = Arc::new(self.sealed_for_owner(letter).await?);
        let dismissed = self
            .decide(move |work, vault| {
                let letter = Arc::clone(&letter);
                Box::pin(async move {
                    let case = match find(work, decision.case).await? {
                        None => return Ok(Decided::NoCase),
                        Some(case) if !case.state.is_undecided() => return Ok(Decided::NotNow),
                        Some(case) => case,
                    };
                    end_without_effect(work, &case, decision, reason).await?;
                    if let Some(letter) = &*letter {
                        insert_job(work, letter).await?;
                    }
                    add_event(work, case.id, CaseEvent::Dismissed, Some(decision.by), decision.at, vault.random()).await?;
                    Ok(Decided::Done)
                })
            })
            .await;
        self.tell_of_job();
        dismissed
    }

    /// Confirms a case: in the same moment the account is closed, everybody is signed out of it, and nothing that waited for it is done but this letter.
    /// What was dismissed by mistake can be confirmed, too.
    pub async fn confirm_case(&self, decision: Decision, letter: Option<NewJob>) -> Result<Confirmation, RecordsError> {
        let letter = Arc::new(self.sealed_for_owner(letter).await?);
        let confirmed = self
            .decide(move |work, vault| {
                let letter = Arc::clone(&letter);
                Box::pin(async move { confirm(work, &vault, decision, (*letter).as_ref()).await })
            })
            .await;
        self.tell_of_job();
        confirmed
    }

    /// A letter under its owner's key; none where there is nobody any more.
    async fn sealed_for_owner(&self, letter: Option<NewJob>) -> Result<Option<NewJob>, RecordsError> {
        let Some((letter, owner)) = letter.and_then(|letter| letter.owner.map(|owner| (letter, owner))) else { return Ok(None) };
        Ok(self.vault.find(owner).await?.map(|key| letter.sealed(self, &key)))
    }

    async fn decide<T: Send + 'static>(
        &self,
        decide: impl for<'w> Fn(&'w mut Work, Vault) -> crate::Done<'w, T> + Send + Sync + 'static,
    ) -> Result<T, RecordsError> {
        let (records, vault) = (self.records.clone(), self.vault.clone());
        self.records.at_home(async move { records.transact(move |work| decide(work, vault.clone())).await }).await
    }
}

async fn confirm(work: &mut Work, vault: &Vault, decision: Decision, letter: Option<&NewJob>) -> Result<Confirmation, RecordsError> {
    let case = match find(work, decision.case).await? {
        None => return Ok(Confirmation::Not(Decided::NoCase)),
        Some(case) if matches!(case.state, CaseState::Confirmed | CaseState::Done) => return Ok(Confirmation::Not(Decided::NotNow)),
        Some(case) => case,
    };
    let Some(subject) = case.subject else { return Ok(Confirmation::Not(Decided::NotNow)) };
    sqlx::query(
        "UPDATE cases SET state = 'confirmed', decided_at = $1, decided_by = $2, reason = NULL, due_at = $3, ended_at = NULL WHERE id = $4",
    )
    .bind(decision.at.as_microsecond())
    .bind(decision.by.0.to_vec())
    .bind(decision.due.as_microsecond())
    .bind(case.id.0.to_vec())
    .execute(&mut **work)
    .await?;
    add_event(work, case.id, CaseEvent::Confirmed, Some(decision.by), decision.at, vault.random()).await?;
    for (what, sql) in [
        ("sessions", "SELECT COUNT(*) AS number FROM sessions WHERE account = $1"),
        ("links", "SELECT COUNT(*) AS number FROM links WHERE owner = $1"),
        ("letters", "SELECT COUNT(*) AS number FROM jobs WHERE owner = $1"),
    ] {
        let row = sqlx::query(sql).bind(subject.0.to_vec()).fetch_one(&mut **work).await?;
        let number: i64 = sqlx::Row::try_get(&row, "number")?;
        add_deletion(work, case.id, what, number.unsigned_abs(), decision.at).await?;
    }
    // Whoever closed it themselves before has had a letter.
    if !close(work, subject, decision.at).await?.is_empty()
        && let Some(letter) = letter
    {
        insert_job(work, letter).await?;
    }
    add_event(work, case.id, CaseEvent::Deactivated, None, decision.at, vault.random()).await?;
    Ok(Confirmation::Closed(subject))
}

async fn name(work: &mut Work, vault: &Vault, decision: Decision, about: &About) -> Result<Named, RecordsError> {
    let case = match find(work, decision.case).await? {
        None => return Ok(Named::Not(Decided::NoCase)),
        Some(case) if !case.state.is_undecided() || case.subject.is_some() => return Ok(Named::Not(Decided::NotNow)),
        Some(case) => case,
    };
    let (found, written) = subject(work, about, vault).await?;
    let Some(found) = found else { return Ok(Named::Nobody) };
    let grounds = grounds(vault, Some(found), written);
    let other = sqlx::query("SELECT id FROM cases WHERE grounds = $1 AND ended_at IS NULL").bind(grounds.to_vec());
    if let Some(row) = other.fetch_optional(&mut **work).await? {
        return Ok(Named::InCase(CaseId(bytes(&row, "id")?)));
    }
    sqlx::query("UPDATE cases SET subject = $1, grounds = $2 WHERE id = $3")
        .bind(found.0.to_vec())
        .bind(grounds.to_vec())
        .bind(case.id.0.to_vec())
        .execute(&mut **work)
        .await?;
    add_event(work, case.id, CaseEvent::Named, Some(decision.by), decision.at, vault.random()).await?;
    Ok(Named::Named)
}

async fn set(work: &mut Work, case: &Case, state: CaseState, due: Timestamp) -> Result<(), RecordsError> {
    sqlx::query("UPDATE cases SET state = $1, due_at = $2 WHERE id = $3")
        .bind(state.name())
        .bind(due.as_microsecond())
        .bind(case.id.0.to_vec())
        .execute(&mut **work)
        .await?;
    Ok(())
}

/// What limited the reports is of no use any more.
async fn end_without_effect(work: &mut Work, case: &Case, decision: Decision, reason: &'static str) -> Result<(), RecordsError> {
    sqlx::query("UPDATE cases SET state = 'dismissed', decided_at = $1, decided_by = $2, reason = $3, ended_at = $1 WHERE id = $4")
        .bind(decision.at.as_microsecond())
        .bind(decision.by.0.to_vec())
        .bind(reason)
        .bind(case.id.0.to_vec())
        .execute(&mut **work)
        .await?;
    sqlx::query("UPDATE case_reports SET reporter = NULL WHERE in_case = $1").bind(case.id.0.to_vec()).execute(&mut **work).await?;
    Ok(())
}
