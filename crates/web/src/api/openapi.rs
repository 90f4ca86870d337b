use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// What there is to ask, and how: OpenAPI 3.1.
const DOCUMENT: &str = include_str!("openapi.json");

pub(super) async fn show() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use app::programs::Scope;
    use serde_json::Value;

    use super::*;
    use crate::api::routes::OPERATIONS;

    fn document() -> Value {
        serde_json::from_str(DOCUMENT).expect("JSON")
    }

    #[test]
    fn every_route_is_in_the_document_with_its_scope_and_nothing_else_is() {
        let document = document();
        let mut described = BTreeSet::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations").iter().filter(|(key, _)| *key != "parameters") {
                let scope = operation["x-scope"].as_str().map(str::to_owned);
                described.insert((path.clone(), method.to_uppercase(), scope));
            }
        }
        let known: BTreeSet<_> = OPERATIONS
            .iter()
            .map(|(method, path, scope)| (format!("/v1{path}"), (*method).to_owned(), scope.map(|scope| scope.name().to_owned())))
            .collect();
        assert_eq!(described, known);
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_operation_says_how_it_fails() {
        let document = document();
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = BTreeSet::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations").iter().filter(|(key, _)| *key != "parameters") {
                let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no name"));
                assert!(ids.insert(id.to_owned()), "{id} is there twice");
                let responses = operation["responses"].as_object().expect("responses");
                assert!(responses.keys().any(|status| status.starts_with('2')), "{id}");
                if operation["x-scope"].is_string() {
                    for status in ["401", "403", "429", "503"] {
                        assert!(responses.contains_key(status), "{id} does not tell of {status}");
                    }
                }
            }
        }
        references(&document, &mut |reference| {
            let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads away"));
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        });
        let scopes = document["components"]["securitySchemes"]["token"]["description"].as_str().expect("a description");
        for scope in Scope::ALL {
            assert!(scopes.contains(&format!("`{}`", scope.name())), "{}", scope.name());
        }
    }

    fn references(value: &Value, each: &mut impl FnMut(&str)) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    match value.as_str() {
                        Some(reference) if key == "$ref" => each(reference),
                        _ => references(value, each),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, each)),
            _ => {}
        }
    }
}
