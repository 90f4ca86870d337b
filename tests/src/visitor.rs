use crate::{Form, Request, Response, Server};

/// Somebody with a browser that keeps our cookie and opens pages.
#[derive(Debug)]
pub struct Visitor<'a> {
    server: &'a Server,
    cookie: Option<String>,
}

impl<'a> Visitor<'a> {
    pub fn of(server: &'a Server) -> Self {
        Self { server, cookie: None }
    }

    /// Opens a page, as a click does.
    pub fn open(&mut self, target: &str) -> Response {
        self.send(Request::get(target).header("Accept", "text/html,*/*;q=0.8").header("Sec-Fetch-Dest", "document"))
    }

    /// Answers for one purpose on the choices page.
    pub fn choose(&mut self, purpose: &str, answer: &str) {
        let page = self.open("/privacy/choices");
        let chosen = self.send(Form::of(&page).choose(purpose, answer).post(None));
        assert_eq!(chosen.status, 303, "{}", String::from_utf8_lossy(&chosen.body));
    }

    pub fn send(&mut self, request: Request) -> Response {
        let answer = request.cookie(self.cookie.as_deref()).send(self.server.public());
        for set in answer.headers_named("set-cookie").filter(|set| set.starts_with("candor=")) {
            let value = set.split(';').next().unwrap_or_default();
            self.cookie = (value != "candor=").then(|| value.to_owned());
        }
        answer
    }
}
