use jiff::Timestamp;

use crate::{Id, Version};

/// What somebody answered when asked about a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    Yes,
    No,
}

/// One answer about one purpose, as a browser carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub purpose: Id,
    pub answer: Answer,
    /// When it was made, to the second.
    pub at: Timestamp,
    /// The version of the words that were shown.
    pub version: Version,
    /// Whether the browser sent `Sec-GPC: 1` while choosing.
    pub gpc: bool,
    /// Whether it is a no to what would otherwise have been on: said where people opt out instead of being asked, or by `Sec-GPC: 1`.
    pub opted_out: bool,
}

macro_rules! named {
    ($(#[$doc:meta])+ $kind:ident { $($(#[$about:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $kind { $($(#[$about])* $variant),+ }

        impl $kind {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == name)
            }
        }
    };
}

named! {
    /// What an answer did, as a record of it says.
    ChoiceAction {
        /// A yes.
        Given = "given",
        /// A no to what rests on consent, where no yes counted before.
        Refused = "refused",
        /// A no that ended a yes.
        Withdrawn = "withdrawn",
        /// A no to what rests on legitimate interests (GDPR Art. 21).
        Objected = "objected",
        /// A no where people opt out of what is on, or by the browser's signal.
        OptedOut = "opted-out",
    }
}

named! {
    /// Where an answer was given.
    ChoiceMethod {
        /// The choices page.
        Page = "page",
        Banner = "banner",
        /// What stands at the place of something held back.
        Placeholder = "placeholder",
        /// A script of the site.
        Api = "api",
        /// `Sec-GPC: 1`: nobody pressed anything on this site.
        Signal = "signal",
        /// Somebody's guardian answered for them.
        Guardian = "guardian",
    }
}

impl ChoiceAction {
    /// Whether it was a yes or a no.
    pub const fn answer(self) -> Answer {
        match self {
            Self::Given => Answer::Yes,
            Self::Refused | Self::Withdrawn | Self::Objected | Self::OptedOut => Answer::No,
        }
    }
}
