//! What a page of the site may do of its own accord, and what it tells other sites of where somebody comes from: `Permissions-Policy`, `Referrer-Policy`
//! and what has browsers prepare other pages. Nothing of it is ever loosened.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::gate::names::tokens;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const DNS_PREFETCH: HeaderName = HeaderName::from_static("x-dns-prefetch-control");
const SPECULATION_RULES: HeaderName = HeaderName::from_static("speculation-rules");

/// What browsers of today offer to advertisers, for nobody on the page. A feature that a browser has dropped costs a warning on every page, so it is not named.
const NO_ADVERTISING: HeaderValue =
    HeaderValue::from_static("browsing-topics=(), private-state-token-issuance=(), private-state-token-redemption=()");

/// Takes from a page what browsers offer to advertisers. Of two words about a feature the later one counts, so what the site says of others stands.
pub(super) fn refuse_advertising(headers: &mut HeaderMap, even_where_unsaid: bool) {
    let mut said = headers.get_all(PERMISSIONS_POLICY).iter().peekable();
    if said.peek().is_none() && !even_where_unsaid {
        return;
    }
    // An empty field with another behind it would be a list with a hole, which browsers throw away as a whole.
    if said.all(|value| value.as_bytes().trim_ascii().is_empty()) {
        headers.insert(PERMISSIONS_POLICY, NO_ADVERTISING);
    } else {
        headers.append(PERMISSIONS_POLICY, NO_ADVERTISING);
    }
}

/// Keeps a page from telling other sites more than the site's name, whatever it says. Of several words the last that a browser knows counts.
pub(super) fn restrict_referrer(headers: &mut HeaderMap, even_where_unsaid: bool) {
    const STRICT: HeaderValue = HeaderValue::from_static("strict-origin-when-cross-origin");
    let said = headers.get_all(header::REFERRER_POLICY).iter().flat_map(|value| tokens(value.as_bytes())).filter_map(referrer).last();
    let stricter = match said {
        None if even_where_unsaid => STRICT,
        Some(Referrer::Weak) => STRICT,
        // It tells pages of the site less than the usual one would.
        Some(Referrer::Origin) => HeaderValue::from_static("strict-origin"),
        None | Some(Referrer::Strict) => return,
    };
    headers.append(header::REFERRER_POLICY, stricter);
}

enum Referrer {
    Weak,
    Origin,
    Strict,
}

fn referrer(word: &[u8]) -> Option<Referrer> {
    let is = |known: &&str| word.eq_ignore_ascii_case(known.as_bytes());
    if ["unsafe-url", "no-referrer-when-downgrade", "origin-when-cross-origin"].iter().any(is) {
        Some(Referrer::Weak)
    } else if is(&"origin") {
        Some(Referrer::Origin)
    } else {
        let strict = ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];
        strict.iter().any(is).then_some(Referrer::Strict)
    }
}

/// Keeps browsers from preparing pages of others that nobody has opened yet: no policy of ours reaches what they load for that.
pub(super) fn refuse_preparing(headers: &mut HeaderMap, https: bool) {
    headers.remove(SPECULATION_RULES);
    // On a secure page browsers look up no names by themselves, unless they are told to.
    if !https || headers.contains_key(&DNS_PREFETCH) {
        headers.insert(DNS_PREFETCH, HeaderValue::from_static("off"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: HeaderName, values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn referrers(values: &[&'static str]) -> Vec<String> {
        let mut headers = field(header::REFERRER_POLICY, values);
        restrict_referrer(&mut headers, true);
        headers.get_all(header::REFERRER_POLICY).iter().map(|value| value.to_str().expect("text").to_owned()).collect()
    }

    #[test]
    fn a_weak_referrer_policy_is_followed_by_a_strict_one() {
        assert_eq!(referrers(&["unsafe-url"]), ["unsafe-url", "strict-origin-when-cross-origin"]);
        assert_eq!(referrers(&["no-referrer, Unsafe-URL"]), ["no-referrer, Unsafe-URL", "strict-origin-when-cross-origin"]);
        assert_eq!(referrers(&["origin"]), ["origin", "strict-origin"]);
        assert_eq!(referrers(&[]), ["strict-origin-when-cross-origin"]);
        assert_eq!(referrers(&["some-day"]), ["some-day", "strict-origin-when-cross-origin"]);
    }

    #[test]
    fn a_strict_referrer_policy_stays_as_it_is() {
        for value in ["no-referrer", "same-origin", "strict-origin", "unsafe-url, strict-origin-when-cross-origin", "no-referrer, some-day"]
        {
            assert_eq!(referrers(&[value]), [value]);
        }
        let mut headers = HeaderMap::new();
        restrict_referrer(&mut headers, false);
        assert!(headers.is_empty(), "where nothing is said, nothing is weaker than usual");
    }

    #[test]
    fn advertising_is_refused_behind_all_that_the_site_says() {
        let permissions = |values| {
            let mut headers = field(PERMISSIONS_POLICY, values);
            refuse_advertising(&mut headers, true);
            headers.get_all(PERMISSIONS_POLICY).iter().cloned().collect::<Vec<_>>()
        };
        assert_eq!(permissions(&[]), [NO_ADVERTISING]);
        assert_eq!(permissions(&[" "]), [NO_ADVERTISING]);
        let own = HeaderValue::from_static("camera=(self), browsing-topics=*");
        assert_eq!(permissions(&["camera=(self), browsing-topics=*"]), [own, NO_ADVERTISING]);
    }
}
