//! Whom a page tells of what happened on it: fields in which browsers are asked to report to somebody, of their own accord and about every visitor.

use bytes::BytesMut;
use http::header::{self, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::csp;
use super::link::{Permission, is_own};

/// Groups of addresses for reports, the old and the new form of it.
const GROUPS: [HeaderName; 2] = [HeaderName::from_static("report-to"), HeaderName::from_static("reporting-endpoints")];

/// Takes addresses out that are not permitted; no Content-Security-Policy says anything of them. Returns how many fields changed.
pub(super) fn remove_refused(headers: &mut HeaderMap, permission: Permission<'_>) -> u64 {
    let refused = |address: &str| is_refused(address, permission);
    let mut changed = 0;
    for name in [CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY] {
        changed += each(headers, &name, |text| csp::without_reports(text, refused));
    }
    for name in GROUPS {
        // A group without one of its addresses would be another group: what names somebody refused goes as a whole.
        changed += each(headers, &name, |text| named(text).any(refused).then(Vec::new));
    }
    changed
}

/// Replaces each value of a field by what is made of it; an empty one goes.
fn each(headers: &mut HeaderMap, name: &HeaderName, change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> u64 {
    if !headers.get_all(name).iter().any(|value| change(value.as_bytes()).is_some()) {
        return 0;
    }
    let header::Entry::Occupied(entry) = headers.entry(name) else {
        return 0;
    };
    let before: Vec<HeaderValue> = entry.remove_entry_mult().1.collect();
    let mut changed = 0;
    for value in before {
        match change(value.as_bytes()) {
            None => {
                headers.append(name, value);
            }
            Some(bytes) => {
                changed += 1;
                let value = HeaderValue::from_maybe_shared(BytesMut::from(&bytes[..]).freeze()).ok().filter(|value| !value.is_empty());
                if let Some(value) = value {
                    headers.append(name, value);
                }
            }
        }
    }
    changed
}

/// The addresses between quotes.
fn named(text: &[u8]) -> impl Iterator<Item = &str> {
    text.split(|byte| *byte == b'"').skip(1).step_by(2).filter_map(|quoted| std::str::from_utf8(quoted).ok())
}

/// Whether anybody may be asked to report to somebody.
pub(super) fn may_be_named(headers: &HeaderMap) -> bool {
    let policies = [&CONTENT_SECURITY_POLICY, &CONTENT_SECURITY_POLICY_REPORT_ONLY];
    policies.into_iter().chain(&GROUPS).any(|name| headers.contains_key(name))
}

/// Whether somebody sets up a group of addresses for all that comes from this host, with whatever answer.
pub(super) fn may_name_group(headers: &HeaderMap) -> bool {
    headers.contains_key(&GROUPS[0])
}

/// What is relative is the site's own.
fn is_refused(address: &str, Permission { policy, permitted, own }: Permission<'_>) -> bool {
    // JSON may write a slash with another before it.
    let address = address.replace("\\/", "/");
    let address = if address.starts_with("//") { format!("https:{address}") } else { address };
    let Ok(url) = Url::parse(&address) else {
        return false;
    };
    let leads_away = url.has_host() && !is_own(&url, own);
    leads_away && policy.resource_for(url.as_str()).is_none_or(|resource| !permitted.contains(resource))
}

#[cfg(test)]
mod tests {
    use http::uri::Authority;
    use policy::Set;
    use policy::syntax::SiteSources;

    use super::*;

    fn left(name: HeaderName, value: &'static str) -> Vec<String> {
        const RULES: &str = include_str!("../../tests/edge/common/policy.toml");
        const TRACKERS: &str = include_str!("../../tests/edge/common/trackers.toml");
        const WORDS: &str = include_str!("../../tests/edge/common/policy.md");
        const WORDS_ON_TRACKERS: &str = include_str!("../../tests/edge/common/trackers.md");
        let sources = SiteSources::new(format!("{RULES}{TRACKERS}"), format!("{WORDS}{WORDS_ON_TRACKERS}"));
        let policy = policy::check::check(&sources, "2026-03-01".parse().expect("a day")).policy.expect("it checks clean");
        let mut headers: HeaderMap = [(name.clone(), HeaderValue::from_static(value))].into_iter().collect();
        let own = Authority::from_static("Books.example:443");
        remove_refused(&mut headers, Permission { policy: &policy, permitted: Set::EMPTY, own: Some(&own) });
        headers.get_all(name).iter().map(|value| value.to_str().expect("text").to_owned()).collect()
    }

    #[test]
    fn nobody_is_told_who_is_not_permitted() {
        let policy = CONTENT_SECURITY_POLICY;
        for (before, after) in [
            ("img-src 'self'; report-uri https://ads.example/r", "img-src 'self'; report-uri "),
            ("report-uri /r https://ads.example/r //ads.example/s; img-src *", "report-uri /r; img-src *"),
            ("img-src *, report-uri HTTPS://ADS.example/r, style-src *", "img-src *, report-uri , style-src *"),
            ("report-uri /r https://books.example/r", "report-uri /r https://books.example/r"),
            ("report-uri /r https://nobody-declared.example/r", "report-uri /r"),
        ] {
            assert_eq!(left(policy.clone(), before), [after], "{before}");
        }
        let told = HeaderName::from_static("reporting-endpoints");
        assert_eq!(left(told.clone(), "main=\"https://ads.example/r\", own=\"/r\""), [""; 0]);
        assert_eq!(left(told, "own=\"/r\""), ["own=\"/r\""]);
        let old = HeaderName::from_static("report-to");
        assert_eq!(left(old, r#"{"group":"x","max_age":9,"endpoints":[{"url":"https:\/\/ads.example\/r"}]}"#), [""; 0]);
    }
}
