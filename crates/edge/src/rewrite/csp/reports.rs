use super::parse::{directive, policies, sources};

/// The same policies without the addresses for reports that are refused; None where there is none of them.
pub(crate) fn without_reports(text: &[u8], is_refused: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    let refused = |address: &[u8]| std::str::from_utf8(address).is_ok_and(&is_refused);
    let mut without = Vec::new();
    let mut done = 0;
    for policy in policies(text) {
        let Some(found) = directive(text, policy, "report-uri").filter(|found| sources(found.value).any(refused)) else {
            continue;
        };
        without.extend_from_slice(&text[done..found.value_place.start]);
        let kept: Vec<&[u8]> = sources(found.value).filter(|address| !refused(address)).collect();
        without.extend_from_slice(&kept.join(&b' '));
        done = found.value_place.end;
    }
    without.extend_from_slice(&text[done..]);
    (done > 0).then_some(without)
}
