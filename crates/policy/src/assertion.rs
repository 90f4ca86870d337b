//! What the site is told of whoever is signed in, signed so that it can be checked by anybody who has our public keys: JSON Web Tokens (RFC 7519) with
//! Ed25519 (RFC 8037).

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{AccountId, Random, Span, Timestamp, VisitorId};
use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::{Deserialize, Serialize};

/// How long an assertion is good for.
pub const ASSERTION_SECONDS: i64 = 60;

/// The keys that sign assertions.
pub struct AssertionKeys {
    /// The newest first; never empty.
    keys: Vec<Key>,
}

struct Key {
    pair: Ed25519KeyPair,
    /// Its thumbprint (RFC 7638).
    id: String,
    made: Timestamp,
}

/// A key as it is kept on disk.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionKeyRecord {
    pub secret: [u8; 32],
    pub made: Timestamp,
}

/// What an assertion says. Whoever fills it in has opened what was sealed, under a permit to tell the site.
#[derive(Clone, Copy)]
pub struct Claims<'a> {
    /// The site's origin: who says it, and who it is said to.
    pub origin: &'a str,
    pub account: AccountId,
    pub username: Option<&'a str>,
    pub visitor: Option<VisitorId>,
    /// As in `Candor-Purposes`.
    pub purposes: &'a str,
}

impl fmt::Debug for AssertionKeyRecord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("AssertionKeyRecord").field("made", &self.made).finish_non_exhaustive()
    }
}

impl fmt::Debug for AssertionKeys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

impl fmt::Debug for Claims<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Claims").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl AssertionKeys {
    /// A new key signs for this long.
    pub const SIGNS_FOR: Span = Span::days(30);
    /// A key is shown for this long before it signs, so that whoever keeps a copy of our keys has it by then; and for as long after it signed for the
    /// last time.
    pub const SHOWN_FOR: Span = Span::days(1);

    /// The keys of these records; none where there is none that can be read.
    pub fn from_records(records: &[AssertionKeyRecord]) -> Option<Self> {
        let key = |record: &AssertionKeyRecord| {
            let pair = Ed25519KeyPair::from_seed_unchecked(&record.secret).ok()?;
            let id = thumbprint(&public(&pair));
            Some(Key { pair, id, made: record.made })
        };
        let mut keys: Vec<Key> = records.iter().map(key).collect::<Option<_>>()?;
        keys.sort_by_key(|key| std::cmp::Reverse(key.made));
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// Adds a key if the newest has signed for long enough, and forgets those that nothing is left of. Says whether anything changed.
    pub fn rotated(records: &mut Vec<AssertionKeyRecord>, now: Timestamp, random: &dyn Random) -> bool {
        let before = records.len();
        records.sort_by_key(|record| record.made);
        let due = records.last().is_none_or(|newest| Self::SIGNS_FOR.after(newest.made) <= now);
        if due {
            let mut secret = [0; 32];
            random.fill(&mut secret);
            records.push(AssertionKeyRecord { secret, made: now });
        }
        // A key signs until its successor was shown for long enough, and is shown for as long again.
        let is_over = |successor: &AssertionKeyRecord| Self::SHOWN_FOR.after(Self::SHOWN_FOR.after(successor.made)) <= now;
        let forgotten = records.iter().skip(1).take_while(|successor| is_over(successor)).count();
        records.drain(..forgotten);
        due || records.len() != before
    }

    /// A signed assertion.
    pub fn sign(&self, claims: &Claims<'_>, now: Timestamp, random: &dyn Random) -> String {
        let key = self.signing(now);
        let (issued, mut number) = (now.as_second(), [0; 16]);
        random.fill(&mut number);
        let payload = Payload {
            iss: claims.origin,
            aud: claims.origin,
            sub: claims.account.to_hex(),
            iat: issued,
            exp: issued + ASSERTION_SECONDS,
            jti: BASE64_URL_SAFE_NO_PAD.encode(number),
            username: claims.username,
            visitor: claims.visitor.map(VisitorId::to_hex),
            purposes: claims.purposes.split(',').filter(|purpose| !purpose.is_empty()).collect(),
        };
        let head = Head { alg: "EdDSA", typ: "JWT", kid: &key.id };
        let mut token = format!("{}.{}", encoded(&head), encoded(&payload));
        let signature = key.pair.sign(token.as_bytes());
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut token);
        token
    }

    /// The public keys, as a JSON Web Key Set (RFC 7517).
    pub fn public_set(&self) -> String {
        let key =
            |key: &Key| PublicKey { kty: "OKP", crv: "Ed25519", x: public(&key.pair), kid: key.id.clone(), alg: "EdDSA", r#use: "sig" };
        json(&PublicSet { keys: self.keys.iter().map(key).collect() })
    }

    /// The newest that was shown for long enough. The first of all keys is not waited for.
    fn signing(&self, now: Timestamp) -> &Key {
        let shown = self.keys.iter().find(|key| Self::SHOWN_FOR.after(key.made) <= now);
        shown.or(self.keys.last()).unwrap_or(&self.keys[0])
    }
}

