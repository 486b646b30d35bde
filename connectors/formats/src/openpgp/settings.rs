//! `[format.pgp]`.

use std::path::PathBuf;

use campaignd_contract::{SecretReference, SettingsProblem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a file is encrypted with OpenPGP. All of it is decrypted once and found intact before its first row is given
/// out; a file that was changed or cut loads nothing. One without integrity protection, or encrypted to nobody's key
/// but with a passphrase, is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PgpSettings {
    /// Where the private key is, armored or binary, as `gpg --export-secret-keys` writes it. It may hold several keys:
    /// the one the file is encrypted to is taken.
    pub key: SecretReference,
    /// Where the private key's passphrase is, if it has one.
    #[serde(default)]
    pub passphrase: Option<SecretReference>,
    /// Files of public keys, armored or binary. Where there are any, a file must be signed by one of them. Without, nobody
    /// asks who signed it.
    #[serde(default)]
    pub signed_by: Vec<PathBuf>,
}

/// Adds what is wrong with `[format.pgp]`.
pub(crate) fn pgp_problems(pgp: Option<&PgpSettings>, problems: &mut Vec<SettingsProblem>) {
    let Some(pgp) = pgp else { return };
    for (index, path) in pgp.signed_by.iter().enumerate() {
        let place = format!("pgp.signed_by.{index}");
        if path.as_os_str().is_empty() {
            let help = "name the file of a public key, such as `keys/sender.asc`";
            problems.push(SettingsProblem::new(&place, "there is no file", help));
        } else if pgp.signed_by[..index].contains(path) {
            let help = "give each file once";
            problems.push(SettingsProblem::new(&place, format!("`{}` is there twice", path.display()), help));
        } else if pgp.key.file.as_ref() == Some(path) {
            let help =
                "export the sender's public key and name its file; your own private key says nothing of the sender";
            problems.push(SettingsProblem::new(&place, "is the private key", help));
        }
    }
    if pgp.passphrase.as_ref() == Some(&pgp.key) {
        let help = "the passphrase is another secret: give it a place of its own, or leave it out if the key has none";
        problems.push(SettingsProblem::new("pgp.passphrase", "is in the same place as the key", help));
    }
}
