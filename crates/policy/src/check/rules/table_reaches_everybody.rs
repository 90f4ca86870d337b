use std::collections::BTreeSet;

use super::unreachable_table::reachable;
use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{OwnerForm, Spanned, StoreSection, TableSection};

pub(super) const RULE: Rule = Rule {
    code: "table-reaches-everybody",
    severity: Severity::Error,
    fires: "Following a table's links from one person reaches the rows of others: a link is a constant, or goes by a column that many people \
            share, or leads round in a circle.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for store in &site.rules.stores {
        let reachable = reachable(store);
        for table in store.tables() {
            for owner in table.owners() {
                if let Some((message, help)) = everybody(store, table, &owner.value, &reachable) {
                    found.in_rules(owner.span.clone(), message, help);
                }
            }
        }
    }
}

fn everybody(store: &StoreSection, table: &TableSection, owner: &OwnerForm, reachable: &BTreeSet<&str>) -> Option<(String, &'static str)> {
    let reference = owner.reference();
    let columns = [owner.person_column(), owner.column.get().map(String::as_str), reference.map(|reference| reference.column)];
    if let Some(constant) = columns.into_iter().flatten().find(|column| is_constant(column)) {
        let message = format!("`{constant}` is the same for every row, so that each row of {} is everybody's", table.called());
        return Some((message, "name the column that says whose the row is"));
    }
    if let Some(shared) = owner.person_column().filter(|column| SHARED_BY_MANY.contains(column)) {
        let message = format!("many people share one `{shared}`, so that a row of {} is everybody's who does", table.called());
        return Some((message, "name the column that says whose the row is"));
    }
    let reference = reference.filter(|reference| reachable.contains(reference.table))?;
    if !identifies(store, reference.table, reference.column) {
        let message = format!(
            "many rows of `{}` share one `{}`, so that a row of {} is everybody's who does",
            reference.table,
            reference.column,
            table.called()
        );
        return Some((message, "point at the column that identifies one row there, as `users.id`"));
    }
    let own = table.name.get()?;
    leads_to(store, reference.table, own).then(|| {
        let message =
            format!("{} leads to `{}` and from there back to itself, from one person to the next", table.called(), reference.table);
        (message, "links go one way, towards the table that names the person: take this one or the one back out")
    })
}

/// A number, a quoted text, a truth value or `*` in place of a column.
fn is_constant(column: &str) -> bool {
    let is_word = |word: &str| ["true", "false", "null"].contains(&word.to_ascii_lowercase().as_str());
    column.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '*' | '\'' | '"')) || is_word(column)
}

/// Columns that say something about a person, and the same about many others.
const SHARED_BY_MANY: [&str; 20] = [
    "active",
    "city",
    "country",
    "created_at",
    "gender",
    "group",
    "kind",
    "language",
    "locale",
    "organisation",
    "organization",
    "plan",
    "region",
    "role",
    "state",
    "status",
    "team",
    "tenant",
    "time_zone",
    "type",
];

/// Whether a column of a table tells its rows apart, or says whose they are.
fn identifies(store: &StoreSection, table: &str, column: &str) -> bool {
    let owners = store.tables().iter().filter(|known| known.name.get().is_some_and(|name| name == table)).flat_map(TableSection::owners);
    let says_whose = owners
        .into_iter()
        .any(|owner| owner.value.person_column() == Some(column) || owner.value.column.get().is_some_and(|known| known == column));
    let points_elsewhere = column.strip_suffix("_id").is_some_and(|to| !is_one_of(table, to));
    says_whose || !(points_elsewhere || SHARED_BY_MANY.contains(&column))
}

/// Whether `user` is what a row of `users` or `app_users` is called.
fn is_one_of(table: &str, one: &str) -> bool {
    let last = table.rsplit(['.', '_']).next().unwrap_or(table);
    [table, last].into_iter().any(|name| {
        name == one
            || name.strip_suffix('s') == Some(one)
            || name.strip_suffix("es") == Some(one)
            || name.strip_suffix("ies").is_some_and(|stem| one.strip_suffix('y') == Some(stem))
            || (name == "people" && one == "person")
    })
}

/// Whether following references from one table arrives at another.
fn leads_to(store: &StoreSection, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut next = vec![from];
    while let Some(at) = next.pop() {
        if at == to {
            return true;
        }
        let tables = store.tables().iter().filter(|table| table.name.get().is_some_and(|name| name == at));
        let references = tables.flat_map(TableSection::owners).filter_map(|owner: &Spanned<OwnerForm>| owner.value.reference());
        next.extend(references.map(|reference| reference.table).filter(|table| seen.insert(table)));
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn a_constant_is_everybody() {
        let folder =
            library().rules("person = { email = \"email\" }", "person = { email = \"*\" }").rules("column = \"sender\"", "column = \"1\"");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn a_column_that_many_share_is_everybody() {
        let folder = library().more_rules(
            "
        [[store.table]]
        name = \"branches\"
        person = { column = \"id\", references = \"readers.branch_id\" }
        erase = \"delete\"

        [[store.table]]
        name = \"weather\"
        person = { column = \"place\", references = \"readers.city\" }
        erase = \"delete\"
        ",
        );
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn a_circle_leads_from_one_person_to_the_next() {
        let folder = library().more_rules(
            "
        [[store.table]]
        name = \"members\"
        person = [{ username = \"name\" }, { column = \"club_id\", references = \"clubs.id\" }]
        erase = \"delete\"

        [[store.table]]
        name = \"clubs\"
        person = { column = \"founder\", references = \"members.id\" }
        erase = \"delete\"
        ",
        );
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn a_chain_that_goes_by_the_persons_own_column_is_fine() {
        let folder = library().more_rules(
            "
        [[store.table]]
        name = \"stars\"
        person = { column = \"starred_by\", references = \"reviews.reader_id\" }
        erase = \"delete\"

        [[store.table]]
        name = \"replies\"
        person = { column = \"review\", references = \"reviews.review_id\" }
        erase = \"delete\"
        ",
        );
        assert_eq!(folder.findings(), "no errors, no warnings\n");
    }
}
