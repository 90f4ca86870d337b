//! The privacy centre through its front door: requests in, answers out.

mod account;
mod api;
mod cases;
mod choices;
mod console;
mod csp_report;
mod every_page;
mod forgery;
mod guardians;
mod held;
mod inserts;
mod keys;
mod passkeys;
mod policy;
mod receipt;
mod recording;
mod register;
mod requests;
mod script;
mod sign_in;
mod versions;
mod visits;
mod world;
