use domain::{AccountId, JobId, Random, Timestamp};
use records::NewJob;
use serde::{Deserialize, Serialize};

/// The kind of job that brings a letter.
pub const JOB: &str = "mail";

/// Something to be written to somebody. It names no address: the address is looked up when the letter is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "kebab-case")]
pub enum Letter {
    /// To whoever wants to register: the link that confirms it, and leads on to this path of the site where they came from one.
    Confirm { token: String, return_to: Option<String> },
    /// To somebody who has an account, because their address was given in a registration. Its owner is that registration, which nothing can confirm.
    AlreadyRegistered,
    /// The link that signs in, and leads on to this path of the site where they came from one.
    SignIn { token: String, return_to: Option<String> },
    /// To an address that is to become an account's: the link that confirms it. The address is in the link.
    ConfirmEmail { token: String },
    /// To the old address, when another was asked for.
    EmailChanging,
    /// To the old address, with the new one in force.
    EmailChanged { token: String },
    /// That a passkey was added to the account.
    PasskeyAdded,
    /// That a passkey of the account was refused, because there may be a copy of it.
    PasskeyCopied,
    /// That the account is closed, and when it will be gone.
    Closed,
    /// To a guardian: the link that confirms a dependent whom they registered. It does not name them.
    ConfirmDependent { token: String },
    /// To a guardian, a day after they confirmed one: that they did, and how to take it back.
    DependentConfirmed,
    /// To a guardian: that the account of a dependent is closed.
    DependentClosed,
    /// To a guardian: that the account of a dependent will be the dependent's own in some weeks.
    DependentPasses,
    /// To a guardian: that it is, and that they see nothing of it any more.
    DependentPassed,
    /// To an address that is to become the own one of somebody who was a dependent: the link that takes the account up. The address is in the link.
    TakeUp { token: String },
    /// That somebody reported the account as a child's: please answer within so many seconds.
    MinorAsked { seconds: u32 },
    /// That the account was found to be a child's, is closed, and will be deleted within so many seconds; and what remains.
    MinorConfirmed { seconds: u32 },
    /// To a guardian, that a dependent's account was reported as a child's.
    DependentReported,
    /// To whoever reported an account and wants to be told the outcome. Its owner is the report.
    ReportClosed,
}

impl Letter {
    /// The job that brings it to the owner of an account or a registration, at once.
    pub fn job(&self, owner: AccountId, random: &dyn Random, now: Timestamp) -> NewJob {
        let payload = serde_json::to_vec(self).unwrap_or_else(|_| unreachable!("a letter is plain JSON"));
        NewJob { id: JobId::random(random), kind: JOB, owner: Some(owner), payload, at: now, due: now }
    }
}
