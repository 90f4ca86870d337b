//! What the site is told of whoever is signed in: three fields that nobody else can send it, as far as the plan permits.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use domain::{SessionId, Timestamp, VisitorId};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use parking_lot::Mutex;
use policy::Sealed;
use policy::assertion::{ASSERTION_SECONDS, AssertionKeys, Claims};
use policy::cookie::VerifiedAccount;

use super::Judged;
use super::names::lists;
use super::plans::ReadyPlan;
use super::visitor::keep_private;
use crate::counts::add;
use crate::listen::Worker;

const ACCOUNT: HeaderName = HeaderName::from_static("candor-account");
const USERNAME: HeaderName = HeaderName::from_static("candor-username");
const ASSERTION: HeaderName = HeaderName::from_static("candor-assertion");

/// What was last said of people, and signed. It is said again as long as it is true and has at least half its time left: a signature costs about as
/// much as all the rest of a request.
#[derive(Debug, Default)]
pub(crate) struct Introductions {
    recent: Mutex<HashMap<SessionId, Introduction>>,
}

#[derive(Clone, Debug)]
struct Introduction {
    about: About,
    signed: Timestamp,
    account: HeaderValue,
    username: Option<HeaderValue>,
    assertion: HeaderValue,
}

/// All that it depends on.
#[derive(Clone, Debug)]
struct About {
    ticket: VerifiedAccount,
    visitor: Option<Sealed<VisitorId>>,
    plan: Arc<ReadyPlan>,
    keys: Arc<AssertionKeys>,
    origin: String,
}

impl About {
    fn is(&self, other: &Self) -> bool {
        self.ticket == other.ticket
            && self.visitor == other.visitor
            && Arc::ptr_eq(&self.plan, &other.plan)
            && Arc::ptr_eq(&self.keys, &other.keys)
            && self.origin == other.origin
    }
}

impl Introductions {
    const RECENT_MAX: usize = 1_024;

    fn of(&self, about: About, now: Timestamp, worker: &Worker) -> Option<Introduction> {
        let session = about.ticket.session();
        let mut recent = self.recent.lock();
        if let Some(known) = recent.get(&session)
            && known.is_good_at(now)
            && known.about.is(&about)
        {
            return Some(known.clone());
        }
        let made = Introduction::sign(about, now, worker)?;
        if recent.len() >= Self::RECENT_MAX {
            recent.retain(|_, known| known.is_good_at(now));
            if recent.len() >= Self::RECENT_MAX {
                recent.clear();
            }
        }
        recent.insert(session, made.clone());
        Some(made)
    }
}

impl Introduction {
    fn is_good_at(&self, now: Timestamp) -> bool {
        let age = now.as_second() - self.signed.as_second();
        (0..ASSERTION_SECONDS / 2).contains(&age)
    }

    fn sign(about: About, now: Timestamp, worker: &Worker) -> Option<Self> {
        let permit = about.plan.username_permit.as_ref();
        let username = permit.and_then(|permit| about.ticket.username().open(permit).ok());
        let permit = about.plan.visitor_permit.as_ref();
        let visitor = permit.zip(about.visitor.as_ref()).and_then(|(permit, visitor)| visitor.open(permit).ok());
        let claims = Claims {
            origin: &about.origin,
            account: about.ticket.account(),
            username: username.map(String::as_str),
            visitor: visitor.copied(),
            purposes: about.plan.purposes(),
        };
        let assertion = about.keys.sign(&claims, now, &*worker.wiring.random);
        add(&worker.counts.assertions_signed, 1);
        let username = username.map(|name| field_value(name)).and_then(sensitive);
        let account = sensitive(about.ticket.account().to_hex())?;
        Some(Self { account, username, assertion: sensitive(assertion)?, signed: now, about })
    }
}

fn sensitive(text: String) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A name as the value of a field: ASCII stays, and the bytes of everything else, and of `%`, are escaped as in a URL.
fn field_value(name: &str) -> String {
    name.bytes().fold(String::with_capacity(name.len()), |mut value, byte| {
        match byte {
            b'%' => value.push_str("%25"),
            0x21..=0x7e => value.push(char::from(byte)),
            _ => {
                let _ = write!(value, "%{byte:02X}");
            }
        }
        value
    })
}

impl Judged {
    /// Tells the site who is signed in.
    pub(super) fn introduce(&self, headers: &mut HeaderMap, worker: &Worker) {
        let Some(ticket) = self.introduced() else { return };
        let about = About {
            ticket: ticket.clone(),
            visitor: self.bearer.cookie.visitor().map(|visitor| *visitor.id()).filter(|_| self.plan.visitor_permit.is_some()),
            plan: self.plan.clone(),
            keys: worker.wiring.assertions.load_full(),
            origin: self.origin(headers, worker),
        };
        let Some(introduction) = worker.introductions.of(about, self.now, worker) else { return };
        headers.insert(ACCOUNT, introduction.account);
        headers.insert(ASSERTION, introduction.assertion);
        if let Some(username) = introduction.username {
            headers.insert(USERNAME, username);
        }
    }

    /// Whoever the site is told of.
    fn introduced(&self) -> Option<&VerifiedAccount> {
        self.bearer.account().filter(|_| self.plan.account_cookie)
    }

    /// Where people reach the site; where nobody said so, where this visitor does.
    fn origin(&self, headers: &HeaderMap, worker: &Worker) -> String {
        if let Some(origin) = &worker.settings.origin {
            return origin.clone();
        }
        let host = self.host.as_ref().or_else(|| headers.get(header::HOST)).and_then(|host| host.to_str().ok());
        format!("{}://{}", if self.https { "https" } else { "http" }, host.unwrap_or_default())
    }

    /// The site's answer to somebody it was told of is theirs alone, unless the site itself says that others may have it: the rule for requests with
    /// `Authorization` (RFC 9111, section 3.5).
    pub(crate) fn keep_to_account(&self, headers: &mut HeaderMap) {
        if self.introduced().is_none() {
            return;
        }
        let says = |directive: &str| lists(headers, header::CACHE_CONTROL, directive);
        let is_for_others =
            says("public") || says("must-revalidate") || headers.get_all(header::CACHE_CONTROL).iter().any(names_shared_age);
        if !is_for_others {
            keep_private(headers);
        }
    }
}

fn names_shared_age(value: &HeaderValue) -> bool {
    let mut directives = super::names::tokens(value.as_bytes());
    directives.any(|directive| directive.len() > 9 && directive[..9].eq_ignore_ascii_case(b"s-maxage="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_ascii_and_reads_back_as_it_was() {
        for (name, value) in
            [("anna", "anna"), ("zoë", "zo%C3%AB"), ("50%", "50%25"), ("a b", "a%20b"), ("明日香", "%E6%98%8E%E6%97%A5%E9%A6%99")]
        {
            assert_eq!(field_value(name), value);
        }
    }
}
