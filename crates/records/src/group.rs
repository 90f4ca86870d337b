//! One writer for SQLite, which lets in one at a time: what waits for it is written in turn and made durable together, by one commit. Each piece is still
//! kept whole or not at all, whatever becomes of the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::AnyPool;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::dialect::Dialect;
use crate::file::OpenedFile;
use crate::{Done, RecordsError, Work};

/// So many pieces become durable together at most, so that none waits long for the others.
const TOGETHER_MAX: usize = 128;

/// After so long at most what was written goes from SQLite's log to where it belongs, beside the writer. It would stop to do that otherwise. Whoever waits for
/// the disk meanwhile waits longer, so it is not done all the time.
const MOVED_WITHIN: Duration = Duration::from_secs(5);

/// After so many pieces it is done at once.
const MOVED_AFTER: usize = 1_000;

/// The queue to the writer. Cheap to clone; all clones are one. The writer ends with the last of them.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    queue: mpsc::UnboundedSender<Box<dyn Piece>>,
    writer: AnyPool,
}

/// What the writer works with.
#[derive(Clone)]
struct Writer {
    /// One connection.
    own: AnyPool,
    others: AnyPool,
    file: Arc<OpenedFile>,
    moving: Arc<Moving>,
}

/// What is known of moving the log.
#[derive(Default)]
struct Moving {
    /// Somebody does it, or waits to.
    is_under_way: AtomicBool,
    /// Pieces since it began.
    pieces: AtomicUsize,
    is_much: Notify,
}

/// Somebody's work, and whoever waits for it.
trait Piece: Send {
    /// Whether somebody still waits. Whoever gave up was told that it did not happen in time.
    fn is_awaited(&self) -> bool;
    /// Does it, and says whether it is to be kept.
    fn attempt<'w>(&'w mut self, work: &'w mut Work) -> Done<'w, bool>;
    /// Tells what became of it; `lost` if it was done and is not kept.
    fn settle(self: Box<Self>, lost: Option<RecordsError>);
}

struct Waiting<T, W> {
    work: W,
    came_out: Option<Result<T, RecordsError>>,
    tell: oneshot::Sender<Result<T, RecordsError>>,
}

impl<T: Send, W: for<'w> Fn(&'w mut Work) -> Done<'w, T> + Send + Sync> Piece for Waiting<T, W> {
    fn is_awaited(&self) -> bool {
        !self.tell.is_closed()
    }

    fn attempt<'w>(&'w mut self, work: &'w mut Work) -> Done<'w, bool> {
        Box::pin(async move {
            let came_out = (self.work)(work).await;
            let is_kept = came_out.is_ok();
            self.came_out = Some(came_out);
            Ok(is_kept)
        })
    }

    fn settle(self: Box<Self>, lost: Option<RecordsError>) {
        let came_out = self.came_out.unwrap_or(Err(RecordsError::Ended));
        // Whoever asked may have gone away.
        let _ = self.tell.send(match lost {
            Some(error) => Err(error),
            None => came_out,
        });
    }
}

impl std::fmt::Debug for dyn Piece {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Piece").finish_non_exhaustive()
    }
}

impl Group {
    /// Starts the writer on the runtime this is called on. `own` is a pool of one connection.
    pub(crate) fn start(own: AnyPool, others: AnyPool, file: Arc<OpenedFile>) -> Self {
        let (queue, waiting) = mpsc::unbounded_channel();
        let group = Self { queue, writer: own.clone() };
        tokio::spawn(Writer { own, others, file, moving: Arc::default() }.run(waiting));
        group
    }

    /// Does work as one transaction, with others' in one commit. It is durable on return.
    pub(crate) async fn transact<T: Send + 'static>(
        &self,
        work: impl for<'w> Fn(&'w mut Work) -> Done<'w, T> + Send + Sync + 'static,
    ) -> Result<T, RecordsError> {
        let (tell, told) = oneshot::channel();
        self.queue.send(Box::new(Waiting { work, came_out: None, tell })).map_err(|_| RecordsError::Ended)?;
        told.await.unwrap_or(Err(RecordsError::Ended))
    }

    pub(crate) async fn close(&self) {
        self.writer.close().await;
    }
}

