use std::sync::atomic::AtomicUsize;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, PutMultipartOptions, Result as StoreResult,
};

use super::*;

/// A store whose answers get lost on the way back, so many times.
#[derive(Debug, Default)]
struct Forgetful {
    store: InMemory,
    forgets: AtomicUsize,
}

impl fmt::Display for Forgetful {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a store whose answers get lost")
    }
}

#[async_trait]
impl ObjectStore for Forgetful {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> StoreResult<PutResult> {
        let put = self.store.put_opts(location, payload, options).await?;
        match self.forgets.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |times| times.checked_sub(1)) {
            Ok(_) => Err(StoreError::Generic { store: "test", source: "the answer was lost".into() }),
            Err(_) => Ok(put),
        }
    }

    async fn put_multipart_opts(&self, location: &Path, options: PutMultipartOptions) -> StoreResult<Box<dyn MultipartUpload>> {
        self.store.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> StoreResult<GetResult> {
        self.store.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, StoreResult<Path>>) -> BoxStream<'static, StoreResult<Path>> {
        self.store.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, StoreResult<ObjectMeta>> {
        self.store.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> StoreResult<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> StoreResult<()> {
        self.store.copy_opts(from, to, options).await
    }
}

fn bucket(store: &Arc<impl ObjectStore>) -> Bucket {
    Bucket::new(Arc::clone(store) as Arc<dyn ObjectStore>, "site").expect("a thread")
}

fn written(bucket: &Bucket, path: &str, bytes: &[u8]) -> Result<(), DiskError> {
    let mut file = bucket.create(path)?;
    bytes.chunks(1 << 20).try_for_each(|piece| file.write(piece))?;
    file.finish()
}

fn whole(file: &dyn ReadableFile, from: u64, length: usize) -> Vec<u8> {
    let (mut bytes, mut filled) = (vec![0; length], 0);
    while filled < length {
        match file.read_at(from + filled as u64, &mut bytes[filled..]).expect("readable") {
            0 => break,
            count => filled += count,
        }
    }
    bytes.truncate(filled);
    bytes
}

/// So many bytes, none like those around it.
fn content(length: usize) -> Vec<u8> {
    (0..length as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

#[test]
fn a_file_is_there_once_it_is_finished_and_goes_when_it_is_removed() {
    let bucket = bucket(&Arc::new(InMemory::new()));
    let mut file = bucket.create("visits/one").expect("begun");
    file.write(b"hello").expect("memory");
    assert_eq!(bucket.list("visits").expect("listed"), [] as [&str; 0]);
    file.finish().expect("sent");
    drop(bucket.create("visits/never").expect("begun"));
    assert_eq!(bucket.list("visits").expect("listed"), ["one"]);
    assert_eq!(bucket.read("visits/one").expect("readable"), b"hello");
    assert!(written(&bucket, "visits/one", b"other").is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists));
    let open = bucket.open("visits/one", 5).expect("opened");
    assert_eq!(whole(&*open, 1, 10), b"ello");
    bucket.remove("visits/one").expect("removed");
    let mut buffer = [0; 4];
    assert!(open.read_at(0, &mut buffer).is_err_and(|error| error.is_not_found()), "nothing of it stays in memory");
    assert!(bucket.read("visits/one").is_err_and(|error| error.is_not_found()));
}

#[test]
fn whatever_is_asked_for_comes_back_whatever_is_held_already() {
    let bytes = content(3 * BLOCK as usize + 1_000);
    let bucket = bucket(&Arc::new(InMemory::new()));
    written(&bucket, "file", &bytes).expect("sent");
    for start in [vec![], vec![1], vec![2, 0], vec![3]] {
        let fresh = Bucket::with(bucket.0.store(), "site", Worker::start().expect("a thread"), None);
        let open = fresh.open("file", bytes.len() as u64).expect("opened");
        start.iter().for_each(|block| drop(whole(&*open, block * BLOCK, 1)));
        for (from, length) in
            [(0, bytes.len()), (10, 20), (BLOCK as usize - 5, 10), (2 * BLOCK as usize, BLOCK as usize + 1_000), (bytes.len() - 1, 9)]
        {
            assert_eq!(whole(&*open, from as u64, length), bytes[from..bytes.len().min(from + length)], "{from} {length} after {start:?}");
        }
    }
}

#[test]
fn what_lies_together_is_asked_for_once() {
    let bytes = content(40 * BLOCK as usize);
    let bucket = bucket(&Arc::new(InMemory::new()));
    written(&bucket, "file", &bytes).expect("sent");
    let open = bucket.open("file", bytes.len() as u64).expect("opened");
    let before = bucket.requests();
    for at in 0..1_000 {
        whole(&*open, at * 200, 50);
    }
    assert_eq!(bucket.requests() - before, 1, "a thousand small reads within one block");
    whole(&*open, 0, 8 * BLOCK as usize);
    assert_eq!(bucket.requests() - before, 2, "one large read, but for what was there");
}

#[test]
fn a_large_file_goes_in_parts_and_is_whole() {
    let bytes = content((16 << 20) + (3 << 20));
    let bucket = bucket(&Arc::new(InMemory::new()));
    written(&bucket, "file", &bytes).expect("sent");
    assert!(bucket.read("file").expect("readable") == bytes);
}

#[test]
fn of_two_that_replace_one_file_the_second_is_told() {
    let store = Arc::new(InMemory::new());
    let (one, other) = (bucket(&store), bucket(&store));
    assert!(one.read("manifest").is_err_and(|error| error.is_not_found()));
    assert!(other.read("manifest").is_err_and(|error| error.is_not_found()));
    one.replace("manifest", b"1").expect("nobody was faster");
    let late = other.replace("manifest", b"one").expect_err("somebody was");
    assert_eq!(late.kind(), io::ErrorKind::ResourceBusy);
    assert!(late.to_string().contains("another server writes to this place"), "{late}");
    one.replace("manifest", b"2").expect("it is still the only one");
    assert_eq!(other.read("manifest").expect("readable"), b"2");
    other.replace("manifest", b"3").expect("now it knows");
    assert!(one.replace("manifest", b"4").is_err());
    assert_eq!(other.read("manifest").expect("readable"), b"3");
}

#[test]
fn whoever_claims_first_has_it() {
    let store = Arc::new(InMemory::new());
    assert!(bucket(&store).claim("owner", b"one").expect("reached"));
    assert!(!bucket(&store).claim("owner", b"two").expect("reached"));
    assert_eq!(bucket(&store).read("owner").expect("readable"), b"one");
}

#[test]
fn what_was_sent_and_never_answered_is_known_again() {
    for forgets in 1..4 {
        let store = Arc::new(Forgetful::default());
        let bucket = bucket(&store);
        bucket.replace("manifest", b"0").expect("answered");
        store.forgets.store(forgets, Ordering::Relaxed);
        let mut lost = 0;
        for text in ["1", "2", "3", "4", "5"] {
            lost += usize::from(bucket.replace("manifest", text.as_bytes()).is_err());
        }
        assert!(lost > 0 && !bucket.is_failing(), "{lost}");
        assert_eq!(bucket.read("manifest").expect("readable"), b"5", "{forgets}");
    }
}

#[test]
fn it_can_be_used_and_dropped_where_nobody_may_wait() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let bucket = bucket(&Arc::new(InMemory::new()));
        bucket.replace("one", b"x").expect("reached");
        drop(bucket);
    });
}
