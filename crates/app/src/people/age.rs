//! The age step: a date of birth goes in, a verdict comes out, and the date is gone.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Age, Timestamp, Version};
use jiff::civil::Date;
use policy::Policy;
use policy::cookie::SigningKeys;
use policy::model::DutyKind;
use records::{Quarter, Representation};
use ring::digest;

/// How a verdict came about that follows from what somebody said of themselves.
const STATED: &str = "stated";

/// The same from what their guardian said of them.
pub(super) const GUARDIAN: &str = "guardian";

/// The same from the day they came of age, and what they say themselves.
pub(super) const CAME_OF_AGE: &str = "came-of-age";

/// A verdict waits this long for the rest of the form.
const VERDICT_SECONDS_MAX: i64 = 60 * 60;

/// Whoever was too young is not asked again for this long, in a browser that stays open.
const REFUSAL_SECONDS_MAX: i64 = 24 * 60 * 60;

/// Nobody has grown older.
const YEARS_MAX: i16 = 130;

const VERDICT: &[u8] = b"candor age 1";
const REFUSAL: &[u8] = b"candor too young 1";

/// What follows from a date of birth; none where nobody was born then.
pub fn verdict(born: Date, today: Date, minimum_age: u8) -> Option<Age> {
    let years = today.year() - born.year();
    // Whoever was born on 29 February is a year older on 1 March.
    let birthday_came = (today.month(), today.day()) >= (born.month(), born.day());
    if born > today || years > YEARS_MAX {
        return None;
    }
    let age = if birthday_came { years } else { years - 1 };
    Some(if age >= i16::from(minimum_age) { Age::Adult } else { Age::Minor })
}

/// What follows from the month somebody was born in, where no more is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BornIn {
    /// Whichever day of the month it was.
    OfAge,
    /// Of age on the first day of this quarter, whichever day of the month it was, and perhaps some weeks before.
    MinorUntil(Quarter),
}

/// What follows from a month of birth; none where nobody was born then. Whoever comes of age in this very month counts as a minor.
pub fn born_in(year: i16, month: i8, today: Date, minimum_age: u8) -> Option<BornIn> {
    let is_later = (year, month) > (today.year(), today.month());
    if !(1..=12).contains(&month) || is_later || today.year() - year > YEARS_MAX {
        return None;
    }
    let comes_of_age = (year + i16::from(minimum_age), month);
    if comes_of_age < (today.year(), today.month()) {
        return Some(BornIn::OfAge);
    }
    Some(BornIn::MinorUntil(Quarter(quarter(comes_of_age.0, comes_of_age.1) + 1)))
}

/// The quarter that a day is in.
pub fn quarter_of(day: Date) -> Quarter {
    Quarter(quarter(day.year(), day.month()))
}

/// The first day of a quarter; none where the calendar does not reach.
pub fn first_day(quarter: Quarter) -> Option<Date> {
    let month = i8::try_from(quarter.0.rem_euclid(4) * 3 + 1).ok()?;
    Date::new(i16::try_from(quarter.0.div_euclid(4)).ok()?, month, 1).ok()
}

fn quarter(year: i16, month: i8) -> i32 {
    i32::from(year) * 4 + i32::from(month - 1) / 3
}

/// What the policy says about everybody's age in its own words, in one language; none where it has no such duty.
pub fn represented<'p>(policy: &'p Policy, language: &str) -> Option<&'p str> {
    let duty = policy.duties.iter().find(|duty| duty.kind == DutyKind::RepresentAge)?;
    let clauses = &policy.words_in(language).clauses;
    clauses.iter().find(|clause| clause.tags.contains(&duty.id)).map(|clause| clause.text.as_str())
}

/// Over the age, by what somebody just said: with the words they were shown.
pub fn over(words: &[&str], version: Version, now: Timestamp) -> Representation {
    Representation { verdict: Age::Adult, method: STATED.to_owned(), words_hash: words_hash(words), version, at: now }
}

