//! What a frame's payload says: a visit, a gap, or something about the segment itself.

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use domain::{AccountId, Field, Timestamp, VisitorId};
use policy::{Sealed, StorageCapability};

use crate::address::{Address, Encrypted};
use crate::damage::{Damage, DamageKind};
use crate::frame;
use crate::visit::{Gap, NewVisit, Visit};

/// Browsers, pages and paths are cut here; more than this is no page's address but an attempt to fill the disk.
pub const TEXT_BYTES_MAX: usize = 8_192;
const METHOD_BYTES_MAX: usize = 32;
const PURPOSES_BYTES_MAX: usize = 16_384;

const VISIT: u8 = 1;
const GAP: u8 = 2;
const DAMAGE: u8 = 3;
const END: u8 = 4;

const METHOD: u16 = 1;
const STATUS: u16 = 1 << 1;
const BYTES: u16 = 1 << 2;
const DURATION: u16 = 1 << 3;
const IP_V4: u16 = 1 << 4;
const IP_V6: u16 = 1 << 5;
const BROWSER: u16 = 1 << 6;
const REFERRER: u16 = 1 << 7;
const PATH: u16 = 1 << 8;
const VISITOR: u16 = 1 << 9;
const ACCOUNT: u16 = 1 << 10;
const IP_ENCRYPTED: u16 = 1 << 11;
const IP_ENCRYPTED_NETWORK: u16 = 1 << 12;
/// No flag is greater.
const FLAGS: u16 = (1 << 13) - 1;
/// An address is in one of these forms.
const IP_FORMS: u16 = IP_V4 | IP_V6 | IP_ENCRYPTED | IP_ENCRYPTED_NETWORK;

/// Kind, time and flags come first, then the visitor: whoever looks for one visitor reads no further in the rows of others.
const TIME_AT: usize = 1;
const FLAGS_AT: usize = 9;
const VISITOR_AT: usize = 11;

/// All that a visit without its texts can take, the lengths of the texts included.
const FIXED_MAX: usize = frame::FRAME_HEAD + VISITOR_AT + 16 + 16 + 16 + 2 + 10 + 10 + 5 * 3;

/// A gap takes this much, frame included.
pub(crate) const GAP_FRAME: usize = frame::FRAME_HEAD + 1 + 8 + 8 + 8;

/// What a payload says.
#[derive(Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "records are read one at a time, and nearly all of them are visits")]
pub(crate) enum Record {
    Visit(Visit),
    Gap(Gap),
    /// Rewriting this segment found bytes that could not be read, and left them out.
    Damage(Damage),
    /// Nothing follows in this segment.
    End,
}

/// At most what the visit's frame will take.
pub(crate) fn frame_bytes_max<A>(visit: &NewVisit<'_, A>, storage: &StorageCapability) -> usize {
    let text = |text: &Option<Sealed<&str>>| text.as_ref().map_or(0, |text| storage.reveal(text).len().min(TEXT_BYTES_MAX));
    FIXED_MAX
        + visit.method.map_or(0, |method| method.len().min(METHOD_BYTES_MAX))
        + text(&visit.browser)
        + text(&visit.referrer)
        + text(&visit.path)
        + visit.purposes.len().min(PURPOSES_BYTES_MAX)
}

/// Appends the visit's frame, without its checksum.
pub(crate) fn put_visit<A: Copy + Into<Address>>(out: &mut Vec<u8>, visit: &NewVisit<'_, A>, storage: &StorageCapability) {
    let start = frame::begin(out);
    let ip = visit.ip.as_ref().map(|ip| (*storage.reveal(ip)).into().to_canonical());
    out.push(VISIT);
    out.extend_from_slice(&visit.time.as_microsecond().to_le_bytes());
    out.extend_from_slice(&flags(visit, ip).to_le_bytes());
    if let Some(visitor) = &visit.visitor {
        out.extend_from_slice(&storage.reveal(visitor).0);
    }
    if let Some(account) = &visit.account {
        out.extend_from_slice(&storage.reveal(account).0);
    }
    match ip {
        Some(Address::Known(IpAddr::V4(ip))) => out.extend_from_slice(&ip.octets()),
        Some(Address::Known(IpAddr::V6(ip))) => out.extend_from_slice(&ip.octets()),
        Some(Address::Encrypted(encrypted)) => out.extend_from_slice(&encrypted.value),
        None => {}
    }
    if let Some(status) = visit.status {
        out.extend_from_slice(&status.to_le_bytes());
    }
    for number in [visit.bytes, visit.duration_us].into_iter().flatten() {
        put_number(out, number);
    }
    if let Some(method) = visit.method {
        put_text(out, method, METHOD_BYTES_MAX);
    }
    for text in [&visit.browser, &visit.referrer, &visit.path].into_iter().flatten() {
        put_text(out, storage.reveal::<&str>(text), TEXT_BYTES_MAX);
    }
    put_text(out, visit.purposes, PURPOSES_BYTES_MAX);
    frame::end(out, start);
}

