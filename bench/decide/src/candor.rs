//! The rules and questions as Candor knows them.

use domain::{Field, Id, Language, Region, Timestamp, Translated, Version};
use jiff::{civil::date, tz::TimeZone};
use policy::model::{
    Agreement, ChoiceDefault, ChoiceDefaults, Contact, DataField, DoNotTrack, Guardians, Never, Notice, Policy, Purpose, Recipient, Use,
};
use policy::{Ask, Consent, Facts, Index, Person, Revocations, Set, decide};

use crate::people::{PEOPLE, Somebody};
use crate::question::Question;
use crate::rules::{AGREEMENT, FIELDS, NEVERS, PURPOSES, RECIPIENTS, USES};

pub(crate) struct Candor {
    policy: Policy,
    revocations: Revocations,
    people: Vec<Vec<Consent>>,
}

impl Candor {
    pub(crate) fn new() -> Self {
        let policy = policy();
        let people = PEOPLE.iter().map(|person| consents(&policy, person)).collect();
        Self { policy, revocations: Revocations::default(), people }
    }

    pub(crate) fn facts(&self, question: &Question) -> Facts<'_> {
        let somebody = &PEOPLE[question.person];
        let purposes = |names: &[&str]| names.iter().map(|name| self.purpose(name)).collect();
        let agreement = self.policy.agreement_named(AGREEMENT).filter(|_| somebody.member);
        Facts {
            ask: Ask::Terms {
                data: data(&self.policy, &[question.field]),
                purpose: Some(self.purpose(question.purpose)),
                recipient: self.policy.recipient_named(question.recipient),
                act: question.act,
            },
            person: Person {
                age: somebody.age,
                minor_signal: somebody.minor_signal,
                account: None,
                registered: somebody.registered,
                closed: somebody.closed,
                restricted: somebody.restricted,
                consents: &self.people[question.person],
                refusals: purposes(somebody.no),
                objections: Set::EMPTY,
                opted_out: purposes(somebody.opted_out),
                agreements: agreement.into_iter().collect(),
            },
            gpc: somebody.gpc,
            region: Region::parse(if somebody.asked_first { "de" } else { "us-ca" }).expect("a region"),
            collected_under: None,
            case: somebody.case,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    pub(crate) fn permits(&self, facts: &Facts<'_>) -> bool {
        decide(&self.policy, &self.revocations, facts).is_permitted()
    }

    fn purpose(&self, name: &str) -> Index<Purpose> {
        self.policy.purpose_named(name).expect("a declared purpose")
    }
}

fn consents(policy: &Policy, person: &Somebody) -> Vec<Consent> {
    let consent = |name: &&str| Consent {
        purpose: policy.purpose_named(name).expect("a declared purpose"),
        at: Timestamp::UNIX_EPOCH,
        version: Version::FIRST,
        gpc: person.gpc,
    };
    person.yes.iter().map(consent).collect()
}

fn id(name: &str) -> Id {
    Id::parse(name).expect("an id")
}

fn data(policy: &Policy, names: &[&str]) -> Set<DataField> {
    names.iter().map(|name| policy.field_named(name).expect("a declared field")).collect()
}

fn recipients(policy: &Policy, names: &[&str]) -> Set<Recipient> {
    names.iter().filter_map(|name| policy.recipient_named(name)).collect()
}

fn policy() -> Policy {
    let mut policy = empty_policy();
    policy.fields = FIELDS.iter().map(|name| data_field(name)).collect();
    policy.agreements = vec![Agreement { id: id(AGREEMENT) }];
    policy.recipients = RECIPIENTS
        .iter()
        .map(|(name, kind)| Recipient {
            id: id(name),
            kind: *kind,
            name: (*name).to_owned(),
            address: None,
            direct_marketing: false,
            does: None,
        })
        .collect();
    policy.purposes = PURPOSES
        .iter()
        .map(|rule| Purpose {
            id: id(rule.id),
            title: Translated::only(rule.id),
            describes: None,
            marketing: rule.marketing,
            personalises: rule.personalises,
            legal: rule.legal,
            compelling: rule.compelling.then(|| Translated::only("It cannot be done without.")),
            material_since: Version::FIRST,
        })
        .collect();
    policy.uses = USES
        .iter()
        .map(|rule| Use {
            id: id(rule.id),
            title: Translated::only(rule.id),
            data: data(&policy, rule.data),
            purpose: policy.purpose_named(rule.purpose).expect("a declared purpose"),
            basis: rule.basis,
            balancing: None,
            reading: None,
            agreement: policy.agreement_named(AGREEMENT).filter(|_| rule.purpose == "support"),
            for_us: rule.recipients.contains(&"us"),
            recipients: recipients(&policy, rule.recipients),
            act: rule.act,
            since: Version::FIRST,
        })
        .collect();
    policy.nevers = NEVERS
        .iter()
        .map(|rule| Never {
            id: id(rule.id),
            title: None,
            data: data(&policy, rule.data),
            acts: rule.acts.to_vec(),
            kinds: rule.kinds.to_vec(),
            recipients: recipients(&policy, rule.recipients),
        })
        .collect();
    policy
}

fn data_field(full_name: &str) -> DataField {
    let (data, name) = full_name.split_once('.').expect("a field's name has two parts");
    DataField { data: id(data), name: name.to_owned(), reserved: Field::named(full_name), statutory: None }
}

fn empty_policy() -> Policy {
    let region = |place| Region::parse(place).expect("a region");
    Policy {
        version: Version::FIRST,
        revised: date(2026, 1, 1),
        hash: [0; 32],
        controller: "Example Health".to_owned(),
        contact: Contact { email: "privacy@example.org".to_owned(), address: "1 Main St".to_owned() },
        languages: vec![Language::parse("en").expect("a language")],
        jurisdictions: Vec::new(),
        time_zone: TimeZone::UTC,
        minimum_age: 18,
        guardians: Guardians::Refuse,
        do_not_track: DoNotTrack::Honoured,
        cross_site_tracking: false,
        notice: Notice::default(),
        choice_defaults: ChoiceDefaults { by_region: vec![(region("us-ca"), ChoiceDefault::OptOut), (region("*"), ChoiceDefault::Ask)] },
        fields: Vec::new(),
        data: Vec::new(),
        purposes: Vec::new(),
        uses: Vec::new(),
        nevers: Vec::new(),
        recipients: Vec::new(),
        agreements: Vec::new(),
        duties: Vec::new(),
        promises: Vec::new(),
        cookies: Vec::new(),
        resources: Vec::new(),
        preferences: Vec::new(),
        stores: Vec::new(),
        words: Vec::new(),
    }
}
