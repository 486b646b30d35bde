//! Files of a mainframe: generations, versions of the copybook, what header, trailer and control file say of them, and how
//! many bad values are too many.

use std::fs;

use campaignd_copybook::code_page::CodePage;
use sha2::{Digest as _, Sha256};

use crate::site::Site;

/// Some input was refused: `EX_DATAERR`.
const REFUSED: i32 = 65;

pub const COPYBOOK: &str = "       01  BILL-RECORD.
           05  REC-TYPE               PIC X.
           05  REC-DATA               PIC X(39).
           05  HEADER-DATA REDEFINES REC-DATA.
               10  FILE-ID            PIC X(8).
               10  RUN-DATE           PIC 9(8).
               10  FILLER             PIC X(23).
           05  LINE-DATA REDEFINES REC-DATA.
               10  LINE-ID            PIC X(6).
               10  BILL-DATE          PIC 9(8).
               10  AMOUNT             PIC 9(7)V99.
               10  UNITS              PIC 9(3).
               10  FILLER             PIC X(13).
           05  TRAILER-DATA REDEFINES REC-DATA.
               10  TRAILER-FILE-ID    PIC X(8).
               10  RECORD-COUNT       PIC 9(6).
               10  AMOUNT-TOTAL       PIC 9(9)V99.
               10  FILLER             PIC X(14).
";

pub const PIPELINE: &str = r#"name = "bills"

[source]
kind = "file"
path = "in/BILLS.*"
ready = "unchanged"
unchanged_seconds = 0
ignore = ["*.ctl"]

[format]
kind = "copybook"
copybook = "BILLS.cpy"
date_in_name = "%Y%m%d"
FORMAT

[format.header]
when = "REC-TYPE = 'H'"
[format.trailer]
when = "REC-TYPE = 'T'"
[format.when]
HEADER-DATA = "REC-TYPE = 'H'"
LINE-DATA = "REC-TYPE = 'L'"
TRAILER-DATA = "REC-TYPE = 'T'"

[[output]]
record = "campaign_cost"
[output.fields]
source_system = "'mainframe'"
source_key = "line_id"
cost_kind = "'media'"
period_start = "to_date(bill_date, '%Y%m%d')"
amount = "money(amount, 'plain')"
currency_code = "'USD'"
invoice_reference = "units"
"#;

pub const CONTROL: &str = r#"
[control]
rows = "trailer.record_count"
rows_include = ["header", "trailer"]
sums = { "sum(money(amount, 'plain'))" = "trailer.amount_total" }
equal = { "trailer.trailer_file_id" = "header.file_id" }
business_date = { value = "header.run_date", expected = "name", name_format = "%Y%m%d" }
"#;

/// A site with one pipeline. `format` are lines of `[format]`.
fn site(format: &str, more: &str) -> Site {
    let site = Site::new("");
    site.write("BILLS.cpy", COPYBOOK);
    site.write("pipelines/bills.toml", PIPELINE.replace("FORMAT", format) + more);
    site
}

fn ebcdic(text: &str) -> Vec<u8> {
    let page = CodePage::named("cp037").unwrap();
    text.chars().map(|c| page.byte_of(c).unwrap()).collect()
}

/// A file of the lines from `from` on, 1.25 each.
pub struct Bills {
    pub file_id: &'static str,
    pub trailer_file_id: &'static str,
    pub run_date: &'static str,
    pub from: usize,
    pub lines: usize,
    /// What the units of the first lines say.
    pub bad_units: usize,
}

pub const BILLS: Bills =
    Bills { file_id: "BILL0001", trailer_file_id: "BILL0001", run_date: "20260731", from: 0, lines: 4, bad_units: 0 };

impl Bills {
    pub fn bytes(&self) -> Vec<u8> {
        let mut text = format!("{:<40}", format!("H{}{}", self.file_id, self.run_date));
        for line in 0..self.lines {
            let units = if line < self.bad_units { "1 x" } else { "007" };
            text += &format!("{:<40}", format!("L{:06}20260731000000125{units}", self.from + line));
        }
        let (count, total) = (self.lines + 2, self.lines * 125);
        text += &format!("{:<40}", format!("T{}{count:06}{total:011}", self.trailer_file_id));
        ebcdic(&text)
    }
}

