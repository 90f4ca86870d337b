//! The keys that sign: each takes over in time, and none is forgotten while something it signed may live.

use std::time::Duration;

use domain::{Clock, ManualClock, SeededRandom, Timestamp};
use policy::cookie::{KeyRecord, SigningKeys};

const DAY: Duration = Duration::from_secs(86_400);

struct KeyRing {
    clock: ManualClock,
    random: SeededRandom,
    records: Vec<KeyRecord>,
}

impl KeyRing {
    fn new() -> Self {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
        let mut ring = Self { clock: ManualClock::at(start), random: SeededRandom::new(1), records: Vec::new() };
        assert!(ring.rotates(), "an empty ring gets its first key");
        ring
    }

    fn rotates(&mut self) -> bool {
        SigningKeys::rotated(&mut self.records, self.clock.now(), &self.random)
    }

    fn rotates_after_days(&mut self, days: u32) -> bool {
        self.clock.advance(DAY * days);
        self.rotates()
    }

    fn keys(&self) -> SigningKeys {
        SigningKeys::from_records(self.records.clone()).expect("at least one key")
    }

    fn sign(&self) -> ([u8; 4], [u8; 32]) {
        self.keys().sign(b"test", b"message")
    }

    fn verifies(&self, (id, tag): ([u8; 4], [u8; 32])) -> bool {
        self.keys().verify(b"test", &id, b"message", &tag)
    }
}

#[test]
fn a_key_signs_for_ninety_days() {
    let mut ring = KeyRing::new();
    let first = ring.sign();
    assert!(!ring.rotates_after_days(89));
    assert_eq!(ring.sign(), first);
    assert!(ring.rotates_after_days(1));
    assert_ne!(ring.sign().0, first.0, "the new key signs");
    assert!(ring.verifies(first), "the old one verifies");
    assert!(!ring.rotates(), "once is enough");
}

#[test]
fn a_key_is_forgotten_when_nothing_it_signed_can_live() {
    let mut ring = KeyRing::new();
    let first = ring.sign();
    for _ in 0..5 {
        ring.rotates_after_days(90);
        assert!(ring.verifies(first));
    }
    assert!(ring.rotates_after_days(40), "400 days after its successor took over");
    assert!(!ring.verifies(first));
}

#[test]
fn a_key_that_was_relieved_late_is_not_forgotten_early() {
    let mut ring = KeyRing::new();
    ring.clock.advance(DAY * 600);
    let late = ring.sign();
    assert!(ring.rotates());
    assert!(ring.verifies(late), "it signed until this moment");
    ring.rotates_after_days(399);
    assert!(ring.verifies(late));
    ring.rotates_after_days(1);
    assert!(!ring.verifies(late));
}

#[test]
fn a_tag_holds_for_its_context_its_key_and_its_message_alone() {
    let ring = KeyRing::new();
    let (id, tag) = ring.sign();
    let keys = ring.keys();
    assert!(keys.verify(b"test", &id, b"message", &tag));
    assert!(!keys.verify(b"tes", &id, b"tmessage", &tag));
    assert!(!keys.verify(b"test", &id, b"massage", &tag));
    let (_, of_other_cut) = keys.sign(b"test", &[b"+", &id[..], b"message"].concat());
    assert!(!keys.verify(&[b"test", &id[..], b"+"].concat(), &id, b"message", &of_other_cut), "another cut between context and message");
    assert!(!keys.verify(b"test", &[0; 4], b"message", &tag));
    assert!(!keys.verify(b"test", &id, b"message", &tag[..31]));
    assert!(!keys.verify(b"test", &id, b"message", &[]));

    let mut impostor = KeyRing::new();
    impostor.records[0].secret[0] ^= 1;
    assert!(!impostor.verifies((id, tag)), "the same id and another secret");
}

#[test]
fn no_secret_is_shown() {
    let ring = KeyRing::new();
    let shown = format!("{:?} {:?}", ring.records, ring.keys());
    insta::assert_snapshot!(shown, @"[KeyRecord { made: 2026-01-01T00:00:00Z, .. }] [KeyRecord { made: 2026-01-01T00:00:00Z, .. }]");
}

#[test]
fn without_records_there_are_no_keys() {
    assert!(SigningKeys::from_records(Vec::new()).is_none());
}
