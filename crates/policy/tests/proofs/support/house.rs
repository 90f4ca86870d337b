//! The policy of a small clinic's site. Each rule of a decision has something here to stand on.

use domain::{Act, Basis, Keep, RecipientKind, Region, Span, Translated, Version};
use policy::model::{
    ChoiceDefault, ChoiceDefaults, Clause, Cookie, CookieHolds, CookieName, Data, DataField, Never, Policy, Preference, Purpose, Recipient,
    Resource, ResourceUrl, Use,
};
use policy::{Index, Set};

use super::{agreement, id, purpose, recipient, silent_policy, the_use};

/// The third published version: news and visitor statistics changed materially with the second, and the third brought the research partner.
pub(crate) fn house() -> Policy {
    let mut policy = silent_policy();
    policy.version = Version(3);
    policy.choice_defaults = ChoiceDefaults {
        by_region: vec![(Region::parse("us-ca").expect("a region"), ChoiceDefault::OptOut), (Region::UNKNOWN, ChoiceDefault::Ask)],
        ..ChoiceDefaults::default()
    };
    policy.data = ["visit", "account"].map(|data| Data { id: id(data), keep: Keep::For(Span::days(180)), ageing: Vec::new() }).to_vec();
    policy.agreements = vec![agreement("membership")];
    policy.recipients = vec![
        recipient("parent", RecipientKind::Affiliate),
        recipient("researcher", RecipientKind::ThirdParty),
        recipient("counter", RecipientKind::Processor),
        recipient("court", RecipientKind::Authority),
    ];
    policy.purposes = purposes();
    policy.uses = uses(&policy);
    policy.nevers = vec![Never {
        id: id("no-email-sale"),
        title: None,
        data: data(&policy, &["account.email"]),
        acts: vec![Act::Sell, Act::Rent, Act::Lease],
        kinds: vec![RecipientKind::ThirdParty, RecipientKind::Affiliate],
        recipients: Set::EMPTY,
    }];
    policy.cookies = cookies(&policy);
    policy.preferences =
        vec![Preference { id: id("language"), title: Translated::only("Language"), values: vec!["en".to_owned(), "es".to_owned()] }];
    policy.resources = vec![Resource {
        id: id("tag-manager"),
        matches: ResourceUrl::new("https://counter.example/*"),
        purpose: named(&policy, "statistics"),
        recipient: to(&policy, "counter"),
    }];
    policy.words[0].clauses = vec![
        clause("Our server logs each visit.", "access-log"),
        clause("With your consent we mail you news.", "news-mail"),
        clause("We never sell, rent or lease e-mail addresses.", "no-email-sale"),
    ];
    policy
}

fn purposes() -> Vec<Purpose> {
    let compelling = Some(Translated::only("Without it attacks cannot be seen or stopped."));
    vec![
        Purpose { compelling: compelling.clone(), ..purpose("operate") },
        Purpose { marketing: true, material_since: Version(2), ..purpose("news") },
        Purpose { material_since: Version(2), ..purpose("statistics") },
        Purpose { personalises: true, ..purpose("personalise") },
        purpose("return-visits"),
        purpose("members-area"),
        purpose("research"),
        Purpose { legal: true, ..purpose("legal-claims") },
        // The checker refuses it; a decision must not believe it either.
        Purpose { marketing: true, compelling, ..purpose("posters") },
    ]
}

fn uses(policy: &Policy) -> Vec<Use> {
    let rule = |name: &str, fields: &[&str], purpose: &str, basis| the_use(name, data(policy, fields), named(policy, purpose), basis);
    let only = |recipient: &str| Set::from_iter([to(policy, recipient)]);
    let log = &["visit.ip", "visit.browser", "visit.referrer", "visit.time"];
    vec![
        rule("access-log", log, "operate", Basis::LegitimateInterests),
        rule("news-mail", &["account.email"], "news", Basis::Consent),
        Use {
            recipients: only("counter"),
            act: Act::Share,
            ..rule("visitor-statistics", &["visit.path", "visit.time"], "statistics", Basis::LegitimateInterests)
        },
        rule("suit-you", &["visit.visitor", "visit.path"], "personalise", Basis::Consent),
        rule("come-back", &["visit.visitor"], "return-visits", Basis::Consent),
        rule("account-page", &["account.email", "account.username"], "members-area", Basis::Contract),
        Use {
            agreement: policy.agreement_named("membership"),
            ..rule("members-letter", &["account.email"], "members-area", Basis::Contract)
        },
        Use {
            for_us: false,
            recipients: only("researcher"),
            act: Act::Share,
            since: Version(3),
            ..rule("study", &["visit.path"], "research", Basis::Consent)
        },
        Use {
            for_us: false,
            recipients: only("court"),
            act: Act::Share,
            ..rule("court-orders", &["visit.ip", "visit.time", "account.email"], "legal-claims", Basis::LegalObligation)
        },
        rule("posters", &["visit.path"], "posters", Basis::LegitimateInterests),
        // The checker refuses it: it contradicts `no-email-sale`.
        Use {
            for_us: false,
            recipients: only("parent"),
            act: Act::Sell,
            ..rule("list-sale", &["account.email", "account.username"], "news", Basis::Consent)
        },
    ]
}

fn cookies(policy: &Policy) -> Vec<Cookie> {
    let cookie = |name: &str, holds, purpose, months| Cookie {
        id: id(name),
        holds,
        purpose: named(policy, purpose),
        keep: Span::months(months),
        needed_for: Vec::new(),
    };
    vec![
        cookie("choices-cookie", CookieHolds::Choices, "operate", 13),
        cookie("visitor-cookie", CookieHolds::Visitor, "return-visits", 6),
        cookie("preferences-cookie", CookieHolds::Preferences, "operate", 12),
        cookie("session-cookie", CookieHolds::Session, "operate", 1),
        cookie("counter-cookie", CookieHolds::Site(CookieName("_counter*".to_owned())), "statistics", 1),
    ]
}

fn clause(text: &str, tag: &str) -> Clause {
    Clause { text: text.to_owned(), tags: vec![id(tag)], span: 0..0 }
}

pub(crate) fn data(policy: &Policy, names: &[&str]) -> Set<DataField> {
    names.iter().map(|name| policy.field_named(name).expect("a declared field")).collect()
}

pub(crate) fn named(policy: &Policy, purpose: &str) -> Index<Purpose> {
    policy.purpose_named(purpose).expect("a declared purpose")
}

pub(crate) fn to(policy: &Policy, recipient: &str) -> Index<Recipient> {
    policy.recipient_named(recipient).expect("a declared recipient")
}
