use super::answer::{Answer, PIXEL};
use crate::listener::Seen;

/// The pages a visitor opens.
pub(super) const VISITED: [&str; 21] = [
    "/markup.html",
    "/odd.html",
    "/script.html",
    "/workers.html",
    "/base.html",
    "/frames.html",
    "/picture.svg",
    "/strict.xhtml",
    "/linked.html?links",
    "/speculation.html",
    "/linked.html?speculation",
    "/linked.html?reports",
    "/cookies.html?cookies",
    "/inner.html?gzip&name=gzip",
    "/inner.html?chunks=1&name=chunks",
    "/inner.html?gzip&chunks=7&name=gzip-chunks",
    "/inner.html?latin1&name=latin1",
    "/inner.html?utf16&name=utf16",
    "/inner.html?charsetless&name=charsetless",
    "/inner.html?kindless&name=kindless",
    "/missing/inner.html?status=404&name=missing",
];

/// Answers that say of themselves what browsers read in another way than others, and pages that do what no markup shows.
pub(super) const MORE: [&str; 12] = [
    "/inner.html?kind=space&name=kind-space",
    "/inner.html?kind=tab&name=kind-tab",
    "/inner.html?kind=brackets&name=kind-brackets",
    "/inner.html?kind=twice&name=kind-twice",
    "/innermost.xhtml?kind=xsl",
    "/inner.html?status=300&location=/own.gif&name=moved-300",
    "/inner.html?status=305&location=/own.gif&name=moved-305",
    "/inner.html?status=399&location=/own.gif&name=moved-399",
    "/inner.html?status=302&location=&name=moved-nowhere",
    "/inner.html?connection&name=connection",
    "/more.html",
    "/copies.html",
];

/// Types as some sites write them.
const KINDS: [(&str, &[&str]); 5] = [
    ("space", &["text/html charset=utf-8"]),
    ("tab", &["text/html\tx"]),
    ("brackets", &["text/html(x); charset=utf-8"]),
    ("twice", &["application/json", "text/html y"]),
    ("xsl", &["text/xsl"]),
];

/// Policies of the site's own that its pages may come with.
pub const POLICIES: [(&str, &str); 10] = [
    ("none", ""),
    ("strict", "default-src 'none'; style-src 'none'; form-action 'none'"),
    ("self", "default-src 'self'; form-action 'self'; base-uri 'none'"),
    ("nonce", "default-src 'none'; script-src 'nonce-r4nd0m' 'strict-dynamic'; style-src 'nonce-r4nd0m'; img-src 'self'"),
    ("hash", "script-src 'self'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; style-src-attr 'none'"),
    ("inline", "default-src 'self'; style-src 'self' 'unsafe-inline'"),
    ("elements", "default-src 'none'; style-src-elem 'none'; style-src-attr 'none'"),
    ("trusted", "require-trusted-types-for 'script'; trusted-types 'none'; default-src 'none'"),
    ("sandbox", "sandbox allow-scripts; default-src 'self'"),
    ("broken", "default-src;; 'none' ; style-src  'none'\t; ;style-src *; img-src 'nonce-'; sandbox-x; \u{2014} report-uri"),
];

/// The addresses of everybody, as the pages write them.
#[derive(Clone, Debug)]
pub struct Names {
    /// Declared by the policy, for statistics.
    pub tracker: String,
    /// Declared by nobody.
    pub stranger: String,
    /// Declared, and permitted without asking.
    pub files: String,
}

impl Names {
    pub(super) fn of(tracker: u16, files: u16) -> Self {
        Self {
            tracker: format!("http://tracker.localhost:{tracker}"),
            stranger: format!("http://stranger.localhost:{tracker}"),
            files: format!("http://files.localhost:{files}"),
        }
    }

    pub(super) fn put_into_policy(&self, text: &str) -> String {
        text.replace("http://TRACKER", &self.tracker).replace("http://CDN", &self.files)
    }

