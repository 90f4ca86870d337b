use std::fmt::Write;

use domain::{Timestamp, Version};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use policy::syntax::SiteSources;
use serde::{Deserialize, Serialize};

/// What publication adds to a site folder's files: `version.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionRecord {
    pub version: Version,
    /// The day it was published, in the policy's time zone.
    pub revised: Date,
    pub published: Timestamp,
    /// SHA-256 of the words and the rules, in hexadecimal digits.
    pub hash: String,
    /// The files it consists of.
    pub files: Vec<String>,
}

impl VersionRecord {
    pub(super) fn new(version: Version, revised: Date, published: Timestamp, sources: &SiteSources, files: Vec<String>) -> Self {
        Self { version, revised, published, hash: hexadecimal(&sources.hash()), files }
    }

    pub(super) fn is_hash_of(&self, sources: &SiteSources) -> bool {
        hexadecimal(&sources.hash()) == self.hash
    }

    /// The day of publication in this time zone.
    pub(super) fn day_in(&self, zone: &TimeZone) -> Date {
        self.published.to_zoned(zone.clone()).date()
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("numbers, dates and texts always serialize");
        json.push(b'\n');
        json
    }

    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
