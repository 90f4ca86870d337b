//! A page, taken apart while it passes: what may not be loaded is held back, and what has to be asked is put in.

mod address;
mod element;
mod elements;
mod meta;
mod text;
mod work;

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use encoding_rs::Encoding;
use lol_html::html_content::ContentType;
use lol_html::send::{ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{AsciiCompatibleEncoding, DocumentContentHandlers, MemorySettings, Selector};
use parking_lot::Mutex;
use url::Url;

use crate::gate::ReadyPlan;
use crate::listen::Worker;
use address::Base;
pub(crate) use elements::Elements;
pub(crate) use work::PageInserts;
use work::Work;

/// What the rewriter may keep of a page at a time. A single tag that is longer ends the page.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Why a page cannot be taken apart any further. Its rest is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

type Output = Arc<Mutex<Vec<u8>>>;
type Sink = Box<dyn FnMut(&[u8]) + Send>;
type Rewriter = HtmlRewriter<'static, Sink>;

/// The page of one answer. Bytes go in, and what the visitor gets comes out.
pub(crate) struct Page {
    rewriter: Option<Rewriter>,
    output: Output,
    work: Arc<Mutex<Work>>,
}

/// What a page is read with.
pub(crate) struct Reading {
    pub(crate) worker: Arc<Worker>,
    pub(crate) plan: Arc<ReadyPlan>,
    pub(crate) url: Url,
    pub(crate) encoding: &'static Encoding,
    /// Nothing in the page can change its encoding.
    pub(crate) encoding_is_known: bool,
    /// The kinds of elements that the page may have.
    pub(crate) elements: Elements,
}

impl Page {
    pub(crate) fn new(reading: Reading, inserts: PageInserts) -> Self {
        let Reading { worker, plan, url, encoding, encoding_is_known, elements } = reading;
        let mut base = Base::of(url);
        base.looks_at_relative = base.is_on(|host| plan.obligations.held_at_host(&plan.policy, host).is_some());
        let mut work = Work::new(worker, plan, base, inserts, encoding_is_known);
        work.hides_body = elements.are_every();
        let work = Arc::new(Mutex::new(work));
        let output = Output::default();
        let encoding = AsciiCompatibleEncoding::new(encoding).unwrap_or_else(AsciiCompatibleEncoding::utf_8);
        let selector = elements.selector();
        let settings = settings(&work, elements, selector.as_deref(), true)
            .with_encoding(encoding)
            .with_adjust_charset_on_meta_tag(!encoding_is_known);
        let rewriter = HtmlRewriter::new(settings, sink(&output));
        Self { rewriter: Some(rewriter), output, work }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
        let rewriter = self.rewriter.as_mut().ok_or(Unreadable)?;
        let written = rewriter.write(bytes).map_err(|_| Unreadable);
        self.settle(written)
    }

    pub(crate) fn end(&mut self) -> Result<(), Unreadable> {
        let ended = self.rewriter.take().map_or(Ok(()), |rewriter| rewriter.end().map_err(|_| Unreadable));
        self.settle(ended)
    }

    /// Only notes what a whole page loads of others.
    pub(crate) fn look(mut self, text: &[u8]) {
        self.work.lock().only_looks = true;
        if let Some(mut rewriter) = self.rewriter.take() {
            // Whether the page is as it should be is for its reader to say.
            let _ = rewriter.write(text).and_then(|()| rewriter.end());
        }
        self.work.lock().note_sightings();
    }

    /// Makes room for what comes out.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.output.lock().reserve(bytes);
    }

    /// What came out since the last time.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut *self.output.lock())
    }

    /// Whether the page is another one than the site's.
    pub(crate) fn is_changed(&self) -> bool {
        self.work.lock().changed
    }

    fn settle(&mut self, result: Result<(), Unreadable>) -> Result<(), Unreadable> {
        let mut work = self.work.lock();
        work.note_sightings();
        if result.is_err() {
            self.rewriter = None;
            work.change();
        }
        result
    }
}

fn sink(output: &Output) -> Sink {
    let output = output.clone();
    Box::new(move |bytes| output.lock().extend_from_slice(bytes))
}

/// A `noscript`'s content, as browsers without script get it.
fn rewritten_inside(work: &Arc<Mutex<Work>>, text: &str) -> Option<String> {
    // One inside of another is read as text here, and as part of the page by browsers without script.
    if text.to_ascii_lowercase().contains("<noscript") {
        return None;
    }
    let (narrow, players) = {
        let mut work = work.lock();
        work.nested = true;
        (work.narrow, std::mem::take(&mut work.players))
    };
    let output = Output::default();
    let elements = Elements::in_text(text.as_bytes());
    let selector = elements.selector();
    let mut rewriter = HtmlRewriter::new(settings(work, elements, selector.as_deref(), false), sink(&output));
    let result = rewriter.write(text.as_bytes()).and_then(|()| rewriter.end());
    let mut work = work.lock();
    (work.nested, work.narrow, work.players) = (false, narrow, players);
    result.ok()?;
    String::from_utf8(std::mem::take(&mut *output.lock())).ok()
}

fn settings<'s>(work: &Arc<Mutex<Work>>, elements: Elements, selector: Option<&'s Selector>, whole: bool) -> Settings<'static, 's> {
    static LISTS: LazyLock<Option<Selector>> = LazyLock::new(|| "script[type=importmap i]".parse().ok());
    static NOSCRIPT: LazyLock<Option<Selector>> = LazyLock::new(|| "noscript".parse().ok());

    let mut settings =
        Settings::new_send().with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(BYTES_MAX)).with_strict(true);
    if let Some(selector) = selector {
        let work = work.clone();
        let handlers = ElementContentHandlers::default().element(move |el: &mut lol_html::send::Element<'_, '_>| {
            element::handle(&work, el);
            Ok(())
        });
        settings = settings.append_element_content_handler((Cow::Borrowed(selector), handlers));
    }
    if let Some(lists) = LISTS.as_ref().filter(|_| elements.have_lists()) {
        let work = work.clone();
        let handlers = ElementContentHandlers::default().text(move |chunk: &mut lol_html::html_content::TextChunk<'_>| {
            text::in_list(&work, chunk);
            Ok(())
        });
        settings = settings.append_element_content_handler((Cow::Borrowed(lists), handlers));
    }
    if let Some(noscript) = NOSCRIPT.as_ref().filter(|_| whole && elements.have_noscript()) {
        let work = work.clone();
        let handlers = ElementContentHandlers::default().text(move |chunk: &mut lol_html::html_content::TextChunk<'_>| {
            text::in_noscript(&work, chunk);
            Ok(())
        });
        settings = settings.append_element_content_handler((Cow::Borrowed(noscript), handlers));
    }
    if whole { settings.append_document_content_handler(end_handler(work.clone())) } else { settings }
}

fn end_handler(work: Arc<Mutex<Work>>) -> DocumentContentHandlers<'static, lol_html::send::SendHandlerTypes> {
    DocumentContentHandlers::default().end(move |end: &mut lol_html::html_content::DocumentEnd<'_>| {
        let mut work = work.lock();
        if work.acts() {
            if let Some(banner) = work.inserts.banner() {
                work.change();
                end.append(&banner, ContentType::Html);
            }
            if let Some(summary) = work.summary() {
                end.append(&summary, ContentType::Html);
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests;
