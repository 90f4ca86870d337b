//! How somebody without an e-mail address signs in: their guardian has a code shown, and they write it where they want to be signed in.

use std::fmt;

use domain::{Random, Span, Timestamp};
use policy::cookie::CookieParts;
use records::{AccountState, LinkId, NewLink, RecordsError, SignInMethod, Vault};

use super::Guarded;
use crate::people::{Accounts, Browser};

/// The kind of link that a code is.
const CODE: &str = "guardian-code";

/// So long a code works.
pub const CODE_LIVES: Span = Span::minutes(10);

/// Letters and digits that nobody takes for others, and that make no words. 28 of them.
const ALPHABET: &[u8; 28] = b"BCDFGHJKLMNPQRSTVWXZ23456789";

/// Ten of 28: 48 bits. Nobody tries that many in ten minutes.
const CHARACTERS: usize = 10;

/// What signs somebody in once.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; CHARACTERS]);

impl Code {
    fn random(random: &dyn Random) -> Self {
        let mut code = [0; CHARACTERS];
        let mut filled = 0;
        while filled < CHARACTERS {
            let mut bytes = [0; 32];
            random.fill(&mut bytes);
            // What is past the last whole alphabet would make some letters likelier than others.
            for byte in bytes.into_iter().filter(|byte| *byte < 252).take(CHARACTERS - filled) {
                code[filled] = ALPHABET[usize::from(byte) % ALPHABET.len()];
                filled += 1;
            }
        }
        Self(code)
    }

    /// Reads what somebody wrote, in capitals or not, with or without what stands between; none where it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let written: Vec<u8> =
            text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')).map(|byte| byte.to_ascii_uppercase()).take(CHARACTERS + 1).collect();
        let code: [u8; CHARACTERS] = written.try_into().ok()?;
        code.iter().all(|byte| ALPHABET.contains(byte)).then_some(Self(code))
    }

    /// As people read it.
    pub fn text(&self) -> String {
        let characters: String = self.0.iter().map(|byte| char::from(*byte)).collect();
        let (first, second) = characters.split_at(CHARACTERS / 2);
        format!("{first}-{second}")
    }

    /// A hash that takes our key: so few characters could be tried out against a plain one by whoever has the database.
    fn link(&self, vault: &Vault) -> LinkId {
        LinkId(vault.lookup_bytes("code", &self.0))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Code")
    }
}

impl Accounts {
    /// A code that signs a dependent in once. The one before is void.
    pub async fn make_code(&self, guarded: &Guarded, now: Timestamp) -> Result<Code, RecordsError> {
        let code = Code::random(&*self.random);
        let link = NewLink {
            id: code.link(self.people.vault()),
            kind: CODE,
            owner: guarded.id(),
            email: None,
            at: now,
            expires: CODE_LIVES.after(now),
        };
        self.people.make_link_to_show(link).await?;
        Ok(code)
    }

    /// Uses a code up and signs in whoever wrote it; none where it is old, was used, or is none of ours.
    pub async fn sign_in_by_code(&self, code: &Code, browser: Browser<'_>) -> Result<Option<CookieParts>, RecordsError> {
        let Some(link) = self.people.take_link(code.link(self.people.vault()), CODE, browser.now()).await? else { return Ok(None) };
        match self.people.account(link.owner).await? {
            Some(account) if account.state == AccountState::Open && account.guardian.is_some() => {
                self.welcome(account.id, SignInMethod::Guardian, browser).await.map(Some)
            }
            Some(_) | None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_write_it_and_shows_itself_nowhere_else() {
        let code = Code::random(&SeededRandom::new(1));
        let text = code.text();
        assert_eq!((text.len(), text.find('-')), (11, Some(5)));
        for written in [text.clone(), text.to_lowercase(), text.replace('-', ""), format!(" {} ", text.replace('-', " "))] {
            assert_eq!(Code::parse(&written), Some(code.clone()), "{written}");
        }
        assert!(!format!("{code:?}").contains(&text));
        for bad in ["", "x", &text[1..], &format!("{text}B"), "AEIOU-AEIOU", "0000000000", "ééééé"] {
            assert_eq!(Code::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_character_comes_up_about_as_often() {
        let random = SeededRandom::new(7);
        let mut counts = [0_u32; 256];
        for _ in 0..2_800 {
            Code::random(&random).0.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
        }
        for letter in ALPHABET {
            let count = counts[usize::from(*letter)];
            assert!((850..1_150).contains(&count), "{}: {count} of about 1000", char::from(*letter));
        }
    }
}
