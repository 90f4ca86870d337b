use std::fmt::Write;

use domain::{ChoiceRecordId, RecipientKind, Timestamp, Version};
use policy::Policy;
use policy::model::{Purpose, Recipient, Use};
use records::ChoiceRow;
use serde::Serialize;

use super::words;
use super::words::{data_names, kept};
use crate::publishing::Versions;

/// What was answered under one pseudonym, for whoever bears it: a consent receipt in the sections of ISO/IEC TS 27560:2023. What the standard gives
/// no name to, as the words themselves, stands beside what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    pub schema_version: &'static str,
    pub record_id: String,
    /// The account where there is one, and the same pseudonym otherwise.
    pub pii_principal_id: String,
    pub party_identification: Vec<Party>,
    /// One for each version and language that was answered to, the newest first.
    pub pii_processing: Vec<Processing>,
    /// The newest first.
    pub events: Vec<ReceiptEvent>,
}

/// Somebody who decides about the data, or receives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Party {
    pub party_id: String,
    pub party_role: &'static str,
    pub party_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_email: Option<String>,
}

/// What was answered to under one version, in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Processing {
    pub privacy_notice: PrivacyNotice,
    pub language: String,
    pub pii_controllers: Vec<String>,
    pub withdrawal_method: String,
    pub purposes: Vec<AnsweredPurpose>,
}