impl Writer {
    async fn run(self, mut waiting: mpsc::UnboundedReceiver<Box<dyn Piece>>) {
        let mut pieces = Vec::new();
        while waiting.recv_many(&mut pieces, TOGETHER_MAX).await > 0 {
            let (writer, mut these) = (self.clone(), std::mem::take(&mut pieces));
            these.retain(|piece| piece.is_awaited());
            let count = these.len();
            // Work that breaks takes along what it was to be committed with, and not the writer: whoever waits for any of it hears that it ended.
            let _ = tokio::spawn(async move { writer.write(these).await }).await;
            self.move_now_and_then(count);
        }
    }

    async fn write(&self, mut pieces: Vec<Box<dyn Piece>>) {
        let is_kept = match self.together(&mut pieces).await {
            Ok(true) => true,
            // Alone it takes nothing of anybody's along.
            Ok(false) if pieces.len() == 1 => true,
            Ok(false) => self.side_by_side(&mut pieces).await.is_ok(),
            Err(_) => false,
        };
        if is_kept {
            let is_gone = !self.file.is_there();
            pieces.into_iter().for_each(|piece| piece.settle(is_gone.then_some(RecordsError::FileGone)));
            return;
        }
        // What went wrong may be one's own fault, or everybody's: each hears it for itself.
        for piece in pieces.into_iter().filter(|piece| piece.is_awaited()) {
            let mut alone = [piece];
            let ended = self.together(&mut alone).await;
            let [piece] = alone;
            piece.settle(ended.err().or_else(|| (!self.file.is_there()).then_some(RecordsError::FileGone)));
        }
    }

    /// Writes them in turn with nothing between them, and says whether all are kept. Where one of several is not to be kept, none is.
    async fn together(&self, pieces: &mut [Box<dyn Piece>]) -> Result<bool, RecordsError> {
        let mut work = self.own.begin_with(Dialect::Sqlite.begin()).await?;
        for piece in &mut *pieces {
            if !piece.attempt(&mut work).await? {
                work.rollback().await?;
                return Ok(false);
            }
        }
        keep(work, are_awaited(pieces)).await.map(|()| true)
    }

    /// The same with a savepoint before each, so that one that is not to be kept takes nothing of the others along. SQLite copies every page that is changed
    /// behind a savepoint, and each statement is a way to its thread and back, so it is done where it has to be.
    async fn side_by_side(&self, pieces: &mut [Box<dyn Piece>]) -> Result<(), RecordsError> {
        let mut work = self.own.begin_with(Dialect::Sqlite.begin()).await?;
        for piece in &mut *pieces {
            say(&mut work, "SAVEPOINT piece").await?;
            if !piece.attempt(&mut work).await? {
                say(&mut work, "ROLLBACK TO piece").await?;
            }
            say(&mut work, "RELEASE piece").await?;
        }
        keep(work, are_awaited(pieces)).await
    }

    fn move_now_and_then(&self, pieces: usize) {
        let Self { others, moving, .. } = self.clone();
        if moving.pieces.fetch_add(pieces, Ordering::AcqRel) + pieces >= MOVED_AFTER {
            moving.is_much.notify_one();
        }
        if moving.is_under_way.swap(true, Ordering::AcqRel) {
            return;
        }
        tokio::spawn(async move {
            let _ = tokio::time::timeout(MOVED_WITHIN, moving.is_much.notified()).await;
            moving.pieces.store(0, Ordering::Release);
            // Where it cannot, it can the next time, and at last the writer does it.
            let _ = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&others).await;
            moving.is_under_way.store(false, Ordering::Release);
        });
    }
}

fn are_awaited(pieces: &[Box<dyn Piece>]) -> bool {
    pieces.iter().all(|piece| piece.is_awaited())
}

/// Commits, if everybody still waits.
async fn keep(work: Work, is_awaited: bool) -> Result<(), RecordsError> {
    if !is_awaited {
        return Err(RecordsError::TooSlow);
    }
    work.commit().await?;
    Ok(())
}

