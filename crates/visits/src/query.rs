use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use domain::{AccountId, Field, FieldSet, Timestamp, VisitorId};
use policy::{Sealed, StorageCapability};

use crate::address::{Address, Encrypted};
use crate::damage::Damage;
use crate::erase::{Marked, Person};
use crate::path::PathPattern;
use crate::record::{self, Record};
use crate::retention::RetentionNow;
use crate::sealed::rows::Id;
use crate::visit::{Gap, Visit};

/// Which visits are wanted. The default is all of them.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub visitor: Option<Sealed<VisitorId>>,
    /// Visits of somebody who was signed in then.
    pub account: Option<Sealed<AccountId>>,
    /// Visits of any of these, as erasing them would find them. Of nobody there are none.
    pub people: Option<Vec<Person>>,
    pub ip: Option<Network>,
    pub path: Option<PathPattern>,
    /// Not before this. Whoever looks for a visitor says when the visitor's id was made: nothing older has to be read.
    pub since: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
    pub limit: Option<usize>,
}

impl Query {
    /// What of a visit, of an account or of none, has to be read to find it by this.
    pub fn searched(&self, has_account: bool) -> FieldSet {
        let whose = if has_account { Field::VisitAccount } else { Field::VisitVisitor };
        let searched = [
            (self.visitor.is_some(), Field::VisitVisitor),
            (self.account.is_some(), Field::VisitAccount),
            (self.people.is_some(), whose),
            (self.ip.is_some(), Field::VisitIp),
            (self.path.is_some(), Field::VisitPath),
        ];
        searched.iter().filter_map(|(is_searched, field)| is_searched.then_some(*field)).collect()
    }

    /// Whether somebody who may see these fields of such a visit may find it by this: to search by a field is to read it.
    pub fn is_covered_by(&self, fields: FieldSet, has_account: bool) -> bool {
        self.searched(has_account).iter().all(|field| fields.contains(field))
    }
}

/// What was found, and what could not be: a reader of the visits must see the gaps and the damage too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The newest first.
    pub visits: Vec<Visit>,
    /// Visits in this time that were never recorded, the newest first.
    pub gaps: Vec<Gap>,
    /// All damage of the log, whatever time it may be from.
    pub damage: Vec<Damage>,
}

/// An address, or all addresses that begin alike: `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/48`. What is encrypted is in none of them; it is found by the text
/// that it is shown as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network(Addresses);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Addresses {
    BeginningWith { address: IpAddr, prefix: u8 },
    Encrypted(Encrypted),
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address is written like 203.0.113.7 or 2001:db8::7, a network like 203.0.113.0/24, an encrypted address as the log shows it")]
pub struct BadNetwork;

impl Network {
    pub fn contains(&self, address: Address) -> bool {
        match (self.0, address.to_canonical()) {
            (Addresses::BeginningWith { address: IpAddr::V4(network), prefix }, Address::Known(IpAddr::V4(ip))) => {
                (network.to_bits() ^ ip.to_bits()).checked_shr(32 - u32::from(prefix)).unwrap_or(0) == 0
            }
            (Addresses::BeginningWith { address: IpAddr::V6(network), prefix }, Address::Known(IpAddr::V6(ip))) => {
                (network.to_bits() ^ ip.to_bits()).checked_shr(128 - u32::from(prefix)).unwrap_or(0) == 0
            }
            (Addresses::Encrypted(wanted), Address::Encrypted(encrypted)) => wanted == encrypted,
            _ => false,
        }
    }
}

impl Network {
    /// The address, where it is a single one.
    pub(crate) fn one(&self) -> Option<Address> {
        match self.0 {
            Addresses::BeginningWith { address, prefix } => (prefix == bits(address)).then(|| address.to_canonical().into()),
            Addresses::Encrypted(encrypted) => Some(Address::Encrypted(encrypted)),
        }
    }
}

impl From<IpAddr> for Network {
    fn from(ip: IpAddr) -> Self {
        let address = ip.to_canonical();
        Self(Addresses::BeginningWith { address, prefix: bits(address) })
    }
}

const fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let Some((address, prefix)) = text.split_once('/') else {
            return match Address::parse(text).ok_or(BadNetwork)? {
                Address::Known(ip) => Ok(ip.into()),
                Address::Encrypted(encrypted) => Ok(Self(Addresses::Encrypted(encrypted))),
            };
        };
        let address: IpAddr = address.parse().map_err(|_| BadNetwork)?;
        let is_number = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|prefix| is_number && *prefix <= bits(address)).ok_or(BadNetwork)?;
        Ok(Self(Addresses::BeginningWith { address, prefix }))
    }
}

/// It may name a person, so debug output does not show it.
impl fmt::Debug for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Network(…)")
    }
}

