use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::Random;
use ring::digest;

/// What every token begins with, so that people and programs that look for secrets know one when they see it.
const PREFIX: &str = "candor_";

const SECRET_BYTES: usize = 32;
const CHECK_BYTES: usize = 4;

/// What a program asks with: whoever has it may do what its scopes say. Of it only a hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret([u8; SECRET_BYTES]);

impl TokenSecret {
    pub(super) fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; SECRET_BYTES];
        random.fill(&mut bytes);
        Self(bytes)
    }

    /// Reads it as it was printed; none where it cannot be one of ours. The check at its end shows a slip of the pen.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; SECRET_BYTES + CHECK_BYTES] = BASE64_URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?.try_into().ok()?;
        let mut secret = [0; SECRET_BYTES];
        secret.copy_from_slice(&bytes[..SECRET_BYTES]);
        let secret = Self(secret);
        (secret.check() == bytes[SECRET_BYTES..]).then_some(secret)
    }

    /// As it is handed out.
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode([&self.0[..], &self.check()].concat()))
    }

    /// Its place in the records. Whoever tries tokens learns nothing from how long a look-up takes: they do not choose the hash.
    pub(super) fn hash(&self) -> [u8; 32] {
        hash(&[b"candor token 1", &self.0])
    }

    fn check(&self) -> [u8; CHECK_BYTES] {
        let [first, second, third, fourth, ..] = hash(&[b"candor token check 1", &self.0]);
        [first, second, third, fourth]
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TokenSecret")
    }
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_printed_and_shows_itself_nowhere_else() {
        let secret = TokenSecret::random(&SeededRandom::new(1));
        let text = secret.text();
        assert!(text.starts_with("candor_") && text.len() == 55, "{text}");
        assert_eq!(TokenSecret::parse(&text), Some(secret.clone()));
        assert_eq!(format!("{secret:?}"), "TokenSecret");
        assert_ne!(secret.hash(), TokenSecret::random(&SeededRandom::new(2)).hash());
    }

    #[test]
    fn a_slip_of_the_pen_makes_it_no_token() {
        let text = TokenSecret::random(&SeededRandom::new(1)).text();
        for at in 7..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(TokenSecret::parse(&String::from_utf8(other).expect("text")), None, "at {at}");
        }
        for bad in ["", "candor_", "Bearer x", &text[1..], &text[..54], &format!("{text}A"), &format!(" {text}"), "candor_é"] {
            assert_eq!(TokenSecret::parse(bad), None, "{bad}");
        }
    }
}
