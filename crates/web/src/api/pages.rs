use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::problem::{Problem, reason};

const LIMIT_MAX: usize = 200;
const LIMIT: usize = 50;

/// Which part of a list is asked for: so many, after the last of the page before.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    limit: usize,
    after: Option<String>,
}

/// A part of a list. `next` is the cursor of the part after it, where there is one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Reads a query of these parameters and no others.
pub(crate) fn query<T: DeserializeOwned>(uri: &Uri, takes: &str) -> Result<T, Problem> {
    let read = Query::<T>::try_from_uri(uri);
    read.map(|Query(query)| query).map_err(|error| Problem::bad(format!("the query takes {takes}: {}", reason(&error.body_text()))))
}

impl<S: Send + Sync> FromRequestParts<S> for Pages {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Asked { limit, cursor } = query(&parts.uri, "`limit` and `cursor`")?;
        let limit = limit.unwrap_or(LIMIT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::bad(format!("`limit` is a number from 1 to {LIMIT_MAX}")));
        }
        let read = |cursor: String| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            bytes.ok_or_else(no_cursor)
        };
        Ok(Self { limit, after: cursor.map(read).transpose()? })
    }
}

impl Pages {
    /// The key of the last item of the page before, where a list is read from there and not as a whole.
    pub(crate) fn after<T>(&self, key: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        self.after.as_deref().map(|after| key(after).ok_or_else(no_cursor)).transpose()
    }

    /// So many of them tell whether there are more.
    pub(crate) fn one_more_than_limit(&self) -> u32 {
        u32::try_from(self.limit + 1).unwrap_or(u32::MAX)
    }

    /// The part of a whole list, which is in the order of its keys.
    pub(crate) fn of<T>(&self, all: Vec<T>, key: impl Fn(&T) -> String) -> Page<T> {
        let is_later = |item: &T| self.after.as_ref().is_none_or(|after| key(item) > *after);
        let mut items: Vec<T> = all.into_iter().filter(is_later).collect();
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next = items.last().filter(|_| more).map(|last| BASE64_URL_SAFE_NO_PAD.encode(key(last)));
        Page { items, next }
    }
}

pub(super) fn no_cursor() -> Problem {
    Problem::bad("`cursor` is the `next` of the page before, as it was sent")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_together_are_the_whole_list_once() {
        let all: Vec<String> = (0..7).map(|number| format!("agreement-{number}")).collect();
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = Pages { limit: 3, after }.of(all.clone(), Clone::clone);
            assert!(page.items.len() <= 3);
            seen.extend(page.items);
            match page.next {
                Some(next) => after = Some(String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(next).expect("base64")).expect("text")),
                None => break,
            }
        }
        assert_eq!(seen, all);
    }
}
