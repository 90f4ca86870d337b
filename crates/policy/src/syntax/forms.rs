//! Values that are small tables of their own.

use std::ops::Range;

use domain::{Language, Region, Span};
use toml::de::{DeTable, DeValue};

use super::place::Spanned;
use super::reader::{Reader, Section, TomlValue, Value, in_order, sections};
use crate::model::{AgeingForm, ChoiceDefault};

sections! {
    /// Where people reach us.
    single ContactForm = "contact" {
        /// The address every request may come to.
        "email" email: String,
        /// The postal address.
        "address" address: String,
    }

    /// A field that loses detail with time.
    single AgeingRow = "ageing" {
        /// Which field of this data.
        "field" field: String,
        /// After how long.
        "after" after: Span,
        /// What is left then.
        "become" become_: AgeingForm,
    }

    /// How a row belongs to a person.
    single OwnerForm = "person" {
        /// The column that holds the person's e-mail address.
        "email" email: String,
        /// The column that holds the username.
        "username" username: String,
        /// The column that holds Candor's account id.
        "account" account: String,
        /// The column that holds Candor's visitor id.
        "visitor" visitor: String,
        /// The column that points at a row of another table.
        "column" column: String,
        /// The table and column it points at, as `users.id`.
        "references" references: String,
        /// What erasing this person does to the row, where it differs from the table's.
        "erase" erase: EraseForm,
    }

    /// What hides a row from the public.
    single HideForm = "hide" {
        /// The columns to set, and to what.
        "set" set: ColumnValues,
    }

    /// What erasing changes in a row.
    single EraseTable = "erase" {
        /// The columns to empty.
        "null" null: Vec<Spanned<String>>,
        /// The columns to set, and to what.
        "set" set: ColumnValues,
        /// Why the row stays as it is.
        "keep" keep: String,
    }

    /// Where the address of a store is found.
    single StoreUrlTable = "url" {
        /// The environment variable that holds it.
        "env" env: String,
    }
}

macro_rules! inline_tables {
    ($($kind:ty: $form:literal;)+) => { $(
        impl Value for $kind {
            fn form() -> String {
                $form.to_owned()
            }

            fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
                read_table(reader, value, <$kind as Section>::read)
            }
        }
    )+ };
}

inline_tables! {
    ContactForm: "`{ email = \"...\", address = \"...\" }`";
    AgeingRow: "`{ field = \"...\", after = \"30 days\", become = \"...\" }`";
    OwnerForm: "`{ email = \"column\" }`, the same with `username`, `account` or `visitor`, or `{ column = \"...\", references = \"table.column\" }`";
    HideForm: "`{ set = { column = ... } }`";
}

/// Reads a table; one with problems inside is not used.
fn read_table<S: Value>(
    reader: &mut Reader,
    value: &TomlValue<'_>,
    read: impl FnOnce(&mut Reader, Range<usize>, &DeTable<'_>) -> S,
) -> Option<S> {
    let Some(table) = value.get_ref().as_table() else {
        reader.wrong_kind::<S>(value);
        return None;
    };
    let before = reader.problems.len();
    let read = read(reader, value.span(), table);
    (reader.problems.len() == before).then_some(read)
}

/// A text, or one text a language.
#[derive(Clone, Debug)]
pub(crate) enum Translations {
    Plain(String),
    ByLanguage(Vec<(Spanned<Language>, String)>),
}

impl Value for Translations {
    fn form() -> String {
        "a text, or one for each language as `{ en = \"...\", es = \"...\" }`".to_owned()
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::String(_) => String::read(reader, value).map(Self::Plain),
            DeValue::Table(_) => read_map(reader, value, Language::parse, "a language tag, as `en`").map(Self::ByLanguage),
            _ => {
                reader.wrong_kind::<Self>(value);
                None
            }
        }
    }
}

/// `{ us-ca = "opt-out", "*" = "ask" }`.
#[derive(Clone, Debug)]
pub(crate) struct ChoicesByRegion(pub(crate) Vec<(Spanned<Region>, ChoiceDefault)>);

impl Value for ChoicesByRegion {
    fn form() -> String {
        format!("one of {} for each region, as `{{ us-ca = \"opt-out\", \"*\" = \"ask\" }}`", ChoiceDefault::form())
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        read_map(reader, value, Region::parse, "a region, as `us-ca`, `DE` or `eu`, or `*` for everywhere else").map(Self)
    }
}

/// `{ email = "e-mail" }`: a field, and its category in the statute.
#[derive(Clone, Debug)]
pub(crate) struct Statutory(pub(crate) Vec<(Spanned<String>, String)>);

impl Value for Statutory {
    fn form() -> String {
        "a category of Cal. Civ. Code 1798.83 for each field it fits, as `{ email = \"e-mail\" }`".to_owned()
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        read_map(reader, value, |field| Some(field.to_owned()), "a field").map(Self)
    }
}

