//! Our two signed cookies: what they hold, as the policy declares, and how they are read without ever trusting them.
//!
//! They are made of parts, each declared by a `[[cookie]]` with `holds`, each with its own lifetime. What somebody answered is in one cookie, which only
//! answers write; what the edge writes by itself, the ticket of a session too, is in the other, so that a page which was asked for before an answer and comes
//! after it cannot bring back what the answer ended. A cookie that does not verify is never an error; it counts as refusing all that can be refused.

mod keys;
mod parts;

pub use keys::{KeyRecord, SigningKeys};
pub(crate) use parts::CLOCKS_DIFFER;
pub use parts::{
    ChoicesPart, CookieParts, PreferencesPart, SessionPart, SignalPart, SignedIn, TICKET_LIVES, TICKET_RENEWED_AFTER, TicketAgreement,
    VerifiedAccount, VerifiedParts, VerifiedVisitor, VisitorPart,
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

/// Measured with the longest of our names, so that what is written over HTTP can be read over HTTPS and the other way round.
const VALUE_BYTES_MAX: usize = COOKIE_BYTES_MAX - name(Kind::Visit, true).len();

/// Which of our cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The choices and the preferences. Only the answer to somebody's own answers writes it.
    Choices,
    /// The visitor's number, and what the browser's signal opted out of. Any page may write it.
    Visit,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Choices, Self::Visit];

    /// What its signature is made for, so that neither is ever read as the other.
    const fn context(self) -> &'static [u8] {
        match self {
            Self::Choices => b"candor cookie 1",
            Self::Visit => b"candor visit cookie 1",
        }
    }
}

/// The cookie's name: `__Host-` needs HTTPS.
pub const fn name(kind: Kind, https: bool) -> &'static str {
    match (kind, https) {
        (Kind::Choices, true) => "__Host-candor",
        (Kind::Choices, false) => "candor",
        (Kind::Visit, true) => "__Host-candor-visit",
        (Kind::Visit, false) => "candor-visit",
    }
}

/// The name of the cookie that our forms are bound to.
pub const fn form_name(https: bool) -> &'static str {
    if https { "__Host-candor-form" } else { "candor-form" }
}

/// The name of the cookie that an operator is signed in to the console with. Browsers tell hosts apart and not ports, so where both are on one machine it comes to
/// the public listener, too.
pub const fn console_name(https: bool) -> &'static str {
    if https { "__Host-candor-console" } else { "candor-console" }
}

/// Whether a cookie of this name is ours: none of them reaches the site, and the site sets none of them.
pub fn is_ours(cookie: &str) -> bool {
    let is = |known: &str| cookie.eq_ignore_ascii_case(known);
    let has_name = |https| is(form_name(https)) || is(console_name(https)) || Kind::ALL.into_iter().any(|kind| is(name(kind, https)));
    [true, false].into_iter().any(has_name) || is("candor-age")
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
    #[error("several cookies of one of our names")]
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

/// Reads the values of all cookies of our names on a request. Where either cannot be believed, neither is: what the one permits may be what the other
/// had ended.
pub fn read<'a>(
    policy: &Policy,
    keys: &SigningKeys,
    now: Timestamp,
    choices: impl Iterator<Item = &'a [u8]>,
    visit: impl Iterator<Item = &'a [u8]>,
) -> CookieState {
    together(policy, now, half(keys, Kind::Choices, choices), half(keys, Kind::Visit, visit))
}

type Half = Result<Option<CookieParts>, Unverified>;

fn half<'a>(keys: &SigningKeys, kind: Kind, mut values: impl Iterator<Item = &'a [u8]>) -> Half {
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Unverified::Duplicate);
    }
    let payload = verify(keys, kind, value)?;
    parts::decode(kind, &payload).map(Some).ok_or(Unverified::Malformed)
}

