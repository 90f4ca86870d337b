use std::collections::BTreeMap;

use domain::{Act, Age, Region, Timestamp, Version};
use serde::Deserialize;

use super::facts::{Ask, Consent, Facts, Person};
use crate::Set;
use crate::model::{Agreement, DataField, Policy, Purpose};

/// Facts as `candor decide` and the API read them, with every name looked up.
#[derive(Clone, Debug)]
pub struct FactsDocument {
    ask: Ask,
    person: PersonDocument,
    refusals: Set<Purpose>,
    objections: Set<Purpose>,
    opted_out: Set<Purpose>,
    agreements: Set<Agreement>,
    consents: Vec<Consent>,
    gpc: bool,
    region: Region,
    collected_under: Option<Version>,
    case: bool,
    at: Timestamp,
}

impl FactsDocument {
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            ask: self.ask,
            person: Person {
                age: self.person.age,
                minor_signal: self.person.minor_signal,
                account: None,
                registered: self.person.registered,
                closed: self.person.closed,
                restricted: self.person.restricted,
                consents: &self.consents,
                refusals: self.refusals,
                objections: self.objections,
                opted_out: self.opted_out,
                agreements: self.agreements,
            },
            gpc: self.gpc,
            region: self.region,
            collected_under: self.collected_under,
            case: self.case,
            at: self.at,
        }
    }
}

/// Some editors begin a file with it.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Why a text is not facts.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    #[error("these are not facts: {0}")]
    Json(serde_json::Error),
    #[error("facts name a `use`, or `data` and `purpose` (with `recipient` and `act`), and not both")]
    AskUnclear,
    #[error("`{0}` is not a region: write `US-CA`, `DE`, `eu` or `*`")]
    Region(String),
}

/// Reads one JSON object. `now` is the time of facts that name none.
///
/// A name the policy does not know is not an error where it asks for something: then the decision refuses. What is said about an unknown purpose or
/// agreement says nothing about any known one, and is passed over.
pub fn read_facts(policy: &Policy, json: &str, now: Timestamp) -> Result<FactsDocument, FactsError> {
    let document: Document = serde_json::from_str(json.trim_start_matches(BYTE_ORDER_MARK)).map_err(FactsError::Json)?;
    let ask = ask(policy, &document)?;
    let person = document.person;
    let purposes = |names: &[String]| names.iter().filter_map(|name| policy.purpose_named(name)).collect::<Set<Purpose>>();
    Ok(FactsDocument {
        ask,
        refusals: purposes(&person.refusals),
        objections: purposes(&person.objections),
        opted_out: purposes(&person.opted_out),
        agreements: person.agreements.iter().filter_map(|name| policy.agreement_named(name)).collect(),
        consents: consents(policy, &person.consents, now),
        person,
        gpc: document.gpc,
        region: match document.region {
            None => Region::UNKNOWN,
            Some(text) => Region::parse(&text).ok_or(FactsError::Region(text))?,
        },
        collected_under: document.collected_under,
        case: document.case.is_some_and(|case| match case {
            CaseDocument::Named(id) => !id.is_empty(),
            CaseDocument::Open(open) => open,
        }),
        at: document.at.unwrap_or(now),
    })
}

fn ask(policy: &Policy, document: &Document) -> Result<Ask, FactsError> {
    match (&document.use_, &document.data, &document.purpose) {
        (Some(_), None, None) if document.recipient.is_some() || document.act.is_some() => Err(FactsError::AskUnclear),
        (Some(id), None, None) => Ok(policy.use_named(id).map_or(Ask::Unknown, Ask::Use)),
        (None, Some(data), Some(purpose)) => Ok(terms(policy, document, data, purpose)),
        _ => Err(FactsError::AskUnclear),
    }
}

/// Who receives it is us unless said otherwise; what is done is `process` for us and `share` for others, as in the policy itself.
fn terms(policy: &Policy, document: &Document, data: &Names, purpose: &str) -> Ask {
    let names = match data {
        Names::One(name) => std::slice::from_ref(name),
        Names::Many(names) => names,
    };
    let mut fields = Set::EMPTY;
    for name in names {
        let found = named_fields(policy, name);
        if found.is_empty() {
            return Ask::Unknown;
        }
        fields = fields.union(found);
    }
    let recipient = match document.recipient.as_deref() {
        None | Some("us") => None,
        Some(id) => match policy.recipient_named(id) {
            None => return Ask::Unknown,
            known => known,
        },
    };
    let act = document.act.unwrap_or(if recipient.is_none() { Act::Process } else { Act::Share });
    Ask::Terms { data: fields, purpose: policy.purpose_named(purpose), recipient, act }
}

/// `visit.ip`, or every field of `visit.*`.
fn named_fields(policy: &Policy, name: &str) -> Set<DataField> {
    match name.strip_suffix(".*") {
        Some(data) => (0..policy.fields.len()).map(crate::Index::new).filter(|field| policy.field(*field).data == *data).collect(),
        None => policy.field_named(name).into_iter().collect(),
    }
}

fn consents(policy: &Policy, given: &BTreeMap<String, ConsentDocument>, now: Timestamp) -> Vec<Consent> {
    given
        .iter()
        .filter_map(|(purpose, consent)| {
            Some(Consent {
                purpose: policy.purpose_named(purpose)?,
                at: consent.at.unwrap_or(now),
                version: consent.version.unwrap_or(policy.version),
                gpc: consent.gpc,
            })
        })
        .collect()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "one JSON object, as {\"use\": \"access-log\"}")]
struct Document {
    #[serde(rename = "use")]
    use_: Option<String>,
    data: Option<Names>,
    purpose: Option<String>,
    recipient: Option<String>,
    act: Option<Act>,
    #[serde(default)]
    person: PersonDocument,
    #[serde(default)]
    gpc: bool,
    region: Option<String>,
    collected_under: Option<Version>,
    case: Option<CaseDocument>,
    at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "`data` is the name of a field, or a list of such names")]
enum Names {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "`case` is the id of a case, or whether there is one")]
enum CaseDocument {
    Open(bool),
    Named(String),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PersonDocument {
    age: Age,
    minor_signal: bool,
    registered: bool,
    closed: bool,
    restricted: bool,
    consents: BTreeMap<String, ConsentDocument>,
    refusals: Vec<String>,
    objections: Vec<String>,
    opted_out: Vec<String>,
    agreements: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ConsentDocument {
    at: Option<Timestamp>,
    version: Option<Version>,
    gpc: bool,
}
