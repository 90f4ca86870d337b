//! What was read of files lately, in blocks: a person's visits are found by many small reads that lie close together, and each request costs time and money.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

/// A request asks for whole blocks of so many bytes.
pub(crate) const BLOCK: u64 = 256 << 10;

/// Files never change, so that nothing in here is ever out of date; what is removed is forgotten.
pub(crate) struct Cache {
    bytes_max: usize,
    held: Mutex<Held>,
}

type Key = (Arc<str>, u64);

#[derive(Default)]
struct Held {
    blocks: HashMap<Key, (Bytes, u64)>,
    /// The keys by when they were last asked for.
    order: BTreeMap<u64, Key>,
    asked: u64,
    bytes: usize,
}

impl Cache {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, held: Mutex::default() }
    }

    pub(crate) fn get(&self, path: &Arc<str>, block: u64) -> Option<Bytes> {
        let mut held = self.held.lock();
        let Held { blocks, order, asked, .. } = &mut *held;
        let key = (Arc::clone(path), block);
        let (bytes, last) = blocks.get_mut(&key)?;
        order.remove(last);
        *asked += 1;
        *last = *asked;
        order.insert(*asked, key);
        Some(bytes.clone())
    }

    pub(crate) fn holds(&self, path: &Arc<str>, block: u64) -> bool {
        self.held.lock().blocks.contains_key(&(Arc::clone(path), block))
    }

    pub(crate) fn put(&self, path: &Arc<str>, block: u64, bytes: Bytes) {
        let mut held = self.held.lock();
        held.remove(&(Arc::clone(path), block));
        held.asked += 1;
        let asked = held.asked;
        held.bytes += bytes.len();
        held.order.insert(asked, (Arc::clone(path), block));
        held.blocks.insert((Arc::clone(path), block), (bytes, asked));
        while held.bytes > self.bytes_max {
            let Some((_, oldest)) = held.order.pop_first() else { break };
            held.remove(&oldest);
        }
    }

    pub(crate) fn forget(&self, path: &str) {
        let mut held = self.held.lock();
        let of_path: Vec<Key> = held.blocks.keys().filter(|(of, _)| **of == *path).cloned().collect();
        of_path.iter().for_each(|key| held.remove(key));
    }
}

impl Held {
    fn remove(&mut self, key: &Key) {
        if let Some((bytes, asked)) = self.blocks.remove(key) {
            self.bytes -= bytes.len();
            self.order.remove(&asked);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_last_stays_and_what_is_removed_goes() {
        let cache = Cache::new(30);
        let (one, two): (Arc<str>, Arc<str>) = ("one".into(), "two".into());
        let ten = || Bytes::from_static(b"0123456789");
        for block in 0..3 {
            cache.put(&one, block, ten());
        }
        assert!(cache.get(&one, 0).is_some());
        cache.put(&two, 0, ten());
        assert_eq!([0, 1, 2].map(|block| cache.holds(&one, block)), [true, false, true]);
        cache.put(&two, 0, ten());
        assert!(cache.holds(&one, 0) && cache.holds(&one, 2), "the same again takes no more room");
        cache.forget("one");
        assert!(!cache.holds(&one, 0) && !cache.holds(&one, 2) && cache.holds(&two, 0));
        assert_eq!(cache.held.lock().bytes, 10);
    }
}
