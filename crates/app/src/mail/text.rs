use jiff::SignedDuration;
use records::MailedLink;

use super::Letter;
use super::words::{Words, filled};

/// What every letter of a site says of it.
#[derive(Clone, Debug)]
pub(super) struct Letterhead {
    /// What people know the site by.
    pub(super) site: String,
    /// Where they can write to.
    pub(super) contact: String,
    /// Where people reach the site, as `https://www.example.org`.
    pub(super) origin: String,
    /// The prefix of the account's pages, as `/account`.
    pub(super) account: String,
    /// The age accounts are for.
    pub(super) age: u8,
    /// Whether guardians open accounts for whoever is younger.
    pub(super) guardians: bool,
    /// How long a visit stays in the log; none where it is not known.
    pub(super) visits_kept: Option<SignedDuration>,
}

/// A letter's words, to be read as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) subject: String,
    pub(super) body: String,
}

impl Letter {
    /// Writes it. `link` is what is known of the link it carries.
    pub(super) fn text(&self, words: &Words, head: &Letterhead, link: Option<&MailedLink>) -> Text {
        let own = words.of(self);
        let span = link.map(|link| link.expires.duration_since(link.made)).or_else(|| self.span());
        let time = span.map(|span| words.time(span)).unwrap_or_default();
        let (age, visits) = (head.age.to_string(), head.visits_kept.map(|span| words.time(span)).unwrap_or_default());
        let gaps = [("site", head.site.as_str()), ("contact", &head.contact), ("time", &time), ("age", &age), ("visits", &visits)];
        let fill = |text: &str| filled(text, &gaps);
        let rule = fill(if head.guardians { words.accounts_with_guardians } else { words.accounts });
        let gaps = [gaps.as_slice(), &[("rule", rule.as_str())]].concat();
        let fill = |text: &str| filled(text, &gaps);
        let mut parts = vec![words.greeting.to_owned(), fill(own.text)];
        parts.extend(self.path().map(|path| format!("{}{}{path}", head.origin, head.account)));
        parts.extend(link.map(|_| fill(words.lasts)));
        parts.extend([fill(own.not_you), fill(words.questions), format!("{}\n{}", head.site, head.origin)]);
        Text { subject: fill(own.subject), body: parts.join("\n\n") + "\n" }
    }

    /// The page it leads to, below the account's prefix.
    fn path(&self) -> Option<String> {
        match self {
            Self::Confirm { token, return_to } => Some(format!("/confirm/{token}{}", leading_on(return_to.as_deref()))),
            Self::AlreadyRegistered => Some("/sign-in".to_owned()),
            Self::SignIn { token, return_to } => Some(format!("/sign-in/{token}{}", leading_on(return_to.as_deref()))),
            Self::ConfirmEmail { token } => Some(format!("/email/{token}")),
            Self::PasskeyAdded | Self::PasskeyCopied => Some("/passkeys".to_owned()),
            Self::EmailChanging => Some(String::new()),
            Self::EmailChanged { token } => Some(format!("/email/back/{token}")),
            Self::ConfirmDependent { token } => Some(format!("/guardian/{token}")),
            Self::DependentConfirmed | Self::DependentClosed | Self::DependentPasses | Self::DependentReported => {
                Some("/dependents".to_owned())
            }
            Self::TakeUp { token } => Some(format!("/take-up/{token}")),
            Self::Closed | Self::DependentPassed | Self::MinorAsked { .. } | Self::MinorConfirmed { .. } | Self::ReportClosed => None,
        }
    }

    /// How long something in it lasts that is no link.
    const fn span(&self) -> Option<SignedDuration> {
        match self {
            Self::MinorAsked { seconds } | Self::MinorConfirmed { seconds } => Some(SignedDuration::from_secs(*seconds as i64)),
            _ => None,
        }
    }

    /// The token of the link it carries.
    pub(super) const fn token(&self) -> Option<&String> {
        match self {
            Self::Confirm { token, .. }
            | Self::SignIn { token, .. }
            | Self::ConfirmEmail { token }
            | Self::EmailChanged { token }
            | Self::ConfirmDependent { token }
            | Self::TakeUp { token } => Some(token),
            Self::AlreadyRegistered
            | Self::EmailChanging
            | Self::PasskeyAdded
            | Self::PasskeyCopied
            | Self::Closed
            | Self::DependentConfirmed
            | Self::DependentClosed
            | Self::DependentPasses
            | Self::DependentPassed
            | Self::MinorAsked { .. }
            | Self::MinorConfirmed { .. }
            | Self::DependentReported
            | Self::ReportClosed => None,
        }
    }
}

/// What makes a page lead on to a path of the site, as the account's pages read it.
fn leading_on(return_to: Option<&str>) -> String {
    return_to.map_or_else(String::new, |path| {
        format!("?{}", form_urlencoded::Serializer::new(String::new()).append_pair("return", path).finish())
    })
}
