//! What each element of a page loads, and what becomes of it.

use std::sync::Arc;

use lol_html::html_content::ContentType;
use lol_html::send::Element;
use parking_lot::Mutex;

use super::address::{in_srcset, unescaped};
use super::work::Work;
use crate::{Held, Room};

/// The namespace of all that is neither a shape nor a formula.
const XHTML: &str = "http://www.w3.org/1999/xhtml";

type El<'r, 't> = Element<'r, 't>;

/// Elements whose content is not laid out as that of others, so that nothing can be put into them.
const NARROW: [&str; 6] = ["select", "svg", "math", "template", "noframes", "frameset"];

/// What leaves the head open, so that the body does not begin with it.
const OF_HEAD: [&str; 13] =
    ["html", "head", "base", "basefont", "bgsound", "link", "meta", "noframes", "noscript", "script", "style", "template", "title"];

/// What is never seen, wherever it stands.
const UNSEEN: [&str; 12] =
    ["script", "link", "meta", "style", "title", "base", "template", "noscript", "track", "source", "frame", "bgsound"];

pub(super) fn handle(work: &Arc<Mutex<Work>>, el: &mut El<'_, '_>) {
    let name = el.tag_name();
    // Inside of something that is held back already, nothing is left to do.
    if !el.removed() {
        handle_standing(work, el, &name);
    }
    if name == "noscript" || name == "script" {
        work.lock().begin_text(el.removed());
    }
}

fn handle_standing(work: &Arc<Mutex<Work>>, el: &mut El<'_, '_>, name: &str) {
    begin_hidden_body(&mut work.lock(), el, name);
    hold_back_what_is_not_permitted(&mut work.lock(), el, name);
    if el.removed() {
        return;
    }
    match name {
        "body" => begin_body(work, el),
        "head" => begin_head(work, el),
        "base" => set_base(&mut work.lock(), el),
        "template" => begin_template(work, el),
        "meta" => super::meta::handle(&mut work.lock(), el),
        "video" | "audio" => begin_player(work, el),
        name if NARROW.contains(&name) => begin_narrow(work, el),
        _ => {}
    }
}

fn hold_back_what_is_not_permitted(work: &mut Work, el: &mut El<'_, '_>, name: &str) {
    if el.has_attribute("data-candor-purpose") && hold_back_by_purpose(work, el, name) {
        return;
    }
    if let Some(found) = found(work, el, name) {
        work.count_held();
        return match found {
            Found::Held(held) => hold_back(work, el, name, held),
            Found::Unread if work.acts() => remove(work, el, name, None),
            Found::Unread => {}
        };
    }
    drop_attribute(work, el, "background");
    if name == "video" {
        drop_attribute(work, el, "poster");
    }
}

fn begin_body(work: &Arc<Mutex<Work>>, el: &mut El<'_, '_>) {
    let mut own = work.lock();
    if !own.acts() || !own.finds_body() {
        return;
    }
    if let Some(banner) = own.inserts.banner() {
        own.change();
        el.prepend(&banner, ContentType::Html);
    }
    drop(own);
    if let Some(handlers) = el.end_tag_handlers() {
        let work = work.clone();
        handlers.push(Box::new(move |end| {
            if let Some(summary) = work.lock().summary() {
                end.before(&summary, ContentType::Html);
            }
            Ok(())
        }));
    }
}

/// A body that has no tag of its own begins with the first thing that can only be in it.
fn begin_hidden_body(work: &mut Work, el: &mut El<'_, '_>, name: &str) {
    if work.hides_body
        && !OF_HEAD.contains(&name)
        && let Some(banner) = work.banner_in_hidden_body()
    {
        el.before(&banner, ContentType::Html);
    }
}

fn begin_head(work: &Arc<Mutex<Work>>, el: &mut El<'_, '_>) {
    if let Some(handlers) = el.end_tag_handlers() {
        work.lock().in_head = true;
        let work = work.clone();
        handlers.push(Box::new(move |end| {
            let mut work = work.lock();
            work.in_head = false;
            if work.hides_body
                && end.name() == "head"
                && let Some(banner) = work.banner_in_hidden_body()
            {
                end.after(&banner, ContentType::Html);
            }
            Ok(())
        }));
    }
}

