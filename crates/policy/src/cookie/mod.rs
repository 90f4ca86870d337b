//! Our one signed cookie: what it holds, as the policy declares, and how it is read without ever trusting it.
//!
//! It is made of parts, each declared by a `[[cookie]]` with `holds`, each with its own lifetime: the choices, the visitor's id, the preferences, the ticket
//! of a session. A
//! cookie that does not verify is never an error; it counts as refusing all that can be refused.

mod keys;
mod parts;

pub use keys::{KeyRecord, SigningKeys};
pub(crate) use parts::CLOCKS_DIFFER;
pub use parts::{
    ChoicesPart, CookieParts, PreferencesPart, SessionPart, SignedIn, TICKET_LIVES, TICKET_RENEWED_AFTER, VerifiedAccount, VerifiedParts,
    VerifiedVisitor, VisitorPart,
};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Basis, Timestamp};

use crate::Set;
use crate::decide::Consent;
use crate::model::{CookieHolds, Policy, Purpose};

/// Name and value of a cookie are 4,096 octets at most (RFC 6265bis, section 5.6).
pub const COOKIE_BYTES_MAX: usize = 4_096;

/// No cookie lives longer than this (RFC 6265bis, section 5.6.2): 400 days.
pub const COOKIE_SECONDS_MAX: u64 = 34_560_000;

/// Measured with the longer of our names, so that what is written over HTTP can be read over HTTPS and the other way round.
const VALUE_BYTES_MAX: usize = COOKIE_BYTES_MAX - name(true).len();

const CONTEXT: &[u8] = b"candor cookie 1";

/// The cookie's name: `__Host-` needs HTTPS.
pub const fn name(https: bool) -> &'static str {
    if https { "__Host-candor" } else { "candor" }
}

/// Whether a cookie of this name is ours: none of them reaches the site, and the site sets none of them.
pub fn is_ours(name: &str) -> bool {
    ["candor", "__Host-candor", "candor-form", "candor-age"].iter().any(|ours| name.eq_ignore_ascii_case(ours))
}

/// What came with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a request has one, and who bears it is kept behind one pointer")]
pub enum CookieState {
    #[default]
    Absent,
    /// It cannot be believed.
    Unverified(Unverified),
    Verified(VerifiedParts),
}

/// Why a cookie is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    #[error("several cookies of our name")]
    Duplicate,
    #[error("longer than a cookie may be")]
    Oversized,
    #[error("not in the form we write")]
    Malformed,
    #[error("signed by no key of ours")]
    Forged,
    #[error("past its lifetime")]
    Expired,
}

/// What a cookie says of its bearer's choices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub consents: Vec<Consent>,
    pub refusals: Set<Purpose>,
}

/// Reads the values of all cookies of our name on a request.
pub fn read<'a>(policy: &Policy, keys: &SigningKeys, now: Timestamp, mut values: impl Iterator<Item = &'a [u8]>) -> CookieState {
    let Some(value) = values.next() else {
        return CookieState::Absent;
    };
    if values.next().is_some() {
        return CookieState::Unverified(Unverified::Duplicate);
    }
    match verify(keys, value).and_then(|payload| parts::decode(&payload).ok_or(Unverified::Malformed)) {
        Ok(parts) => parts.still_kept(policy, now).map_or(CookieState::Unverified(Unverified::Expired), CookieState::Verified),
        Err(why) => CookieState::Unverified(why),
    }
}

