//! Text that is a page, or a list of addresses, of its own.

use std::sync::Arc;

use lol_html::html_content::{ContentType, TextChunk};
use parking_lot::Mutex;

use super::work::Work;
use crate::Held;

/// More than that in one element is held back unread.
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// What is in a `noscript` is a small page to browsers without script.
pub(super) fn in_noscript(work: &Arc<Mutex<Work>>, chunk: &mut TextChunk<'_>) {
    let Some(text) = gathered(&mut work.lock(), chunk) else {
        return;
    };
    let looks = {
        let work = work.lock();
        !work.acts() || work.base.looks_at_relative || work.plan.obligations.may_be_in(&work.plan.policy, work.base.host(), text.as_bytes())
    };
    let text = if looks {
        super::rewritten_inside(work, &text).unwrap_or_else(|| {
            // Nobody knows what is in it.
            work.lock().count_held();
            String::new()
        })
    } else {
        text
    };
    if work.lock().acts() {
        chunk.replace(&text, ContentType::Html);
    }
}

/// An import map is held back where it names what may not be loaded.
pub(super) fn in_list(work: &Arc<Mutex<Work>>, chunk: &mut TextChunk<'_>) {
    let mut work = work.lock();
    let Some(text) = gathered(&mut work, chunk) else {
        return;
    };
    let held = held_in(&work, &text);
    if work.acts() {
        chunk.replace(if held.is_some() { "" } else { &text }, ContentType::Html);
    }
    if let Some(held) = held {
        work.count_held();
        work.name_at_end(held);
    }
}

pub(super) fn held_in(work: &Work, text: &str) -> Option<Held> {
    work.plan.obligations.held_named_in(&work.plan.policy, work.base.host(), text)
}

/// The whole text of an element, at its last piece.
fn gathered(work: &mut Work, chunk: &mut TextChunk<'_>) -> Option<String> {
    if work.text_is_gone {
        return None;
    }
    if work.text.len() + chunk.as_str().len() <= TEXT_BYTES_MAX {
        work.text.push_str(chunk.as_str());
    } else {
        work.text.clear();
        work.text_is_gone = true;
        work.count_held();
    }
    if !chunk.last_in_text_node() || work.text_is_gone {
        if work.acts() {
            chunk.remove();
        }
        return None;
    }
    Some(std::mem::take(&mut work.text))
}
