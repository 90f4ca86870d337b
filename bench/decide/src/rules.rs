//! The rules that both sides are given: 30 uses and 10 promises of a clinic's site.

use domain::{Act, Basis, RecipientKind};

pub(crate) const FIELDS: &[&str] = &[
    "visit.ip",
    "visit.browser",
    "visit.referrer",
    "visit.time",
    "visit.method",
    "visit.path",
    "visit.status",
    "visit.bytes",
    "visit.duration",
    "visit.visitor",
    "visit.account",
    "account.email",
    "account.username",
];

pub(crate) struct PurposeRule {
    pub(crate) id: &'static str,
    pub(crate) marketing: bool,
    pub(crate) personalises: bool,
    pub(crate) legal: bool,
    pub(crate) compelling: bool,
}

const fn plain(id: &'static str) -> PurposeRule {
    PurposeRule { id, marketing: false, personalises: false, legal: false, compelling: false }
}

const fn marketing(id: &'static str) -> PurposeRule {
    PurposeRule { marketing: true, ..plain(id) }
}

pub(crate) const PURPOSES: &[PurposeRule] = &[
    PurposeRule { compelling: true, ..plain("operate") },
    PurposeRule { compelling: true, ..plain("security") },
    marketing("news"),
    marketing("offers"),
    marketing("advertising"),
    plain("statistics"),
    PurposeRule { personalises: true, ..plain("personalise") },
    plain("return-visits"),
    plain("members-area"),
    plain("support"),
    plain("research"),
    PurposeRule { legal: true, ..plain("legal-claims") },
];

pub(crate) const RECIPIENTS: &[(&str, RecipientKind)] = &[
    ("parent", RecipientKind::Affiliate),
    ("sister", RecipientKind::Affiliate),
    ("broker", RecipientKind::ThirdParty),
    ("researcher", RecipientKind::ThirdParty),
    ("ad-network", RecipientKind::ThirdParty),
    ("counter", RecipientKind::Processor),
    ("mailer", RecipientKind::Processor),
    ("court", RecipientKind::Authority),
];

pub(crate) const AGREEMENT: &str = "membership";

/// Who gets it: "us", or ids of recipients. A contract of the purpose `support` is the membership, of any other the account.
pub(crate) struct UseRule {
    pub(crate) id: &'static str,
    pub(crate) data: &'static [&'static str],
    pub(crate) purpose: &'static str,
    pub(crate) basis: Basis,
    pub(crate) act: Act,
    pub(crate) recipients: &'static [&'static str],
}

const fn kept(id: &'static str, data: &'static [&'static str], purpose: &'static str, basis: Basis) -> UseRule {
    UseRule { id, data, purpose, basis, act: Act::Process, recipients: &["us"] }
}

const fn passed_on(
    id: &'static str,
    data: &'static [&'static str],
    purpose: &'static str,
    basis: Basis,
    act: Act,
    recipients: &'static [&'static str],
) -> UseRule {
    UseRule { id, data, purpose, basis, act, recipients }
}

