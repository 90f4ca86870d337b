use domain::{Age, Answer, Basis, Choice, Timestamp, Translated};
use policy::cookie::{CookieState, SignedIn, Standing, refusable};
use policy::model::{Purpose, Use};
use policy::{Ask, Code, Facts, Index, Person, Policy, Revocations, Set, VisitFacts, decide, plan_visit};

use super::Circumstances;

/// One purpose as it stands for one visitor.
#[derive(Clone, Debug)]
pub struct PurposeState<'p> {
    pub index: Index<Purpose>,
    pub purpose: &'p Purpose,
    pub on: bool,
    pub because: Because<'p>,
    /// Whether it is the visitor's to answer.
    pub is_choice: bool,
    /// The answer to show as chosen: a no, or a yes that still counts.
    pub answer: Option<Answer>,
    /// The declared uses for this purpose, in order.
    pub uses: Vec<&'p Use>,
}

/// Why a purpose is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because<'p> {
    SaidYes(Timestamp),
    /// Nobody was asked first where the visitor is; a no ends it.
    OnUntilRefused,
    /// It stands against an objection, for this reason.
    Compelling(&'p Translated),
    Contract,
    SaidNo(Timestamp),
    /// The cookie that should hold the choices cannot be believed, so everything is refused.
    ChoicesUnreadable,
    NotAnswered,
    /// The yes was to words that have materially changed.
    ChangedSince(Timestamp),
    GlobalPrivacyControl,
    /// The browser's signal opted out of it then; nobody on this site said no.
    Signalled(Timestamp),
    NeedsAccount,
    NeedsAgreement,
    /// It happens in single cases only, which somebody has to name.
    OnlyInCases,
    Minor,
    /// A promise of the policy, or a state of the person's data, stands against it.
    Forbidden,
}

/// Every purpose of the policy, in its order.
pub fn states<'p>(policy: &'p Policy, cookie: &CookieState, circumstances: Circumstances) -> Vec<PurposeState<'p>> {
    let choosable = refusable(policy);
    (0..policy.purposes.len())
        .map(Index::new)
        .map(|index| {
            let is_choice = choosable.contains(index);
            let choice = choice_about(policy, cookie, index);
            let (on, because) = standing(policy, cookie, circumstances, index, choice);
            // What is off for minors is no matter of choice for them.
            let is_choice = is_choice && because != Because::Minor;
            let answer = match choice.map(|choice| choice.answer) {
                Some(Answer::No) => Some(Answer::No),
                Some(Answer::Yes) if on => Some(Answer::Yes),
                _ if because == Because::ChoicesUnreadable => Some(Answer::No),
                _ => None,
            };
            let uses = policy.uses.iter().filter(|rule| rule.purpose == index).collect();
            PurposeState { index, purpose: policy.purpose(index), on, because, is_choice, answer: answer.filter(|_| is_choice), uses }
        })
        .collect()
}

/// The purposes that are permitted to a visitor without an account.
pub fn purposes_in_force(policy: &Policy, standing: &Standing, circumstances: Circumstances) -> Set<Purpose> {
    let person = Person { consents: &standing.consents, refusals: standing.refusals, ..Person::default() };
    let facts = VisitFacts { person, gpc: circumstances.gpc, region: circumstances.region, at: circumstances.now };
    plan_visit(policy, &Revocations::default(), &facts).purposes
}

fn choice_about<'c>(policy: &Policy, cookie: &'c CookieState, index: Index<Purpose>) -> Option<&'c Choice> {
    cookie.answer(&policy.purpose(index).id)
}

fn signalled_about<'c>(policy: &Policy, cookie: &'c CookieState, index: Index<Purpose>) -> Option<&'c Choice> {
    cookie.parts()?.signalled(&policy.purpose(index).id)
}

fn standing<'p>(
    policy: &'p Policy,
    cookie: &CookieState,
    circumstances: Circumstances,
    index: Index<Purpose>,
    choice: Option<&Choice>,
) -> (bool, Because<'p>) {
    let outside_cases: Vec<Index<Use>> = (0..policy.uses.len())
        .map(Index::new)
        .filter(|at| policy.the_use(*at).purpose == index && !policy.the_use(*at).basis.needs_case())
        .collect();
    if outside_cases.is_empty() {
        return (false, Because::OnlyInCases);
    }
    let standing = cookie.standing(policy);
    let refusal = outside_cases.iter().find_map(|rule| {
        let facts = Facts {
            ask: Ask::Use(*rule),
            person: Person {
                age: age(cookie, circumstances),
                consents: &standing.consents,
                refusals: standing.refusals,
                ..Person::default()
            },
            gpc: circumstances.gpc,
            region: circumstances.region,
            collected_under: None,
            case: false,
            at: circumstances.now,
        };
        let decision = decide(policy, &Revocations::default(), &facts);
        (!decision.is_permitted()).then_some(decision.code)
    });
    match refusal {
        Some(code) => match (why_off(code, choice), signalled_about(policy, cookie, index)) {
            (Because::SaidNo(_), Some(signalled)) => (false, Because::Signalled(signalled.at)),
            (because, _) => (false, because),
        },
        None => (true, why_on(policy, index, choice)),
    }
}

/// What is known of the age of whoever is signed in.
fn age(cookie: &CookieState, circumstances: Circumstances) -> Age {
    match cookie.signed_in(circumstances.now) {
        SignedIn::As(account) => account.age(),
        SignedIn::Nobody | SignedIn::Unsure(_) => Age::Unknown,
    }
}

fn why_off(code: Code, choice: Option<&Choice>) -> Because<'static> {
    match (code, choice) {
        (Code::GlobalPrivacyControl, _) => Because::GlobalPrivacyControl,
        (Code::ConsentRefused | Code::Objected | Code::OptedOut, Some(choice)) => Because::SaidNo(choice.at),
        (Code::ConsentRefused | Code::Objected | Code::OptedOut, None) => Because::ChoicesUnreadable,
        (Code::ConsentOutdated, Some(choice)) => Because::ChangedSince(choice.at),
        (Code::ChoiceUnmade, Some(choice)) if choice.answer == Answer::Yes => Because::ChangedSince(choice.at),
        (Code::ConsentMissing | Code::ConsentOutdated | Code::ChoiceUnmade | Code::OlderData, _) => Because::NotAnswered,
        (Code::NotRegistered | Code::AccountClosed, _) => Because::NeedsAccount,
        (Code::AgreementMissing, _) => Because::NeedsAgreement,
        (Code::CaseMissing, _) => Because::OnlyInCases,
        (Code::Minor, _) => Because::Minor,
        (Code::Permitted | Code::NoSuchUse | Code::Never | Code::Restricted, _) => Because::Forbidden,
    }
}

fn why_on<'p>(policy: &'p Policy, index: Index<Purpose>, choice: Option<&Choice>) -> Because<'p> {
    let purpose = policy.purpose(index);
    let on_interests = policy.uses.iter().any(|rule| rule.purpose == index && rule.basis == Basis::LegitimateInterests);
    match (choice, &purpose.compelling) {
        (Some(choice), _) if choice.answer == Answer::Yes => Because::SaidYes(choice.at),
        (_, Some(reason)) if on_interests && !purpose.marketing => Because::Compelling(reason),
        _ if on_interests => Because::OnUntilRefused,
        _ => Because::Contract,
    }
}