fn begin_narrow(work: &Arc<Mutex<Work>>, el: &mut El<'_, '_>) {
    let drawing = u32::from(matches!(el.tag_name().as_str(), "svg" | "math"));
    if let Some(handlers) = el.end_tag_handlers() {
        let mut now = work.lock();
        now.narrow += 1;
        now.drawings += drawing;
        let work = work.clone();
        handlers.push(Box::new(move |_| {
            let mut work = work.lock();
            work.narrow = work.narrow.saturating_sub(1);
            work.drawings = work.drawings.saturating_sub(drawing);
            Ok(())
        }));
    }
}

/// A player whose sources are held back gets its placeholder where it ends.
fn begin_player(work: &Arc<Mutex<Work>>, el: &mut El<'_, '_>) {
    if let Some(handlers) = el.end_tag_handlers() {
        work.lock().players.push(None);
        let work = work.clone();
        handlers.push(Box::new(move |end| {
            let mut work = work.lock();
            if let Some(held) = work.players.pop().flatten() {
                match work.placeholder(&held, Room::Enough) {
                    Some(placeholder) => end.after(&placeholder, ContentType::Html),
                    None => work.name_at_end(held),
                }
            }
            Ok(())
        }));
    }
}

/// In a template, and among shapes, it is no base. In a `noscript` it is one for some browsers only, and a page cannot be read both ways.
fn set_base(work: &mut Work, el: &mut El<'_, '_>) {
    if work.templates > 0 || el.namespace_uri() != XHTML {
        return;
    }
    let Some(href) = el.get_attribute("href") else {
        return;
    };
    if work.nested {
        work.count_held();
        if work.acts() {
            remove(work, el, "base", None);
        }
    } else {
        work.base.set(&href);
    }
}

fn begin_template(work: &Arc<Mutex<Work>>, el: &mut El<'_, '_>) {
    begin_narrow(work, el);
    if let Some(handlers) = el.end_tag_handlers() {
        work.lock().templates += 1;
        let work = work.clone();
        handlers.push(Box::new(move |_| {
            let mut work = work.lock();
            work.templates = work.templates.saturating_sub(1);
            Ok(())
        }));
    }
}

/// An element that the site marked with a purpose stays only where the purpose is permitted. Returns whether it went.
fn hold_back_by_purpose(work: &mut Work, el: &mut El<'_, '_>, name: &str) -> bool {
    let written = el.get_attribute("data-candor-purpose").unwrap_or_default();
    let purpose = work.plan.policy.purpose_named(unescaped(&written).trim());
    if purpose.is_some_and(|purpose| work.permits(purpose)) {
        let waits = name == "script" && el.get_attribute("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/plain"));
        if waits && work.acts() {
            work.change();
            el.remove_attribute("type");
        }
        return false;
    }
    work.count_held();
    match purpose {
        Some(purpose) => hold_back(work, el, name, Held::Purpose(purpose)),
        None if work.acts() => remove(work, el, name, None),
        None => {}
    }
    work.acts()
}

/// Takes an element out of the page. What people would have seen leaves a placeholder, the rest is named at the end.
fn hold_back(work: &mut Work, el: &mut El<'_, '_>, name: &str, held: Held) {
    if !work.acts() {
        return;
    }
    if name == "source"
        && let Some(player) = work.players.last_mut()
    {
        *player = Some(held);
        return remove(work, el, name, None);
    }
    let placeholder = if is_seen(el, name) { work.placeholder(&held, room(el)) } else { None };
    if placeholder.is_none() {
        work.name_at_end(held);
    }
    remove(work, el, name, placeholder);
}

