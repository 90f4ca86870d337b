//! Arbitrary policies and people. The policies are whole but not sensible: uses contradict nevers, marketing is compelling, versions lie ahead.
//! People name rules that a policy does not have.

use domain::{AccountId, Act, Age, Basis, Field, FieldSet, Id, Keep, RecipientKind, Region, Span, Timestamp, Translated, Version};
use policy::model::{
    Agreement, ChoiceDefault, ChoiceDefaults, Cookie, CookieHolds, CookieName, Data, DataField, Never, Policy, Purpose, Recipient,
    Resource, ResourceUrl, Use,
};
use policy::{Ask, Consent, Facts, Index, Person, Revocations, Set, VisitFacts};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index as Place, select, subsequence};

use super::{account, agreement, id, purpose, recipient, silent_policy, the_use};

/// More than any arbitrary policy has of a kind.
const BEYOND: usize = 7;

const REGIONS: [&str; 5] = ["*", "eu", "de", "us", "us-ca"];

pub(crate) fn any_policy() -> impl Strategy<Value = Policy> {
    let rules = (vec(any_purpose(), 1..5), vec(any_recipient(), 1..5), 0..3_usize, 1..5_u32);
    rules.prop_flat_map(|(purposes, recipients, agreements, version)| {
        let sizes = Sizes { purposes: purposes.len(), recipients: recipients.len(), agreements };
        let tables = (
            vec(any_use(sizes), 1..7),
            vec(any_never(sizes), 0..3),
            vec((select(vec!["choices", "visitor", "preferences", "other"]), any_index(sizes.purposes)), 0..4),
            vec((any_index(sizes.purposes), any_index(sizes.recipients)), 0..4),
            vec((select(&REGIONS[..]), prop_oneof![Just(ChoiceDefault::Ask), Just(ChoiceDefault::OptOut)]), 0..4),
        );
        tables.prop_map(move |(uses, nevers, cookies, resources, defaults)| Policy {
            version: Version(version),
            choice_defaults: ChoiceDefaults {
                by_region: defaults.into_iter().map(|(place, default)| (region(place), default)).collect(),
                ..ChoiceDefaults::default()
            },
            data: ["visit", "account"].map(|data| Data { id: id(data), keep: Keep::WhileRegistered, ageing: Vec::new() }).to_vec(),
            purposes: numbered("purpose", &purposes, |rule, id| Purpose { id, ..rule }),
            recipients: numbered("recipient", &recipients, |rule, id| Recipient { id, ..rule }),
            agreements: (0..agreements).map(|number| agreement(&format!("agreement-{number}"))).collect(),
            uses: numbered("use", &uses, |rule, id| Use { id, ..rule }),
            nevers: numbered("never", &nevers, |rule, id| Never { id, ..rule }),
            cookies: cookies.into_iter().map(|(holds, purpose)| cookie(holds, purpose)).collect(),
            resources: resources.into_iter().map(|(purpose, recipient)| resource(purpose, recipient)).collect(),
            ..silent_policy()
        })
    })
}

#[derive(Clone, Copy)]
struct Sizes {
    purposes: usize,
    recipients: usize,
    agreements: usize,
}

fn numbered<T: Clone>(kind: &str, rules: &[T], name: impl Fn(T, Id) -> T) -> Vec<T> {
    rules.iter().enumerate().map(|(number, rule)| name(rule.clone(), id(&format!("{kind}-{number}")))).collect()
}

pub(crate) fn region(place: &str) -> Region {
    Region::parse(place).expect("a region")
}

fn cookie(holds: &str, purpose: Index<Purpose>) -> Cookie {
    let holds = match holds {
        "choices" => CookieHolds::Choices,
        "visitor" => CookieHolds::Visitor,
        "preferences" => CookieHolds::Preferences,
        _ => CookieHolds::Site(CookieName("_other".to_owned())),
    };
    Cookie { id: id("cookie"), holds, purpose, keep: Span::months(1), needed_for: Vec::new() }
}

