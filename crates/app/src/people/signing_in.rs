use domain::{AccountId, Age, Answer, Choice, ChoiceRecordId, Random, SessionId, Span, Timestamp};
use policy::Policy;
use policy::cookie::{ChoicesPart, CookieParts, CookieState, SignedIn, purpose_of, refusable};
use policy::model::CookieHolds;
use records::{Account, AccountState, Arrival, Arrived, ChoiceRow, Findable, NewLink, RecordsError, SignInMethod};

use super::age::CAME_OF_AGE;
use super::dependents::in_force;
use super::sessions::{SESSION_MAX, ticket};
use super::{Accounts, Token};
use crate::choices::{Circumstances, join, latest, purposes_in_force, to_the_second, without_refused_parts};
use crate::mail::Letter;

/// The kind of link that signs in.
const SIGN_IN: &str = "sign-in";

/// So long a mailed link signs in. No standard lets a secret that travels beside the browser live longer.
pub const SIGN_IN_LINK_LIVES: Span = Span::minutes(10);

/// So many links of an account sign in at a time, the newest: as many as can be mailed in the time they live, five that anybody asked for and five to prove it
/// (`rates.rs`). So nobody who knows an address voids the link that its owner is about to follow.
const SIGN_IN_LINKS_MAX: u32 = 10;

/// The browser of whoever signs in, as it came.
#[derive(Clone, Copy, Debug)]
pub struct Browser<'b> {
    pub policy: &'b Policy,
    pub cookie: &'b CookieState,
    pub circumstances: Circumstances,
}

impl Browser<'_> {
    pub(crate) const fn now(&self) -> Timestamp {
        self.circumstances.now
    }

    /// The session it has by now, which ends with the next one.
    fn session(&self) -> Option<SessionId> {
        match self.cookie.signed_in(self.now()) {
            SignedIn::Nobody => None,
            SignedIn::As(account) => Some(account.session()),
            SignedIn::Unsure(session) => Some(session),
        }
    }
}

/// Somebody on their way in: what is written down of it, and what the browser stands at where choices are kept.
pub(super) struct Arriving {
    pub(super) arrival: Arrival,
    own: Option<ChoicesPart>,
}

impl Accounts {
    /// Mails a link that signs in, if somebody open has this address. If nobody has, the same is written for nobody: the work is the same.
    pub async fn ask_to_sign_in(&self, email: &Findable, return_to: Option<String>, now: Timestamp) -> Result<(), RecordsError> {
        let known = self.people.owner_of_email(&email.compared).await?;
        let known = known.filter(|(_, state)| *state == AccountState::Open).map(|(id, _)| id);
        let nobody = AccountId::random(&*self.random);
        let owner = known.unwrap_or(nobody);
        let token = Token::random(&*self.random);
        let link = NewLink { id: token.link(), kind: SIGN_IN, owner, email: None, at: now, expires: SIGN_IN_LINK_LIVES.after(now) };
        let mail = Letter::SignIn { token: token.text(), return_to }.job(owner, &*self.random, now);
        match known {
            Some(_) => match self.people.make_link_beside(SIGN_IN_LINKS_MAX - 1, link, mail).await {
                // It was deleted in between.
                Err(RecordsError::NobodyThere) => Ok(()),
                made => made,
            },
            None => self.people.make_link_for_nobody(SIGN_IN_LINKS_MAX - 1, link, mail).await,
        }
    }

    /// Whether a link would sign in, without using it up.
    pub async fn can_sign_in(&self, token: &Token, now: Timestamp) -> Result<bool, RecordsError> {
        Ok(self.people.look_at_link(token.link(), SIGN_IN, now).await?.is_some())
    }

    /// Uses a link up, and the account's others with it, and signs in whoever followed it; none where it is old, was used, or is none of ours.
    pub async fn sign_in_by_link(&self, token: &Token, browser: Browser<'_>) -> Result<Option<CookieParts>, RecordsError> {
        let arriving = self.arriving(SignInMethod::Link, browser);
        match self.people.arrive_by_link(token.link(), SIGN_IN, arriving.arrival).await? {
            Some(arrived) => self.arrived(arriving, arrived, browser).await.map(Some),
            None => Ok(None),
        }
    }

    /// Signs in somebody who has just proved who they are, if their account is open: their choices and the browser's come together, and the session gets a new id. Returns what the
    /// browser's cookie holds from now on.
    pub async fn welcome(&self, account: AccountId, method: SignInMethod, browser: Browser<'_>) -> Result<CookieParts, RecordsError> {
        let arriving = self.arriving(method, browser);
        let arrived = self.people.arrive(account, arriving.arrival).await?;
        self.arrived(arriving, arrived, browser).await
    }

    /// What is written down when somebody signs in with this browser. From then on the browser's record belongs to the account, even where nothing was
    /// chosen yet, so that what is chosen next is the account's too.
    pub(super) fn arriving(&self, method: SignInMethod, browser: Browser<'_>) -> Arriving {
        let now = browser.now();
        let own = purpose_of(browser.policy, &CookieHolds::Choices).map(|_| choices_of(browser, &*self.random));
        let record = own.as_ref().map(|own| (own.record, ChoiceRecordId::random(&*self.random)));
        let session = SessionId::random(&*self.random);
        let arrival = Arrival { session, method, at: now, ends: SESSION_MAX.after(now), instead_of: browser.session(), record };
        Arriving { arrival, own }
    }

