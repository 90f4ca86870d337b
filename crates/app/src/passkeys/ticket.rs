use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Random, Timestamp};
use ring::hmac;

const TAG_BYTES: usize = 32;
const TIME_BYTES: usize = 8;

/// What a ceremony is for. A ticket of one counts for no other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purpose<'p> {
    /// Whose ceremonies they are.
    pub(super) realm: &'static str,
    pub(super) deed: &'static str,
    pub(super) origin: &'p str,
    /// Who is signed in while they add one; nobody where somebody signs in.
    pub(super) owner: &'p [u8],
}

/// The half of a ceremony that the server has to remember, carried by the browser: signed, and read again only here.
pub(super) struct Ticket {
    pub(super) state: Vec<u8>,
    pub(super) expires: Timestamp,
    /// Names this ticket and no other.
    pub(super) tag: [u8; TAG_BYTES],
}

/// The key that tickets are signed with. It lives as long as the process: what was begun before a restart has to be begun again, so that what was used
/// before it cannot be used after it.
pub(super) struct Signer(hmac::Key);

impl Signer {
    pub(super) fn new(random: &dyn Random) -> Self {
        let mut secret = [0; 32];
        random.fill(&mut secret);
        Self(hmac::Key::new(hmac::HMAC_SHA256, &secret))
    }

    pub(super) fn write(&self, purpose: Purpose<'_>, state: &[u8], expires: Timestamp) -> String {
        let body = [&expires.as_microsecond().to_le_bytes()[..], state].concat();
        let tag = self.mac(purpose, &body).sign();
        BASE64_URL_SAFE_NO_PAD.encode([tag.as_ref(), &body].concat())
    }

    /// None where it is for something else, or not signed here.
    pub(super) fn read(&self, purpose: Purpose<'_>, text: &str) -> Option<Ticket> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tag, body) = bytes.split_at_checked(TAG_BYTES)?;
        hmac::verify(&self.0, &signed(purpose, body), tag).ok()?;
        let (time, state) = body.split_at_checked(TIME_BYTES)?;
        let expires = Timestamp::from_microsecond(i64::from_le_bytes(time.try_into().ok()?)).ok()?;
        Some(Ticket { state: state.to_vec(), expires, tag: tag.try_into().ok()? })
    }

    fn mac(&self, purpose: Purpose<'_>, body: &[u8]) -> hmac::Context {
        let mut mac = hmac::Context::with_key(&self.0);
        mac.update(&signed(purpose, body));
        mac
    }
}

/// Every part comes with its length, so that no two purposes read alike.
fn signed(purpose: Purpose<'_>, body: &[u8]) -> Vec<u8> {
    let parts = [purpose.realm.as_bytes(), purpose.deed.as_bytes(), purpose.origin.as_bytes(), purpose.owner, body];
    parts.iter().flat_map(|part| [&(part.len() as u64).to_le_bytes()[..], part].concat()).collect()
}
