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
        let time = link.map(|link| words.time(link.expires.duration_since(link.made))).unwrap_or_default();
        let fill = |text: &str| filled(text, &[("site", &head.site), ("contact", &head.contact), ("time", &time)]);
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
            Self::Closed | Self::DependentPassed => None,
            Self::ConfirmDependent { token } => Some(format!("/guardian/{token}")),
            Self::DependentConfirmed | Self::DependentClosed | Self::DependentPasses => Some("/dependents".to_owned()),
            Self::TakeUp { token } => Some(format!("/take-up/{token}")),
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
            | Self::DependentPassed => None,
        }
    }
}

/// What makes a page lead on to a path of the site, as the account's pages read it.
fn leading_on(return_to: Option<&str>) -> String {
    return_to.map_or_else(String::new, |path| {
        format!("?{}", form_urlencoded::Serializer::new(String::new()).append_pair("return", path).finish())
    })
}
