use axum::http::HeaderMap;
use domain::Language;

use crate::Asker;
use crate::negotiate::weight;
use crate::pages::accept_language;

/// The preference that says which language somebody reads, where the policy declares one of this name.
const PREFERENCE: &str = "language";

/// The language of the policy to show to somebody: the one asked for by name, or else the one they asked us to remember, or else the one their browser
/// likes best, or else the policy's first.
pub(crate) fn of_asker<'a>(asker: &'a Asker, headers: &HeaderMap, asked: Option<&str>) -> &'a Language {
    chosen(&asker.policy.languages, asked.or_else(|| remembered(asker)), &accept_language(headers))
}

fn remembered(asker: &Asker) -> Option<&str> {
    asker.preferences().iter().find(|(id, _)| *id == *PREFERENCE).map(|(_, value)| value.as_str())
}

fn chosen<'p>(languages: &'p [Language], asked: Option<&str>, accept_language: &str) -> &'p Language {
    asked
        .and_then(|asked| languages.iter().find(|language| language.as_str().eq_ignore_ascii_case(asked)))
        .or_else(|| liked(languages, accept_language))
        .unwrap_or(&languages[0])
}

/// Lookup after RFC 4647, section 3.4: a range loses its last part until it is a language we have.
fn liked<'p>(languages: &'p [Language], accept_language: &str) -> Option<&'p Language> {
    let mut ranges: Vec<(u16, &str)> = accept_language
        .split(',')
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next()?;
            weight(parts).filter(|weight| *weight > 0).map(|weight| (weight, tag))
        })
        .collect();
    // The sort keeps the order of equals.
    ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    ranges.into_iter().find_map(|(_, tag)| looked_up(languages, tag))
}

fn looked_up<'p>(languages: &'p [Language], tag: &str) -> Option<&'p Language> {
    let mut tag = tag;
    loop {
        if let Some(language) = languages.iter().find(|language| language.as_str().eq_ignore_ascii_case(tag)) {
            return Some(language);
        }
        tag = tag.rsplit_once('-')?.0;
    }
}

/// The name of a language in that language, where we know it; its tag otherwise.
pub(crate) fn own_name(language: &Language) -> &str {
    match language.as_str() {
        "ar" => "العربية",
        "bg" => "Български",
        "ca" => "Català",
        "cs" => "Čeština",
        "da" => "Dansk",
        "de" => "Deutsch",
        "el" => "Ελληνικά",
        "en" => "English",
        "es" => "Español",
        "et" => "Eesti",
        "fi" => "Suomi",
        "fr" => "Français",
        "he" => "עברית",
        "hi" => "हिन्दी",
        "hr" => "Hrvatski",
        "hu" => "Magyar",
        "it" => "Italiano",
        "ja" => "日本語",
        "ko" => "한국어",
        "lt" => "Lietuvių",
        "lv" => "Latviešu",
        "nb" | "no" => "Norsk",
        "nl" => "Nederlands",
        "pl" => "Polski",
        "pt" => "Português",
        "ro" => "Română",
        "ru" => "Русский",
        "sk" => "Slovenčina",
        "sl" => "Slovenščina",
        "sv" => "Svenska",
        "tl" => "Tagalog",
        "tr" => "Türkçe",
        "uk" => "Українська",
        "vi" => "Tiếng Việt",
        "zh" => "中文",
        other => other,
    }
}

/// Which way a language is written.
pub(crate) fn direction(language: &Language) -> &'static str {
    match language.as_str().split('-').next() {
        Some("ar" | "fa" | "he" | "ur" | "yi") => "rtl",
        _ => "ltr",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_somebody_asks_for_wins_over_the_one_their_browser_likes() {
        let languages: Vec<Language> = ["en", "es", "pt-BR"].into_iter().filter_map(Language::parse).collect();
        let table = [
            (None, "", "en"),
            (None, "es", "es"),
            (None, "es-MX, en;q=0.8", "es"),
            (None, "fr, de", "en"),
            (None, "fr;q=0.9, es;q=0.1, en;q=0.5", "en"),
            (None, "es;q=0, *", "en"),
            (None, "pt-br", "pt-BR"),
            (None, "pt", "en"),
            (Some("es"), "en", "es"),
            (Some("fr"), "es", "es"),
            (Some("<script>"), "", "en"),
        ];
        for (asked, accept, language) in table {
            assert_eq!(chosen(&languages, asked, accept).as_str(), language, "{asked:?} {accept}");
        }
    }
}
