use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::setting::Setting;

/// Declares a section: one struct, whose doc comments and defaults are also its reference.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub(crate) struct $name:ident {
            $( $(#[doc = $doc:literal])+ $field:ident: $kind:ty = $default:literal, )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub(crate) struct $name {
            $( $(#[doc = $doc])+ pub(crate) $field: $kind, )+
        }

        impl $name {
            fn from_sources(sources: &$crate::config::section::Sources, section: &str) -> Result<Self, $crate::config::ConfigError> {
                Ok(Self { $( $field: sources.setting(section, stringify!($field), $default)?, )+ })
            }

            fn keys(section: &'static str) -> impl Iterator<Item = $crate::config::Key> {
                [$((stringify!($field), $default, concat!($($doc),+)),)+].into_iter().map(move |(field, default, about)| {
                    $crate::config::Key { name: $crate::config::section::full_name(section, field), default, about: about.trim() }
                })
            }
        }
    };
}
pub(super) use section;

/// One key of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// As in `candor.toml`, with its section: `tls.certificate`.
    pub(crate) name: String,
    pub(crate) default: &'static str,
    pub(crate) about: &'static str,
}

impl Key {
    /// As a flag: `--trusted-proxies`, `--tls-certificate`.
    pub(crate) fn flag(&self) -> String {
        self.name.replace(['_', '.'], "-")
    }

    /// As an environment variable: `CANDOR_TRUSTED_PROXIES`.
    pub(crate) fn variable(&self) -> String {
        variable(&self.name)
    }
}

fn variable(name: &str) -> String {
    format!("CANDOR_{}", name.replace('.', "_").to_uppercase())
}

pub(super) fn full_name(section: &str, field: &str) -> String {
    if section.is_empty() { field.to_owned() } else { format!("{section}.{field}") }
}

/// A value somebody gave for a key, as text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) key: String,
    pub(crate) text: String,
    pub(crate) place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    File { file: PathBuf, line: usize },
    Flag(String),
    Variable(String),
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { file, line } => write!(out, "{}:{line}", file.display()),
            Self::Flag(name) => write!(out, "--{name}"),
            Self::Variable(name) => write!(out, "{name}"),
        }
    }
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{}: it cannot be read: {error}", .file.display())]
    Unreadable { file: PathBuf, error: std::io::Error },
    #[error("{}:{line}: this is not TOML: {message}", .file.display())]
    NotToml { file: PathBuf, line: usize, message: String },
    #[error("{place}: there is no key `{key}`{}", nearest(.known))]
    UnknownKey { place: Place, key: String, known: Option<String> },
    #[error("{place}: `{key}` is \"{text}\"; expected {expected}")]
    BadValue { place: Place, key: String, text: String, expected: &'static str },
    #[error("{place}: `{given}` goes with `{missing}`, which is not set")]
    Incomplete { place: Place, given: &'static str, missing: &'static str },
    #[error("{place}: with `?tls=none` everybody on the way could read the password of `{given}`; leave it away")]
    Exposed { place: Place, given: &'static str },
}

fn nearest(known: &Option<String>) -> String {
    known.as_ref().map_or_else(String::new, |known| format!("; did you mean `{known}`?"))
}

/// Every value that was given, the strongest for each key.
#[derive(Debug)]
pub(super) struct Sources {
    given: BTreeMap<String, Given>,
}

impl Sources {
    pub(super) fn gather(
        path: &Path,
        text: Option<&str>,
        flags: &[Given],
        keys: &[String],
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut given: BTreeMap<String, Given> = BTreeMap::new();
        let mut insert = |value: Given| given.insert(value.key.clone(), value);
        if let Some(text) = text {
            for value in read_file(path, text)? {
                if !keys.contains(&value.key) {
                    let known = closest(&value.key, keys);
                    return Err(ConfigError::UnknownKey { place: value.place, key: value.key, known });
                }
                insert(value);
            }
        }
        for key in keys {
            let name = variable(key);
            if let Some(text) = environment(&name) {
                insert(Given { key: key.clone(), text, place: Place::Variable(name) });
            }
        }
        flags.iter().cloned().for_each(|value| {
            insert(value);
        });
        Ok(Self { given })
    }

    pub(super) fn setting<T: Setting>(&self, section: &str, field: &str, default: &str) -> Result<T, ConfigError> {
        let key = full_name(section, field);
        match self.given.get(&key) {
            None => Ok(T::parse(default).unwrap_or_else(|| panic!("the default of `{key}` is one that can be read"))),
            Some(given) => T::parse(&given.text).ok_or_else(|| ConfigError::BadValue {
                place: given.place.clone(),
                key,
                text: T::shown(&given.text),
                expected: T::EXPECTED,
            }),
        }
    }

    pub(super) fn missing(&self, missing: &'static str, given: &'static str) -> ConfigError {
        ConfigError::Incomplete { place: self.place(given), given, missing }
    }

    pub(super) fn exposed(&self, given: &'static str) -> ConfigError {
        ConfigError::Exposed { place: self.place(given), given }
    }

    fn place(&self, given: &'static str) -> Place {
        self.given.get(given).map_or(Place::Flag(given.replace(['.', '_'], "-")), |value| value.place.clone())
    }
}

fn read_file(path: &Path, text: &str) -> Result<Vec<Given>, ConfigError> {
    let table = DeTable::parse(text).map_err(|error| ConfigError::NotToml {
        file: path.to_owned(),
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    let mut values = Vec::new();
    for (name, value) in table.get_ref() {
        let place = |at: usize| Place::File { file: path.to_owned(), line: line_of(text, at) };
        match value.get_ref() {
            // `paths` is one setting written as a table; every other table is a section.
            DeValue::Table(section) if name.get_ref() != "paths" => {
                for (field, value) in section {
                    let key = full_name(name.get_ref(), field.get_ref());
                    values.push(Given { key, text: as_text(value.get_ref()), place: place(field.span().start) });
                }
            }
            value => values.push(Given { key: name.get_ref().to_string(), text: as_text(value), place: place(name.span().start) }),
        }
    }
    Ok(values)
}

/// A TOML value as a flag would say it: lists with commas, tables as `name=value` pairs.
fn as_text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(values) => values.iter().map(|value| as_text(value.get_ref())).collect::<Vec<_>>().join(","),
        DeValue::Table(values) => {
            let pair = |(name, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
                let name: &std::borrow::Cow<'_, str> = name.get_ref();
                format!("{name}={}", as_text(value.get_ref()))
            };
            values.iter().map(pair).collect::<Vec<_>>().join(",")
        }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The key that was probably meant: at most a third of its letters differ.
fn closest(key: &str, keys: &[String]) -> Option<String> {
    keys.iter()
        .map(|known| (strsim::damerau_levenshtein(key, known), known))
        .min()
        .filter(|(distance, known)| *distance * 3 <= known.len())
        .map(|(_, known)| known.clone())
}
