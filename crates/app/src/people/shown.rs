//! What an operator or a program gets to see of somebody: each personal value goes through a decision of its own, for the purpose that was named.

use std::collections::BTreeMap;
use std::fmt;

use domain::{Age, Answer, Basis, Choice, Field, Id, Region, Timestamp, Version};
use policy::model::{Purpose, Use};
use policy::{Ask, Code, Consent, Facts, Index, Permit, Policy, Revocations, Set, decide};
use serde::{Deserialize, Serialize};

use super::{Identifier, KnownPerson, Link};

/// Whoever reads, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'p> {
    policy: &'p Policy,
    purpose: Index<Purpose>,
    now: Timestamp,
}

/// Why nobody is shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    #[error("the policy has no purpose `{0}`; it has {1}")]
    NoSuchPurpose(String, String),
    #[error("no use of the policy runs accounts, so name a purpose; it has {0}")]
    NameOne(String),
}

/// Somebody, as far as the policy permits. A value that it does not permit is null, and `withheld` says why.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownPerson {
    pub id: String,
    /// `open` or `closed`.
    pub state: String,
    pub email: Option<String>,
    pub username: Option<String>,
    pub language: String,
    pub since: Timestamp,
    pub closed: Option<Timestamp>,
    /// What this is shown for.
    pub purpose: String,
    pub withheld: Vec<Withheld>,
    pub facts: ShownFacts,
    pub links: Vec<ShownLink>,
}

/// A kind of value that is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    pub field: String,
    /// The code of the decision.
    pub code: String,
}

/// What decisions about them rest on, in the form in which `person` is given to one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownFacts {
    pub age: Age,
    pub registered: bool,
    pub closed: bool,
    pub consents: BTreeMap<String, ShownAnswer>,
    pub refusals: Vec<String>,
    pub agreements: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownAnswer {
    pub at: Timestamp,
    pub version: Version,
    pub gpc: bool,
}

/// One thing that is this person, and how that is known.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownLink {
    /// `account`, `email`, `username`, `visitor` or `record`.
    pub kind: String,
    pub value: Option<String>,
    pub known: String,
    pub first: Timestamp,
    pub last: Option<Timestamp>,
    pub shared: bool,
}

/// It is opened personal data, so debug output does not show it.
impl fmt::Debug for ShownPerson {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ShownPerson").finish_non_exhaustive()
    }
}

impl fmt::Debug for ShownLink {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ShownLink").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl<'p> Reader<'p> {
    /// For a purpose of the policy; none is the one that accounts are run for.
    pub fn new(policy: &'p Policy, purpose: Option<&str>, now: Timestamp) -> Result<Self, NotShown> {
        let names = || policy.purposes.iter().map(|purpose| format!("`{}`", purpose.id)).collect::<Vec<_>>().join(", ");
        let purpose = match purpose {
            Some(name) => policy.purpose_named(name).ok_or_else(|| NotShown::NoSuchPurpose(name.chars().take(100).collect(), names()))?,
            None => runs_accounts(policy).ok_or_else(|| NotShown::NameOne(names()))?,
        };
        Ok(Self { policy, purpose, now })
    }

    /// Somebody as far as the policy permits it for this reader's purpose.
    pub fn show(&self, person: &KnownPerson) -> ShownPerson {
        let fields = [Field::AccountEmail, Field::AccountUsername, Field::VisitVisitor];
        let [email, username, visitor] = fields.map(|field| self.permit(field, person));
        let permits = Permits { email: &email, username: &username, visitor: &visitor };
        let is_there = |field: Field| person.links.iter().any(|link| field_of(&link.identifier) == Some(field));
        let withheld = fields.iter().zip([&email, &username, &visitor]).filter(|(field, _)| is_there(**field));
        let withheld = withheld.filter_map(|(field, permit)| {
            let code = permit.as_ref().err()?.name().to_owned();
            Some(Withheld { field: field.name().to_owned(), code })
        });
        let account = &person.account;
        ShownPerson {
            id: account.id.to_hex(),
            state: account.state.name().to_owned(),
            email: account.email.as_ref().and_then(|email| email.open(permits.email.as_ref().ok()?).ok().cloned()),
            username: username.as_ref().ok().and_then(|permit| account.username.open(permit).ok().cloned()),
            language: account.language.clone(),
            since: account.made,
            closed: account.closed,
            purpose: self.policy.purpose(self.purpose).id.to_string(),
            withheld: withheld.collect(),
            facts: facts(person, self.policy),
            links: person.links.iter().map(|link| permits.shown(link)).collect(),
        }
    }

