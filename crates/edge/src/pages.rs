use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use domain::{Region, Timestamp};
use http::{HeaderMap, Request, Response};
use policy::cookie::CookieState;
use policy::model::{Purpose, Resource};
use policy::{Index, Policy, Sealed, Set, VisitPlan};

use crate::{AnswerBody, RequestBody};

/// What the edge found out about a request, for our own pages.
#[derive(Clone, Debug)]
pub struct RequestFacts {
    pub policy: Arc<Policy>,
    pub cookie: CookieState,
    pub plan: Arc<VisitPlan>,
    /// The request said `Sec-GPC: 1`.
    pub gpc: bool,
    pub region: Region,
    pub https: bool,
    /// The host the visitor asked for, with its port if any.
    pub authority: String,
    pub client: Sealed<IpAddr>,
    pub now: Timestamp,
}

/// Candor's own pages, among the site's. The edge knows nothing of how they are made.
pub trait OwnPages: Send + Sync + 'static {
    /// Whether a path is ours; everything else is the site's.
    fn owns(&self, path: &str) -> bool;

    fn answer(&self, request: Request<RequestBody>, facts: Arc<RequestFacts>)
    -> Pin<Box<dyn Future<Output = Response<AnswerBody>> + Send>>;

    /// What of a path is written into the log: all of it, or its beginning where the rest is a secret of a page of ours.
    fn recorded<'p>(&self, path: &'p str) -> &'p str {
        path
    }

    /// Where browsers tell what a page was kept from loading: a path of ours. Without one nobody is told.
    fn report_path(&self) -> Option<String> {
        None
    }

    /// Where the forms of the inserts are sent: a path of ours.
    fn form_path(&self) -> String {
        "/".to_owned()
    }

    /// Where people sign in: a path of ours. It is told in `return` where they wanted to go.
    fn sign_in_path(&self) -> String {
        "/".to_owned()
    }

    /// What is put into a page of the site's, asked once for each page that may need any of it. Of the request's fields it sees
    /// `Accept-Language`, `Cookie` and `Sec-Fetch-Site`. Without it, what is held back leaves nothing behind.
    fn inserts(&self, _page: &Page<'_>) -> Option<Box<dyn Inserts>> {
        None
    }
}

/// A page of the site's, opened by somebody.
#[derive(Debug)]
pub struct Page<'a> {
    pub facts: &'a RequestFacts,
    /// The request's path and query: where an answer given on the page leads back to.
    pub path: &'a str,
    pub headers: &'a HeaderMap,
    /// What the visitor is to be asked about; empty asks nothing.
    pub due: Set<Purpose>,
    /// Whether the page may send forms to us. Where its Content-Security-Policy forbids it, links lead to the choices page instead.
    pub sends_forms: bool,
}

/// Words and forms of ours for one page, in its visitor's language. All of it is HTML that works without script; nothing in it needs escaping any more.
pub trait Inserts: Send {
    /// The content of the one `style` element that all of the rest needs.
    fn style(&self) -> &'static str;

    /// The `'sha256-…'` source of that element's content.
    fn style_source(&self) -> &'static str;

    /// The first thing in the page's body, where something is to be asked. Without the style element.
    fn banner(&self) -> Option<&str>;

    /// Stands where something was held back that people would have seen. Phrasing content only, with no form of its own: it may stand inside the site's
    /// forms, where another form cannot.
    fn placeholder(&self, held: &Held, room: Room) -> String;

    /// Stands at the end of the body of every page from which anything was held back, after all placeholders: it brings the form that their buttons
    /// belong to. `held` is what was held back where nobody would have seen it, and may be empty.
    fn summary(&self, held: &[Held]) -> String;
}

/// How much of the page something took that was held back, as far as the page says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// As an icon in a line of text.
    Little,
    /// Enough for a few words and a button, or nobody knows.
    Enough,
}

/// Something a page would have had under a permission that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// A declared third-party resource.
    Resource(Index<Resource>),
    /// An element that the site itself marked with `data-candor-purpose`.
    Purpose(Index<Purpose>),
    /// Something of a third party that the policy does not name. This is its host, with its port if any.
    Undeclared(String),
}
