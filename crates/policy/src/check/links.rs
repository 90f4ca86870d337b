//! How the tables of a store lead to people.

use crate::syntax::{Entry, OwnerForm, Spanned, StoreSection, TableSection};

/// `references = "users.id"`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference<'t> {
    pub(crate) table: &'t str,
    pub(crate) column: &'t str,
}

impl<'t> Reference<'t> {
    /// The table's name may have a schema before it, as in `public.users.id`.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let (table, column) = text.rsplit_once('.')?;
        (!table.is_empty() && !column.is_empty()).then_some(Self { table, column })
    }
}

impl OwnerForm {
    pub(crate) fn reference(&self) -> Option<Reference<'_>> {
        self.references.get().and_then(|text| Reference::parse(text))
    }

    /// The column that names the person right here.
    pub(crate) fn person_column(&self) -> Option<&str> {
        self.direct().into_iter().find_map(Entry::get).map(String::as_str)
    }

    pub(crate) const fn direct(&self) -> [&Entry<String>; 4] {
        [&self.email, &self.username, &self.account, &self.visitor]
    }
}

impl StoreSection {
    pub(crate) fn tables(&self) -> &[TableSection] {
        self.tables.get().map_or(&[], |tables| &tables.0)
    }
}

impl TableSection {
    pub(crate) fn owners(&self) -> &[Spanned<OwnerForm>] {
        self.person.get().map_or(&[], |owners| &owners.0)
    }

    pub(crate) fn called(&self) -> String {
        self.name.get().map_or_else(|| "this table".to_owned(), |name| format!("the table `{name}`"))
    }
}
