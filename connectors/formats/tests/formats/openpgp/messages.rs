//! Messages as OpenPGP has them, and some as it doesn't.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::LazyLock;

use campaignd_formats::Csv;
use pgp::composed::{ArmorOptions, Deserializable as _, MessageBuilder, RawSessionKey, SignedSecretKey};
use pgp::crypto::aead::{AeadAlgorithm, ChunkSize};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm::AES256;
use pgp::packet::{PacketTrait as _, PublicKeyEncryptedSessionKey, SymEncryptedProtectedData};
use pgp::types::{CompressionAlgorithm, Password};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tempfile::TempDir;

/// The keys, which are worth nothing, and the folder that they are in as files: `receiver.key`, `locked.key` that is
/// opened by what stands in `passphrase`, `sender.asc`, ….
pub struct Keys {
    folder: TempDir,
    pub receiver: SignedSecretKey,
    pub sender: SignedSecretKey,
    pub stranger: SignedSecretKey,
}

pub static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| {
        fs::write(folder.path().join(name), content).unwrap();
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o600)).unwrap();
    };
    let read = |name: &str, text: &str| {
        let key = SignedSecretKey::from_string(text).unwrap().0;
        write(&format!("{name}.key"), text.as_bytes());
        let public = key.to_public_key().to_armored_string(ArmorOptions::default()).unwrap();
        write(&format!("{name}.asc"), public.as_bytes());
        key
    };
    let receiver = read("receiver", include_str!("keys/receiver.key"));
    let sender = read("sender", include_str!("keys/sender.key"));
    let stranger = read("stranger", include_str!("keys/stranger.key"));
    let mut locked = receiver.clone();
    let passphrase = Password::from("open sesame");
    locked.primary_key.set_password(random(), &passphrase).unwrap();
    locked.secret_subkeys[0].key.set_password(random(), &passphrase).unwrap();
    write("locked.key", locked.to_armored_string(ArmorOptions::default()).unwrap().as_bytes());
    write("passphrase", b"open sesame\n");
    write("wrong", b"open barley\n");
    Keys { folder, receiver, sender, stranger }
});

