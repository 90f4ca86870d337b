//! A small site with a privacy centre, asked as the edge asks it: each request's cookie is verified and its purposes are decided first.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use app::choices::{ChoiceRecords, ChoiceRow, Circumstances, KeepLater, purposes_in_force};
use app::held::Holdings;
use app::minors::{Deadlines, Minors};
use app::operators::Operators;
use app::people::Accounts;
use app::programs::Programs;
use app::publishing::Versions;
use app::visit_log::VisitLog;
use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use disk::SimulatedDisk;
use domain::{Clock, Field, Language, ManualClock, Region, SeededRandom, Timestamp, VisitorId};
use http_body_util::BodyExt;
use policy::assertion::{AssertionKeyRecord, AssertionKeys};
use policy::cookie::{CookieParts, Kind, SigningKeys};
use policy::syntax::SiteSources;
use policy::{Policy, Sealed, StorageCapability, cookie};
use records::{Address, MasterKeys, People, Records, Vault};
use tokio::runtime::Runtime;
use tower::ServiceExt;
use visits::{AddressKey, Log, LogSettings, NewVisit, Retention};
use web::{Asker, ConsoleSettings, Operations, PrivateState, Reports, Settings, State};

pub(crate) const RULES: &str = include_str!("../../../app/fixtures/site/policy.toml");
pub(crate) const WORDS: &str = include_str!("../../../app/fixtures/site/policy.md");
pub(crate) const SPANISH_WORDS: &str = include_str!("../../../app/fixtures/site/policy.es.md");
/// The site that everything is shown with: people can register there.
pub(crate) const HEALTH_RULES: &str = include_str!("../../../../examples/health/policy.toml");
const HEALTH_WORDS: &str = include_str!("../../../../examples/health/policy.md");
const HEALTH_SPANISH: &str = include_str!("../../../../examples/health/policy.es.md");

pub(crate) const PUBLISHED: &str = "2026-03-02T20:00:00Z";
pub(crate) const NOW: &str = "2026-03-10T17:30:00Z";

/// Where requests come from.
const CLIENT: &str = "192.0.2.7";

/// The health site with these rules.
pub(crate) fn health(rules: &str) -> SiteSources {
    SiteSources::new(rules, HEALTH_WORDS).with_translation(Language::parse("es").expect("a language"), HEALTH_SPANISH)
}

pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) policy: Arc<Policy>,
    pub(crate) keys: SigningKeys,
    pub(crate) log: Arc<Log>,
    pub(crate) disk: SimulatedDisk,
    pub(crate) router: Router,
    pub(crate) records: Records,
    pub(crate) people: People,
    pub(crate) operators: Arc<Operators>,
    pub(crate) reports: Arc<Heard>,
    _folder: Folder,
}

/// Where the records are; it goes with the world.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn assertion_keys() -> AssertionKeys {
    AssertionKeys::from_records(&[AssertionKeyRecord { secret: [8; 32], made: at(PUBLISHED) }]).expect("a key")
}

#[expect(clippy::disallowed_methods, reason = "a test wires its stores as `candor` does")]
fn storage() -> StorageCapability {
    StorageCapability::issue()
}

/// Records of one world's own. Their connections live on a runtime that outlives every test's.
fn own_records() -> (People, Records, Folder) {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = std::env::temp_dir().join(format!("candor-web-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    std::fs::create_dir(&folder).expect("the temporary folder can be written");
    let (address, keys) = (Address::Sqlite(folder.join("records.sqlite")), Address::Sqlite(folder.join("keys.sqlite")));
    let opened = std::thread::spawn(move || {
        let runtime =
            RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().expect("a runtime"));
        runtime.block_on(async {
            let records = Records::open(&address).await.expect("the records");
            let random = Arc::new(SeededRandom::new(4));
            let master = MasterKeys::parse(&MasterKeys::new_line(&*random)).expect("a master key");
            let vault = Vault::open(&keys, master, storage(), random).await.expect("the keys");
            (People::new(records.clone(), vault), records)
        })
    });
    let (people, records) = opened.join().expect("no panic");
    (people, records, Folder(folder))
}

/// Writes down what nobody waits for before it goes on, so that a test can look at it.
struct AtOnce(Arc<ChoiceRecords>);

impl KeepLater for AtOnce {
    fn keep_later(&self, rows: Vec<ChoiceRow>) -> bool {
        let choices = Arc::clone(&self.0);
        let written = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(choices.keep(rows))
        });
        written.join().expect("no panic").is_ok()
    }
}

