//! Somebody who registered, for tests.

use domain::{AccountId, Age, Field, JobId, Span, Timestamp, Version};
use policy::Sealed;
use records::{Account, Confirmed, Findable, LinkId, NewJob, NewLink, NewRegistration, People, Representation};

/// Registers Anna, who is an adult.
pub(super) async fn anna(people: &People, now: Timestamp) -> Account {
    let findable = |field, text: &str| {
        let sealed = || Sealed::new(field, text.to_owned());
        Findable { shown: sealed(), compared: sealed() }
    };
    let (id, expires) = (AccountId([1; 16]), Span::days(1).after(now));
    let (email, username) = (findable(Field::AccountEmail, "anna@example.org"), findable(Field::AccountUsername, "anna"));
    let age = Representation { verdict: Age::Adult, method: "stated".to_owned(), words_hash: [4; 32], version: Version(1), at: now };
    let new = NewRegistration { id, email: email.clone(), username, language: "en".to_owned(), age, at: now, expires };
    let link = NewLink { id: LinkId([1; 32]), kind: "confirm", owner: id, email: Some(email), at: now, expires };
    let job = NewJob { id: JobId([1; 16]), kind: "mail", owner: Some(id), payload: b"confirm".to_vec(), at: now, due: now };
    people.register(new, link, job).await.expect("registered");
    assert_eq!(people.confirm(LinkId([1; 32]), now).await.expect("confirmed"), Confirmed::Account(id));
    people.account(id).await.expect("read").expect("an account")
}
