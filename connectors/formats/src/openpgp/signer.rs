//! Who may have signed a file, and whether one of them has.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use campaignd_contract::{Error, Result};
use pgp::composed::{Message, PublicOrSecret, SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{KeyFlags, Signature, SignatureType};
use pgp::types::{Duration, KeyDetails as _, Tag, Timestamp, VerifyingKey};

use super::private_key::listed;

/// Bytes of a file of public keys at most.
const LONGEST: u64 = 16 << 20;

/// A key that may sign files.
pub(super) struct Signer {
    key: Box<dyn VerifyingKey + Send + Sync>,
    /// Seconds since 1970 after which it may not any more.
    expires: Option<u64>,
}

impl Signer {
    /// The keys in these files, relative to `base`, that may sign.
    pub fn all(paths: &[PathBuf], base: &Path) -> Result<Vec<Self>> {
        let mut signers = Vec::new();
        for path in paths {
            let path = base.join(path);
            let before = signers.len();
            for key in public_keys(&path)? {
                Self::add_from(&key, &mut signers)
                    .map_err(|wrong| refused(&path, wrong).next("have the sender export the key they sign with now"))?;
            }
            if signers.len() == before {
                return Err(refused(&path, "no key in it may sign data".into())
                    .next("have the sender export the key they sign with"));
            }
        }
        Ok(signers)
    }

    /// Adds the primary key and the subkeys, as far as they may sign.
    fn add_from(key: &SignedPublicKey, signers: &mut Vec<Self>) -> Result<(), String> {
        let primary = &key.primary_key;
        let id = primary.legacy_key_id();
        if key.details.revocation_signatures.iter().any(|signature| signature.verify_key(primary).is_ok()) {
            return Err(format!("the key {id} is revoked"));
        }
        let direct = key.details.direct_signatures.iter().filter(|signature| signature.verify_key(primary).is_ok());
        let users = key.details.users.iter().flat_map(|user| {
            user.signatures.iter().filter(|signature| {
                signature.typ() != Some(SignatureType::CertRevocation)
                    && signature.verify_certification(primary, Tag::UserId, &user.id).is_ok()
            })
        });
        let Some(own) = latest(direct.chain(users)) else {
            return Err(format!("the key {id} says nothing of itself that it has signed"));
        };
        let flags = own.key_flags();
        // A key of before there were such flags may do everything.
        if flags.sign() || flags == KeyFlags::default() {
            signers.push(Self { key: Box::new(primary.clone()), expires: expiry(primary.created_at(), own) });
        }
        let expires = expiry(primary.created_at(), own);
        for subkey in &key.public_subkeys {
            if let Some(binding) = signing_binding(subkey, key) {
                let own = expiry(subkey.key.created_at(), binding);
                let expires = own.into_iter().chain(expires).min();
                signers.push(Self { key: Box::new(subkey.key.clone()), expires });
            }
        }
        Ok(())
    }

    /// What keeps the signature from counting, though it is this key's.
    fn objection(&self, signature: &Signature) -> Option<&'static str> {
        let weak = [HashAlgorithm::Md5, HashAlgorithm::Sha1, HashAlgorithm::Ripemd160];
        if !matches!(signature.typ(), Some(SignatureType::Binary | SignatureType::Text)) {
            return Some("isn't one of data");
        }
        if signature.hash_alg().is_none_or(|hash| weak.contains(&hash)) {
            return Some("is made with a hash that can be forged; have the sender sign with SHA-256 or better");
        }
        let Some(created) = signature.created() else { return Some("has no date") };
        let created = u64::from(created.as_secs());
        if created < u64::from(self.key.created_at().as_secs()) {
            return Some("is older than the key");
        }
        if self.expires.is_some_and(|expires| created >= expires) {
            return Some("was made when the key had expired");
        }
        let now = u64::from(Timestamp::now().as_secs());
        let lasts = signature.signature_expiration_time().map_or(0, |lasts| u64::from(lasts.as_secs()));
        if lasts != 0 && created + lasts <= now {
            return Some("has expired");
        }
        None
    }
}

