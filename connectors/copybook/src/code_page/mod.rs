//! Code pages: which character a byte stands for.
