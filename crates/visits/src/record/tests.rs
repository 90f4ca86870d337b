use proptest::prelude::*;

use super::*;

#[expect(clippy::disallowed_methods, reason = "a test is its own wiring")]
fn storage() -> StorageCapability {
    StorageCapability::issue()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,40}", any::<String>(), "[aé€😀]{8185,8200}"]
}

fn any_address() -> impl Strategy<Value = Address> {
    let encrypted = any::<([u8; 16], bool)>().prop_map(|(value, is_network)| Address::Encrypted(Encrypted { value, is_network }));
    prop_oneof![any::<IpAddr>().prop_map(Address::Known), encrypted]
}

prop_compose! {
    fn any_visit()(
        micros in -62_135_596_800_000_000_i64..253_402_207_200_000_000,
        numbers in (any::<Option<u16>>(), any::<Option<u64>>(), any::<Option<u64>>()),
        method in proptest::option::of("[A-Z]{1,12}"),
        ip in proptest::option::of(any_address()),
        texts in (proptest::option::of(text()), proptest::option::of(text()), proptest::option::of(text())),
        ids in any::<(Option<[u8; 16]>, Option<[u8; 16]>)>(),
        purposes in "[a-z,]{0,60}",
    ) -> Visit {
        let sealed = |field: Field| move |text: String| Sealed::new(field, text);
        Visit {
            time: Timestamp::from_microsecond(micros).expect("in range"),
            method,
            status: numbers.0,
            bytes: numbers.1,
            duration_us: numbers.2,
            ip: ip.map(|ip| Sealed::new(Field::VisitIp, ip)),
            browser: texts.0.map(sealed(Field::VisitBrowser)),
            referrer: texts.1.map(sealed(Field::VisitReferrer)),
            path: texts.2.map(sealed(Field::VisitPath)),
            visitor: ids.0.map(|id| Sealed::new(Field::VisitVisitor, VisitorId(id))),
            account: ids.1.map(|id| Sealed::new(Field::VisitAccount, AccountId(id))),
            purposes,
        }
    }
}

/// What the log promises to keep of a visit.
fn kept(mut visit: Visit) -> Visit {
    visit.ip = visit.ip.map(|ip| ip.map(|ip| ip.to_canonical()));
    for text in [&mut visit.browser, &mut visit.referrer, &mut visit.path].into_iter().flatten() {
        *text = text.clone().map(|text| text[..text.floor_char_boundary(TEXT_BYTES_MAX)].to_owned());
    }
    visit
}

proptest! {
    #[test]
    fn a_visit_is_read_as_it_was_written(visit in any_visit()) {
        let storage = storage();
        let mut frame = Vec::new();
        put_visit(&mut frame, &visit.as_new(), &storage);
        prop_assert!(frame.len() <= frame_bytes_max(&visit.as_new(), &storage));
        frame::seal(&mut frame, 7);
        let frame::Parsed::Good(payload) = frame::parse(&frame, 7) else { panic!("our own frame is good") };
        prop_assert_eq!(visitor_of(payload), visit.visitor.as_ref().map(|visitor| &storage.reveal(visitor).0));
        prop_assert_eq!(account_of(payload), visit.account.as_ref().map(|account| &storage.reveal(account).0));
        prop_assert_eq!(time_of(payload), Some(visit.time));
        prop_assert_eq!(read(payload), Some(Record::Visit(kept(visit))));
    }

    #[test]
    fn a_gap_and_a_damage_are_read_as_they_were_written(
        times in (0_i64..1_000_000_000, 0_i64..1_000_000_000),
        numbers in any::<(u64, u64, u64)>(),
        code in 1_u8..=7,
    ) {
        let time = |micros| Timestamp::from_microsecond(micros).expect("in range");
        let gap = Gap { from: time(times.0), to: time(times.1), count: numbers.0 };
        let what = DamageKind::of_code(code).expect("a kind of ours");
        let damage = Damage { segment: numbers.0, offset: numbers.1, bytes: numbers.2, what };
        let mut frames = Vec::new();
        put_gap(&mut frames, &gap);
        prop_assert_eq!(frames.len(), GAP_FRAME);
        prop_assert_eq!(read(&frames[frame::FRAME_HEAD..]), Some(Record::Gap(gap)));
        frames.clear();
        put_damage(&mut frames, &damage);
        prop_assert_eq!(read(&frames[frame::FRAME_HEAD..]), Some(Record::Damage(damage)));
    }

    #[test]
    fn whatever_bytes_come_reading_ends(payload in proptest::collection::vec(any::<u8>(), 0..200), kind in 0_u8..6) {
        let _ = read(&payload);
        let _ = (visitor_of(&payload), account_of(&payload), time_of(&payload));
        let mut of_ours = vec![kind];
        of_ours.extend(payload);
        let _ = read(&of_ours);
    }

    #[test]
    fn half_a_payload_is_no_payload(visit in any_visit(), share in 0.0..1.0) {
        let mut frame = Vec::new();
        put_visit(&mut frame, &visit.as_new(), &storage());
        let payload = &frame[frame::FRAME_HEAD..];
        prop_assert_eq!(read(&payload[..(payload.len() as f64 * share) as usize]), None);
    }
}

#[test]
fn nothing_personal_is_in_debug_output() {
    let visit = Visit {
        time: Timestamp::UNIX_EPOCH,
        method: None,
        status: None,
        bytes: None,
        duration_us: None,
        ip: Some(Sealed::new(Field::VisitIp, Address::Known([203, 0, 113, 7].into()))),
        browser: Some(Sealed::new(Field::VisitBrowser, "Firefox".to_owned())),
        referrer: None,
        path: Some(Sealed::new(Field::VisitPath, "/secret".to_owned())),
        visitor: None,
        account: None,
        purposes: "operate".to_owned(),
    };
    let shown = format!("{visit:?} {:?}", visit.as_new());
    for personal in ["203", "Firefox", "secret"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}
