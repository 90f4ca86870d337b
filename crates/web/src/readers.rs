//! Reading what is held about a visitor takes a thread and memory, and whoever has a cookie can ask for it as often as they like. So only a few
//! readings happen at a time, and the others wait.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// So many logs are read at once.
const AT_ONCE_MAX: usize = 4;

/// Who waits for longer is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where readings wait for their turn. Cheap to clone; all clones share the room.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    room: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Readers {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(AT_ONCE_MAX)), patience: PATIENCE }
    }
}

impl Readers {
    /// Does the work where it may block. None if there was no room in time, or if it panicked.
    pub(crate) async fn read<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let place = tokio::time::timeout(self.patience, Arc::clone(&self.room).acquire_owned()).await.ok()?.ok()?;
        // The place goes with the work, which goes on when nobody waits for it any more.
        let worked = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        worked.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn however_many_ask_only_a_few_read_at_once() {
        let (readers, reading, most) = (Readers::default(), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let asked: Vec<_> = (0..50)
            .map(|_| {
                let (readers, reading, most) = (readers.clone(), Arc::clone(&reading), Arc::clone(&most));
                tokio::spawn(async move {
                    let work = move || {
                        most.fetch_max(reading.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(5));
                        reading.fetch_sub(1, Ordering::SeqCst);
                    };
                    readers.read(work).await
                })
            })
            .collect();
        for asked in asked {
            assert_eq!(asked.await.expect("no panic"), Some(()));
        }
        assert!((1..=AT_ONCE_MAX).contains(&most.load(Ordering::SeqCst)), "{most:?} read at once");
    }

    #[tokio::test]
    async fn a_reading_that_nobody_waits_for_keeps_its_place_until_it_ends() {
        let readers = Readers { patience: Duration::from_millis(50), ..Readers::default() };
        let (started, has_started) = mpsc::channel();
        let mut ends = Vec::new();
        for _ in 0..AT_ONCE_MAX {
            let (end, ended) = mpsc::channel::<()>();
            let (readers, started) = (readers.clone(), started.clone());
            let asked = tokio::spawn(async move {
                let work = move || {
                    started.send(()).expect("the test waits");
                    ended.recv()
                };
                readers.read(work).await
            });
            while has_started.try_recv().is_err() {
                tokio::task::yield_now().await;
            }
            asked.abort();
            ends.push(end);
        }
        assert_eq!(readers.read(|| ()).await, None, "there is no room");
        drop(ends);
        let patient = Readers { patience: PATIENCE, ..readers };
        assert_eq!(patient.read(|| ()).await, Some(()), "there is room again");
    }
}