    fn put_into_page(&self, text: &str) -> String {
        let host = self.tracker.trim_start_matches("http://");
        text.replace("{tracker}", &self.tracker)
            .replace("{stranger}", &self.stranger)
            .replace("{cdn}", &self.files)
            .replace("{HOST}", &host.to_uppercase())
            .replace("{rest}", host.trim_start_matches("tracker."))
            .replace("{host}", host)
    }
}

pub(super) fn answer(request: &Seen, names: &Names) -> Vec<u8> {
    let asked = Asked { query: request.target.split_once('?').map_or("", |(_, query)| query) };
    let answer = match request.path() {
        "/own.gif" => Answer::of("image/gif", PIXEL).header("Set-Cookie", "_trk_picture=1; Max-Age=86400; Path=/"),
        "/own.mp4" => Answer::of("video/mp4", ""),
        "/elsewhere" => {
            let way = asked.value("to").unwrap_or("elsewhere");
            Answer::nothing(302).header("Location", &format!("{}/{way}", names.tracker))
        }
        "/rules.json" => Answer::of(
            "application/speculationrules+json",
            format!("{{\"prefetch\": [{{\"urls\": [\"{}/speculation-header.html\"], \"eagerness\": \"immediate\"}}]}}", names.tracker),
        ),
        "/policy.html" => under_policy(&asked),
        "/" => page("index.html", names),
        path => page(path.rsplit('/').next().unwrap_or_default(), names),
    };
    adorned(answer, &asked, request, names).wire(request)
}

/// What a page was asked to do beside being itself.
struct Asked<'a> {
    query: &'a str,
}

impl<'a> Asked<'a> {
    fn has(&self, name: &str) -> bool {
        self.query.split('&').any(|option| option == name)
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.query.split('&').find_map(|option| option.strip_prefix(name)?.strip_prefix('='))
    }
}

fn page(name: &str, names: &Names) -> Answer {
    let (kind, text) = match name {
        "index.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/index.html")),
        "markup.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/markup.html")),
        "odd.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/odd.html")),
        "script.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/script.html")),
        "workers.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/workers.html")),
        "worker.js" => ("text/javascript", include_str!("../../hostile/pages/worker.js")),
        "worker-module.js" => ("text/javascript", include_str!("../../hostile/pages/worker-module.js")),
        "shared-worker.js" => ("text/javascript", include_str!("../../hostile/pages/shared-worker.js")),
        "service.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/service.html")),
        "service-worker.js" => ("text/javascript", include_str!("../../hostile/pages/service-worker.js")),
        "inner.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/inner.html")),
        "innermost.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/innermost.html")),
        "base.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/base.html")),
        "frames-later.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/frames-later.html")),
        "frames.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/frames.html")),
        "picture.svg" => ("image/svg+xml", include_str!("../../hostile/pages/picture.svg")),
        "strict.xhtml" => ("application/xhtml+xml", include_str!("../../hostile/pages/strict.xhtml")),
        "linked.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/linked.html")),
        "speculation.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/speculation.html")),
        "returning.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/returning.html")),
        "cookies.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/cookies.html")),
        "more.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/more.html")),
        "copies.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/copies.html")),
        "answering.html" => ("text/html; charset=utf-8", include_str!("../../hostile/pages/answering.html")),
        "answering-worker.js" => ("text/javascript", include_str!("../../hostile/pages/answering-worker.js")),
        "more-worker.js" => {
            let script = names.put_into_page(include_str!("../../hostile/pages/more-worker.js"));
            return Answer::of("text/javascript", script).header("Cache-Control", "max-age=600, public");
        }
        "innermost.xhtml" => {
            let page = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><body><img alt=\"\" src=\"{tracker}/kind-xsl.gif\"/></body></html>";
            return Answer::of("application/xhtml+xml", names.put_into_page(page));
        }
        "own.css" => ("text/css", include_str!("../../hostile/pages/own.css")),
        _ => return Answer::of("text/plain", "there is nothing here\n").with_status(404),
    };
    Answer::of(kind, names.put_into_page(text))
}

