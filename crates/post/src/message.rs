use std::fmt;
use std::time::{Duration, SystemTime};

use domain::{JobId, Timestamp};
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message};
use lettre::{Address, address::AddressError};
use policy::{Permit, Sealed};

use crate::Trouble;

/// Who writes.
#[derive(Clone, Debug)]
pub struct Sender {
    /// What people know the site by.
    pub name: String,
    /// The address letters come from.
    pub from: String,
    /// Where answers go.
    pub contact: String,
    /// The site's host: letters are numbered under it.
    pub host: String,
}

/// A letter as it was thought of.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The same letter has the same, however often it is brought.
    pub id: JobId,
    pub to: Sealed<String>,
    pub subject: String,
    pub text: String,
    /// When it was written.
    pub date: Timestamp,
}

/// A letter as it goes over the wire.
pub struct Written {
    pub(crate) id: JobId,
    pub(crate) envelope: Envelope,
    pub(crate) bytes: Vec<u8>,
    /// The same as whoever opens the file can read it: no line is broken and no letter spelt out in digits.
    pub(crate) readable: Vec<u8>,
}

impl fmt::Debug for Written {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Written").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Letter {
    /// Puts it into its form, the same bytes each time. The address is opened under the permit.
    pub fn written(&self, sender: &Sender, permit: &Permit) -> Result<Written, Trouble> {
        let to = self.to.open(permit).map_err(|_| Trouble::Unsendable("not permitted"))?;
        let to = mailbox(None, to).map_err(|_| Trouble::Unsendable("no address"))?;
        let contact = mailbox(None, &sender.contact).map_err(|_| Trouble::NoWay("the contact's address is none".to_owned()))?;
        let from = mailbox(Some(&sender.name), &sender.from).map_err(|_| Trouble::NoWay("the sender's address is none".to_owned()))?;
        let envelope = Envelope::new(Some(from.email.clone()), vec![to.email.clone()]).map_err(|_| Trouble::Unsendable("no address"))?;
        let head = Message::builder()
            .from(from)
            .reply_to(contact)
            .to(to)
            .subject(single_line(&self.subject))
            .date(system_time(self.date))
            .message_id(Some(message_id(self.id, &sender.host)))
            // No out-of-office answers to this one (RFC 3834, section 5).
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .envelope(envelope.clone());
        // Nothing of it goes over a wire, where lines may have to be short.
        let plain = Body::dangerous_pre_encoded(self.text.replace('\n', "\r\n").into_bytes(), ContentTransferEncoding::EightBit);
        let readable = head.clone().body(plain).map_err(|_| Trouble::Unsendable("no letter"))?;
        let message = head.body(self.text.clone()).map_err(|_| Trouble::Unsendable("no letter"))?;
        Ok(Written { id: self.id, envelope, bytes: message.formatted(), readable: readable.formatted() })
    }
}

impl Written {
    /// What goes over the wire.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Whether letters can come from this address.
pub fn is_address(text: &str) -> bool {
    text.parse::<Address>().is_ok()
}

/// The host of an origin as `https://www.example.org:8443`.
pub fn host_of(origin: &str) -> &str {
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split([':', '/']).next().unwrap_or_default(),
    }
}

/// The number a letter has for every program that sees it, so that a repeat can be told.
#[must_use]
pub fn message_id(id: JobId, host: &str) -> String {
    format!("<{}@{host}>", id.to_hex())
}

fn mailbox(name: Option<&str>, address: &str) -> Result<Mailbox, AddressError> {
    Ok(Mailbox::new(name.map(single_line), address.trim().parse::<Address>()?))
}

/// A header is one line, whatever a site calls itself.
fn single_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(at.as_second()).unwrap_or_default())
}
