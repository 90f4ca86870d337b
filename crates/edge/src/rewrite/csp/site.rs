use http::header::{CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue};

use super::amend::amended;
use super::parse::{directive, policies, sources};
use super::source::{Address, means_own};

/// The policies that the site itself sends with an answer. What it only asks to be told of is none of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Site {
    values: Vec<HeaderValue>,
}

impl Site {
    /// Reads them before anything is added to the answer.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        Self { values: headers.get_all(CONTENT_SECURITY_POLICY).iter().cloned().collect() }
    }

    /// Whether a page of this origin, as `https://example.org`, may send a form to this path of its own, and we would believe it. Where nothing says
    /// so it may: `default-src` is not about forms. A page in a sandbox is of no origin, so its forms would be a stranger's.
    pub(crate) fn allows_forms_to_self(&self, origin: &str, path: &str) -> bool {
        let Some(own) = Address::new(origin, path) else {
            return false;
        };
        self.values.iter().all(|value| {
            let text = value.as_bytes();
            policies(text).all(|policy| {
                let action = directive(text, policy.clone(), "form-action").is_none_or(|directive| means_own(directive.value, &own));
                let lets = |flag: &str, value| sources(value).any(|token| token.eq_ignore_ascii_case(flag.as_bytes()));
                let sandbox = directive(text, policy, "sandbox")
                    .is_none_or(|directive| lets("allow-forms", directive.value) && lets("allow-same-origin", directive.value));
                action && sandbox
            })
        })
    }

    /// Lets a style of ours, named by its hash as `'sha256-…'`, into every one of these policies that would keep it out.
    pub(crate) fn amend(&self, headers: &mut HeaderMap, style_source: &str) {
        let amended: Vec<Option<HeaderValue>> = self
            .values
            .iter()
            .map(|value| HeaderValue::from_maybe_shared(bytes::Bytes::from(amended(value.as_bytes(), style_source)?)).ok())
            .collect();
        // What was added to the answer since stands behind these.
        let own = headers.iter_mut().filter(|(name, _)| **name == CONTENT_SECURITY_POLICY);
        for ((_, value), amended) in own.zip(amended) {
            if let Some(amended) = amended {
                *value = amended;
            }
        }
    }
}
