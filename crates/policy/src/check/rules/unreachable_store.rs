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

#[cfg(test)]
mod tests {
    use crate::check::StoreProbe;
    use crate::check::testing::library;
    use crate::model::{StoreKind, StoreUrl};

    struct Down;

    impl StoreProbe for Down {
        fn reach(&self, kind: StoreKind, url: &StoreUrl) -> Result<(), String> {
            assert_eq!((kind, url), (StoreKind::Postgres, &StoreUrl::Environment("CATALOGUE_URL".to_owned())));
            Err("`CATALOGUE_URL` is not set".to_owned())
        }
    }

    #[test]
    fn a_store_that_does_not_answer_is_shown() {
        insta::assert_snapshot!(library().findings_with(&Down));
    }

    #[test]
    fn a_store_without_an_address_is_shown() {
        let folder = library().rules("url = { env = \"CATALOGUE_URL\" }\n", "");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn untried_stores_are_not_judged() {
        assert_eq!(library().findings(), "no errors, no warnings\n");
    }
}
