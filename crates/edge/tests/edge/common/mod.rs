//! An edge on a free port, a site behind it, and visitors in front, all of them on real sockets.

pub(crate) mod inserts;
pub(crate) mod people;
pub(crate) mod site;
pub(crate) mod visitor;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::{Answer, Choice, ChoiceRecordId, Id, ManualClock, SeededRandom, Timestamp, Version};
use edge::{
    AnswerBody, Enforcement, Inserts, KeepSignals, Limits, OwnPages, Page, Places, Record, RequestBody, RequestFacts, Running, Settings,
    Signal, Wiring,
};
use http::{Request, Response};
use http_body_util::BodyExt;
use policy::assertion::{AssertionKeyRecord, AssertionKeys};
use policy::cookie::{ChoicesPart, CookieParts, KeyRecord, SignedIn, SigningKeys};
use policy::syntax::SiteSources;
use policy::{Policy, Revocations, StorageCapability};
use visits::NewVisit;

use inserts::TestInserts;
use people::Rows;

pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";

/// A visit as a test can look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) time: Timestamp,
    pub(crate) method: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) bytes: Option<u64>,
    pub(crate) duration_us: Option<u64>,
    pub(crate) ip: Option<String>,
    pub(crate) browser: Option<String>,
    pub(crate) referrer: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) visitor: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) purposes: String,
}

/// Keeps visits in memory.
#[derive(Default)]
pub(crate) struct Book {
    visits: Mutex<Vec<Seen>>,
}

impl Record for Book {
    #[expect(clippy::disallowed_methods, reason = "a test looks at what was sealed")]
    fn record(&self, visit: &NewVisit<'_>) {
        let storage = StorageCapability::issue();
        let text = |sealed: Option<policy::Sealed<&str>>| sealed.map(|sealed| (*storage.reveal(&sealed)).to_owned());
        self.visits.lock().expect("no test panics while it holds this").push(Seen {
            time: visit.time,
            method: visit.method.map(str::to_owned),
            status: visit.status,
            bytes: visit.bytes,
            duration_us: visit.duration_us,
            ip: visit.ip.map(|ip| storage.reveal(&ip).to_string()),
            browser: text(visit.browser),
            referrer: text(visit.referrer),
            path: text(visit.path),
            visitor: visit.visitor.map(|visitor| storage.reveal(&visitor).to_hex()),
            account: visit.account.map(|account| storage.reveal(&account).to_hex()),
            purposes: visit.purposes.to_owned(),
        });
    }
}

/// Keeps signals in memory.
#[derive(Default)]
pub(crate) struct Signals(pub(crate) Mutex<Vec<Signal>>);

impl KeepSignals for Signals {
    fn keep(&self, signal: Signal) {
        self.0.lock().expect("no test panics while it holds this").push(signal);
    }
}

/// Candor's pages, as far as these tests need any. Pages of the site's get inserts only under a policy that has third parties.
struct Pages {
    assertions: Arc<ArcSwap<AssertionKeys>>,
}

impl OwnPages for Pages {
    fn inserts(&self, page: &Page<'_>) -> Option<Box<dyn Inserts>> {
        (!page.facts.policy.resources.is_empty()).then(|| Box::new(TestInserts::of(page)) as Box<dyn Inserts>)
    }

    fn owns(&self, path: &str) -> bool {
        path == "/privacy" || path.starts_with("/privacy/")
    }

    fn sign_in_path(&self) -> String {
        "/account/sign-in".to_owned()
    }

    fn report_path(&self) -> Option<String> {
        Some("/privacy/csp-report".to_owned())
    }