fn flags<A>(visit: &NewVisit<'_, A>, ip: Option<Address>) -> u16 {
    let flag = |present: bool, flag: u16| if present { flag } else { 0 };
    flag(visit.method.is_some(), METHOD)
        | flag(visit.status.is_some(), STATUS)
        | flag(visit.bytes.is_some(), BYTES)
        | flag(visit.duration_us.is_some(), DURATION)
        | ip.map_or(0, ip_form)
        | flag(visit.browser.is_some(), BROWSER)
        | flag(visit.referrer.is_some(), REFERRER)
        | flag(visit.path.is_some(), PATH)
        | flag(visit.visitor.is_some(), VISITOR)
        | flag(visit.account.is_some(), ACCOUNT)
}

const fn ip_form(ip: Address) -> u16 {
    match ip {
        Address::Known(IpAddr::V4(_)) => IP_V4,
        Address::Known(IpAddr::V6(_)) => IP_V6,
        Address::Encrypted(Encrypted { is_network: false, .. }) => IP_ENCRYPTED,
        Address::Encrypted(Encrypted { is_network: true, .. }) => IP_ENCRYPTED_NETWORK,
    }
}

pub(crate) fn put_gap(out: &mut Vec<u8>, gap: &Gap) {
    let start = frame::begin(out);
    out.push(GAP);
    out.extend_from_slice(&gap.from.as_microsecond().to_le_bytes());
    out.extend_from_slice(&gap.to.as_microsecond().to_le_bytes());
    out.extend_from_slice(&gap.count.to_le_bytes());
    frame::end(out, start);
}

pub(crate) fn put_damage(out: &mut Vec<u8>, damage: &Damage) {
    let start = frame::begin(out);
    out.push(DAMAGE);
    out.extend_from_slice(&damage.segment.to_le_bytes());
    out.extend_from_slice(&damage.offset.to_le_bytes());
    out.extend_from_slice(&damage.bytes.to_le_bytes());
    out.push(damage.what.code());
    frame::end(out, start);
}

pub(crate) fn put_end(out: &mut Vec<u8>) {
    let start = frame::begin(out);
    out.push(END);
    frame::end(out, start);
}

/// The visitor of a visit, and no more. None for what is no visit, or a visit without a visitor.
pub(crate) fn visitor_of(payload: &[u8]) -> Option<&[u8; 16]> {
    let flags = u16::from_le_bytes(payload.get(FLAGS_AT..VISITOR_AT)?.try_into().ok()?);
    if payload.first() != Some(&VISIT) || flags & VISITOR == 0 {
        return None;
    }
    payload.get(VISITOR_AT..)?.first_chunk()
}

/// The account of a visit, and no more. None for what is no visit, or a visit of nobody who was signed in.
pub(crate) fn account_of(payload: &[u8]) -> Option<&[u8; 16]> {
    let flags = u16::from_le_bytes(payload.get(FLAGS_AT..VISITOR_AT)?.try_into().ok()?);
    if payload.first() != Some(&VISIT) || flags & ACCOUNT == 0 {
        return None;
    }
    let before = if flags & VISITOR == 0 { 0 } else { 16 };
    payload.get(VISITOR_AT + before..)?.first_chunk()
}

pub(crate) fn is_end(payload: &[u8]) -> bool {
    payload == [END]
}

pub(crate) fn is_visit(payload: &[u8]) -> bool {
    payload.first() == Some(&VISIT)
}

