/// The bytes of one file.
#[derive(Clone, Default)]
pub(super) struct Content {
    /// What a reader sees.
    pub(super) written: Vec<u8>,
    /// What a power cut cannot take.
    durable: Vec<u8>,
    /// The way from one to the other, each with the offset it began at.
    unsynced: Vec<(usize, Change)>,
    /// A sync failed: nothing becomes durable any more, whatever later syncs say.
    forsaken: bool,
}

#[derive(Clone)]
pub(super) enum Change {
    Write(Vec<u8>),
    Cut(usize),
}

impl Content {
    pub(super) fn apply(&mut self, change: Change) {
        let at = self.written.len();
        change.apply_at(at, &mut self.written);
        self.unsynced.push((at, change));
    }

    pub(super) fn sync(&mut self) {
        if self.forsaken {
            return;
        }
        for (at, change) in self.unsynced.drain(..) {
            change.apply_at(at, &mut self.durable);
        }
    }

    /// Systems differ in what they still write after a sync that failed; this one writes nothing, and readers see everything all the same.
    pub(super) fn fail_sync(&mut self) {
        self.forsaken = true;
    }

    /// `kept` says how many of so many unsynced things remain.
    pub(super) fn after_crash(&self, kept: &mut impl FnMut(usize) -> usize) -> Self {
        let size = |change: &Change| if let Change::Write(bytes) = change { bytes.len() } else { 1 };
        let mut left = kept(self.unsynced.iter().map(|(_, change)| size(change)).sum());
        let mut durable = self.durable.clone();
        for (at, change) in &self.unsynced {
            match change {
                _ if left == 0 => break,
                Change::Write(bytes) => Change::Write(bytes[..bytes.len().min(left)].to_vec()).apply_at(*at, &mut durable),
                Change::Cut(_) => change.apply_at(*at, &mut durable),
            }
            left = left.saturating_sub(size(change));
        }
        Self { written: durable.clone(), durable, ..Self::default() }
    }

    pub(super) fn tamper(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        change(&mut self.written);
        self.durable = self.written.clone();
        self.unsynced.clear();
    }
}

impl Change {
    fn apply_at(&self, at: usize, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(new) => {
                let end = at + new.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[at..end].copy_from_slice(new);
            }
            Self::Cut(length) => bytes.truncate(*length),
        }
    }
}