impl Keys {
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// CSV with these settings inside `[format.pgp]`, and what follows them.
pub fn csv(pgp: &str) -> Csv {
    Csv::new(toml::from_str(&format!("[pgp]\n{pgp}")).unwrap(), KEYS.folder()).unwrap()
}

/// CSV that is encrypted to the receiver.
pub fn received() -> Csv {
    csv("key = { file = \"receiver.key\" }")
}

/// CSV that is encrypted to the receiver and signed by the sender.
pub fn demanding() -> Csv {
    csv("key = { file = \"receiver.key\" }\nsigned_by = [\"sender.asc\"]")
}

/// The same each time, so that a test that failed fails again.
fn random() -> StdRng {
    StdRng::seed_from_u64(7)
}

/// The packets inside of an encrypted message.
pub fn inner(content: &[u8], compression: CompressionAlgorithm, signers: &[&SignedSecretKey]) -> Vec<u8> {
    let mut builder = MessageBuilder::from_bytes("", content.to_vec());
    // It would pack what isn't compressed into a compressed packet too.
    if compression != CompressionAlgorithm::Uncompressed {
        builder.compression(compression);
    }
    for signer in signers {
        builder.sign(&signer.primary_key, Password::empty(), HashAlgorithm::Sha256);
    }
    builder.to_vec(random()).unwrap()
}

/// A message to the receiver whose packets have a length for every 512 bytes, as a stream is written.
pub fn in_pieces(content: &[u8]) -> Vec<u8> {
    let mut message = MessageBuilder::from_reader("", content).seipd_v1(random(), AES256);
    message.partial_chunk_size(512).unwrap();
    message.encrypt_to_key(random(), &KEYS.receiver.to_public_key().public_subkeys[0].key).unwrap();
    message.to_vec(random()).unwrap()
}

/// How packets are encrypted.
#[derive(Debug, Clone, Copy)]
pub enum Container {
    /// With a modification detection code.
    V1,
    /// With authentication, as RFC 9580 has it.
    V2(AeadAlgorithm),
    /// With authentication, as GnuPG has it since 2.3.
    Gnupg,
}

pub const CONTAINERS: [Container; 5] = [
    Container::V1,
    Container::V2(AeadAlgorithm::Ocb),
    Container::V2(AeadAlgorithm::Eax),
    Container::V2(AeadAlgorithm::Gcm),
    Container::Gnupg,
];

/// A message to the receiver with these packets in it.
pub fn sealed(container: Container, inner: &[u8]) -> Vec<u8> {
    sealed_to(&KEYS.receiver, container, inner)
}

pub fn sealed_to(receiver: &SignedSecretKey, container: Container, inner: &[u8]) -> Vec<u8> {
    let public = receiver.to_public_key();
    let to = &public.public_subkeys[0].key;
    let key: RawSessionKey = AES256.new_session_key(random());
    let mut message = Vec::new();
    if let Container::V2(aead) = container {
        let recipient = PublicKeyEncryptedSessionKey::from_session_key_v6(random(), &key, to).unwrap();
        recipient.to_writer_with_header(&mut message).unwrap();
        SymEncryptedProtectedData::encrypt_seipdv2(random(), AES256, aead, ChunkSize::C64B, key.as_ref(), inner)
            .unwrap()
            .to_writer_with_header(&mut message)
            .unwrap();
        return message;
    }
    let recipient = PublicKeyEncryptedSessionKey::from_session_key_v3(random(), &key, AES256, to).unwrap();
    recipient.to_writer_with_header(&mut message).unwrap();
    match container {
        Container::Gnupg => message.extend(packet(20, &gnupg_body(key.as_ref(), inner))),
        _ => SymEncryptedProtectedData::encrypt_seipdv1(random(), AES256, key.as_ref(), inner)
            .unwrap()
            .to_writer_with_header(&mut message)
            .unwrap(),
    }
    message
}

/// The packet that tells the first recipient of a message.
pub fn recipient(message: &[u8]) -> &[u8] {
    &message[..2 + usize::from(message[1])]
}

/// The body of GnuPG's packet 20: chunks of 64 bytes in OCB mode, each with its tag, and a tag over their length.
fn gnupg_body(key: &[u8], inner: &[u8]) -> Vec<u8> {
    let iv = [7; 15];
    let head = [1, AES256.into(), AeadAlgorithm::Ocb.into(), ChunkSize::C64B.into()];
    let mut body = [&head[..], &iv].concat();
    let pieces: Vec<&[u8]> = inner.chunks(64).chain([&[][..]]).collect();
    for (index, piece) in pieces.iter().enumerate() {
        let number = (index as u64).to_be_bytes();
        let mut nonce = iv;
        nonce[7..].iter_mut().zip(number).for_each(|(byte, of_number)| *byte ^= of_number);
        let mut data = [&[0xD4][..], &head, &number].concat();
        if index == pieces.len() - 1 {
            data.extend((inner.len() as u64).to_be_bytes());
        }
        let mut piece = pgp::bytes::BytesMut::from(*piece);
        AeadAlgorithm::Ocb.encrypt_in_place(&AES256, key, &nonce, &data, &mut piece).unwrap();
        body.extend(piece);
    }
    body
}

/// A packet of this kind.
pub fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[0xC0 | kind, 0xFF][..], &length, body].concat()
}

/// A message in armor.
pub fn armored(message: &[u8]) -> Vec<u8> {
    struct Bytes<'a>(&'a [u8]);
    impl pgp::ser::Serialize for Bytes<'_> {
        fn to_writer<W: std::io::Write>(&self, writer: &mut W) -> pgp::errors::Result<()> {
            writer.write_all(self.0)?;
            Ok(())
        }

        fn write_len(&self) -> usize {
            self.0.len()
        }
    }
    let mut armored = Vec::new();
    pgp::armor::write(&Bytes(message), pgp::armor::BlockType::Message, &mut armored, None, true).unwrap();
    armored
}
