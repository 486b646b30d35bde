//! Columns of batches.

mod beside;
mod dates;
mod equal;
mod real_files;
mod shapes;

use std::sync::Arc;

use campaignd_copybook::columnar::{BatchDecoder, Decoded, Plan, Settings};
use campaignd_copybook::decode::Options;
use campaignd_copybook::layout::Layout;

use beside::{Tree, check, placed, trees};

/// The columns of some records of a kind.
fn columns(layout: &Layout, options: Options, settings: Settings, records: &[Vec<u8>]) -> Decoded {
    let plan = Plan::new(Arc::new(layout.clone()), layout.records[0], &[], options, settings).unwrap();
    let (bytes, places) = placed(records);
    BatchDecoder::new(Arc::new(plan)).decode(&bytes, &places).unwrap()
}
