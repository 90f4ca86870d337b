use super::all;
use crate::check::links::Reference;
use crate::model::{EraseRule, HideRule, OwnerLink, PersonLink, Store, StoreUrl, Table};
use crate::syntax::{EraseForm, OwnerForm, StoreSection, TableSection};

pub(super) fn store(section: &StoreSection) -> Option<Store> {
    Some(Store {
        id: section.id.get()?.clone(),
        kind: *section.kind.get()?,
        url: section.url.get().map(StoreUrl::from),
        tables: all(section.tables(), table)?,
    })
}

fn table(section: &TableSection) -> Option<Table> {
    let hide = section.hide.get().map(|hide| HideRule { set: hide.set.get().map_or_else(Vec::new, |set| set.0.clone()) });
    Some(Table {
        name: section.name.get()?.clone(),
        people: all(section.owners(), |owner| {
            let erase = owner.value.erase.get().or(section.erase.get())?;
            Some(OwnerLink { link: link(&owner.value)?, erase: erase.into() })
        })?,
        url: section.url.get().cloned(),
        hide,
    })
}

fn link(owner: &OwnerForm) -> Option<PersonLink> {
    if let (Some(column), Some(references)) = (owner.column.get(), owner.references.get()) {
        let Reference { table, column: referenced } = Reference::parse(references)?;
        return Some(PersonLink::References { column: column.clone(), table: table.to_owned(), referenced: referenced.to_owned() });
    }
    let column = owner.person_column()?.to_owned();
    Some(if owner.email.get().is_some() {
        PersonLink::Email { column }
    } else if owner.username.get().is_some() {
        PersonLink::Username { column }
    } else if owner.account.get().is_some() {
        PersonLink::Account { column }
    } else {
        PersonLink::Visitor { column }
    })
}

impl From<&EraseForm> for EraseRule {
    fn from(form: &EraseForm) -> Self {
        match form {
            EraseForm::Delete => Self::Delete,
            EraseForm::Change { null, set } => Self::Change { null: null.clone(), set: set.clone() },
            EraseForm::Keep { reason } => Self::Keep { reason: reason.clone() },
        }
    }
}