fn resource(purpose: Index<Purpose>, recipient: Index<Recipient>) -> Resource {
    Resource { id: id("resource"), matches: ResourceUrl::new(""), purpose, recipient }
}

/// Rarely, so that most uses get past the rules before.
fn seldom() -> impl Strategy<Value = bool> {
    proptest::bool::weighted(0.2)
}

fn any_index<T>(size: usize) -> impl Strategy<Value = Index<T>> {
    any::<Place>().prop_map(move |place| Index::new(place.index(size)))
}

fn any_set<T>(size: usize, most: usize) -> impl Strategy<Value = Set<T>> {
    btree_set(0..size.max(1), 0..=most.min(size)).prop_map(|places| places.into_iter().map(Index::new).collect())
}

fn any_version() -> impl Strategy<Value = Version> {
    (1..6_u32).prop_map(Version)
}

fn any_data(least: usize) -> impl Strategy<Value = Set<DataField>> {
    subsequence((0..Field::ALL.len()).collect::<Vec<_>>(), least..5).prop_map(|places| places.into_iter().map(Index::new).collect())
}

fn any_purpose() -> impl Strategy<Value = Purpose> {
    (seldom(), seldom(), seldom(), seldom(), select(vec![1, 1, 2, 3])).prop_map(|(marketing, personalises, legal, compelling, since)| {
        let compelling = compelling.then(|| Translated::only("because"));
        Purpose { marketing, personalises, legal, compelling, material_since: Version(since), ..purpose("any") }
    })
}

fn any_recipient() -> impl Strategy<Value = Recipient> {
    use RecipientKind::{Affiliate, Authority, Processor, ThirdParty};
    select(vec![Affiliate, Authority, Processor, ThirdParty]).prop_map(|kind| recipient("any", kind))
}

fn any_use(sizes: Sizes) -> impl Strategy<Value = Use> {
    let terms = (any_data(0), any_index(sizes.purposes), select(Basis::ALL.to_vec()), any_act());
    let rest = (any::<bool>(), any_set(sizes.recipients, 2), option::of(any::<Place>()), select(vec![1, 1, 1, 2, 4]));
    (terms, rest).prop_map(move |((data, purpose, basis, act), (for_us, recipients, agreement, since))| {
        let agreement: Option<Index<Agreement>> =
            agreement.filter(|_| sizes.agreements > 0).map(|place| Index::new(place.index(sizes.agreements)));
        Use { for_us, recipients, act, agreement, since: Version(since), ..the_use("any", data, purpose, basis) }
    })
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![3 => Just(Act::Process), 2 => select(Act::ALL.to_vec())]
}

fn any_never(sizes: Sizes) -> impl Strategy<Value = Never> {
    use RecipientKind::{Affiliate, Authority, Processor, ThirdParty, Us};
    let acts = subsequence(Act::ALL.to_vec(), 0..3);
    let kinds = subsequence(vec![Us, Affiliate, Authority, Processor, ThirdParty], 0..3);
    (any_data(1), acts, kinds, any_set(sizes.recipients, 1)).prop_map(|(data, acts, kinds, recipients)| Never {
        id: id("any"),
        title: None,
        data,
        acts,
        kinds,
        recipients,
    })
}

/// Somebody who asks, with all they said before.
#[derive(Clone, Debug)]
pub(crate) struct Situation {
    pub(crate) ask: Ask,
    pub(crate) person: Person<'static>,
    pub(crate) consents: Vec<Consent>,
    pub(crate) gpc: bool,
    pub(crate) region: Region,
    pub(crate) collected_under: Option<Version>,
    pub(crate) case: bool,
    pub(crate) revocations: Revocations,
}

