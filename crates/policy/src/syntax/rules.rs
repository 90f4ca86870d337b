use std::ops::Range;

use domain::Id;
use toml::de::{DeTable, DeValue};

use super::place::Spanned;
use super::problem::{Problem, ProblemKind};
use super::reader::{Entry, Reader, Section, Shape, TomlValue, Value, in_order};
use super::sections::{
    ChoicesSection, CookieSection, DataSection, DutySection, NeverSection, NoticeSection, PolicySection, PreferenceSection, PromiseSection,
    PurposeSection, RecipientSection, ResourceSection, Rule, StoreSection, TableSection, Tables, UseSection,
};

/// `policy.toml`, read but not yet understood.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// None is a file without that table.
    pub(crate) policy: Option<PolicySection>,
    pub(crate) notice: Option<NoticeSection>,
    pub(crate) choices: Option<ChoicesSection>,
    pub(crate) data: Vec<DataSection>,
    pub(crate) purposes: Vec<PurposeSection>,
    pub(crate) uses: Vec<UseSection>,
    pub(crate) nevers: Vec<NeverSection>,
    pub(crate) recipients: Vec<RecipientSection>,
    pub(crate) duties: Vec<DutySection>,
    pub(crate) promises: Vec<PromiseSection>,
    pub(crate) cookies: Vec<CookieSection>,
    pub(crate) resources: Vec<ResourceSection>,
    pub(crate) preferences: Vec<PreferenceSection>,
    pub(crate) stores: Vec<StoreSection>,
    pub(crate) problems: Vec<Problem>,
}

/// Every table, in the order of the reference.
pub(crate) fn vocabulary() -> Vec<Shape> {
    let mut shapes = vec![
        PolicySection::shape(),
        NoticeSection::shape(),
        ChoicesSection::shape(),
        DataSection::shape(),
        PurposeSection::shape(),
        UseSection::shape(),
        NeverSection::shape(),
        RecipientSection::shape(),
        DutySection::shape(),
        PromiseSection::shape(),
        CookieSection::shape(),
        ResourceSection::shape(),
        PreferenceSection::shape(),
        StoreSection::shape(),
        TableSection::shape(),
    ];
    for shape in &mut shapes {
        shape.keys.iter_mut().filter(|key| key.name == "table").for_each(|key| "tables".clone_into(&mut key.form));
    }
    shapes
}

const TABLES: [&str; 14] = [
    "policy",
    "notice",
    "choices",
    "data",
    "purpose",
    "use",
    "never",
    "recipient",
    "duty",
    "promise",
    "cookie",
    "resource",
    "preference",
    "store",
];

/// Reads what there is, with a problem for whatever cannot be read.
pub(crate) fn read_rules(text: &str) -> Rules {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader::default();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let message = format!("this is not TOML: {}", error.message());
        reader
            .problems
            .push(Problem { span, kind: ProblemKind::Broken { message, help: "see https://toml.io for the format".to_owned() } });
    }
    let mut rules = Rules::default();
    for (key, value) in in_order(document.get_ref()) {
        read_table(&mut rules, &mut reader, &key, value);
    }
    rules.problems = reader.problems;
    rules
}

fn read_table(rules: &mut Rules, reader: &mut Reader, key: &Spanned<&str>, value: &TomlValue<'_>) {
    match key.value {
        "policy" => rules.policy = single(reader, key, value),
        "notice" => rules.notice = single(reader, key, value),
        "choices" => rules.choices = single(reader, key, value),
        "data" => rules.data = keyed(reader, key, value, |section: &mut DataSection, id| section.id = id),
        "purpose" => rules.purposes = keyed(reader, key, value, |section: &mut PurposeSection, id| section.id = id),
        "preference" => rules.preferences = keyed(reader, key, value, |section: &mut PreferenceSection, id| section.id = id),
        "use" => rules.uses = listed(reader, key, value),
        "never" => rules.nevers = listed(reader, key, value),
        "recipient" => rules.recipients = listed(reader, key, value),
        "duty" => rules.duties = listed(reader, key, value),
        "promise" => rules.promises = listed(reader, key, value),
        "cookie" => rules.cookies = listed(reader, key, value),
        "resource" => rules.resources = listed(reader, key, value),
        "store" => rules.stores = listed(reader, key, value),
        unknown => reader.unknown_key(key.span.clone(), unknown, "policy.toml", TABLES.to_vec()),
    }
}

