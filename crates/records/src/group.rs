//! One writer for SQLite, which lets in one at a time: what waits for it is written in turn and made durable together, by one commit. Each piece is still
//! kept whole or not at all, whatever becomes of the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::AnyPool;
use tokio::sync::{mpsc, oneshot};

use crate::dialect::Dialect;
use crate::file::OpenedFile;
use crate::{Done, RecordsError, Work};

/// So many pieces become durable together at most, so that none waits long for the others.
const TOGETHER_MAX: usize = 128;

/// So often, while there is writing, what was written goes from SQLite's log to where it belongs, beside the writer. It would stop to do that otherwise.
const MOVED_EVERY: Duration = Duration::from_millis(200);

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
    is_moving: Arc<AtomicBool>,
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
        tokio::spawn(Writer { own, others, file, is_moving: Arc::default() }.run(waiting));
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
            // Work that breaks takes along what it was to be committed with, and not the writer: whoever waits for any of it hears that it ended.
            let _ = tokio::spawn(async move { writer.write(these).await }).await;
            self.move_now_and_then();
        }
    }

    async fn write(&self, mut pieces: Vec<Box<dyn Piece>>) {
        if self.together(&mut pieces).await.is_ok() {
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

    async fn together(&self, pieces: &mut [Box<dyn Piece>]) -> Result<(), RecordsError> {
        let mut work = self.own.begin_with(Dialect::Sqlite.begin()).await?;
        if let [only] = pieces {
            if only.attempt(&mut work).await? && only.is_awaited() {
                work.commit().await?;
            }
            return Ok(());
        }
        for piece in &mut *pieces {
            say(&mut work, "SAVEPOINT piece").await?;
            if !piece.attempt(&mut work).await? {
                say(&mut work, "ROLLBACK TO piece").await?;
            }
            say(&mut work, "RELEASE piece").await?;
        }
        if !pieces.iter().all(|piece| piece.is_awaited()) {
            return Err(RecordsError::TooSlow);
        }
        work.commit().await?;
        Ok(())
    }

    fn move_now_and_then(&self) {
        if self.is_moving.swap(true, Ordering::AcqRel) {
            return;
        }
        let Self { others, is_moving, .. } = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(MOVED_EVERY).await;
            // Where it cannot, it can the next time, and at last the writer does it.
            let _ = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&others).await;
            is_moving.store(false, Ordering::Release);
        });
    }
}

async fn say(work: &mut Work, words: &'static str) -> Result<(), RecordsError> {
    sqlx::query(words).execute(&mut **work).await?;
    Ok(())
}
