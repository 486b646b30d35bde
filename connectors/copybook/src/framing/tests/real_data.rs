//! Files of mainframes that nobody here made. Skipped, saying so, where they aren't there.

use std::path::{Path, PathBuf};

use super::{Seen, read};
use crate::framing::{Framer, Framing, LengthAnswer, RecordFormat, RecordLengths, diagnose};

/// The file in the folder of real data, if there is one.
fn data(name: &str) -> Option<Vec<u8>> {
    let beside_repository = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("CAMPAIGND_TEST_DATA").map_or_else(beside_repository, PathBuf::from).join(name);
    if !path.exists() {
        eprintln!("skipped: {} isn't there", path.display());
        return None;
    }
    Some(std::fs::read(path).unwrap())
}

fn records(framing: Framing, file: &[u8]) -> Vec<Seen> {
    let (records, error, most) = read(Framer::new(framing).unwrap(), file, &[4_000, 0, 17]);
    assert_eq!(error, None);
    assert!(most < 12_000);
    records
}

#[test]
fn fixed() {
    for (name, length, count) in [
        ("carddemo/EBCDIC/AWS.M2.CARDDEMO.DALYTRAN.PS", 350, 300),
        ("carddemo/EBCDIC/AWS.M2.CARDDEMO.ACCTDATA.PS", 300, 50),
        ("carddemo/EBCDIC/AWS.M2.CARDDEMO.CUSTDATA.PS", 500, 50),
        ("carddemo/EBCDIC/AWS.M2.CARDDEMO.EXPORT.DATA.PS", 500, 500),
        ("dtar020/DTAR020.bin", 27, 379),
        ("cobrix/test3/data/TRAN2.AUG31.DATA.dat", 45, 1_000),
        ("cobrix/test6_types/data/INTEGR.TYPES.NOV28.DATA.dat", 1_493, 100),
        ("cobrix/test7_fillers/data/TEST.FILLERS.DEC07.DATA.dat", 60, 1_000),
        ("cobrix/test9_cp037/data/TRAN.APR14.NPT.DATA.dat", 45, 1_000),
    ] {
        let Some(file) = data(name) else { continue };
        assert_eq!(records(Framing::z_os_fixed(length), &file).len(), count, "{name}");
    }
}

/// `file_start_offset` and `file_end_offset`.
#[test]
fn header_and_trailer() {
    let Some(file) = data("cobrix/test13a_header_footer/data/TRAN2.JUN24.DATA.dat") else { return };
    let framing = Framing { skip_start: 10, skip_end: 12, ..Framing::z_os_fixed(45) };
    let records = records(framing, &file);
    assert_eq!(records.len(), 50);
    assert!(records.iter().all(|record| record.bytes[0] != 1));
}

/// `record_start_offset` and `record_end_offset`.
#[test]
fn bytes_of_each_record_left_out() {
    let Some(file) = data("cobrix/test1a_record_offsets/data/example.bin") else { return };
    let framing = Framing { record_skip_start: 2, record_skip_end: 27, ..Framing::z_os_fixed(2_202) };
    let records = records(framing, &file);
    assert_eq!(records.len(), 10);
    assert!(records.iter().all(|record| record.bytes.len() == 2_202 - 29));
}

/// Cobrix' own defaults: two bytes of zero, then the length, lowest byte first.
#[test]
fn variable() {
    for name in ["test4_ascii_multisegment", "test5_rdw_le", "test5c_segment_redefines"] {
        let Some(file) = data(&format!("cobrix/{name}/data/COMP.DETAILS.SEP30.DATA.dat")) else { continue };
        let records = records(Framing::cobrix_variable(), &file);
        assert_eq!(records.len(), 1_000, "{name}");
        assert!(records.iter().all(|record| matches!(record.bytes[0], 0xC3 | 0xD7 | b'C' | b'P')), "{name}");
    }
}

/// `COUNT PIC 9`, so many groups of `INNER-COUNT PIC 9` and so many `PIC X`.
#[test]
fn by_layout() {
    let Some(file) = data("cobrix/test21_var_occurs/data/data.dat") else { return };
    let length_of = |bytes: &[u8]| {
        let mut length = 1;
        for _ in 0..bytes[0] - b'0' {
            let Some(inner) = bytes.get(length) else { return LengthAnswer::Needs(length + 1) };
            length += 1 + usize::from(inner - b'0');
        }
        LengthAnswer::Is(length)
    };
    let framer = Framer::by_layout(Framing::new(RecordFormat::ByLayout), Box::new(length_of)).unwrap();
    let (records, error, _) = read(framer, &file, &[0]);
    assert_eq!(error, None);
    let bytes: Vec<_> = records.into_iter().map(|record| String::from_utf8(record.bytes).unwrap()).collect();
    assert_eq!(bytes, ["0", "10", "12AB", "21A2BC", "21A1B"]);
}

#[test]
fn the_doctor_on_real_files() {
    let cobrix = Framing::cobrix_variable().records;
    let fixed = |length| Framing::z_os_fixed(length).records;
    for (name, least, most, expected) in [
        ("carddemo/EBCDIC/AWS.M2.CARDDEMO.DALYTRAN.PS", 350, 350, fixed(350)),
        ("carddemo/EBCDIC/AWS.M2.CARDDEMO.ACCTDATA.PS", 300, 300, fixed(300)),
        ("carddemo/EBCDIC/AWS.M2.CARDDEMO.CUSTDATA.PS", 500, 500, fixed(500)),
        ("carddemo/EBCDIC/AWS.M2.CARDDEMO.EXPORT.DATA.PS", 500, 500, fixed(500)),
        ("dtar020/DTAR020.bin", 27, 27, fixed(27)),
        ("cobrix/test3/data/TRAN2.AUG31.DATA.dat", 45, 45, fixed(45)),
        ("cobrix/test6_types/data/INTEGR.TYPES.NOV28.DATA.dat", 1_493, 1_493, fixed(1_493)),
        ("cobrix/test7_fillers/data/TEST.FILLERS.DEC07.DATA.dat", 60, 60, fixed(60)),
        ("cobrix/test9_cp037/data/TRAN.APR14.NPT.DATA.dat", 45, 45, fixed(45)),
        ("cobrix/test13a_header_footer/data/TRAN2.JUN24.DATA.dat", 45, 45, fixed(45)),
        ("cobrix/test4_ascii_multisegment/data/COMP.DETAILS.SEP30.DATA.dat", 30, 64, cobrix),
        ("cobrix/test5_rdw_le/data/COMP.DETAILS.SEP30.DATA.dat", 30, 64, cobrix),
    ] {
        let Some(file) = data(name) else { continue };
        let found = diagnose(&file, Some(u64::try_from(file.len()).unwrap()), &RecordLengths { least, most });
        assert_eq!((found[0].framing.records, found[0].damage), (expected, None), "{name}: {found:#?}");
    }
}
