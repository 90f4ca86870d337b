//! Purposes, recipients, and what never happens.

use domain::{Act, RecipientKind};

use super::Materiality::{NewPurpose, NewRecipient, WeakerRight};
use super::compare::{Found, Subject, field_name, pairs};
use crate::model::{Never, Policy, Purpose, Recipient};

pub(super) fn compare(old: &Policy, new: &Policy, found: &mut Found) {
    pairs(&old.purposes, &new.purposes, |rule| rule.id.as_str(), |before, after| purpose(before, after, found));
    pairs(&old.nevers, &new.nevers, |rule| rule.id.as_str(), |before, after| never(old, before, new, after, found));
    pairs(&old.recipients, &new.recipients, |rule| rule.id.as_str(), |before, after| recipient(before, after, found));
}

fn purpose(before: Option<&Purpose>, after: Option<&Purpose>, found: &mut Found) {
    fn subject(rule: &Purpose) -> Subject<'_> {
        Subject { kind: "purpose", id: rule.id.as_str(), title: &rule.title.default }
    }
    match (before, after) {
        (None, Some(rule)) => found.material(subject(rule), "a new purpose", NewPurpose),
        (Some(rule), None) => found.minor(subject(rule), "no longer a purpose"),
        (Some(before), Some(after)) => {
            let of = subject(after);
            found.switch(of, (before.marketing, after.marketing), "it is now marketing", "it is no longer marketing", NewPurpose);
            let personal = (before.personalises, after.personalises);
            found.switch(
                of,
                personal,
                "it is now done to each person's measure",
                "it is no longer done to each person's measure",
                NewPurpose,
            );
            let legal = (before.legal, after.legal);
            found.switch(of, legal, "it now goes on for restricted data", "it no longer goes on for restricted data", WeakerRight);
            let compelling = (before.compelling.is_some(), after.compelling.is_some());
            found.switch(of, compelling, "an objection no longer stops it", "an objection now stops it", WeakerRight);
            let reason_is_reworded = compelling == (true, true) && before.compelling != after.compelling;
            if before.title != after.title || before.describes != after.describes || reason_is_reworded {
                found.minor(of, "it is described in other words");
            }
        }
        (None, None) => {}
    }
}

fn never(old: &Policy, before: Option<&Never>, new: &Policy, after: Option<&Never>, found: &mut Found) {
    fn subject(rule: &Never) -> Subject<'_> {
        Subject { kind: "never", id: rule.id.as_str(), title: rule.title.as_ref().map_or(rule.id.as_str(), |title| &title.default) }
    }
    match (before, after) {
        (None, Some(rule)) => found.minor(subject(rule), "a new promise of what never happens"),
        (Some(rule), None) => found.material(subject(rule), "what was promised never to happen is promised no longer", WeakerRight),
        (Some(before), Some(after)) => {
            let (was, is) = (Reach::of(old, before), Reach::of(new, after));
            if !was.is_within(&is) {
                found.material(subject(after), "it promises less than before", WeakerRight);
            }
            if !is.is_within(&was) {
                found.minor(subject(after), "it promises more than before");
            }
            if before.title != after.title {
                found.minor(subject(after), "it is described in other words");
            }
        }
        (None, None) => {}
    }
}

/// All that a `never` covers, with nothing left to be understood.
struct Reach {
    data: Vec<String>,
    acts: Vec<Act>,
    kinds: Vec<RecipientKind>,
    recipients: Vec<(String, RecipientKind)>,
}

impl Reach {
    fn of(policy: &Policy, rule: &Never) -> Self {
        use RecipientKind::{Affiliate, Authority, Processor, ThirdParty, Us};
        let everybody = rule.kinds.is_empty() && rule.recipients.is_empty();
        let recipients = rule.recipients.iter().map(|index| policy.recipient(index));
        Self {
            data: rule
                .data
                .iter()
                .map(|index| policy.field(index))
                .map(|field| format!("{} of {}", field_name(field), field.data))
                .collect(),
            acts: if rule.acts.is_empty() { Act::ALL.to_vec() } else { rule.acts.clone() },
            kinds: if everybody { vec![Us, Affiliate, Processor, ThirdParty, Authority] } else { rule.kinds.clone() },
            recipients: recipients.map(|recipient| (recipient.id.to_string(), recipient.kind)).collect(),
        }
    }

    fn is_within(&self, other: &Self) -> bool {
        let is_covered =
            |(id, kind): &(String, RecipientKind)| other.kinds.contains(kind) || other.recipients.iter().any(|(known, _)| known == id);
        self.data.iter().all(|field| other.data.contains(field))
            && self.acts.iter().all(|act| other.acts.contains(act))
            && self.kinds.iter().all(|kind| other.kinds.contains(kind))
            && self.recipients.iter().all(is_covered)
    }
}

fn recipient(before: Option<&Recipient>, after: Option<&Recipient>, found: &mut Found) {
    fn subject(rule: &Recipient) -> Subject<'_> {
        Subject { kind: "recipient", id: rule.id.as_str(), title: &rule.name }
    }
    match (before, after) {
        (None, Some(rule)) => found.material(subject(rule), format!("a new recipient, {}", called(rule.kind)), NewRecipient),
        (Some(rule), None) => found.minor(subject(rule), "no longer a recipient"),
        (Some(before), Some(after)) => {
            if before.name != after.name {
                found.material(subject(after), format!("it is now {} (it was {})", after.name, before.name), NewRecipient);
            }
            if before.kind != after.kind {
                let may_do_more = (after.kind != RecipientKind::Processor).then_some(NewRecipient);
                found.add(subject(after), format!("it is now {} (it was {})", called(after.kind), called(before.kind)), may_do_more);
            }
            let markets = (before.direct_marketing, after.direct_marketing);
            let (on, off) = ("it now uses what it gets for direct marketing", "it no longer uses what it gets for direct marketing");
            found.switch(subject(after), markets, on, off, NewPurpose);
            if before.address != after.address {
                found.minor(subject(after), "it has another address");
            }
            if before.does != after.does {
                found.minor(subject(after), "what it does is described in other words");
            }
        }
        (None, None) => {}
    }
}

fn called(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::Us => "one of ourselves",
        RecipientKind::Affiliate => "a company that belongs with us",
        RecipientKind::Processor => "one who works for us and on our instructions",
        RecipientKind::ThirdParty => "another company",
        RecipientKind::Authority => "a court or authority",
    }
}
