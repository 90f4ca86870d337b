use std::fmt;
use std::hash::{Hash, Hasher};

use domain::Field;

use crate::Permit;

/// Personal data on its way through the program. It shows nothing of itself; only a [`Permit`] that covers its field opens it, or, for the stores
/// that must write bytes, the one [`StorageCapability`].
#[derive(Clone, Copy)]
pub struct Sealed<T> {
    field: Field,
    value: T,
}

/// The permit at hand does not cover this field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the permit does not cover `{}`", .field.name())]
pub struct NotPermitted {
    pub field: Field,
}

impl<T> Sealed<T> {
    pub const fn new(field: Field, value: T) -> Self {
        Self { field, value }
    }

    pub const fn field(&self) -> Field {
        self.field
    }

    /// Opens it under a permit for its field.
    pub fn open(&self, permit: &Permit) -> Result<&T, NotPermitted> {
        if permit.covers(self.field) { Ok(&self.value) } else { Err(NotPermitted { field: self.field }) }
    }

    /// The same seal around a part or another form of the value. It takes a plain function, which has nothing to carry the value away in.
    pub fn map<U>(self, change: fn(T) -> U) -> Sealed<U> {
        Sealed { field: self.field, value: change(self.value) }
    }

    pub const fn as_ref(&self) -> Sealed<&T> {
        Sealed { field: self.field, value: &self.value }
    }

    /// For this crate's own signed cookie, which carries a visitor's id back to the same visitor.
    pub(crate) const fn inside(&self) -> &T {
        &self.value
    }
}

/// Two seals can be compared and hashed without being opened: a look-up by visitor needs no more.
impl<T: PartialEq> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.field == other.field && self.value == other.value
    }
}

impl<T: Eq> Eq for Sealed<T> {}

impl<T: Hash> Hash for Sealed<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Sealed({})", self.field.name())
    }
}

impl<T> fmt::Display for Sealed<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "[{}]", self.field.name())
    }
}

/// It serializes as nothing, so that no log line, answer or file holds personal data by accident.
impl<T> serde::Serialize for Sealed<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// The right to turn sealed data into bytes and back, for the stores. `candor` issues it where it is wired, and nobody else may: a lint forbids
/// [`StorageCapability::issue`] everywhere without a stated reason.
#[derive(Clone)]
pub struct StorageCapability(());

impl StorageCapability {
    pub const fn issue() -> Self {
        Self(())
    }

    pub fn reveal<'a, T>(&self, sealed: &'a Sealed<T>) -> &'a T {
        &sealed.value
    }
}

impl fmt::Debug for StorageCapability {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("StorageCapability")
    }
}
