use crate::check::{Found, Rule, Severity, Site, Stage};

pub(super) const RULE: Rule = Rule {
    code: "missing-change-process",
    severity: Severity::Error,
    fires: "The policy does not say how material changes are announced (Cal. B&P 22575-22579).",
    stage: Stage::Rules,
    check,
};

const MESSAGE: &str = "the policy does not say how changes that matter are announced";

fn check(site: &Site<'_>, found: &mut Found) {
    match &site.rules.notice {
        None => found.in_rules(site.rules.top(), MESSAGE, "add `[notice]` with `material = [\"banner\"]`, `[\"mail\"]` or both"),
        Some(notice) if notice.material.is_absent() => {
            found.in_rules(notice.header.clone(), MESSAGE, "add `material = [\"banner\"]`, `[\"mail\"]` or both");
        }
        Some(notice) => {
            if let Some(empty) = notice.material.spanned().filter(|material| material.value.is_empty()) {
                found.in_rules(empty.span.clone(), MESSAGE, "name `banner`, `mail` or both");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn changes_that_nobody_announces_are_shown() {
        let folder = library().rules("material = [\"banner\", \"mail\"]\n", "");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn a_file_without_notice_is_shown() {
        let folder = library().rules("[notice]\nmaterial = [\"banner\", \"mail\"]\nbanner_days = 30\n", "");
        insta::assert_snapshot!(folder.findings());
    }
}
