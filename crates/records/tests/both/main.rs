//! Everything twice: on SQLite always, and on PostgreSQL where `CANDOR_TEST_POSTGRES` says where one is.

mod account_changes;
mod accounts;
mod cases;
mod choices;
mod columns;
mod database;
mod dependents;
mod file;
mod operators;
mod passkeys;
mod people;
mod programs;
mod schema;
mod vault;
