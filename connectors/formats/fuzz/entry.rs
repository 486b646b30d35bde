//! What a fuzz target does: the first byte chooses a dialect, the others are the content, and whatever they are, the
//! format keeps its promises. Shared with the ordinary tests.

use std::path::Path;
use std::sync::LazyLock;

use campaignd_contract::Format;
use campaignd_contract::conformance::format::check_content;
use campaignd_formats::{Compression, CopybookFormat, Csv, CsvSettings, FixedWidth, Json};
use pgp::composed::{Deserializable as _, RawSessionKey, SignedSecretKey};
use pgp::crypto::sym::SymmetricKeyAlgorithm::AES128;
use pgp::packet::{PacketTrait as _, PublicKeyEncryptedSessionKey, SymEncryptedProtectedData};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// Any bytes as CSV.
pub fn csv(data: &[u8]) {
    static DIALECTS: LazyLock<Vec<Csv>> = LazyLock::new(|| {
        [
            "",
            "quote = \"\"\nragged = \"pad\"",
            "quote = \"'\"\nescape = \"\\\\\"\nheader = false\ncolumns = [\"a\", \"b\"]",
            "comment = \"#\"\nskip_lines = 1\nskip_footer_lines = 1\ntrim = true",
            "header = false\ncolumns = [\"a\"]\n[trailer]\nstarts_with = \"TRL\"\ncolumns = [\"t\", \"n\"]",
            "encoding = \"windows-1252\"\nragged = \"pad\"",
            "encoding = \"utf-16le\"\nheader = false\ncolumns = [\"a\", \"b\"]",
            "encoding = \"shift_jis\"\nheader = false\ncolumns = [\"a\", \"b\"]\nragged = \"pad\"",
        ]
        .map(|settings| {
            Csv::new(parsed(&format!("compression = \"none\"\n{settings}")), Path::new("")).expect("it has no problems")
        })
        .into()
    });
    check(&DIALECTS, data);
}

/// Any bytes as fixed width.
pub fn fixed_width(data: &[u8]) {
    static DIALECTS: LazyLock<Vec<FixedWidth>> = LazyLock::new(|| {
        [
            "",
            "ragged = \"pad\"\nskip_lines = 1\nskip_footer_lines = 2",
            "record_length = 5",
            "encoding = \"iso-8859-15\"\ntrim = \"right\"",
            "[trailer]\nstarts_with = \"TRL\"\ncolumns = [{ name = \"n\", start = 4, length = 2 }]",
        ]
        .map(|settings| {
            let columns = "[{ name = \"a\", start = 1, length = 2 }, { name = \"b\", start = 2, length = 3 }]";
            let settings = format!("compression = \"none\"\ncolumns = {columns}\n{settings}");
            FixedWidth::new(parsed(&settings), Path::new("")).expect("it has no problems")
        })
        .into()
    });
    check(&DIALECTS, data);
}

/// Any bytes as JSON.
pub fn json(data: &[u8]) {
    static DIALECTS: LazyLock<Vec<Json>> = LazyLock::new(|| {
        ["", "layout = \"array\"", "layout = \"array\"\narray_path = \"a[1]\"", "encoding = \"windows-1252\""]
            .map(|settings| {
                let columns = "[columns]\na = \"a\"\nb = \"a.b\"\nc = \"c[0]\"\nd = \"[0]\"";
                let settings = format!("compression = \"none\"\n{settings}\n{columns}");
                Json::new(parsed(&settings), Path::new("")).expect("it has no problems")
            })
            .into()
    });
    check(&DIALECTS, data);
}

