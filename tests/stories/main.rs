//! Stories through the front door: the real binary, asked as people and programs ask it.

mod api;
mod bad_input;
mod cases;
mod choices;
mod console;
mod durability;
mod erasing;
mod first_steps;
mod guardians;
mod hostile;
mod keys;
mod passkeys;
mod people_bad_input;
mod privacy_centre;
mod proxy;
mod publishing;
mod regions;
mod running;
mod seen;
mod signed_in;
mod visits;
mod who_is_registered;
mod with_chromium;
mod with_nginx;
mod with_python;
mod with_smtp;