fn refused(path: &Path, wrong: String) -> Error {
    Error::permanent("use the public key", path.display().to_string(), wrong)
}

fn public_keys(path: &Path) -> Result<Vec<SignedPublicKey>> {
    let how = "give `signed_by` what `gpg --armor --export` writes";
    let failed = |e: &std::io::Error| {
        Error::io("read the public key", path.display().to_string(), e).next("correct its name, or put the file there")
    };
    if std::fs::metadata(path).map_err(|e| failed(&e))?.len() > LONGEST {
        return Err(refused(path, format!("it is longer than {LONGEST} bytes")).next(how));
    }
    let bytes = std::fs::read(path).map_err(|e| failed(&e))?;
    let wrong = |_| refused(path, "it isn't an OpenPGP key".into()).next(how);
    let (found, _) = PublicOrSecret::from_reader_many(Cursor::new(bytes)).map_err(wrong)?;
    let mut keys = Vec::new();
    for key in found {
        match key.map_err(wrong)? {
            PublicOrSecret::Public(key) => keys.push(key),
            PublicOrSecret::Secret(_) => return Err(refused(path, "it is a private key".into()).next(how)),
        }
    }
    Ok(keys)
}

fn latest<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Option<&'a Signature> {
    signatures.max_by_key(|signature| signature.created())
}

fn expiry(created: Timestamp, own: &Signature) -> Option<u64> {
    let lasts = own.key_expiration_time().map_or(0, Duration::as_secs);
    (lasts != 0).then(|| u64::from(created.as_secs()) + u64::from(lasts))
}

/// What makes a subkey one that signs: the primary key's word, and its own.
fn signing_binding<'k>(subkey: &'k SignedPublicSubKey, key: &SignedPublicKey) -> Option<&'k Signature> {
    let primary = &key.primary_key;
    let by_primary =
        subkey.signatures.iter().filter(|signature| signature.verify_subkey_binding(primary, &subkey.key).is_ok());
    let (revoked, bound): (Vec<_>, Vec<_>) =
        by_primary.partition(|signature| signature.typ() == Some(SignatureType::SubkeyRevocation));
    let binding = latest(bound.into_iter()).filter(|_| revoked.is_empty())?;
    let back = binding.embedded_signature()?;
    (binding.key_flags().sign() && back.verify_primary_key_binding(&subkey.key, primary).is_ok()).then_some(binding)
}

/// Whether one of `signers` has signed the message, which was read to its end.
pub(super) fn signed_by_one_of(message: &Message<'_>, signers: &[Signer], name: &str) -> Result<()> {
    let wrong = |wrong: String, next: &str| {
        Err(Error::permanent("accept", name, wrong).next(format!("none of it was loaded; {next}")))
    };
    let Message::Signed { reader, .. } = message else {
        return wrong(
            "it isn't signed, and `signed_by` in [format.pgp] demands it".into(),
            "have it signed by the sender",
        );
    };
    let mut objection = None;
    let mut by = Vec::new();
    for index in 0..reader.num_signatures() {
        let Some(signature) = reader.signature(index) else { continue };
        for signer in signers {
            if message.verify_nested_explicit(index, &*signer.key).is_ok() {
                match signer.objection(signature) {
                    None => return Ok(()),
                    Some(why) => {
                        objection = Some(format!("the signature of the key {} {why}", signer.key.legacy_key_id()));
                    }
                }
            }
        }
        by.extend(signature.issuer_key_id().into_iter().map(ToString::to_string));
    }
    if let Some(objection) = objection {
        return wrong(objection, "have it signed again");
    }
    let ours: Vec<String> = signers.iter().map(|signer| signer.key.legacy_key_id().to_string()).collect();
    if let Some(id) = by.iter().find(|id| ours.contains(id)) {
        return wrong(
            format!("the signature of the key {id} doesn't fit what is in it"),
            "the file was changed on its way: have it sent again",
        );
    }
    let by = if by.is_empty() { "somebody unknown".into() } else { format!("the key {}", listed(&by)) };
    wrong(
        format!("it is signed by {by}, not by {}", listed(&ours)),
        "if that sender is the right one, add their public key to `signed_by` in [format.pgp]",
    )
}
