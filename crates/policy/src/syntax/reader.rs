use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::place::Spanned;
use super::problem::{Problem, ProblemKind};

pub(crate) type TomlValue<'i> = toml::Spanned<DeValue<'i>>;

/// What a key was found to hold.
#[derive(Clone, Debug, Default)]
pub(crate) enum Entry<T> {
    #[default]
    Absent,
    /// It is there, and a problem says why it cannot be read. No rule complains of its absence.
    Unreadable,
    Read(Spanned<T>),
}

impl<T> Entry<T> {
    pub(crate) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) const fn spanned(&self) -> Option<&Spanned<T>> {
        match self {
            Self::Read(found) => Some(found),
            Self::Absent | Self::Unreadable => None,
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.spanned().map(|found| &found.value)
    }
}

impl Entry<bool> {
    pub(crate) fn is_true(&self) -> bool {
        self.get() == Some(&true)
    }
}

/// One key of the vocabulary, for the reference and for help.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// What it may hold.
    pub(crate) form: String,
    pub(crate) about: &'static str,
}

/// One table of the vocabulary, for the reference.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) header: &'static str,
    pub(crate) about: &'static str,
    pub(crate) keys: Vec<Key>,
}

/// A kind of value a key may hold.
pub(crate) trait Value: Sized {
    /// What it is, in words that fit after "has to be".
    fn form() -> String;
    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self>;
}

/// A table whose keys are known.
pub(crate) trait Section: Sized {
    fn shape() -> Shape;
    fn read(reader: &mut Reader, header: Range<usize>, table: &DeTable<'_>) -> Self;
    /// Where the table begins.
    fn header(&self) -> Range<usize>;
}

/// Collects what could not be read while everything else is.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) problems: Vec<Problem>,
}

impl Reader {
    pub(crate) fn entry<T: Value>(&mut self, value: &TomlValue<'_>) -> Entry<T> {
        match T::read(self, value) {
            Some(read) => Entry::Read(Spanned::new(read, value.span())),
            None => Entry::Unreadable,
        }
    }

    pub(crate) fn unreadable(&mut self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem { span, kind: ProblemKind::Unreadable { message: message.into(), help: help.into() } });
    }

    /// The value is of another kind: what it is, and what it has to be.
    pub(crate) fn wrong_kind<T: Value>(&mut self, value: &TomlValue<'_>) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.unreadable(value.span(), format!("{found} does not fit here"), format!("it has to be {}", T::form()));
    }

    pub(crate) fn unknown_key(&mut self, span: Range<usize>, key: &str, section: &str, known: Vec<&'static str>) {
        let kind = ProblemKind::UnknownKey { key: key.to_owned(), section: section.to_owned(), known };
        self.problems.push(Problem { span, kind });
    }
}

/// The entries of a table as they stand in the file; the parser keeps them sorted by name.
pub(crate) fn in_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(Spanned<&'t str>, &'t TomlValue<'i>)> {
    let mut entries: Vec<_> = table.iter().map(|(key, value)| (Spanned::new(&**key.get_ref(), key.span()), value)).collect();
    entries.sort_by_key(|(key, _)| key.span.start);
    entries
}

/// Declares tables of the vocabulary: one struct a table, whose doc comments are the reference.
///
/// A `listed` table (`[[use]]`) says its `id` by key, a `keyed` one (`[purpose.news]`) by its header, a `single` one has none.
macro_rules! sections {
    ($(
        $(#[doc = $about:literal])+
        $mode:ident $name:ident = $header:literal {
            $( $(#[doc = $doc:literal])+ $key:literal $field:ident: $kind:ty, )*
        }
    )+) => { $(
        $(#[doc = $about])+
        #[derive(Clone, Debug, Default)]
        pub(crate) struct $name {
            /// Where the table begins.
            pub(crate) header: std::ops::Range<usize>,
            pub(crate) id: $crate::syntax::reader::Entry<domain::Id>,
            $( $(#[doc = $doc])+ pub(crate) $field: $crate::syntax::reader::Entry<$kind>, )*
        }

        impl $crate::syntax::reader::Section for $name {
            fn shape() -> $crate::syntax::reader::Shape {
                use $crate::syntax::reader::{Key, Value};
                let mut keys = Vec::new();
                if stringify!($mode) == "listed" {
                    let form = <domain::Id as Value>::form();
                    keys.push(Key { name: "id", form, about: "Its name, unique within its kind: what tags in the words call it." });
                }
                $( keys.push(Key { name: $key, form: <$kind as Value>::form(), about: concat!($($doc),+).trim_ascii() }); )*
                $crate::syntax::reader::Shape { header: $header, about: concat!($($about),+).trim_ascii(), keys }
            }

            fn read(
                reader: &mut $crate::syntax::reader::Reader,
                header: std::ops::Range<usize>,
                table: &toml::de::DeTable<'_>,
            ) -> Self {
                let mut section = Self { header, ..Self::default() };
                for (key, value) in $crate::syntax::reader::in_order(table) {
                    match key.value {
                        "id" if stringify!($mode) == "listed" => section.id = reader.entry(value),
                        $( $key => section.$field = reader.entry(value), )*
                        unknown => {
                            let known = <Self as $crate::syntax::reader::Section>::shape().keys.iter().map(|key| key.name).collect();
                            reader.unknown_key(key.span, unknown, $header, known);
                        }
                    }
                }
                section
            }

            fn header(&self) -> std::ops::Range<usize> {
                self.header.clone()
            }
        }
    )+ };
}
pub(crate) use sections;
