//! The records that are decoded, and their copybooks.

use campaignd_copybook::code_page::CodePage;

/// A customer of 200 bytes and 23 fields: 109 bytes of text, 67 packed, 18 zoned, 6 binary.
pub const CUSTOMER: &str = "       01  CUSTOMER.
           05  CUSTOMER-NO         PIC X(10).
           05  NAME                PIC X(30).
           05  STREET              PIC X(30).
           05  CITY                PIC X(25).
           05  REGION              PIC X(2).
           05  POSTCODE            PIC X(10).
           05  STATUS-CODE         PIC X(2).
           05  BALANCES.
               10  BALANCE-1       PIC S9(9)V99 COMP-3.
               10  BALANCE-2       PIC S9(9)V99 COMP-3.
               10  BALANCE-3       PIC S9(9)V99 COMP-3.
               10  BALANCE-4       PIC S9(9)V99 COMP-3.
               10  BALANCE-5       PIC S9(9)V99 COMP-3.
               10  BALANCE-6       PIC S9(9)V99 COMP-3.
               10  BALANCE-7       PIC S9(9)V99 COMP-3.
               10  BALANCE-8       PIC S9(9)V99 COMP-3.
               10  RATE-1          PIC S9(3)V9(4) COMP-3.
               10  RATE-2          PIC S9(3)V9(4) COMP-3.
               10  RATE-3          PIC S9(5) COMP-3.
               10  RATE-4          PIC S9(5) COMP-3.
               10  LIMIT-1         PIC S9(9) COMP-3.
           05  OPENED              PIC 9(8).
           05  POINTS              PIC S9(8)V99.
           05  VISITS              PIC S9(9) COMP.
           05  BRANCH              PIC 9(4) COMP.
";

/// An order with a table.
pub const ORDER: &str = "       01  ORDER-RECORD.
           05  ORDER-NO            PIC X(10).
           05  CUSTOMER            PIC X(30).
           05  LINE-COUNT          PIC 9(4) COMP.
           05  ORDER-LINES OCCURS 0 TO 20 DEPENDING ON LINE-COUNT.
               10  SKU             PIC X(8).
               10  PIECES          PIC S9(5) COMP-3.
               10  PRICE           PIC S9(7)V99 COMP-3.
           05  TOTAL               PIC S9(9)V99.
";

fn text(text: &str, length: usize) -> Vec<u8> {
    let page = CodePage::named("cp037").expect("it is a page");
    format!("{text:<length$}").chars().take(length).map(|c| page.byte_of(c).unwrap_or(0x40)).collect()
}

/// A packed number of so many bytes.
fn packed(number: usize, bytes: usize) -> Vec<u8> {
    let digits = format!("{number:0width$}{}", if number.is_multiple_of(3) { 'D' } else { 'C' }, width = 2 * bytes - 1);
    let half = |c: &u8| u8::try_from(char::from(*c).to_digit(16).unwrap_or(0)).unwrap_or(0);
    digits.as_bytes().chunks(2).map(|pair| half(&pair[0]) << 4 | half(&pair[1])).collect()
}

/// The bytes of a customer.
pub fn customer(number: usize) -> Vec<u8> {
    let mut record = text(&format!("C{number:09}"), 10);
    record.extend(text("Eleanor Whitcombe", 30));
    record.extend(text(&format!("{} Prospect Street", number % 900), 30));
    record.extend(text("Albany", 25));
    record.extend(text("NY", 2));
    record.extend(text("12207", 10));
    record.extend(text("A1", 2));
    for balance in 0..8 {
        record.extend(packed(number * 37 + balance, 6));
    }
    record.extend(packed(number % 1_000_000, 4));
    record.extend(packed(number % 999, 4));
    record.extend(packed(number % 99_999, 3));
    record.extend(packed(number % 77, 3));
    record.extend(packed(number, 5));
    record.extend(text("20260704", 8));
    record.extend(text(&format!("{:010}", number * 7), 10));
    record.extend(u32::try_from(number % 1_000).unwrap_or(0).to_be_bytes());
    record.extend(u16::try_from(number % 300).unwrap_or(0).to_be_bytes());
    record
}

/// The bytes of an order.
pub fn order(number: usize) -> Vec<u8> {
    let lines = number % 21;
    let mut record = text(&format!("O{number:09}"), 10);
    record.extend(text("Eleanor Whitcombe", 30));
    record.extend(u16::try_from(lines).unwrap_or(0).to_be_bytes());
    for line in 0..lines {
        record.extend(text(&format!("SKU{line:05}"), 8));
        record.extend(packed(line + 1, 3));
        record.extend(packed(number % 99_999, 5));
    }
    record.extend(text(&format!("{:011}", number * 3), 11));
    record
}
