//! What every warehouse promises, of this one.

mod warehouses;

use campaignd_contract::conformance;

#[test]
fn keeps_the_promises_of_a_warehouse() {
    let folder = tempfile::tempdir().unwrap();
    conformance::warehouse::check(|| Box::new(warehouses::open(folder.path())));
}
