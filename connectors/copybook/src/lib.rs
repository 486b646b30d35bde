//! COBOL copybooks and the files they describe, without I/O.
//!
//! Three layers, each usable alone:
//!
//! 1. [`source`] and [`syntax`] read a copybook's text; [`layout`] says where each field stands.
//! 2. [`framing`] cuts a file's bytes into records.
//! 3. [`decode`] turns a record's bytes into values, exactly, or says per field what is wrong with them.
//!
#![cfg_attr(
    feature = "arrow",
    doc = r#"
With the feature `arrow`, [`columnar`] turns batches of records into Arrow's columns instead, several times faster:

```
use campaignd_copybook::{Copybook, code_page::CodePage, columnar, decode::Options};

let text = "01 SALE. 05 STORE PIC X(4). 05 SOLD PIC 9(8). 05 AMOUNT PIC S9(5)V99 COMP-3.";
let layout = Copybook::parse("SALE", text, &()).expect("it is a copybook").layout;
let options = Options::z_os(CodePage::named("latin1").expect("there is such a page"));
let sold = layout.find("SOLD", &[]).expect("it is a field");
let date = columnar::Date::parse("YYYYMMDD", None)?;
let settings = columnar::Settings { dates: [(sold, date)].into(), ..Default::default() };
let plan = columnar::Plan::new(layout.into(), 0, &[], options, settings)?;

// Two records of 16 bytes, the second without an amount.
let file = b"NY0120260704\x00\x01\x99\x9CNY0200000000????";
let decoded = columnar::BatchDecoder::new(plan.into()).decode(file, &[0..16, 16..32])?;
assert_eq!(decoded.columns.num_rows(), 1);
assert_eq!(decoded.rejected, [1]);
assert_eq!(decoded.faults[0].fault.reason.to_string(), "digit nibble 0xF in byte 1 of a packed number");
# Ok::<(), Box<dyn std::error::Error>>(())
```
"#
)]
//!
//! What is right is what IBM's manuals say: *Enterprise COBOL for z/OS Language Reference* for copybooks and data
//! formats, *z/OS DFSMS Using Data Sets* for records and blocks.

pub mod code_page;
#[cfg(feature = "arrow")]
pub mod columnar;
mod copybook;
pub mod decode;
pub mod framing;
pub mod layout;
pub mod routing;
pub mod source;
pub mod syntax;

pub use copybook::{Copybook, Dialect};
