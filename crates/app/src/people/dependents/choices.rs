//! What a guardian answers for a dependent, purpose by purpose, and what comes of it together with what the dependent answers. The guardian may say yes and no;
//! the dependent may say no, and take that back where the guardian says yes. What is marketing, or personalises, is asked of neither: it is off for minors.

use domain::{Answer, Basis, Choice, ChoiceAction, ChoiceMethod, ChoiceRecordId, Id};
use policy::cookie::{VerifiedAccount, refusable};
use policy::model::Purpose;
use policy::{Index, Policy};
use records::{ChoiceRow, EventId, RecordsError};

use super::Guarded;
use crate::choices::{Asked, Circumstances, basis, interface, is_opt_out, last_rows, latest, words};
use crate::people::Accounts;

/// A purpose that somebody has to answer about, as it stands for a dependent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurposeFor {
    pub purpose: Index<Purpose>,
    pub asking: Asking,
}

/// Whether it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Whatever anybody says, it is off for minors.
    OffForMinors,
    Asked {
        /// What the guardian said last, where it still counts.
        guardian: Option<Answer>,
        /// The dependent said no themselves.
        dependent_refuses: bool,
    },
}

/// What a guardian answers about one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerFor {
    pub purpose: Index<Purpose>,
    pub answer: Answer,
}

/// Whether minors are not asked about this, and it is off for them.
fn is_off_for_minors(purpose: &Purpose) -> bool {
    purpose.marketing || purpose.personalises
}

/// The last answers of whoever answers for somebody, and their own. Where nobody answers for them all are their own.
pub(crate) fn by_actor(rows: &[ChoiceRow]) -> (Vec<ChoiceRow>, Vec<ChoiceRow>) {
    rows.iter().cloned().partition(|row| row.method == ChoiceMethod::Guardian)
}

/// The last rows that say no, whoever said it: of two who answer for one person, neither overrules the no of the other.
pub(crate) fn refusing<'r>(guardians: &'r [ChoiceRow], own: &'r [ChoiceRow]) -> Vec<&'r ChoiceRow> {
    let last = [guardians, own].into_iter().flat_map(last_rows);
    last.filter(|row| row.action.answer() == Answer::No).collect()
}

/// What a dependent's browsers go by: what the guardian answered, and each no of their own that still stands.
pub(crate) fn in_force(policy: &Policy, rows: &[ChoiceRow]) -> Vec<Choice> {
    let (guardians, own) = by_actor(rows);
    let mut all = latest(policy, &own);
    all.retain(|choice| choice.answer == Answer::No);
    for choice in latest(policy, &guardians) {
        if all.iter().all(|known| known.purpose != choice.purpose) {
            all.push(choice);
        }
    }
    all.retain(|choice| choice.answer == Answer::No || is_asked(policy, &choice.purpose));
    all
}

/// What the guardian says yes to, in words that still mean the same.
fn permitted(policy: &Policy, guardians: &[ChoiceRow]) -> Vec<Id> {
    let still_counts = |choice: &Choice| {
        let purpose = policy.purpose_named(choice.purpose.as_str()).map(|index| policy.purpose(index));
        choice.answer == Answer::Yes
            && purpose.is_some_and(|purpose| choice.version >= purpose.material_since && !is_off_for_minors(purpose))
    };
    latest(policy, guardians).into_iter().filter(still_counts).map(|choice| choice.purpose).collect()
}

fn is_asked(policy: &Policy, id: &Id) -> bool {
    policy.purpose_named(id.as_str()).is_some_and(|index| refusable(policy).contains(index) && !is_off_for_minors(policy.purpose(index)))
}

impl Accounts {
    /// Everything that can be answered, as it stands for a dependent.
    pub async fn purposes_for(&self, guarded: &Guarded, policy: &Policy) -> Result<Vec<PurposeFor>, RecordsError> {
        let (guardians, own) = by_actor(&self.people.answers_of(guarded.id()).await?.rows);
        let permitted = permitted(policy, &guardians);
        let refused_by =
            |rows: &[ChoiceRow], id: &Id| last_rows(rows).iter().any(|row| row.purpose == *id && row.action.answer() == Answer::No);
        let asking = |purpose: Index<Purpose>| {
            let rule = policy.purpose(purpose);
            if is_off_for_minors(rule) {
                return PurposeFor { purpose, asking: Asking::OffForMinors };
            }
            let yes = permitted.contains(&rule.id).then_some(Answer::Yes);
            let guardian = if refused_by(&guardians, &rule.id) { Some(Answer::No) } else { yes };
            PurposeFor { purpose, asking: Asking::Asked { guardian, dependent_refuses: refused_by(&own, &rule.id) } }
        };
        Ok(refusable(policy).iter().map(asking).collect())
    }

