//! A record of a choice names the form it was made with, so that anybody can find out what that form said and looked like. These hashes notice a change.

use app::choices::interface;
use domain::ChoiceMethod;
use ring::digest::{SHA256, digest};

use super::style::STYLE;
use crate::phrases::Phrases;

/// Everything a form says and how it looks, apart from the policy's own words, as the first half of a SHA-256.
fn seen(parts: &[&str], words: impl Fn(&Phrases) -> String) -> String {
    let words = Phrases::ALL.into_iter().map(words);
    let text: String = parts.iter().map(|part| (*part).to_owned()).chain(words).collect();
    digest(&SHA256, text.as_bytes()).as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where this fails, people see something else before they answer than they did: give the form its next number in `app::choices::interface`, and then
/// put the new hash here. Forms that nobody has answered in a released version may keep their number.
#[test]
fn a_form_that_changes_gets_another_version() {
    let banner = seen(&[include_str!("../../templates/insert_banner.html"), STYLE], |phrases| format!("{:?}", phrases.asking));
    let placeholder = seen(
        &[include_str!("../../templates/insert_placeholder.html"), include_str!("../../templates/insert_summary.html"), STYLE],
        |phrases| format!("{:?}{:?}", phrases.held_back, phrases.reasons),
    );
    let page = seen(
        &[
            include_str!("../../templates/choices.html"),
            include_str!("../../templates/card.html"),
            include_str!("../../templates/use.html"),
            include_str!("../../templates/confirm.html"),
        ],
        |phrases| format!("{:?}{:?}{:?}", phrases.choices, phrases.confirming, phrases.reasons),
    );
    let forms = [(ChoiceMethod::Banner, banner), (ChoiceMethod::Placeholder, placeholder), (ChoiceMethod::Page, page)];
    let forms = forms.map(|(method, hash)| format!("{} {hash}", interface(method)));
    assert_eq!(
        forms,
        [
            "banner/1 ef63915f2b9db5af2d0edab7797b7386",
            "placeholder/1 4bc174dc6414d2dbbc6ca20683d985f7",
            "page/1 83cbefa5b90e209000af94a7e2b484fd"
        ]
    );
}
