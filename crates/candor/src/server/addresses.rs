//! The key that the visit log encrypts old addresses with, and the file it is kept in. It is made once and shown to nobody. Whoever removes the file while the server
//! stands still makes sure that nobody ever turns back what was encrypted until then; what comes later is under another key.

use ::visits::AddressKey;
use anyhow::Context;
use disk::Disk;
use domain::Random;
use serde::{Deserialize, Serialize};

use super::keys::rotate_in;

const FILE: &str = "address-key.json";

/// It has no `Debug`, so that no log can show it.
#[derive(Serialize, Deserialize)]
struct Record {
    secret: [u8; AddressKey::BYTES],
}

/// Reads the key, and makes it where there is none. A file that cannot be read is an error: with another key the same address would have two values.
pub(super) fn address_key(disk: &dyn Disk, random: &dyn Random) -> anyhow::Result<AddressKey> {
    let make_first = |records: &mut Vec<Record>| {
        let is_missing = records.is_empty();
        if is_missing {
            let mut secret = [0; AddressKey::BYTES];
            random.fill(&mut secret);
            records.push(Record { secret });
        }
        is_missing
    };
    let records = rotate_in(disk, FILE, make_first)?;
    records.first().map(|record| AddressKey::new(record.secret)).with_context(|| format!("{FILE} holds no key"))
}

#[cfg(test)]
mod tests {
    use disk::SimulatedDisk;
    use domain::SeededRandom;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_again_only_where_it_was_taken_away() {
        let (disk, random) = (SimulatedDisk::new(), SeededRandom::new(1));
        let kept = || disk.read(FILE).expect("it is kept");
        address_key(&disk, &random).expect("a key");
        let first = kept();
        address_key(&disk, &random).expect("the same key");
        assert_eq!(kept(), first);
        disk.remove(FILE).expect("removed");
        address_key(&disk, &random).expect("another key");
        assert_ne!(kept(), first);
    }

    #[test]
    fn a_damaged_key_is_never_replaced() {
        let disk = SimulatedDisk::new();
        disk::replace(&disk, FILE, br#"[{"secret":[1,2]}]"#).expect("written");
        let opened = address_key(&disk, &SeededRandom::new(1));
        assert!(opened.is_err_and(|error| error.to_string().contains("damaged")));
        assert_eq!(disk.read(FILE).expect("still there"), br#"[{"secret":[1,2]}]"#);
    }
}