/// What browsers reported.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) blocked: Mutex<Vec<String>>,
    pub(crate) dropped: AtomicU64,
}

impl Reports for Heard {
    fn blocked(&self, address: Option<&str>, _now: Timestamp) {
        self.blocked.lock().expect("no test panics while it holds this").push(address.unwrap_or("the site's own").to_owned());
    }

    fn dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub(crate) fn sources(rules: &str, words: &str) -> SiteSources {
    SiteSources::new(rules, words).with_translation(Language::parse("es").expect("a language"), SPANISH_WORDS)
}

impl World {
    pub(crate) fn new() -> Self {
        Self::of(&sources(RULES, WORDS), Settings::default())
    }

    pub(crate) fn of(sources: &SiteSources, settings: Settings) -> Self {
        let disk = SimulatedDisk::new();
        let versions = Versions::open(Arc::new(disk.clone())).expect("the versions");
        let published = versions.publish_first(sources, at(PUBLISHED)).unwrap_or_else(|error| {
            panic!("{error}: {:#?}", policy::check::check(sources, jiff::civil::date(2026, 3, 2)).findings);
        });
        Self::with(disk, versions, published.policy.clone(), settings)
    }

    /// A site where people can register, after a change of its rules.
    pub(crate) fn with_accounts(changed: impl Fn(&str) -> String) -> Self {
        Self::of(&health(&changed(HEALTH_RULES)), Settings::default())
    }

    /// The same site after this was published, too.
    pub(crate) fn changed_to(self, sources: &SiteSources, time: &str) -> Self {
        let published = self.state.versions.publish(sources, at(time)).unwrap_or_else(|error| {
            panic!("{error}: {:#?}", policy::check::check(sources, jiff::civil::date(2026, 3, 2)).findings);
        });
        Self { policy: published.policy.clone(), ..self }
    }

    pub(crate) fn with(disk: SimulatedDisk, versions: Versions, policy: Arc<Policy>, settings: Settings) -> Self {
        let mut records = Vec::new();
        SigningKeys::rotated(&mut records, at(PUBLISHED), &SeededRandom::new(1));
        let keys = SigningKeys::from_records(records).expect("a key");
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(at(NOW)));
        let of_log = LogSettings { address_key: Some(AddressKey::new([7; AddressKey::BYTES])), ..LogSettings::default() };
        let (log, _) = Log::open(Arc::new(disk.clone()), storage(), clock, of_log).expect("the log");
        let log = Arc::new(log);
        let (people, records, folder) = own_records();
        let reports = Arc::new(Heard::default());
        let choices = Arc::new(ChoiceRecords::new(records.clone()));
        let accounts = Arc::new(Accounts::new(people.clone(), Arc::new(SeededRandom::new(5))));
        let state = State {
            versions: Arc::new(versions),
            holdings: Arc::new(Holdings::new(log.clone())),
            choices: Arc::clone(&choices),
            later: Arc::new(AtOnce(choices)),
            minors: Arc::new(Minors::new(Arc::clone(&accounts), Deadlines::default())),
            accounts,
            keys: Arc::new(ArcSwap::from_pointee(keys.clone())),
            assertions: Arc::new(ArcSwap::from_pointee(assertion_keys())),
            random: Arc::new(SeededRandom::new(2)),
            settings: Arc::new(settings),
            reports: reports.clone(),
        };
        let operators = records::Operators::new(records.clone(), people.vault().clone());
        let operators = Arc::new(Operators::new(operators, Arc::new(SeededRandom::new(6))));
        Self { router: web::public(state.clone()), state, policy, keys, log, disk, records, people, operators, _folder: folder, reports }
    }