async fn say(work: &mut Work, words: &'static str) -> Result<(), RecordsError> {
    sqlx::query(words).execute(&mut **work).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use sqlx::Row;

    use super::*;
    use crate::{Address, Records};

    struct Folder(PathBuf);

    impl Folder {
        fn named(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("candor-group-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
            Self(folder)
        }

        async fn records(&self) -> Records {
            Records::open(&Address::Sqlite(self.0.join("records.sqlite"))).await.expect("it opens")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    async fn write(work: &mut Work, number: u8) -> Result<(), RecordsError> {
        let query = sqlx::query("INSERT INTO record_accounts (record, account, bound_at) VALUES ($1, $2, 0)");
        query.bind(vec![number; 16]).bind(vec![number; 16]).execute(&mut **work).await?;
        Ok(())
    }

    async fn break_down() -> Result<(), RecordsError> {
        panic!("on purpose")
    }

    async fn written(records: &Records) -> Vec<u8> {
        let rows = sqlx::query("SELECT record FROM record_accounts ORDER BY record").fetch_all(&records.pool).await.expect("rows");
        rows.iter().map(|row| row.get::<Vec<u8>, _>("record")[0]).collect()
    }

    /// Holds the writer, so that what comes meanwhile is written together.
    async fn hold(records: &Records) -> (tokio::task::JoinHandle<Result<(), RecordsError>>, Arc<tokio::sync::Notify>) {
        let (begun, over) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
        let (records, begins, ends) = (records.clone(), Arc::clone(&begun), Arc::clone(&over));
        let held = tokio::spawn(async move {
            records
                .transact(move |_| {
                    let (begins, ends) = (Arc::clone(&begins), Arc::clone(&ends));
                    Box::pin(async move {
                        begins.notify_one();
                        ends.notified().await;
                        Ok(())
                    })
                })
                .await
        });
        begun.notified().await;
        (held, over)
    }

    #[tokio::test]
    async fn one_that_fails_takes_nothing_of_the_others_along() {
        let folder = Folder::named("fails");
        let records = folder.records().await;
        let (held, over) = hold(&records).await;
        let mut pieces = Vec::new();
        for number in 0..100_u8 {
            let own = records.clone();
            pieces.push(tokio::spawn(async move {
                own.transact(move |work| {
                    Box::pin(async move {
                        write(work, number).await?;
                        if number % 7 == 0 { Err(RecordsError::NobodyThere) } else { Ok(number) }
                    })
                })
                .await
            }));
        }
        tokio::task::yield_now().await;
        over.notify_one();
        held.await.expect("no panic").expect("held");
        for (number, piece) in (0_u8..).zip(pieces) {
            match piece.await.expect("no panic") {
                Ok(said) => assert!(said == number && number % 7 != 0, "{number} heard of {said}"),
                Err(error) => assert!(number % 7 == 0 && matches!(error, RecordsError::NobodyThere), "{number}: {error}"),
            }
        }
        assert_eq!(written(&records).await, (0..100).filter(|number| number % 7 != 0).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn whoever_gave_up_is_not_written_and_whoever_waits_is() {
        let folder = Folder::named("gave-up");
        let records = folder.records().await;
        let (held, over) = hold(&records).await;
        let [first, second] = [1, 2].map(|number| {
            let own = records.clone();
            tokio::spawn(async move { own.transact(move |work| Box::pin(write(work, number))).await })
        });
        tokio::task::yield_now().await;
        first.abort();
        assert!(first.await.expect_err("it was given up").is_cancelled());
        over.notify_one();
        held.await.expect("no panic").expect("held");
        second.await.expect("no panic").expect("written");
        assert_eq!(written(&records).await, [2]);
    }

    #[tokio::test]
    async fn work_that_breaks_does_not_break_the_writer() {
        let folder = Folder::named("breaks");
        let records = folder.records().await;
        let broken = records.transact(|_| Box::pin(break_down())).await;
        assert!(matches!(broken, Err(RecordsError::Ended)), "{broken:?}");
        records.transact(|work| Box::pin(write(work, 3))).await.expect("the writer goes on");
        assert_eq!(written(&records).await, [3]);
    }
}
