//! Mail to people: what is written to them, and how it gets there.

mod letter;
mod mailer;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use letter::{JOB, Letter};
pub use mailer::{MailCounts, Mailer, Pace, Place};
