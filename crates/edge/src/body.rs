use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::COOKIE;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::forward::{ContinueGate, SiteBody};
use crate::gate::names;
use crate::listen::{StreamState, Watch};
use crate::record::Visiting;
use crate::rewrite::PageBody;

/// Why a body ended before its end. It says nothing of what was in it.
#[derive(Debug, thiserror::Error)]
#[error("the body ended before its end")]
pub struct BodyError {
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl BodyError {
    pub(crate) fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()) }
    }

    pub(crate) const fn cut_short() -> Self {
        Self { source: None }
    }
}

/// A request's body as it comes from the visitor.
pub struct RequestBody {
    live: Option<LiveBody>,
}

struct LiveBody {
    incoming: Incoming,
    watch: Arc<Watch>,
    stream: Arc<StreamState>,
    /// Closed until the site wants the body, where the visitor asked to be told.
    gate: Option<ContinueGate>,
    ended: bool,
}

impl RequestBody {
    pub(crate) fn new(incoming: Incoming, watch: Arc<Watch>, stream: Arc<StreamState>) -> Self {
        let live = (!incoming.is_end_stream()).then_some(LiveBody { incoming, watch, stream, gate: None, ended: false });
        Self { live }
    }

    pub(crate) const fn empty() -> Self {
        Self { live: None }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.live.is_none()
    }

    /// The body has to be there within this time, however steadily it comes.
    pub(crate) fn due_within(&self, time: Duration) {
        if let Some(live) = &self.live {
            live.watch.expect_body(time);
        }
    }

    pub(crate) fn wait_for(&mut self, gate: ContinueGate) {
        if let Some(live) = &mut self.live {
            live.gate = Some(gate);
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(live) = &mut self.live else {
            return Poll::Ready(None);
        };
        if let Some(gate) = &mut live.gate {
            std::task::ready!(gate.poll_open(cx));
            live.gate = None;
        }
        let polled = Pin::new(&mut live.incoming).poll_frame(cx);
        live.watch.waits_for_client(polled.is_pending());
        let Poll::Ready(frame) = polled else {
            return Poll::Pending;
        };
        live.watch.progress();
        live.ended = match &frame {
            None => true,
            Some(Ok(frame)) => frame.is_trailers() || live.incoming.is_end_stream(),
            Some(Err(_)) => false,
        };
        Poll::Ready(frame.map(|frame| frame.map(without_foreign_trailers).map_err(BodyError::new)))
    }

    fn is_end_stream(&self) -> bool {
        self.live.as_ref().is_none_or(|live| live.incoming.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.live.as_ref().map_or(SizeHint::with_exact(0), |live| live.incoming.size_hint())
    }
}

/// Names that nobody outside may use are no more welcome after a body than before it.
fn without_foreign_trailers(frame: Frame<Bytes>) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(mut trailers) => {
            names::remove_claims(&mut trailers);
            trailers.remove(COOKIE);
            Frame::trailers(trailers)
        }
        Err(frame) => frame,
    }
}

impl Drop for LiveBody {
    fn drop(&mut self) {
        self.watch.expect_no_body();
        if !self.ended && !self.incoming.is_end_stream() {
            self.stream.leave_unread();
        }
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RequestBody").field("empty", &self.is_empty()).finish()
    }
}

/// An answer's body on its way to the visitor. It carries the record of the visit, which is written when the body ends, whatever ends it.
pub struct AnswerBody {
    source: Source,
    visiting: Option<Box<Visiting>>,
}

enum Source {
    Empty,
    /// There is none, but the head says how long it would be: an answer of status 304 that names its length.
    Withheld,
    Full(Bytes),
    Made(Pin<Box<dyn Body<Data = Bytes, Error = BodyError> + Send>>),
    Site(SiteBody),
    Page(Box<PageBody>),
}

impl AnswerBody {
    pub fn empty() -> Self {
        Self::from_source(Source::Empty)
    }

    pub fn full(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::from_source(if bytes.is_empty() { Source::Empty } else { Source::Full(bytes) })
    }

    /// Any body.
    pub fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::from_source(Source::Made(Box::pin(MappedError { body: Box::pin(body) })))
    }

    pub(crate) fn withheld() -> Self {
        Self::from_source(Source::Withheld)
    }

    pub(crate) fn site(body: SiteBody) -> Self {
        Self::from_source(Source::Site(body))
    }

    pub(crate) fn page(body: PageBody) -> Self {
        Self::from_source(Source::Page(Box::new(body)))
    }

    /// The site's own body, if this is one.
    pub(crate) fn into_site(self) -> Result<SiteBody, Self> {
        match self {
            Self { source: Source::Site(body), visiting: None } => Ok(body),
            other => Err(other),
        }
    }

    pub(crate) fn carry(&mut self, visiting: Box<Visiting>) {
        self.visiting = Some(visiting);
    }

    const fn from_source(source: Source) -> Self {
        Self { source, visiting: None }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        let polled = match &mut this.source {
            Source::Empty | Source::Withheld => Poll::Ready(None),
            Source::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Source::Made(body) => body.as_mut().poll_frame(cx),
            Source::Site(body) => body.poll_frame(cx),
            Source::Page(body) => body.poll_frame(cx),
        };
        let Poll::Ready(frame) = polled else {
            return Poll::Pending;
        };
        if let Source::Full(_) = this.source {
            this.source = Source::Empty;
        }
        match &frame {
            Some(Ok(frame)) => {
                if let (Some(visiting), Some(data)) = (&mut this.visiting, frame.data_ref()) {
                    visiting.sent(data.len());
                }
            }
            Some(Err(_)) | None => {
                this.source = Source::Empty;
                this.visiting = None;
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Empty => true,
            Source::Withheld | Source::Full(_) | Source::Page(_) => false,
            Source::Made(body) => body.is_end_stream(),
            Source::Site(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Empty => SizeHint::with_exact(0),
            Source::Withheld | Source::Page(_) => SizeHint::default(),
            Source::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Source::Made(body) => body.size_hint(),
            Source::Site(body) => body.size_hint(),
        }
    }
}

impl fmt::Debug for AnswerBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("AnswerBody").field("size", &self.size_hint()).finish()
    }
}

struct MappedError<B> {
    body: Pin<Box<B>>,
}

impl<B> Body for MappedError<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.body.as_mut().poll_frame(cx).map_err(BodyError::new)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Trailers of an answer, without what belongs to the connection they came on.
pub(crate) fn answer_trailers(mut trailers: HeaderMap) -> HeaderMap {
    names::remove_our_set_cookies(&mut trailers);
    trailers
}
