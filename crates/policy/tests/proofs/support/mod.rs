//! What the proofs are about: one policy written by hand, arbitrary ones, and people who ask.

pub(crate) mod any;
pub(crate) mod house;
pub(crate) mod people;

use domain::{AccountId, Act, Basis, Field, Id, Language, Translated, Version};
use jiff::civil::date;
use jiff::tz::TimeZone;
use policy::model::{Agreement, ChoiceDefaults, Contact, DataField, DoNotTrack, Guardians, Notice, Policy, Purpose, Recipient, Use, Words};
use policy::{Index, Set};

pub(crate) fn id(text: &str) -> Id {
    Id::parse(text).expect("an id")
}

/// A policy that says nothing: no rule, no word.
pub(crate) fn silent_policy() -> Policy {
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
        choice_defaults: ChoiceDefaults::default(),
        fields: Field::ALL.iter().map(|field| data_field(*field)).collect(),
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
        words: vec![Words {
            language: Language::parse("en").expect("a language"),
            title: "Privacy policy".to_owned(),
            source: String::new(),
            markdown: String::new(),
            clauses: Vec::new(),
            blocks: Vec::new(),
        }],
    }
}

pub(crate) fn data_field(field: Field) -> DataField {
    let (data, name) = field.name().split_once('.').expect("a field's name has two parts");
    DataField { data: id(data), name: name.to_owned(), reserved: Some(field), statutory: None }
}

pub(crate) fn purpose(name: &str) -> Purpose {
    Purpose {
        id: id(name),
        title: Translated::only(name),
        describes: None,
        marketing: false,
        personalises: false,
        legal: false,
        compelling: None,
        material_since: Version::FIRST,
    }
}

pub(crate) fn the_use(name: &str, data: Set<DataField>, purpose: Index<Purpose>, basis: Basis) -> Use {
    Use {
        id: id(name),
        title: Translated::only(name),
        data,
        purpose,
        basis,
        balancing: None,
        reading: None,
        agreement: None,
        for_us: true,
        recipients: Set::EMPTY,
        act: Act::Process,
        since: Version::FIRST,
    }
}

pub(crate) fn recipient(name: &str, kind: domain::RecipientKind) -> Recipient {
    Recipient { id: id(name), kind, name: name.to_owned(), address: None, direct_marketing: false, does: None }
}

pub(crate) fn agreement(name: &str) -> Agreement {
    Agreement { id: id(name) }
}

pub(crate) fn account(number: u8) -> AccountId {
    AccountId([number; 16])
}
