use std::net::SocketAddr;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::told::Told;
use crate::PrivateState;
use crate::api::is_by_address;
use crate::forgery::same_origin;
use crate::forms::see_other;
use crate::pages::passkeys::host;

/// How the console is set up.
#[derive(Clone, Debug)]
pub struct ConsoleSettings {
    /// Where operators reach it, as `https://console.example.org`; none is `localhost`.
    pub origin: Option<String>,
    /// Where it listens.
    pub listen: SocketAddr,
}

/// The place a request was sent to. A passkey works there and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) origin: String,
    pub(crate) https: bool,
}

/// What a request's `Host` comes to.
#[derive(Debug, PartialEq, Eq)]
enum Reached {
    Here(Place),
    /// Browsers make passkeys for names only: this is the same by its name.
    ByNumber(String),
    Unknown,
}

impl ConsoleSettings {
    /// Where a browser that knows passkeys reaches it.
    pub fn url(&self) -> String {
        self.origin.clone().unwrap_or_else(|| format!("http://localhost:{}", self.listen.port()))
    }

    /// A page of another site can have any name lead to this listener, and would then be of one origin with it (DNS rebinding). So only names are answered that
    /// no other site has: the configured one, and the machine's own on the port that is listened on. What else runs on the machine is at another port, and is
    /// not to get an operator's passkey to answer for us; a tunnel from another port is named in `console_origin`.
    fn reached(&self, host_and_port: &str) -> Reached {
        if let Some(origin) = &self.origin {
            let https = origin.starts_with("https:");
            let said = format!("{}://{host_and_port}", if https { "https" } else { "http" });
            if same_origin(&said, origin) {
                return Reached::Here(Place { origin: origin.clone(), https });
            }
        }
        let name = host(host_and_port);
        let port = &host_and_port[name.len()..];
        let is_own_port = port.strip_prefix(':').and_then(|port| port.parse().ok()).unwrap_or(80) == self.listen.port();
        if name.eq_ignore_ascii_case("localhost") && is_own_port {
            return Reached::Here(Place { origin: format!("http://localhost{port}"), https: false });
        }
        if ["127.0.0.1", "[::1]"].contains(&name) && is_own_port {
            return Reached::ByNumber(self.origin.clone().unwrap_or_else(|| format!("http://localhost{port}")));
        }
        match &self.origin {
            Some(origin) if host_and_port == self.listen.to_string() => Reached::ByNumber(origin.clone()),
            _ => Reached::Unknown,
        }
    }
}

/// Answers those requests only that were sent to a name of the console's.
pub(super) async fn only_by_name(State(state): State<PrivateState>, mut request: Request, next: Next) -> Response {
    let reached = said_host(request.headers(), request.uri()).map_or(Reached::Unknown, |host| state.settings.reached(host));
    match reached {
        Reached::Here(place) => {
            request.extensions_mut().insert(place);
            next.run(request).await
        }
        Reached::ByNumber(origin) if [Method::GET, Method::HEAD].contains(request.method()) => {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            see_other(&format!("{origin}{path}"))
        }
        Reached::ByNumber(_) | Reached::Unknown => Told::new("This is not the console's address", ELSEWHERE)
            .status(StatusCode::MISDIRECTED_REQUEST)
            .way(state.settings.url(), "Open the console")
            .shown(&state),
    }
}

/// Lets machines ask by an address too, as monitoring does: no other site can have one as its name.
pub(super) async fn only_by_address_or_name(State(state): State<PrivateState>, request: Request, next: Next) -> Response {
    let (headers, uri) = (request.headers(), request.uri());
    let is_by_name = || said_host(headers, uri).is_some_and(|host| state.settings.reached(host) != Reached::Unknown);
    if is_by_address(headers, uri) || is_by_name() {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, "ask by an IP address, `localhost`, or the name in `console_origin`\n").into_response()
}

const ELSEWHERE: &str = "The console answers at names it knows only, so that no other site can pass itself off as it. On the machine it runs on, it is at localhost. For \
                         any other name, say in candor.toml where you reach it: console_origin = \"https://console.example.org\".";

fn said_host<'r>(headers: &'r HeaderMap, uri: &'r Uri) -> Option<&'r str> {
    let mut said = headers.get_all(HOST).iter().map(HeaderValue::to_str);
    match (said.next(), said.next()) {
        (Some(Ok(host)), None) => Some(host),
        (None, _) => uri.authority().map(|authority| authority.as_str()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(origin: Option<&str>, host: &str) -> Reached {
        let listen = "192.0.2.1:8081".parse().expect("an address");
        ConsoleSettings { origin: origin.map(str::to_owned), listen }.reached(host)
    }

    fn here(origin: &str) -> Reached {
        Reached::Here(Place { origin: origin.to_owned(), https: origin.starts_with("https:") })
    }

    #[test]
    fn the_machines_own_name_is_answered_at_the_own_port_and_a_tunnels_where_it_is_named() {
        for host in ["localhost:8081", "LOCALHOST:8081"] {
            assert_eq!(reached(None, host), here("http://localhost:8081"), "{host}");
            assert_eq!(reached(Some("https://console.example.org"), host), here("http://localhost:8081"), "{host}");
        }
        for host in ["localhost:9000", "localhost", "127.0.0.1:9000"] {
            assert_eq!(reached(None, host), Reached::Unknown, "{host}");
        }
        assert_eq!(reached(Some("http://localhost:9000"), "localhost:9000"), here("http://localhost:9000"));
    }

    #[test]
    fn numbers_lead_to_the_name() {
        for host in ["127.0.0.1:8081", "[::1]:8081"] {
            assert_eq!(reached(None, host), Reached::ByNumber("http://localhost:8081".to_owned()));
            assert_eq!(reached(Some("https://console.example.org"), host), Reached::ByNumber("https://console.example.org".to_owned()));
        }
        assert_eq!(reached(Some("https://c.example.org"), "192.0.2.1:8081"), Reached::ByNumber("https://c.example.org".to_owned()));
        assert_eq!(reached(None, "192.0.2.1:8081"), Reached::Unknown, "nobody said what it is called");
    }

    #[test]
    fn no_other_name_is_answered() {
        let configured = Some("https://console.example.org");
        assert_eq!(reached(configured, "Console.Example.org:443"), here("https://console.example.org"));
        for host in [
            "",
            "evil.example",
            "evil.example:8081",
            "localhost.evil.example:8081",
            "xlocalhost",
            "localhost:8081@evil.example",
            "localhost/@evil.example",
            "localhost:8081:80",
            "127.0.0.1.evil.example",
            "console.example.org:8081",
            "console.example.org.evil.example",
            "a@console.example.org",
            "localhost.",
            "[::1",
        ] {
            assert_eq!(reached(configured, host), Reached::Unknown, "{host}");
        }
    }
}
