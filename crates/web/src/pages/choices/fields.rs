use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::RETURN;
use super::failures::detailed;
use crate::forgery::TOKEN_FIELD;
use crate::pages::error::Failure;

/// The fields of a post: from a form, or from the same fields as a JSON object, where `true` and `false` are answers too.
pub(super) struct Fields {
    pairs: Vec<(String, String)>,
    /// They were no form, so a script sent them.
    are_json: bool,
}

impl Fields {
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Failure> {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media_type.as_str() {
            "application/x-www-form-urlencoded" => Ok(Self { pairs: form_urlencoded::parse(body).into_owned().collect(), are_json: false }),
            "application/json" => json(body),
            "" if body.is_empty() => Ok(Self { pairs: Vec::new(), are_json: false }),
            _ => Err(detailed(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-form",
                "Send application/x-www-form-urlencoded or application/json. Nothing was saved.",
            )),
        }
    }

    pub(super) const fn are_json(&self) -> bool {
        self.are_json
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All but what is about the form's way here and back. A purpose may be called `return` too; its answer is no path.
    pub(super) fn answers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, value)| *name != TOKEN_FIELD && (*name != RETURN || matches!(*value, "yes" | "no")))
    }
}

fn json(body: &[u8]) -> Result<Fields, Failure> {
    let unreadable =
        || detailed(StatusCode::BAD_REQUEST, "unreadable-json", "Send one JSON object, as {\"news\": true}. Nothing was saved.");
    let object: Map<String, Value> = serde_json::from_slice(body).map_err(|_| unreadable())?;
    object
        .into_iter()
        .map(|(name, value)| match value {
            Value::Bool(true) => Ok((name, "yes".to_owned())),
            Value::Bool(false) => Ok((name, "no".to_owned())),
            Value::String(text) => Ok((name, text)),
            Value::Number(number) => Ok((name, number.to_string())),
            _ => Err(unreadable()),
        })
        .collect::<Result<_, _>>()
        .map(|pairs| Fields { pairs, are_json: true })
}
