use domain::{Field, Timestamp};
use policy::Sealed;
use serde::{Deserialize, Serialize};
use visits::{By, Query};

use super::Whom;

/// Groups of fewer people than this are told together with others.
pub const AT_LEAST: u64 = 10;

/// Nobody lets smaller ones be told.
pub const AT_LEAST_MIN: u64 = 5;

/// Which visits are asked for, and what for, as somebody wrote it. It may name a person, so that it has no Debug form.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Question {
    /// An e-mail address, a username, or the id of an account or a visitor.
    pub person: Option<String>,
    /// An address or a network.
    pub ip: Option<String>,
    /// A page, or how pages begin.
    pub path: Option<String>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// None is the purpose the access log is kept for.
    pub purpose: Option<String>,
    /// So many of the newest visits, or of the largest groups.
    pub limit: Option<usize>,
    /// What visits are counted by; none is a question for the visits themselves.
    pub by: Option<String>,
    /// Groups of fewer people are told together with others.
    pub at_least: Option<u64>,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Question").field("by", &self.by).finish_non_exhaustive()
    }
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// The policy does not allow it.
    #[error("{0}")]
    Refused(String),
    /// It cannot be understood.
    #[error("{0}")]
    Bad(String),
}

/// A question as the log takes it.
pub(super) struct Wanted {
    pub(super) query: Query,
    pub(super) by: Option<By>,
    pub(super) at_least: u64,
}

impl Wanted {
    pub(super) fn of(question: &Question, whom: Whom) -> Result<Self, NotAsked> {
        let bad = |error: &dyn std::fmt::Display| NotAsked::Bad(error.to_string());
        let (visitor, people) = match whom {
            Whom::Anybody => (None, None),
            Whom::Visitor(visitor) => (Some(Sealed::new(Field::VisitVisitor, visitor)), None),
            Whom::People(people) => (None, Some(people)),
        };
        let by = question.by.as_deref().map(|name| By::named(name).ok_or_else(no_such_by)).transpose()?;
        let at_least = question.at_least.unwrap_or(AT_LEAST);
        if at_least < AT_LEAST_MIN {
            return Err(NotAsked::Bad(format!(
                "a group of fewer than {AT_LEAST_MIN} people is told to nobody: ask for {AT_LEAST_MIN} or more at least"
            )));
        }
        if question.at_least.is_some() && by.is_none() {
            return Err(NotAsked::Bad("how many people a group has at least is for counts: say what they are counted by".to_owned()));
        }
        let query = Query {
            visitor,
            account: None,
            people,
            ip: question.ip.as_deref().map(str::parse).transpose().map_err(|error: visits::BadNetwork| bad(&error))?,
            path: question.path.as_deref().map(str::parse).transpose().map_err(|error: visits::BadPath| bad(&error))?,
            since: question.since,
            until: question.until,
            limit: question.limit,
        };
        Ok(Self { query, by, at_least })
    }
}

fn no_such_by() -> NotAsked {
    let names: Vec<String> = By::ALL.iter().map(|by| format!("`{}`", by.name())).collect();
    NotAsked::Bad(format!("visits are counted by {}", names.join(", ")))
}
