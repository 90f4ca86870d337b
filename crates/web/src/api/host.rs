use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Answers only whoever asks for an address of a machine, or for `localhost`. A page of a stranger's, open in an operator's browser, can make its own name lead to
/// this listener; but the browser then still says that name.
pub(super) async fn only_by_address(request: Request, next: Next) -> Response {
    match named_host(request.headers(), request.uri()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Whether a request was sent to an address of a machine, or to `localhost`.
pub(crate) fn is_by_address(headers: &HeaderMap, uri: &Uri) -> bool {
    named_host(headers, uri).is_ok()
}

fn named_host(headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()),
        (None, _) => uri.authority().cloned(),
        (Some(_), Some(_)) => None,
    };
    let host = host.filter(|host| !host.as_str().contains('@')).ok_or_else(|| Problem::bad("the request names no host, or several"))?;
    if leads_to_a_machine(host.host()) { Ok(()) } else { Err(misdirected()) }
}

fn leads_to_a_machine(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
    literal.parse::<IpAddr>().is_ok() || host == "localhost" || host.ends_with(".localhost")
}

fn misdirected() -> Problem {
    Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "host-unknown",
        "the private listener answers to an IP address or `localhost`; a proxy in front of it must send such a `Host`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_at(host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a value"));
        named_host(&headers, &Uri::from_static("/v1/decide")).is_ok()
    }

    #[test]
    fn only_an_address_or_localhost_leads_here() {
        for host in
            ["127.0.0.1", "127.0.0.1:8081", "[::1]:8081", "10.1.2.3", "localhost", "LOCALHOST:8081", "candor.localhost", "localhost.:1"]
        {
            assert!(asked_at(host), "{host}");
        }
        for host in
            ["attacker.example", "attacker.example:8081", "127.0.0.1.attacker.example", "localhost.attacker.example", "a@127.0.0.1", ""]
        {
            assert!(!asked_at(host), "{host}");
        }
        let mut twice = HeaderMap::new();
        twice.append(HOST, "127.0.0.1".parse().expect("a value"));
        twice.append(HOST, "attacker.example".parse().expect("a value"));
        assert!(named_host(&twice, &Uri::from_static("/")).is_err());
        assert!(named_host(&HeaderMap::new(), &Uri::from_static("/")).is_err());
        assert!(named_host(&HeaderMap::new(), &Uri::from_static("http://127.0.0.1/")).is_ok(), "HTTP/2 says it in the target");
    }
}
