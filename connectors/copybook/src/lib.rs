//! COBOL copybooks and the files they describe, without I/O.
//!
//! Three layers, each usable alone:
//!
//! 1. [`source`] and [`syntax`] read a copybook's text; [`layout`] says where each field stands.
//! 2. [`framing`] cuts a file's bytes into records.
//! 3. [`decode`] turns a record's bytes into values, exactly, or says per field what is wrong with them.
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

pub use copybook::Copybook;
