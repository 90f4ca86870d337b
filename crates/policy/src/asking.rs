//! Whom to ask, about what, and how soon again.

use domain::{Answer, Choice, Region, Timestamp};

use crate::cookie::{CookieState, Standing, purpose_of, refusable};
use crate::decide::{Ask, Consent, Facts, Person, Revocations, decide, opted_out_by_gpc};
use crate::model::{CookieHolds, Policy, Purpose};
use crate::plan::VisitPlan;
use crate::{Index, Set};

/// What is true of a request, whoever sent it.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// It said `Sec-GPC: 1`.
    pub gpc: bool,
    pub region: Region,
    pub now: Timestamp,
}

/// The purposes a page should ask about: a yes would permit them, something on this site's pages waits for it, and this browser was not asked lately.
pub fn due(policy: &Policy, cookie: &CookieState, plan: &VisitPlan, circumstances: Circumstances) -> Set<Purpose> {
    if purpose_of(policy, &CookieHolds::Choices).is_none() {
        return Set::EMPTY;
    }
    let open: Set<Purpose> = refusable(policy).iter().filter(|purpose| !plan.purposes.contains(*purpose)).collect();
    if open.is_empty() {
        return Set::EMPTY;
    }
    let signalled = if circumstances.gpc { opted_out_by_gpc(policy) } else { Set::EMPTY };
    let standing = cookie.standing(policy);
    open.iter()
        .filter(|purpose| !signalled.contains(*purpose))
        .filter(|purpose| concerns_pages(policy, *purpose))
        .filter(|purpose| is_time_to_ask(policy, answer_about(policy, cookie, *purpose), *purpose, circumstances.now))
        .filter(|purpose| would_be_permitted(policy, &standing, *purpose, circumstances))
        .collect()
}

/// Whether pages do anything for it: they set a cookie, load a resource, or use what a visit tells. Mail to an account's address is asked about where
/// people have an account.
fn concerns_pages(policy: &Policy, purpose: Index<Purpose>) -> bool {
    let of_visits = || policy.uses.iter().any(|rule| rule.purpose == purpose && !policy.of_visits(rule.data).is_empty());
    policy.cookies.iter().any(|cookie| cookie.purpose == purpose)
        || policy.resources.iter().any(|resource| resource.purpose == purpose)
        || of_visits()
}

fn answer_about<'c>(policy: &Policy, cookie: &'c CookieState, purpose: Index<Purpose>) -> Option<&'c Choice> {
    cookie.answer(&policy.purpose(purpose).id)
}

/// A yes that is refused was to other words. A no is left in peace: after an opt-out for its whole time, after any other until the words change.
fn is_time_to_ask(policy: &Policy, answer: Option<&Choice>, purpose: Index<Purpose>, now: Timestamp) -> bool {
    let Some(choice) = answer.filter(|choice| choice.answer == Answer::No) else {
        return true;
    };
    let defaults = &policy.choice_defaults;
    if choice.opted_out {
        return defaults.ask_again_after_opt_out.after(choice.at) <= now;
    }
    let was_to_older_words = choice.version < policy.purpose(purpose).material_since;
    was_to_older_words || defaults.ask_again.after(choice.at) <= now
}

/// Whether a yes said now is all that it lacks.
fn would_be_permitted(policy: &Policy, standing: &Standing, purpose: Index<Purpose>, circumstances: Circumstances) -> bool {
    let Circumstances { gpc, region, now } = circumstances;
    let mut refusals = standing.refusals;
    refusals.remove(purpose);
    let consents = [Consent { purpose, at: now, version: policy.version, gpc }];
    let person = Person { consents: &consents, refusals, ..Person::default() };
    let facts = |ask| Facts { ask, person: person.clone(), gpc, region, collected_under: None, case: false, at: now };
    let uses = (0..policy.uses.len()).map(Index::new).filter(|index| {
        let rule = policy.the_use(*index);
        rule.purpose == purpose && !rule.basis.needs_case()
    });
    let mut uses = uses.peekable();
    uses.peek().is_some() && uses.all(|index| decide(policy, &Revocations::default(), &facts(Ask::Use(index))).is_permitted())
}
