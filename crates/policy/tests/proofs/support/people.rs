//! Somebody who asks, and what they said before: the sentences that the decision table is written in.

use domain::{AccountId, Act, Age, Region, Timestamp, Version};
use policy::model::{Policy, Purpose};
use policy::{Ask, Code, Consent, Decision, Facts, Index, Person, Revocations, Set, VisitFacts, VisitPlan, decide, plan_visit};

use super::house::{data, named, to};

#[derive(Clone, Debug)]
pub(crate) struct Somebody<'p> {
    pub(crate) policy: &'p Policy,
    pub(crate) revocations: Revocations,
    pub(crate) person: Person<'static>,
    pub(crate) consents: Vec<Consent>,
    pub(crate) gpc: bool,
    pub(crate) region: Region,
    pub(crate) collected_under: Option<Version>,
    pub(crate) case: bool,
}

/// Somebody of whom nothing is known.
pub(crate) fn somebody(policy: &Policy) -> Somebody<'_> {
    Somebody {
        policy,
        revocations: Revocations::default(),
        person: Person::default(),
        consents: Vec::new(),
        gpc: false,
        region: Region::UNKNOWN,
        collected_under: None,
        case: false,
    }
}

impl Somebody<'_> {
    fn purpose(&self, name: &str) -> Index<Purpose> {
        named(self.policy, name)
    }

    fn only(&self, name: &str) -> Set<Purpose> {
        Set::from_iter([self.purpose(name)])
    }

    pub(crate) fn yes_to(self, purpose: &str) -> Self {
        let version = self.policy.version.0;
        self.yes_to_version(purpose, version)
    }

    pub(crate) fn yes_to_version(mut self, purpose: &str, version: u32) -> Self {
        let purpose = self.purpose(purpose);
        self.consents.push(Consent { purpose, at: Timestamp::UNIX_EPOCH, version: Version(version), gpc: self.gpc });
        self
    }

    pub(crate) fn no_to(mut self, purpose: &str) -> Self {
        self.person.refusals.insert(self.purpose(purpose));
        self
    }

    pub(crate) fn objects_to(mut self, purpose: &str) -> Self {
        self.person.objections.insert(self.purpose(purpose));
        self
    }

    pub(crate) fn opts_out_of(mut self, purpose: &str) -> Self {
        self.person.opted_out.insert(self.purpose(purpose));
        self
    }

    pub(crate) fn with_account(mut self, account: AccountId) -> Self {
        self.person.registered = true;
        self.person.account = Some(account);
        self
    }

    pub(crate) fn closed(mut self) -> Self {
        self.person.closed = true;
        self
    }

    /// On another device, after this one got its ticket.
    pub(crate) fn closed_elsewhere(mut self) -> Self {
        self.revocations.close(self.person.account.expect("an account"));
        self
    }

    pub(crate) fn withdraws_elsewhere(mut self, purpose: &str) -> Self {
        let purposes = self.only(purpose);
        self.revocations.withdraw(self.person.account.expect("an account"), purposes);
        self
    }

    pub(crate) fn with_agreement(mut self, agreement: &str) -> Self {
        self.person.agreements.insert(self.policy.agreement_named(agreement).expect("a declared agreement"));
        self
    }

    pub(crate) fn restricted(mut self) -> Self {
        self.person.restricted = true;
        self
    }

    pub(crate) fn aged(mut self, age: Age) -> Self {
        self.person.age = age;
        self
    }

    pub(crate) fn maybe_a_minor(mut self) -> Self {
        self.person.minor_signal = true;
        self
    }

    pub(crate) fn sending_gpc(mut self) -> Self {
        self.gpc = true;
        self
    }

    pub(crate) fn in_region(mut self, region: &str) -> Self {
        self.region = Region::parse(region).expect("a region");
        self
    }

    pub(crate) fn with_data_of_version(mut self, version: u32) -> Self {
        self.collected_under = Some(Version(version));
        self
    }

    pub(crate) fn in_a_case(mut self) -> Self {
        self.case = true;
        self
    }

    pub(crate) fn decision(&self, ask: Ask) -> Decision<'_> {
        let facts = Facts {
            ask,
            person: self.present(),
            gpc: self.gpc,
            region: self.region,
            collected_under: self.collected_under,
            case: self.case,
            at: Timestamp::UNIX_EPOCH,
        };
        decide(self.policy, &self.revocations, &facts)
    }

    pub(crate) fn asked(&self, ask: Ask) -> Code {
        self.decision(ask).code
    }

    /// The answer for a declared use.
    pub(crate) fn may(&self, the_use: &str) -> Code {
        self.asked(Ask::Use(self.policy.use_named(the_use).expect("a declared use")))
    }

    /// The same answer with its reason, in one line.
    pub(crate) fn decision_on(&self, the_use: &str) -> String {
        let decision = self.decision(Ask::Use(self.policy.use_named(the_use).expect("a declared use")));
        format!("{}: {}", decision.code.name(), decision.reason())
    }

    /// The answer for passing data on in these terms.
    pub(crate) fn may_we(&self, act: Act, fields: &[&str], recipient: &str, purpose: &str) -> Code {
        let recipient = (recipient != "us").then(|| to(self.policy, recipient));
        self.asked(Ask::Terms { data: data(self.policy, fields), purpose: Some(self.purpose(purpose)), recipient, act })
    }

    pub(crate) fn visit(&self) -> VisitFacts<'_> {
        VisitFacts { person: self.present(), gpc: self.gpc, region: self.region, at: Timestamp::UNIX_EPOCH }
    }

    pub(crate) fn visits(&self) -> VisitPlan {
        plan_visit(self.policy, &self.revocations, &self.visit())
    }

    fn present(&self) -> Person<'_> {
        Person { consents: &self.consents, ..self.person.clone() }
    }
}