fn verify(keys: &SigningKeys, value: &[u8]) -> Result<Vec<u8>, Unverified> {
    if value.len() > VALUE_BYTES_MAX {
        return Err(Unverified::Oversized);
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(value).map_err(|_| Unverified::Malformed)?;
    let split = bytes.len().checked_sub(keys::TAG_BYTES).filter(|split| *split >= keys::ID_BYTES).ok_or(Unverified::Malformed)?;
    let (signed, tag) = bytes.split_at(split);
    let (id, payload) = signed.split_at(keys::ID_BYTES);
    if keys.verify(CONTEXT, id, payload, tag) { Ok(payload.to_vec()) } else { Err(Unverified::Forged) }
}

/// A `Set-Cookie` value that carries these parts; without any part, one that ends the cookie. None when they do not fit into a cookie.
pub fn write(policy: &Policy, keys: &SigningKeys, parts: &CookieParts, now: Timestamp, https: bool) -> Option<String> {
    let parts = parts.clone().declared(policy);
    let lifetime = parts.lifetime_seconds(policy, now).min(COOKIE_SECONDS_MAX);
    let attributes = if https { "Path=/; Secure; HttpOnly; SameSite=Lax" } else { "Path=/; HttpOnly; SameSite=Lax" };
    let name = name(https);
    if parts.is_empty() || lifetime == 0 {
        return Some(format!("{name}=; Max-Age=0; {attributes}"));
    }
    let payload = parts::encode(&parts)?;
    let (id, tag) = keys.sign(CONTEXT, &payload);
    let value = BASE64_URL_SAFE_NO_PAD.encode([&id[..], &payload, &tag].concat());
    (value.len() <= VALUE_BYTES_MAX).then(|| format!("{name}={value}; Max-Age={lifetime}; {attributes}"))
}

/// What the browser will send after this answer of [`write`].
pub fn read_back(policy: &Policy, keys: &SigningKeys, now: Timestamp, set_cookie: &str) -> CookieState {
    let pair = set_cookie.split(';').next().unwrap_or_default();
    let value = pair.split_once('=').map(|(_, value)| value.as_bytes()).filter(|value| !value.is_empty());
    read(policy, keys, now, value.into_iter())
}

impl CookieState {
    /// The choices it carries. What cannot be believed refuses all that can be refused.
    pub fn standing(&self, policy: &Policy) -> Standing {
        match self {
            Self::Absent => Standing::default(),
            Self::Unverified(_) => Standing { consents: Vec::new(), refusals: refusable(policy) },
            Self::Verified(parts) => parts.standing(policy),
        }
    }

    pub fn parts(&self) -> Option<&CookieParts> {
        match self {
            Self::Verified(parts) => Some(parts),
            Self::Absent | Self::Unverified(_) => None,
        }
    }

    /// The visitor, with the proof that the signature held.
    pub fn visitor(&self) -> Option<VerifiedVisitor> {
        match self {
            Self::Verified(parts) => parts.visitor(),
            Self::Absent | Self::Unverified(_) => None,
        }
    }

    /// Who is signed in, as far as the ticket can say by itself.
    pub fn signed_in(&self, now: Timestamp) -> SignedIn {
        match self {
            Self::Verified(parts) => parts.signed_in(now),
            Self::Absent | Self::Unverified(_) => SignedIn::Nobody,
        }
    }

    /// The same with a ticket that only the session's row can vouch for.
    #[must_use]
    pub fn with_unsure_ticket(self) -> Self {
        match self {
            Self::Verified(parts) => Self::Verified(parts.with_unsure_ticket()),
            other => other,
        }
    }

    /// The same without a ticket: nobody is signed in.
    #[must_use]
    pub fn without_ticket(self) -> Self {
        match self {
            Self::Verified(parts) => Self::Verified(parts.without_ticket()),
            other => other,
        }
    }
}

/// The purposes somebody can say no to: those with a use on consent, or on legitimate interests that are not compelling.
pub fn refusable(policy: &Policy) -> Set<Purpose> {
    policy
        .uses
        .iter()
        .filter(|rule| match rule.basis {
            Basis::Consent => true,
            Basis::LegitimateInterests => {
                let purpose = policy.purpose(rule.purpose);
                purpose.compelling.is_none() || purpose.marketing
            }
            Basis::Contract | Basis::LegalObligation | Basis::VitalInterests => false,
        })
        .map(|rule| rule.purpose)
        .collect()
}

/// The declared lifetime of a part of our cookie, and the purpose it serves.
fn declared_part(policy: &Policy, holds: &CookieHolds) -> Option<(domain::Span, crate::Index<Purpose>)> {
    policy.cookies.iter().find(|cookie| cookie.holds == *holds).map(|cookie| (cookie.keep, cookie.purpose))
}

/// The purpose a part of our cookie serves, where the policy declares the part.
pub fn purpose_of(policy: &Policy, holds: &CookieHolds) -> Option<crate::Index<Purpose>> {
    declared_part(policy, holds).map(|(_, purpose)| purpose)
}
