use std::fmt;

macro_rules! fields {
    ($($variant:ident = $name:literal, $meaning:literal;)+) => {
        /// A field of personal data that Candor itself knows how to keep: the reserved names of `[data.visit]`, `[data.account]` and
        /// `[data.request]`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Field { $(#[doc = $meaning] $variant),+ }

        impl Field {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name a policy uses, category first.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it is, in a reader's words.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}

fields! {
    VisitIp = "visit.ip", "IP address";
    VisitBrowser = "visit.browser", "Browser";
    VisitReferrer = "visit.referrer", "Page that linked here";
    VisitTime = "visit.time", "Time";
    VisitMethod = "visit.method", "Request method";
    VisitPath = "visit.path", "Page";
    VisitStatus = "visit.status", "Answer's status";
    VisitBytes = "visit.bytes", "Answer's size in bytes";
    VisitDuration = "visit.duration", "Time the answer took";
    VisitVisitor = "visit.visitor", "Visitor id";
    VisitAccount = "visit.account", "Account";
    AccountEmail = "account.email", "E-mail address";
    AccountUsername = "account.username", "Username";
    RequestEmail = "request.email", "E-mail address of whoever asked";
    RequestMessage = "request.message", "What was written in a request";
}

impl Field {
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }
}

/// A set of fields.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FieldSet(u32);

impl FieldSet {
    pub const EMPTY: Self = Self(0);

    pub const fn with(self, field: Field) -> Self {
        Self(self.0 | 1 << field as u8)
    }

    pub const fn contains(self, field: Field) -> bool {
        self.0 & (1 << field as u8) != 0
    }

    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.iter().copied().filter(move |field| self.contains(*field))
    }
}

impl FromIterator<Field> for FieldSet {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        fields.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for FieldSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.iter().map(Field::name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_its_name() {
        for field in Field::ALL {
            assert_eq!(Field::named(field.name()), Some(*field));
        }
        assert_eq!(Field::named("visit.shoe-size"), None);
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let (even, odd): (Vec<Field>, Vec<Field>) = Field::ALL.iter().partition(|field| (**field as u8).is_multiple_of(2));
        let set: FieldSet = even.iter().copied().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), even);
        assert!(odd.iter().all(|field| !set.contains(*field)));
        assert!(set.intersection(odd.iter().copied().collect()).is_empty());
        assert_eq!(set.union(odd.into_iter().collect()), Field::ALL.iter().copied().collect());
        assert_eq!(format!("{:?}", FieldSet::EMPTY.with(Field::VisitIp)), r#"{"visit.ip"}"#);
    }
}
