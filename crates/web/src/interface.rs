use domain::ChoiceMethod;

/// The places in the site's pages where people are asked, or answer. A record of a choice names it, with the version that `app::choices::interface` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    Banner,
    Placeholder,
}

impl Interface {
    /// The form field in which a post names the one it was made with.
    pub(crate) const FIELD: &'static str = app::choices::Submission::INTERFACE;

    /// As that field says it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Banner => ChoiceMethod::Banner.name(),
            Self::Placeholder => ChoiceMethod::Placeholder.name(),
        }
    }
}
