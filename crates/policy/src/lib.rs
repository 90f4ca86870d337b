//! The language: what a site promises, whether its words and its rules agree, and what follows for one request.
//!
//! `syntax` reads a site folder's `policy.md` and `policy.toml`, `check` holds the two together and makes a [`Policy`], `decide` answers for one use,
//! `plan` for a whole visit, `render` shows the words. [`Sealed`] personal data opens only to a [`Permit`], and only a decision makes one.

mod asking;
pub mod assertion;
pub mod check;
pub mod cookie;
mod decide;
pub mod diff;
pub mod model;
mod plan;
pub mod render;
mod sealed;
mod set;
mod signal;
pub mod syntax;

pub use asking::{Circumstances, due};
pub use decide::{
    AccountState, Ask, Code, Consent, Decision, Facts, FactsDocument, FactsError, Obligation, Obligations, Permit, Person, Reason,
    Revocations, TicketStanding, Verdict, account_permit, case_permit, decide, letter_permit, opted_out_by_gpc, read_facts,
    recorded_permit, request_permit, subject_permit,
};
pub use model::Policy;
pub use plan::{PlanKey, VisitFacts, VisitPlan, plan_visit};
pub use sealed::{NotPermitted, Sealed, StorageCapability};
pub use set::{Index, Set};
pub use signal::{Signalled, signalled};
