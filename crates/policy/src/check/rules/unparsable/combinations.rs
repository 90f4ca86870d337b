//! Values that are fine one by one and make no sense together.

use std::collections::HashSet;

use domain::Id;

use crate::check::links::Reference;
use crate::check::{Found, Site};
use crate::model::AgeingForm;
use crate::syntax::{DataSection, OwnerForm, Spanned};

pub(super) fn check(site: &Site<'_>, found: &mut Found) {
    cookies(site, found);
    site.rules.data.iter().for_each(|data| ageing(data, found));
    site.rules.data.iter().for_each(|data| truncated_too_late(data, found));
    for owner in site.rules.stores.iter().flat_map(|store| store.tables()).flat_map(|table| table.owners()) {
        owner_link(owner, found);
    }
    for agreement in site.rules.uses.iter().filter_map(|rule| rule.agreement.spanned()) {
        if let Err(error) = Id::parse(&agreement.value) {
            found.in_rules(agreement.span.clone(), format!("`{}` is not an id", agreement.value), error.to_string());
        }
    }
}

/// A cookie is the site's or a part of ours, and each part of ours is declared once.
fn cookies(site: &Site<'_>, found: &mut Found) {
    let mut held = HashSet::new();
    for cookie in &site.rules.cookies {
        if cookie.name.is_absent() == cookie.holds.is_absent() {
            let message = if cookie.name.is_absent() { "has neither a `name` nor `holds`" } else { "has a `name` and `holds`" };
            let help = "a cookie of the site has a `name`; a part of Candor's own says what it `holds`";
            found.in_rules(cookie.header.clone(), format!("{} {message}", cookie.called()), help);
        }
        if let Some(holds) = cookie.holds.spanned().filter(|holds| !held.insert(holds.value as u8)) {
            found.in_rules(holds.span.clone(), "another cookie holds this already", "declare each part of Candor's own cookie once");
        }
    }
}

fn ageing(data: &DataSection, found: &mut Found) {
    for row in data.ageing.get().into_iter().flatten() {
        let missing =
            [("field", row.value.field.is_absent()), ("after", row.value.after.is_absent()), ("become", row.value.become_.is_absent())];
        for (key, _) in missing.into_iter().filter(|(_, is_missing)| *is_missing) {
            let help = "write `{ field = \"ip\", after = \"30 days\", become = \"truncated\" }`";
            found.in_rules(row.span.clone(), format!("this ageing has no `{key}`"), help);
        }
        let (Some(field), Some(becomes)) = (row.value.field.get(), row.value.become_.spanned()) else {
            continue;
        };
        let fits = match becomes.value {
            AgeingForm::Truncated | AgeingForm::Encrypted => "ip",
            AgeingForm::Family => "browser",
            AgeingForm::Origin => "referrer",
            AgeingForm::Gone => continue,
        };
        if data.id.get().is_none_or(|id| *id != *"visit") || field != fits {
            let message = format!("`{field}` cannot become this");
            found.in_rules(becomes.span.clone(), message, format!("that is for `visit.{fits}` alone; `gone` is for any field"));
        }
    }
}

/// What is encrypted can no longer be cut down to its network.
fn truncated_too_late(data: &DataSection, found: &mut Found) {
    let rows = data.ageing.get().into_iter().flatten();
    let rows: Vec<_> = rows.filter_map(|row| Some((row, *row.value.become_.get()?, row.value.after.get()?.seconds_max()))).collect();
    let encrypted = rows.iter().filter(|(_, form, _)| *form == AgeingForm::Encrypted).map(|(_, _, after)| *after).min();
    for (row, _, after) in rows.iter().filter(|(_, form, _)| *form == AgeingForm::Truncated) {
        if encrypted.is_some_and(|encrypted| encrypted < *after) {
            let help = "truncate it first, or let it become `gone` in the end";
            found.in_rules(row.span.clone(), "what is encrypted by then cannot be truncated any more", help);
        }
    }
}

fn owner_link(owner: &Spanned<OwnerForm>, found: &mut Found) {
    let form = &owner.value;
    let direct = form.direct().into_iter().filter(|column| !column.is_absent()).count();
    let references = usize::from(!form.references.is_absent() || !form.column.is_absent());
    if direct + references != 1 {
        let help = "name one of `email`, `username`, `account` and `visitor`, or `column` with `references`; put several in a list";
        found.in_rules(owner.span.clone(), "this does not say in one way whose the row is", help);
    } else if form.references.is_absent() != form.column.is_absent() {
        let help = "write `{ column = \"author_id\", references = \"users.id\" }`";
        found.in_rules(owner.span.clone(), "`column` and `references` need each other", help);
    }
    if let Some(text) = form.references.spanned().filter(|text| Reference::parse(&text.value).is_none()) {
        found.in_rules(text.span.clone(), format!("`{}` names no table and column", text.value), "write it as `users.id`");
    }
}
