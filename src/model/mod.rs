//! The record kinds, each declared once.