/// A published version of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrivacyNotice {
    pub version: u32,
    pub url: String,
    /// Of its words and rules together.
    pub sha256: String,
    /// False where the version cannot be shown any more, or is not the one that was answered to.
    pub is_as_recorded: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnsweredPurpose {
    pub purpose_id: String,
    pub purpose: String,
    pub lawful_basis: &'static str,
    pub uses: Vec<AnsweredUse>,
    /// What was shown, rendered again from the published version.
    pub words: String,
    /// What the record says its hash was.
    pub words_sha256: String,
    /// Whether these words have that hash.
    pub words_are_as_recorded: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnsweredUse {
    pub service: String,
    pub processing_method: &'static str,
    pub pii_type: Vec<String>,
    pub recipients: Vec<String>,
    pub retention_period: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptEvent {
    pub event_id: String,
    pub event_time: Timestamp,
    pub event_type: &'static str,
    /// `current` for the last answer about a purpose, and `superseded` for those before it.
    pub event_state: &'static str,
    /// Who did it: the person, or their browser's signal.
    pub entity_id: &'static str,
    pub purpose_id: String,
    pub lawful_basis: &'static str,
    pub collection_method: &'static str,
    pub interface: String,
    pub language: String,
    pub policy_version: u32,
    pub policy_sha256: String,
    pub words_sha256: String,
    pub jurisdiction: String,
    pub global_privacy_control: bool,
}

const SCHEMA: &str = "ISO/IEC TS 27560:2023";
const CONTROLLER: &str = "controller";

/// The receipt of these rows, which are all of one record. `centre` is where people reach the privacy centre, as `https://example.org/privacy`.
pub fn receipt(versions: &Versions, policy: &Policy, record: ChoiceRecordId, rows: &[ChoiceRow], centre: &str) -> Receipt {
    let account = rows.iter().find_map(|row| row.account);
    let mut answered: Vec<(Version, &str, Vec<&ChoiceRow>)> = Vec::new();
    for row in rows.iter().rev() {
        let same = answered.iter_mut().find(|(version, language, _)| (*version, *language) == (row.policy_version, row.language.as_str()));
        match same {
            Some((_, _, of)) if of.iter().any(|known| (&known.purpose, known.words_hash) == (&row.purpose, row.words_hash)) => {}
            Some((_, _, of)) => of.push(row),
            None => answered.push((row.policy_version, row.language.as_str(), vec![row])),
        }
    }
    Receipt {
        schema_version: SCHEMA,
        record_id: record.to_hex(),
        pii_principal_id: account.map_or_else(|| record.to_hex(), domain::AccountId::to_hex),
        party_identification: parties(versions, policy, rows),
        pii_processing: answered.iter().map(|(version, language, of)| processing(versions, *version, language, of, centre)).collect(),
        events: rows.iter().enumerate().rev().map(|(at, row)| event(row, &rows[at + 1..])).collect(),
    }
}

/// The controller as it is now, and everybody whom an answered version names for these purposes.
fn parties(versions: &Versions, policy: &Policy, rows: &[ChoiceRow]) -> Vec<Party> {
    let mut parties = vec![Party {
        party_id: CONTROLLER.to_owned(),
        party_role: "pii-controller",
        party_name: policy.controller.clone(),
        party_address: Some(policy.contact.address.clone()),
        party_email: Some(policy.contact.email.clone()),
    }];
    for row in rows.iter().rev() {
        let Ok(published) = versions.get(row.policy_version) else { continue };
        let policy = &published.policy;
        let uses = policy.uses.iter().filter(|rule| policy.purpose(rule.purpose).id == row.purpose);
        for recipient in uses.flat_map(|rule| rule.recipients.iter()).map(|index| policy.recipient(index)) {
            if parties.iter().all(|known| known.party_id != recipient.id.as_str()) {
                parties.push(party(recipient));
            }
        }
    }
    parties
}

fn party(recipient: &Recipient) -> Party {
    Party {
        party_id: recipient.id.to_string(),
        party_role: match recipient.kind {
            RecipientKind::Processor => "pii-processor",
            RecipientKind::Us | RecipientKind::Affiliate | RecipientKind::ThirdParty => "third-party",
            RecipientKind::Authority => "authority",
        },
        party_name: recipient.name.clone(),
        party_address: recipient.address.clone(),
        party_email: None,
    }
}

fn processing(versions: &Versions, version: Version, language: &str, rows: &[&ChoiceRow], centre: &str) -> Processing {
    let published = versions.get(version).ok();
    let recorded = rows.first().map_or([0; 32], |row| row.policy_hash);
    let purposes = published.iter().flat_map(|published| {
        rows.iter().filter_map(|row| {
            let index = published.policy.purpose_named(row.purpose.as_str())?;
            Some(answered(&published.policy, index, row))
        })
    });
    Processing {
        privacy_notice: PrivacyNotice {
            version: version.0,
            url: format!("{centre}/versions/{version}"),
            sha256: hexadecimal(&recorded),
            is_as_recorded: published.as_ref().is_some_and(|published| published.policy.hash == recorded),
        },
        language: language.to_owned(),
        pii_controllers: vec![CONTROLLER.to_owned()],
        withdrawal_method: format!("{centre}/choices"),
        purposes: purposes.collect(),
    }
}

fn answered(policy: &Policy, index: policy::Index<Purpose>, row: &ChoiceRow) -> AnsweredPurpose {
    let said = words(policy, index, &row.language);
    AnsweredPurpose {
        purpose_id: row.purpose.to_string(),
        purpose: policy.title(index).in_language(&row.language).to_owned(),
        lawful_basis: row.basis.name(),
        uses: policy.uses.iter().filter(|rule| rule.purpose == index).map(|rule| answered_use(policy, rule, &row.language)).collect(),
        words_are_as_recorded: said.hash == row.words_hash,
        words: said.text,
        words_sha256: hexadecimal(&row.words_hash),
    }
}

fn answered_use(policy: &Policy, rule: &Use, language: &str) -> AnsweredUse {
    let ours = rule.for_us.then(|| CONTROLLER.to_owned());
    let others = rule.recipients.iter().map(|recipient| policy.recipient(recipient).id.to_string());
    AnsweredUse {
        service: rule.title.in_language(language).to_owned(),
        processing_method: rule.act.name(),
        pii_type: data_names(policy, rule),
        recipients: ours.into_iter().chain(others).collect(),
        retention_period: kept(policy, rule).map(|data| format!("{}: {}", data.id, data.keep)).collect(),
    }
}

fn event(row: &ChoiceRow, later: &[ChoiceRow]) -> ReceiptEvent {
    let superseded = later.iter().any(|other| other.purpose == row.purpose);
    ReceiptEvent {
        event_id: hexadecimal(&row.id.0),
        event_time: row.at,
        event_type: row.action.name(),
        event_state: if superseded { "superseded" } else { "current" },
        entity_id: match row.method {
            domain::ChoiceMethod::Signal => "browser-signal",
            domain::ChoiceMethod::Guardian => "guardian",
            _ => "pii-principal",
        },
        purpose_id: row.purpose.to_string(),
        lawful_basis: row.basis.name(),
        collection_method: row.method.name(),
        interface: row.interface.clone(),
        language: row.language.clone(),
        policy_version: row.policy_version.0,
        policy_sha256: hexadecimal(&row.policy_hash),
        words_sha256: hexadecimal(&row.words_hash),
        jurisdiction: row.region.to_string().to_uppercase(),
        global_privacy_control: row.gpc,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
