//! Public copybooks. Skipped, saying so, where they aren't there.

use std::path::{Path, PathBuf};

use super::super::{Category, Options, parse};
use super::shown;

fn data(name: &str) -> Option<PathBuf> {
    let beside_repository = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = std::env::var_os("CAMPAIGND_TEST_DATA").map_or_else(beside_repository, PathBuf::from).join(name);
    let there = path.exists();
    if !there {
        eprintln!("skipped: {} isn't there", path.display());
    }
    there.then_some(path)
}

/// How many entries a copybook has, and how many of them have a picture.
fn counts(path: &Path) -> (usize, usize) {
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let entries = parse(&path.display().to_string(), &text, &Options::default())
        .unwrap_or_else(|errors| panic!("{}", shown(&errors)));
    (entries.len(), entries.iter().filter(|entry| entry.picture.is_some()).count())
}

#[test]
fn carddemo() {
    let Some(folder) = data("carddemo/cpy") else { return };
    let mut all = (0, 0);
    for file in std::fs::read_dir(folder).unwrap() {
        let (entries, pictures) = counts(&file.unwrap().path());
        all = (all.0 + entries, all.1 + pictures);
    }
    assert_eq!(all, (276, 227));
}

#[test]
fn cobrix() {
    let Some(folder) = data("cobrix") else { return };
    for (case, expected) in [
        ("test1a_record_offsets", (14, 9)),
        ("test21_var_occurs", (6, 3)),
        ("test3", (7, 6)),
        ("test6_types", (196, 193)),
        ("test7_fillers", (20, 15)),
        ("test13a_header_footer", (7, 6)),
        ("test19_display_num", (15, 14)),
        ("test4_ascii_multisegment", (13, 9)),
        ("test5_rdw_le", (13, 9)),
        ("test5c_segment_redefines", (13, 9)),
        ("test3_trim_both", (7, 6)),
        ("test9_cp037", (7, 6)),
    ] {
        assert_eq!((case, counts(&folder.join(case).join("copybook.cob"))), (case, expected));
    }
}

#[test]
fn dtar020() {
    let Some(path) = data("dtar020/DTAR020.cbl") else { return };
    assert_eq!(counts(&path), (7, 6));
    let entries = parse("DTAR020", &std::fs::read_to_string(path).unwrap(), &Options::default()).unwrap();
    let (price, _) = entries.last().and_then(|entry| entry.picture.as_ref()).unwrap();
    assert_eq!((price.category, price.digits, price.scale, price.signed), (Category::Numeric, 11, 2, true));
}