    fn answer(
        &self,
        request: Request<RequestBody>,
        facts: Arc<RequestFacts>,
    ) -> Pin<Box<dyn Future<Output = Response<AnswerBody>> + Send>> {
        assert_ne!(request.uri().path(), "/privacy/panics-at-once", "this page panics");
        let keys = self.assertions.load().public_set();
        Box::pin(async move {
            match request.uri().path() {
                "/privacy/keys.json" => Response::new(AnswerBody::full(keys)),
                "/privacy/panics" => panic!("this page panics"),
                "/privacy/withdrawn" => {
                    let mut page = Response::new(AnswerBody::full("withdrawn"));
                    page.headers_mut().insert("clear-site-data", http::HeaderValue::from_static("\"cache\""));
                    page
                }
                "/privacy/signs-out" => {
                    let mut page = Response::new(AnswerBody::full("signed out"));
                    page.headers_mut().insert("content-type", http::HeaderValue::from_static("text/html"));
                    page.headers_mut().insert("set-cookie", http::HeaderValue::from_static("candor-visit=; Max-Age=0"));
                    page
                }
                "/privacy/who" => {
                    let who = match facts.cookie.signed_in(facts.now) {
                        SignedIn::As(account) => account.account().to_hex(),
                        SignedIn::Nobody => "nobody".to_owned(),
                        SignedIn::Unsure(_) => "unsure".to_owned(),
                    };
                    Response::new(AnswerBody::full(who))
                }
                "/privacy/never" => std::future::pending().await,
                "/privacy/echo" => {
                    let body = request.into_body().collect().await.expect("a body").to_bytes();
                    Response::new(AnswerBody::full(body))
                }
                _ => {
                    let says = format!(
                        "own page: https={} gpc={} region={} authority={} client={}",
                        facts.https, facts.gpc, facts.region, facts.authority, facts.client
                    );
                    Response::new(AnswerBody::full(says))
                }
            }
        })
    }
}

pub(crate) struct Edge {
    pub(crate) running: Option<Running>,
    pub(crate) address: SocketAddr,
    pub(crate) book: Arc<Book>,
    pub(crate) signals: Arc<Signals>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) policy: Arc<ArcSwap<Policy>>,
    pub(crate) keys: Arc<ArcSwap<SigningKeys>>,
    pub(crate) revocations: Arc<ArcSwap<Revocations>>,
    pub(crate) assertions: Arc<ArcSwap<AssertionKeys>>,
    pub(crate) sessions: Arc<Rows>,
}

impl Edge {
    pub(crate) fn before(site: SocketAddr) -> Self {
        Self::with(site, |_| {})
    }

    pub(crate) fn with(site: SocketAddr, change: impl FnOnce(&mut Settings)) -> Self {
        Self::among(site, None, change)
    }