    /// The rows of what a guardian answers, for whoever keeps them. What is not asked of a guardian, and what was said in the same words before, makes none.
    pub async fn rows_for(
        &self,
        guarded: &Guarded,
        policy: &Policy,
        answers: &[AnswerFor],
        language: &str,
        circumstances: Circumstances,
    ) -> Result<Vec<ChoiceRow>, RecordsError> {
        let (guardians, _) = by_actor(&self.people.answers_of(guarded.id()).await?.rows);
        let last = last_rows(&guardians);
        let earlier = |id: &Id| last.iter().find(|row| row.purpose == *id).copied();
        let is_new = |said: &&AnswerFor| {
            let id = &policy.purpose(said.purpose).id;
            let same = |row: &ChoiceRow| row.action.answer() == said.answer && row.policy_version == policy.version;
            is_asked(policy, id) && !earlier(id).is_some_and(same)
        };
        let new: Vec<&AnswerFor> = answers.iter().filter(is_new).collect();
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = ChoiceRecordId::random(&*self.random);
        let record = self.people.guardians_record(guarded.id(), wanted, circumstances.now).await?;
        let asked = Asked { method: ChoiceMethod::Guardian, language };
        let row = |said: &&AnswerFor| {
            let id = policy.purpose(said.purpose).id.clone();
            let said_yes = earlier(&id).is_some_and(|row| row.action.answer() == Answer::Yes);
            let words = words(policy, said.purpose, asked.language);
            ChoiceRow {
                id: EventId::random(&*self.random),
                record,
                account: Some(guarded.id()),
                action: action(policy, said, said_yes, circumstances),
                method: asked.method,
                basis: basis(policy, said.purpose),
                purpose: id,
                interface: interface(asked.method).to_owned(),
                language: words.language,
                words_hash: words.hash,
                policy_version: policy.version,
                policy_hash: policy.hash,
                region: circumstances.region,
                gpc: circumstances.gpc,
                at: circumstances.now,
            }
        };
        Ok(new.iter().map(row).collect())
    }

    /// Tells everybody who decides what a guardian just answered: a no counts in all browsers of the dependent from the next request on, before it is written
    /// down, too.
    pub fn tell_refused_for(&self, guarded: &Guarded, rows: &[ChoiceRow]) {
        let refused = rows.iter().filter(|row| row.action.answer() == Answer::No).map(|row| row.purpose.clone());
        self.endings.refused(guarded.id(), &refused.collect::<Vec<Id>>());
    }

    /// The same of what they said yes to, once it is written down, where the dependent does not say no.
    pub async fn tell_permitted_for(&self, guarded: &Guarded, rows: &[ChoiceRow]) -> Result<(), RecordsError> {
        let (guardians, own) = by_actor(&self.people.answers_of(guarded.id()).await?.rows);
        let refused = refusing(&guardians, &own);
        let given = rows.iter().filter(|row| row.action == ChoiceAction::Given).map(|row| row.purpose.clone());
        let permitted: Vec<Id> = given.filter(|id| refused.iter().all(|row| row.purpose != *id)).collect();
        self.endings.permitted(guarded.id(), &permitted);
        Ok(())
    }

    /// What a minor who is signed in may say yes to by themselves: what their guardian says yes to.
    pub async fn open_to_minor(&self, who: &VerifiedAccount, policy: &Policy) -> Result<Vec<Id>, RecordsError> {
        let (guardians, _) = by_actor(&self.people.answers_of(who.account()).await?.rows);
        Ok(permitted(policy, &guardians))
    }

    /// What a minor's browser goes by, as the records say.
    pub async fn in_force_for_minor(&self, who: &VerifiedAccount, policy: &Policy) -> Result<Vec<Choice>, RecordsError> {
        Ok(in_force(policy, &self.people.answers_of(who.account()).await?.rows))
    }
}

fn action(policy: &Policy, said: &AnswerFor, said_yes: bool, circumstances: Circumstances) -> ChoiceAction {
    match (said.answer, basis(policy, said.purpose)) {
        (Answer::Yes, _) => ChoiceAction::Given,
        (Answer::No, Basis::Consent) if said_yes => ChoiceAction::Withdrawn,
        (Answer::No, Basis::Consent) => ChoiceAction::Refused,
        (Answer::No, _) if is_opt_out(policy, said.purpose, circumstances) => ChoiceAction::OptedOut,
        (Answer::No, _) => ChoiceAction::Objected,
    }
}
