//! What the toll-free minutes cost, as the mainframe's billing run writes it: EBCDIC records of 60 bytes, described by
//! `copybooks/BILLING.cpy`.

use campaignd_copybook::code_page::CodePage;

use super::files::{GenerateError, Writer};

/// Bytes of a record.
const LENGTH: usize = 60;

/// What an account used in a month.
pub struct Usage {
    /// The part.
    pub account: &'static str,
    /// Month of 2026, and its last day.
    pub month: i64,
    /// Its last day.
    pub last_day: u8,
    /// Seconds of calls.
    pub seconds: i64,
    /// What it costs in the end, in cents.
    pub cents: i64,
}

/// Billed too much at first, and given back by a rebate, in cents.
const REBATE: i64 = 500;

/// Writes one generation of the file. Its trailer claims `too_much` cents more than its records.
pub fn write(generation: i64, usages: &[Usage], too_much: i64, writer: &mut Writer) -> Result<(), GenerateError> {
    let mut records = vec![Record::new('H').text("BILLTFN ", 8).text(&format!("2026{generation:02}01"), 8).bytes];
    let (mut count, mut total) = (0, 0);
    for (number, usage) in usages.iter().enumerate() {
        let Usage { account, month, last_day, seconds, cents } = usage;
        let invoice = format!("TF26{generation:02}{:02}", number + 1);
        let first = format!("2026{month:02}01");
        records.push(
            Record::new('U')
                .text(account, 14)
                .text(&invoice, 10)
                .text(&first, 8)
                .text(&format!("2026{month:02}{last_day:02}"), 8)
                .binary(*seconds)
                .packed(cents + REBATE)
                .bytes,
        );
        records.push(
            Record::new('R').text(account, 14).text(&format!("{invoice}R"), 10).text(&first, 8).packed(-REBATE).bytes,
        );
        count += 2;
        total += cents;
    }
    let total = total + too_much;
    records.push(Record::new('T').text(&format!("{count:07}"), 7).zoned(total).bytes);
    let mut file = Vec::with_capacity(LENGTH * records.len());
    for mut record in records {
        record.resize(LENGTH, ebcdic(' '));
        file.extend_from_slice(&record);
    }
    writer.plain(&format!("billing/BILLING.G{generation:04}V00"), &file)
}

/// A record in the making.
struct Record {
    bytes: Vec<u8>,
}

impl Record {
    fn new(kind: char) -> Self {
        Self { bytes: vec![ebcdic(kind)] }
    }

    /// Text, filled up with blanks.
    fn text(mut self, text: &str, length: usize) -> Self {
        self.bytes.extend(format!("{text:<length$}").chars().take(length).map(ebcdic));
        self
    }

    /// Four bytes, highest first: `PIC 9(9) COMP`.
    fn binary(mut self, number: i64) -> Self {
        let number = u32::try_from(number).expect("seconds of a month fit nine digits");
        self.bytes.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Two digits a byte, the sign last: `PIC S9(9)V99 COMP-3`.
    fn packed(mut self, cents: i64) -> Self {
        let digits = format!("{:011}{}", cents.unsigned_abs(), if cents < 0 { 'D' } else { 'C' });
        let half = |c: char| u8::try_from(c.to_digit(16).expect("digits and a sign")).expect("below 16");
        let halves: Vec<u8> = digits.chars().map(half).collect();
        self.bytes.extend(halves.chunks(2).map(|pair| pair[0] << 4 | pair[1]));
        self
    }

    /// A digit a byte, the sign in the last one: `PIC S9(11)V99`.
    fn zoned(mut self, cents: i64) -> Self {
        let digits = format!("{:013}", cents.unsigned_abs());
        self.bytes.extend(digits.bytes().map(|digit| 0xF0 | (digit & 0x0F)));
        let sign = if cents < 0 { 0xD0 } else { 0xC0 };
        if let Some(last) = self.bytes.last_mut() {
            *last = sign | (*last & 0x0F);
        }
        self
    }
}

fn ebcdic(c: char) -> u8 {
    CodePage::named("cp037").and_then(|page| page.byte_of(c)).expect("the demo writes letters, digits and blanks")
}
