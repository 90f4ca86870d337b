use domain::Field;

use crate::check::site::place_of;
use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::syntax::{DataSection, Rule as _, Spanned, list_in_words, nearest};

pub(super) const RULE: Rule = Rule {
    code: "undeclared-data",
    severity: Severity::Error,
    fires: "A rule names data that no `[data.…]` declares, or a use names none, or Candor's own `visit` or `account` is given a field that it does not have.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for rule in &site.rules.uses {
        if rule.data.is_absent() || rule.data.get().is_some_and(Vec::is_empty) {
            let message = format!("{} names no data", rule.called());
            found.in_rules(place_of(&rule.data, &rule.header), message, "say what it uses, as `data = [\"visit.*\"]`");
        }
    }
    let used = site.rules.uses.iter().filter_map(|rule| Some((rule.called(), rule.data.get()?)));
    let forbidden = site.rules.nevers.iter().filter_map(|never| Some((never.called(), never.data.get()?)));
    for (called, names) in used.chain(forbidden) {
        names.iter().filter(|name| site.fields_named(&name.value).is_none()).for_each(|name| undeclared(site, found, &called, name));
    }
    site.rules.data.iter().for_each(|data| unknown_fields(data, found));
}

fn undeclared(site: &Site<'_>, found: &mut Found, called: &str, name: &Spanned<String>) {
    let all = site.rules.data.iter().filter_map(|data| data.id.get()).map(|id| format!("{id}.*"));
    let known: Vec<String> = site.fields.iter().map(|(data, field)| format!("{data}.{field}")).chain(all).collect();
    let help = match nearest(&name.value, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "data is named by kind and field, as `visit.ip`, or `visit.*` for all of a kind; declare it under `[data.…]`".to_owned(),
    };
    found.in_rules(name.span.clone(), format!("{called} names `{}`, which is not declared", name.value), help);
}

/// The fields of Candor's own data, and the fields that ageing and statutory categories speak of.
fn unknown_fields(data: &DataSection, found: &mut Found) {
    let (Some(id), Some(fields)) = (data.id.get(), data.fields.get()) else {
        return;
    };
    let prefix = format!("{id}.");
    // A request may have more than what Candor itself keeps of one.
    let closed = Field::ALL.iter().filter(|_| id != "request");
    let reserved: Vec<&str> = closed.filter_map(|field| field.name().strip_prefix(&prefix)).collect();
    for field in fields.iter().filter(|field| !reserved.is_empty() && !reserved.contains(&field.value.as_str())) {
        let help = match nearest(&field.value, reserved.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!(
                "`{id}` is Candor's own and may have {}; declare other data under a name of its own",
                list_in_words(&reserved, "and")
            ),
        };
        found.in_rules(field.span.clone(), format!("`{id}` has no field `{}`", field.value), help);
    }
    let aged = data.ageing.get().into_iter().flatten().filter_map(|row| row.value.field.spanned());
    let statutory = data.statutory.get().into_iter().flat_map(|statutory| statutory.0.iter().map(|(field, _)| field));
    for named in aged.chain(statutory).filter(|named| !fields.iter().any(|field| field.value == named.value)) {
        let message = format!("`{id}` does not declare the field `{}`", named.value);
        found.in_rules(named.span.clone(), message, "name one of its `fields`");
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn data_that_nothing_declares_is_shown() {
        let folder = library()
            .rules("data = [\"visit.path\", \"visit.visitor\"]", "data = [\"visit.pth\", \"location.*\"]")
            .rules("acts = [\"sell\", \"rent\", \"lease\"]", "acts = [\"sell\"]")
            .rules("fields = [\"email\", \"username\"]", "fields = [\"email\", \"username\", \"birthday\"]")
            .rules("{ field = \"ip\", after", "{ field = \"account\", after")
            .rules("become = \"truncated\"", "become = \"gone\"")
            .rules("data = [\"visit.ip\", \"visit.browser\"]\n", "");
        insta::assert_snapshot!(folder.findings());
    }
}