#[derive(Serialize)]
struct Head<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

#[derive(Serialize)]
struct Payload<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visitor: Option<String>,
    purposes: Vec<&'a str>,
}

#[derive(Serialize)]
struct PublicSet {
    keys: Vec<PublicKey>,
}

#[derive(Serialize)]
struct PublicKey {
    kty: &'static str,
    crv: &'static str,
    x: String,
    kid: String,
    alg: &'static str,
    r#use: &'static str,
}

fn public(pair: &Ed25519KeyPair) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(pair.public_key().as_ref())
}

/// The digest of the key's required members in the order of the alphabet, as RFC 8037, appendix A.3 shows.
fn thumbprint(public: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#);
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, members.as_bytes()))
}

fn encoded(part: &impl Serialize) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(json(part))
}

fn json(part: &impl Serialize) -> String {
    serde_json::to_string(part).unwrap_or_else(|error| unreachable!("texts and numbers are always JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;
    use ring::signature::{ED25519, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn claims() -> Claims<'static> {
        Claims {
            origin: "https://site.example",
            account: AccountId([0xab; 16]),
            username: Some("anna"),
            visitor: None,
            purposes: "operate,account",
        }
    }

    fn part(token: &str, number: usize) -> Value {
        let text = token.split('.').nth(number).expect("a part");
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
    }

    #[test]
    fn an_assertion_says_who_it_is_about_and_verifies_with_the_key_it_names() {
        let now = at("2026-03-01T12:00:00.9Z");
        let random = SeededRandom::new(1);
        let mut records = Vec::new();
        assert!(AssertionKeys::rotated(&mut records, now, &random));
        let keys = AssertionKeys::from_records(&records).expect("a key");
        let token = keys.sign(&claims(), now, &random);
        let (head, payload) = (part(&token, 0), part(&token, 1));
        assert_eq!((&head["alg"], &head["typ"]), (&"EdDSA".into(), &"JWT".into()));
        assert_eq!((&payload["iss"], &payload["aud"]), (&"https://site.example".into(), &"https://site.example".into()));
        assert_eq!((&payload["sub"], &payload["username"]), (&"ab".repeat(16).into(), &"anna".into()));
        assert_eq!(payload["exp"].as_i64().expect("a time") - payload["iat"].as_i64().expect("a time"), ASSERTION_SECONDS);
        assert_eq!(payload["iat"], at("2026-03-01T12:00:00Z").as_second());
        assert_eq!(payload["purposes"], serde_json::json!(["operate", "account"]));
        assert!(payload.get("visitor").is_none() && payload.get("age").is_none());
        assert_ne!(part(&keys.sign(&claims(), now, &random), 1)["jti"], payload["jti"]);

        let set: Value = serde_json::from_str(&keys.public_set()).expect("JSON");
        let key = &set["keys"][0];
        assert_eq!(key["kid"], head["kid"]);
        let public = BASE64_URL_SAFE_NO_PAD.decode(key["x"].as_str().expect("a text")).expect("base64url");
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let verifier = UnparsedPublicKey::new(&ED25519, public);
        assert!(verifier.verify(signed.as_bytes(), &signature).is_ok());
        assert!(verifier.verify(signed.replace('.', "x").as_bytes(), &signature).is_err());
    }

    #[test]
    fn a_key_is_named_by_its_thumbprint() {
        // RFC 8037, appendix A.3.
        assert_eq!(thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_new_key_is_shown_for_a_day_before_it_signs_and_the_old_one_for_a_day_after() {
        let random = SeededRandom::new(1);
        let mut records = Vec::new();
        let days = |count| Span::days(count).after(at("2026-01-01T00:00:00Z"));
        let rotate = |records: &mut Vec<AssertionKeyRecord>, day| AssertionKeys::rotated(records, days(day), &random);
        let shown = |records: &[AssertionKeyRecord]| AssertionKeys::from_records(records).map_or(0, |keys| keys.keys.len());
        let signer = |records: &[AssertionKeyRecord], day| {
            let keys = AssertionKeys::from_records(records).expect("a key");
            keys.signing(days(day)).made
        };
        assert!(rotate(&mut records, 0) && !rotate(&mut records, 29));
        assert_eq!(signer(&records, 0), days(0), "the first signs at once");
        assert!(rotate(&mut records, 30));
        assert_eq!((shown(&records), signer(&records, 30)), (2, days(0)));
        assert_eq!(signer(&records, 31), days(30));
        assert!(!rotate(&mut records, 31), "the old one is still shown");
        assert!(rotate(&mut records, 32));
        assert_eq!((shown(&records), signer(&records, 32)), (1, days(30)));
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let mut records = Vec::new();
        AssertionKeys::rotated(&mut records, at("2026-01-01T00:00:00Z"), &SeededRandom::new(1));
        assert_eq!(format!("{:?}", records[0]), "AssertionKeyRecord { made: 2026-01-01T00:00:00Z, .. }");
        assert!(!format!("{:?}", claims()).contains("anna"));
    }
}