/// An element whose end tag is missing must not take another's end tag with it.
pub(super) fn remove(work: &Work, el: &mut El<'_, '_>, name: &str, placeholder: Option<String>) {
    let has_content = el.can_have_content() && !is_empty_in_browsers(el, name);
    if has_content {
        el.set_inner_content("", ContentType::Html);
        let name = name.to_owned();
        if let Some(handlers) = el.end_tag_handlers() {
            handlers.push(Box::new(move |end| {
                if end.name() == name {
                    end.remove();
                }
                Ok(())
            }));
        }
    }
    match placeholder {
        Some(placeholder) => el.start_tag().replace(&placeholder, ContentType::Html),
        // A drawing ends where HTML begins in it. Without that beginning, what follows would be read as a part of the drawing, and otherwise.
        None if work.drawings > 0 && el.namespace_uri() == XHTML => el.start_tag().replace("<span></span>", ContentType::Html),
        None => el.start_tag().remove(),
    }
}

/// Elements that have no content in any browser.
fn is_empty_in_browsers(el: &El<'_, '_>, name: &str) -> bool {
    matches!(name, "frame" | "image" | "param") && el.namespace_uri() == XHTML
}

fn is_seen(el: &El<'_, '_>, name: &str) -> bool {
    if UNSEEN.contains(&name) || el.has_attribute("hidden") {
        return false;
    }
    let is_dot = |attribute| {
        let size = el.get_attribute(attribute);
        size.is_some_and(|size| matches!(size.trim().trim_end_matches("px"), "0" | "1"))
    };
    if is_dot("width") && is_dot("height") {
        return false;
    }
    let style: String = el.get_attribute("style").unwrap_or_default().to_ascii_lowercase().split_ascii_whitespace().collect();
    !style.contains("display:none") && !style.contains("visibility:hidden")
}

/// What the element's own attributes say; a style sheet may say something else.
fn room(el: &El<'_, '_>) -> Room {
    const WIDTH_OF_A_FEW_WORDS: u32 = 160;
    const HEIGHT_OF_A_FEW_WORDS: u32 = 64;
    let is_below = |attribute, least| {
        let size = el.get_attribute(attribute);
        size.and_then(|size| size.trim().trim_end_matches("px").parse::<u32>().ok()).is_some_and(|size| size < least)
    };
    if is_below("width", WIDTH_OF_A_FEW_WORDS) || is_below("height", HEIGHT_OF_A_FEW_WORDS) { Room::Little } else { Room::Enough }
}

/// What keeps an element from the page.
enum Found {
    Held(Held),
    /// Nobody knows what it loads.
    Unread,
}

/// An attribute that is longer is not read.
const ATTRIBUTE_BYTES_MAX: usize = 256 * 1024;

/// The first thing that an element loads and that has to be held back.
fn found(work: &mut Work, el: &El<'_, '_>, name: &str) -> Option<Found> {
    match name {
        "script" => found_list(work, el).or_else(|| first_found(work, el, &["src", "href", "xlink:href"])),
        "iframe" => found_in(work, el, "srcdoc").or_else(|| first_found(work, el, &["src"])),
        "frame" | "embed" | "track" | "audio" | "video" | "bgsound" => first_found(work, el, &["src"]),
        "img" | "source" => first_found(work, el, &["src", "lowsrc"]).or_else(|| found_in_srcset(work, el, "srcset")),
        "image" => first_found(work, el, &["href", "xlink:href", "src"]).or_else(|| found_in_srcset(work, el, "srcset")),
        "object" => first_found(work, el, &["data"]),
        "link" => found_link(work, el),
        "input" if el.get_attribute("type").is_some_and(|kind| unescaped(&kind).trim().eq_ignore_ascii_case("image")) => {
            first_found(work, el, &["src"])
        }
        "use" | "feimage" => first_found(work, el, &["href", "xlink:href"]),
        _ => None,
    }
}

fn drop_attribute(work: &mut Work, el: &mut El<'_, '_>, attribute: &str) {
    let Some(found) = el.get_attribute(attribute).and_then(|written| found_at(work, &written)) else {
        return;
    };
    work.count_held();
    if work.acts() {
        el.remove_attribute(attribute);
        if let Found::Held(held) = found {
            work.name_at_end(held);
        }
    }
}

fn first_found(work: &mut Work, el: &El<'_, '_>, attributes: &[&str]) -> Option<Found> {
    attributes.iter().filter_map(|attribute| el.get_attribute(attribute)).find_map(|written| found_at(work, &written))
}

