use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// The place of a rule in its table, as `Index<Purpose>`. A policy has at most [`Set::CAPACITY`] rules of a kind.
pub struct Index<T> {
    at: u8,
    kind: PhantomData<fn() -> T>,
}

impl<T> Index<T> {
    /// # Panics
    /// When `at` is past [`Set::CAPACITY`]; the checker refuses policies with more rules of a kind.
    pub fn new(at: usize) -> Self {
        assert!(at < Set::<T>::CAPACITY, "a policy has at most {} rules of a kind", Set::<T>::CAPACITY);
        Self { at: at as u8, kind: PhantomData }
    }

    pub const fn get(self) -> usize {
        self.at as usize
    }
}

/// A small set of rules of one kind: copied, compared and hashed like a number.
pub struct Set<T> {
    bits: u128,
    kind: PhantomData<fn() -> T>,
}

impl<T> Set<T> {
    pub const CAPACITY: usize = 128;
    pub const EMPTY: Self = Self { bits: 0, kind: PhantomData };

    pub const fn insert(&mut self, index: Index<T>) {
        self.bits |= 1 << index.at;
    }

    pub const fn remove(&mut self, index: Index<T>) {
        self.bits &= !(1 << index.at);
    }

    pub const fn contains(self, index: Index<T>) -> bool {
        self.bits & (1 << index.at) != 0
    }

    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    pub const fn is_subset(self, of: Self) -> bool {
        self.bits & !of.bits == 0
    }

    pub const fn intersects(self, other: Self) -> bool {
        self.bits & other.bits != 0
    }

    pub const fn union(self, other: Self) -> Self {
        Self { bits: self.bits | other.bits, kind: PhantomData }
    }

    pub const fn difference(self, other: Self) -> Self {
        Self { bits: self.bits & !other.bits, kind: PhantomData }
    }

    pub const fn len(self) -> usize {
        self.bits.count_ones() as usize
    }

    pub fn iter(self) -> impl Iterator<Item = Index<T>> {
        let mut rest = self.bits;
        std::iter::from_fn(move || {
            if rest == 0 {
                return None;
            }
            let at = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            Some(Index::new(at))
        })
    }
}

impl<T> FromIterator<Index<T>> for Set<T> {
    fn from_iter<I: IntoIterator<Item = Index<T>>>(indexes: I) -> Self {
        let mut set = Self::EMPTY;
        indexes.into_iter().for_each(|index| set.insert(index));
        set
    }
}

// Derives would ask the same of `T`, which is only a label.
impl<T> Clone for Index<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Index<T> {}
impl<T> PartialEq for Index<T> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}
impl<T> Eq for Index<T> {}
impl<T> PartialOrd for Index<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Index<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}
impl<T> Hash for Index<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.at.hash(state);
    }
}
impl<T> fmt::Debug for Index<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "#{}", self.at)
    }
}

impl<T> Clone for Set<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Set<T> {}
impl<T> Default for Set<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}
impl<T> PartialEq for Set<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}
impl<T> Eq for Set<T> {}
impl<T> Hash for Set<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}
impl<T> fmt::Debug for Set<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.iter()).finish()
    }
}
