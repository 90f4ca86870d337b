use serde::{Deserialize, Serialize};

/// What is known of a person's age. The date of birth is never kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Age {
    Adult,
    Minor,
    #[default]
    Unknown,
}

impl Age {
    /// As records write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Adult => "adult",
            Self::Minor => "minor",
            Self::Unknown => "unknown",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Self::Adult, Self::Minor, Self::Unknown].into_iter().find(|age| age.name() == name)
    }
}
