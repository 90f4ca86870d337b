/// The places where people are asked, or answer. Its number grows whenever what it says or shows changes: a record of a choice names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    Banner,
    Placeholder,
}

impl Interface {
    /// The form field in which a post names the one it was made with.
    pub(crate) const FIELD: &'static str = "_interface";

    /// As that field says it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Banner => "banner",
            Self::Placeholder => "placeholder",
        }
    }
}