/// Any bytes as a mainframe's records. The copybook stands in a folder that goes when the process does, or stays behind.
pub fn copybook(data: &[u8]) {
    const RECORDS: &str = "       01 R. 05 KIND PIC X. 05 REST PIC X(7). 05 D REDEFINES REST.
           10 N PIC 9.
           10 T OCCURS 0 TO 3 DEPENDING ON N. 15 P PIC S9(3) COMP-3.
       01 TAIL. 05 FILLER PIC X. 05 TOTAL PIC S9(4)V99.";
    static DIALECTS: LazyLock<Vec<CopybookFormat>> = LazyLock::new(|| {
        let folder = std::env::temp_dir().join(format!("copybook-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("there is a folder for temporary files");
        std::fs::write(folder.join("R.cpy"), RECORDS).expect("it can be written to");
        [
            "framing = \"fixed\"\nextra_bytes = \"ignore\"",
            "framing = \"variable\"",
            "framing = \"variable_blocked\"",
            "framing = \"layout\"\nnull_numbers = [\"blanks\", \"low_values\"]",
            "framing = \"lines\"\ncode_page = \"ascii\"",
            "framing = \"variable\"\n[descriptor]\nbyte_order = \"little\"\ncounts_itself = false",
        ]
        .map(|settings| {
            let records = "[header]\nwhen = \"KIND = 'H'\"\n[trailer]\nwhen = \"KIND = 'T'\"\n\
                           [when]\nD = \"KIND = 'D'\"\nTAIL = \"KIND = 'T'\"";
            let (before, descriptor) = settings.split_once("\n[").unwrap_or((settings, ""));
            let descriptor = if descriptor.is_empty() { String::new() } else { format!("[{descriptor}\n") };
            let settings = format!("copybook = \"R.cpy\"\n{before}\n{descriptor}{records}");
            let format = CopybookFormat::new(parsed(&settings), &folder).expect("it has no problems");
            format.declared_columns().expect("the copybook is right");
            format
        })
        .into()
    });
    check(&DIALECTS, data);
}

/// Any bytes as a compressed file.
pub fn compression(data: &[u8]) {
    static KINDS: LazyLock<Vec<Csv>> = LazyLock::new(|| {
        [Compression::Auto, Compression::Gzip, Compression::Zstd, Compression::Bzip2, Compression::Zip]
            .map(|compression| {
                let mut settings = CsvSettings { compression, header: false, ..CsvSettings::default() };
                settings.columns = vec!["a".into(), "b".into()];
                settings.archive.max_bytes = 1 << 20;
                Csv::new(settings, Path::new("")).expect("it has no problems")
            })
            .into()
    });
    if let Some((format, content)) = chosen(&KINDS, data) {
        check_content(format, content, "any bytes", false);
    }
}

/// Any bytes as an encrypted file, or as what is inside of one: whoever knows our public key may encrypt anything to us.
/// The key, which is worth nothing, stands in a folder as the copybook does.
pub fn openpgp(data: &[u8]) {
    const KEY: &str = include_str!("../tests/formats/openpgp/keys/receiver.key");
    const SESSION_KEY: [u8; 16] = [7; 16];
    static RECEIVED: LazyLock<(Csv, Vec<u8>)> = LazyLock::new(|| {
        let folder = std::env::temp_dir().join(format!("openpgp-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("there is a folder for temporary files");
        std::fs::write(folder.join("key"), KEY).expect("it can be written to");
        let owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(folder.join("key"), owner).expect("it is ours");
        let settings = "header = false\ncolumns = [\"a\", \"b\"]\n[archive]\nmax_bytes = 1048576\n\
                        [pgp]\nkey = { file = \"key\" }";
        let (key, _) = SignedSecretKey::from_string(KEY).expect("it is a key");
        let (to, session_key) = (&key.to_public_key().public_subkeys[0].key, RawSessionKey::from(&SESSION_KEY[..]));
        let random = StdRng::seed_from_u64(7);
        let recipient = PublicKeyEncryptedSessionKey::from_session_key_v3(random, &session_key, AES128, to);
        let mut message = Vec::new();
        recipient.and_then(|packet| packet.to_writer_with_header(&mut message)).expect("the key can encrypt");
        (Csv::new(parsed(settings), &folder).expect("it has no problems"), message)
    });
    let (format, recipient) = &*RECEIVED;
    match data.split_first() {
        Some((0, stored)) => _ = check_content(format, stored, "any bytes", false),
        Some((_, inner)) => {
            let mut message = recipient.clone();
            SymEncryptedProtectedData::encrypt_seipdv1(StdRng::seed_from_u64(7), AES128, &SESSION_KEY, inner)
                .and_then(|packet| packet.to_writer_with_header(&mut message))
                .expect("anything can be encrypted");
            check_content(format, &message, "any packets", false);
        }
        None => {}
    }
}

fn check<F: Format>(dialects: &[F], data: &[u8]) {
    if let Some((format, content)) = chosen(dialects, data) {
        check_content(format, content, "any bytes", true);
    }
}

fn chosen<'a, F>(formats: &'a [F], data: &'a [u8]) -> Option<(&'a F, &'a [u8])> {
    let (choice, content) = data.split_first()?;
    Some((&formats[usize::from(*choice) % formats.len()], content))
}

fn parsed<S: serde::de::DeserializeOwned>(settings: &str) -> S {
    toml::from_str(settings).expect("it is TOML that fits the settings")
}
