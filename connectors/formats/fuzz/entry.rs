//! What a fuzz target does: the first byte chooses a dialect, the others are the content, and whatever they are, the
//! format keeps its promises. Shared with the ordinary tests.

use std::path::Path;
use std::sync::LazyLock;

use campaignd_contract::Format;
use campaignd_contract::conformance::format::check_content;
use campaignd_formats::{Compression, CopybookFormat, Csv, CsvSettings, FixedWidth, Json};

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
