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
        self.values.iter().all(|value| allows_forms(value.as_bytes(), origin, path, Whence::Head))
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

/// Whether a policy in the page itself lets it send such a form.
pub(crate) fn meta_allows_forms_to_self(content: &str, origin: &str, path: &str) -> bool {
    allows_forms(content.as_bytes(), origin, path, Whence::Page)
}

/// How a policy comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whence {
    Head,
    /// A page puts itself into no sandbox (CSP Level 3, section 3.3).
    Page,
}

fn allows_forms(text: &[u8], origin: &str, path: &str, whence: Whence) -> bool {
    let Some(own) = Address::new(origin, path) else {
        return false;
    };
    policies(text).all(|policy| {
        let action = directive(text, policy.clone(), "form-action").is_none_or(|directive| means_own(directive.value, &own));
        let lets = |flag: &str, value| sources(value).any(|token| token.eq_ignore_ascii_case(flag.as_bytes()));
        let sandbox = directive(text, policy, "sandbox").filter(|_| whence == Whence::Head);
        action && sandbox.is_none_or(|directive| lets("allow-forms", directive.value) && lets("allow-same-origin", directive.value))
    })
}
