//! What every warehouse promises, of this one.

use campaignd_contract::conformance;

use crate::fixtures;

#[test]
fn keeps_the_promises_of_a_warehouse() {
    let folder = tempfile::tempdir().unwrap();
    conformance::warehouse::check(|| Box::new(fixtures::open(folder.path())));
}
