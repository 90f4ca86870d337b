//! The same rules as Cedar policies: a use is a `permit`, a promise and a general rule a `forbid`. Whatever Cedar finds quickly is put where it
//! finds it: recipients and data are groups in the policies' scopes, and which consents count is worked out before it is asked.

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use domain::{Act, Age, Basis, RecipientKind};
use serde_json::{Value, json};

use crate::people::PEOPLE;
use crate::question::Question;
use crate::rules::{AGREEMENT, FIELDS, NEVERS, PURPOSES, PurposeRule, RECIPIENTS, USES, UseRule};

pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
}

impl Cedar {
    pub(crate) fn new() -> Self {
        let policies = policies().parse().expect("Cedar policies");
        let entities = Entities::from_json_value(entities(), None).expect("Cedar entities");
        Self { authorizer: Authorizer::new(), policies, entities }
    }

    pub(crate) fn rules(&self) -> usize {
        self.policies.policies().count()
    }

    pub(crate) fn request(&self, question: &Question) -> Request {
        let context = Context::from_json_value(context(question), None).expect("a context");
        let (principal, action, resource) =
            (entity("Recipient", question.recipient), entity("Action", question.act.name()), entity("Data", question.field));
        Request::new(principal, action, resource, context, None).expect("a request")
    }

    pub(crate) fn permits(&self, request: &Request) -> bool {
        self.authorizer.is_authorized(request, &self.policies, &self.entities).decision() == Decision::Allow
    }
}

fn entity(kind: &str, id: &str) -> EntityUid {
    format!("{kind}::{id:?}").parse().expect("an entity")
}

fn policies() -> String {
    let uses = USES.iter().map(permit);
    let nevers = NEVERS.iter().map(|never| {
        let acts: Vec<String> = never.acts.iter().map(|act| format!("Action::{:?}", act.name())).collect();
        let id = never.id;
        format!("forbid(principal in RecipientsOf::{id:?}, action in [{}], resource in DataOf::{id:?});", acts.join(", "))
    });
    uses.chain(nevers).chain(general_rules()).collect::<Vec<_>>().join("\n")
}

fn permit(rule: &UseRule) -> String {
    let UseRule { id, purpose, .. } = rule;
    let compelling = PURPOSES.iter().any(|known| known.id == *purpose && known.compelling);
    let basis = match rule.basis {
        Basis::Consent => format!("context.consented.contains({purpose:?})"),
        Basis::LegitimateInterests if compelling => format!("!context.opted_out.contains({purpose:?})"),
        Basis::LegitimateInterests => format!(
            "!context.opted_out.contains({purpose:?}) && !context.refused.contains({purpose:?}) \
             && (!context.asked_first || context.consented.contains({purpose:?}))"
        ),
        Basis::Contract if *purpose == "support" => format!("!context.closed && context.agreements.contains({AGREEMENT:?})"),
        Basis::Contract => "!context.closed && context.registered".to_owned(),
        Basis::LegalObligation | Basis::VitalInterests => "context.case".to_owned(),
    };
    format!(
        "permit(principal in RecipientsOf::{id:?}, action == Action::{:?}, resource in DataOf::{id:?}) \
         when {{ context.purpose == {purpose:?} && {basis} }};",
        rule.act.name()
    )
}

/// Restriction, minors and Global Privacy Control.
fn general_rules() -> [String; 4] {
    let purposes = |such: fn(&PurposeRule) -> bool| {
        let names: Vec<&str> = PURPOSES.iter().filter(|purpose| such(purpose)).map(|purpose| purpose.id).collect();
        format!("{names:?}.contains(context.purpose)")
    };
    let undeliberate = "context.gpc && !context.consented_under_gpc.contains(context.purpose)";
    [
        format!("forbid(principal, action, resource) when {{ context.restricted && !{} }};", purposes(|purpose| purpose.legal)),
        format!(
            "forbid(principal, action, resource) when {{ context.minor && {} }};",
            purposes(|purpose| purpose.marketing || purpose.personalises)
        ),
        format!("forbid(principal, action, resource) when {{ {undeliberate} && {} }};", purposes(|purpose| purpose.marketing)),
        format!(
            "forbid(principal in RecipientsOf::\"outsiders\", \
             action in [Action::\"share\", Action::\"sell\", Action::\"rent\", Action::\"lease\"], resource) when {{ {undeliberate} }};"
        ),
    ]
}

fn entities() -> Value {
    let uid = |kind: &str, id: &str| json!({ "type": kind, "id": id });
    let plain = |kind: &str, id: &str| json!({ "uid": uid(kind, id), "attrs": {}, "parents": [] });
    let with_parents = |kind: &str, id: &str, group: &str, parents: Vec<&str>| {
        let parents: Vec<Value> = parents.into_iter().map(|parent| uid(group, parent)).collect();
        json!({ "uid": uid(kind, id), "attrs": {}, "parents": parents })
    };
    let mut entities: Vec<Value> = Vec::new();
    let rules = || USES.iter().map(|rule| (rule.id, rule.data)).chain(NEVERS.iter().map(|rule| (rule.id, rule.data)));
    for (rule, _) in rules() {
        entities.push(plain("RecipientsOf", rule));
        entities.push(plain("DataOf", rule));
    }
    entities.push(plain("RecipientsOf", "outsiders"));
    entities.extend(Act::ALL.map(|act| plain("Action", act.name())));
    for field in FIELDS {
        let groups = rules().filter(|(_, data)| data.contains(field)).map(|(rule, _)| rule).collect();
        entities.push(with_parents("Data", field, "DataOf", groups));
    }
    let everybody = RECIPIENTS.iter().copied().chain([("us", RecipientKind::Us)]);
    for (id, kind) in everybody {
        let uses = USES.iter().filter(|rule| rule.recipients.contains(&id)).map(|rule| rule.id);
        let nevers = NEVERS.iter().filter(|rule| rule.kinds.contains(&kind) || rule.recipients.contains(&id)).map(|rule| rule.id);
        let outsider = matches!(kind, RecipientKind::Affiliate | RecipientKind::ThirdParty).then_some("outsiders");
        entities.push(with_parents("Recipient", id, "RecipientsOf", uses.chain(nevers).chain(outsider).collect()));
    }
    Value::Array(entities)
}

fn context(question: &Question) -> Value {
    let somebody = &PEOPLE[question.person];
    let counts = |name: &&&str| !somebody.no.contains(*name) && !somebody.opted_out.contains(*name);
    let consented: Vec<&&str> = somebody.yes.iter().filter(counts).collect();
    let under_gpc: Vec<&&str> = consented.iter().copied().filter(|_| somebody.gpc).collect();
    json!({
        "purpose": question.purpose,
        "consented": consented,
        "consented_under_gpc": under_gpc,
        "refused": somebody.no,
        "opted_out": somebody.opted_out,
        "agreements": if somebody.member { vec![AGREEMENT] } else { Vec::new() },
        "asked_first": somebody.asked_first,
        "registered": somebody.registered,
        "closed": somebody.closed,
        "restricted": somebody.restricted,
        "minor": somebody.age == Age::Minor || (somebody.age == Age::Unknown && somebody.minor_signal),
        "gpc": somebody.gpc,
        "case": somebody.case,
    })
}
