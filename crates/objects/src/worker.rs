use std::future::Future;
use std::io;
use std::sync::mpsc;

use tokio::runtime::{Builder, Handle, Runtime};

/// The thread that requests are made on. Whoever waits for one is a thread of its own that may wait.
pub(crate) struct Worker(Option<Runtime>);

impl Worker {
    pub(crate) fn start() -> io::Result<Self> {
        Builder::new_multi_thread().worker_threads(1).thread_name("objects").enable_all().build().map(|runtime| Self(Some(runtime)))
    }

    /// Waits until this is done. None when it panicked.
    pub(crate) fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (done, wait) = mpsc::sync_channel(1);
        self.handle()?.spawn(async move {
            let _ = done.send(work.await);
        });
        wait.recv().ok()
    }

    /// Does it by and by.
    pub(crate) fn leave(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(handle) = self.handle() {
            handle.spawn(work);
        }
    }

    fn handle(&self) -> Option<&Handle> {
        self.0.as_ref().map(Runtime::handle)
    }
}

impl Drop for Worker {
    /// It may be dropped where nobody may wait.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
