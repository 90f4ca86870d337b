//! What Candor says about whoever is asking.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// One request, seen through Candor's headers. A header that is missing or unreadable grants nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visit {
    /// The request came through Candor, which holds back of the page what is not permitted.
    pub(crate) is_gated: bool,
    purposes: Vec<String>,
    visitor_is_known: bool,
    account: Option<Account>,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) username: String,
}

impl Visit {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let purposes = text(headers, "candor-purposes").unwrap_or_default();
        let account = match (text(headers, "candor-account"), text(headers, "candor-username").and_then(|name| unescaped(&name))) {
            (Some(id), Some(username)) => Some(Account { id, username }),
            _ => None,
        };
        Self {
            is_gated: headers.contains_key("candor-purposes"),
            purposes: purposes.split(',').map(|purpose| purpose.trim().to_owned()).collect(),
            visitor_is_known: text(headers, "candor-visitor").is_some(),
            account,
        }
    }

    /// Whether the visitor permits this purpose.
    pub(crate) fn allows(&self, purpose: &str) -> bool {
        self.purposes.iter().any(|permitted| permitted == purpose)
    }

    /// Whether this browser has been here before and may be told so.
    pub(crate) fn is_return(&self) -> bool {
        self.visitor_is_known && self.allows("return-visits")
    }

    pub(crate) fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    pub(crate) fn username(&self) -> Option<String> {
        self.account().map(|account| account.username.clone())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// A name as people write it: what is no printable ASCII comes escaped as in a URL. None where it is not such a name.
fn unescaped(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = std::str::from_utf8(headers.get(name)?.as_bytes()).ok()?.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn a_name_is_read_as_it_was_before_it_was_escaped() {
        for (value, name) in [("anna", "anna"), ("zo%C3%AB", "zoë"), ("50%25", "50%"), ("%E6%98%8E", "明")] {
            assert_eq!(unescaped(value).as_deref(), Some(name));
        }
        for broken in ["%", "%4", "%zz", "%FF", "%é"] {
            assert_eq!(unescaped(broken), None, "{broken}");
        }
    }
}
