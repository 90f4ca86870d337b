//! Visits column by column: what a sealed file is made of, and what is read of it.

use std::fmt::Write;
use std::net::IpAddr;

use bytes::Bytes;
use domain::{AccountId, Field, Timestamp, VisitorId};
use policy::model::AgeingForm;
use policy::{Sealed, StorageCapability};

use super::texts::Texts;
use crate::address::Address;
use crate::ageing;
use crate::is_robot;
use crate::record::TEXT_BYTES_MAX;
use crate::retention::RetentionNow;
use crate::visit::{NewVisit, Visit};

/// One id of 16 bytes.
pub(crate) type Id = [u8; 16];

/// By whom visits stand together: those without a number behind those that have one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Visitor(u128),
    /// Of the visits of one account, those from one address.
    Account(u128, u32),
    /// The place of the address among the others.
    Address(u32),
}

/// Some visits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) times: Vec<i64>,
    pub(crate) ips: Texts,
    pub(crate) browsers: Texts,
    pub(crate) referrers: Texts,
    pub(crate) methods: Texts,
    pub(crate) paths: Texts,
    pub(crate) statuses: Vec<Option<i32>>,
    pub(crate) bytes: Vec<Option<i64>>,
    pub(crate) durations: Vec<Option<i64>>,
    pub(crate) visitors: Vec<Option<Id>>,
    pub(crate) accounts: Vec<Option<Id>>,
    pub(crate) purposes: Texts,
}

