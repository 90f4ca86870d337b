use ring::hmac;

/// What tells a log by what it begins with.
pub type Fingerprint = [u8; 16];

/// A digest of what was read, up to a place in the buffer.
#[derive(Clone)]
pub(super) struct Digested {
    context: hmac::Context,
    through: usize,
}

impl Digested {
    /// Begins at a place in the buffer.
    pub(super) fn new(key: &[u8; 32], at: usize) -> Self {
        Self { context: hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key)), through: at }
    }

    pub(super) const fn through(&self) -> usize {
        self.through
    }

    /// What stands in the buffer up to there goes, and what follows comes to its front.
    pub(super) fn move_to_front(&mut self, gone: &[u8]) {
        self.context.update(&gone[self.through..]);
        self.through = 0;
    }

    /// The fingerprint with these bytes behind what was digested so far.
    pub(super) fn with(&self, next: &[u8]) -> Fingerprint {
        let mut context = self.context.clone();
        context.update(next);
        let mut fingerprint = Fingerprint::default();
        let tag = context.sign();
        fingerprint.copy_from_slice(&tag.as_ref()[..size_of::<Fingerprint>()]);
        fingerprint
    }
}
