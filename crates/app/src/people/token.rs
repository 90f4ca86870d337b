use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::Random;
use records::LinkId;
use ring::digest;

/// What a link carries that works once, and a cookie of an operator: whoever has it may. Only its hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(bytes)
    }

    /// Reads it from a link; none where it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// As a link has it.
    pub fn text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    pub fn link(&self) -> LinkId {
        LinkId(self.hash())
    }

    /// SHA-256: what is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, &self.0).as_ref());
        hash
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::Token;

    #[test]
    fn a_token_is_read_as_it_was_written_and_shows_itself_nowhere_else() {
        let token = Token::random(&SeededRandom::new(1));
        assert_eq!(Token::parse(&token.text()), Some(token.clone()));
        assert_eq!(token.text().len(), 43);
        assert!(!format!("{token:?} {:?}", token.link()).contains(&token.text()));
        for bad in ["", "x", &token.text()[1..], &format!("{}A", token.text()), "../../../etc/passwd", "é"] {
            assert_eq!(Token::parse(bad), None, "{bad}");
        }
    }
}
