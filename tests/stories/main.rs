//! Stories through the front door: the real binary, asked as people and programs ask it.

mod bad_input;
mod choices;
mod durability;
mod first_steps;
mod hostile;
mod keys;
mod passkeys;
mod privacy_centre;
mod proxy;
mod publishing;
mod regions;
mod running;
mod seen;
mod signed_in;
mod visits;
mod with_chromium;
mod with_nginx;
mod with_python;
mod with_smtp;