/// `{ column = "value" }`, where a value is a text, a number, or true or false.
#[derive(Clone, Debug)]
pub(crate) struct ColumnValues(pub(crate) Vec<(String, String)>);

impl Value for ColumnValues {
    fn form() -> String {
        "a value for each column, as `{ hidden = true }`".to_owned()
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        let columns = read_map(reader, value, |column| Some(column.to_owned()), "a column")?;
        Some(Self(columns.into_iter().map(|(column, ColumnValue(value))| (column.value, value)).collect()))
    }
}

struct ColumnValue(String);

impl Value for ColumnValue {
    fn form() -> String {
        "a text, a number, or true or false".to_owned()
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::String(text) => Some(Self(text.clone().into_owned())),
            DeValue::Boolean(answer) => Some(Self(answer.to_string())),
            DeValue::Integer(number) => Some(Self(number.to_string())),
            _ => {
                reader.wrong_kind::<Self>(value);
                None
            }
        }
    }
}

fn read_map<K, V: Value>(
    reader: &mut Reader,
    value: &TomlValue<'_>,
    key_of: impl Fn(&str) -> Option<K>,
    key_form: &str,
) -> Option<Vec<(Spanned<K>, V)>> {
    let Some(table) = value.get_ref().as_table() else {
        reader.unreadable(value.span(), "this is not a table", format!("it has to be a table, each key {key_form}"));
        return None;
    };
    let before = reader.problems.len();
    let mut read = Vec::new();
    for (key, value) in in_order(table) {
        match key_of(key.value) {
            None => {
                reader.unreadable(key.span, format!("`{}` cannot be read here", key.value), format!("it has to be {key_form}"));
            }
            Some(known) => read.extend(V::read(reader, value).map(|value| (Spanned::new(known, key.span), value))),
        }
    }
    (reader.problems.len() == before).then_some(read)
}

/// What erasing does to a row.
#[derive(Clone, Debug)]
pub(crate) enum EraseForm {
    Delete,
    Change { null: Vec<String>, set: Vec<(String, String)> },
    Keep { reason: String },
}

impl Value for EraseForm {
    fn form() -> String {
        "`delete`, `{ null = [\"column\"], set = { column = \"value\" } }`, or `{ keep = \"reason\" }`".to_owned()
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::String(text) if text == "delete" => Some(Self::Delete),
            DeValue::Table(table) => {
                let before = reader.problems.len();
                let EraseTable { null, set, keep, .. } = EraseTable::read(reader, value.span(), table);
                if reader.problems.len() > before {
                    return None;
                }
                let null: Vec<String> = null.get().into_iter().flatten().map(|column| column.value.clone()).collect();
                let set = set.get().map_or_else(Vec::new, |set| set.0.clone());
                match (keep.get(), null.is_empty() && set.is_empty()) {
                    (Some(reason), true) => Some(Self::Keep { reason: reason.clone() }),
                    (None, false) => Some(Self::Change { null, set }),
                    (Some(_), false) | (None, true) => {
                        reader.unreadable(
                            value.span(),
                            "this neither keeps the row nor changes it, or does both",
                            format!("it has to be {}", Self::form()),
                        );
                        None
                    }
                }
            }
            _ => {
                reader.wrong_kind::<Self>(value);
                None
            }
        }
    }
}

/// One way a row belongs to a person, or several.
#[derive(Clone, Debug)]
pub(crate) struct Owners(pub(crate) Vec<Spanned<OwnerForm>>);

impl Value for Owners {
    fn form() -> String {
        format!("{}; or a list of these, each perhaps with its own `erase`", OwnerForm::form())
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(_) => Some(Self(vec![Spanned::new(OwnerForm::read_value(reader, value)?, value.span())])),
            DeValue::Array(_) => Vec::<Spanned<OwnerForm>>::read(reader, value).map(Self),
            _ => {
                reader.wrong_kind::<Self>(value);
                None
            }
        }
    }
}

impl OwnerForm {
    fn read_value(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        <Self as Value>::read(reader, value)
    }
}

/// The address of a store, or where it is found.
#[derive(Clone, Debug)]
pub(crate) enum StoreUrlForm {
    Literal(String),
    Environment(String),
}

impl Value for StoreUrlForm {
    fn form() -> String {
        "an address, or `{ env = \"VARIABLE\" }`".to_owned()
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::String(_) => String::read(reader, value).map(Self::Literal),
            DeValue::Table(table) => {
                let read = StoreUrlTable::read(reader, value.span(), table);
                if read.env.is_absent() {
                    reader.unreadable(value.span(), "this names no environment variable", format!("it has to be {}", Self::form()));
                }
                read.env.get().cloned().map(Self::Environment)
            }
            _ => {
                reader.wrong_kind::<Self>(value);
                None
            }
        }
    }
}
