//! Joins the edge and the pages: the edge knows no web framework, and the pages know no proxy.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use edge::{AnswerBody, Held, OwnPages, RequestBody, RequestFacts, Room};
use http::{Request, Response};
use tower::ServiceExt;
use web::{Asker, HeldBack, SitePage, State};

use super::networks::Networks;

pub(super) struct Pages {
    state: State,
    router: axum::Router,
    networks: Networks,
}

impl Pages {
    pub(super) fn new(state: State, networks: Networks) -> Self {
        Self { router: web::public(state.clone()), state, networks }
    }
}

impl Pages {
    fn asker(&self, facts: &RequestFacts) -> Asker {
        Asker {
            policy: Arc::clone(&facts.policy),
            cookie: facts.cookie.clone(),
            purposes: facts.plan.purposes,
            gpc: facts.gpc,
            region: facts.region,
            https: facts.https,
            authority: facts.authority.clone(),
            network: self.networks.number_of(&facts.client),
            now: facts.now,
            client: facts.client,
        }
    }
}

impl OwnPages for Pages {
    fn owns(&self, path: &str) -> bool {
        web::owns(&self.state, path)
    }

    fn answer(
        &self,
        request: Request<RequestBody>,
        facts: Arc<RequestFacts>,
    ) -> Pin<Box<dyn Future<Output = Response<AnswerBody>> + Send>> {
        let router = self.router.clone();
        let asker = self.asker(&facts);
        Box::pin(async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(asker);
            match router.oneshot(request).await {
                Ok(answer) => answer.map(AnswerBody::new),
                Err(never) => match never {},
            }
        })
    }

    fn recorded<'p>(&self, path: &'p str) -> &'p str {
        web::without_secret(&self.state.settings, path)
    }

    fn report_path(&self) -> Option<String> {
        Some(web::csp_report_path(&self.state.settings.prefix))
    }

    fn form_path(&self) -> String {
        format!("{}/choices", self.state.settings.prefix)
    }

    fn sign_in_path(&self) -> String {
        format!("{}/sign-in", self.state.settings.account)
    }

    fn inserts(&self, page: &edge::Page<'_>) -> Option<Box<dyn edge::Inserts>> {
        let page = SitePage {
            asker: self.asker(page.facts),
            path: page.path,
            headers: page.headers,
            due: page.due,
            sends_forms: page.sends_forms,
        };
        Some(Box::new(Inserts(web::Inserts::new(&self.state, page))))
    }
}

/// The pages' inserts as the edge knows them.
struct Inserts(web::Inserts);

impl edge::Inserts for Inserts {
    fn style(&self) -> &'static str {
        web::Inserts::style()
    }

    fn style_source(&self) -> &'static str {
        web::Inserts::style_source()
    }

    fn banner(&self) -> Option<&str> {
        self.0.banner()
    }

    /// Looking at a page of the site's sets no cookie, not even for a form.
    fn placeholder(&self, held: &Held, room: Room) -> String {
        self.0.placeholder(&held_back(held), room == Room::Little)
    }

    fn summary(&self, held: &[Held]) -> String {
        let held: Vec<HeldBack> = held.iter().map(held_back).collect();
        self.0.ending(&held)
    }
}

fn held_back(held: &Held) -> HeldBack {
    match held {
        Held::Resource(resource) => HeldBack::Resource(*resource),
        Held::Purpose(purpose) => HeldBack::Purpose(*purpose),
        Held::Undeclared(host) => HeldBack::Undeclared(host.clone()),
    }
}
