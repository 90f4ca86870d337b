//! A store far away that can go out of reach, lose answers and die at every single request.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use disk::{Disk, Objects, SimulatedDisk};
use domain::{AccountId, Field};
use futures_util::stream::{self, BoxStream, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result,
};
use objects::Bucket;
use policy::Sealed;
use visits::{Elsewhere, Log, LogError, OpenReport, Person, Query};

use crate::sealed_bytes::decoded;
use crate::site::{DAY, Site, number, storage, visitor};

/// Clones are the same store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Far(Arc<State>);

#[derive(Debug, Default)]
struct State {
    store: InMemory,
    requests: AtomicU64,
    is_out_of_reach: AtomicBool,
    /// The request with this number fails; what it asked for is done all the same, or not. 0 is none.
    failing: AtomicU64,
    is_done_all_the_same: AtomicBool,
}

enum Fate {
    Done,
    Failed,
    AnswerLost,
}

impl Far {
    pub(crate) fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn is_out_of_reach(&self, is: bool) {
        self.0.is_out_of_reach.store(is, Ordering::Relaxed);
    }

    /// The request after so many others fails.
    pub(crate) fn fail_after(&self, others: u64, is_done_all_the_same: bool) {
        self.0.failing.store(self.requests() + others + 1, Ordering::Relaxed);
        self.0.is_done_all_the_same.store(is_done_all_the_same, Ordering::Relaxed);
    }

    fn next(&self) -> Fate {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed) + 1;
        match (self.0.is_out_of_reach.load(Ordering::Relaxed), self.0.failing.load(Ordering::Relaxed) == number) {
            (true, _) => Fate::Failed,
            (_, false) => Fate::Done,
            _ if self.0.is_done_all_the_same.load(Ordering::Relaxed) => Fate::AnswerLost,
            _ => Fate::Failed,
        }
    }

    async fn fated<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        match self.next() {
            Fate::Done => work.await,
            Fate::Failed => Err(unreachable()),
            Fate::AnswerLost => {
                let _ = work.await;
                Err(unreachable())
            }
        }
    }

    /// Everything in it: what each object is called, and what is in it.
    pub(crate) fn everything(&self) -> Vec<(String, Vec<u8>)> {
        let bucket = Bucket::new(Arc::new(self.0.store.clone()), "site").expect("a thread");
        let names = bucket.list("visits").expect("listed");
        names.into_iter().map(|name| (name.clone(), bucket.read(&format!("visits/{name}")).expect("readable"))).collect()
    }

    /// Whether any object holds these bytes, in whatever form.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let found = |content: &[u8]| content.windows(bytes.len()).any(|window| window == bytes);
        self.everything()
            .into_iter()
            .any(|(name, content)| found(&content) || (name.ends_with(".parquet") && decoded(content).iter().any(|part| found(part))))
    }

    pub(crate) fn files(&self) -> usize {
        self.everything().iter().filter(|(name, _)| name.ends_with(".parquet")).count()
    }

    pub(crate) fn elsewhere(&self, name: &str) -> Elsewhere {
        let bucket = Bucket::new(Arc::new(self.clone()), "site").expect("a thread");
        Elsewhere { objects: Arc::new(bucket), name: name.to_owned(), new_owner: name_as_bytes(name) }
    }

    /// Opens a site's log with its sealed files here.
    pub(crate) fn open(&self, site: &Site) -> Result<(Log, OpenReport), LogError> {
        self.open_as(site, "the store")
    }

    pub(crate) fn open_as(&self, site: &Site, name: &str) -> Result<(Log, OpenReport), LogError> {
        Log::open_with(
            Arc::new(site.disk.clone()) as Arc<dyn Disk>,
            Some(self.elsewhere(name)),
            storage(),
            site.clock.clone(),
            site.settings.clone(),
        )
    }
}

/// What tells one log from another, for a test in which nothing is random.
fn name_as_bytes(name: &str) -> [u8; 16] {
    std::array::from_fn(|at| name.as_bytes().get(at).copied().unwrap_or(7))
}

fn unreachable() -> Error {
    Error::Generic { store: "far", source: "nobody answers".into() }
}

/// What of the disk's files is a sealed one.
pub(crate) fn sealed_here(disk: &SimulatedDisk) -> usize {
    disk.list("visits").expect("a folder").iter().filter(|name| name.ends_with(".parquet")).count()
}

impl fmt::Display for Far {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a store far away")
    }
}

const A_MOMENT: Duration = Duration::from_millis(1);

pub(crate) fn a_site() -> Site {
    let mut site = Site::new();
    site.settings.row_group_rows = 4;
    site
}

/// The visits of a day, and the night after it.
pub(crate) fn a_day(site: &Site, log: &Log, numbers: std::ops::Range<u64>) {
    for number in numbers {
        site.record(&log.recorder(), number);
        site.clock.advance(A_MOMENT);
    }
    log.flush().expect("the disk works");
    site.clock.advance(DAY);
}

pub(crate) fn open(far: &Far, site: &Site) -> Log {
    far.open(site).expect("the log opens").0
}

pub(crate) fn refused(far: &Far, site: &Site) -> String {
    far.open(site).expect_err("refused").to_string()
}

pub(crate) fn of_visitor(number: u64) -> Query {
    Query { visitor: Some(Sealed::new(Field::VisitVisitor, visitor(number))), ..Query::default() }
}

pub(crate) fn found(log: &Log, query: &Query) -> Vec<u64> {
    log.find(query).expect("readable").visits.iter().map(number).collect()
}

pub(crate) fn anybody(visitors: Vec<u64>) -> Person {
    let visitors = visitors.into_iter().map(|number| Sealed::new(Field::VisitVisitor, visitor(number))).collect();
    Person { account: Sealed::new(Field::VisitAccount, AccountId([9; 16])), visitors }
}

#[async_trait]
impl ObjectStore for Far {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.fated(self.0.store.put_opts(location, payload, options)).await
    }

    async fn put_multipart_opts(&self, location: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.fated(self.0.store.put_multipart_opts(location, options)).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.fated(self.0.store.get_opts(location, options)).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        match self.next() {
            Fate::Done => self.0.store.delete_stream(locations),
            Fate::Failed => stream::once(async { Err(unreachable()) }).boxed(),
            Fate::AnswerLost => self.0.store.delete_stream(locations).map(|_| Err(unreachable())).boxed(),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.store.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.fated(self.0.store.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.fated(self.0.store.copy_opts(from, to, options)).await
    }
}
