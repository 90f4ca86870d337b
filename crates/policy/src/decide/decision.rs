use std::fmt;

use domain::{Basis, Id};
use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};

use super::permit::Permit;
use crate::Set;
use crate::model::{DataField, Never, Policy, Use};

/// The answer, with the use it rests on; the sentences that explain it are written when somebody reads them.
pub struct Decision<'p> {
    pub verdict: Verdict,
    pub code: Code,
    /// The use that was asked for, where there is one.
    pub rule: Option<&'p Use>,
    /// The `never` that forbids it, where one does.
    pub never: Option<&'p Never>,
    pub obligations: Obligations,
    policy: &'p Policy,
    permit: Option<Permit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    Permit,
    Refuse,
}

impl<'p> Decision<'p> {
    pub(super) const fn refuse(policy: &'p Policy, code: Code, rule: Option<&'p Use>, never: Option<&'p Never>) -> Self {
        Self { verdict: Verdict::Refuse, code, rule, never, obligations: Obligations::NONE, policy, permit: None }
    }

    pub(super) fn permit(policy: &'p Policy, rule: &'p Use, data: Set<DataField>, obligations: Obligations) -> Self {
        let permit = Some(Permit::for_use(policy, rule, data));
        Self { verdict: Verdict::Permit, code: Code::Permitted, rule: Some(rule), never: None, obligations, policy, permit }
    }

    pub fn is_permitted(&self) -> bool {
        self.verdict == Verdict::Permit
    }

    pub fn basis(&self) -> Option<Basis> {
        self.rule.map(|rule| rule.basis)
    }

    /// The permit, if there is one.
    pub fn into_permit(self) -> Option<Permit> {
        self.permit
    }

    /// What people read: the sentence of the `never`, or else of the use; empty where there is none.
    pub fn clause(&self) -> &'p str {
        let id = self.never.map(|never| &never.id).or(self.rule.map(|rule| &rule.id));
        id.map_or("", |id| self.policy.clause(id))
    }

    /// One sentence that says why.
    pub const fn reason(&self) -> Reason<'_> {
        Reason { decision: self }
    }

    fn purpose(&self) -> Option<&'p Id> {
        self.rule.map(|rule| &self.policy.purpose(rule.purpose).id)
    }
}

impl fmt::Debug for Decision<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = |rule: Option<&Id>| rule.map(Id::to_string);
        out.debug_struct("Decision")
            .field("code", &self.code)
            .field("use", &id(self.rule.map(|rule| &rule.id)))
            .field("never", &id(self.never.map(|never| &never.id)))
            .field("obligations", &self.obligations)
            .finish_non_exhaustive()
    }
}

