use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::stream::{SiteStream, Transport};
use super::wires::Wires;
use super::{Failure, Lost};
use crate::listen::Watch;
use crate::{Limits, RequestBody};

type Driver = Connection<TokioIo<SiteStream>, RequestBody>;

/// One connection to the site, polled by the request that uses it and by nobody else: no task, no channel between tasks, no wake-up on the way.
pub(super) struct Link {
    sender: SendRequest<RequestBody>,
    driver: Driver,
    /// The driver has done its work and is not polled again.
    ended: bool,
    pub(super) wires: Arc<Wires>,
    waker: Waker,
    /// When it was last put back, in coarse milliseconds.
    pub(super) idle_since: u64,
}

impl Link {
    pub(super) async fn over(transport: Transport, limits: &Limits) -> Result<Box<Self>, Failure> {
        let wires = Arc::new(Wires::default());
        let stream = TokioIo::new(SiteStream::new(transport, wires.clone()));
        let mut builder = http1::Builder::new();
        builder.max_buf_size(limits.header_bytes_max.max(64 * 1024)).http09_responses(false);
        let (sender, driver) = builder.handshake(stream).await.map_err(|_| Failure::NoAnswer)?;
        let waker = Waker::from(wires.clone());
        Ok(Box::new(Self { sender, driver, ended: false, wires, waker, idle_since: 0 }))
    }

    /// Lets the connection do what it can. Ready when it has ended.
    fn drive(&mut self, cx: &Context<'_>) -> Poll<()> {
        if !self.ended {
            self.wires.used_by(cx.waker());
            self.ended = Pin::new(&mut self.driver).poll(&mut Context::from_waker(&self.waker)).is_ready();
        }
        if self.ended { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Whether an idle connection can carry a request.
    pub(super) fn is_ready(&mut self, cx: &Context<'_>) -> bool {
        self.drive(cx).is_pending() && self.sender.is_ready()
    }

    /// Whether a connection has nothing left to do. It may need one more poll to know.
    fn settles(&mut self, cx: &Context<'_>) -> bool {
        !self.ended && (self.sender.is_ready() || (self.drive(cx).is_pending() && self.sender.is_ready()))
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn ask(&mut self, request: Request<RequestBody>, watch: &Watch) -> Result<Response<Incoming>, Lost> {
        let mut answer = pin!({
            let (sender, wires) = (&mut self.sender, &self.wires);
            wires.quietly(|| sender.try_send_request(request))
        });
        std::future::poll_fn(|cx| {
            let ended = self.drive(cx).is_ready();
            // The answer comes through the connection that was just polled, so nobody needs to be woken by it.
            let polled = self.wires.quietly(|| answer.as_mut().poll(&mut Context::from_waker(Waker::noop())));
            match polled {
                Poll::Ready(Ok(answer)) => Poll::Ready(Ok(answer)),
                Poll::Ready(Err(mut error)) => {
                    let unsent = error.take_message().map(Box::new);
                    let failure = match error.error() {
                        error if error.is_parse() => Failure::BadAnswer,
                        // The only part of a request that can fail on our side is the body.
                        error if error.is_user() => Failure::BrokenBody,
                        _ => Failure::NoAnswer,
                    };
                    Poll::Ready(Err(Lost { failure, unsent }))
                }
                Poll::Pending if ended => Poll::Ready(Err(Lost { failure: Failure::NoAnswer, unsent: None })),
                Poll::Pending if watch.is_expired() => {
                    watch.forgive();
                    let failure = if watch.is_waiting_for_client() { Failure::ClientTooSlow } else { Failure::TooSlow };
                    Poll::Ready(Err(Lost { failure, unsent: None }))
                }
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// The stream under a connection that the site has switched to another protocol, and what it sent already.
    pub(super) async fn switched(mut self: Box<Self>) -> (SiteStream, Bytes) {
        std::future::poll_fn(|cx| self.drive(cx)).await;
        let parts = self.driver.into_parts();
        (parts.io.into_inner(), parts.read_buf)
    }
}

/// An answer's body, read from the connection that it comes on.
pub(crate) struct SiteBody {
    incoming: Incoming,
    link: Option<Box<Link>>,
    pool: Arc<super::Pool>,
    failed: Option<crate::BodyError>,
}

impl SiteBody {
    pub(super) const fn new(incoming: Incoming, link: Box<Link>, pool: Arc<super::Pool>) -> Self {
        Self { incoming, link: Some(link), pool, failed: None }
    }

    /// The connection can carry another request as soon as this answer is read.
    pub(super) fn release(&mut self, cx: &Context<'_>) {
        if let Some(mut link) = self.link.take()
            && link.settles(cx)
        {
            self.pool.put(link);
        }
    }

    fn poll_incoming(&mut self) -> Poll<Option<Result<http_body::Frame<Bytes>, hyper::Error>>> {
        let incoming = Pin::new(&mut self.incoming);
        let mut nobody = Context::from_waker(Waker::noop());
        match &self.link {
            Some(link) => link.wires.quietly(|| incoming.poll_frame(&mut nobody)),
            None => incoming.poll_frame(&mut nobody),
        }
    }

    pub(crate) fn poll_frame(&mut self, cx: &Context<'_>) -> Poll<Option<Result<http_body::Frame<Bytes>, crate::BodyError>>> {
        if let Some(failed) = self.failed.take() {
            return Poll::Ready(Some(Err(failed)));
        }
        let mut polled = self.poll_incoming();
        if polled.is_pending() {
            let ended = self.link.as_mut().is_none_or(|link| link.drive(cx).is_ready());
            polled = self.poll_incoming();
            if polled.is_pending() && ended {
                return self.fail(cx, crate::BodyError::cut_short());
            }
        }
        let Poll::Ready(frame) = polled else {
            return Poll::Pending;
        };
        match frame {
            Some(Ok(frame)) => {
                if frame.is_trailers() || self.incoming.is_end_stream() {
                    self.release(cx);
                }
                Poll::Ready(Some(Ok(match frame.into_trailers() {
                    Ok(trailers) => http_body::Frame::trailers(crate::body::answer_trailers(trailers)),
                    Err(frame) => frame,
                })))
            }
            Some(Err(error)) => {
                self.link = None;
                self.fail(cx, crate::BodyError::new(error))
            }
            None => {
                self.release(cx);
                Poll::Ready(None)
            }
        }
    }

    /// hyper throws away what it has not written yet when a body fails, so it is given the time to write first: the visitor gets all that the site sent.
    fn fail<T>(&mut self, cx: &Context<'_>, error: crate::BodyError) -> Poll<T> {
        self.failed = Some(error);
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    pub(crate) fn is_end_stream(&self) -> bool {
        self.failed.is_none() && self.incoming.is_end_stream()
    }

    pub(crate) fn size_hint(&self) -> http_body::SizeHint {
        self.incoming.size_hint()
    }
}
