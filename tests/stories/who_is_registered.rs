//! Nobody learns from outside whether an address has an account: not from what comes back, not from what is kept, not from how long it takes.

use std::collections::BTreeMap;

use stories::{Connection, Request, Response, stopwatch};

use crate::people_bad_input::House;

/// What somebody does with an address, from a network of this number.
type Deed<'d> = &'d dyn Fn(usize, &str) -> Response;

/// Everything of an answer that its reader gets, but for the time.
fn seen(answer: &Response) -> (u16, Vec<(String, String)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("date")).cloned().collect();
    (answer.status, headers, answer.text())
}

/// Somebody with an account, somebody who registered and confirmed nothing, somebody who closed theirs, and nobody.
fn addresses(house: &House) -> [&'static str; 4] {
    house.registered(1, "known@example.org", "known");
    assert_eq!(house.apply(2, "asked@example.org", "asked").status, 303);
    let closed = house.registered(3, "close@example.org", "close");
    assert_eq!(house.post_with(3, "/account/delete", &[("_confirm", "yes")], Some(&closed)).status, 200);
    ["known@example.org", "asked@example.org", "close@example.org", "nobod@example.org"]
}

#[test]
fn every_address_gets_the_same_answer_byte_for_byte_and_leaves_as_many_rows() {
    let house = House::new();
    let addresses = addresses(&house);
    let verdict = house.verdict(4, "/account/register/age");
    // A browser that says where its posts come from, and one that shows the token of its form.
    let old = house.ask(4, Request::get("/account/sign-in"));
    let token = old.text().split_once("name=\"_token\" value=\"").map(|(_, rest)| rest.split('"').next().unwrap_or_default().to_owned());
    let (token, form_cookie) = (token.expect("a form for an old browser"), old.cookies().expect("and its cookie"));
    let sign_in = |who: usize, address: &str| house.post(who, "/account/sign-in", &[("_email", address)]);
    let old_sign_in = |who: usize, address: &str| {
        let fields = [("_email".to_owned(), address.to_owned()), ("_token".to_owned(), token.clone())];
        house.ask(who, Request::bare_form("/account/sign-in?language=fr&return=%2Fboard", &fields).cookie(Some(&form_cookie)))
    };
    let register = |who: usize, address: &str| {
        house.post(who, "/account/register", &[("_age", &verdict), ("_email", address), ("_username", &format!("sailor-{who}"))])
    };
    let taken = |who: usize, address: &str| {
        let answer = house.post(who, "/account/register", &[("_age", &verdict), ("_email", address), ("_username", "known")]);
        Response { body: answer.text().replace(address, "").into_bytes(), ..answer }
    };
    let deeds: [(&str, Deed<'_>); 4] = [
        ("signing in", &sign_in),
        ("signing in with an old browser in French", &old_sign_in),
        ("registering", &register),
        ("registering under a name that is taken", &taken),
    ];
    for (at, (deed, ask)) in deeds.iter().enumerate() {
        let mut answers = Vec::new();
        for (who, address) in addresses.iter().enumerate() {
            // Each address comes from a network of its own and is asked about as often as the others.
            let before = house.rows();
            let answer = ask(10 + 10 * at + who, address);
            let after = house.rows();
            // A letter may have left meanwhile, and a newer link takes the place of the one before.
            let grown: Vec<i64> = ["registrations", "accounts", "sessions", "choices"]
                .into_iter()
                .map(|table| count(&after, table) - count(&before, table))
                .collect();
            answers.push((seen(&answer), grown, *address));
        }
        let (first, grown, _) = &answers[0];
        for (answer, rows, address) in &answers {
            assert_eq!((answer, rows), (first, grown), "{deed}: {address}");
        }
        let mailed = first.1.iter().find(|(name, _)| name.eq_ignore_ascii_case("location")).map(|(_, to)| to.clone());
        if let Some(to) = mailed {
            let page = house.ask(10 + 10 * at, Request::get(&to));
            assert_eq!(seen(&page), seen(&house.ask(19 + 10 * at, Request::get(&to))), "{deed}: the page after it");
        }
    }
}

#[test]
fn how_many_letters_an_address_got_is_nobodys_to_see() {
    let house = House::new();
    let addresses = addresses(&house);
    let mut answers = Vec::new();
    for (who, address) in addresses.iter().enumerate() {
        let tries = (0..8).map(|at| house.post(20 + 10 * who + at, "/account/sign-in", &[("_email", address)]));
        let statuses: Vec<u16> = tries.map(|answer| answer.status).collect();
        assert!(statuses.iter().all(|status| *status == 303), "{address}: {statuses:?}");
        let last = house.post(29 + 10 * who, "/account/sign-in", &[("_email", address)]);
        answers.push((last.status, last.text()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 303), "{answers:?}");
}

#[test]
fn a_passkey_is_asked_for_in_the_same_words_whoever_asks() {
    let house = House::new();
    house.registered(1, "known@example.org", "known");
    let (_, port) = house.authority().rsplit_once(':').expect("a port");
    let host = format!("localhost:{port}");
    let ask = |who: usize, path: &str, body: &str| {
        let mut request = Request::new("POST", path).header("Host", &host).header("Sec-Fetch-Site", "same-origin");
        request = request.header("Content-Type", "application/json");
        request.body = body.as_bytes().to_vec();
        house.ask(who, request)
    };
    let plain = |answer: &Response| {
        let mut said = answer.json();
        assert!(said["ticket"].is_string() && said["options"]["publicKey"]["challenge"].is_string(), "{said}");
        said["ticket"] = "".into();
        said["options"]["publicKey"]["challenge"] = "".into();
        (answer.status, said)
    };
    let challenge = "/account/passkeys/sign-in/challenge";
    let (nobody, named) = (ask(2, challenge, "{}"), ask(3, challenge, "{\"email\":\"known@example.org\",\"username\":\"known\"}"));
    assert_eq!(plain(&nobody), plain(&named), "naming somebody changes nothing");
    let answer = |who: usize, credential: &str| {
        let ticket = ask(who, challenge, "{}").json()["ticket"].clone();
        let answer = serde_json::json!({
            "id": credential, "rawId": credential, "type": "public-key", "clientExtensionResults": {},
            "response": {"authenticatorData": "AAAA", "clientDataJSON": "AAAA", "signature": "AAAA", "userHandle": "AAAAAAAAAAAAAAAAAAAAAA"},
        });
        ask(who, "/account/passkeys/sign-in", &serde_json::json!({ "ticket": ticket, "answer": answer }).to_string())
    };
    let refused = answer(4, "AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (403, Some("refused")));
    assert_eq!(seen(&refused), seen(&answer(5, "BBBBBBBBBBBBBBBBBBBBBB")));
}

/// Pairs of one that is known and one that is not are asked about in turn. A difference shows only where it is both large and there in nearly every
/// pair: what this machine does beside it falls on both sides alike.
#[test]
fn it_takes_as_long_for_an_address_that_has_an_account_as_for_one_that_has_none() {
    const PEOPLE: usize = 16;
    let house = House::new();
    for who in 0..PEOPLE {
        house.registered(who, &format!("known-{who:02}@example.org"), &format!("known-{who:02}"));
    }
    let verdict = house.verdict(900, "/account/register/age");
    let mut connection = Connection::open(house.authority()).expect("it listens");
    let mut ask = |who: usize, path: &str, fields: &[(&str, &str)]| {
        let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = Request::form(path, &fields).header("X-Forwarded-For", &format!("198.51.{who}.7"));
        let since = stopwatch();
        let answer = connection.send(&request).expect("an answer");
        assert_eq!(answer.status, 303, "{}", answer.text());
        since()
    };
    for deed in ["sign-in", "register"] {
        let mut pairs = Vec::new();
        for round in 0..2 {
            for who in 0..PEOPLE {
                let mut time = |kind: &str| {
                    let (email, name) = (format!("{kind}-{who:02}@example.org"), format!("{kind}-{who:02}-{round}"));
                    match deed {
                        "sign-in" => ask(who, "/account/sign-in", &[("_email", &email)]),
                        _ => ask(who, "/account/register", &[("_age", &verdict), ("_email", &email), ("_username", &name)]),
                    }
                };
                // Whoever comes second may find the machine busy with the first one's letter.
                let (known, unknown) = if (round + who) % 2 == 0 {
                    let known = time("known");
                    (known, time("nobod"))
                } else {
                    let unknown = time("nobod");
                    (time("known"), unknown)
                };
                pairs.push((known.as_secs_f64(), unknown.as_secs_f64()));
            }
        }
        let slower = pairs.iter().filter(|(known, unknown)| known > unknown).count();
        let median = |mut times: Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        };
        let usual = median(pairs.iter().flat_map(|(known, unknown)| [*known, *unknown]).collect());
        let difference = median(pairs.iter().map(|(known, unknown)| known - unknown).collect());
        let is_consistent = slower * 5 < pairs.len() || slower * 5 > pairs.len() * 4;
        assert!(
            !(is_consistent && difference.abs() > usual / 5.0),
            "{deed}: {slower} of {} were slower, by {difference:.6} s of {usual:.6} s",
            pairs.len()
        );
    }
}

fn count(rows: &BTreeMap<String, u64>, table: &str) -> i64 {
    i64::try_from(rows.get(table).copied().unwrap_or(0)).expect("not many")
}
