use std::ops::Range;

/// Something that could not be read as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) span: Range<usize>,
    pub(crate) kind: ProblemKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    /// The file itself is broken: what the rest of it says is not known.
    Broken { message: String, help: String },
    /// One value is not what it has to be.
    Unreadable { message: String, help: String },
    /// A key the vocabulary does not have.
    UnknownKey { key: String, section: String, known: Vec<&'static str> },
}

/// The known name that a misspelt one was probably meant to be.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let tolerated = (name.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, _)| *distance <= tolerated)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// `a`, `b` or `c`.
pub(crate) fn list_in_words<T: AsRef<str>>(names: &[T], last: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_key_that_was_meant_and_another_word_does_not() {
        let known = ["basis", "balancing", "recipients", "purpose"];
        assert_eq!(nearest("bassis", known), Some("basis"));
        assert_eq!(nearest("recipeints", known), Some("recipients"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }
}
