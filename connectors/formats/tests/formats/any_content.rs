//! Any bytes at all, through the same entries as the fuzz targets.

use proptest::collection::vec;
use proptest::prelude::*;

#[path = "../../fuzz/entry.rs"]
mod entry;

/// Bytes that are mostly ones that mean something.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        4 => Just(b",".to_vec()),
        4 => Just(b"\"".to_vec()),
        3 => Just(b"\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        1 => Just(b"'".to_vec()),
        1 => Just(b"\\".to_vec()),
        1 => Just(b"#".to_vec()),
        1 => Just(b"TRL,".to_vec()),
        1 => Just("\u{feff}é".as_bytes().to_vec()),
        2 => Just(b"{\"a\":".to_vec()),
        2 => Just(b"}".to_vec()),
        1 => Just(b"[".to_vec()),
        1 => Just(b"]".to_vec()),
        2 => Just(b"1e5".to_vec()),
        2 => vec(any::<u8>(), 1..6),
    ];
    (any::<u8>(), vec(pieces, 0..40)).prop_map(|(choice, pieces)| [vec![choice], pieces.concat()].concat())
}

/// Bytes that are mostly records, or words before them.
fn records() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        4 => Just(vec![0, 12, 0, 0]),
        1 => Just(vec![8, 0, 0, 0]),
        2 => Just(vec![0, 16, 0, 0, 0, 12, 0, 0]),
        4 => Just(vec![0xC4, 0xF2, 0x12, 0x3C, 0x45, 0x6D, 0x40, 0x40]),
        2 => Just(vec![0xE3, 0xF0, 0xF0, 0xF0, 0xF1, 0xF2, 0xD3, 0x40]),
        1 => Just(vec![0xC8, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40]),
        1 => Just(b"D0\n".to_vec()),
        2 => vec(any::<u8>(), 1..9),
    ];
    (any::<u8>(), vec(pieces, 0..20)).prop_map(|(choice, pieces)| [vec![choice], pieces.concat()].concat())
}

proptest! {
    #[test]
    fn csv(data in bytes()) {
        entry::csv(&data);
    }

    #[test]
    fn fixed_width(data in bytes()) {
        entry::fixed_width(&data);
    }

    #[test]
    fn json(data in bytes()) {
        entry::json(&data);
    }

    #[test]
    fn copybook(data in records()) {
        entry::copybook(&data);
    }

    #[test]
    fn compression(data in bytes()) {
        entry::compression(&data);
    }

    #[test]
    fn openpgp(data in bytes()) {
        entry::openpgp(&data);
    }
}

#[test]
fn corpus() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let targets = [
        ("csv", entry::csv as fn(&[u8])),
        ("fixed_width", entry::fixed_width),
        ("json", entry::json),
        ("copybook", entry::copybook),
        ("compression", entry::compression),
        ("openpgp", entry::openpgp),
    ];
    for (name, target) in targets {
        let files: Vec<_> = std::fs::read_dir(folder.join(name)).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty(), "the corpus of {name} is empty");
        for file in files {
            target(&std::fs::read(file).unwrap());
        }
    }
}