/// SHA-256 of words, each with a line of its own.
pub(super) fn words_hash(words: &[&str]) -> [u8; 32] {
    let mut hash = digest::Context::new(&digest::SHA256);
    for line in words {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    let mut words_hash = [0; 32];
    words_hash.copy_from_slice(hash.finish().as_ref());
    words_hash
}

/// Somebody is over the age, as the next form carries it: signed, so that the form need not be believed.
pub fn carried(over: &Representation, keys: &SigningKeys) -> String {
    let message = [&over.at.as_second().to_le_bytes()[..], &over.version.0.to_le_bytes(), &over.words_hash].concat();
    signed(VERDICT, &message, keys)
}

/// What the form carried, while it is young.
pub fn believed(text: &str, keys: &SigningKeys, now: Timestamp) -> Option<Representation> {
    let message: [u8; 44] = checked(VERDICT, text, keys)?.try_into().ok()?;
    let at = Timestamp::from_second(i64::from_le_bytes(message[..8].try_into().ok()?)).ok()?;
    let version = Version(u32::from_le_bytes(message[8..12].try_into().ok()?));
    let words_hash = message[12..].try_into().ok()?;
    is_within(at.as_second(), VERDICT_SECONDS_MAX, now).then(|| Representation {
        verdict: Age::Adult,
        method: STATED.to_owned(),
        words_hash,
        version,
        at,
    })
}

/// That somebody was too young, for their browser to keep until it is closed. Nothing else is in it.
pub fn refusal(keys: &SigningKeys, now: Timestamp) -> String {
    signed(REFUSAL, &now.as_second().to_le_bytes(), keys)
}

/// Whether the browser keeps such a word of ours.
pub fn was_refused(text: &str, keys: &SigningKeys, now: Timestamp) -> bool {
    let message = checked(REFUSAL, text, keys).and_then(|message| message.try_into().ok());
    message.is_some_and(|message| is_within(i64::from_le_bytes(message), REFUSAL_SECONDS_MAX, now))
}

fn signed(context: &[u8], message: &[u8], keys: &SigningKeys) -> String {
    let (id, tag) = keys.sign(context, message);
    BASE64_URL_SAFE_NO_PAD.encode([message, &id, &tag].concat())
}

fn checked(context: &[u8], text: &str, keys: &SigningKeys) -> Option<Vec<u8>> {
    let mut message = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let tag = message.split_off(message.len().checked_sub(32)?);
    let id = message.split_off(message.len().checked_sub(4)?);
    keys.verify(context, &id, &message, &tag).then_some(message)
}

fn is_within(made: i64, seconds: i64, now: Timestamp) -> bool {
    (0..seconds).contains(&now.as_second().saturating_sub(made))
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;
    use jiff::civil::date;

    use super::*;
    use crate::testing::at;

    fn keys() -> SigningKeys {
        let mut records = Vec::new();
        SigningKeys::rotated(&mut records, at("2026-03-02T12:00:00Z"), &SeededRandom::new(1));
        SigningKeys::from_records(records).expect("a key")
    }

    #[test]
    fn somebody_is_of_age_from_their_birthday_on() {
        let today = date(2026, 3, 10);
        let of = |born| verdict(born, today, 18);
        assert_eq!(of(date(2008, 3, 10)), Some(Age::Adult));
        assert_eq!(of(date(2008, 3, 11)), Some(Age::Minor));
        assert_eq!(of(date(2008, 2, 29)), Some(Age::Adult));
        assert_eq!(of(date(1930, 1, 1)), Some(Age::Adult));
        assert_eq!(of(date(2026, 3, 10)), Some(Age::Minor));
        assert_eq!(of(date(2026, 3, 11)), None, "nobody is born tomorrow");
        assert_eq!(of(date(1895, 1, 1)), None);
        assert_eq!(verdict(date(2008, 2, 29), date(2026, 2, 28), 18), Some(Age::Minor));
        assert_eq!(verdict(date(2008, 2, 29), date(2026, 3, 1), 18), Some(Age::Adult));
        assert_eq!(verdict(date(2013, 3, 10), today, 13), Some(Age::Adult));
    }

    #[test]
    fn a_month_of_birth_says_from_which_quarter_on_somebody_is_certainly_of_age() {
        let today = date(2026, 3, 10);
        let until = |year, month| match born_in(year, month, today, 18) {
            Some(BornIn::MinorUntil(quarter)) => first_day(quarter),
            _ => None,
        };
        assert_eq!(until(2010, 2), Some(date(2028, 4, 1)));
        assert_eq!(until(2010, 3), Some(date(2028, 4, 1)));
        assert_eq!(until(2010, 4), Some(date(2028, 7, 1)));
        assert_eq!(until(2010, 12), Some(date(2029, 1, 1)));
        assert_eq!(until(2008, 3), Some(date(2026, 4, 1)), "perhaps of age, and perhaps not for some days");
        assert_eq!(born_in(2008, 2, today, 18), Some(BornIn::OfAge));
        assert_eq!(born_in(2026, 4, today, 18), None);
        assert_eq!(born_in(1895, 12, today, 18), None);
        assert_eq!((born_in(2010, 0, today, 18), born_in(2010, 13, today, 18)), (None, None));
        assert_eq!(until(2026, 3), Some(date(2044, 4, 1)));
        assert_eq!(quarter_of(date(2028, 4, 1)), quarter_of(date(2028, 6, 30)));
        assert!(quarter_of(date(2028, 3, 31)) < quarter_of(date(2028, 4, 1)));
    }

    #[test]
    fn a_verdict_is_believed_for_an_hour_and_only_as_it_was_signed() {
        let keys = keys();
        let said = over(&["When were you born?", "I am old enough."], Version(3), at("2026-03-10T12:00:00Z"));
        let text = carried(&said, &keys);
        assert_eq!(believed(&text, &keys, at("2026-03-10T12:59:59Z")), Some(said.clone()));
        assert_eq!(believed(&text, &keys, at("2026-03-10T13:00:00Z")), None);
        assert_eq!(believed(&text, &keys, at("2026-03-10T11:59:59Z")), None);
        for at_byte in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[at_byte] = if forged[at_byte] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("text");
            assert_eq!(believed(&forged, &keys, said.at), None);
        }
        assert_eq!(believed("", &keys, said.at), None);
        assert_ne!(said.words_hash, over(&["When were you born?"], Version(3), said.at).words_hash);
        assert!(!was_refused(&text, &keys, said.at), "neither is taken for the other");
    }

    #[test]
    fn whoever_was_too_young_is_for_a_day_and_nobody_can_say_it_for_them() {
        let keys = keys();
        let text = refusal(&keys, at("2026-03-10T12:00:00Z"));
        assert!(was_refused(&text, &keys, at("2026-03-11T11:59:59Z")));
        assert!(!was_refused(&text, &keys, at("2026-03-11T12:00:00Z")));
        assert!(!was_refused("AAAA", &keys, at("2026-03-10T12:00:00Z")));
        assert_eq!(believed(&text, &keys, at("2026-03-10T12:00:00Z")), None);
    }
}