/// A query at one moment, under the rules of that moment.
pub(crate) struct Selection {
    pub(crate) query: Query,
    pub(crate) retention: RetentionNow,
    /// Whose visits are being erased.
    pub(crate) unseen: Arc<Marked>,
    /// Whose visits are wanted, where that are several people's.
    pub(crate) people: Option<Marked>,
    pub(crate) storage: StorageCapability,
}

impl Selection {
    pub(crate) fn new(query: &Query, retention: RetentionNow, unseen: Arc<Marked>, storage: &StorageCapability) -> Self {
        let people = query.people.as_ref().map(|people| Marked::of(people, storage));
        Self { query: query.clone(), retention, unseen, people, storage: storage.clone() }
    }

    pub(crate) fn may_be_between(&self, oldest: Timestamp, newest: Timestamp) -> bool {
        self.query.since.is_none_or(|since| newest >= since)
            && self.query.until.is_none_or(|until| oldest < until)
            && !self.retention.is_expired(newest)
    }

    /// What a payload says, as it may be seen, if it is wanted.
    pub(crate) fn read(&self, payload: &[u8]) -> Result<Option<Record>, Unreadable> {
        if record::is_visit(payload) && !self.is_worth_reading(payload)? {
            return Ok(None);
        }
        let mut record = record::read(payload).ok_or(Unreadable)?;
        let is_wanted = match &mut record {
            Record::Visit(visit) => {
                self.retention.age(visit);
                self.wants(visit)
            }
            Record::Gap(gap) => self.may_be_between(gap.from, gap.to),
            Record::Damage(_) => true,
            Record::End => false,
        };
        Ok(is_wanted.then_some(record))
    }

    /// Most rows are somebody else's: they are told apart without being decoded.
    fn is_worth_reading(&self, payload: &[u8]) -> Result<bool, Unreadable> {
        let time = record::time_of(payload).ok_or(Unreadable)?;
        let is_visitor = |wanted: &Sealed<VisitorId>| record::visitor_of(payload) == Some(&self.storage.reveal(wanted).0);
        let is_account = |wanted: &Sealed<AccountId>| record::account_of(payload) == Some(&self.storage.reveal(wanted).0);
        let ids = (record::account_of(payload), record::visitor_of(payload));
        Ok(!self.is_unseen(ids.0, ids.1)
            && self.may_be_between(time, time)
            && self.people.as_ref().is_none_or(|people| people.may_be_one_of(ids.0, ids.1))
            && self.query.visitor.as_ref().is_none_or(is_visitor)
            && self.query.account.as_ref().is_none_or(is_account))
    }

    /// A sealed visit, as it may be seen, if it is wanted. Whose it is stands beside it, as the file holds it.
    pub(crate) fn sees(&self, mut visit: Visit, ids: (Option<&[u8; 16]>, Option<&[u8; 16]>)) -> Option<Visit> {
        if self.is_unseen(ids.0, ids.1) || !self.may_be_between(visit.time, visit.time) {
            return None;
        }
        self.retention.age(&mut visit);
        self.wants(&visit).then_some(visit)
    }

    /// Whether these are somebody's who is being erased.
    pub(crate) fn is_unseen(&self, account: Option<&Id>, visitor: Option<&Id>) -> bool {
        !self.unseen.is_empty() && self.unseen.place_of_ids(account, visitor).is_some()
    }

    fn wants(&self, visit: &Visit) -> bool {
        let account = visit.account.as_ref().map(|account| self.storage.reveal(account).0);
        let visitor = visit.visitor.as_ref().map(|visitor| self.storage.reveal(visitor).0);
        let ip = visit.ip.as_ref().map(|ip| *self.storage.reveal(ip));
        let is_page = |path: &PathPattern| visit.path.as_ref().is_some_and(|visited| path.covers(self.storage.reveal::<String>(visited)));
        self.query.path.as_ref().is_none_or(is_page) && self.is_of(account.as_ref(), visitor.as_ref(), ip)
    }

    /// Asked of what has aged: what can no longer be seen cannot be searched for either.
    pub(crate) fn is_of(&self, account: Option<&Id>, visitor: Option<&Id>, ip: Option<Address>) -> bool {
        let query = &self.query;
        query.visitor.as_ref().is_none_or(|wanted| visitor == Some(&self.storage.reveal(wanted).0))
            && query.account.as_ref().is_none_or(|wanted| account == Some(&self.storage.reveal(wanted).0))
            && query.ip.as_ref().is_none_or(|network| ip.is_some_and(|ip| network.contains(ip)))
            && self.people.as_ref().is_none_or(|people| people.place_of_ids(account, visitor).is_some())
    }
}

/// A payload whose checksum matches and that is still nothing we write.
pub(crate) struct Unreadable;
