use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::model::{StoreKind, StoreUrl};
use crate::syntax::{Rule as _, StoreUrlForm};

pub(super) const RULE: Rule = Rule {
    code: "unreachable-store",
    severity: Severity::Warning,
    fires: "A store has no `url`, or does not answer there when the command tries it.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    for store in &site.rules.stores {
        let Some(kind) = store.kind.get().filter(|kind| **kind != StoreKind::Manual) else {
            continue;
        };
        if store.url.is_absent() {
            let help = "add `url = { env = \"SITE_DATABASE_URL\" }`, so that people's data in it can be found and erased";
            found.in_rules(store.header.clone(), format!("{} has no `url`", store.called()), help);
        }
        let Some((probe, url)) = site.circumstances.stores.zip(store.url.spanned()) else {
            continue;
        };
        if let Err(why) = probe.reach(*kind, &StoreUrl::from(&url.value)) {
            let help = "until it answers, nobody's data in it can be exported or erased";
            found.in_rules(url.span.clone(), format!("{} cannot be reached: {why}", store.called()), help);
        }
    }
}

impl From<&StoreUrlForm> for StoreUrl {
    fn from(form: &StoreUrlForm) -> Self {
        match form {
            StoreUrlForm::Literal(url) => Self::Literal(url.clone()),
            StoreUrlForm::Environment(name) => Self::Environment(name.clone()),
        }
    }
}
