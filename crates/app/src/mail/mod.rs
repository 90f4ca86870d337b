//! Mail to people: what is written to them, and how it gets there.

mod letter;

pub use letter::{JOB, Letter};
