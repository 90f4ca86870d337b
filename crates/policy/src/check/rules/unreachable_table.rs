use std::collections::BTreeSet;

use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{OwnerForm, Rule as _, Spanned, StoreSection, TableSection, nearest};

pub(super) const RULE: Rule = Rule {
    code: "unreachable-table",
    severity: Severity::Error,
    fires: "Nothing leads from a person to the rows of a table: it names no person column, or its references end where nobody is.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    site.rules.stores.iter().for_each(|store| tables(store, found));
}

fn tables(store: &StoreSection, found: &mut Found) {
    let reachable = reachable(store);
    for table in store.tables() {
        if table.person.is_absent() || table.person.get().is_some_and(|owners| owners.0.is_empty()) {
            found.in_rules(
                table.header.clone(),
                format!("nothing says whose the rows of {} are", table.called()),
                "add `person = { email = \"column\" }`, or `person = { column = \"author_id\", references = \"users.id\" }`",
            );
        }
        for owner in table.owners() {
            if let Some(reference) = owner.value.reference() {
                leads_nowhere(store, table, owner, reference.table, &reachable, found);
            }
        }
    }
}

fn leads_nowhere(
    store: &StoreSection,
    table: &TableSection,
    owner: &Spanned<OwnerForm>,
    to: &str,
    reachable: &BTreeSet<&str>,
    found: &mut Found,
) {
    if reachable.contains(to) {
        return;
    }
    let names = || store.tables().iter().filter_map(|table| table.name.get()).map(String::as_str);
    let (message, help) = if names().any(|name| name == to) {
        (
            format!("{} leads to `{to}`, and nobody can be found from there", table.called()),
            "a chain of references has to end at a table that names an e-mail address, a username, an account or a visitor".to_owned(),
        )
    } else {
        let help = match nearest(to, names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("declare `{to}` as a `[[store.table]]` of the same store"),
        };
        (format!("{} leads to `{to}`, which {} does not declare", table.called(), store.called()), help)
    };
    found.in_rules(owner.span.clone(), message, help);
}

/// The tables from which a person can be found.
pub(super) fn reachable(store: &StoreSection) -> BTreeSet<&str> {
    let mut reachable: BTreeSet<&str> = BTreeSet::new();
    loop {
        let before = reachable.len();
        for table in store.tables() {
            let leads = |owner: &Spanned<OwnerForm>| match owner.value.reference() {
                Some(reference) => reachable.contains(reference.table),
                None => owner.value.person_column().is_some(),
            };
            if let Some(name) = table.name.get().filter(|_| table.owners().iter().any(leads)) {
                reachable.insert(name);
            }
        }
        if reachable.len() == before {
            return reachable;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn tables_from_which_nobody_can_be_found_are_shown() {
        let folder = library().rules("person = { email = \"email\" }\n", "").more_rules(
            "\n[[store.table]]\nname = \"fines\"\nperson = { column = \"reader\", references = \"raeders.id\" }\nerase = \"delete\"\n",
        );
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn two_tables_that_only_know_each_other_are_shown() {
        let folder = library().more_rules(
            "
        [[store.table]]
        name = \"left\"
        person = { column = \"right_id\", references = \"right.id\" }
        erase = \"delete\"

        [[store.table]]
        name = \"right\"
        person = { column = \"left_id\", references = \"left.id\" }
        erase = \"delete\"
        ",
        );
        insta::assert_snapshot!(folder.findings());
    }
}
