use std::fmt;

use webauthn_rs::prelude::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// The place that passkeys are for: where people reach the site, and what it is called. A passkey works there and nowhere else.
#[derive(Clone)]
pub struct Party {
    pub(super) webauthn: Webauthn,
    pub(super) origin: String,
}

/// Why there can be no passkeys at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPasskeysHere {
    #[error("passkeys need an address with a name, as https://example.org; a number like 127.0.0.1 is none")]
    NotADomain,
    #[error("passkeys need https; without it they work on localhost only")]
    NotSecure,
}

impl Party {
    /// The place at this origin, as `https://example.org` or `http://localhost:8080`.
    pub fn at(origin: &str, called: &str) -> Result<Self, NoPasskeysHere> {
        let url = Url::parse(origin).map_err(|_| NoPasskeysHere::NotADomain)?;
        let host = url.domain().ok_or(NoPasskeysHere::NotADomain)?.trim_end_matches('.').to_owned();
        if url.scheme() != "https" && !(url.scheme() == "http" && is_this_machine(&host)) {
            return Err(NoPasskeysHere::NotSecure);
        }
        let webauthn = WebauthnBuilder::new(&host, &url).and_then(|builder| builder.rp_name(called).timeout(super::CEREMONY_LIVES).build());
        Ok(Self { webauthn: webauthn.map_err(|_| NoPasskeysHere::NotADomain)?, origin: url.origin().ascii_serialization() })
    }
}

/// Whether a name means the machine it is said on, whoever says it.
pub fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost")
}

impl fmt::Debug for Party {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Party").field("origin", &self.origin).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{NoPasskeysHere, Party};

    #[test]
    fn passkeys_are_for_places_with_a_name_that_nobody_listens_in_on() {
        for fine in ["https://example.org", "https://example.org:8443", "http://localhost:8080", "http://site.localhost"] {
            assert!(Party::at(fine, "Example").is_ok(), "{fine}");
        }
        for number in ["https://127.0.0.1", "http://127.0.0.1:8080", "https://[::1]", "nowhere", "", "https://0x7f000001"] {
            assert_eq!(Party::at(number, "Example").err(), Some(NoPasskeysHere::NotADomain), "{number}");
        }
        for open in ["http://example.org", "http://localhost.example.org", "ftp://localhost"] {
            assert_eq!(Party::at(open, "Example").err(), Some(NoPasskeysHere::NotSecure), "{open}");
        }
    }
}