macro_rules! codes {
    ($($variant:ident = $name:literal, $meaning:literal;)+) => {
        /// Which rule decided. The names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $meaning] $variant),+ }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// When it is the answer, for the reference.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}

codes! {
    Permitted = "permitted", "Nothing stands against it, and its basis is in force.";
    NoSuchUse = "no-such-use", "The policy declares no use for this, or names something unknown.";
    Never = "never", "The policy promises never to do it.";
    Restricted = "restricted", "The person's data is restricted and the purpose is not a legal one (GDPR Art. 18).";
    Minor = "minor", "The person is, or may be, a minor, and the purpose is marketing or personalises.";
    GlobalPrivacyControl = "global-privacy-control", "The request carries `Sec-GPC: 1`, and it is marketing or passes data on.";
    ConsentMissing = "consent-missing", "It rests on consent, and none was given.";
    ConsentRefused = "consent-refused", "It rests on consent, which was refused or withdrawn.";
    ConsentOutdated = "consent-outdated", "The consent was given before the last material change to the purpose.";
    OptedOut = "opted-out", "The person opted out of the purpose.";
    Objected = "objected", "The person objected, and no compelling ground stands against it (GDPR Art. 21).";
    ChoiceUnmade = "choice-unmade", "Where the person is the site asks first, and they have not answered.";
    NotRegistered = "not-registered", "It rests on the contract of an account, and there is none.";
    AgreementMissing = "agreement-missing", "It rests on an agreement that is not in force.";
    AccountClosed = "account-closed", "It rests on a contract that ended with the account.";
    CaseMissing = "case-missing", "It happens inside a case only, and none is named.";
    OlderData = "older-data", "The data is older than this purpose or recipient, and the person has not consented since.";
}

macro_rules! obligations {
    ($($variant:ident = $name:literal, $meaning:literal;)+) => {
        /// What a permit obliges whoever uses it to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Obligation { $(#[doc = $meaning] $variant),+ }

        impl Obligation {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What has to be done, for the reference.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}

obligations! {
    RecordDisclosure = "record-disclosure", "Somebody else receives the data: record who, what and when before it goes.";
    OfferOptOut = "offer-opt-out", "It is marketing: every message and slot offers the way out.";
    ExplainWhy = "explain-why", "It personalises: say why this person sees it.";
    NameTheCase = "name-the-case", "It rests on a legal basis: record every look with its case.";
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Obligations(u8);

impl Obligations {
    pub const NONE: Self = Self(0);

    pub const fn insert(&mut self, obligation: Obligation) {
        self.0 |= 1 << obligation as u8;
    }

    pub const fn contains(self, obligation: Obligation) -> bool {
        self.0 & (1 << obligation as u8) != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Obligation> {
        Obligation::ALL.iter().copied().filter(move |obligation| self.contains(*obligation))
    }
}

impl fmt::Debug for Obligations {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.iter().map(Obligation::name)).finish()
    }
}

/// The sentence behind a decision, written only when somebody reads it.
#[derive(Debug)]
pub struct Reason<'d> {
    decision: &'d Decision<'d>,
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decision = self.decision;
        let Some((rule, purpose)) = decision.rule.zip(decision.purpose()) else {
            return match decision.never {
                None => out.write_str("The policy declares no use for this."),
                Some(never) => write!(out, "The policy declares no use for this, and `{}` promises never to do it.", never.id),
            };
        };
        let id = &rule.id;
        match decision.code {
            Code::Permitted => write!(out, "`{id}` may go on: its basis, {}, is in force.", basis_in_words(rule.basis)),
            Code::NoSuchUse => write!(out, "The policy declares no use for this."),
            Code::Never => match decision.never {
                Some(never) => write!(out, "`{}` promises never to do it, and nothing beats that.", never.id),
                None => write!(out, "The policy promises never to do it."),
            },
            Code::Restricted => write!(out, "This person's data is restricted, and `{purpose}` is not a legal purpose."),
            Code::Minor => write!(out, "This person is, or may be, under age: `{purpose}` is never for minors."),
            Code::GlobalPrivacyControl => write!(out, "The browser sends Global Privacy Control, which opts out of `{purpose}`."),
            Code::ConsentMissing => write!(out, "This person has not said yes to `{purpose}`."),
            Code::ConsentRefused => write!(out, "This person said no to `{purpose}`."),
            Code::ConsentOutdated => write!(out, "The yes to `{purpose}` was given to words that have materially changed since."),
            Code::OptedOut => write!(out, "This person opted out of `{purpose}`."),
            Code::Objected => write!(out, "This person objected to `{purpose}`."),
            Code::ChoiceUnmade => write!(out, "Where this person is we ask first, and they have not answered about `{purpose}`."),
            Code::NotRegistered => write!(out, "`{id}` rests on the contract of an account, and this person has none."),
            Code::AgreementMissing => write!(out, "`{id}` rests on an agreement that is not in force for this person."),
            Code::AccountClosed => write!(out, "`{id}` rests on a contract that ended when the account was closed."),
            Code::CaseMissing => write!(out, "`{id}` happens inside a case only, and none is named."),
            Code::OlderData => write!(out, "This data is older than `{id}`, and this person has not said yes to `{purpose}` since."),
        }
    }
}

fn basis_in_words(basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => "consent",
        Basis::LegitimateInterests => "legitimate interests",
        Basis::Contract => "a contract",
        Basis::LegalObligation => "a legal obligation",
        Basis::VitalInterests => "vital interests",
    }
}

/// `{verdict, code, use, clause, basis, reason, obligations}`, as the API and `candor decide` answer.
impl Serialize for Decision<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut answer = serializer.serialize_struct("Decision", 7)?;
        answer.serialize_field("verdict", if self.is_permitted() { "permit" } else { "refuse" })?;
        answer.serialize_field("code", self.code.name())?;
        answer.serialize_field("use", &self.rule.map(|rule| rule.id.as_str()))?;
        answer.serialize_field("clause", &Some(self.clause()).filter(|clause| !clause.is_empty()))?;
        answer.serialize_field("basis", &self.basis())?;
        answer.serialize_field("reason", &self.reason().to_string())?;
        answer.serialize_field("obligations", &self.obligations)?;
        answer.end()
    }
}

impl Serialize for Obligations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for obligation in self.iter() {
            list.serialize_element(obligation.name())?;
        }
        list.end()
    }
}