    /// The permit to see one field of somebody, or the code of the decision that refuses it.
    fn permit(&self, field: Field, person: &KnownPerson) -> Result<Permit, Code> {
        let declared = self.policy.fields.iter().position(|known| known.reserved == Some(field)).map(Index::new);
        let (consents, refusals) = answers(&person.answers, self.policy);
        let mut about = person.facts.person(self.policy, self.now);
        about.refusals = refusals;
        let facts = Facts {
            ask: Ask::Terms {
                data: declared.into_iter().collect(),
                purpose: Some(self.purpose),
                recipient: None,
                act: domain::Act::Process,
            },
            person: policy::Person { consents: &consents, ..about },
            gpc: false,
            region: Region::UNKNOWN,
            collected_under: None,
            case: false,
            at: self.now,
        };
        let decision = decide(self.policy, &Revocations::default(), &facts);
        let code = decision.code;
        decision.into_permit().ok_or(code)
    }
}

/// The permits for each kind of value.
struct Permits<'a> {
    email: &'a Result<Permit, Code>,
    username: &'a Result<Permit, Code>,
    visitor: &'a Result<Permit, Code>,
}

impl Permits<'_> {
    fn shown(&self, link: &Link) -> ShownLink {
        let opened = |value: &policy::Sealed<String>, permit: &Result<Permit, Code>| value.open(permit.as_ref().ok()?).ok().cloned();
        let value = match &link.identifier {
            Identifier::Account(id) => Some(id.to_hex()),
            Identifier::Record(id) => Some(id.to_hex()),
            Identifier::Email(email) => opened(email, self.email),
            Identifier::Username(username) => opened(username, self.username),
            Identifier::Visitor(visitor) => opened(visitor, self.visitor),
        };
        ShownLink {
            kind: link.identifier.kind().to_owned(),
            value,
            known: link.evidence.name().to_owned(),
            first: link.first,
            last: link.last,
            shared: link.shared,
        }
    }
}

const fn field_of(identifier: &Identifier) -> Option<Field> {
    match identifier {
        Identifier::Account(_) | Identifier::Record(_) => None,
        Identifier::Email(_) => Some(Field::AccountEmail),
        Identifier::Username(_) => Some(Field::AccountUsername),
        Identifier::Visitor(_) => Some(Field::VisitVisitor),
    }
}

/// The purpose of the first use of account data for ourselves that rests on the contract of the account.
fn runs_accounts(policy: &Policy) -> Option<Index<Purpose>> {
    let of_account = |rule: &Use| rule.data.iter().any(|field| policy.field(field).data == *"account");
    let runs = |rule: &&Use| rule.basis == Basis::Contract && rule.agreement.is_none() && rule.for_us && of_account(rule);
    policy.uses.iter().find(runs).map(|rule| rule.purpose)
}

fn answers(choices: &[Choice], policy: &Policy) -> (Vec<Consent>, Set<Purpose>) {
    let known = |choice: &Choice| policy.purpose_named(choice.purpose.as_str());
    let yes = choices.iter().filter(|choice| choice.answer == Answer::Yes);
    let no = choices.iter().filter(|choice| choice.answer == Answer::No);
    let consents = yes.filter_map(|choice| {
        let Choice { at, version, gpc, .. } = *choice;
        Some(Consent { purpose: known(choice)?, at, version, gpc })
    });
    (consents.collect(), no.filter_map(known).collect())
}

fn facts(person: &KnownPerson, policy: &Policy) -> ShownFacts {
    let answered = |answer: Answer| person.answers.iter().filter(move |choice| choice.answer == answer);
    let is_known = |choice: &&Choice| policy.purpose_named(choice.purpose.as_str()).is_some();
    let name = |id: &Id| id.to_string();
    ShownFacts {
        age: person.facts.age,
        registered: person.facts.registered,
        closed: person.facts.closed,
        consents: answered(Answer::Yes)
            .filter(is_known)
            .map(|choice| (name(&choice.purpose), ShownAnswer { at: choice.at, version: choice.version, gpc: choice.gpc }))
            .collect(),
        refusals: answered(Answer::No).filter(is_known).map(|choice| name(&choice.purpose)).collect(),
        agreements: person.facts.agreements.iter().map(|agreement| name(&agreement.name)).collect(),
    }
}
