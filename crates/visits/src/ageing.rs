//! What is left of a field when it has aged. Each form is its own form: ageing twice is ageing once.

#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use policy::model::AgeingForm;

use crate::robots::is_robot;

/// The form in a policy's words.
pub(crate) const fn named(form: AgeingForm) -> &'static str {
    match form {
        AgeingForm::Truncated => "\"truncated\"",
        AgeingForm::Encrypted => "\"encrypted\"",
        AgeingForm::Family => "\"family\"",
        AgeingForm::Origin => "\"origin\"",
        AgeingForm::Gone => "\"gone\"",
    }
}

/// The address of the network: the first 24 bits of IPv4, the first 48 of IPv6.
pub(crate) fn truncated(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => Ipv4Addr::from_bits(ip.to_bits() & (u32::MAX << 8)).into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 80)).into(),
    }
}

/// What a browser's name contains, and the family that makes it. Most browsers also name those they want to be taken for, so the order matters.
const FAMILIES: &[(&str, &str)] = &[
    ("edg/", "Edge"),
    ("edga/", "Edge"),
    ("edgios/", "Edge"),
    ("edge/", "Edge"),
    ("opr/", "Opera"),
    ("opera", "Opera"),
    ("samsungbrowser/", "Samsung Internet"),
    ("vivaldi/", "Vivaldi"),
    ("fxios/", "Firefox"),
    ("firefox/", "Firefox"),
    ("crios/", "Chrome"),
    ("chromium/", "Chrome"),
    ("chrome/", "Chrome"),
    ("msie ", "Internet Explorer"),
    ("trident/", "Internet Explorer"),
    ("safari/", "Safari"),
];

const OTHER: &str = "Other";

/// The family of whoever says that they are a program and no person with a browser.
pub(crate) const ROBOT: &str = "Robot";

pub(crate) fn family(browser: &str) -> &'static str {
    if is_robot(browser) {
        return ROBOT;
    }
    if let Some((_, family)) = FAMILIES.iter().find(|(_, family)| *family == browser) {
        return family;
    }
    let browser = browser.to_ascii_lowercase();
    FAMILIES.iter().find(|(part, _)| browser.contains(part)).map_or(OTHER, |(_, family)| family)
}

/// Scheme, host and port of a page; none where there is no host.
pub(crate) fn origin(referrer: &str) -> Option<String> {
    let (scheme, rest) = referrer.split_once("://")?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    // Before an `@` stand a user's name and password.
    let host = authority.rsplit('@').next().unwrap_or_default();
    (is_scheme && !host.is_empty()).then(|| format!("{}://{}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase()))
}
