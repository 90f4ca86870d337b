//! How often something may be done that costs somebody else: mail to their address, work of ours. Only keyed hashes of addresses and networks are
//! remembered, in memory, and not many of them.

use std::collections::HashMap;
use std::mem;
use std::net::IpAddr;

use domain::Timestamp;
use parking_lot::Mutex;
use policy::Sealed;
use records::Vault;

/// So many of one kind at once, and then one in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub at_once: u32,
    pub then_every_ms: u32,
}

/// The rates of one kind of deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For one e-mail address.
    pub email: Rate,
    /// For one IP address; of version 6, for one /64, which is one household.
    pub address: Rate,
    /// For one network: a /24, or a /48.
    pub network: Rate,
    /// For everybody together.
    pub everybody: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            email: Rate { at_once: 5, then_every_ms: 10 * 60 * 1_000 },
            address: Rate { at_once: 20, then_every_ms: 30 * 1_000 },
            network: Rate { at_once: 200, then_every_ms: 2 * 1_000 },
            everybody: Rate { at_once: 5_000, then_every_ms: 1 },
        }
    }
}

/// It is too often. After this many seconds it can be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too often; it can be tried again in {seconds} seconds")]
pub struct TooOften {
    pub seconds: u64,
}

/// Who wants to do something.
#[derive(Clone, Copy, Debug)]
pub struct Doer<'d> {
    pub client: &'d Sealed<IpAddr>,
    /// The address that mail would go to, as two of them are compared.
    pub email: Option<&'d Sealed<String>>,
}

/// What was done lately.
#[derive(Debug)]
pub(crate) struct Rates {
    limits: Limits,
    buckets: Mutex<Buckets>,
}

/// Half of a hash tells them apart.
type Key = [u8; 16];

/// Every bucket is one moment: when it will be full again. Those that have been full for long are forgotten with the older half.
#[derive(Debug, Default)]
struct Buckets {
    young: HashMap<Key, i64>,
    old: HashMap<Key, i64>,
    /// The latest moment anybody came. Who came together is not counted in the order they came; none of them may seem to come before the others.
    latest: i64,
}

/// Two halves of so many take about 6 MiB at most.
const HALF_MAX: usize = 64 * 1_024;

impl Rates {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, buckets: Mutex::default() }
    }

    /// Counts one deed of a kind, unless it is too often. Whether there is an account plays no part in it.
    pub(crate) fn admit(&self, kind: &str, doer: Doer<'_>, vault: &Vault, now: Timestamp) -> Result<(), TooOften> {
        let client = |v4_bits, v6_bits| vault.lookup_network(doer.client, v4_bits, v6_bits);
        let mut wanted = vec![
            (key(vault, kind, "everybody", &[]), self.limits.everybody),
            (key(vault, kind, "network", &client(24, 48)), self.limits.network),
            (key(vault, kind, "address", &client(32, 64)), self.limits.address),
        ];
        wanted.extend(doer.email.map(|email| (key(vault, kind, "email", &vault.lookup(email)), self.limits.email)));
        self.buckets.lock().take(&wanted, now.as_microsecond())
    }

    /// Counts one letter of a kind to a mailbox, unless there were too many. Each kind has turns of its own, so that nobody uses up those of another.
    pub(crate) fn admit_letter(&self, kind: &str, email: &Sealed<String>, vault: &Vault, now: Timestamp) -> Result<(), TooOften> {
        let wanted = [(key(vault, kind, "mailbox", &vault.lookup_mailbox(email)), self.limits.email)];
        self.buckets.lock().take(&wanted, now.as_microsecond())
    }

    /// Whether somebody may go on who guessed wrongly before. Only they and their network wait: nobody can use up the guesses of everybody.
    pub(super) fn may_guess(&self, client: &Sealed<IpAddr>, vault: &Vault, now: Timestamp) -> Result<(), TooOften> {
        self.buckets.lock().room(&self.guesses(client, vault), now.as_microsecond())
    }

    /// Counts a wrong guess.
    pub(super) fn guessed(&self, client: &Sealed<IpAddr>, vault: &Vault, now: Timestamp) {
        // Whoever has none left was refused before.
        let _ = self.buckets.lock().take(&self.guesses(client, vault), now.as_microsecond());
    }

    fn guesses(&self, client: &Sealed<IpAddr>, vault: &Vault) -> [(Key, Rate); 2] {
        let of = |v4_bits, v6_bits| vault.lookup_network(client, v4_bits, v6_bits);
        [
            (key(vault, "guess", "network", &of(24, 48)), self.limits.network),
            (key(vault, "guess", "address", &of(32, 64)), self.limits.address),
        ]
    }
}

fn key(vault: &Vault, kind: &str, of: &str, who: &[u8]) -> Key {
    let hash = vault.lookup_bytes("rate", &[kind.as_bytes(), b" ", of.as_bytes(), b" ", who].concat());
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    key
}

