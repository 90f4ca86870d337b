use crate::check::site::place_of;
use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::model::{DutyKind, Guardians};

pub(super) const RULE: Rule = Rule {
    code: "guardians-without-words",
    severity: Severity::Error,
    fires: "Guardians may register minors, and no duty of the kind `represent-age` has the words say what they consent to.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    let Some(policy) = site.rules.policy.as_ref().filter(|policy| policy.guardians.get() == Some(&Guardians::Register)) else {
        return;
    };
    let says_so = site.rules.duties.iter().any(|duty| duty.kind.get() == Some(&DutyKind::RepresentAge));
    if !says_so {
        found.in_rules(
            place_of(&policy.guardians, &policy.header),
            "guardians may register minors, and the words do not say that they consent for them",
            "add a `[[duty]]` with `kind = \"represent-age\"` and tag the sentence about parents and guardians with it, or set `guardians = \"refuse\"`",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    #[test]
    fn guardians_whom_the_words_do_not_mention_are_shown() {
        let folder = library().rules("guardians = \"refuse\"", "guardians = \"register\"");
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn guardians_whom_the_words_mention_are_fine() {
        let duty = "\n[[duty]]\nid = \"age\"\nkind = \"represent-age\"\ntitle = { en = \"Age\", es = \"Edad\" }\n";
        let folder = library().rules("guardians = \"refuse\"", "guardians = \"register\"").more_rules(duty);
        let folder = folder.more_words("\nYou are an adult, or a guardian who consents for a child. {age}\n");
        assert!(!folder.findings().contains("guardians-without-words"));
    }
}