    /// What the console and the API of the same server work with.
    pub(crate) fn private(&self, operations: Arc<dyn Operations>) -> PrivateState {
        PrivateState {
            versions: self.state.versions.clone(),
            accounts: self.state.accounts.clone(),
            minors: self.state.minors.clone(),
            programs: Arc::new(Programs::new(self.people.clone(), self.records.clone(), self.state.random.clone())),
            visits: Arc::new(VisitLog::new(self.log.clone(), self.state.versions.clone(), self.state.accounts.clone())),
            operators: self.operators.clone(),
            operations,
            settings: Arc::new(ConsoleSettings { origin: None, listen: "127.0.0.1:8081".parse().expect("an address") }),
            keys: self.state.keys.clone(),
            clock: Arc::new(ManualClock::at(at(NOW))),
            random: self.state.random.clone(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    /// A form post from our own page in a modern browser.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Ask<'_> {
        self.bare_post(path, fields).header("sec-fetch-site", "same-origin")
    }

    /// A form post that says nothing of where it comes from.
    pub(crate) fn bare_post(&self, path: &str, fields: &[(&str, &str)]) -> Ask<'_> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut ask = self.ask(Method::POST, path).header(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded");
        ask.body = body;
        ask
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask {
            world: self,
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: String::new(),
            region: Region::parse("DE").expect("a region"),
            gpc: false,
            https: true,
            now: at(NOW),
        }
    }

    /// The `Cookie` header of a browser that carries these parts.
    pub(crate) fn cookie(&self, parts: &CookieParts) -> String {
        let write = [cookie::write_choices, cookie::write_visit];
        let set = write.map(|write| write(&self.policy, &self.keys, parts, at(NOW), true).expect("it fits"));
        let pairs = set.iter().map(|set| set.split(';').next().expect("a name and a value")).filter(|pair| !pair.ends_with('='));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// Reads what an answer set, as the next request would bring it.
    pub(crate) fn parts(&self, reply: &Reply) -> CookieParts {
        let value = |name| reply.cookie(name).filter(|value| !value.is_empty());
        let (choices, visit) = (value("__Host-candor"), value("__Host-candor-visit"));
        assert!(choices.is_some() || visit.is_some(), "our cookie");
        let [choices, visit] = [&choices, &visit].map(|value| value.iter().map(String::as_bytes));
        let state = cookie::read(&self.policy, &self.keys, at(NOW), choices, visit);
        state.parts().cloned().expect("a cookie that verifies")
    }

    /// Reads a `Cookie` header as it would come.
    pub(crate) fn parts_of(&self, pairs: &str) -> CookieParts {
        let pairs: Vec<String> = pairs.split("; ").map(str::to_owned).collect();
        let state = cookie::read_back(&self.policy, &self.keys, at(NOW), &cookie::CookieState::Absent, &pairs);
        state.parts().cloned().expect("a cookie that verifies")
    }

    pub(crate) fn record(&self, visitor: u8, time: &str, path: &str) {
        self.record_of(visitor, None, time, path);
    }

    /// Lets addresses become encrypted as soon as they are a day old.
    pub(crate) fn encrypt_addresses(&self) {
        let ageing = vec![(Field::VisitIp, domain::Span::days(1), policy::model::AgeingForm::Encrypted)];
        self.log.set_retention(Retention { ageing, ..Retention::default() }).expect("rules the log can follow");
    }

    /// The visit of somebody who was signed in.
    pub(crate) fn record_of(&self, visitor: u8, account: Option<domain::AccountId>, time: &str, path: &str) {
        self.log.recorder().record(&NewVisit {
            time: at(time),
            method: Some("GET"),
            status: Some(200),
            bytes: Some(5_120),
            duration_us: Some(1_800),
            ip: Some(Sealed::new(Field::VisitIp, [203, 0, 113, visitor].into())),
            browser: Some(Sealed::new(Field::VisitBrowser, "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")),
            referrer: Some(Sealed::new(Field::VisitReferrer, "https://search.example/")),
            path: Some(Sealed::new(Field::VisitPath, path)),
            visitor: Some(Sealed::new(Field::VisitVisitor, VisitorId([visitor; 16]))),
            account: account.map(|id| Sealed::new(Field::VisitAccount, id)),
            purposes: "operate,return-visits",
        });
    }
}

/// One request, being put together.
pub(crate) struct Ask<'w> {
    world: &'w World,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
    region: Region,
    gpc: bool,
    https: bool,
    now: Timestamp,
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn accept(self, value: &str) -> Self {
        self.header("accept", value)
    }

    pub(crate) fn cookie(self, pair: &str) -> Self {
        self.header(COOKIE.as_str(), pair)
    }

    pub(crate) fn json(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self.headers.retain(|(name, _)| name != CONTENT_TYPE.as_str());
        self.header(CONTENT_TYPE.as_str(), "application/json")
    }

    pub(crate) fn body(mut self, body: String) -> Self {
        self.body = body;
        self
    }

    pub(crate) fn from(mut self, region: &str) -> Self {
        self.region = Region::parse(region).expect("a region");
        self
    }

    pub(crate) fn with_gpc(mut self) -> Self {
        self.gpc = true;
        self.header("sec-gpc", "1")
    }

    pub(crate) fn at(mut self, time: Timestamp) -> Self {
        self.now = time;
        self
    }

    pub(crate) fn over_plain_http(mut self) -> Self {
        self.https = false;
        self
    }

    pub(crate) async fn send(self) -> Reply {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(Body::from(self.body)).expect("a request");
        let asker = asker(self.world, request.headers(), Circumstances { gpc: self.gpc, region: self.region, now: self.now }, self.https);
        request.extensions_mut().insert(asker);
        let response = self.world.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        Reply { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).expect("text") }
    }
}

