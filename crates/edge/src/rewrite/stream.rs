use std::collections::VecDeque;
use std::mem::take;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;

use super::transform::{Stop, Transform};
use super::validators;
use crate::BodyError;
use crate::counts::add;
use crate::forward::SiteBody;
use crate::listen::Worker;

/// The rest of a page is not shown.
pub(super) const CUT: &str =
    "</select><p>The rest of this page is not shown here: it is written in a way that can be read as more than one page.</p>";

/// A page on its way from the site to the visitor, rewritten as it passes. It reads on only when the visitor has taken what was made so far.
pub(crate) struct PageBody {
    /// What was read of the site's body before the answer began.
    first: VecDeque<Bytes>,
    site: Option<SiteBody>,
    transform: Option<Transform>,
    trailers: Option<HeaderMap>,
    failed: Option<BodyError>,
    failing: bool,
    worker: Arc<Worker>,
    /// What the site sent passes as it is, and is only looked at.
    only_looks: bool,
}

/// So many steps are done at a time, before others have their turn.
const STEPS_MAX: usize = 16;

/// So many steps are done of one piece that is only looked at. A page that takes more is looked at no further.
const LOOKING_STEPS_MAX: usize = 256;

impl PageBody {
    /// A page that is changed on its way.
    pub(super) fn rewritten(first: VecDeque<Bytes>, site: Option<SiteBody>, transform: Transform, worker: Arc<Worker>) -> Self {
        Self { first, site, transform: Some(transform), trailers: None, failed: None, failing: false, worker, only_looks: false }
    }

    /// A page that is looked at on its way.
    pub(super) fn looked_at(first: VecDeque<Bytes>, site: Option<SiteBody>, transform: Option<Transform>, worker: Arc<Worker>) -> Self {
        Self { first, site, transform, trailers: None, failed: None, failing: false, worker, only_looks: true }
    }

    pub(super) fn fails_with(mut self, failed: Option<BodyError>) -> Self {
        self.failed = failed;
        self
    }

    pub(super) fn ends_with(mut self, trailers: Option<HeaderMap>) -> Self {
        self.trailers = trailers;
        self
    }

    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.only_looks {
            return self.poll_looking(cx);
        }
        for _ in 0..STEPS_MAX {
            if let Some(made) = self.transform.as_mut().map(Transform::take).filter(|made| !made.is_empty()) {
                return Poll::Ready(Some(Ok(Frame::data(made.into()))));
            }
            let Some(transform) = &mut self.transform else {
                return match self.first.pop_front() {
                    Some(last) => Poll::Ready(Some(Ok(Frame::data(last)))),
                    None => self.poll_end(cx),
                };
            };
            let stepped = transform.step();
            match stepped {
                Ok(true) => continue,
                Ok(false) => {}
                Err(stop) => {
                    self.stop(stop);
                    continue;
                }
            }
            match self.poll_site(cx) {
                Poll::Pending => {
                    let made = self.flushed();
                    return if made.is_empty() { Poll::Pending } else { Poll::Ready(Some(Ok(Frame::data(made)))) };
                }
                Poll::Ready(Some(Ok(frame))) => self.feed(frame),
                Poll::Ready(Some(Err(error))) => {
                    self.failed = Some(error);
                    let made = self.flushed();
                    self.transform = None;
                    self.site = None;
                    if !made.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(made))));
                    }
                }
                Poll::Ready(None) => self.end(),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_site(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(bytes) = self.first.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if let Some(failed) = self.failed.take() {
            return Poll::Ready(Some(Err(failed)));
        }
        match &mut self.site {
            Some(site) => site.poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn feed(&mut self, frame: Frame<Bytes>) {
        match frame.into_data() {
            Ok(data) => {
                if let Some(Err(stop)) = self.transform.as_mut().map(|transform| transform.feed(&data)) {
                    self.stop(stop);
                }
            }
            Err(frame) => {
                self.trailers = frame.into_trailers().ok();
                self.trailers.as_mut().map(validators::remove_digests);
                self.site = None;
            }
        }
    }

    fn end(&mut self) {
        self.site = None;
        let Some(transform) = &mut self.transform else { return };
        match transform.end() {
            Ok(()) => self.finish(),
            Err(stop) => self.stop(stop),
        }
    }

    /// The last of what was made still has to go out.
    fn finish(&mut self) {
        if let Some(made) = self.transform.take().map(|mut transform| transform.take()).filter(|made| !made.is_empty()) {
            self.first = VecDeque::from([made.into()]);
        }
    }

    fn stop(&mut self, stop: Stop) {
        self.site = None;
        self.first.clear();
        match stop {
            Stop::BadCoding => {
                add(&self.worker.counts.upstream_errors, 1);
                self.failed = Some(BodyError::cut_short());
            }
            Stop::Unreadable => {
                add(&self.worker.counts.pages_held_back, 1);
                if let Some(transform) = &mut self.transform {
                    transform.cut(CUT);
                }
            }
        }
        self.trailers = None;
        self.finish();
    }

    fn flushed(&mut self) -> Bytes {
        let Some(transform) = &mut self.transform else { return Bytes::new() };
        transform.flush();
        transform.take().into()
    }

    /// hyper throws away what it has not written yet when a body fails, so it is given the time to write first.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.failed.is_some() && !std::mem::replace(&mut self.failing, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(failed) = self.failed.take() {
            return Poll::Ready(Some(Err(failed)));
        }
        Poll::Ready(self.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))))
    }

    fn poll_looking(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.first.is_empty() && self.site.is_none() {
            self.look_to_the_end();
            return self.poll_end(cx);
        }
        let frame = std::task::ready!(self.poll_site(cx));
        if let Some(Ok(frame)) = &frame {
            if let Some(data) = frame.data_ref() {
                self.look(data);
            }
        } else {
            self.site = None;
        }
        if frame.is_none() {
            self.look_to_the_end();
            return self.poll_end(cx);
        }
        Poll::Ready(frame)
    }

    fn look(&mut self, data: &Bytes) {
        let Some(transform) = &mut self.transform else { return };
        let mut looked = transform.feed(data);
        let mut steps = 0;
        while looked.is_ok() && steps < LOOKING_STEPS_MAX {
            match transform.step() {
                Ok(true) => steps += 1,
                Ok(false) => break,
                Err(stop) => looked = Err(stop),
            }
        }
        transform.take();
        if looked.is_err() || steps == LOOKING_STEPS_MAX {
            self.transform = None;
        }
    }

    fn look_to_the_end(&mut self) {
        if let Some(mut transform) = take(&mut self.transform) {
            // Whether the page is as it should be is for its reader to say.
            let _ = transform.end();
        }
    }
}
