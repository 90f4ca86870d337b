//! What somebody answered in one browser, or their guardian for them, for their other browsers: a no anywhere is a no everywhere.

use domain::{AccountId, Answer, Choice, Id};
use policy::Policy;
use policy::cookie::purpose_of;
use policy::model::CookieHolds;
use records::RecordsError;

use super::Accounts;
use super::dependents::{by_actor, refusing};
use crate::choices::{Event, latest};

impl Accounts {
    /// What somebody's last answer, in whichever browser they gave it, is no to.
    pub async fn refusals(&self, account: AccountId, policy: &Policy) -> Result<Vec<Choice>, RecordsError> {
        let (guardians, own) = by_actor(&self.people.answers_of(account).await?.rows);
        let mut last = latest(policy, &own);
        last.extend(latest(policy, &guardians));
        last.retain(|choice| choice.answer == Answer::No);
        Ok(last)
    }

    /// Tells everybody who decides what somebody just answered: each no counts in all their browsers from the next request on.
    pub fn tell_answers(&self, account: AccountId, policy: &Policy, events: &[Event]) {
        let about = |answer: Answer| -> Vec<Id> {
            let answered = events.iter().filter(|event| event.action.answer() == answer);
            answered.map(|event| policy.purpose(event.purpose).id.clone()).collect()
        };
        self.endings.refused(account, &about(Answer::No));
        self.endings.permitted(account, &about(Answer::Yes));
        let recognition = purpose_of(policy, &CookieHolds::Visitor);
        if events.iter().any(|event| event.action.answer() == Answer::No && Some(event.purpose) == recognition) {
            self.unrecognised.lock().insert(account);
        }
    }

    /// The same of what they refuse, as the records say: whoever decides may have been started since.
    pub(super) async fn tell_refusals(&self, account: AccountId) -> Result<(), RecordsError> {
        let (guardians, own) = by_actor(&self.people.answers_of(account).await?.rows);
        let last = refusing(&guardians, &own);
        self.endings.refused(account, &last.iter().map(|row| row.purpose.clone()).collect::<Vec<Id>>());
        Ok(())
    }
}
