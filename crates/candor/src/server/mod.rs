//! The wiring: it opens what is kept, joins the rooms, and runs them until told to stop.

mod addresses;
mod asked;
mod assertions;
mod files;
mod following;
mod importing;
mod keys;
mod listening;
mod mail;
mod maintenance;
mod metrics;
mod networks;
mod objects;
mod operators;
mod pages;
mod publishing;
mod receiving;
mod reconciling;
mod regions;
mod reported;
mod revoking;
mod rotation;
mod seen;
mod sessions;
mod signals;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod vault;
mod visits;
mod watch;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ::visits::{Elsewhere, Log, LogSettings};
use anyhow::Context;
use app::choices::ChoiceRecords;
use app::held::Holdings;
use app::jobs::Runner;
use app::mail::{Mailer, Place};
use app::minors::{Deadlines, Minors};
use app::operators::Operators;
use app::people::{Accounts, Endings};
use app::programs::Programs;
use app::publishing::Versions;
use app::visit_log::{Eras, VisitLog, Whom};
use arc_swap::ArcSwap;
use disk::{Disk, RealDisk};
use domain::{Clock, Random};
use policy::syntax::SiteSources;
use policy::{Policy, StorageCapability};
use records::{People, Records};
use tokio::signal::unix::SignalKind;

use crate::clock::{SystemClock, SystemSource};
use crate::config::{Configuration, Enforcement};
use crate::owner::{self, DataFolder, KeysQuestion, Question};

use assertions::AssertionFile;
use following::Followers;
use importing::LogImporter;
pub(crate) use importing::import_into_folder;
use keys::KeyFile;
use metrics::Status;
use networks::Networks;
use pages::Pages;
use publishing::InForce;
use receiving::Receivers;
use regions::RegionDatabase;
use reported::Reported;
use revoking::Revoking;
use rotation::Rotation;
use seen::SeenFile;
use sessions::Sessions;
use signals::Signals;
use watch::Watch;

pub(crate) use asked::{person_of_folder, tokens_of_folder};
pub(crate) use mail::FOLDER as MAIL_FOLDER;
pub(crate) use operators::new_link_in_folder;
pub(crate) use publishing::publish_in_folder;
pub(crate) use rotation::rotation_in_folder;
pub(crate) use seen::seen_of_folder;
pub(crate) use visits::visits_of_folder;

/// What a server is made of.
pub(crate) struct Setup {
    pub(crate) configuration: Configuration,
    pub(crate) sources: SiteSources,
    pub(crate) data: PathBuf,
    /// Relative paths of the configuration start here.
    pub(crate) site_folder: PathBuf,
}

/// How long requests in flight may take to end once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// How long the last signals of browsers may take to be written after that.
const LAST_SIGNALS: Duration = Duration::from_secs(10);

/// Structured log lines without personal data: JSON in a pipe, plain on a terminal.
pub(crate) fn start_logging() {
    use std::io::IsTerminal;
    let plain = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO).with_target(false);
    // A second server in one process (only tests do that) logs where the first one does.
    let _ = if plain { lines.try_init() } else { lines.json().try_init() };
}

/// A server at work. Dropping it does not stop it: [`Running::until_told_to_stop`] does.
pub(crate) struct Running {
    edge: edge::Running,
    console: web::ConsoleSettings,
    /// For whoever becomes the first owner; none where there is one.
    first_owner: Option<String>,
    https: bool,
    log: Arc<Log>,
    seen: Arc<SeenFile>,
    accounts: Arc<Accounts>,
    programs: Arc<Programs>,
    people: People,
    records: Records,
    mail: mail::Mail,
    signals: Arc<Signals>,
    followers: Followers,
    receivers: Receivers,
    runtime: tokio::runtime::Runtime,
    _data: DataFolder,
}