/// A row that is in no form we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadRow;

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.times.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Lets go of all of them, and keeps the room they took.
    pub(crate) fn clear(&mut self) {
        let Self { times, ips, browsers, referrers, methods, paths, statuses, bytes, durations, visitors, accounts, purposes } = self;
        [ips, browsers, referrers, methods, paths, purposes].into_iter().for_each(Texts::clear);
        [visitors, accounts].into_iter().for_each(Vec::clear);
        [bytes, durations].into_iter().for_each(Vec::clear);
        times.clear();
        statuses.clear();
    }

    /// Adds a visit as it would be recorded.
    pub(crate) fn push<A: Copy + Into<Address>>(&mut self, visit: &NewVisit<'_, A>, storage: &StorageCapability) {
        fn bytes<'v>(text: Option<&Sealed<&'v str>>, storage: &StorageCapability) -> Option<&'v [u8]> {
            text.map(|text| {
                let text = storage.reveal::<&'v str>(text);
                &text.as_bytes()[..text.floor_char_boundary(TEXT_BYTES_MAX)]
            })
        }
        let ip = visit.ip.as_ref().map(|ip| Written::of((*storage.reveal(ip)).into().to_canonical()));
        self.times.push(visit.time.as_microsecond());
        self.ips.push(ip.as_ref().map(Written::bytes));
        self.browsers.push(bytes(visit.browser.as_ref(), storage));
        self.referrers.push(bytes(visit.referrer.as_ref(), storage));
        self.methods.push(visit.method.map(str::as_bytes));
        self.paths.push(bytes(visit.path.as_ref(), storage));
        self.statuses.push(visit.status.map(i32::from));
        // What Parquet calls unsigned has the same bits.
        self.bytes.push(visit.bytes.map(|bytes| bytes as i64));
        self.durations.push(visit.duration_us.map(|duration| duration as i64));
        self.visitors.push(visit.visitor.as_ref().map(|visitor| storage.reveal(visitor).0));
        self.accounts.push(visit.account.as_ref().map(|account| storage.reveal(account).0));
        self.purposes.push(Some(visit.purposes.as_bytes()));
    }

    /// How many are of somebody who says to be a robot.
    pub(crate) fn robots(&self) -> u64 {
        self.browsers.count(|browser| std::str::from_utf8(browser).is_ok_and(is_robot))
    }

    /// Gives all rows the form in which they may still be seen, each value once however many rows have it.
    pub(crate) fn age(&mut self, rules: &RetentionNow) {
        self.age_addresses(rules);
        for (field, through, form) in rules.ageing() {
            let through = through.as_microsecond();
            let times = &self.times;
            if !times.iter().any(|time| *time <= through) {
                continue;
            }
            let is_due = |place: usize| times[place] <= through;
            match (field, form) {
                (Field::VisitBrowser, AgeingForm::Family) => self.browsers.change(is_due, |browser| {
                    let browser = std::str::from_utf8(browser).ok()?;
                    Some(Bytes::from_static(ageing::family(browser).as_bytes()))
                }),
                (Field::VisitReferrer, AgeingForm::Origin) => {
                    self.referrers.change(is_due, |referrer| ageing::origin(std::str::from_utf8(referrer).ok()?).map(Bytes::from))
                }
                (Field::VisitBrowser, _) => self.browsers.change(is_due, |_| None),
                (Field::VisitReferrer, _) => self.referrers.change(is_due, |_| None),
                (Field::VisitMethod, _) => self.methods.change(is_due, |_| None),
                (Field::VisitPath, _) => self.paths.change(is_due, |_| None),
                (Field::VisitStatus, _) => clear(&mut self.statuses, is_due),
                (Field::VisitBytes, _) => clear(&mut self.bytes, is_due),
                (Field::VisitDuration, _) => clear(&mut self.durations, is_due),
                (Field::VisitVisitor, _) => clear(&mut self.visitors, is_due),
                (Field::VisitAccount, _) => clear(&mut self.accounts, is_due),
                (Field::VisitIp, _) => {} // all rules together, above
                (Field::VisitTime | Field::AccountEmail | Field::AccountUsername | Field::RequestEmail | Field::RequestMessage, _) => {}
            }
        }
    }

    fn age_addresses(&mut self, rules: &RetentionNow) {
        let of_addresses = rules.ageing().into_iter().filter(|(field, _, _)| *field == Field::VisitIp);
        let mut throughs: Vec<Timestamp> = of_addresses.map(|(_, through, _)| through).collect();
        throughs.sort_unstable();
        let mut before = i64::MIN;
        for through in throughs {
            // Between two of these moments the same is due of all.
            let (forms, last, times) = (rules.address_forms(through), through.as_microsecond(), &self.times);
            self.ips.change(
                |place| before < times[place] && times[place] <= last,
                |ip| {
                    let address = Address::parse(std::str::from_utf8(ip).ok()?)?;
                    Some(Bytes::from(forms.left_of(address, rules.key())?.to_string()))
                },
            );
            before = last;
        }
    }

    /// Adds rows of others, in this order.
    pub(crate) fn extend_from(&mut self, others: &Self, places: impl Iterator<Item = usize> + Clone) {
        fn add<T: Clone>(own: &mut Vec<T>, others: &[T], places: impl Iterator<Item = usize>) {
            own.extend(places.map(|place| others[place].clone()));
        }
        add(&mut self.times, &others.times, places.clone());
        self.ips.extend_from(&others.ips, places.clone());
        self.browsers.extend_from(&others.browsers, places.clone());
        self.referrers.extend_from(&others.referrers, places.clone());
        self.methods.extend_from(&others.methods, places.clone());
        self.paths.extend_from(&others.paths, places.clone());
        add(&mut self.statuses, &others.statuses, places.clone());
        add(&mut self.bytes, &others.bytes, places.clone());
        add(&mut self.durations, &others.durations, places.clone());
        add(&mut self.visitors, &others.visitors, places.clone());
        add(&mut self.accounts, &others.accounts, places.clone());
        self.purposes.extend_from(&others.purposes, places);
    }

    /// A visit as it was recorded.
    pub(crate) fn visit(&self, place: usize) -> Result<Visit, BadRow> {
        let text = |values: &Texts| values.get(place).map(read_text).transpose();
        let sealed = |field: Field, values: &Texts| Ok(text(values)?.map(|text| Sealed::new(field, text)));
        let ip = text(&self.ips)?.map(|ip| Address::parse(&ip).ok_or(BadRow)).transpose()?;
        Ok(Visit {
            time: self.time(place)?,
            method: text(&self.methods)?,
            status: self.statuses[place].map(|status| u16::try_from(status).map_err(|_| BadRow)).transpose()?,
            bytes: self.bytes[place].map(|bytes| bytes as u64),
            duration_us: self.durations[place].map(|duration| duration as u64),
            ip: ip.map(|ip| Sealed::new(Field::VisitIp, ip)),
            browser: sealed(Field::VisitBrowser, &self.browsers)?,
            referrer: sealed(Field::VisitReferrer, &self.referrers)?,
            path: sealed(Field::VisitPath, &self.paths)?,
            visitor: self.visitors[place].map(|id| Sealed::new(Field::VisitVisitor, VisitorId(id))),
            account: self.accounts[place].map(|id| Sealed::new(Field::VisitAccount, AccountId(id))),
            purposes: text(&self.purposes)?.unwrap_or_default(),
        })
    }

    pub(crate) fn time(&self, place: usize) -> Result<Timestamp, BadRow> {
        Timestamp::from_microsecond(self.times[place]).map_err(|_| BadRow)
    }

    /// The order in which they are sealed: those of one person stand together, the oldest first. Whoever has no number is told by account, or else by address.
    pub(crate) fn clustered(&self) -> Vec<usize> {
        let ranks = self.ips.ranks();
        let mut keys: Vec<(Whose, i64, u32)> =
            (0..self.len()).map(|place| (self.whose(place, &ranks), self.times[place], place as u32)).collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, _, place)| place as usize).collect()
    }

    fn whose(&self, place: usize, ranks: &[u32]) -> Whose {
        match (self.visitors[place], self.accounts[place]) {
            (Some(visitor), _) => Whose::Visitor(u128::from_be_bytes(visitor)),
            (None, Some(account)) => Whose::Account(u128::from_be_bytes(account), self.ips.rank(place, ranks)),
            (None, None) => Whose::Address(self.ips.rank(place, ranks)),
        }
    }

    /// The oldest and the newest of them.
    pub(crate) fn times(&self) -> Option<(i64, i64)> {
        self.times.iter().copied().min().zip(self.times.iter().copied().max())
    }
}

