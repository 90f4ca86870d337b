use std::net::IpAddr;

use domain::{CaseId, Field, ReportId, Span, Timestamp};
use policy::{Policy, Sealed, request_permit};
use records::{About, CaseState, NewReport, RecordsError};

use super::Minors;
use crate::people::{Token, email, username};

pub const ABOUT_CHARACTERS_MAX: usize = 300;
pub const MESSAGE_CHARACTERS_MAX: usize = 2_000;

/// What was dismissed so lately is not opened again by more of the same.
const SETTLED_FOR: Span = Span::days(30);

/// A report as it was written, looked through.
#[derive(Clone, Debug)]
pub struct Reported {
    about: About,
    written: Sealed<String>,
    message: Option<Sealed<String>>,
    email: Option<Sealed<String>>,
    language: String,
}

/// Why a report cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadReport {
    AboutMissing,
    AboutTooLong,
    MessageTooLong,
}

/// How far a report is. It says nothing of whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Received,
    /// Somebody is at it.
    LookedAt,
    Closed,
}

impl Progress {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::LookedAt => "looked-at",
            Self::Closed => "closed",
        }
    }

    const fn of(state: CaseState) -> Self {
        match state {
            CaseState::Open => Self::Received,
            CaseState::Asked | CaseState::Confirmed => Self::LookedAt,
            CaseState::Dismissed | CaseState::Done => Self::Closed,
        }
    }
}

impl Reported {
    /// Reads whom a report is about: an e-mail address, a username, or anything else that names an account to the site.
    pub fn new(about: &str, message: &str, answer_to: Option<Sealed<String>>, language: &str) -> Result<Self, BadReport> {
        let (about, message) = (in_one_line(about), message.trim());
        if about.is_empty() {
            return Err(BadReport::AboutMissing);
        }
        if about.chars().count() > ABOUT_CHARACTERS_MAX {
            return Err(BadReport::AboutTooLong);
        }
        if message.chars().count() > MESSAGE_CHARACTERS_MAX {
            return Err(BadReport::MessageTooLong);
        }
        let sealed = |text: &str| Sealed::new(Field::RequestMessage, text.to_owned());
        Ok(Self {
            about: whom(&about),
            written: sealed(&about),
            message: Some(message).filter(|text| !text.is_empty()).map(sealed),
            email: answer_to,
            language: language.to_owned(),
        })
    }

    /// Whom it is about, as limits count it.
    pub const fn counted(&self) -> &Sealed<String> {
        match &self.about {
            About::Email(text) | About::Username(text) | About::Elsewhere(text) => text,
        }
    }

    /// The same without what the policy does not keep of requests.
    fn only_declared(mut self, policy: &Policy) -> (Self, bool) {
        let permit = request_permit(policy);
        let keeps = |field| permit.as_ref().is_some_and(|permit| permit.covers(field));
        self.message = self.message.filter(|_| keeps(Field::RequestMessage));
        self.email = self.email.filter(|_| keeps(Field::RequestEmail));
        (self, keeps(Field::RequestMessage))
    }
}

impl Minors {
    /// Keeps a report and returns what its reporter follows it by. Whether there is such an account changes neither the answer nor the work, and nothing
    /// changes for the account: that is an operator's to decide.
    /// `client` is where it came from, and none for what came by letter or phone, which counts from the day it was `received`.
    pub async fn report(
        &self,
        reported: Reported,
        client: Option<&Sealed<IpAddr>>,
        policy: &Policy,
        received: Timestamp,
    ) -> Result<Token, RecordsError> {
        let (mut reported, keeps_words) = reported.only_declared(policy);
        // The report counts all the same; only its outcome is not written to an address that is told so much already.
        reported.email =
            reported.email.filter(|email| self.letters.admit_letter(super::REPORT, email, self.accounts.people.vault(), received).is_ok());
        let random = &*self.accounts.random;
        let token = Token::random(random);
        let case = CaseId::random(random);
        let report = NewReport {
            id: ReportId::random(random),
            case,
            reference: token.link(),
            about: reported.about,
            written: Some(reported.written).filter(|_| keeps_words),
            message: reported.message,
            email: reported.email,
            reporter: client.map(|client| self.accounts.people.vault().lookup_network(client, 24, 48)),
            language: reported.language,
            at: received,
            due: self.deadlines.decided_within.after(received),
            dismissed_since: SETTLED_FOR.before(received),
        };
        let state = self.accounts.people.report(report).await?;
        tracing::info!(case_is = state.name(), "an account was reported as a child's");
        self.due.notify_one();
        Ok(token)
    }

    /// How far a report is that somebody made, and when they made it; none where nobody did, or it is forgotten.
    pub async fn progress(&self, reference: &Token) -> Result<Option<(Progress, Timestamp)>, RecordsError> {
        let found = self.accounts.people.report_state(reference.link()).await?;
        Ok(found.map(|(state, made)| (Progress::of(state), made)))
    }
}

/// What somebody wrote to say which account they mean.
pub(super) fn whom(written: &str) -> About {
    if let Ok(address) = email(written.strip_prefix("mailto:").unwrap_or(written)) {
        return About::Email(address.compared);
    }
    match username(written.strip_prefix('@').unwrap_or(written), "") {
        Ok(name) => About::Username(name.compared),
        Err(_) => About::Elsewhere(Sealed::new(Field::RequestMessage, written.to_owned())),
    }
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