/// Names of the loaded files in the order in which they were.
const ORDER: &str = "SELECT group_concat(name, ' ') FROM \
                     (SELECT f.name FROM etl_file f JOIN etl_batch b ON b.unit_id = f.unit_id \
                      WHERE f.state = 'loaded' ORDER BY b.batch_no)";

fn costs(site: &Site) -> i64 {
    site.number("SELECT count(*) FROM campaign_cost")
}

#[test]
fn what_a_file_says_of_itself_must_agree() {
    let site = site("", CONTROL);
    site.write("in/BILLS.20260731", BILLS.bytes());
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 4);
    let agreed = "SELECT group_concat(measure || ' ' || expected_text || ' ' || actual_text, '; ') FROM \
                  (SELECT * FROM etl_control WHERE measure LIKE 'declared:%' ORDER BY measure)";
    assert_eq!(
        site.text(agreed),
        "declared:business date 2026-07-31 2026-07-31; declared:rows and header and trailer 6 6; \
         declared:sum(money(amount, 'plain')) 5.00 5; \
         declared:trailer.trailer_file_id = header.file_id BILL0001 BILL0001"
    );
    for (name, bills, why) in [
        ("BILLS.20260801", Bills { from: 10, ..BILLS }, "business date: declared 2026-07-31, due 2026-08-01"),
        (
            "BILLS.B.20260731",
            Bills { from: 20, trailer_file_id: "BILL0002", ..BILLS },
            "trailer.trailer_file_id = header.file_id: declared BILL0002, in the other place BILL0001",
        ),
        (
            "BILLS.C.20260731",
            Bills { from: 30, run_date: "2026073X", ..BILLS },
            "business date: declared nothing (header.run_date is missing: byte 0xE7 at 8 is no digit",
        ),
    ] {
        site.write(&format!("in/{name}"), bills.bytes());
        let said = site.run(&["once"]).expect(REFUSED);
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(costs(&site), 4, "nothing of them is visible");
}

#[test]
fn a_file_that_is_not_what_was_sent_is_quarantined_before_it_is_read() {
    let control =
        "[control]\nfile = \"{name}.ctl\"\nchecksum = { algorithm = \"sha256\", value = \"control.checksum\" }\n";
    let site = site("", control);
    let bytes = BILLS.bytes();
    let sum = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    site.write("in/BILLS.20260731", &bytes);
    site.write("in/BILLS.20260731.ctl", format!("{}  BILLS.20260731\n", sum(&bytes)));
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 4);

    site.write("in/BILLS.20260801", &bytes[..100]);
    site.write("in/BILLS.20260801.ctl", format!("{}  BILLS.20260801\n", sum(&bytes)));
    let said = site.run(&["once"]).expect(REFUSED);
    assert!(said.contains("it isn't what was sent: checksum: declared"), "{said}");
    assert!(said.contains(&sum(&bytes[..100])), "{said}");
}

#[test]
fn generations_are_loaded_one_after_the_other() {
    let site = site("", "[generations]\ngap = \"hold\"\n");
    let write =
        |generation: &str, from: usize| site.write(&format!("in/BILLS.{generation}"), Bills { from, ..BILLS }.bytes());
    write("G9999V00", 10);
    write("G0001V00", 20);
    write("G9998V00", 0);
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 12);
    assert_eq!(site.text(ORDER), "BILLS.G9998V00 BILLS.G9999V00 BILLS.G0001V00", "the round starts again after 9999");
}