    /// With somebody who knows where addresses are.
    pub(crate) fn among(site: SocketAddr, places: Option<Arc<dyn Places>>, change: impl FnOnce(&mut Settings)) -> Self {
        let upstream = format!("http://{site}").parse().expect("an upstream");
        let mut settings = Settings {
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))],
            workers: 1,
            upstream: Some(upstream),
            trusted_proxies: Vec::new(),
            region_header: None,
            enforcement: Enforcement::Enforce,
            origin: Some("https://books.example".to_owned()),
            sign_in: Vec::new(),
            limits: Limits { sweep: Duration::from_millis(10), ..Limits::default() },
            tls: None,
        };
        change(&mut settings);
        let now = NOW.parse().expect("a time");
        let (book, clock) = (Arc::new(Book::default()), Arc::new(ManualClock::at(now)));
        let signals = Arc::new(Signals::default());
        let policy = Arc::new(ArcSwap::from_pointee(policy()));
        let record = KeyRecord { id: *b"key1", secret: [7; 32], made: now };
        let keys = SigningKeys::from_records(vec![record]).expect("a key");
        let keys = Arc::new(ArcSwap::from_pointee(keys));
        let revocations = Arc::new(ArcSwap::from_pointee(Revocations::default()));
        let assertions = AssertionKeys::from_records(&[AssertionKeyRecord { secret: [8; 32], made: now }]).expect("a key");
        let assertions = Arc::new(ArcSwap::from_pointee(assertions));
        let sessions = Arc::new(Rows::default());
        let bound = edge::bind(settings).expect("a free port");
        let address = bound.addresses()[0];
        let running = bound.run(Wiring {
            policy: policy.clone(),
            revocations: revocations.clone(),
            keys: keys.clone(),
            recorder: book.clone(),
            pages: Arc::new(Pages { assertions: assertions.clone() }),
            signals: signals.clone(),
            sessions: sessions.clone(),
            assertions: assertions.clone(),
            clock: clock.clone(),
            random: Arc::new(SeededRandom::new(1)),
            places,
        });
        let running = Some(running.expect("threads"));
        Self { running, address, book, signals, clock, policy, keys, revocations, assertions, sessions }
    }

    /// Behind a proxy that says in `X-Region` where visitors are.
    pub(crate) fn told_of_regions(site: SocketAddr) -> Self {
        Self::with(site, |settings| {
            settings.trusted_proxies = vec!["127.0.0.1".parse().expect("a network")];
            settings.region_header = Some(http::HeaderName::from_static("x-region"));
        })
    }

    /// Before a site whose policy has advertising and maps by third parties.
    pub(crate) fn with_trackers(site: SocketAddr) -> Self {
        let edge = Self::before(site);
        edge.policy.store(Arc::new(policy_with_trackers()));
        edge
    }

    /// Before a site that people register with.
    pub(crate) fn with_members(site: SocketAddr, change: impl FnOnce(&mut Settings)) -> Self {
        let edge = Self::with(site, |settings| {
            settings.trusted_proxies = vec!["127.0.0.1".parse().expect("a network")];
            settings.region_header = Some(http::HeaderName::from_static("x-region"));
            change(settings);
        });
        edge.policy.store(Arc::new(policy_with_members()));
        edge
    }

    /// The cookie of somebody who said yes or no to these purposes.
    pub(crate) fn choice(&self, answers: &[(&str, Answer)]) -> String {
        let now = NOW.parse().expect("a time");
        let choice = |(purpose, answer): &(&str, Answer)| {
            let purpose = Id::parse(purpose).expect("an id");
            Choice { purpose, answer: *answer, at: now, version: Version::FIRST, gpc: false, opted_out: false }
        };
        let choices = answers.iter().map(choice).collect();
        let choices = Some(ChoicesPart { record: ChoiceRecordId([1; 16]), made: now, choices });
        format!("Cookie: {}", self.cookie(&CookieParts { choices, ..CookieParts::default() }))
    }

    /// The visits recorded so far, once there are as many as expected. Waits a moment for one too many.
    pub(crate) async fn visits(&self, count: usize) -> Vec<Seen> {
        for _ in 0..500 {
            if self.book.visits.lock().expect("no test panics while it holds this").len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
        let visits = self.book.visits.lock().expect("no test panics while it holds this").clone();
        assert_eq!(visits.len(), count, "{visits:#?}");
        visits
    }

    pub(crate) async fn visit(&self) -> Seen {
        self.visits(1).await.remove(0)
    }

    /// Lets time pass, and the edge notice.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    pub(crate) fn clock_now(&self) -> Timestamp {
        domain::Clock::now(&*self.clock)
    }

    pub(crate) fn counts(&self) -> edge::EdgeCounts {
        self.running.as_ref().expect("it runs").counts()
    }

    /// A cookie of ours with these parts, as a browser sends it.
    pub(crate) fn cookie(&self, parts: &CookieParts) -> String {
        let now = NOW.parse().expect("a time");
        let written = [policy::cookie::write_choices, policy::cookie::write_visit]
            .map(|write| write(&self.policy.load(), &self.keys.load(), parts, now, false).expect("it fits"));
        let pairs = written.iter().map(|set| set.split(';').next().expect("name and value")).filter(|pair| !pair.ends_with('='));
        pairs.collect::<Vec<_>>().join("; ")
    }
}

pub(crate) fn policy() -> Policy {
    policy_of(RULES)
}

pub(crate) fn policy_of(rules: &str) -> Policy {
    policy_saying(rules, WORDS)
}

/// The same site with advertising and maps by third parties, each only for those who agree.
pub(crate) fn policy_with_trackers() -> Policy {
    policy_saying(&format!("{RULES}{TRACKERS}"), &format!("{WORDS}{WORDS_ON_TRACKERS}"))
}

/// The same site with accounts.
pub(crate) fn policy_with_members() -> Policy {
    policy_saying(&format!("{RULES}{MEMBERS}"), &format!("{WORDS}{WORDS_ON_MEMBERS}"))
}

pub(crate) fn policy_saying(rules: &str, words: &str) -> Policy {
    let today = "2026-03-01".parse().expect("a day");
    let report = policy::check::check(&SiteSources::new(rules, words), today);
    report.policy.unwrap_or_else(|| panic!("{:#?}", report.findings))
}

pub(crate) const RULES: &str = include_str!("policy.toml");
pub(crate) const WORDS: &str = include_str!("policy.md");
pub(crate) const MEMBERS: &str = include_str!("members.toml");
pub(crate) const WORDS_ON_MEMBERS: &str = include_str!("members.md");
const TRACKERS: &str = include_str!("trackers.toml");
const WORDS_ON_TRACKERS: &str = include_str!("trackers.md");