pub(crate) const USES: &[UseRule] = &[
    kept("access-log", &["visit.ip", "visit.browser", "visit.referrer", "visit.time", "visit.path"], "operate", Basis::LegitimateInterests),
    kept("performance-log", &["visit.status", "visit.bytes", "visit.duration", "visit.method"], "operate", Basis::LegitimateInterests),
    kept("attack-log", &["visit.ip", "visit.path", "visit.account"], "security", Basis::LegitimateInterests),
    passed_on("attack-review", &["visit.ip", "visit.time"], "security", Basis::LegitimateInterests, Act::Share, &["counter"]),
    kept("news-mail", &["account.email"], "news", Basis::Consent),
    kept("news-topics", &["visit.path", "visit.referrer"], "news", Basis::Consent),
    passed_on("news-delivery", &["account.email"], "news", Basis::Consent, Act::Share, &["mailer"]),
    kept("offer-mail", &["account.email", "account.username"], "offers", Basis::Consent),
    passed_on("offer-delivery", &["account.email"], "offers", Basis::Consent, Act::Share, &["mailer"]),
    passed_on("offer-partners", &["account.username"], "offers", Basis::Consent, Act::Share, &["parent", "sister"]),
    kept("house-advertising", &["visit.path"], "advertising", Basis::LegitimateInterests),
    passed_on("network-advertising", &["visit.visitor", "visit.path"], "advertising", Basis::Consent, Act::Share, &["ad-network"]),
    passed_on("audience-sale", &["visit.referrer"], "advertising", Basis::Consent, Act::Sell, &["broker"]),
    passed_on("audience-rent", &["visit.browser"], "advertising", Basis::Consent, Act::Rent, &["broker", "ad-network"]),
    kept("page-counts", &["visit.path", "visit.time", "visit.referrer"], "statistics", Basis::LegitimateInterests),
    passed_on("page-counter", &["visit.path", "visit.time"], "statistics", Basis::LegitimateInterests, Act::Share, &["counter"]),
    passed_on("group-statistics", &["visit.path"], "statistics", Basis::LegitimateInterests, Act::Share, &["parent"]),
    kept("suit-you", &["visit.visitor", "visit.path"], "personalise", Basis::Consent),
    kept("suit-members", &["visit.account", "account.username"], "personalise", Basis::Consent),
    kept("come-back", &["visit.visitor", "visit.time"], "return-visits", Basis::Consent),
    kept("account-page", &["account.email", "account.username"], "members-area", Basis::Contract),
    kept("account-visits", &["visit.account", "visit.time"], "members-area", Basis::Contract),
    passed_on("account-mail", &["account.email"], "members-area", Basis::Contract, Act::Share, &["mailer"]),
    kept("questions", &["account.email"], "support", Basis::Contract),
    passed_on("questions-delivery", &["account.email"], "support", Basis::Contract, Act::Share, &["mailer"]),
    kept("own-study", &["visit.path", "visit.time"], "research", Basis::Consent),
    passed_on("study", &["visit.path", "visit.time"], "research", Basis::Consent, Act::Share, &["researcher"]),
    passed_on("group-study", &["visit.path"], "research", Basis::LegitimateInterests, Act::Share, &["sister"]),
    passed_on("court-orders", FIELDS, "legal-claims", Basis::LegalObligation, Act::Share, &["court"]),
    kept("abuse-review", FIELDS, "legal-claims", Basis::VitalInterests),
];

/// The kinds and ids it names, and nobody else.
pub(crate) struct NeverRule {
    pub(crate) id: &'static str,
    pub(crate) data: &'static [&'static str],
    pub(crate) acts: &'static [Act],
    pub(crate) kinds: &'static [RecipientKind],
    pub(crate) recipients: &'static [&'static str],
}

const TRADE: &[Act] = &[Act::Sell, Act::Rent, Act::Lease];
const OUTSIDERS: &[RecipientKind] = &[RecipientKind::Affiliate, RecipientKind::ThirdParty];

const fn never(id: &'static str, data: &'static [&'static str], acts: &'static [Act], kinds: &'static [RecipientKind]) -> NeverRule {
    NeverRule { id, data, acts, kinds, recipients: &[] }
}

pub(crate) const NEVERS: &[NeverRule] = &[
    never("no-email-trade", &["account.email"], TRADE, OUTSIDERS),
    never("no-name-trade", &["account.username"], TRADE, OUTSIDERS),
    never("no-address-trade", &["visit.ip"], TRADE, OUTSIDERS),
    never("no-visitor-trade", &["visit.visitor", "visit.account"], TRADE, OUTSIDERS),
    never("no-email-to-affiliates", &["account.email"], &[Act::Share], &[RecipientKind::Affiliate]),
    never("no-email-to-strangers", &["account.email"], &[Act::Share], &[RecipientKind::ThirdParty]),
    never("no-address-to-strangers", &["visit.ip"], &[Act::Share], &[RecipientKind::ThirdParty]),
    never("no-lease", &["visit.referrer", "visit.browser", "visit.path"], &[Act::Lease], OUTSIDERS),
    NeverRule { recipients: &["broker"], ..never("no-paths-to-the-broker", &["visit.path"], &[Act::Share, Act::Sell], &[]) },
    NeverRule { recipients: &["ad-network"], ..never("no-rent-to-the-network", &["visit.browser"], &[Act::Rent], &[]) },
];
