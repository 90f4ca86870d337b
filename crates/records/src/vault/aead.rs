//! AES-256-GCM: a nonce by chance, then the ciphertext with its tag. What it is for is part of what is authenticated.

use domain::Random;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::RecordsError;

pub(super) const KEY_BYTES: usize = 32;

pub(super) fn key(secret: &[u8; KEY_BYTES]) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, secret).unwrap_or_else(|_| unreachable!("a key of this length is one"));
    LessSafeKey::new(key)
}

pub(super) fn seal(key: &LessSafeKey, about: &[u8], plain: &[u8], random: &dyn Random) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce);
    let mut text = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut text)
        .unwrap_or_else(|_| unreachable!("a text that fits into memory is short enough"));
    [&nonce[..], &text].concat()
}

pub(super) fn open(key: &LessSafeKey, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, RecordsError> {
    let unreadable = RecordsError::Unreadable("something that was sealed under another key");
    let Some((nonce, text)) = sealed.split_first_chunk::<NONCE_LEN>() else {
        return Err(unreadable);
    };
    let mut text = text.to_vec();
    match key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(about), &mut text) {
        Ok(plain) => Ok(plain.to_vec()),
        Err(_) => Err(unreadable),
    }
}
