use app::operators::Role;

use crate::PrivateState;
use crate::assets::{ICON, PASSKEYS, STYLE};
use crate::forms::Hidden;

/// What every page of the console has around its content.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) style: String,
    pub(crate) icon: String,
    pub(crate) script: String,
    pub(crate) controller: String,
    pub(crate) at: Tab,
    /// Whoever is signed in; nobody else sees where things are.
    pub(crate) operator: Option<Shown>,
    /// What every form on the page carries.
    pub(crate) hidden: Hidden,
}

/// The page that the navigation marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Overview,
    Cases,
    People,
    Visits,
    Operators,
    Passkeys,
    Actions,
    Elsewhere,
}

/// An operator, as the frame names them.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) role: Role,
}

impl Frame {
    pub(crate) fn new(state: &PrivateState, at: Tab, operator: Option<Shown>, hidden: Hidden) -> Self {
        let file = |name: String| format!("/assets/{name}");
        Self {
            style: file(STYLE.file_name()),
            icon: file(ICON.file_name()),
            script: file(PASSKEYS.file_name()),
            controller: state.versions.newest().map_or_else(String::new, |newest| newest.policy.controller.clone()),
            at,
            operator,
            hidden,
        }
    }

    pub(crate) fn is_at(&self, tab: Tab) -> bool {
        self.at == tab
    }
}

impl Shown {
    pub(crate) fn is_owner(&self) -> bool {
        self.role == Role::Owner
    }
}
