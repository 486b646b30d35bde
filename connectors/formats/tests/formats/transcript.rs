//! What a reader says, as text.

use arrow_array::Array as _;
use arrow_array::cast::AsArray;
use campaignd_contract::{BatchLimits, Format, MemoryBytes};

/// Everything a reader says, a line each: columns, rows with their place, rejects, trailer, error.
pub fn read(format: &dyn Format, content: &[u8]) -> String {
    read_within(format, content, BatchLimits::default())
}

/// The same with limits.
pub fn read_within(format: &dyn Format, content: &[u8], limits: BatchLimits) -> String {
    let bytes = MemoryBytes::new("calls", content.to_vec());
    let mut reader = match format.open(&bytes, None, limits) {
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
                .map(AsArray::as_string::<i32>)
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
        for note in &batch.noted {
            let field = note.field.as_deref().unwrap_or_default();
            read.push((note.place.ordinal, format!("  noted: {} {field} {:?}: {}", note.code, note.text, note.reason)));
        }
        read.sort_by_key(|(ordinal, _)| *ordinal);
        lines.extend(read.into_iter().map(|(_, line)| line));
    }
    if let Some(header) = reader.header() {
        lines.push(format!("header on line {}: {:?} {:?}", header.line, header.fields, header.unreadable));
    }
    if let Some(trailer) = reader.trailer() {
        lines.push(format!("trailer on line {}: {:?}", trailer.line, trailer.fields));
    }
    lines.join("\n")
}