fn together(policy: &Policy, now: Timestamp, choices: Half, visit: Half) -> CookieState {
    match (choices, visit) {
        (Err(why), _) | (_, Err(why)) => CookieState::Unverified(why),
        (Ok(None), Ok(None)) => CookieState::Absent,
        (Ok(choices), Ok(visit)) => CookieParts::joined(choices.unwrap_or_default(), visit.unwrap_or_default())
            .still_kept(policy, now)
            .map_or(CookieState::Unverified(Unverified::Expired), CookieState::Verified),
    }
}

fn verify(keys: &SigningKeys, kind: Kind, value: &[u8]) -> Result<Vec<u8>, Unverified> {
    if value.len() > VALUE_BYTES_MAX {
        return Err(Unverified::Oversized);
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(value).map_err(|_| Unverified::Malformed)?;
    let split = bytes.len().checked_sub(keys::TAG_BYTES).filter(|split| *split >= keys::ID_BYTES).ok_or(Unverified::Malformed)?;
    let (signed, tag) = bytes.split_at(split);
    let (id, payload) = signed.split_at(keys::ID_BYTES);
    if keys.verify(kind.context(), id, payload, tag) { Ok(payload.to_vec()) } else { Err(Unverified::Forged) }
}

/// A `Set-Cookie` value that carries the answers among these parts; without any, one that ends the cookie. None when they do not fit into a cookie.
pub fn write_choices(policy: &Policy, keys: &SigningKeys, parts: &CookieParts, now: Timestamp, https: bool) -> Option<String> {
    write(policy, keys, Kind::Choices, parts, now, https)
}

/// The same for what the edge writes by itself. It holds no yes.
pub fn write_visit(policy: &Policy, keys: &SigningKeys, parts: &CookieParts, now: Timestamp, https: bool) -> Option<String> {
    write(policy, keys, Kind::Visit, parts, now, https)
}

fn write(policy: &Policy, keys: &SigningKeys, kind: Kind, parts: &CookieParts, now: Timestamp, https: bool) -> Option<String> {
    let parts = parts.only(kind).declared(policy);
    let lifetime = parts.lifetime_seconds(policy, now).min(COOKIE_SECONDS_MAX);
    let attributes = if https { "Path=/; Secure; HttpOnly; SameSite=Lax" } else { "Path=/; HttpOnly; SameSite=Lax" };
    let name = name(kind, https);
    if parts.is_empty() || lifetime == 0 {
        return Some(format!("{name}=; Max-Age=0; {attributes}"));
    }
    let payload = parts::encode(&parts)?;
    let (id, tag) = keys.sign(kind.context(), &payload);
    let value = BASE64_URL_SAFE_NO_PAD.encode([&id[..], &payload, &tag].concat());
    (value.len() <= VALUE_BYTES_MAX).then(|| format!("{name}={value}; Max-Age={lifetime}; {attributes}"))
}

/// What a browser that sent `before` will send after an answer with these of [`write_choices`] and [`write_visit`].
pub fn read_back(policy: &Policy, keys: &SigningKeys, now: Timestamp, before: &CookieState, set_cookies: &[String]) -> CookieState {
    let after = |kind: Kind| {
        let is_of_kind = |name: &str| [true, false].into_iter().any(|https| name == self::name(kind, https));
        let mut pairs = set_cookies.iter().filter_map(|set| set.split(';').next()?.split_once('='));
        match pairs.rfind(|(name, _)| is_of_kind(name)) {
            Some((_, value)) => half(keys, kind, Some(value.as_bytes()).filter(|value| !value.is_empty()).into_iter()),
            None => match before {
                CookieState::Absent => Ok(None),
                CookieState::Unverified(why) => Err(*why),
                CookieState::Verified(parts) => Ok(Some(parts.only(kind)).filter(|parts| !parts.is_empty())),
            },
        }
    };
    together(policy, now, after(Kind::Choices), after(Kind::Visit))
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

    /// What counts about a purpose: what somebody answered, or what their browser's signal opted out of.
    pub fn answer(&self, purpose: &domain::Id) -> Option<&domain::Choice> {
        self.parts()?.answer(purpose)
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
