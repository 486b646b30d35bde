//! Public files of mainframes, in columns and in rows. Skipped, saying so, where they aren't there.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use campaignd_copybook::code_page::CodePage;
use campaignd_copybook::columnar::{BatchDecoder, Decoded, Plan, Settings};
use campaignd_copybook::decode::{Decoder, Length, Options};
use campaignd_copybook::layout::{ItemId, Layout};
use campaignd_copybook::routing::{Choices, Chosen};

use super::super::{data, told};
use super::{check, columns};

fn read(copybook: &str, file: &str) -> Option<(Layout, Vec<u8>)> {
    let (copybook, file) = (data(copybook)?, data(file)?);
    let text = String::from_utf8_lossy(&std::fs::read(copybook).unwrap()).into_owned();
    Some((super::super::layout(&text), std::fs::read(file).unwrap()))
}

fn cut(bytes: &[u8], length: usize) -> Vec<Vec<u8>> {
    bytes.chunks(length).map(<[u8]>::to_vec).collect()
}

fn page(name: &str) -> Options {
    Options::z_os(CodePage::named(name).unwrap())
}

/// All records of a file of fixed length, by kind.
fn by_kind(
    layout: &Layout,
    options: Options,
    records: Vec<Vec<u8>>,
    conditions: &[(&str, &str)],
) -> Vec<(ItemId, usize)> {
    let decoder = Decoder::new(Arc::new(layout.clone()), options);
    let choices = Choices::parse(layout, conditions.iter().copied()).unwrap();
    let mut kinds: BTreeMap<(ItemId, Vec<bool>), Vec<Vec<u8>>> = BTreeMap::new();
    let mut chosen = Chosen::default();
    for record in records {
        assert!(choices.choose(&record, &decoder, &mut chosen));
        kinds.entry((chosen.record, chosen.wanted.clone())).or_default().push(record);
    }
    for ((record, wanted), records) in &kinds {
        check(layout, *record, wanted, options, records);
    }
    kinds.iter().map(|((record, _), records)| (*record, records.len())).collect()
}

fn total(decoded: &Decoded, column: &str) -> i128 {
    decoded.columns.column_by_name(column).unwrap().as_primitive::<Decimal128Type>().iter().flatten().sum()
}

#[test]
fn daily_transactions() {
    let file = "carddemo/EBCDIC/AWS.M2.CARDDEMO.DALYTRAN.PS";
    let Some((layout, bytes)) = read("carddemo/cpy/CVTRA06Y.cpy", file) else { return };
    let records = cut(&bytes, 350);
    let decoded = columns(&layout, page("cp037"), Settings::default(), &records);
    assert_eq!((decoded.columns.num_rows(), total(&decoded, "DALYTRAN-AMT")), (300, 10_480_154));
    check(&layout, 0, &[], page("cp037"), &records);
}

#[test]
fn accounts() {
    let file = "carddemo/EBCDIC/AWS.M2.CARDDEMO.ACCTDATA.PS";
    let Some((layout, bytes)) = read("carddemo/cpy/CVACT01Y.cpy", file) else { return };
    let decoded = columns(&layout, page("cp037"), Settings::default(), &cut(&bytes, 300));
    assert_eq!((total(&decoded, "ACCT-CURR-BAL"), total(&decoded, "ACCT-CREDIT-LIMIT")), (1_226_900, 23_371_100));
    check(&layout, 0, &[], page("cp037"), &cut(&bytes, 300));
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
    let Some((layout, bytes)) = read("carddemo/cpy/CVEXPORT.cpy", file) else { return };
    let mut kinds = by_kind(&layout, page("cp037"), cut(&bytes, 500), &conditions);
    kinds.sort_unstable();
    assert_eq!(kinds, [(0, 50), (0, 50), (0, 50), (0, 50), (0, 300)]);
}

#[test]
fn sales() {
    let Some((layout, bytes)) = read("dtar020/DTAR020.cbl", "dtar020/DTAR020.bin") else { return };
    let record = layout.records[0];
    check(&layout, record, &[], page("cp037"), &cut(&bytes, 27));
    let bytes = std::fs::read(data("dtar020/DTAR020_small_error.bin").unwrap()).unwrap();
    check(&layout, record, &[], page("cp037"), &cut(&bytes, 27));
    let decoded = columns(&layout, page("cp037"), Settings::default(), &cut(&bytes, 27));
    assert_eq!((decoded.columns.num_rows(), decoded.rejected.as_slice()), (17, &[5, 7, 9][..]));
    assert_eq!(
        told(&layout, &decoded.faults[0].fault),
        "DTAR020-DEPT-NO at 14 [28 00] bad_packed: sign nibble 0x0 in a packed number"
    );
}

/// Cases of Cobrix's own test suite.
#[test]
fn cases_of_the_peer() {
    let case =
        |name: &str, file: &str| read(&format!("cobrix/{name}/copybook.cob"), &format!("cobrix/{name}/data/{file}"));
    for (name, file, code_page) in
        [("test3", "TRAN2.AUG31.DATA.dat", "common"), ("test9_cp037", "TRAN.APR14.NPT.DATA.dat", "cp037")]
    {
        let Some((layout, bytes)) = case(name, file) else { continue };
        check(&layout, layout.records[0], &[], page(code_page), &cut(&bytes, 45));
    }
    // Nested tables: each record says by its counters how long it is.
    if let Some((layout, bytes)) = case("test21_var_occurs", "data.dat") {
        let mut decoder = Decoder::new(Arc::new(layout.clone()), page("ascii"));
        let (mut records, mut at) = (vec![], 0);
        while let Length::Is(length) = decoder.length(0, &bytes[at..], &mut |_| true)
            && length > 0
        {
            records.push(bytes[at..at + length].to_vec());
            at += length;
        }
        assert!(records.len() > 1);
        check(&layout, 0, &[], page("ascii"), &records);
    }
}

/// A file in batches of any size is the same file.
#[test]
fn batches() {
    let file = "carddemo/EBCDIC/AWS.M2.CARDDEMO.DALYTRAN.PS";
    let Some((layout, bytes)) = read("carddemo/cpy/CVTRA06Y.cpy", file) else { return };
    let whole = columns(&layout, page("cp037"), Settings::default(), &cut(&bytes, 350));
    let plan = Plan::new(Arc::new(layout), 0, &[], page("cp037"), Settings::default()).unwrap();
    let mut decoder = BatchDecoder::new(Arc::new(plan));
    let places: Vec<_> = (0..300).map(|row| 350 * row..350 * (row + 1)).collect();
    let mut rows = 0;
    for places in places.chunks(70) {
        let batch = decoder.decode(&bytes, places).unwrap().columns;
        assert_eq!(batch, whole.columns.slice(rows, batch.num_rows()));
        rows += batch.num_rows();
    }
    assert_eq!(rows, 300);
}
