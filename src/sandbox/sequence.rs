//! The sequences.
