//! What a fuzz target does: the first byte chooses a dialect, the others are the content, and whatever they are, the
//! format keeps its promises. Shared with the ordinary tests.

use std::sync::LazyLock;

use campaignd_contract::Format;
use campaignd_contract::conformance::format::check_content;
use campaignd_formats::{Compression, Csv, CsvSettings, FixedWidth, Json};

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
        .map(|settings| Csv::new(parsed(&format!("compression = \"none\"\n{settings}"))).expect("it has no problems"))
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
            FixedWidth::new(parsed(&settings)).expect("it has no problems")
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
                Json::new(parsed(&settings)).expect("it has no problems")
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
                Csv::new(settings).expect("it has no problems")
            })
            .into()
    });
    if let Some((format, content)) = chosen(&KINDS, data) {
        check_content(format, content, "any bytes", false);
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