/// Starts everything; on return visitors can connect.
pub(crate) fn start(setup: Setup) -> anyhow::Result<Running> {
    let configuration = &setup.configuration;
    let data = DataFolder::own(&setup.data)?;
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(data.path()));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let random: Arc<dyn Random> = Arc::new(SystemSource::new());

    for caution in configuration.cautions() {
        tracing::warn!("{caution}");
    }
    let is_told_visits = configuration.main.syslog.is_some() || !configuration.main.follow.0.is_empty();
    if configuration.main.upstream.is_none() && !is_told_visits {
        tracing::warn!("no site stands behind Candor yet: set `upstream`");
    }

    // Publishing cannot be taken back, so whatever else may fail comes first.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("console").enable_all().build()?;
    let places = match &configuration.main.region_database {
        Some(path) => Some(Arc::new(RegionDatabase::open(&setup.site_folder.join(path))?)),
        None => None,
    };
    let bound = listening::listen_for_people(edge_settings(configuration, &setup.site_folder))?;
    let console = runtime.block_on(listening::listen_for_operators(configuration.main.console.0))?;
    let elsewhere = objects::elsewhere(configuration, &setup.site_folder, data.path(), &*random)?;
    let log = Arc::new(open_log(Arc::clone(&disk), elsewhere, storage(), Arc::clone(&clock), &*random)?);
    let records = runtime.block_on(Records::open(&configuration.records(&setup.site_folder, data.path())))?;
    let keys_of_people = configuration.keys_of_people(&setup.site_folder, data.path());
    let place_of_master = vault::Place::new(&configuration.main.master_key, &setup.site_folder, data.path())?;
    let opening = vault::open(&keys_of_people, &place_of_master, storage(), Arc::clone(&random));
    let people = People::new(records.clone(), runtime.block_on(opening)?);
    let rotation = Rotation {
        vault: people.vault().clone(),
        place: place_of_master,
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        runtime: runtime.handle().clone(),
    };
    let revoking = Arc::new(Revoking::starting_now(Arc::clone(&clock)));
    let accounts = Accounts::new(people.clone(), Arc::clone(&random)).with_visits_in(Arc::clone(&log));
    let accounts = Arc::new(accounts.telling(Arc::clone(&revoking) as Arc<dyn Endings>));
    let programs = Arc::new(Programs::new(people.clone(), records.clone(), Arc::clone(&random)));
    let minors = Arc::new(Minors::new(Arc::clone(&accounts), deadlines(configuration)));
    let operators = Arc::new(Operators::new(records::Operators::new(records.clone(), people.vault().clone()), Arc::clone(&random)));
    let choices = Arc::new(ChoiceRecords::new(records.clone()));
    let keys = KeyFile::open(Arc::clone(&disk), Arc::clone(&clock), Arc::clone(&random))?;
    let assertions = AssertionFile::open(Arc::clone(&disk), Arc::clone(&clock), Arc::clone(&random))?;
    let versions = Arc::new(Versions::open(Arc::clone(&disk)).context("the published versions cannot be read")?);
    let policy = publish_first(&versions, &setup.sources, &*clock)?;
    log.set_retention(publishing::retention(&versions))?;

    let in_force = Arc::new(InForce {
        versions: Arc::clone(&versions),
        policy: Arc::new(ArcSwap::new(Arc::clone(&policy))),
        revoking: Arc::clone(&revoking),
        log: Arc::clone(&log),
        clock: Arc::clone(&clock),
        turn: parking_lot::Mutex::default(),
    });
    revoking.decide_by(&in_force.policy);
    let signals = Arc::new(Signals::start(runtime.handle(), Arc::clone(&choices), Arc::clone(&random), Networks::default()));
    let reported = Arc::new(Reported::default());
    let edge = bound.run(edge::Wiring {
        policy: Arc::clone(&in_force.policy),
        revocations: revoking.revocations(),
        keys: keys.keys(),
        recorder: Arc::new(log.recorder()),
        pages: Arc::new(public_pages(
            configuration,
            &Pieces {
                versions: &versions,
                log: &log,
                signals: &signals,
                accounts: &accounts,
                minors: &minors,
                keys: &keys,
                assertions: &assertions,
                random: &random,
                reported: &reported,
            },
        )),
        signals: Arc::clone(&signals) as Arc<dyn edge::KeepSignals>,
        sessions: Arc::new(Sessions::of(&accounts)),
        assertions: assertions.keys(),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        places: places.clone().map(|places| places as Arc<dyn edge::Places>),
    })?;
    let place = Place {
        origin: configuration.main.origin.as_ref().map_or_else(|| url_of(&edge, configuration), |origin| origin.0.clone()),
        account: configuration.main.paths.account.to_string(),
        from: configuration.main.mail_from.as_ref().map(|from| from.0.clone()),
    };
    let post = mail::open(&configuration.main, &setup.site_folder, Arc::clone(&disk), &place.origin)?;
    let mailer = Mailer::new(people.clone(), post, Arc::clone(&in_force.policy), place, Arc::clone(&clock), Arc::clone(&random));
    let mail = mail::Mail::start(runtime.handle(), Runner::new(mailer, people.clone(), Arc::clone(&clock), Arc::clone(&random)))?;
    let seen = Arc::new(SeenFile::open(disk, edge.counter(), Arc::clone(&reported)));
    let reconciled_by = Arc::clone(&in_force.policy);
    let settings = web::ConsoleSettings { origin: configuration.console_origin(), listen: console.local_addr()? };
    let link_maker = operators::LinkMaker::new(&operators, settings.url(), Arc::clone(&clock), runtime.handle().clone());
    let first_owner = link_maker.for_the_first_owner()?;
    let importer = Arc::new(LogImporter {
        log: Arc::clone(&log),
        accounts: Arc::clone(&accounts),
        policy: Arc::clone(&in_force.policy),
        settings: web_settings(configuration),
        random: Arc::clone(&random),
        clock: Arc::clone(&clock),
        runtime: runtime.handle().clone(),
    });
    let followed: Vec<PathBuf> = configuration.main.follow.0.iter().map(|log| setup.site_folder.join(log)).collect();
    let followers = Followers::start(&followed, &importer).context("logs cannot be followed")?;
    let receivers = Receivers::start(configuration.main.syslog.as_ref(), &setup.site_folder, &importer)
        .context("syslog messages cannot be received: see `syslog`")?;
    let answering = Answering {
        in_force,
        seen: Arc::clone(&seen),
        accounts: Arc::clone(&accounts),
        programs: Arc::clone(&programs),
        links: link_maker,
        rotation,
        importer: Arc::clone(&importer),
        runtime: runtime.handle().clone(),
    };
    answer_commands(&data, answering)?;

    let watch = Arc::new(Watch::new(Arc::clone(&choices)));
    let status = Status {
        watch: Arc::clone(&watch),
        edge: edge.counter(),
        reported,
        log: Arc::clone(&log),
        choices: Arc::clone(&choices),
        versions: Arc::clone(&versions),
        site_folder: setup.site_folder.clone(),
        mail: Arc::clone(&mail.runner),
        has_upstream: configuration.main.upstream.is_some(),
        has_mail: configuration.main.mail.is_some(),
        enforcement: configuration.main.enforcement,
        cautions: configuration.cautions(),
    };
    let private = web::PrivateState {
        versions: Arc::clone(&versions),
        accounts: Arc::clone(&accounts),
        minors: Arc::clone(&minors),
        programs: Arc::clone(&programs),
        visits: Arc::new(VisitLog::new(Arc::clone(&log), Arc::clone(&versions), Arc::clone(&accounts))),
        operators: Arc::clone(&operators),
        operations: Arc::new(status),
        settings: Arc::new(settings.clone()),
        keys: keys.keys(),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
    };
    let kept = maintenance::Kept {
        log: Arc::clone(&log),
        keys,
        assertions,
        choices,
        versions,
        accounts: Arc::clone(&accounts),
        programs: Arc::clone(&programs),
        operators,
        revoking,
    };
    runtime.spawn(reconciling::run(minors, reconciled_by, Arc::clone(&clock)));
    runtime.spawn(rotation::finish(people.vault().clone()));
    runtime.spawn(maintenance::run(kept, clock));
    runtime.spawn(sessions::keep_seen_now_and_then(Arc::clone(&accounts), Arc::clone(&programs)));
    runtime.spawn(async move { watch.run().await });
    runtime.spawn(serve_operators(console, web::private(private)));
    if let Some(places) = places {
        runtime.spawn(regions::keep_fresh(places));
    }
    runtime.spawn(seen::keep_now_and_then(Arc::clone(&seen)));
    tracing::info!(enforcement = configuration.main.enforcement.name(), version = policy.version.0, "serving");
    let https = configuration.tls.certificate.is_some();
    Ok(Running {
        edge,
        console: settings,
        first_owner,
        https,
        log,
        seen,
        accounts,
        programs,
        people,
        records,
        mail,
        signals,
        followers,
        receivers,
        runtime,
        _data: data,
    })
}

