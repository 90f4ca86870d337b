use domain::{SeededRandom, Timestamp};
use serde_json::Value;

use super::soft::SoftPasskey;
use super::{Added, Assertion, Begun, Ceremonies, CeremonyError, Owner, Party};

const ORIGIN: &str = "https://example.org";
const ANNA: [u8; 16] = [7; 16];
const BERT: [u8; 16] = [8; 16];

struct World {
    ceremonies: Ceremonies,
    party: Party,
}

/// A passkey of Anna's, and what is kept of it.
struct Annas {
    passkey: SoftPasskey,
    kept: Vec<u8>,
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_772_452_800 + minute * 60).expect("a time")
}

fn world() -> World {
    World { ceremonies: Ceremonies::new("account", &SeededRandom::new(1)), party: Party::at(ORIGIN, "Example").expect("a place") }
}

impl World {
    fn ask_anna(&self, known: &[&[u8]]) -> Begun {
        self.ceremonies.begin_adding(&self.party, Owner { id: ANNA, name: "anna" }, known, at(0)).expect("begun")
    }

    fn add(&self, begun: &Begun, answer: &Value, minute: i64) -> Result<Added, CeremonyError> {
        self.ceremonies.end_adding(&self.party, ANNA, &begun.ticket, answer, at(minute))
    }

    fn annas(&self) -> Annas {
        let begun = self.ask_anna(&[]);
        let (passkey, answer) = SoftPasskey::make(&begun.options, ORIGIN, 1);
        let added = self.add(&begun, &answer, 1).expect("added");
        assert_eq!(added.credential_id, passkey.credential_id);
        Annas { passkey, kept: added.credential }
    }

    fn ask(&self) -> Begun {
        self.ceremonies.begin_signing_in(&self.party, at(0)).expect("begun")
    }

    fn sign_in(&self, begun: &Begun, answer: &Value, kept: &[u8]) -> Result<Vec<u8>, CeremonyError> {
        self.ceremonies.end_signing_in(&self.party, &begun.ticket, &Assertion::parse(answer)?, ANNA, kept, at(1))
    }
}

#[test]
fn whoever_added_a_passkey_signs_in_with_it_again_and_again() {
    let world = world();
    let mut anna = world.annas();
    for _ in 0..3 {
        let begun = world.ask();
        let answer = anna.passkey.answer(&begun.options, ORIGIN);
        anna.kept = world.sign_in(&begun, &answer, &anna.kept).expect("it is hers");
    }
}

#[test]
fn a_browser_is_asked_for_a_passkey_that_is_found_without_a_name_and_checks_its_owner() {
    let world = world();
    let anna = world.annas();
    let options = &world.ask_anna(&[&anna.kept]).options["publicKey"];
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["authenticatorSelection"]["requireResidentKey"], true);
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["attestation"], "none", "what kind of device it is is nobody's business");
    assert_eq!((&options["rp"]["id"], &options["rp"]["name"]), (&"example.org".into(), &"Example".into()));
    assert_eq!(options["excludeCredentials"].as_array().map(Vec::len), Some(1), "one device is not added twice");
    let asked = &world.ask().options["publicKey"];
    assert_eq!((&asked["userVerification"], &asked["rpId"]), (&"required".into(), &"example.org".into()));
    assert_eq!(asked["allowCredentials"], serde_json::json!([]), "nobody is named beforehand");
}

#[test]
fn an_answer_counts_once() {
    let world = world();
    let mut anna = world.annas();
    let begun = world.ask();
    let answer = anna.passkey.answer(&begun.options, ORIGIN);
    let kept = world.sign_in(&begun, &answer, &anna.kept).expect("the first time");
    assert_eq!(world.sign_in(&begun, &answer, &kept), Err(CeremonyError::Replayed));
    assert_eq!(world.sign_in(&begun, &answer, &anna.kept), Err(CeremonyError::Replayed), "even where its count would still do");
    let other = world.ask();
    assert_eq!(world.sign_in(&other, &answer, &anna.kept), Err(CeremonyError::Refused), "nor with another question's ticket");

    let begun = world.ask_anna(&[]);
    let (_, answer) = SoftPasskey::make(&begun.options, ORIGIN, 2);
    world.add(&begun, &answer, 1).expect("the first time");
    assert_eq!(world.add(&begun, &answer, 1).err(), Some(CeremonyError::Replayed));
}

#[test]
fn a_failed_answer_uses_nothing_up() {
    let world = world();
    let mut anna = world.annas();
    let begun = world.ask();
    let elsewhere = anna.passkey.answer(&begun.options, "https://example.org.evil.example");
    assert_eq!(world.sign_in(&begun, &elsewhere, &anna.kept), Err(CeremonyError::Refused));
    let answer = anna.passkey.answer(&begun.options, ORIGIN);
    world.sign_in(&begun, &answer, &anna.kept).expect("the ticket is good still");
}

