use std::sync::Arc;

use http::header::{self, HeaderMap, HeaderValue};
use policy::Set;
use policy::model::Purpose;

use super::address::{Address, Base};
use crate::gate::ReadyPlan;
use crate::listen::Worker;
use crate::rewrite::asked::Opened;
use crate::rewrite::csp;
use crate::{Enforcement, Held, Inserts, Page, Room};

/// What the rewriting of one page knows and has done so far.
pub(super) struct Work {
    pub(super) worker: Arc<Worker>,
    pub(super) plan: Arc<ReadyPlan>,
    pub(super) base: Base,
    pub(super) inserts: PageInserts,
    /// Where a placeholder would break the page: how many such elements are open.
    pub(super) narrow: u32,
    /// How many of them are drawings, in `svg` or `math`.
    pub(super) drawings: u32,
    pub(super) in_head: bool,
    /// Open `video` and `audio` elements, and what was taken out of each.
    pub(super) players: Vec<Option<Held>>,
    /// How many `template` elements are open: nothing in them is a part of the page.
    pub(super) templates: u32,
    /// In a `noscript`, which is a small page of its own.
    pub(super) nested: bool,
    /// Text of the element that is open, which decides as a whole what becomes of it.
    pub(super) text: String,
    /// It is inside of something that is held back.
    pub(super) text_is_gone: bool,
    /// The page says nowhere where its body begins: the first thing in it does.
    pub(super) hides_body: bool,
    body_found: bool,
    unseen: Vec<Held>,
    /// Placeholders that have no summary behind them yet.
    placeholders_open: bool,
    pub(super) changed: bool,
    sighted: Vec<String>,
    /// The page passes as it is, whatever is in it.
    pub(super) only_looks: bool,
    /// A `meta` that contradicts the encoding that the page is read in is of no effect.
    pub(super) encoding_is_known: bool,
}

impl Work {
    pub(super) fn new(worker: Arc<Worker>, plan: Arc<ReadyPlan>, base: Base, inserts: PageInserts, encoding_is_known: bool) -> Self {
        Self {
            worker,
            plan,
            base,
            inserts,
            narrow: 0,
            drawings: 0,
            in_head: false,
            players: Vec::new(),
            templates: 0,
            nested: false,
            text: String::new(),
            text_is_gone: false,
            hides_body: false,
            body_found: false,
            unseen: Vec::new(),
            placeholders_open: false,
            changed: false,
            sighted: Vec::new(),
            only_looks: false,
            encoding_is_known,
        }
    }

    /// Where obligations are only observed, everything is counted and nothing is changed.
    pub(super) fn acts(&self) -> bool {
        !self.only_looks && self.worker.settings.enforcement == Enforcement::Enforce
    }

    pub(super) fn permits(&self, purpose: policy::Index<Purpose>) -> bool {
        self.plan.plan.purposes.contains(purpose)
    }

    pub(super) fn change(&mut self) {
        if !self.changed {
            self.changed = true;
            crate::counts::add(&self.worker.counts.pages_rewritten, 1);
        }
    }

    pub(super) fn count_held(&mut self) {
        // What passes all the same is no page that anything was held back from.
        if self.only_looks {
            return;
        }
        crate::counts::add(&self.worker.counts.resources_held_back, 1);
        self.change();
    }

    /// Something that nobody would have seen was held back: the end of the page names it, once.
    pub(super) fn name_at_end(&mut self, held: Held) {
        if !self.unseen.contains(&held) {
            self.unseen.push(held);
        }
    }

    /// What stands in the place of something that was held back; none where there is no room for it.
    pub(super) fn placeholder(&mut self, held: &Held, room: Room) -> Option<String> {
        if self.narrow > 0 || self.in_head {
            return None;
        }
        let placeholder = self.inserts.placeholder(held, room, self.nested);
        self.placeholders_open |= placeholder.is_some();
        placeholder
    }

    /// Whether this is where the body begins.
    pub(super) fn finds_body(&mut self) -> bool {
        let found = !self.body_found && self.narrow == 0 && !self.nested;
        self.body_found |= found;
        if found {
            self.in_head = false;
        }
        found
    }

    /// The banner, where this is the beginning of a body without a tag.
    pub(super) fn banner_in_hidden_body(&mut self) -> Option<String> {
        let banner = if self.acts() && self.inserts.banner_due && self.finds_body() { self.inserts.banner() } else { None };
        if banner.is_some() {
            self.change();
        }
        banner
    }

    /// What ends a page from which anything was held back since it was last asked for: it names what nobody would have seen.
    pub(super) fn summary(&mut self) -> Option<String> {
        let (unseen, is_awaited) = (std::mem::take(&mut self.unseen), std::mem::take(&mut self.placeholders_open));
        if unseen.is_empty() && !is_awaited { None } else { self.inserts.summary(&unseen) }
    }

