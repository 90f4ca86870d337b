//! The use cases: what happens when somebody publishes a policy, makes a choice, or asks what is held about them.

pub mod choices;
pub mod held;
pub mod importing;
pub mod jobs;
pub mod mail;
pub mod minors;
pub mod operators;
pub mod passkeys;
pub mod people;
pub mod programs;
pub mod publishing;
pub mod visit_log;

#[cfg(test)]
mod testing;
