use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT};
use lol_html::send::Element;

use super::address::unescaped;
use super::work::Work;

/// A `meta` says how a page is read, or what it may load.
pub(super) fn handle(work: &mut Work, el: &mut Element<'_, '_>) {
    if !work.acts() {
        return;
    }
    if !work.encoding_is_known && encoding_named(el).is_some_and(|encoding| encoding == ISO_2022_JP || encoding == REPLACEMENT) {
        // So late in the page only some browsers would believe it, and then they would read another page than this one.
        work.change();
        el.remove();
    }
}

fn encoding_named(el: &Element<'_, '_>) -> Option<&'static Encoding> {
    let label = match el.get_attribute("charset") {
        Some(label) => unescaped(&label).into_owned(),
        None => {
            let content = el.get_attribute("content")?;
            let content = unescaped(&content).to_ascii_lowercase();
            content.split_once("charset=")?.1.split(';').next()?.trim().trim_matches(['"', '\'']).to_owned()
        }
    };
    Encoding::for_label(label.trim().as_bytes())
}