#[test]
fn a_missing_generation_holds_those_after_it() {
    let site = site("", "[generations]\n");
    let write =
        |generation: &str, from: usize| site.write(&format!("in/BILLS.{generation}"), Bills { from, ..BILLS }.bytes());
    write("G9998V00", 0);
    site.run(&["once"]).expect(0);
    write("G0001V00", 20);
    write("G0002V00", 30);
    let said = site.run(&["once"]).expect(REFUSED);
    assert!(said.contains("G9999 hasn't come: the last one loaded is BILLS.G9998V00"), "{said}");
    assert_eq!(costs(&site), 4);
    // It comes, and the others follow in their order, over the end of the round.
    write("G9999V00", 10);
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 16);
    assert_eq!(site.text(ORDER), "BILLS.G9998V00 BILLS.G9999V00 BILLS.G0001V00 BILLS.G0002V00");

    // Yesterday's file under today's number isn't counted twice, and the next one may come.
    fs::copy(site.path("in/BILLS.G0002V00"), site.path("in/BILLS.G0003V00")).unwrap();
    let said = site.run(&["once"]).expect(0);
    assert!(said.contains("same content as BILLS.G0002V00"), "{said}");
    write("G0005V00", 40);
    site.run(&["once"]).expect(REFUSED);
    site.run(&["once", "bills", "--accept", "BILLS.G0005V00"]).expect(0);
    write("G0004V00", 50);
    let said = site.run(&["once"]).expect(REFUSED);
    assert!(said.contains("it is older than BILLS.G0005V00"), "{said}");
    assert_eq!(costs(&site), 20);
}

#[test]
fn a_bad_value_may_be_left_out_and_is_noted() {
    let site = site("bad_values = { UNITS = \"null\" }", CONTROL);
    site.write("in/BILLS.20260731", Bills { bad_units: 1, ..BILLS }.bytes());
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 4);
    assert_eq!(site.number("SELECT count(*) FROM campaign_cost WHERE invoice_reference IS NULL"), 1);
    let noted = site.run(&["rejects", "list", "--state", "noted", "--format", "csv"]).expect(0);
    assert!(noted.contains("UNITS") && noted.contains("the record is read without it"), "{noted}");
    assert!(!site.run(&["rejects", "list", "--format", "csv"]).expect(0).contains("UNITS"), "nothing is to be done");
    assert_eq!(site.number("SELECT rejected_total FROM etl_control WHERE measure = 'rows' AND output_no = 0"), 0);
}

#[test]
fn a_file_with_too_large_a_share_of_bad_rows_is_quarantined() {
    let site = site("", "[rejects]\nat_most_share = \"25%\"\n");
    site.write("in/BILLS.20260731", Bills { bad_units: 1, ..BILLS }.bytes());
    site.run(&["once"]).expect(0);
    assert_eq!(costs(&site), 3, "one in four is just within");
    site.write("in/BILLS.20260801", Bills { bad_units: 2, from: 10, ..BILLS }.bytes());
    let said = site.run(&["once"]).expect(REFUSED);
    assert!(said.contains("2 of 4 rows were rejected and rejects.at_most_share is 25%"), "{said}");
    assert_eq!(costs(&site), 3);
    assert_eq!(site.number("SELECT count(*) FROM etl_reject"), 1, "nothing of it is visible");
}

#[test]
fn a_field_can_end_the_file() {
    let site = site("bad_values = { UNITS = \"fail\" }", "");
    site.write("in/BILLS.20260731", Bills { bad_units: 1, ..BILLS }.bytes());
    let said = site.run(&["once"]).expect(REFUSED);
    assert!(said.contains("could not read record 2 of BILLS.20260731, at byte 40") && said.contains("UNITS"), "{said}");
    assert_eq!(costs(&site), 0);
}

#[test]
fn another_text_of_the_copybook_is_another_pipeline_to_the_ledger() {
    let site = site("", "");
    site.write("in/BILLS.20260731", BILLS.bytes());
    site.run(&["once"]).expect(0);
    site.replace("BILLS.cpy", "UNITS  ", "PIECES ");
    site.replace("pipelines/bills.toml", "invoice_reference = \"units\"", "invoice_reference = \"pieces\"");
    site.write("in/BILLS.20260801", Bills { from: 10, ..BILLS }.bytes());
    site.run(&["once"]).expect(0);
    assert_eq!(site.number("SELECT count(DISTINCT config_hash) FROM etl_batch"), 2);
    site.replace("BILLS.cpy", "       01  BILL-RECORD.", "      * Bills\n       01  BILL-RECORD.");
    site.write("in/BILLS.20260802", Bills { from: 20, ..BILLS }.bytes());
    site.run(&["once"]).expect(0);
    assert_eq!(site.number("SELECT count(DISTINCT config_hash) FROM etl_batch"), 3);
}
