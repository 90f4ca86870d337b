use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::{Request, StatusCode};
use parking_lot::Mutex;
use tokio::time::Sleep;

use crate::RequestBody;

/// Holds a body back until the site says `100 Continue`. Polling the visitor's body is what makes hyper ask for it, so a body that the site does not want is
/// never asked for. A site that says nothing gets the body after a moment, as RFC 9110, section 10.1.1, has it.
pub(crate) struct ContinueGate {
    state: Arc<State>,
    patience: Pin<Box<Sleep>>,
}

#[derive(Debug, Default)]
struct State {
    open: AtomicBool,
    waiting: Mutex<Option<Waker>>,
}

/// Whether the body was ever asked for.
#[derive(Debug)]
pub(super) struct Asked(Arc<State>);

impl ContinueGate {
    /// Puts the gate before the body of a request.
    pub(super) fn before(request: &mut Request<RequestBody>, patience: Duration) -> Asked {
        let state = Arc::new(State::default());
        let opened = state.clone();
        hyper::ext::on_informational(request, move |answer| {
            if answer.status() == StatusCode::CONTINUE {
                opened.open();
            }
        });
        request.body_mut().wait_for(Self { state: state.clone(), patience: Box::pin(tokio::time::sleep(patience)) });
        Asked(state)
    }

    pub(crate) fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        *self.state.waiting.lock() = Some(cx.waker().clone());
        if self.state.open.load(Ordering::Relaxed) {
            return Poll::Ready(());
        }
        self.patience.as_mut().poll(cx).map(|()| self.state.open())
    }
}

impl State {
    fn open(&self) {
        self.open.store(true, Ordering::Relaxed);
        if let Some(waiting) = self.waiting.lock().take() {
            waiting.wake();
        }
    }
}

impl Asked {
    pub(super) fn never(&self) -> bool {
        !self.0.open.load(Ordering::Relaxed)
    }
}
