//! `Refresh`, in a field or in a page: it opens another page without anybody's doing.

/// Where it leads (HTML, section "shared declarative refresh steps"); None where it opens the same page again.
pub(super) fn target(content: &str) -> Option<&str> {
    let rest = content.trim_ascii_start().trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let rest = rest.trim_ascii_start();
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest).trim_ascii_start();
    let named = rest.get(..3).filter(|word| word.eq_ignore_ascii_case("url")).and_then(|_| rest[3..].trim_ascii_start().strip_prefix('='));
    let rest = named.unwrap_or(rest).trim_ascii_start();
    let target = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest[1..].split(quote).next().unwrap_or_default(),
        _ => rest,
    };
    (!target.is_empty()).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_as_browsers_read_it() {
        for (content, leads_to) in [
            ("0; url=https://ads.example/", Some("https://ads.example/")),
            (" 5.5,URL = 'https://ads.example/a'x", Some("https://ads.example/a")),
            ("1 //ads.example", Some("//ads.example")),
            ("0;\"/b", Some("/b")),
            ("0;url/b", Some("url/b")),
            ("0; é", Some("é")),
            ("5", None),
            ("5; url=", None),
            ("", None),
        ] {
            assert_eq!(target(content), leads_to, "{content}");
        }
    }
}
