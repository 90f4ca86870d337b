//! The beginning of a page, read before any of its answer is sent.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::Frame;
use tokio::time::Sleep;

use super::charset::PRESCAN_BYTES;
use super::coding::{self, Coding};
use super::stream::PageBody;
use crate::forward::SiteBody;
use crate::listen::{Watch, Worker};
use crate::{AnswerBody, BodyError};

/// A page up to this length is looked at as a whole before any of it is sent.
const WHOLE_BYTES_MAX: usize = 256 * 1024;

/// How long the rest of such a page may take. After that it is sent as it comes.
const PATIENCE: Duration = Duration::from_millis(25);

/// As much of a body as was read before its answer begins.
#[derive(Default)]
pub(super) struct First {
    pub(super) pieces: VecDeque<Bytes>,
    length: usize,
    pub(super) trailers: Option<HeaderMap>,
    pub(super) failed: Option<BodyError>,
    /// There is no more.
    pub(super) is_whole: bool,
}

impl First {
    /// Reads so much of a body that a page of ordinary length is whole, as long as it comes at once.
    pub(super) async fn read(body: &mut SiteBody, watch: &Watch) -> Self {
        let mut first = Self::default();
        let mut patience: Option<Pin<Box<Sleep>>> = None;
        poll_fn(|cx| {
            while first.length <= WHOLE_BYTES_MAX {
                match body.poll_frame(cx) {
                    Poll::Ready(frame) => {
                        if first.take(frame, body.is_end_stream()) {
                            break;
                        }
                    }
                    Poll::Pending if watch.is_expired() => {
                        watch.forgive();
                        break;
                    }
                    // Until something comes, the visitor waits as for the head.
                    Poll::Pending if first.length == 0 => return Poll::Pending,
                    Poll::Pending => {
                        let patience = patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(PATIENCE)));
                        ready!(patience.as_mut().poll(cx));
                        break;
                    }
                }
            }
            Poll::Ready(())
        })
        .await;
        first
    }

    /// Takes what comes next. Returns whether nothing comes after it.
    fn take(&mut self, frame: Option<Result<Frame<Bytes>, BodyError>>, ends: bool) -> bool {
        match frame {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => {
                    self.length += data.len();
                    self.pieces.push_back(data);
                    self.is_whole = ends;
                }
                Err(frame) => {
                    self.trailers = frame.into_trailers().ok();
                    self.is_whole = true;
                }
            },
            Some(Err(error)) => self.failed = Some(error),
            None => self.is_whole = true,
        }
        self.is_whole || self.failed.is_some()
    }

    /// All of it in one piece, which it is kept in from now on.
    fn join(&mut self) -> Bytes {
        if self.pieces.len() != 1 {
            let mut all = BytesMut::with_capacity(self.length);
            self.pieces.drain(..).for_each(|piece| all.extend_from_slice(&piece));
            self.pieces.push_back(all.freeze());
        }
        self.pieces[0].clone()
    }

    fn start(&self, bytes_max: usize) -> Vec<u8> {
        self.pieces.iter().flatten().copied().take(bytes_max).collect()
    }

    /// The body as it came, with what follows it.
    pub(super) fn pass(mut self, site: Option<SiteBody>, worker: &Arc<Worker>) -> AnswerBody {
        if self.is_whole && self.trailers.is_none() {
            return AnswerBody::full(self.join());
        }
        let body = PageBody::looked_at(self.pieces, site, None, worker.clone()).fails_with(self.failed);
        AnswerBody::page(body.ends_with(self.trailers))
    }
}

/// The beginning of a page, without its codings.
pub(super) enum Start {
    /// It is all there is.
    Whole(Bytes),
    Part(Vec<u8>),
    /// It is not in the coding that it says it is in.
    Broken,
}

impl Start {
    pub(super) fn of(first: &mut First, codings: &[Coding]) -> Self {
        if codings.is_empty() {
            let is_whole = first.is_whole && first.length <= WHOLE_BYTES_MAX;
            return if is_whole { Self::Whole(first.join()) } else { Self::Part(first.start(PRESCAN_BYTES)) };
        }
        let bytes_max = if first.is_whole { WHOLE_BYTES_MAX } else { PRESCAN_BYTES };
        match coding::decoded(codings, &first.join(), bytes_max) {
            Ok((text, true)) if first.is_whole => Self::Whole(text.into()),
            Ok((text, false)) if first.is_whole && text.len() <= bytes_max => Self::Broken,
            Ok((text, _)) => Self::Part(text),
            Err(_) => Self::Broken,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(text) => text,
            Self::Part(text) => text,
            Self::Broken => &[],
        }
    }
}