#[test]
fn a_copy_whose_count_is_behind_is_told_apart() {
    let world = world();
    let mut anna = world.annas();
    let mut copy = anna.passkey.clone();
    for _ in 0..2 {
        let begun = world.ask();
        let answer = anna.passkey.answer(&begun.options, ORIGIN);
        anna.kept = world.sign_in(&begun, &answer, &anna.kept).expect("hers");
    }
    let begun = world.ask();
    let answer = copy.answer(&begun.options, ORIGIN);
    assert_eq!(world.sign_in(&begun, &answer, &anna.kept), Err(CeremonyError::Copied));
    assert_eq!(world.sign_in(&begun, &answer, &anna.kept), Err(CeremonyError::Replayed), "its answer is used up as well");
}

#[test]
fn an_answer_is_for_one_place_one_owner_and_one_key() {
    let world = world();
    let mut anna = world.annas();
    let begun = world.ask();
    for elsewhere in ["https://evil.example", "http://example.org", "https://example.org:8443", "https://www.example.org"] {
        let answer = anna.passkey.answer(&begun.options, elsewhere);
        assert_eq!(world.sign_in(&begun, &answer, &anna.kept), Err(CeremonyError::Refused), "{elsewhere}");
    }
    let answer = anna.passkey.answer(&begun.options, ORIGIN);
    let assertion = Assertion::parse(&answer).expect("an answer");
    let as_bert = world.ceremonies.end_signing_in(&world.party, &begun.ticket, &assertion, BERT, &anna.kept, at(1));
    assert_eq!(as_bert, Err(CeremonyError::Refused), "the passkey says whose it is");
    let mut forged = answer.clone();
    forged["response"]["signature"] = anna.passkey.answer(&world.ask().options, ORIGIN)["response"]["signature"].clone();
    assert_eq!(world.sign_in(&begun, &forged, &anna.kept), Err(CeremonyError::Refused));
    let other = Party::at("https://other.example", "Other").expect("a place");
    let there = world.ceremonies.end_signing_in(&other, &begun.ticket, &assertion, ANNA, &anna.kept, at(1));
    assert_eq!(there, Err(CeremonyError::NoTicket));
}

#[test]
fn a_passkey_that_does_not_check_its_owner_is_neither_added_nor_believed() {
    let world = world();
    let mut anna = world.annas();
    anna.passkey.checks_its_owner = false;
    let begun = world.ask();
    let answer = anna.passkey.answer(&begun.options, ORIGIN);
    assert_eq!(world.sign_in(&begun, &answer, &anna.kept), Err(CeremonyError::NotVerified));
    let begun = world.ask_anna(&[]);
    let (_, mut answer) = SoftPasskey::make(&begun.options, ORIGIN, 2);
    answer["clientExtensionResults"]["credProps"]["rk"] = false.into();
    assert_eq!(world.add(&begun, &answer, 1).err(), Some(CeremonyError::NotDiscoverable));
}

#[test]
fn a_ceremony_has_five_minutes_and_one_purpose() {
    let world = world();
    let mut anna = world.annas();
    let begun = world.ask_anna(&[]);
    let (_, answer) = SoftPasskey::make(&begun.options, ORIGIN, 2);
    assert_eq!(world.add(&begun, &answer, 5).err(), Some(CeremonyError::TooLate));
    let as_bert = world.ceremonies.end_adding(&world.party, BERT, &begun.ticket, &answer, at(1));
    assert_eq!(as_bert.err(), Some(CeremonyError::NoTicket), "begun for somebody else");
    let question = world.ask();
    let said = anna.passkey.answer(&question.options, ORIGIN);
    assert_eq!(world.sign_in(&begun, &said, &anna.kept), Err(CeremonyError::NoTicket), "begun for something else");
    let operators = Ceremonies::new("operator", &SeededRandom::new(1));
    let assertion = Assertion::parse(&said).expect("an answer");
    let as_operator = operators.end_signing_in(&world.party, &question.ticket, &assertion, ANNA, &anna.kept, at(1));
    assert_eq!(as_operator, Err(CeremonyError::NoTicket), "even signed with the same key");
    let after_a_restart = Ceremonies::new("account", &SeededRandom::new(2));
    assert_eq!(after_a_restart.can_sign_in(&world.party, &question.ticket, at(1)), Err(CeremonyError::NoTicket));
    for nonsense in ["", "x", "AAAA", &question.ticket[1..], &question.ticket[..question.ticket.len() - 2]] {
        assert_eq!(world.ceremonies.can_sign_in(&world.party, nonsense, at(1)), Err(CeremonyError::NoTicket), "{nonsense}");
    }
}

#[test]
fn what_is_no_answer_is_refused_without_a_fuss() {
    for nonsense in [serde_json::json!(null), serde_json::json!({}), serde_json::json!({"id": "a", "rawId": "%", "response": 3})] {
        assert_eq!(Assertion::parse(&nonsense).err(), Some(CeremonyError::Unreadable));
    }
    let world = world();
    let begun = world.ask_anna(&[]);
    assert_eq!(world.add(&begun, &serde_json::json!({"rawId": "x"}), 1).err(), Some(CeremonyError::Unreadable));
}
