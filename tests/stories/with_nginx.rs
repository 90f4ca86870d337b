//! Real pages by the thousand: the documentation that comes with Rust, served by nginx, with Candor in front.

use std::collections::{BTreeSet, VecDeque};

use stories::{Connection, Nginx, Place, Request, Response, differences, documentation};

const PAGES: usize = 400;

/// What belongs to one connection or one moment.
const NOT_COMPARED: [&str; 6] = ["connection", "date", "keep-alive", "transfer-encoding", "te", "trailer"];

#[test]
fn the_documentation_of_rust_comes_through_byte_for_byte() {
    let nginx = Nginx::serving(&documentation());
    let place = Place::health();
    // Paths that could be read in several ways would need an account where any does.
    place.folder().write("site/candor.toml", "");
    // Where a policy is only observed, nothing of a page changes.
    let server = place.serve_url(&nginx.url(), &["--enforcement", "observe"]);
    let mut through = Connection::open(server.public()).unwrap();
    let mut direct = Connection::open(nginx.direct()).unwrap();
    let mut both = |request: &Request| {
        let answer = |connection: &mut Connection| connection.send(request).unwrap_or_else(|error| panic!("{request:?}: {error}"));
        let (ours, theirs) = (answer(&mut through), answer(&mut direct));
        assert_same(request, &ours, &theirs);
        theirs
    };

    let mut seen = BTreeSet::new();
    let mut waiting = VecDeque::from(["/std/index.html".to_owned(), "/index.html".to_owned(), "/book/index.html".to_owned()]);
    while let Some(path) = waiting.pop_front() {
        if seen.len() == PAGES || !seen.insert(path.clone()) {
            continue;
        }
        let page = both(&Request::get(&path));
        if page.status == 200 && page.header("content-type") == Some("text/html") {
            waiting.extend(links(&path, &String::from_utf8_lossy(&page.body)));
        }
        if seen.len() % 5 == 0 {
            in_other_ways(&path, &page, &mut both);
        }
    }
    assert_eq!(seen.len(), PAGES, "the documentation has many more pages than that");
    for odd in ["/no-such-page", "/std", "/%7Estd/", "/std/../std/index.html", "/std/index.html?search=Vec%20%26&x=", "//std//index.html"] {
        both(&Request::get(odd));
    }
    // After this answer nginx closes without saying so beforehand: each gets a connection of its own.
    let unmatched = Request::get("/std/index.html").header("If-Match", "\"another\"");
    assert_same(&unmatched, &unmatched.send(server.public()), &unmatched.send(nginx.direct()));
    both(&Request::new("POST", "/std/index.html"));
    both(&Request::new("OPTIONS", "/std/index.html"));

    assert_eq!(server.stop(), Some(0));
    assert_eq!(differences(&place.counted(), &nginx.asked_by_candor()), Vec::<String>::new(), "every request is in the log once");
}

#[test]
fn pages_in_which_nothing_is_refused_keep_every_byte_under_enforcement() {
    let nginx = Nginx::serving(&documentation());
    let place = Place::health();
    let server = place.serve_url(&nginx.url(), &[]);
    let mut waiting = VecDeque::from(["/std/index.html".to_owned(), "/book/index.html".to_owned()]);
    let mut seen = BTreeSet::new();
    while let Some(path) = waiting.pop_front() {
        if seen.len() == PAGES / 4 || !seen.insert(path.clone()) {
            continue;
        }
        let (ours, theirs) = (Request::get(&path).send(server.public()), Request::get(&path).send(nginx.direct()));
        assert!(ours.status == theirs.status && ours.body == theirs.body, "{path}: the bodies differ");
        if theirs.status == 200 && theirs.header("content-type") == Some("text/html") {
            assert_eq!(ours.header("cache-control"), Some("private, no-cache"), "{path}: no page outlives its permission");
            waiting.extend(links(&path, &String::from_utf8_lossy(&theirs.body)));
        }
    }
    assert_eq!(seen.len(), PAGES / 4);
}

fn in_other_ways(path: &str, page: &Response, both: &mut impl FnMut(&Request) -> Response) {
    let get = || Request::get(path);
    both(&Request::new("HEAD", path));
    both(&get().header("Accept-Encoding", "gzip"));
    both(&get().header("Range", "bytes=10-99"));
    both(&get().header("Range", "bytes=0-1,5-9"));
    both(&get().header("Range", "bytes=999999999-"));
    if let Some(tag) = page.header("etag") {
        let unchanged = both(&get().header("If-None-Match", tag));
        assert_eq!(unchanged.status, 304, "{path}");
    }
    if let Some(modified) = page.header("last-modified") {
        both(&get().header("If-Modified-Since", modified));
    }
}

/// What pages are told by us and never by this nginx.
const ADDED: [&str; 1] = ["content-security-policy-report-only"];

fn assert_same(request: &Request, ours: &Response, theirs: &Response) {
    let what = format!("{} {} {:?}", request.method, request.target, request.headers);
    assert_eq!(ours.status, theirs.status, "{what}");
    let can_run =
        theirs.header("content-type").is_some_and(|kind| kind == "text/html" || kind.ends_with("xml") || kind.ends_with("javascript"));
    let is_page = theirs.status != 304 && theirs.header("location").is_none() && can_run;
    assert_eq!(ours.header(ADDED[0]).is_some(), is_page, "{what}");
    assert_eq!(compared(ours), compared(theirs), "{what}");
    let is_multipart = theirs.header("content-type").is_some_and(|kind| kind.starts_with("multipart/"));
    if is_multipart {
        // The boundary is another each time.
        assert_eq!(ours.body.len(), theirs.body.len(), "{what}");
    } else {
        assert!(ours.body == theirs.body, "{what}: the bodies differ");
    }
}

fn compared(response: &Response) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = response
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.split("; boundary=").next().unwrap_or_default().to_owned()))
        .filter(|(name, _)| !NOT_COMPARED.contains(&name.as_str()) && !ADDED.contains(&name.as_str()))
        .collect();
    headers.sort();
    headers
}

/// Where a page leads, on the same server.
fn links(page: &str, html: &str) -> Vec<String> {
    let values = ["href=\"", "src=\""].into_iter().flat_map(|attribute| html.split(attribute).skip(1));
    values
        .filter_map(|rest| rest.split('"').next())
        .map(|link| link.split(['#', '?']).next().unwrap_or_default())
        .filter(|link| !link.is_empty() && !link.contains(':') && !link.starts_with("//") && !link.contains('&'))
        .map(|link| resolved(page, link))
        .collect()
}

fn resolved(page: &str, link: &str) -> String {
    let joined =
        if link.starts_with('/') { link.to_owned() } else { format!("{}/{link}", page.rsplit_once('/').map_or("", |(folder, _)| folder)) };
    let mut segments: Vec<&str> = Vec::new();
    for segment in joined.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    format!("/{}", segments.join("/"))
}
