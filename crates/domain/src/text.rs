use std::fmt;

/// A language tag of BCP 47, as `en` or `es`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(String);

impl Language {
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = (2..=35).contains(&text.len())
            && text.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            && text.split('-').next().is_some_and(|first| first.len() >= 2 && first.bytes().all(|byte| byte.is_ascii_alphabetic()));
        well_formed.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A text in the policy's default language, and perhaps in others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translated {
    pub default: String,
    pub others: Vec<(Language, String)>,
}

impl Translated {
    pub fn only(text: impl Into<String>) -> Self {
        Self { default: text.into(), others: Vec::new() }
    }

    /// The text in that language, or in the default one.
    pub fn in_language(&self, language: &str) -> &str {
        self.others.iter().find(|(other, _)| other.as_str() == language).map_or(&self.default, |(_, text)| text)
    }
}
