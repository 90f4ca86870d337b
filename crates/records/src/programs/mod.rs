//! Programs that ask us: what they ask with, and what they were answered.

mod answer;
mod token;

pub use answer::{AskedBefore, Claim, KeptAnswer};
pub use token::ApiToken;
