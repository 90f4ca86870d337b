use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT};
use lol_html::send::Element;
use policy::Index;
use policy::model::Resource;

use super::address::unescaped;
use super::work::Work;
use crate::Held;
use crate::rewrite::{csp, refresh};

/// A policy that is longer is left as it is, and our style may not be seen.
const POLICY_BYTES_MAX: usize = 16 * 1024;

/// A `meta` says how a page is read, or what it may load.
pub(super) fn handle(work: &mut Work, el: &mut Element<'_, '_>) {
    if let Some(resource) = refused_way(work, el) {
        work.count_held();
        if work.acts() {
            super::element::remove(work, el, "meta", None);
            work.name_at_end(Held::Resource(resource));
            return;
        }
    }
    if !work.acts() {
        return;
    }
    if !work.encoding_is_known && encoding_named(el).is_some_and(|encoding| encoding == ISO_2022_JP || encoding == REPLACEMENT) {
        // So late in the page only some browsers would believe it, and then they would read another page than this one.
        work.change();
        super::element::remove(work, el, "meta", None);
        return;
    }
    let is_policy =
        el.get_attribute("http-equiv").is_some_and(|name| unescaped(&name).trim().eq_ignore_ascii_case("content-security-policy"));
    if is_policy && let Some(content) = el.get_attribute("content").filter(|content| content.len() <= POLICY_BYTES_MAX) {
        work.inserts.heed(&unescaped(&content));
        let Some(source) = work.inserts.get().map(|inserts| inserts.style_source()) else { return };
        if let Some(amended) = csp::amend_meta(&unescaped(&content), source)
            && el.set_attribute("content", &amended.replace('&', "&amp;")).is_ok()
        {
            work.change();
        }
    }
}

/// Where a page goes by itself, without anybody's doing, that is declared and refused. Where it goes else is as much the site's affair as a redirect.
fn refused_way(work: &mut Work, el: &Element<'_, '_>) -> Option<Index<Resource>> {
    el.get_attribute("http-equiv").filter(|name| unescaped(name).trim().eq_ignore_ascii_case("refresh"))?;
    let content = el.get_attribute("content").filter(|content| content.len() <= POLICY_BYTES_MAX)?;
    let address = work.base.address(refresh::target(&unescaped(&content))?)?;
    work.plan.obligations.held_at(&work.plan.policy, &address.url)
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
