use std::fmt;
use std::path::{Path, PathBuf};

use crate::dialect::Dialect;

/// Where the records are. Neither its text nor its debug output shows a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// One file.
    Sqlite(PathBuf),
    /// A URL, which may hold a password.
    Postgres(String),
}

impl Address {
    /// Reads `sqlite:PATH` or `postgres://USER@HOST/NAME`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("sqlite", path) if !path.is_empty() && !path.starts_with("//") && !path.contains('\0') => Some(Self::Sqlite(path.into())),
            ("postgres" | "postgresql", rest) => {
                let beyond = rest.strip_prefix("//")?;
                (!beyond.is_empty() && !text.chars().any(char::is_whitespace)).then(|| Self::Postgres(text.to_owned()))
            }
            _ => None,
        }
    }

    /// The same place, where a relative path starts at this folder.
    #[must_use]
    pub fn seen_from(self, folder: &Path) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(folder.join(path)),
            Self::Postgres(url) => Self::Postgres(url),
        }
    }

    /// What an address says without its secrets, whether it can be read or not.
    pub fn without_secrets(text: &str) -> String {
        let Some((scheme, rest)) = text.split_once("://") else {
            return text.split_once(':').filter(|(scheme, _)| *scheme == "sqlite").map_or_else(|| "…".to_owned(), |_| text.to_owned());
        };
        // A password may hold any character but these; what follows `?` may name one.
        let rest = rest.split('?').next().unwrap_or_default();
        match rest.rsplit_once('@') {
            Some((who, at)) => format!("{scheme}://{}@{at}", who.split(':').next().unwrap_or_default()),
            None => format!("{scheme}://{rest}"),
        }
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// As the driver wants it: a SQLite file is made if it is not there. None where the path is not text.
    pub(crate) fn url(&self) -> Option<String> {
        match self {
            Self::Sqlite(path) => {
                let path = path.to_str()?.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
                Some(format!("sqlite:{path}?mode=rwc"))
            }
            Self::Postgres(url) => Some(url.clone()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite:{}", path.display()),
            Self::Postgres(url) => out.write_str(&Self::without_secrets(url)),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_a_file_or_a_server() {
        assert_eq!(Address::parse("sqlite:records.sqlite"), Some(Address::Sqlite("records.sqlite".into())));
        assert!(matches!(Address::parse("postgresql://candor@db.example/candor"), Some(Address::Postgres(_))));
        for text in ["", "records.sqlite", "sqlite:", "sqlite://x", "mysql://x", "postgres:x", "postgres://", "postgres://a b@c/d"] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for (text, shown) in [
            ("postgres://candor:s3cret@db.example:5432/candor", "postgres://candor@db.example:5432/candor"),
            ("postgres://candor:p@ss:w@db.example/candor?sslmode=require", "postgres://candor@db.example/candor"),
            ("postgres://db.example/candor?user=candor&password=s3cret", "postgres://db.example/candor"),
            ("postgres://db.example", "postgres://db.example"),
            ("postgres:candor:s3cret@db.example", "…"),
            ("s3cret", "…"),
            ("sqlite:/srv/records.sqlite", "sqlite:/srv/records.sqlite"),
        ] {
            assert_eq!(Address::without_secrets(text), shown);
            if let Some(address) = Address::parse(text) {
                assert_eq!((address.to_string(), format!("{address:?}")), (shown.to_owned(), shown.to_owned()));
            }
        }
    }
}
