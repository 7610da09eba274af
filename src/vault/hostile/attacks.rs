//! Attacks one by one.
