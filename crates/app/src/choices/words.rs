use std::fmt::Write;

use domain::RecipientKind;
use policy::model::{CookieHolds, Data, DataField, Purpose, Recipient, Use};
use policy::{Index, Policy};

/// What people are told about a purpose before they answer, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The language it is really in: the one that was asked for, or the policy's first where it does not have that one.
    pub language: String,
    /// Lines, each ended: the title, what it means, and for every use its data, basis, recipients and how long it is kept.
    pub text: String,
    /// SHA-256 of the text, as `sha256sum` says it.
    pub hash: [u8; 32],
}

/// The same policy gives the same words, bit for bit: a record keeps their hash, and a receipt shows them again from the published version. So what
/// is written here never changes once choices were recorded under it; a new shape needs a new interface version.
pub fn words(policy: &Policy, purpose: Index<Purpose>, language: &str) -> Words {
    let language = policy.languages.iter().find(|known| known.as_str() == language).unwrap_or_else(|| policy.default_language()).as_str();
    let about = policy.purpose(purpose);
    let mut lines = vec![about.title.in_language(language).to_owned()];
    lines.extend(about.describes.as_ref().map(|text| text.in_language(language).to_owned()));
    if about.marketing {
        lines.push("marketing".to_owned());
    }
    for rule in policy.uses.iter().filter(|rule| rule.purpose == purpose) {
        about_use(policy, rule, language, &mut lines);
    }
    for cookie in policy.cookies.iter().filter(|cookie| cookie.purpose == purpose) {
        // A site's cookie by the name that browsers show.
        let name = if let CookieHolds::Site(name) = &cookie.holds { name.0.as_str() } else { cookie.id.as_str() };
        lines.push(format!("cookie: {name} ({})", cookie.keep));
    }
    for resource in policy.resources.iter().filter(|resource| resource.purpose == purpose) {
        let from = format!("loads from: {}", receiver(policy.recipient(resource.recipient), language));
        if !lines.contains(&from) {
            lines.push(from);
        }
    }
    let text = lines.iter().fold(String::new(), |mut text, line| {
        // A line of the policy's own words stays one line.
        let _ = writeln!(text, "{}", line.split_whitespace().collect::<Vec<_>>().join(" "));
        text
    });
    let hash = sha256(&text);
    Words { language: language.to_owned(), text, hash }
}

/// The kinds of data a use takes from.
pub(super) fn kept<'p>(policy: &'p Policy, rule: &'p Use) -> impl Iterator<Item = &'p Data> {
    let of = |data: &Data| rule.data.iter().any(|field| policy.field(field).data == data.id);
    policy.data.iter().filter(move |data| of(data))
}

/// The fields of a use as people read them.
pub(super) fn data_names(policy: &Policy, rule: &Use) -> Vec<String> {
    rule.data.iter().map(|field| field_name(policy.field(field))).collect()
}

fn about_use(policy: &Policy, rule: &Use, language: &str, lines: &mut Vec<String>) {
    lines.push(format!("use: {}", rule.title.in_language(language)));
    lines.push(format!("data: {}", data_names(policy, rule).join(", ")));
    lines.push(format!("basis: {}", rule.basis.name()));
    lines.extend(rule.balancing.as_ref().map(|note| format!("weighed: {}", note.in_language(language))));
    lines.push(format!("act: {}", rule.act.name()));
    let ours = rule.for_us.then(|| format!("{} ({})", policy.controller, RecipientKind::Us.name()));
    let others = rule.recipients.iter().map(|recipient| receiver(policy.recipient(recipient), language));
    lines.extend(ours.into_iter().chain(others).map(|name| format!("recipient: {name}")));
    lines.extend(kept(policy, rule).map(|data| format!("kept: {}, {}", data.id, data.keep)));
}

fn receiver(recipient: &Recipient, language: &str) -> String {
    let does = recipient.does.as_ref().map(|does| format!(". {}", does.in_language(language))).unwrap_or_default();
    format!("{} ({}){does}", recipient.name, recipient.kind.name())
}

fn field_name(field: &DataField) -> String {
    match field.reserved {
        Some(reserved) => reserved.meaning().to_owned(),
        None => field.name.replace(['_', '-'], " "),
    }
}

fn sha256(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::testing::{RULES, policy, policy_with};

    fn of(policy: &policy::Policy, purpose: &str, language: &str) -> super::Words {
        words(policy, policy.purpose_named(purpose).expect("the purpose"), language)
    }

    #[test]
    fn the_words_say_what_for_with_what_and_for_whom() {
        let policy = policy();
        let said = of(&policy, "news", "en");
        let purpose = policy.purpose(policy.purpose_named("news").expect("the purpose"));
        assert!(said.text.starts_with(&format!("{}\n", purpose.title.in_language("en"))), "{}", said.text);
        for start in ["use: ", "data: ", "basis: consent", "act: ", "recipient: ", "kept: "] {
            assert!(said.text.lines().any(|line| line.starts_with(start)), "no line starts with `{start}`:\n{}", said.text);
        }
    }

    #[test]
    fn the_same_words_have_the_same_hash_and_others_have_another() {
        let policy = policy();
        assert_eq!(of(&policy, "news", "en"), of(&policy_with(RULES), "news", "en"));
        assert_ne!(of(&policy, "news", "en").hash, of(&policy, "remember", "en").hash);
        assert_ne!(of(&policy, "news", "en").hash, of(&policy, "news", "es").hash, "another language is other words");
    }

    #[test]
    fn a_language_the_policy_does_not_have_is_told_as_what_was_shown_instead() {
        let policy = policy();
        let said = of(&policy, "news", "tlh");
        assert_eq!(said, of(&policy, "news", "en"));
        assert_eq!(said.language, "en");
    }
}
