use std::collections::BTreeMap;

use crate::{Form, Request, Response, Server};

/// Somebody with a browser that keeps our cookies and opens pages.
#[derive(Debug)]
pub struct Visitor<'a> {
    server: &'a Server,
    ours: BTreeMap<String, String>,
    /// A cookie of the site.
    kept: Option<String>,
}

impl<'a> Visitor<'a> {
    pub fn of(server: &'a Server) -> Self {
        Self { server, ours: BTreeMap::new(), kept: None }
    }

    /// Opens a page, as a click does.
    pub fn open(&mut self, target: &str) -> Response {
        self.send(Request::get(target).header("Accept", "text/html,*/*;q=0.8").header("Sec-Fetch-Dest", "document"))
    }

    /// Carries a cookie of the site, as `name=value`, from now on.
    pub fn keep(&mut self, cookie: &str) {
        self.kept = Some(cookie.to_owned());
    }

    /// Answers for one purpose on the choices page.
    pub fn choose(&mut self, purpose: &str, answer: &str) {
        let page = self.open("/privacy/choices");
        let chosen = self.send(Form::of(&page).choose(purpose, answer).post(None));
        assert_eq!(chosen.status, 303, "{}", String::from_utf8_lossy(&chosen.body));
    }

    /// Our cookies, as their browser would send them to a server that starts again.
    pub fn cookies(&self) -> String {
        let ours: Vec<String> = self.ours.iter().map(|(name, value)| format!("{name}={value}")).collect();
        ours.join("; ")
    }

    pub fn send(&mut self, request: Request) -> Response {
        let ours = self.ours.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies: Vec<String> = ours.chain(self.kept.clone()).collect();
        let cookies = (!cookies.is_empty()).then(|| cookies.join("; "));
        let answer = request.cookie(cookies.as_deref()).send(self.server.public());
        let pairs = answer.headers_named("set-cookie").filter_map(|set| set.split(';').next()?.split_once('='));
        for (name, value) in pairs.filter(|(name, _)| matches!(*name, "candor" | "candor-visit")) {
            match value {
                "" => self.ours.remove(name),
                _ => self.ours.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }
}
