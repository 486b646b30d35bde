//! Public files of mainframes, and what is known of them from elsewhere. Skipped, saying so, where they aren't there.

use std::collections::BTreeMap;

use campaignd_copybook::Copybook;
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::decode::{Decoder, Fault, Options, Value, Visitor};
use campaignd_copybook::layout::{ItemId, Layout};
use campaignd_copybook::routing::{Choices, Chosen};

use super::{data, told};

/// The fields of a record by name.
struct Fields<'l> {
    layout: &'l Layout,
    wanted: Vec<bool>,
    values: BTreeMap<String, String>,
    faults: Vec<Fault>,
}

impl Visitor for Fields<'_> {
    fn wants(&mut self, item: ItemId) -> bool {
        self.wanted[item]
    }
    fn value(&mut self, item: ItemId, value: Value<'_>) {
        let value = match value {
            Value::Text(text) => text.to_owned(),
            Value::Number(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        self.values.insert(self.layout.items[item].name.clone(), value);
    }
    fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }
}

type Records = Vec<(BTreeMap<String, String>, Vec<String>)>;

/// All records of a file of fixed length.
fn records(copybook: &str, file: &str, page: &str, conditions: &[(&str, &str)]) -> Option<(Layout, Records)> {
    let (copybook, file) = (data(copybook)?, data(file)?);
    let text = String::from_utf8_lossy(&std::fs::read(&copybook).unwrap()).into_owned();
    let layout = Copybook::parse(&copybook.display().to_string(), &text, &()).unwrap().layout;
    let mut bytes = std::fs::read(file).unwrap();
    if page == "ascii" {
        bytes.retain(|byte| !matches!(byte, b'\n' | b'\r'));
    }
    let options = Options::z_os(CodePage::named(page).unwrap());
    let mut decoder = Decoder::new(layout.clone().into(), options);
    let choices = Choices::parse(&layout, conditions.iter().copied()).unwrap();
    let mut chosen = Chosen::default();
    let length = usize::try_from(layout.longest(layout.records[0])).unwrap();
    let mut records = Vec::new();
    for record in bytes.chunks(length) {
        assert!(choices.choose(record, &decoder, &mut chosen));
        let wanted = chosen.wanted.clone();
        let mut fields = Fields { layout: &layout, wanted, values: BTreeMap::new(), faults: Vec::new() };
        assert_eq!(decoder.decode(chosen.record, record, &mut fields), Some(record.len()));
        records.push((fields.values, fields.faults.iter().map(|fault| told(&layout, fault)).collect()));
    }
    Some((layout, records))
}

/// The sum of a field, in hundredths.
fn total(records: &Records, field: &str) -> i64 {
    let amounts = records.iter().filter_map(|(values, _)| values.get(field));
    amounts.map(|amount| amount.replace('.', "").parse::<i64>().unwrap()).sum()
}

#[test]
fn daily_transactions() {
    let copybook = "carddemo/cpy/CVTRA06Y.cpy";
    let Some((layout, ebcdic)) = records(copybook, "carddemo/EBCDIC/AWS.M2.CARDDEMO.DALYTRAN.PS", "cp037", &[]) else {
        return;
    };
    assert_eq!((layout.longest(0), ebcdic.len()), (350, 300));
    assert!(ebcdic.iter().all(|(_, faults)| faults.is_empty()));
    assert_eq!(total(&ebcdic, "DALYTRAN-AMT"), 10_480_154);
    assert_eq!(ebcdic.iter().filter(|(values, _)| values["DALYTRAN-AMT"].starts_with('-')).count(), 50);
    // Field by field as the translated file has them.
    let Some((_, ascii)) = records(copybook, "carddemo/ASCII/dailytran.txt", "ascii", &[]) else { return };
    assert_eq!(ebcdic, ascii);
}

#[test]
fn accounts() {
    let copybook = "carddemo/cpy/CVACT01Y.cpy";
    let Some((layout, accounts)) = records(copybook, "carddemo/EBCDIC/AWS.M2.CARDDEMO.ACCTDATA.PS", "cp037", &[])
    else {
        return;
    };
    assert_eq!((layout.longest(0), accounts.len()), (300, 50));
    assert_eq!((total(&accounts, "ACCT-CURR-BAL"), total(&accounts, "ACCT-CREDIT-LIMIT")), (1_226_900, 23_371_100));
    let Some((_, ascii)) = records(copybook, "carddemo/ASCII/acctdata.txt", "ascii", &[]) else { return };
    // The translated file is older: one account has another postal code in it.
    let differing: Vec<_> = accounts.iter().zip(&ascii).filter(|(ebcdic, ascii)| ebcdic != ascii).collect();
    let [((ebcdic, _), (ascii, _))] = differing.as_slice() else { panic!("{differing:#?}") };
    assert_eq!((ebcdic["ACCT-ADDR-ZIP"].as_str(), ascii["ACCT-ADDR-ZIP"].as_str()), ("ZEROAPR", "A000000000"));
}

