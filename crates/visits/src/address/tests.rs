use proptest::prelude::*;

use super::*;

fn key(number: u128) -> AddressKey {
    AddressKey::new(number.to_be_bytes())
}

fn encrypted(address: Option<Address>) -> Encrypted {
    match address {
        Some(Address::Encrypted(encrypted)) => encrypted,
        other => panic!("{:?} is not encrypted", other.map(|address| address.to_string())),
    }
}

/// From the draft itself: draft-denis-ipcrypt, "ipcrypt-deterministic".
#[test]
fn addresses_become_what_the_draft_says() {
    let cases = [
        (0x0123_4567_89ab_cdef_fedc_ba98_7654_3210, "0.0.0.0", "bde9:6789:d353:824c:d7c6:f58a:6bd2:26eb"),
        (0x1032_5476_98ba_dcfe_efcd_ab89_6745_2301, "255.255.255.255", "aed2:92f6:ea23:58c3:48fd:8b8:74e8:45d8"),
        (0x2b7e_1516_28ae_d2a6_abf7_1588_09cf_4f3c, "192.0.2.1", "1dbd:c1b9:fff1:7586:7d0b:67b4:e76e:4777"),
    ];
    for (number, ip, expected) in cases {
        let (ip, expected) = (ip.parse::<IpAddr>().expect("an address"), expected.parse::<std::net::Ipv6Addr>().expect("an address"));
        assert_eq!(key(number).encrypt(ip), expected.octets(), "{ip}");
    }
}

#[test]
fn an_encrypted_address_says_so_in_words_and_no_parser_takes_it_for_an_address() {
    let key = key(0x2b7e_1516_28ae_d2a6_abf7_1588_09cf_4f3c);
    let ip = Address::from(IpAddr::from([192, 0, 2, 1]));
    let shown = |forms: &[AgeingForm]| AddressForms::of(forms.iter().copied()).left_of(ip, Some(&key)).expect("it is kept").to_string();
    assert_eq!(shown(&[AgeingForm::Encrypted]), "encrypted:1dbdc1b9fff175867d0b67b4e76e4777");
    let network = shown(&[AgeingForm::Truncated, AgeingForm::Encrypted]);
    assert!(network.starts_with("encrypted-network:") && !network.ends_with("1dbdc1b9fff175867d0b67b4e76e4777"), "{network}");
    for text in [shown(&[AgeingForm::Encrypted]), network] {
        assert!(text.parse::<IpAddr>().is_err() && text.parse::<std::net::SocketAddr>().is_err(), "{text}");
        assert_eq!(Address::parse(&text).expect("ours").to_string(), text);
    }
    for text in [
        "encrypted:",
        "encrypted:1dbd",
        "encrypted:1DBDC1B9FFF175867D0B67B4E76E4777",
        "encrypted:+dbdc1b9fff175867d0b67b4e76e4777",
        "encrypted:192.0.2.1",
        "1dbdc1b9fff175867d0b67b4e76e4777",
    ] {
        assert_eq!(Address::parse(text), None, "{text}");
    }
}

#[test]
fn the_same_address_has_the_same_value_however_it_is_written_and_another_under_another_key() {
    let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
    assert_eq!(key(1).encrypt(ip("192.0.2.1")), key(1).encrypt(ip("::ffff:192.0.2.1")));
    assert_ne!(key(1).encrypt(ip("192.0.2.1")), key(1).encrypt(ip("192.0.2.2")));
    assert_ne!(key(1).encrypt(ip("192.0.2.1")), key(2).encrypt(ip("192.0.2.1")));
}

#[test]
fn what_is_encrypted_cannot_be_cut_down_and_goes_unless_it_was_cut_before() {
    let (key, address) = (key(7), Address::from(IpAddr::from([192, 0, 2, 77])));
    let (truncated, both) = (AddressForms::of([AgeingForm::Truncated]), AddressForms::of([AgeingForm::Truncated, AgeingForm::Encrypted]));
    let whole = AddressForms::of([AgeingForm::Encrypted]).left_of(address, Some(&key)).expect("it is kept");
    assert_eq!((truncated.left_of(whole, Some(&key)), both.left_of(whole, Some(&key))), (None, None));
    let network = both.left_of(address, Some(&key));
    assert!(encrypted(network).is_network && network != Some(whole));
    assert_eq!(truncated.left_of(network.expect("it is kept"), Some(&key)), network);
    let cut = truncated.left_of(address, Some(&key)).expect("it is kept");
    assert_eq!(both.left_of(cut, Some(&key)), network, "first the one and then the other is both at once");
}

#[test]
fn nothing_of_an_address_or_a_key_is_in_debug_output() {
    let address = Address::from(IpAddr::from([192, 0, 2, 77]));
    let encrypted = AddressForms::of([AgeingForm::Encrypted]).left_of(address, Some(&key(7)));
    assert_eq!(format!("{address:?} {encrypted:?} {:?}", key(7)), "Address(…) Some(Address(…)) AddressKey(…)");
}

pub(crate) fn any_form() -> impl Strategy<Value = AgeingForm> {
    prop_oneof![Just(AgeingForm::Truncated), Just(AgeingForm::Encrypted), Just(AgeingForm::Gone)]
}

proptest! {
    #[test]
    fn ageing_twice_is_ageing_once(ip in any::<IpAddr>(), forms in proptest::collection::vec(any_form(), 0..4), number: u128) {
        let forms = AddressForms::of(forms);
        let once = forms.left_of(ip.into(), Some(&key(number)));
        prop_assert_eq!(once.and_then(|once| forms.left_of(once, Some(&key(number)))), once);
    }

    #[test]
    fn an_address_is_read_as_it_was_written(ip in any::<IpAddr>(), value: [u8; 16], is_network: bool) {
        for address in [Address::Known(ip), Address::Encrypted(Encrypted { value, is_network })] {
            prop_assert_eq!(Address::parse(&address.to_string()), Some(address));
        }
    }
}