/// What the edge finds out about a request before it hands it over.
pub(crate) fn asker(world: &World, headers: &HeaderMap, circumstances: Circumstances, https: bool) -> Asker {
    let values = |kind| {
        let headers = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let pairs = headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(move |(name, _)| *name == cookie::name(kind, https)).map(|(_, value)| value.as_bytes())
    };
    let (choices, visit) = (values(Kind::Choices), values(Kind::Visit));
    let state = cookie::read(&world.policy, &world.keys, circumstances.now, choices, visit);
    Asker {
        policy: world.policy.clone(),
        purposes: purposes_in_force(&world.policy, &state.standing(&world.policy), circumstances),
        cookie: state,
        gpc: circumstances.gpc,
        region: circumstances.region,
        https,
        authority: "clinic.example".to_owned(),
        network: 7,
        now: circumstances.now,
        client: Sealed::new(Field::VisitIp, CLIENT.parse().expect("an address")),
    }
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The value that a cookie of this name was set to.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next()?.split_once('='))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.to_owned())
    }

    /// Our cookies that a browser without any sends after this answer.
    pub(crate) fn cookies(&self) -> String {
        let cookies = self.cookies_after("");
        assert!(!cookies.is_empty(), "no cookie of ours: {}", self.text);
        cookies
    }

    /// Our cookies that a browser sends after this answer, if it sent these before.
    pub(crate) fn cookies_after(&self, before: &str) -> String {
        let kept = |name: &str| before.split("; ").find(|pair| pair.split('=').next() == Some(name)).map(str::to_owned);
        let now = |name: &str| match self.cookie(name) {
            Some(value) if value.is_empty() => None,
            Some(value) => Some(format!("{name}={value}")),
            None => kept(name),
        };
        ["__Host-candor", "__Host-candor-visit"].into_iter().filter_map(now).collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The value of a field in the page's forms.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let start = self.text.find(&format!("name=\"{name}\" value=\""))? + name.len() + 15;
        self.text[start..].split('"').next().map(str::to_owned)
    }

    /// The page without what changes with the look of it.
    pub(crate) fn page(&self) -> String {
        let mut page = String::new();
        for part in self.text.split_inclusive("assets/") {
            let name_end = part.find('.').filter(|_| part.starts_with("candor-") || part.starts_with("icon-"));
            match name_end.zip(part.find('-')) {
                Some((end, hyphen)) => page.extend([&part[..=hyphen], "HASH", &part[end..]]),
                None => page.push_str(part),
            }
        }
        page
    }
}
