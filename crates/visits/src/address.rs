//! A visitor's address, as far as the log still knows it.

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ipcrypt_rs::Ipcrypt;
use policy::model::AgeingForm;

use crate::ageing;

/// An address of a visit.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Address {
    /// Whole, or its network where that is what is left of it.
    Known(IpAddr),
    /// The same address has the same value; which it is, nobody can tell without the key.
    Encrypted(Encrypted),
}

/// An address, or a network, under the key of a log.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Encrypted {
    pub(crate) value: [u8; 16],
    /// It had been cut down to its network before.
    pub(crate) is_network: bool,
}

/// No address begins so, and no parser of addresses takes what does for one.
const ENCRYPTED: &str = "encrypted:";
const ENCRYPTED_NETWORK: &str = "encrypted-network:";

impl Address {
    /// The same in the one form that the log writes it in.
    pub(crate) fn to_canonical(self) -> Self {
        match self {
            Self::Known(ip) => Self::Known(ip.to_canonical()),
            Self::Encrypted(_) => self,
        }
    }

    /// What is left where it is not known any more.
    pub const fn encrypted(&self) -> Option<Encrypted> {
        match self {
            Self::Known(_) => None,
            Self::Encrypted(encrypted) => Some(*encrypted),
        }
    }

    /// Reads what it is shown as.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match (text.strip_prefix(ENCRYPTED), text.strip_prefix(ENCRYPTED_NETWORK)) {
            (Some(value), _) => Encrypted::parse(value, false).map(Self::Encrypted),
            (None, Some(value)) => Encrypted::parse(value, true).map(Self::Encrypted),
            (None, None) => text.parse().map(Self::Known).ok(),
        }
    }
}

impl Encrypted {
    /// What it has in common with the same address elsewhere, in hexadecimal.
    pub fn value(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.value))
    }

    fn parse(value: &str, is_network: bool) -> Option<Self> {
        let is_ours = value.len() == 32 && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let value = u128::from_str_radix(value, 16).ok().filter(|_| is_ours)?.to_be_bytes();
        Some(Self { value, is_network })
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        Self::Known(ip)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(ip) => ip.fmt(out),
            Self::Encrypted(encrypted) => encrypted.fmt(out),
        }
    }
}

impl fmt::Display for Encrypted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.is_network { ENCRYPTED_NETWORK } else { ENCRYPTED };
        write!(out, "{mark}{:032x}", u128::from_be_bytes(self.value))
    }
}

/// It may name a person, so debug output does not show it.
impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Address(…)")
    }
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Encrypted(…)")
    }
}

/// The key of a log, under which addresses become others: whoever has it can turn them back. The scheme is `ipcrypt-deterministic`.
#[derive(Clone)]
pub struct AddressKey(Arc<Ipcrypt>);

impl AddressKey {
    pub const BYTES: usize = Ipcrypt::KEY_BYTES;

    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(Arc::new(Ipcrypt::new(bytes)))
    }

    pub(crate) fn encrypt(&self, ip: IpAddr) -> [u8; 16] {
        let mut value = match ip.to_canonical() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        }
        .octets();
        self.0.encrypt_ip16(&mut value);
        value
    }
}

impl fmt::Debug for AddressKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AddressKey(…)")
    }
}

/// What is due of an address, all rules together: in which order they are named makes no difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AddressForms {
    is_truncated: bool,
    is_encrypted: bool,
    is_gone: bool,
}

impl AddressForms {
    pub(crate) fn add(&mut self, form: AgeingForm) {
        match form {
            AgeingForm::Truncated => self.is_truncated = true,
            AgeingForm::Encrypted => self.is_encrypted = true,
            AgeingForm::Gone | AgeingForm::Family | AgeingForm::Origin => self.is_gone = true,
        }
    }

    pub(crate) fn of(forms: impl IntoIterator<Item = AgeingForm>) -> Self {
        let mut all = Self::default();
        forms.into_iter().for_each(|form| all.add(form));
        all
    }

    pub(crate) fn is_whole(self) -> bool {
        self == Self::default()
    }

    /// What is left of an address. What is encrypted cannot be cut down any more and has to go, unless it was cut down before; and without a key nothing is left of
    /// what has to be encrypted.
    pub(crate) fn left_of(self, address: Address, key: Option<&AddressKey>) -> Option<Address> {
        match address {
            _ if self.is_gone => None,
            Address::Known(ip) => {
                let ip = if self.is_truncated { ageing::truncated(ip) } else { ip };
                if !self.is_encrypted {
                    return Some(Address::Known(ip));
                }
                key.map(|key| Address::Encrypted(Encrypted { value: key.encrypt(ip), is_network: self.is_truncated }))
            }
            Address::Encrypted(encrypted) => (encrypted.is_network || !self.is_truncated).then_some(address),
        }
    }
}
