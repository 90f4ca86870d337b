//! Content-Security-Policy: however broken the site's own is, our style gets in, our forms are sent only where they may be, and nothing else changes. The
//! other reader is the one of the Servo browser.
#![no_main]

use content_security_policy::{
    CheckResult, CspList, Destination, Element, Initiator, InlineCheckType, NavigationCheckType, ParserMetadata, PolicyDisposition,
    PolicySource, Request,
};
use libfuzzer_sys::fuzz_target;
use url::Url;

/// A style, and how a policy names it.
const STYLE: &str = "a{}";
const STYLE_SOURCE: &str = "'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='";

const PAGE: &str = "https://books.example/shelf";
const ADDRESSES: [&str; 4] = ["https://books.example/x.css", "https://ads.example/x?y", "http://books.example:8080/x", "data:text/css,a"];
const DESTINATIONS: [Destination; 6] =
    [Destination::Script, Destination::Style, Destination::Image, Destination::IFrame, Destination::Font, Destination::None];

fuzz_target!(|text: &str| {
    let after = edge::fuzzing::with_style(text, STYLE_SOURCE).unwrap_or_else(|| text.to_owned());
    let (before, after) = (read(text), read(&after));
    assert_eq!(inline(&after, InlineCheckType::Style, STYLE), CheckResult::Allowed, "our style gets in: {after:?}");
    assert_eq!(inline(&after, InlineCheckType::Style, "b{}"), inline(&before, InlineCheckType::Style, "b{}"), "and no other: {after:?}");
    for kind in [InlineCheckType::StyleAttribute, InlineCheckType::Script, InlineCheckType::ScriptAttribute] {
        assert_eq!(inline(&after, kind, "x"), inline(&before, kind, "x"), "{kind:?}: {after:?}");
    }
    for address in ADDRESSES {
        for destination in DESTINATIONS {
            let request = request(address, destination);
            let loads = |policy: &CspList| policy.should_request_be_blocked(&request).0;
            assert_eq!(loads(&after), loads(&before), "{destination:?} {address}: {after:?}");
        }
    }
    if edge::fuzzing::allows_forms(text, "https://books.example", "/privacy/choices") {
        let mut request = request("https://books.example/privacy/choices", Destination::Document);
        let (sent, _) = before.should_navigation_request_be_blocked(&mut request, NavigationCheckType::FormSubmission, |_| None);
        assert_eq!(sent, CheckResult::Allowed, "{before:?}");
    }
});

fn read(text: &str) -> CspList {
    CspList::parse(text, PolicySource::Header, PolicyDisposition::Enforce)
}

fn inline(policy: &CspList, kind: InlineCheckType, content: &str) -> CheckResult {
    policy.should_elements_inline_type_behavior_be_blocked(&Element { nonce: None }, kind, content).0
}

fn request(address: &str, destination: Destination) -> Request {
    let url = Url::parse(address).expect("an address");
    Request {
        current_url: url.clone(),
        url,
        origin: Url::parse(PAGE).expect("an address").origin(),
        redirect_count: 0,
        destination,
        initiator: Initiator::None,
        nonce: String::new(),
        integrity_metadata: String::new(),
        parser_metadata: ParserMetadata::ParserInserted,
    }
}