fn deadlines(configuration: &Configuration) -> Deadlines {
    let main = &configuration.main;
    Deadlines { decided_within: main.minors_decided_within.0, deleted_within: main.minors_deleted_within.0 }
}

/// Where visitors reach us, for a site that does not say where they reach it.
fn url_of(edge: &edge::Running, configuration: &Configuration) -> String {
    let scheme = if configuration.tls.certificate.is_some() { "https" } else { "http" };
    format!("{scheme}://{}", edge.addresses()[0])
}

/// What the public pages are made of.
struct Pieces<'a> {
    versions: &'a Arc<Versions>,
    log: &'a Arc<Log>,
    signals: &'a Arc<Signals>,
    accounts: &'a Arc<Accounts>,
    minors: &'a Arc<Minors>,
    keys: &'a KeyFile,
    assertions: &'a AssertionFile,
    random: &'a Arc<dyn Random>,
    reported: &'a Arc<Reported>,
}

fn public_pages(configuration: &Configuration, pieces: &Pieces<'_>) -> Pages {
    let Pieces { versions, log, signals, accounts, minors, keys, assertions, random, reported } = *pieces;
    let settings = web_settings(configuration);
    let state = web::State {
        versions: Arc::clone(versions),
        holdings: Arc::new(Holdings::new(Arc::clone(log))),
        choices: signals.choices(),
        later: Arc::<Signals>::clone(signals),
        accounts: Arc::clone(accounts),
        minors: Arc::clone(minors),
        keys: keys.keys(),
        assertions: assertions.keys(),
        random: Arc::clone(random),
        settings: Arc::new(settings),
        reports: Arc::<Reported>::clone(reported),
    };
    Pages::new(state, signals.networks())
}

