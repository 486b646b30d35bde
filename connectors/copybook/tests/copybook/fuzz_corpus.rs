//! The corpus of the fuzz targets, through the same entries.

#[path = "../../fuzz/entry.rs"]
mod entry;

#[test]
fn corpus() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let targets =
        [("copybook_text", entry::copybook_text as fn(&[u8])), ("framing", entry::framing), ("decode", entry::decode)];
    for (name, target) in targets {
        let files: Vec<_> = std::fs::read_dir(folder.join(name)).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty(), "the corpus of {name} is empty");
        for file in files {
            target(&std::fs::read(file).unwrap());
        }
    }
}