    /// Hands over what the page loads from others.
    pub(super) fn note_sightings(&mut self) {
        if self.sighted.is_empty() {
            return;
        }
        let now = self.worker.clock.time_of_day(self.worker.clock.monotonic());
        let mut sightings = self.worker.sightings.lock();
        self.sighted.drain(..).for_each(|url| sightings.note_resource(&url, now));
    }

    pub(super) fn begin_text(&mut self, is_gone: bool) {
        self.text.clear();
        self.text_is_gone = is_gone;
    }

    pub(super) fn sight(&mut self, address: &Address) {
        const SIGHTED_MAX: usize = 64;
        let plain = address.without_query();
        if !address.is_foreign || self.sighted.iter().any(|known| known == plain) {
            return;
        }
        if self.sighted.len() == SIGHTED_MAX {
            self.note_sightings();
        }
        self.sighted.push(plain.to_owned());
    }
}

/// What our pages put into this one. They are asked once at most, and only when something is needed.
pub(crate) struct PageInserts {
    opened: Option<Box<Opened>>,
    due: Set<Purpose>,
    asked: Option<Option<Box<dyn Inserts>>>,
    banner_due: bool,
    style_written: bool,
    /// All letters outside ASCII are written by their numbers, because nobody knows how the page's own are read.
    pub(crate) in_ascii: bool,
    pub(crate) sends_forms: bool,
}

impl PageInserts {
    pub(crate) fn new(opened: Box<Opened>, due: Set<Purpose>, sends_forms: bool) -> Self {
        Self { opened: Some(opened), banner_due: !due.is_empty(), due, asked: None, style_written: false, in_ascii: false, sends_forms }
    }

    /// Nothing is put into the page.
    pub(crate) const fn none() -> Self {
        Self { opened: None, due: Set::EMPTY, asked: None, banner_due: false, style_written: false, in_ascii: false, sends_forms: false }
    }

    /// These, whoever asks.
    #[cfg(test)]
    pub(super) fn saying(inserts: Box<dyn Inserts>, asks: bool) -> Self {
        Self { asked: Some(Some(inserts)), banner_due: asks, ..Self::none() }
    }

    /// Looks at a policy of the page's own: where it forbids forms to us, links lead to our pages instead.
    pub(super) fn heed(&mut self, policy: &str) {
        let Some(opened) = self.opened.as_ref().filter(|_| self.sends_forms) else {
            return;
        };
        let origin = format!("{}://{}", if opened.facts.https { "https" } else { "http" }, opened.facts.authority);
        if !csp::meta_allows_forms_to_self(policy, &origin, &opened.pages.form_path()) {
            self.sends_forms = false;
            self.asked = None;
        }
    }

    pub(crate) fn get(&mut self) -> Option<&dyn Inserts> {
        if self.asked.is_none() {
            self.asked = Some(self.opened.as_ref().and_then(|opened| {
                let Opened { facts, path, headers, pages } = &**opened;
                pages.inserts(&Page { facts, path, headers, due: self.due, sends_forms: self.sends_forms })
            }));
        }
        self.asked.as_ref()?.as_deref()
    }

    /// The source that lets our style in, where the answer has policies beside ours.
    pub(crate) fn style_source_for(&mut self, headers: &HeaderMap, ours: &HeaderValue) -> Option<&'static str> {
        headers.get_all(header::CONTENT_SECURITY_POLICY).iter().find(|value| *value != ours)?;
        self.get().map(|inserts| inserts.style_source())
    }

    /// Whether there is something to ask for which nobody asked yet.
    pub(crate) fn owes_banner(&mut self) -> bool {
        self.banner_due && self.get().is_some_and(|inserts| inserts.banner().is_some())
    }

    pub(super) fn banner(&mut self) -> Option<String> {
        if !std::mem::take(&mut self.banner_due) {
            return None;
        }
        let banner = self.get()?.banner()?.to_owned();
        Some(self.styled(banner, false))
    }

    fn placeholder(&mut self, held: &Held, room: Room, alone: bool) -> Option<String> {
        let placeholder = self.get()?.placeholder(held, room);
        (!placeholder.is_empty()).then(|| self.styled(placeholder, alone))
    }

    fn summary(&mut self, held: &[Held]) -> Option<String> {
        let summary = self.get()?.summary(held);
        (!summary.is_empty()).then(|| self.styled(summary, false))
    }

    /// The style comes once, before the first insert; and before each that may be read without the rest of the page.
    fn styled(&mut self, html: String, alone: bool) -> String {
        let wants_style = alone || !std::mem::replace(&mut self.style_written, true);
        let html = if self.in_ascii { in_ascii(html) } else { html };
        match self.get().filter(|_| wants_style) {
            Some(inserts) => format!("<style>{}</style>{html}", inserts.style()),
            None => html,
        }
    }
}

fn in_ascii(html: String) -> String {
    if html.is_ascii() {
        return html;
    }
    html.chars().fold(String::with_capacity(html.len() * 2), |mut ascii, letter| {
        if letter.is_ascii() {
            ascii.push(letter);
        } else {
            ascii.push_str(&format!("&#{};", u32::from(letter)));
        }
        ascii
    })
}
