//! Accounts that were reported as a child's: what was said, and what an operator decides.

pub(super) mod decide;
pub(super) mod file;
pub(super) mod list;

use app::minors::CaseState;

/// A state in an operator's words.
const fn state_in_words(state: CaseState) -> &'static str {
    match state {
        CaseState::Open => "to be decided",
        CaseState::Asked => "asked",
        CaseState::Confirmed => "being deleted",
        CaseState::Dismissed => "dismissed",
        CaseState::Done => "deleted",
    }
}