fn web_settings(configuration: &Configuration) -> web::Settings {
    web::Settings {
        prefix: configuration.main.paths.privacy.clone(),
        account: configuration.main.paths.account.clone(),
        origin: configuration.main.origin.as_ref().map(|origin| origin.0.clone()),
        observing: configuration.main.enforcement == Enforcement::Observe,
    }
}

/// The right to turn personal data into bytes, for the stores of this server.
#[expect(clippy::disallowed_methods, reason = "this is the wiring that hands it out")]
fn storage() -> StorageCapability {
    StorageCapability::issue()
}

fn publish_first(versions: &Versions, sources: &SiteSources, clock: &dyn Clock) -> anyhow::Result<Arc<Policy>> {
    let is_first = versions.newest().is_none();
    let published = versions.publish_first(sources, clock.now()).context("the policy cannot be published")?;
    if is_first {
        tracing::info!(version = published.record.version.0, "the policy is published");
    } else if versions.differs(sources) {
        tracing::warn!(
            version = published.record.version.0,
            "the site folder says something else than the version in force; `candor publish` makes the next one"
        );
    }
    for damage in versions.damaged() {
        tracing::error!(version = damage.version.0, "a published version is damaged and is not shown");
    }
    Ok(Arc::clone(&published.policy))
}

fn open_log(
    disk: Arc<dyn Disk>,
    elsewhere: Option<Elsewhere>,
    storage: StorageCapability,
    clock: Arc<dyn Clock>,
    random: &dyn Random,
) -> anyhow::Result<Log> {
    let settings = LogSettings { address_key: Some(addresses::address_key(&*disk, random)?), ..LogSettings::default() };
    let (log, report) = Log::open_with(disk, elsewhere, storage, clock, settings)?;
    if report.torn_bytes > 0 {
        tracing::warn!(bytes = report.torn_bytes, "the last run ended in the middle of a write; what it left half-written is cut off");
    }
    for damage in &report.damage {
        tracing::error!(%damage, "the visit log is damaged");
    }
    Ok(log)
}

fn edge_settings(configuration: &Configuration, site_folder: &Path) -> edge::Settings {
    let tls = configuration.tls.certificate.as_ref().zip(configuration.tls.key.as_ref());
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    edge::Settings {
        listen: vec![configuration.main.listen.0],
        workers: match configuration.main.workers {
            0 => processors,
            workers => usize::from(workers),
        },
        upstream: configuration.main.upstream.clone(),
        trusted_proxies: configuration.main.trusted_proxies.0.clone(),
        region_header: configuration.main.region_header.as_ref().map(|header| header.0.clone()),
        enforcement: match configuration.main.enforcement {
            Enforcement::Enforce => edge::Enforcement::Enforce,
            Enforcement::Observe => edge::Enforcement::Observe,
        },
        origin: configuration.main.origin.as_ref().map(|origin| origin.0.clone()),
        sign_in: configuration.main.sign_in.0.clone(),
        limits: edge::Limits { connections_max: files::connections_max(), ..edge::Limits::default() },
        tls: tls.map(|(certificate, key)| edge::TlsFiles { certificate: site_folder.join(certificate), key: site_folder.join(key) }),
    }
}

