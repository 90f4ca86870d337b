//! `candor`: the one binary. It reads the configuration, wires the rooms together and runs commands; nobody else does.

mod clock;
mod commands;
mod config;
mod owner;
mod report;
mod rotated;
mod server;
mod site;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::run(commands::Candor::parse())
}