fn found_at(work: &mut Work, written: &str) -> Option<Found> {
    if written.len() > ATTRIBUTE_BYTES_MAX {
        // Pictures are written into pages like that, and lead nowhere.
        let is_data = written.trim_ascii_start().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
        return (!is_data).then_some(Found::Unread);
    }
    held_at(work, written).map(Found::Held)
}

fn held_at(work: &mut Work, written: &str) -> Option<Held> {
    let address = work.base.address(written)?;
    work.sight(&address);
    let obligations = &work.plan.obligations;
    if address.is_foreign {
        obligations.refused_at(&work.plan.policy, &address.url)
    } else {
        obligations.held_at(&work.plan.policy, &address.url).map(Held::Resource)
    }
}

fn found_in_srcset(work: &mut Work, el: &El<'_, '_>, attribute: &str) -> Option<Found> {
    let written = el.get_attribute(attribute)?;
    if written.len() > ATTRIBUTE_BYTES_MAX {
        return Some(Found::Unread);
    }
    in_srcset(&unescaped(&written)).find_map(|address| held_at(work, address)).map(Found::Held)
}

/// A page inside an attribute is not taken apart: one that may load something is held back as a whole.
fn found_in(work: &Work, el: &El<'_, '_>, attribute: &str) -> Option<Found> {
    let written = el.get_attribute(attribute)?;
    if written.len() > ATTRIBUTE_BYTES_MAX {
        return Some(Found::Unread);
    }
    super::text::held_in(work, &unescaped(&written)).map(Found::Held)
}

/// Rules for what browsers prepare reach anybody in more ways than can be read, and no policy of ours holds what they load: while anything is refused
/// they go as a whole. An import map is read as text (see `text::in_list`), but only where its type is written plainly; nobody writes it otherwise by
/// accident.
fn found_list(work: &Work, el: &El<'_, '_>) -> Option<Found> {
    let written = el.get_attribute("type")?;
    let kind = unescaped(&written);
    let kind = kind.trim();
    if kind.eq_ignore_ascii_case("speculationrules") {
        return work.plan.refuses_resources.then_some(Found::Unread);
    }
    let is_disguised = kind.eq_ignore_ascii_case("importmap") && !written.eq_ignore_ascii_case("importmap");
    work.plan.obligations.any_held().filter(|_| is_disguised).map(|resource| Found::Held(Held::Resource(resource)))
}

fn found_link(work: &mut Work, el: &El<'_, '_>) -> Option<Found> {
    const LOADS: [&str; 9] =
        ["stylesheet", "preload", "modulepreload", "prefetch", "prerender", "icon", "apple-touch-icon", "manifest", "mask-icon"];
    let rel = el.get_attribute("rel")?;
    if rel.len() > ATTRIBUTE_BYTES_MAX {
        return Some(Found::Unread);
    }
    let rel = unescaped(&rel).to_ascii_lowercase();
    let is = |names: &[&str]| rel.split_ascii_whitespace().any(|token| names.contains(&token));
    let loaded = if is(&LOADS) { first_found(work, el, &["href"]).or_else(|| found_in_srcset(work, el, "imagesrcset")) } else { None };
    if loaded.is_some() || !is(&["preconnect", "dns-prefetch"]) {
        return loaded;
    }
    found_connected(work, &el.get_attribute("href")?)
}

/// A link that has browsers connect to somebody before anything is loaded from there: no Content-Security-Policy says anything of that.
fn found_connected(work: &mut Work, written: &str) -> Option<Found> {
    if written.len() > ATTRIBUTE_BYTES_MAX {
        return Some(Found::Unread);
    }
    let address = work.base.address(written)?;
    work.sight(&address);
    let (obligations, policy) = (&work.plan.obligations, &work.plan.policy);
    let held = obligations.held_on_host_of(policy, &address.url).map(Held::Resource);
    let undeclared =
        || (address.is_foreign && obligations.refuses_host_of(policy, &address.url)).then(|| Held::Undeclared(address.host().to_owned()));
    held.or_else(undeclared).map(Found::Held)
}
