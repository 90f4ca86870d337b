use std::fmt;
use std::str::FromStr;

macro_rules! scopes {
    ($($variant:ident = $name:literal, $meaning:literal;)+) => {
        /// What a token lets a program do. The names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Scope { $(#[doc = $meaning] $variant),+ }

        impl Scope {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// For the reference.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}

scopes! {
    Decide = "decide", "Ask for decisions.";
    PeopleRead = "people:read", "Find people and read what is known of them, as far as the policy permits it for the purpose that is named.";
    Agreements = "agreements", "Read, begin and end people's agreements.";
    Sessions = "sessions", "Sign people out of their accounts, everywhere and at once.";
    Cases = "cases", "Enter requests that came by letter or phone, follow them, and list the cases that came of them.";
    Visits = "visits", "Read visits and count them, as far as the policy permits it for the purpose that is named.";
}

/// A text is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a scope; there are {}", .0, Scope::names())]
pub struct BadScope(pub String);

impl Scope {
    /// All of them, for a message.
    pub fn names() -> String {
        Self::ALL.iter().map(|scope| format!("`{}`", scope.name())).collect::<Vec<_>>().join(", ")
    }
}

impl FromStr for Scope {
    type Err = BadScope;

    fn from_str(text: &str) -> Result<Self, BadScope> {
        Self::ALL.iter().copied().find(|scope| scope.name() == text).ok_or_else(|| BadScope(text.chars().take(100).collect()))
    }
}

/// Some scopes, each once, in the order of [`Scope::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Those of a text that are known: what a newer program allowed this one does not understand, and does not allow.
    pub(super) fn known(text: &str) -> Self {
        text.split(' ').filter_map(|name| name.parse().ok()).collect()
    }

    pub fn contain(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|scope| scope.name()).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut scopes: Vec<Scope> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.names().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_one_of_a_few_and_whoever_names_another_is_told_which() {
        for scope in Scope::ALL {
            assert_eq!(scope.name().parse(), Ok(*scope));
        }
        let refused = "everything".parse::<Scope>().expect_err("no scope").to_string();
        assert!(refused.starts_with("`everything` is not a scope; there are `decide`, `people:read`"), "{refused}");
        assert!("".parse::<Scope>().is_err() && "Decide".parse::<Scope>().is_err() && "decide people:read".parse::<Scope>().is_err());
    }

    #[test]
    fn scopes_are_kept_once_each_and_what_is_unknown_allows_nothing() {
        let scopes: Scopes = [Scope::Agreements, Scope::Decide, Scope::Agreements].into_iter().collect();
        assert_eq!(scopes.to_string(), "decide agreements");
        assert_eq!(Scopes::known("decide agreements"), scopes);
        assert_eq!(Scopes::known("rule-the-world decide agreements"), scopes);
        assert!(Scopes::known("").is_empty() && Scopes::known("rule-the-world").is_empty());
        assert!(scopes.contain(Scope::Decide) && !scopes.contain(Scope::PeopleRead));
    }
}
