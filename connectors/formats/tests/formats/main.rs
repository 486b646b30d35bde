//! The formats from outside: rows, rejects, errors, promises, real data.

#![expect(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

mod any_content;
mod compression;
mod conformance;
mod copybook;
mod csv;
mod fixed_width;
mod gnupg;
mod json;
mod keyring;
mod openpgp;
mod real_data;
mod settings;
mod transcript;
