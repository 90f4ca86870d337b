//! Who asks, in terms that both sides understand.

use domain::Age;

pub(crate) struct Somebody {
    pub(crate) age: Age,
    pub(crate) minor_signal: bool,
    pub(crate) registered: bool,
    pub(crate) closed: bool,
    pub(crate) member: bool,
    pub(crate) restricted: bool,
    pub(crate) yes: &'static [&'static str],
    pub(crate) no: &'static [&'static str],
    pub(crate) opted_out: &'static [&'static str],
    /// The browser sends `Sec-GPC: 1`, and did when they said yes.
    pub(crate) gpc: bool,
    /// They live where an unmade choice is a no.
    pub(crate) asked_first: bool,
    pub(crate) case: bool,
}

const STRANGER: Somebody = Somebody {
    age: Age::Unknown,
    minor_signal: false,
    registered: false,
    closed: false,
    member: false,
    restricted: false,
    yes: &[],
    no: &[],
    opted_out: &[],
    gpc: false,
    asked_first: true,
    case: false,
};

const EVERYTHING: &[&str] = &["news", "offers", "advertising", "statistics", "personalise", "return-visits", "research"];

pub(crate) const PEOPLE: &[Somebody] = &[
    STRANGER,
    Somebody { asked_first: false, ..STRANGER },
    Somebody { yes: EVERYTHING, ..STRANGER },
    Somebody { age: Age::Adult, registered: true, member: true, yes: EVERYTHING, ..STRANGER },
    Somebody { age: Age::Adult, registered: true, yes: &["news"], no: &["statistics", "operate"], opted_out: &["offers"], ..STRANGER },
    Somebody { age: Age::Minor, registered: true, yes: EVERYTHING, ..STRANGER },
    Somebody { minor_signal: true, yes: EVERYTHING, asked_first: false, ..STRANGER },
    Somebody { gpc: true, asked_first: false, ..STRANGER },
    Somebody { gpc: true, yes: &["news", "research"], ..STRANGER },
    Somebody { age: Age::Adult, registered: true, member: true, closed: true, yes: &["news"], case: true, ..STRANGER },
    Somebody { age: Age::Adult, registered: true, restricted: true, case: true, yes: EVERYTHING, ..STRANGER },
    Somebody { case: true, no: EVERYTHING, ..STRANGER },
];
