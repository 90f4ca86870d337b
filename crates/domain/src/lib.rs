//! The nouns every room shares. Nothing here reads a file, a socket, a clock or a random source: those are arguments.

mod age;
mod basis;
mod choice;
mod clock;
mod field;
mod id;
mod keep;
mod random;
mod region;
mod text;

pub use age::Age;
pub use basis::{Act, Basis, LegalReading, RecipientKind};
pub use choice::{Answer, Choice, ChoiceAction, ChoiceMethod};
pub use clock::{Clock, ManualClock};
pub use field::{Field, FieldSet};
pub use id::{
    AccountId, BadId, CaseId, ChoiceRecordId, Id, JobId, OperatorId, PasskeyId, ReportId, SessionId, TokenId, Version, VisitorId,
};
pub use jiff::Timestamp;
pub use keep::{BadDuration, Keep, Span, Unit};
pub use random::{Random, SeededRandom};
pub use region::Region;
pub use text::{Language, Translated};