impl Buckets {
    /// Takes one from every bucket, or from none: whoever is refused by one uses up nothing of the others.
    fn take(&mut self, wanted: &[(Key, Rate)], now: i64) -> Result<(), TooOften> {
        self.room(wanted, now)?;
        let now = self.latest;
        for (key, rate) in wanted {
            let full = filled(self.known(key), *rate, now);
            if self.young.len() >= HALF_MAX {
                self.old = mem::take(&mut self.young);
            }
            self.young.insert(*key, full);
        }
        Ok(())
    }

    /// Whether there is one in every bucket, without taking any.
    fn room(&mut self, wanted: &[(Key, Rate)], now: i64) -> Result<(), TooOften> {
        let now = self.latest.max(now);
        self.latest = now;
        let wait = |(key, rate): &(Key, Rate)| {
            let room = i64::from(rate.at_once) * i64::from(rate.then_every_ms) * 1_000;
            filled(self.known(key), *rate, now) - now - room
        };
        match wanted.iter().map(wait).max() {
            Some(wait) if wait > 0 => Err(TooOften { seconds: wait.unsigned_abs().div_ceil(1_000_000) }),
            Some(_) | None => Ok(()),
        }
    }

    fn known(&self, key: &Key) -> Option<i64> {
        self.young.get(key).or_else(|| self.old.get(key)).copied()
    }
}

/// When a bucket will be full again after one more was taken.
fn filled(known: Option<i64>, rate: Rate, now: i64) -> i64 {
    known.unwrap_or(now).max(now) + i64::from(rate.then_every_ms) * 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { at_once: 3, then_every_ms: 1_000 };
    const SECOND: i64 = 1_000_000;

    fn bucket(of: u32) -> Key {
        let mut key = [0; 16];
        key[..4].copy_from_slice(&of.to_le_bytes());
        key
    }

    #[test]
    fn a_few_at_once_are_fine_and_then_one_now_and_then() {
        let mut buckets = Buckets::default();
        let mut take = |at: i64| buckets.take(&[(bucket(1), RATE)], at);
        assert_eq!([take(0), take(0), take(0)], [Ok(()), Ok(()), Ok(())]);
        assert_eq!(take(0), Err(TooOften { seconds: 1 }));
        assert_eq!(take(SECOND / 2), Err(TooOften { seconds: 1 }));
        assert_eq!((take(SECOND), take(SECOND)), (Ok(()), Err(TooOften { seconds: 1 })));
        assert_eq!([take(60 * SECOND), take(60 * SECOND), take(60 * SECOND)], [Ok(()), Ok(()), Ok(())], "it is full again and no fuller");
        assert!(take(60 * SECOND).is_err());
        assert!(take(0).is_err(), "a clock that goes back gives nothing away");
    }

    #[test]
    fn whoever_is_refused_by_one_bucket_uses_up_nothing_of_the_others() {
        let mut buckets = Buckets::default();
        let (busy, shared) = ((bucket(1), Rate { at_once: 1, ..RATE }), (bucket(2), RATE));
        assert!(buckets.take(&[busy, shared], 0).is_ok());
        for _ in 0..10 {
            assert!(buckets.take(&[shared, busy], 0).is_err());
        }
        assert!(buckets.take(&[shared], 0).is_ok() && buckets.take(&[shared], 0).is_ok());
        assert_eq!(buckets.take(&[(bucket(1), Rate { at_once: 1, then_every_ms: 90_000 }), shared], 0), Err(TooOften { seconds: 1 }));
    }

    #[test]
    fn who_came_together_may_be_counted_in_any_order() {
        let mut buckets = Buckets::default();
        for came in [700, 900, 100] {
            assert_eq!(buckets.take(&[(bucket(1), RATE)], 60 * SECOND + came), Ok(()), "at {came}");
        }
        assert_eq!(buckets.take(&[(bucket(1), RATE)], 60 * SECOND + 950), Err(TooOften { seconds: 1 }));
    }

    #[test]
    fn looking_whether_there_is_room_takes_none() {
        let mut buckets = Buckets::default();
        for _ in 0..10 {
            assert_eq!(buckets.room(&[(bucket(1), RATE)], 0), Ok(()));
        }
        for _ in 0..RATE.at_once {
            assert!(buckets.take(&[(bucket(1), RATE)], 0).is_ok());
        }
        assert_eq!(buckets.room(&[(bucket(1), RATE), (bucket(2), RATE)], 0), Err(TooOften { seconds: 1 }));
        assert_eq!(buckets.room(&[(bucket(1), RATE)], SECOND), Ok(()));
    }

    #[test]
    fn however_many_come_only_so_many_are_remembered() {
        let mut buckets = Buckets::default();
        for of in 0..400_000 {
            assert!(buckets.take(&[(bucket(of), RATE)], 0).is_ok());
        }
        assert!(buckets.young.len() + buckets.old.len() <= 2 * HALF_MAX);
        let newest = bucket(399_999);
        assert!(buckets.take(&[(newest, RATE)], 0).is_ok() && buckets.take(&[(newest, RATE)], 0).is_ok());
        assert!(buckets.take(&[(newest, RATE)], 0).is_err(), "the newest are remembered");
    }
}
