//! Content negotiation as RFC 9110, section 12.5, describes it.

/// The forms a policy can be read in, the one we prefer first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Html,
    Markdown,
    Text,
}

impl Form {
    const ALL: [Self; 3] = [Self::Html, Self::Markdown, Self::Text];

    const fn media_type(self) -> (&'static str, &'static str) {
        match self {
            Self::Html => ("text", "html"),
            Self::Markdown => ("text", "markdown"),
            Self::Text => ("text", "plain"),
        }
    }
}

/// The form that somebody with this `Accept` likes best; none where they accept none of them. Nothing said accepts anything.
pub(crate) fn preferred_form(accept: &str) -> Option<Form> {
    best(accept, Form::ALL.iter().map(|form| (*form, form.media_type())))
}

/// Whether JSON is liked better than a page.
pub(crate) fn prefers_json(accept: &str) -> bool {
    best(accept, [(false, ("text", "html")), (true, ("application", "json"))].into_iter()).unwrap_or(false)
}

/// Weighs every offer; the first of the best wins.
fn best<T: Copy>(accept: &str, offers: impl Iterator<Item = (T, (&'static str, &'static str))>) -> Option<T> {
    let ranges: Vec<MediaRange<'_>> = accept.split(',').filter_map(MediaRange::parse).collect();
    if accept.trim().is_empty() {
        return offers.map(|(offer, _)| offer).next();
    }
    let mut best: Option<(T, u16)> = None;
    for (offer, media_type) in offers {
        let weight = weight_of(&ranges, media_type);
        if weight > best.map_or(0, |(_, weight)| weight) {
            best = Some((offer, weight));
        }
    }
    best.map(|(offer, _)| offer)
}

/// The weight that the most exact range gives, in thousandths; zero is "not acceptable".
fn weight_of(ranges: &[MediaRange<'_>], (kind, subtype): (&str, &str)) -> u16 {
    ranges
        .iter()
        .filter_map(|range| {
            let exactness = match (range.kind, range.subtype) {
                ("*", "*") => 0,
                (range_kind, "*") if range_kind.eq_ignore_ascii_case(kind) => 1,
                (range_kind, range_subtype) if range_kind.eq_ignore_ascii_case(kind) && range_subtype.eq_ignore_ascii_case(subtype) => 2,
                _ => return None,
            };
            Some((exactness, range.weight))
        })
        .max()
        .map_or(0, |(_, weight)| weight)
}

struct MediaRange<'a> {
    kind: &'a str,
    subtype: &'a str,
    weight: u16,
}

impl<'a> MediaRange<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parameters = text.split(';').map(str::trim);
        let (kind, subtype) = parameters.next()?.split_once('/')?;
        Some(Self { kind: kind.trim(), subtype: subtype.trim(), weight: weight(parameters)? })
    }
}

/// `q=0.8` in thousandths; one where nothing is said, none where it is not a weight.
pub(crate) fn weight<'a>(mut parameters: impl Iterator<Item = &'a str>) -> Option<u16> {
    let Some(text) = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
    }) else {
        return Some(1_000);
    };
    let weight: f64 = text.parse().ok()?;
    // Between 0 and 1 it fits; the cast cannot cut anything off.
    (0.0..=1.0).contains(&weight).then_some((weight * 1_000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_form_is_served() {
        let table = [
            ("", Some(Form::Html)),
            ("*/*", Some(Form::Html)),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some(Form::Html)),
            ("text/markdown", Some(Form::Markdown)),
            ("TEXT/Markdown; charset=utf-8", Some(Form::Markdown)),
            ("text/plain", Some(Form::Text)),
            ("text/html;q=0.5, text/markdown", Some(Form::Markdown)),
            ("text/markdown;q=0.5, text/html", Some(Form::Html)),
            ("text/*", Some(Form::Html)),
            ("text/*, text/html;q=0.1", Some(Form::Markdown)),
            ("text/html;q=0, */*", Some(Form::Markdown)),
            ("text/markdown;q=0.001, text/html;q=0", Some(Form::Markdown)),
            ("application/json", None),
            ("text/html;q=0", None),
            ("nonsense", None),
            ("text/html;q=eleven, text/plain", Some(Form::Text)),
        ];
        for (accept, form) in table {
            assert_eq!(preferred_form(accept), form, "Accept: {accept}");
        }
    }

    #[test]
    fn a_page_is_served_unless_json_is_liked_better() {
        assert!(prefers_json("application/json"));
        assert!(prefers_json("application/json, text/html;q=0.9"));
        assert!(!prefers_json("text/html, application/json"));
        assert!(!prefers_json("*/*"));
        assert!(!prefers_json(""));
    }
}
