/// A path on this site, safe to send a browser to: it starts with one slash and cannot name another host. A browser reads `\` as `/`, and drops tabs
/// and line ends before it looks.
pub(crate) fn local_path(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('/')?;
    let leaves = inside.starts_with(['/', '\\']);
    let plain = text.len() <= 2_048 && text.chars().all(|character| character.is_ascii_graphic() && character != '\\');
    (!leaves && plain).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn a_path_of_this_site_is_kept() {
        for path in ["/", "/blog", "/blog/a?b=c&d=%2F#e", "/a//b", "/privacy/choices"] {
            assert_eq!(local_path(path), Some(path));
        }
    }

    #[test]
    fn nothing_leads_to_another_site() {
        let tricks = [
            "",
            "blog",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            "/ok\r\nSet-Cookie: a=b",
            "/\u{0}/x",
            " /x",
            "/a b",
            "/é",
            "/a\\b",
            "///evil.example",
        ];
        for path in tricks {
            assert_eq!(local_path(path), None, "{path:?}");
        }
    }
}