#[test]
fn an_export_of_five_kinds_of_records() {
    let conditions = [
        ("EXPORT-CUSTOMER-DATA", "EXPORT-REC-TYPE = 'C'"),
        ("EXPORT-ACCOUNT-DATA", "EXPORT-REC-TYPE = 'A'"),
        ("EXPORT-TRANSACTION-DATA", "EXPORT-REC-TYPE = 'T'"),
        ("EXPORT-CARD-XREF-DATA", "EXPORT-REC-TYPE = 'X'"),
        ("EXPORT-CARD-DATA", "EXPORT-REC-TYPE = 'D'"),
    ];
    let file = "carddemo/EBCDIC/AWS.M2.CARDDEMO.EXPORT.DATA.PS";
    let Some((layout, records)) = records("carddemo/cpy/CVEXPORT.cpy", file, "cp037", &conditions) else { return };
    assert_eq!((layout.longest(0), records.len()), (500, 500));
    assert!(records.iter().all(|(_, faults)| faults.is_empty()), "{records:#?}");
    let mut kinds = BTreeMap::new();
    for (values, _) in &records {
        *kinds.entry(values["EXPORT-REC-TYPE"].as_str()).or_insert(0) += 1;
        assert!(!values.contains_key("EXPORT-RECORD-DATA"));
    }
    assert_eq!(kinds, BTreeMap::from([("A", 50), ("C", 50), ("D", 50), ("T", 300), ("X", 50)]));
    assert_eq!(total(&records, "EXP-TRAN-AMT"), 10_480_154);
    let mut numbers: Vec<u32> =
        records.iter().map(|(values, _)| values["EXPORT-SEQUENCE-NUM"].parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!((numbers.len(), numbers.first(), numbers.last()), (500, Some(&1), Some(&509)));
}

#[test]
fn sales() {
    let Some((layout, sales)) = records("dtar020/DTAR020.cbl", "dtar020/DTAR020.bin", "cp037", &[]) else { return };
    assert_eq!((layout.longest(layout.records[0]), sales.len()), (27, 379));
    let expected = std::fs::read_to_string(data("dtar020/DTAR020.csv").unwrap()).unwrap();
    let names = ["KEYCODE-NO", "STORE-NO", "DATE", "DEPT-NO", "QTY-SOLD", "SALE-PRICE"];
    for (index, ((values, faults), line)) in sales.iter().zip(expected.lines().skip(1)).enumerate() {
        assert_eq!(faults, &[] as &[String]);
        let found: Vec<&str> = names.iter().map(|name| values[&format!("DTAR020-{name}")].as_str()).collect();
        assert_eq!(found.join("\t"), line, "record {}", index + 1);
    }
    assert_eq!(expected.lines().count(), 380);
}

/// Bytes that are no packed numbers: the good records are read, the others say which bytes.
#[test]
fn sales_with_errors() {
    let Some((_, sales)) = records("dtar020/DTAR020.cbl", "dtar020/DTAR020_small_error.bin", "cp037", &[]) else {
        return;
    };
    assert_eq!((sales.len(), sales.iter().filter(|(_, faults)| faults.is_empty()).count()), (20, 17));
    let told: Vec<String> = (1..)
        .zip(&sales)
        .flat_map(|(number, (_, faults))| faults.iter().map(move |fault| format!("record {number}: {fault}")))
        .collect();
    let expected = [
        "record 6: DTAR020-DEPT-NO at 14 [28 00] bad_packed: sign nibble 0x0 in a packed number",
        "record 6: DTAR020-SALE-PRICE at 21 [00 00 00 00 50 10] bad_packed: sign nibble 0x0 in a packed number",
        "record 8: DTAR020-QTY-SOLD at 16 [40 40 40 40 40] blank_number: it is blank",
        "record 8: DTAR020-SALE-PRICE at 21 [40 40 40 40 40 40] blank_number: it is blank",
        "record 10: DTAR020-QTY-SOLD at 16 [00 00 00 00 10] bad_packed: sign nibble 0x0 in a packed number",
        "record 10: DTAR020-SALE-PRICE at 21 [00 00 00 00 39 90] bad_packed: sign nibble 0x0 in a packed number",
    ];
    assert_eq!(told, expected);
}
