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
