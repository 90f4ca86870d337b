use bytes::{Buf, BytesMut};

use super::charset::{Charset, Transcoder};
use super::coding::{BadCoding, Coding, Decoder, GzipEncoder};
use super::html::{Page, Unreadable};

/// All that happens to the bytes of a page, in small steps: codings off, letters in UTF-8 where tags would be hidden, the page itself, gzip on.
pub(super) struct Transform {
    stages: Vec<Stage>,
    transcoder: Option<Transcoder>,
    page: Page,
    encoder: Option<GzipEncoder>,
    output: Vec<u8>,
    piece: Vec<u8>,
}

/// One coding that is taken off, and what waits for it.
struct Stage {
    decoder: Decoder,
    waiting: BytesMut,
}

/// Why a page does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The site's bytes are not what they should be.
    BadCoding,
    /// What the page says can be read in more than one way, or takes too much to read.
    Unreadable,
}

impl From<BadCoding> for Stop {
    fn from(_: BadCoding) -> Self {
        Self::BadCoding
    }
}

impl From<Unreadable> for Stop {
    fn from(_: Unreadable) -> Self {
        Self::Unreadable
    }
}

impl Transform {
    pub(super) fn new(codings: &[Coding], charset: Charset, page: Page, gzips: bool) -> Self {
        let stages = codings.iter().rev().map(|coding| Stage { decoder: coding.decoder(), waiting: BytesMut::new() }).collect();
        Self {
            stages,
            transcoder: charset.hides_tags().then(|| Transcoder::from(charset.encoding)),
            page,
            encoder: gzips.then(GzipEncoder::new),
            output: Vec::new(),
            piece: Vec::new(),
        }
    }

    /// Takes bytes as the site sent them.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        match self.stages.first_mut() {
            Some(stage) => {
                stage.waiting.extend_from_slice(bytes);
                Ok(())
            }
            None => self.write(bytes),
        }
    }

    /// All of a page, without its codings.
    pub(super) fn feed_whole(&mut self, text: &[u8]) -> Result<(), Stop> {
        self.stages.clear();
        // A tenth is room enough for most of what is put in.
        self.page.reserve(text.len() + text.len() / 10);
        self.write(text)?;
        self.end()
    }

    /// Does a bounded piece of work. Returns whether there was any.
    pub(super) fn step(&mut self) -> Result<bool, Stop> {
        for at in (0..self.stages.len()).rev() {
            let stage = &mut self.stages[at];
            self.piece.clear();
            let step = stage.decoder.step(&stage.waiting, &mut self.piece)?;
            stage.waiting.advance(step.consumed);
            if !self.piece.is_empty() {
                let piece = std::mem::take(&mut self.piece);
                match self.stages.get_mut(at + 1) {
                    Some(next) => next.waiting.extend_from_slice(&piece),
                    None => self.write(&piece)?,
                }
                self.piece = piece;
                return Ok(true);
            }
            if step.consumed > 0 || step.has_more {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Nothing more comes, and every step is done.
    pub(super) fn end(&mut self) -> Result<(), Stop> {
        if !self.stages.iter().all(|stage| stage.decoder.may_end(&stage.waiting)) {
            return Err(Stop::BadCoding);
        }
        if let Some(transcoder) = &mut self.transcoder {
            let rest = transcoder.write(&[], true);
            self.page.write(&rest)?;
        }
        self.page.end()?;
        let rest = self.page.take();
        self.give(rest);
        self.close();
        Ok(())
    }

    /// Ends the page here, with a last word of ours in plain ASCII.
    pub(super) fn cut(&mut self, last: &str) {
        let rest = self.page.take();
        self.give(rest);
        self.give(last.into());
        self.close();
    }

    fn close(&mut self) {
        if let Some(encoder) = &mut self.encoder {
            encoder.end(&mut self.output);
        }
    }

    /// What came out since the last time.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Gives out what is only kept to be packed with more.
    pub(super) fn flush(&mut self) {
        if let Some(encoder) = self.encoder.as_mut().filter(|encoder| encoder.holds_back) {
            encoder.flush(&mut self.output);
        }
    }

    pub(super) fn is_changed(&self) -> bool {
        self.page.is_changed()
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let written = match &mut self.transcoder {
            Some(transcoder) => self.page.write(&transcoder.write(bytes, false)),
            None => self.page.write(bytes),
        };
        let made = self.page.take();
        self.give(made);
        Ok(written?)
    }

    fn give(&mut self, bytes: Vec<u8>) {
        match &mut self.encoder {
            Some(encoder) => encoder.write(&bytes, &mut self.output),
            None if self.output.is_empty() => self.output = bytes,
            None => self.output.extend_from_slice(&bytes),
        }
    }
}