/// The time of a visit, and no more.
pub(crate) fn time_of(payload: &[u8]) -> Option<Timestamp> {
    let micros = payload.get(TIME_AT..FLAGS_AT)?.try_into().ok()?;
    Timestamp::from_microsecond(i64::from_le_bytes(micros)).ok()
}

/// Reads a payload; none when it is nothing that we write.
pub(crate) fn read(payload: &[u8]) -> Option<Record> {
    let mut reader = Reader { rest: payload };
    let record = match reader.byte()? {
        VISIT => Record::Visit(reader.visit()?),
        GAP => Record::Gap(Gap { from: reader.time()?, to: reader.time()?, count: reader.u64()? }),
        DAMAGE => Record::Damage(Damage {
            segment: reader.u64()?,
            offset: reader.u64()?,
            bytes: reader.u64()?,
            what: DamageKind::of_code(reader.byte()?)?,
        }),
        END => Record::End,
        _ => return None,
    };
    reader.rest.is_empty().then_some(record)
}

/// Seven bits a byte, the low ones first.
fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_text(out: &mut Vec<u8>, text: &str, bytes_max: usize) {
    let text = &text[..text.floor_char_boundary(bytes_max)];
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn time(&mut self) -> Option<Timestamp> {
        Timestamp::from_microsecond(i64::from_le_bytes(self.array()?)).ok()
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }

    fn visit(&mut self) -> Option<Visit> {
        let time = self.time()?;
        let flags = u16::from_le_bytes(self.array()?);
        let has = |flag: u16| flags & flag != 0;
        if flags > FLAGS || (flags & IP_FORMS).count_ones() > 1 {
            return None;
        }
        let visitor = self.when(has(VISITOR), |reader| reader.array().map(VisitorId))?;
        let account = self.when(has(ACCOUNT), |reader| reader.array().map(AccountId))?;
        let ip = self.when(has(IP_FORMS), |reader| reader.address(flags & IP_FORMS))?;
        Some(Visit {
            time,
            visitor: visitor.map(|visitor| Sealed::new(Field::VisitVisitor, visitor)),
            account: account.map(|account| Sealed::new(Field::VisitAccount, account)),
            ip: ip.map(|ip| Sealed::new(Field::VisitIp, ip)),
            status: self.when(has(STATUS), |reader| reader.array().map(u16::from_le_bytes))?,
            bytes: self.when(has(BYTES), Self::number)?,
            duration_us: self.when(has(DURATION), Self::number)?,
            method: self.when(has(METHOD), Self::text)?,
            browser: self.when(has(BROWSER), Self::text)?.map(|browser| Sealed::new(Field::VisitBrowser, browser)),
            referrer: self.when(has(REFERRER), Self::text)?.map(|referrer| Sealed::new(Field::VisitReferrer, referrer)),
            path: self.when(has(PATH), Self::text)?.map(|path| Sealed::new(Field::VisitPath, path)),
            purposes: self.text()?,
        })
    }

    fn address(&mut self, form: u16) -> Option<Address> {
        match form {
            IP_V4 => self.array::<4>().map(|ip| Address::Known(ip.into())),
            IP_V6 => self.array::<16>().map(|ip| Address::Known(ip.into())),
            _ => self.array().map(|value| Address::Encrypted(Encrypted { value, is_network: form == IP_ENCRYPTED_NETWORK })),
        }
    }

    /// What is absent is read as none; what is there but cannot be read ends the whole reading.
    fn when<T>(&mut self, present: bool, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if present { read(self).map(Some) } else { Some(None) }
    }
}

impl Visit {
    /// The same visit as it would be recorded: to write it again.
    pub(crate) fn as_new<'a>(&'a self) -> NewVisit<'a, Address> {
        let text = |text: &'a Option<Sealed<String>>| text.as_ref().map(|text| text.as_ref().map(String::as_str));
        NewVisit {
            time: self.time,
            method: self.method.as_deref(),
            status: self.status,
            bytes: self.bytes,
            duration_us: self.duration_us,
            ip: self.ip,
            browser: text(&self.browser),
            referrer: text(&self.referrer),
            path: text(&self.path),
            visitor: self.visitor,
            account: self.account,
            purposes: &self.purposes,
        }
    }
}
