use serde::{Deserialize, Serialize};

/// The legal bases of GDPR Art. 6(1) that a policy can rest a use on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    Consent,
    LegitimateInterests,
    Contract,
    LegalObligation,
    VitalInterests,
}

impl Basis {
    pub const ALL: [Self; 5] = [Self::Consent, Self::LegitimateInterests, Self::Contract, Self::LegalObligation, Self::VitalInterests];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::LegitimateInterests => "legitimate-interests",
            Self::Contract => "contract",
            Self::LegalObligation => "legal-obligation",
            Self::VitalInterests => "vital-interests",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Disclosures on these two bases happen inside a case, which says who asked for what and until when.
    pub const fn needs_case(self) -> bool {
        matches!(self, Self::LegalObligation | Self::VitalInterests)
    }
}

/// How the law reads a policy's wider word "vital interests".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LegalReading {
    LegitimateInterests,
    LegalClaims,
}

/// What is done with data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    Process,
    Share,
    Sell,
    Rent,
    Lease,
}

impl Act {
    pub const ALL: [Self; 5] = [Self::Process, Self::Share, Self::Sell, Self::Rent, Self::Lease];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Share => "share",
            Self::Sell => "sell",
            Self::Rent => "rent",
            Self::Lease => "lease",
        }
    }
}

/// What a recipient is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecipientKind {
    /// The controller itself.
    Us,
    Affiliate,
    Processor,
    ThirdParty,
    Authority,
}

impl RecipientKind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Affiliate => "affiliate",
            Self::Processor => "processor",
            Self::ThirdParty => "third-party",
            Self::Authority => "authority",
        }
    }
}
