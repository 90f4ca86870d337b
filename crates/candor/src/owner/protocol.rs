use app::people::ShownPerson;
use app::visit_log::{Missing, ShownCounts, ShownVisit};
use policy::syntax::{SiteSources, SourceFile};
use serde::{Deserialize, Serialize};

use crate::report::PublishReport;

// What names or describes a person has no Debug form here, so that no error and no log line shows it.

/// What a command asks of the owner: one line of JSON.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "question", deny_unknown_fields)]
pub(crate) enum Question {
    /// Which visits, or how many, and what for.
    Visits(app::visit_log::Question),
    /// What the site was seen to do.
    Seen,
    Publish(PublishQuestion),
    Token(TokenQuestion),
    Person(PersonQuestion),
    /// A link to become an owner of the console.
    NewOwnerLink,
    Keys(KeysQuestion),
    /// Take in the log of another server, which follows.
    Import(ImportQuestion),
}

/// How to take a log in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportQuestion {
    /// Even if it looks like an older copy of one that is known.
    pub(crate) again: bool,
    /// Where the server stood, as in `Europe/Berlin`, for formats whose times do not say it. None is the policy's time zone.
    pub(crate) zone: Option<String>,
}

/// What is to be done with the master key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "keys", deny_unknown_fields)]
pub(crate) enum KeysQuestion {
    /// Only say what it wraps.
    Status,
    /// Bring in a new one.
    Rotate,
}

/// What to do with the tokens of programs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "tokens", deny_unknown_fields)]
pub(crate) enum TokenQuestion {
    New {
        name: String,
        scopes: Vec<String>,
        /// A span of time; none is until it is revoked.
        expires: Option<String>,
    },
    List,
    Revoke {
        id: String,
    },
}

/// Whom to show, and what for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonQuestion {
    /// An e-mail address, a username or an id.
    pub(crate) person: String,
    /// None is the purpose that accounts are run for.
    pub(crate) purpose: Option<String>,
}

/// What to publish. The texts come along, so that what was checked is what is published, wherever the server found its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublishQuestion {
    rules: NamedText,
    words: Vec<NamedText>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedText {
    name: String,
    text: String,
}

impl PublishQuestion {
    pub(crate) fn new(sources: &SiteSources) -> Self {
        let named = |file: &SourceFile| NamedText { name: file.name.clone(), text: file.text.clone() };
        Self { rules: named(&sources.rules), words: sources.words.iter().map(|(_, file)| named(file)).collect() }
    }

    /// None where a file is none of a policy.
    pub(crate) fn sources(&self) -> Option<SiteSources> {
        let file = |named: &NamedText| SourceFile { name: named.name.clone(), text: named.text.clone() };
        let words = self.words.iter().map(|named| Some((SiteSources::words_language(&named.name)?, file(named)))).collect::<Option<_>>()?;
        (self.rules.name == crate::site::RULES).then(|| SiteSources { rules: file(&self.rules), words })
    }
}

/// What the owner answers: one line of JSON each, the rows first, one of the others last.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    Visit(ShownVisit),
    /// How far it is, in hundredths.
    Progress(u8),
    Counts(ShownCounts),
    Cookie(SeenCookieRow),
    Resource(SeenResourceRow),
    NewToken(NewTokenRow),
    Token(TokenRow),
    Person(ShownPerson),
    Done(Missing),
    Published(PublishReport),
    Imported(LogReport),
    OwnerLink(OwnerLink),
    /// One of several, the last of which is `Wrapped` or `ByHand`.
    Keys(KeysReport),
    /// The policy does not allow it.
    Refused(String),
    /// The question cannot be understood.
    Bad(String),
    Failed(String),
}

/// What became of a log that was taken in: of the lines that were read, each is in one of the other counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogReport {
    /// Null where the log is empty.
    pub(crate) format: Option<String>,
    pub(crate) read: u64,
    pub(crate) imported: u64,
    pub(crate) already: u64,
    pub(crate) dropped: u64,
    /// Of those imported, how many are of robots.
    pub(crate) robots: u64,
    pub(crate) broken_lines: u64,
    /// The first of them.
    pub(crate) broken: Vec<BrokenLine>,
    /// Why the log ended before its end.
    pub(crate) ended: Option<String>,
}

/// A line that could not be read. Its text is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BrokenLine {
    pub(crate) line: u64,
    pub(crate) why: String,
}

/// A link to become an owner, as `candor operators new-link --json` prints it. Whoever has it may use it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnerLink {
    pub(crate) link: String,
    pub(crate) expires: domain::Timestamp,
}

/// What happens to the master key. It has no Debug form: one of them holds a key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeysReport {
    /// A new one was written into its place.
    Added { place: String },
    /// Its place holds another than the one in use, which is used from now on.
    Found { place: String },
    /// An earlier rotation did not end yet.
    Unfinished,
    /// How many keys the newest one wraps, and how many older ones.
    Wrapped { newest: u64, older: u64, place: String },
    /// A new one, for the operator to put into a place that the server cannot write.
    ByHand { variable: String, line: String },
}

/// One name under which the site set cookies, as `candor seen --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SeenCookieRow {
    pub(crate) name: String,
    /// Whether the policy in force declares it.
    pub(crate) declared: bool,
    pub(crate) count: u64,
    pub(crate) first: domain::Timestamp,
    pub(crate) last: domain::Timestamp,
    /// What `policy.toml` could say of it, where it says nothing yet.
    pub(crate) proposal: Option<String>,
}

/// One place of a third party that pages load from, or would, as `candor seen --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SeenResourceRow {
    /// Scheme, host and path up to its last slash.
    pub(crate) url: String,
    /// Whether the policy in force declares it.
    pub(crate) declared: bool,
    /// Whether only browsers say so: Candor saw it on no page.
    pub(crate) only_reported: bool,
    pub(crate) count: u64,
    pub(crate) first: domain::Timestamp,
    pub(crate) last: domain::Timestamp,
    /// What `policy.toml` could say of it, where it says nothing yet and no earlier proposal covers it.
    pub(crate) proposal: Option<String>,
}

/// A token that was just made, as `candor token new --json` prints it. It is a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NewTokenRow {
    pub(crate) token: String,
    #[serde(flatten)]
    pub(crate) about: TokenRow,
}

/// What is known of a token, as `candor token list --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TokenRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) made: domain::Timestamp,
    pub(crate) expires: Option<domain::Timestamp>,
    /// It works no more.
    pub(crate) over: bool,
    /// When it was last used, to half a minute.
    pub(crate) used: Option<domain::Timestamp>,
}