fn single<S: Section>(reader: &mut Reader, key: &Spanned<&str>, value: &TomlValue<'_>) -> Option<S> {
    match value.get_ref() {
        DeValue::Table(table) => Some(S::read(reader, header(key, value), table)),
        _ => {
            reader.unreadable(
                key.span.clone(),
                format!("`{}` is a table", key.value),
                format!("write `[{}]` on a line of its own", key.value),
            );
            None
        }
    }
}

fn keyed<S: Section>(reader: &mut Reader, key: &Spanned<&str>, value: &TomlValue<'_>, name: fn(&mut S, Entry<Id>)) -> Vec<S> {
    let Some(table) = value.get_ref().as_table() else {
        let help = format!("write `[{}.name]` on a line of its own", key.value);
        reader.unreadable(key.span.clone(), format!("`{}` is a table of tables", key.value), help);
        return Vec::new();
    };
    let mut sections = Vec::new();
    for (id, value) in in_order(table) {
        let Some(table) = value.get_ref().as_table() else {
            let help = format!("write `[{}.{}]` on a line of its own", key.value, id.value);
            reader.unreadable(id.span.clone(), format!("`{}.{}` is a table", key.value, id.value), help);
            continue;
        };
        let mut section = S::read(reader, header(&id, value), table);
        name(
            &mut section,
            match Id::parse(id.value) {
                Ok(read) => Entry::Read(Spanned::new(read, id.span)),
                Err(error) => {
                    reader.unreadable(id.span, format!("`{}` is not an id", id.value), error.to_string());
                    Entry::Unreadable
                }
            },
        );
        sections.push(section);
    }
    sections
}

fn listed<S: Section>(reader: &mut Reader, key: &Spanned<&str>, value: &TomlValue<'_>) -> Vec<S> {
    let Some(list) = value.get_ref().as_array() else {
        let help = format!("write `[[{}]]`, in double brackets, for each", key.value);
        reader.unreadable(key.span.clone(), format!("`{}` is a list of tables", key.value), help);
        return Vec::new();
    };
    let mut sections = Vec::new();
    for item in list.iter() {
        match item.get_ref().as_table() {
            Some(table) => sections.push(S::read(reader, item.span(), table)),
            None => reader.unreadable(item.span(), "this is not a table", format!("write `[[{}]]` for each", key.value)),
        }
    }
    sections
}

/// Where a table begins; one without a header of its own begins at its key.
fn header(key: &Spanned<&str>, value: &TomlValue<'_>) -> Range<usize> {
    let span = value.span();
    if span.is_empty() { key.span.clone() } else { span }
}

impl Value for Tables {
    fn form() -> String {
        "a list of tables, each as `[[store.table]]`".to_owned()
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        let key = Spanned::new("store.table", value.span());
        let before = reader.problems.len();
        let tables = listed(reader, &key, value);
        (reader.problems.len() == before).then_some(Self(tables))
    }
}

impl Rules {
    pub(crate) fn purpose(&self, id: &str) -> Option<&PurposeSection> {
        self.purposes.iter().find(|purpose| purpose.is(id))
    }

    pub(crate) fn recipient(&self, id: &str) -> Option<&RecipientSection> {
        self.recipients.iter().find(|recipient| recipient.is(id))
    }

    /// Whether the file itself could be read, whatever is in it.
    pub(crate) fn is_broken(&self) -> bool {
        self.problems.iter().any(|problem| matches!(problem.kind, ProblemKind::Broken { .. }))
    }

    /// Where something absent from the file as a whole is missed.
    pub(crate) fn top(&self) -> Range<usize> {
        self.policy.as_ref().map_or(0..0, |policy| policy.header.clone())
    }

    /// Every id a tag may name.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &Id> {
        fn ids<R: Rule>(rules: &[R]) -> impl Iterator<Item = &Id> {
            rules.iter().filter_map(|rule| rule.id().get())
        }
        ids(&self.uses)
            .chain(ids(&self.nevers))
            .chain(ids(&self.duties))
            .chain(ids(&self.purposes))
            .chain(ids(&self.cookies))
            .chain(ids(&self.resources))
            .chain(ids(&self.recipients))
            .chain(ids(&self.data))
            .chain(ids(&self.preferences))
            .chain(ids(&self.stores))
    }
}
