//! One key, and what is derived from it: nothing that a ledger hashes for one purpose is of use for another.

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use siphasher::sip128::{Hasher128, SipHasher24};
use std::hash::Hasher;

/// A keyed mark of 16 bytes.
pub(crate) type Mark = [u8; 16];

/// The keys of a ledger.
#[derive(Clone)]
pub(crate) struct Keys {
    root: [u8; 16],
    inputs: Mark,
    salts: Mark,
    seal: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(•••)")
    }
}

/// HMAC-SHA256 over parts of which none can be mistaken for another.
fn mac(key: &[u8; 16], label: &str, parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length, so a key is always there; the zero block stands for what cannot happen.
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else { return [0; 32] };
    for part in std::iter::once(label.as_bytes()).chain(parts.iter().copied()) {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn half(whole: &[u8; 32]) -> Mark {
    let mut half = [0; 16];
    half.copy_from_slice(whole.split_at(16).0);
    half
}

impl Keys {
    pub(crate) fn new(root: [u8; 16]) -> Keys {
        Keys {
            root,
            inputs: half(&mac(&root, "tagwarden inputs", &[])),
            salts: half(&mac(&root, "tagwarden audit salts", &[])),
            seal: mac(&root, "tagwarden seal", &[]),
        }
    }

    /// What says whether a key is the same, without saying which it is.
    pub(crate) fn fingerprint(&self) -> Mark {
        half(&mac(&self.root, "tagwarden key fingerprint", &[]))
    }

    /// The name of a ledger in its audit log: the same whenever it is made anew with the same key and name.
    pub(crate) fn ledger_id(&self, name: &str) -> Mark {
        half(&mac(&self.root, "tagwarden ledger", &[name.as_bytes()]))
    }

    /// What stands for a subject's key, where pseudonyms are asked for.
    pub(crate) fn pseudonym(&self, entity: &str, key: &str) -> String {
        hex(&half(&mac(&self.root, "tagwarden pseudonym", &[entity.as_bytes(), key.as_bytes()])))
    }

    /// What is left of a subject that is forgotten.
    pub(crate) fn tombstone(&self, entity: &str, key: &str) -> Mark {
        half(&mac(&self.root, "tagwarden tombstone", &[entity.as_bytes(), key.as_bytes()]))
    }

    /// A mark of an idempotency key, or of an input.
    pub(crate) fn mark(&self, text: &[u8]) -> Mark {
        sip(&self.inputs, text)
    }

    /// What is hashed together with an audit record, so that nobody can find an erased one by trying.
    pub(crate) fn salt(&self, seq: i64) -> Mark {
        sip(&self.salts, &seq.to_le_bytes())
    }

    /// Encrypts, and protects against change. `place` is where it stands: sealed bytes that are moved do not open.
    ///
    /// The nonce is a keyed hash of place and content, so that none comes twice, also where a transaction is undone.
    pub(crate) fn seal(&self, place: &str, plain: &[u8]) -> Option<Vec<u8>> {
        let hash = mac(&self.root, "tagwarden nonce", &[place.as_bytes(), plain]);
        let nonce = XNonce::try_from(hash.split_at(24).0).ok()?;
        let payload = chacha20poly1305::aead::Payload { msg: plain, aad: place.as_bytes() };
        let cipher = XChaCha20Poly1305::new(&Key::from(self.seal));
        let mut sealed = nonce.to_vec();
        sealed.extend(cipher.encrypt(&nonce, payload).ok()?);
        Some(sealed)
    }

    /// `None` where the bytes were changed, moved, or sealed with another key.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(24)?;
        let nonce = XNonce::try_from(nonce).ok()?;
        let payload = chacha20poly1305::aead::Payload { msg: sealed, aad: place.as_bytes() };
        XChaCha20Poly1305::new(&Key::from(self.seal)).decrypt(&nonce, payload).ok()
    }
}

fn sip(key: &Mark, bytes: &[u8]) -> Mark {
    let mut hasher = SipHasher24::new_with_key(key);
    hasher.write(bytes);
    hasher.finish128().as_bytes()
}

/// In lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(*DIGITS.get(usize::from(digit)).unwrap_or(&b'0')));
        }
    }
    text
}

/// The bytes of so many lower-case hexadecimal digits.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != N * 2 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_where_it_stands() {
        let keys = Keys::new([7; 16]);
        let sealed = keys.seal("input 1", b"secret").unwrap();
        assert_eq!(keys.open("input 1", &sealed).unwrap(), b"secret");
        assert!(keys.open("input 2", &sealed).is_none());
        assert!(Keys::new([8; 16]).open("input 1", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(keys.open("input 1", &changed).is_none());
        }
        assert!(keys.open("input 1", b"short").is_none());
    }

    #[test]
    fn hexadecimal_there_and_back() {
        assert_eq!(unhex::<3>(&hex(&[0, 171, 255])), Some([0, 171, 255]));
        assert_eq!(unhex::<1>("AB"), None);
        assert_eq!(unhex::<1>("abc"), None);
    }
}