impl Situation {
    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            ask: self.ask,
            person: self.present(),
            gpc: self.gpc,
            region: self.region,
            collected_under: self.collected_under,
            case: self.case,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    pub(crate) fn visit(&self) -> VisitFacts<'_> {
        VisitFacts { person: self.present(), gpc: self.gpc, region: self.region, at: Timestamp::UNIX_EPOCH }
    }

    fn present(&self) -> Person<'_> {
        Person { consents: &self.consents, ..self.person.clone() }
    }
}

pub(crate) fn any_situation() -> impl Strategy<Value = Situation> {
    (any_ask(), any_person(), vec(any_consent(), 0..6), any_surroundings(), any_revocations()).prop_map(
        |(ask, person, consents, (gpc, region, collected_under, case), revocations)| Situation {
            ask,
            person,
            consents,
            gpc,
            region,
            collected_under,
            case,
            revocations,
        },
    )
}

pub(crate) fn any_ask() -> impl Strategy<Value = Ask> {
    let terms = (any_data(0), option::weighted(0.9, any_index(BEYOND)), option::of(any_index(BEYOND)), any_act());
    prop_oneof![
        8 => (0..BEYOND).prop_map(|place| Ask::Use(Index::new(place))),
        8 => terms.prop_map(|(data, purpose, recipient, act)| Ask::Terms { data, purpose, recipient, act }),
        1 => Just(Ask::Unknown),
    ]
}

/// Terms that some use of the policy carries, as often as not.
pub(crate) fn fitting(policy: &Policy, ask: Ask, place: Place) -> Ask {
    let rule = &policy.uses[place.index(policy.uses.len())];
    match ask {
        Ask::Terms { data, .. } => {
            let shared: Set<DataField> = rule.data.iter().filter(|field| data.contains(*field)).collect();
            let data = if shared.is_empty() { rule.data } else { shared };
            let recipient = if rule.for_us { None } else { rule.recipients.iter().next() };
            Ask::Terms { data, purpose: Some(rule.purpose), recipient, act: rule.act }
        }
        Ask::Use(_) | Ask::Unknown => ask,
    }
}

fn any_person() -> impl Strategy<Value = Person<'static>> {
    let age = prop_oneof![2 => Just(Age::Adult), 2 => Just(Age::Unknown), 1 => Just(Age::Minor)];
    let state = (age, seldom(), option::of(any_account()), any::<bool>(), seldom(), seldom());
    let said = (any_set(BEYOND, 1), any_set(BEYOND, 1), any_set(BEYOND, 1), any_set(3, 2));
    (state, said).prop_map(
        |((age, minor_signal, account, registered, closed, restricted), (refusals, objections, opted_out, agreements))| Person {
            age,
            minor_signal,
            account,
            registered,
            closed,
            restricted,
            consents: &[],
            refusals,
            objections,
            opted_out,
            agreements,
        },
    )
}

pub(crate) fn any_account() -> impl Strategy<Value = AccountId> {
    (0..2_u8).prop_map(account)
}

pub(crate) fn any_consent() -> impl Strategy<Value = Consent> {
    (any_index(5), any_version(), any::<bool>(), 0..9_i64).prop_map(|(purpose, version, gpc, second)| Consent {
        purpose,
        at: Timestamp::from_second(second).expect("a second of 1970"),
        version,
        gpc,
    })
}

fn any_surroundings() -> impl Strategy<Value = (bool, Region, Option<Version>, bool)> {
    (any::<bool>(), select(&REGIONS[..]).prop_map(region), option::weighted(0.3, any_version()), any::<bool>())
}

fn any_revocations() -> impl Strategy<Value = Revocations> {
    vec((any_account(), seldom(), any_set(BEYOND, 1)), 0..3).prop_map(|entries| {
        let mut revocations = Revocations::default();
        for (account, closes, purposes) in entries {
            revocations.withdraw(account, purposes);
            if closes {
                revocations.close(account);
            }
        }
        revocations
    })
}

/// What Candor itself keeps of these fields.
pub(crate) fn reserved(policy: &Policy, fields: Set<DataField>) -> FieldSet {
    fields.iter().filter_map(|field| policy.field(field).reserved).collect()
}