/// An address as it is written, made without a detour through the memory's owner.
struct Written {
    bytes: [u8; 64],
    length: usize,
}

impl Written {
    fn of(address: Address) -> Self {
        let mut written = Self { bytes: [0; 64], length: 0 };
        match address {
            Address::Known(IpAddr::V4(ip)) => ip.octets().into_iter().enumerate().for_each(|(place, octet)| {
                if place > 0 {
                    written.put(b'.');
                }
                if octet >= 100 {
                    written.put(b'0' + octet / 100);
                }
                if octet >= 10 {
                    written.put(b'0' + octet / 10 % 10);
                }
                written.put(b'0' + octet % 10);
            }),
            // None of these is longer than there is room for.
            Address::Known(IpAddr::V6(_)) | Address::Encrypted(_) => drop(write!(written, "{address}")),
        }
        written
    }

    fn put(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl std::fmt::Write for Written {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let to = self.bytes.get_mut(self.length..self.length + text.len()).ok_or(std::fmt::Error)?;
        to.copy_from_slice(text.as_bytes());
        self.length += text.len();
        Ok(())
    }
}

fn clear<T>(values: &mut [Option<T>], is_due: impl Fn(usize) -> bool) {
    values.iter_mut().enumerate().filter(|(place, _)| is_due(*place)).for_each(|(_, value)| *value = None);
}

fn read_text(bytes: &Bytes) -> Result<String, BadRow> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| BadRow)
}
