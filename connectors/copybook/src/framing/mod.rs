//! From a file's bytes to records: fixed, variable, blocked, spanned, text.
