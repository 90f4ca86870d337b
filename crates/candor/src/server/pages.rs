//! Joins the edge and the pages: the edge knows no web framework, and the pages know no proxy.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use edge::{AnswerBody, OwnPages, RequestBody, RequestFacts};
use http::{Request, Response};
use tower::ServiceExt;
use web::{Asker, Prefix};

pub(super) struct Pages {
    pub(super) prefix: Prefix,
    pub(super) router: axum::Router,
}

impl OwnPages for Pages {
    fn owns(&self, path: &str) -> bool {
        web::owns(&self.prefix, path)
    }

    fn answer(
        &self,
        request: Request<RequestBody>,
        facts: Arc<RequestFacts>,
    ) -> Pin<Box<dyn Future<Output = Response<AnswerBody>> + Send>> {
        let router = self.router.clone();
        let asker = Asker {
            policy: Arc::clone(&facts.policy),
            cookie: facts.cookie.clone(),
            purposes: facts.plan.purposes,
            gpc: facts.gpc,
            region: facts.region,
            https: facts.https,
            authority: facts.authority.clone(),
            now: facts.now,
        };
        Box::pin(async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(asker);
            match router.oneshot(request).await {
                Ok(answer) => answer.map(AnswerBody::new),
                Err(never) => match never {},
            }
        })
    }
}
