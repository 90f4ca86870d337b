use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;
use web::{Count, Operations};

use crate::world::World;

pub(crate) struct Running {
    pub(crate) ready: Result<(), String>,
}

impl Operations for Running {
    fn enforcement(&self) -> &'static str {
        "observe: nothing is held back"
    }

    fn ready(&self) -> Result<(), String> {
        self.ready.clone()
    }

    fn metrics(&self) -> String {
        "candor_visits_total 12345\n".to_owned()
    }

    fn counts(&self) -> Vec<Count> {
        vec![Count { title: "Recorded", number: 12_345 }]
    }

    fn notices(&self) -> Vec<String> {
        vec!["The site folder differs from version 1.".to_owned()]
    }
}

async fn get(ready: Result<(), String>, path: &str) -> (StatusCode, String) {
    let world = World::new();
    let console = web::private(world.private(Arc::new(Running { ready })));
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = console.oneshot(request).await.expect("an answer");
    let status = response.status();
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8(bytes.to_vec()).expect("text"))
}

#[tokio::test]
async fn machines_ask_whether_it_lives_and_is_ready() {
    assert_eq!(get(Ok(()), "/health/live").await, (StatusCode::OK, "ok\n".to_owned()));
    assert_eq!(get(Ok(()), "/health/ready").await, (StatusCode::OK, "ready\n".to_owned()));
    let failing = Err("the visit log cannot be written".to_owned());
    assert_eq!(
        get(failing.clone(), "/health/ready").await,
        (StatusCode::SERVICE_UNAVAILABLE, "the visit log cannot be written\n".to_owned())
    );
    assert_eq!(get(failing, "/health/live").await.0, StatusCode::OK);
    assert_eq!(get(Ok(()), "/metrics").await.1, "candor_visits_total 12345\n");
}

#[tokio::test]
async fn operators_see_how_it_runs() {
    let (status, page) = get(Ok(()), "/").await;
    assert_eq!(status, StatusCode::OK);
    for shown in ["observe: nothing is held back", "Harbour Clinic", "2 March 2026", "12,345", "The site folder differs from version 1."] {
        assert!(page.contains(shown), "{shown}");
    }
    assert_eq!(get(Ok(()), "/privacy").await.0, StatusCode::NOT_FOUND);
}