/// A quiet page under one of [`POLICIES`], by header, or in the page itself where it is asked for in `meta`.
fn under_policy(asked: &Asked<'_>) -> Answer {
    let wanted = asked.value("policy").unwrap_or("none");
    let text = POLICIES.iter().find(|(name, _)| *name == wanted).map_or("", |(_, text)| *text);
    let meta = if asked.has("meta") {
        format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", text.replace('"', "&quot;"))
    } else {
        String::new()
    };
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n{meta}\
         <title>Under a policy</title>\n</head>\n<body>\n<main>\n<h1>Under a policy of the site's own</h1>\n<p>{}</p>\n</main>\n</body>\n</html>\n",
        "Words that fill a line or two. ".repeat(40)
    );
    let answer = Answer::of("text/html; charset=utf-8", body);
    if asked.has("meta") || text.is_empty() { answer } else { answer.header("Content-Security-Policy", text) }
}

fn adorned(mut answer: Answer, asked: &Asked<'_>, request: &Seen, names: &Names) -> Answer {
    if let Some(name) = asked.value("name") {
        answer = answer.replaced("/inner-img.gif", &format!("/coded-{name}.gif"));
    }
    if asked.has("cookies") {
        answer = answer
            .header("Set-Cookie", "_trk=1; Max-Age=86400; Path=/")
            .header("Set-Cookie", "_trk_hidden=1; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax")
            .header("Set-Cookie", "stranger=1; Max-Age=86400; Path=/")
            .header("Set-Cookie", "session=1; Path=/; HttpOnly");
    }
    if asked.has("links") {
        let tracker = &names.tracker;
        answer = answer
            .header("Link", &format!("<{tracker}/header-preload.js>; rel=preload; as=script, </own.css>; rel=stylesheet"))
            .header("Link", &format!("<{tracker}/header-prefetch.css>; rel=\"prefetch\", <{tracker}/header-module.js>; rel=modulepreload"))
            .header("Link", &format!("<{tracker}>; rel=preconnect, <{tracker}>; rel=\"dns-prefetch nothing\""));
    }
    if asked.has("speculation") {
        answer = answer.header("Speculation-Rules", "\"/rules.json\"");
    }
    if asked.has("reports") {
        answer = answer
            .header("Content-Security-Policy", &format!("style-src 'none'; img-src 'none'; report-uri {}/csp-report", names.tracker))
            .replaced("<p>", "<img alt=\"\" src=\"/own.gif\"><p>");
    }
    if asked.has("kept") {
        if request.header("if-none-match").is_some_and(|tags| tags.contains("hostile-1")) {
            answer = Answer::nothing(304);
        }
        answer = answer.header("ETag", "\"hostile-1\"").header("Cache-Control", "max-age=600, public").header("Vary", "Accept-Encoding");
    }
    if let Some((_, kinds)) = KINDS.iter().find(|(name, _)| asked.value("kind") == Some(name)) {
        answer = kinds.iter().fold(answer.of_no_kind(), |answer, kind| answer.header("Content-Type", kind));
    }
    if let Some(location) = asked.value("location") {
        answer = answer.header("Location", location);
    }
    if asked.has("connection") {
        answer = answer.header("Connection", "content-security-policy");
    }
    if let Some(status) = asked.value("status").and_then(|status| status.parse().ok()) {
        answer = answer.with_status(status);
    }
    coded(answer, asked)
}

/// In the charset and the coding that were asked for.
fn coded(mut answer: Answer, asked: &Asked<'_>) -> Answer {
    if asked.has("latin1") {
        // Says UTF-8 and is not.
        answer = answer.prefixed(b"<!-- caf\xE9 \xFF\xFE -->");
    }
    if asked.has("utf16") {
        answer = answer.in_utf16();
    }
    if asked.has("charsetless") {
        answer = answer.of_kind("text/html");
    }
    if asked.has("kindless") {
        answer = answer.of_no_kind();
    }
    if asked.has("gzip") {
        answer = answer.gzipped();
    }
    match asked.value("chunks").and_then(|bytes| bytes.parse().ok()) {
        Some(bytes) => answer.in_chunks(bytes),
        None => answer,
    }
}