/// What answering commands takes.
struct Answering {
    in_force: Arc<InForce>,
    seen: Arc<SeenFile>,
    accounts: Arc<Accounts>,
    programs: Arc<Programs>,
    links: operators::LinkMaker,
    rotation: Rotation,
    importer: Arc<LogImporter>,
    runtime: tokio::runtime::Handle,
}

/// Lets commands that run beside this server ask it.
fn answer_commands(data: &DataFolder, answering: Answering) -> anyhow::Result<()> {
    let Answering { in_force, seen, accounts, programs, links, rotation, importer, runtime } = answering;
    owner::serve(data.path(), move |question, source, say| {
        let mut tell = |answer| say(answer).map_err(anyhow::Error::from);
        let answered = match &question {
            Question::Visits(question) => {
                let policy = in_force.policy.load_full();
                let whom = match &question.person {
                    None => Ok(Ok(Whom::Anybody)),
                    Some(person) => runtime.block_on(visits::whom(person, &accounts, &policy, in_force.clock.now())),
                };
                whom.and_then(|whom| visits::answer(&policy, &Eras::of(&in_force.versions), &in_force.log, question, whom, &mut tell))
            }
            Question::Publish(question) => match question.sources() {
                Some(sources) => in_force.publish(&sources, &mut tell),
                None => tell(owner::Answer::Bad("these are not the files of a policy".to_owned())),
            },
            Question::Keys(KeysQuestion::Status) => rotation.standing(&mut tell),
            Question::Keys(KeysQuestion::Rotate) => rotation.rotate(&mut tell),
            Question::Seen => seen::answer(&in_force.policy.load(), &seen.now(), &mut tell),
            Question::Token(question) => {
                let answers = runtime.block_on(asked::about_tokens(&programs, question.clone(), in_force.clock.now()));
                answers.and_then(|answers| answers.into_iter().try_for_each(tell))
            }
            Question::Person(question) => {
                let policy = in_force.policy.load_full();
                let answers = runtime.block_on(asked::about_person(&accounts, &policy, question.clone(), in_force.clock.now()));
                answers.and_then(|answers| answers.into_iter().try_for_each(tell))
            }
            Question::Import(question) => tell(importer.take(question, source)),
            Question::NewOwnerLink => links.for_another_owner().and_then(|link| tell(owner::Answer::OwnerLink(link))),
        };
        answered.or_else(|error| say(owner::Answer::Failed(format!("{error:#}"))))
    })
    .context("commands cannot be answered")
}

async fn serve_operators(listener: tokio::net::TcpListener, router: axum::Router) {
    let router = router.layer(axum::middleware::from_fn(operators::with_client)).into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(error = %error.kind(), "the console ended");
    }
}

impl Running {
    pub(crate) fn public_url(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}", self.edge.addresses()[0])
    }

    pub(crate) fn console_url(&self) -> String {
        format!("http://{}", self.console.listen)
    }

    /// The same by its name, where browsers know passkeys.
    pub(crate) fn console_by_name(&self) -> String {
        self.console.url()
    }

    /// A link to become the first owner. It is shown to whoever started us, and nobody else.
    pub(crate) fn first_owner_link(&self) -> Option<&str> {
        self.first_owner.as_deref()
    }

    /// Waits for SIGINT, SIGTERM or SIGHUP, then lets requests in flight end and keeps every visit.
    pub(crate) fn until_told_to_stop(self) {
        self.runtime.block_on(async {
            tokio::select! {
                () = told_by(SignalKind::interrupt()) => {}
                () = told_by(SignalKind::terminate()) => {}
                () = told_by(SignalKind::hangup()) => {}
            }
        });
        tracing::info!("stopping: requests in flight may end");
        self.runtime.block_on(self.edge.shutdown(DRAIN));
        drop(self.receivers);
        drop(self.followers);
        if let Err(error) = self.log.close() {
            tracing::error!(%error, "the last visits could not be kept");
        }
        if let Err(error) = self.seen.keep() {
            tracing::error!(%error, "what the site was seen to do could not be kept");
        }
        self.runtime.block_on(self.mail.close());
        self.runtime.block_on(self.signals.close(LAST_SIGNALS));
        self.runtime.block_on(sessions::keep_seen(&self.accounts, &self.programs));
        self.runtime.block_on(self.people.vault().close());
        self.runtime.block_on(self.records.close());
        self.runtime.shutdown_timeout(Duration::from_secs(1));
        tracing::info!("stopped");
    }
}

/// Ends when the process gets this signal; never, where the system does not let it be heard.
async fn told_by(kind: SignalKind) {
    match tokio::signal::unix::signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}