    /// Ends what the new session ends, and returns what the browser's cookie holds from now on.
    pub(super) async fn arrived(&self, arriving: Arriving, arrived: Arrived, browser: Browser<'_>) -> Result<CookieParts, RecordsError> {
        let Arriving { arrival, own } = arriving;
        for old in arrived.ended.iter().copied().chain(arrival.instead_of) {
            self.endings.session(old);
        }
        let account = &arrived.account;
        let mut parts = browser.cookie.parts().cloned().unwrap_or_default();
        parts.choices = own.map(|own| joined_choices((own, arrival), &arrived, browser.policy));
        let mut parts = without_refused_parts(browser.policy, parts, browser.circumstances);
        let facts = self.facts_of(account, browser.now()).await?;
        parts.session = Some(ticket(account, &arrived.session, &facts, browser.now()));
        self.note_browser(account.id, &parts, browser).await?;
        Ok(parts)
    }

    /// Notes that this browser's visitor is whoever signed in, as long as the policy permits to recognise visitors, and them among them.
    async fn note_browser(&self, account: AccountId, parts: &CookieParts, browser: Browser<'_>) -> Result<(), RecordsError> {
        let Browser { policy, circumstances, .. } = browser;
        let declared = policy.cookies.iter().find(|cookie| cookie.holds == CookieHolds::Visitor);
        let Some((visitor, cookie)) = parts.visitor.as_ref().zip(declared) else {
            return Ok(());
        };
        if !purposes_in_force(policy, &parts.standing(policy), circumstances).contains(cookie.purpose) {
            return Ok(());
        }
        self.people.note_visitor(account, visitor.id, circumstances.now, cookie.keep.after(visitor.since)).await
    }

    /// Ends the session of a browser, and returns what its cookie holds from now on: the choices stay, because a no does.
    pub async fn say_goodbye(&self, browser: Browser<'_>) -> Result<CookieParts, RecordsError> {
        if let Some(session) = browser.session() {
            self.sign_out(session).await?;
        }
        let mut parts = browser.cookie.parts().cloned().unwrap_or_default();
        parts.session = None;
        Ok(parts)
    }
}

/// What holds of the browser's choices and the account's.
fn joined_choices(browser: (ChoicesPart, Arrival), arrived: &Arrived, policy: &Policy) -> ChoicesPart {
    let (mut own, arrival) = browser;
    let account = &arrived.account;
    own.choices.retain(|choice| choice.answer == Answer::No || may_have_said_yes(account, choice));
    if arrived.is_bound_elsewhere {
        // Somebody else signed in with this browser before. Their yes is not this person's; a no is kept, whoever said it.
        own.choices.retain(|choice| choice.answer == Answer::No);
        own.record = arrival.record.map_or(own.record, |(_, instead)| instead);
    }
    let Some(sides) = &arrived.sides else { return own };
    if account.age.verdict == Age::Minor {
        let all = [&*sides.account, &*sides.browser].concat();
        return join(&own, &in_force(policy, &all));
    }
    let others = by_record(policy, &sides.account);
    others.iter().fold(own, |joined, other| join(&joined, other))
}

/// A minor says yes to nothing by themselves, and whoever came of age did not before.
fn may_have_said_yes(account: &Account, choice: &Choice) -> bool {
    match account.age.verdict {
        Age::Minor => false,
        Age::Adult | Age::Unknown => account.age.method != CAME_OF_AGE || choice.at > account.age.at,
    }
}

/// What each of an account's other browsers stands at. They are joined one by one: taken together, a later yes in one would hide the no in another.
fn by_record(policy: &Policy, rows: &[ChoiceRow]) -> Vec<Vec<Choice>> {
    let mut records: Vec<(ChoiceRecordId, Vec<ChoiceRow>)> = Vec::new();
    for row in rows {
        match records.iter_mut().find(|(record, _)| *record == row.record) {
            Some((_, known)) => known.push(row.clone()),
            None => records.push((row.record, vec![row.clone()])),
        }
    }
    records.iter().map(|(_, rows)| latest(policy, rows)).collect()
}

/// What the browser stands at. What cannot be believed refuses all that can be refused.
fn choices_of(browser: Browser<'_>, random: &dyn Random) -> ChoicesPart {
    let now = to_the_second(browser.now());
    let none = || ChoicesPart { record: ChoiceRecordId::random(random), made: now, choices: Vec::new() };
    match browser.cookie {
        CookieState::Verified(parts) => parts.choices.clone().unwrap_or_else(none),
        CookieState::Absent => none(),
        CookieState::Unverified(_) => ChoicesPart { choices: all_refused(browser, now), ..none() },
    }
}

fn all_refused(browser: Browser<'_>, at: Timestamp) -> Vec<Choice> {
    let policy = browser.policy;
    let refused = |purpose| Choice {
        purpose: policy.purpose(purpose).id.clone(),
        answer: Answer::No,
        at,
        version: policy.version,
        gpc: browser.circumstances.gpc,
        opted_out: false,
    };
    refusable(policy).iter().map(refused).collect()
}
