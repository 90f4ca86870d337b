//! An authenticator made of program, for tests: it does what a phone would, and what a thief's copy of one would.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// One passkey, with the count of its uses.
#[derive(Clone)]
pub(crate) struct SoftPasskey {
    secret: Vec<u8>,
    pub(crate) credential_id: Vec<u8>,
    owner: String,
    pub(crate) count: u32,
    pub(crate) checks_its_owner: bool,
}

impl SoftPasskey {
    /// Answers `navigator.credentials.create` on a page of this origin.
    pub(crate) fn make(options: &Value, origin: &str, credential_id: u8) -> (Self, Value) {
        let options = &options["publicKey"];
        let random = SystemRandom::new();
        let secret = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key").as_ref().to_vec();
        let owner = options["user"]["id"].as_str().expect("an owner").to_owned();
        let passkey = Self { secret, credential_id: vec![credential_id; 16], owner, count: 1, checks_its_owner: true };
        let public = passkey.key().public_key().as_ref().to_vec();
        let mut data = passkey.data(options["rp"]["id"].as_str().expect("a place"), HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(&passkey.credential_id);
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&public[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&public[33..65]);
        let length = u8::try_from(data.len()).expect("it is short");
        let attested = [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58", &[length][..], &data].concat();
        let said = client_data("webauthn.create", options, origin);
        let id = encoded(&passkey.credential_id);
        let answer = json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {"credProps": {"rk": true}},
            "response": {"attestationObject": encoded(&attested), "clientDataJSON": encoded(&said), "transports": ["internal"]},
        });
        (passkey, answer)
    }

    /// Answers `navigator.credentials.get` on a page of this origin.
    pub(crate) fn answer(&mut self, options: &Value, origin: &str) -> Value {
        let options = &options["publicKey"];
        self.count += 1;
        let data = self.data(options["rpId"].as_str().expect("a place"), 0);
        let said = client_data("webauthn.get", options, origin);
        let signed = [&data[..], digest(&SHA256, &said).as_ref()].concat();
        let signature = self.key().sign(&SystemRandom::new(), &signed).expect("signed");
        let id = encoded(&self.credential_id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "authenticatorData": encoded(&data), "clientDataJSON": encoded(&said),
                "signature": encoded(signature.as_ref()), "userHandle": self.owner,
            },
        })
    }

    fn key(&self) -> EcdsaKeyPair {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.secret, &SystemRandom::new()).expect("its own key")
    }

    fn data(&self, place: &str, flags: u8) -> Vec<u8> {
        let flags = flags | PRESENT | if self.checks_its_owner { VERIFIED } else { 0 };
        [digest(&SHA256, place.as_bytes()).as_ref(), &[flags], &self.count.to_be_bytes()].concat()
    }
}

fn client_data(deed: &str, options: &Value, origin: &str) -> Vec<u8> {
    json!({"type": deed, "challenge": options["challenge"], "origin": origin, "crossOrigin": false}).to_string().into_bytes()
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
