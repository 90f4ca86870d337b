//! What holds of every decision, plan and cookie: examples that read as sentences, and laws over arbitrary policies and people.

mod allocation;
mod asking;
mod changes;
mod cookie;
mod decision_table;
mod facts;
mod laws;
mod letters;
mod plan;
mod rotation;
mod sets;
mod signal;
mod support;
mod tickets;
