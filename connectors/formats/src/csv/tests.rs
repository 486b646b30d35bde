use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use campaignd_contract::{BatchLimits, Completeness, ConnectorSettings as _, Format as _, MemoryBytes};

use super::{Csv, CsvSettings};

fn format(settings: &str) -> Csv {
    Csv::new(toml::from_str(settings).unwrap()).unwrap()
}

/// Everything a reader says, a line each: columns, rows with their place, rejects, trailer, error.
fn read(settings: &str, content: &[u8]) -> String {
    read_with(&format(settings), content, BatchLimits::default())
}

fn read_with(csv: &Csv, content: &[u8], limits: BatchLimits) -> String {
    let bytes = MemoryBytes::new("calls.csv", content.to_vec());
    let mut reader = match csv.open(&bytes, None, limits) {
        Ok(reader) => reader,
        Err(error) => return error.to_string(),
    };
    let names: Vec<_> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut lines = vec![names.join(" | ")];
    loop {
        let batch = match reader.next_batch() {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(error) => {
                lines.push(error.to_string());
                break;
            }
        };
        let mut read = Vec::new();
        for (row, place) in batch.places.iter().enumerate() {
            let texts: Vec<_> = (batch.records.columns().iter())
                .map(|column| column.as_string::<i32>())
                .map(|column| if column.is_null(row) { "NULL".into() } else { format!("{:?}", column.value(row)) })
                .collect();
            let (at, length) = (place.offset, place.length);
            read.push((place.ordinal, format!("{at}+{length} line {}: {}", place.line, texts.join(" | "))));
        }
        for reject in &batch.undecodable {
            let (at, length) = (reject.place.offset, reject.place.length);
            let field = reject.field.as_ref().map(|field| format!(" {field}")).unwrap_or_default();
            let what = format!("{}{field} {:?}: {}", reject.code, reject.text, reject.reason);
            read.push((reject.place.ordinal, format!("{at}+{length} line {}: {what}", reject.place.line)));
        }
        read.sort();
        lines.extend(read.into_iter().map(|(_, line)| line));
    }
    if let Some(trailer) = reader.trailer() {
        lines.push(format!("trailer on line {}: {:?}", trailer.line, trailer.fields));
    }
    lines.join("\n")
}

#[test]
fn sample_is_without_problems() {
    let sample: toml::Table = toml::from_str(CsvSettings::SAMPLE).unwrap();
    let mut table = sample["format"].as_table().unwrap().clone();
    assert_eq!(
        table.remove("kind").and_then(|kind| kind.as_str().map(str::to_owned)).as_deref(),
        Some(CsvSettings::KIND)
    );
    let settings: CsvSettings = table.try_into().unwrap();
    assert_eq!(settings.problems(), []);
    assert_eq!(settings, CsvSettings::default());
}

#[test]
fn places_and_values() {
    insta::assert_snapshot!(read("", b"a,b\r\n1,\"x,\"\"y\"\"\r\nz\"\r\n\r\n2,\r\n3,last"), @r#"
    a | b
    5+14 line 2: "1" | "x,\"y\"\r\nz"
    23+2 line 5: "2" | NULL
    27+6 line 6: "3" | "last"
    "#);
}

#[test]
fn rejects_and_goes_on() {
    insta::assert_snapshot!(read("", b"a,b\n1\n2,3,4\n5,\xff\n6,7\n\"8,9\n10,11\n"), @r#"
    a | b
    4+1 line 2: ragged_row "1": it has 1 instead of 2 fields
    6+5 line 3: ragged_row "2,3,4": it has 3 instead of 2 fields
    12+3 line 4: bad_encoding b "ff": it isn't UTF-8
    16+3 line 5: "6" | "7"
    20+11 line 6: unterminated_quote "\"8,9\n10,11\n": a quoted field has no end: the file ends inside it
    "#);
}

#[test]
fn preamble_footer_comment_trailer() {
    let settings = "skip_lines = 1\nskip_footer_lines = 1\ncomment = \"#\"\n[trailer]\nstarts_with = \"TRL\"\ncolumns = [\"t\", \"n\"]";
    insta::assert_snapshot!(read(settings, b"\xef\xbb\xbfreport\n#c\na,b\n1,2\n#c\nTRL,9\n3,4\n\nTRL,2\n\ntotal\n"), @r#"
    a | b
    17+3 line 4: "1" | "2"
    24+5 line 6: trailer_not_last "TRL,9": it starts like the trailer, but rows come after it
    30+3 line 7: "3" | "4"
    trailer on line 9: [("t", "TRL"), ("n", "2")]
    "#);
    let bytes = MemoryBytes::new("x", &b"report\na,b\nTRL,2\n\ntotal"[..]);
    assert_eq!(format(settings).completeness(&bytes).unwrap(), Completeness::Complete);
}

#[test]
fn long_rows_are_rejected_and_skipped() {
    let limits = BatchLimits { rows: 10, bytes: 100, row_bytes: 10 };
    let content = b"a,b\n1,2\n123456,7890\n3,4\n\"12345\n6789\",x\r\n5,6\n";
    insta::assert_snapshot!(read_with(&format(""), content, limits), @r#"
    a | b
    4+3 line 2: "1" | "2"
    8+11 line 3: row_too_long "123456,789": it is 11 bytes long, from line 3 to line 3, more than the 10 a row may have; a quote or bracket that isn't closed makes rows run together
    20+3 line 4: "3" | "4"
    24+14 line 5: row_too_long "\"12345\n678": it is 14 bytes long, from line 5 to line 6, more than the 10 a row may have; a quote or bracket that isn't closed makes rows run together
    40+3 line 7: "5" | "6"
    "#);
}
