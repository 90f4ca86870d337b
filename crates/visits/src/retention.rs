//! How long visits are kept, and what becomes of their fields before.

#[cfg(test)]
mod tests;

use domain::{Field, Keep, Span, Timestamp};
use policy::model::AgeingForm;
use policy::{Policy, Sealed, StorageCapability};

use crate::address::{AddressForms, AddressKey};
use crate::ageing;
use crate::visit::{Gap, Visit};

/// What the log does to visits as they grow old.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Nothing is kept longer; none keeps everything.
    pub keep: Option<Span>,
    /// What becomes of a field after a while.
    pub ageing: Vec<(Field, Span, AgeingForm)>,
    /// What was promised before: it still holds for visits recorded before that moment, where it is stricter.
    pub earlier: Vec<(Timestamp, Retention)>,
}

/// Why the log cannot do what a policy says about old visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RetentionError {
    #[error("`visit.ip` is encrypted before it would be truncated, and cannot be any more; truncate it first, or let it become \"gone\"")]
    TruncatedTooLate,
    #[error("the visit log has no key to encrypt `visit.ip` with")]
    NoKey,
    #[error("`{}` is no field of the visit log that can age", .0.name())]
    CannotAge(Field),
    #[error("`{}` cannot take the form {}", .field.name(), ageing::named(*.form))]
    WrongForm { field: Field, form: AgeingForm },
}

impl Retention {
    /// What a policy says of `[data.visit]`.
    pub fn of(policy: &Policy) -> Self {
        let Some(data) = policy.data.iter().find(|data| data.id == *"visit") else {
            return Self::default();
        };
        let field = |name: &str| policy.field_named(&format!("visit.{name}")).and_then(|index| policy.field(index).reserved);
        Self {
            keep: match data.keep {
                Keep::For(span) => Some(span),
                Keep::WhileRegistered => None,
            },
            ageing: data.ageing.iter().filter_map(|rule| Some((field(&rule.field)?, rule.after, rule.become_))).collect(),
            earlier: Vec::new(),
        }
    }

    /// What all versions of a policy say together, the oldest first, each with the moment it came into force. No version keeps a visit longer than was
    /// promised when it was recorded.
    pub fn of_versions<'p>(versions: impl IntoIterator<Item = (Timestamp, &'p Policy)>) -> Self {
        let mut versions: Vec<(Timestamp, Self)> = versions.into_iter().map(|(since, policy)| (since, Self::of(policy))).collect();
        let Some((mut until, mut all)) = versions.pop() else {
            return Self::default();
        };
        for (since, rules) in versions.into_iter().rev() {
            let is_new = rules != Self { earlier: Vec::new(), ..all.clone() } && all.earlier.iter().all(|(_, known)| *known != rules);
            // What the log cannot do was never in force here: a server with such rules does not start.
            if is_new && rules.check().is_ok() {
                all.earlier.push((until, rules));
            }
            until = since;
        }
        all
    }

    /// Whether the log can do it.
    pub fn check(&self) -> Result<(), RetentionError> {
        for (field, _, form) in &self.ageing {
            match (field, form) {
                (Field::VisitTime | Field::AccountEmail | Field::AccountUsername | Field::RequestEmail | Field::RequestMessage, _) => {
                    return Err(RetentionError::CannotAge(*field));
                }
                (_, AgeingForm::Gone)
                | (Field::VisitIp, AgeingForm::Truncated | AgeingForm::Encrypted)
                | (Field::VisitBrowser, AgeingForm::Family)
                | (Field::VisitReferrer, AgeingForm::Origin) => {}
                _ => return Err(RetentionError::WrongForm { field: *field, form: *form }),
            }
        }
        let first = |wanted: AgeingForm| {
            let rules = self.ageing.iter().filter(|(field, _, form)| *field == Field::VisitIp && *form == wanted);
            rules.map(|(_, after, _)| after.seconds_max()).min()
        };
        match (first(AgeingForm::Encrypted), first(AgeingForm::Truncated)) {
            (Some(encrypted), Some(truncated)) if encrypted < truncated => Err(RetentionError::TruncatedTooLate),
            _ => Ok(()),
        }
    }

    /// Whether some address becomes encrypted.
    pub(crate) fn encrypts(&self) -> bool {
        self.ageing.iter().any(|(_, _, form)| *form == AgeingForm::Encrypted) || self.earlier.iter().any(|(_, rules)| rules.encrypts())
    }

    /// When something that happened then may first be due.
    pub(crate) fn first_due(&self, time: Timestamp) -> Option<Timestamp> {
        let own = self.keep.iter().chain(self.ageing.iter().map(|(_, after, _)| after)).map(|span| span.after(time));
        let earlier = self.earlier.iter().filter(|(until, _)| time < *until).filter_map(|(_, rules)| rules.first_due(time));
        own.chain(earlier).min()
    }

    /// The same rules as moments, for many visits at one time.
    pub(crate) fn at(&self, now: Timestamp, storage: &StorageCapability, key: Option<&AddressKey>) -> RetentionNow {
        RetentionNow {
            expired: self.keep.map(|keep| last_due(keep, now)),
            ageing: self.ageing.iter().map(|(field, after, form)| (*field, last_due(*after, now), *form)).collect(),
            storage: storage.clone(),
            key: key.cloned(),
            earlier: self.earlier.iter().map(|(until, rules)| (*until, rules.at(now, storage, key))).collect(),
        }
    }
}

/// The rules at one moment. What happened at or before a moment of theirs is due.
#[derive(Debug)]
pub(crate) struct RetentionNow {
    expired: Option<Timestamp>,
    ageing: Vec<(Field, Timestamp, AgeingForm)>,
    storage: StorageCapability,
    key: Option<AddressKey>,
    earlier: Vec<(Timestamp, RetentionNow)>,
}

impl RetentionNow {
    /// What is older than something expired has expired, too.
    pub(crate) fn is_expired(&self, time: Timestamp) -> bool {
        self.expired.is_some_and(|expired| time <= expired)
            || self.earlier.iter().any(|(until, rules)| time < *until && rules.is_expired(time))
    }

    /// Whether the field of something as old as this may have to be shown in another form.
    pub(crate) fn ages(&self, field: Field, oldest: Timestamp) -> bool {
        self.ageing.iter().any(|(aged, due, _)| *aged == field && oldest <= *due)
            || self.earlier.iter().any(|(until, rules)| oldest < *until && rules.ages(field, oldest))
    }

    /// What becomes of which field, and up to which time.
    pub(crate) fn ageing(&self) -> Vec<(Field, Timestamp, AgeingForm)> {
        let mut all = self.ageing.iter().map(|(field, due, form)| (*field, *due, *form)).collect::<Vec<_>>();
        for (until, rules) in &self.earlier {
            let last = Timestamp::from_microsecond(from_micros(*until).saturating_sub(1)).unwrap_or(Timestamp::MIN);
            all.extend(rules.ageing().into_iter().map(|(field, due, form)| (field, due.min(last), form)));
        }
        all
    }

    /// When what these rules say of a visit changes with its time: what happened before such a moment, in microseconds, is treated otherwise than what
    /// happened from then on.
    pub(crate) fn bounds(&self) -> Vec<i64> {
        let last = self.expired.iter().chain(self.ageing.iter().map(|(_, due, _)| due));
        let earlier = self.earlier.iter().flat_map(|(until, rules)| std::iter::once(from_micros(*until)).chain(rules.bounds()));
        last.map(|due| due.as_microsecond().saturating_add(1)).chain(earlier).collect()
    }

    /// What becomes of the fields of something that happened then.
    pub(crate) fn forms(&self, time: Timestamp) -> Vec<(Field, AgeingForm)> {
        let own = self.ageing.iter().filter(|(_, due, _)| time <= *due).map(|(field, _, form)| (*field, *form));
        let earlier = self.earlier.iter().filter(|(until, _)| time < *until).flat_map(|(_, rules)| rules.forms(time));
        own.chain(earlier).collect()
    }

    /// What becomes of the address of something that happened then.
    pub(crate) fn address_forms(&self, time: Timestamp) -> AddressForms {
        let mut forms = AddressForms::default();
        self.add_address_forms(time, &mut forms);
        forms
    }

    fn add_address_forms(&self, time: Timestamp, forms: &mut AddressForms) {
        let due = self.ageing.iter().filter(|(field, due, _)| *field == Field::VisitIp && time <= *due);
        due.for_each(|(_, _, form)| forms.add(*form));
        self.earlier.iter().filter(|(until, _)| time < *until).for_each(|(_, rules)| rules.add_address_forms(time, forms));
    }

    /// Whether some addresses become encrypted.
    pub(crate) fn encrypts(&self) -> bool {
        self.ageing.iter().any(|(_, _, form)| *form == AgeingForm::Encrypted) || self.earlier.iter().any(|(_, rules)| rules.encrypts())
    }

    /// What addresses are encrypted with.
    pub(crate) const fn key(&self) -> Option<&AddressKey> {
        self.key.as_ref()
    }

    /// The visit as it may still be seen. Says whether that is less than was there.
    pub(crate) fn age(&self, visit: &mut Visit) -> bool {
        let forms = self.address_forms(visit.time);
        let aged = !forms.is_whole() && change(&mut visit.ip, &self.storage, |ip| forms.left_of(*ip, self.key()));
        self.age_all_but_the_address(visit) || aged
    }

    fn age_all_but_the_address(&self, visit: &mut Visit) -> bool {
        let mut aged = false;
        for (field, due, form) in self.ageing.iter().filter(|(field, _, _)| *field != Field::VisitIp) {
            if visit.time <= *due {
                aged |= age(visit, *field, *form, &self.storage, self.key());
            }
        }
        for (until, rules) in &self.earlier {
            aged |= visit.time < *until && rules.age_all_but_the_address(visit);
        }
        aged
    }
}

/// The first microsecond that is not before a moment.
pub(crate) fn from_micros(moment: Timestamp) -> i64 {
    let micros = moment.as_microsecond();
    if Timestamp::from_microsecond(micros).is_ok_and(|floor| floor < moment) { micros + 1 } else { micros }
}

/// Learns from records when something in them will first be due.
pub(crate) struct DueSoon<'a> {
    retention: &'a Retention,
    storage: &'a StorageCapability,
    key: Option<&'a AddressKey>,
    oldest: Option<Timestamp>,
    /// For each rule, the oldest visit that it will change.
    oldest_to_age: Vec<Option<Timestamp>>,
    earlier: Vec<(Timestamp, DueSoon<'a>)>,
}

impl<'a> DueSoon<'a> {
    pub(crate) fn new(retention: &'a Retention, storage: &'a StorageCapability, key: Option<&'a AddressKey>) -> Self {
        let earlier = retention.earlier.iter().map(|(until, rules)| (*until, DueSoon::new(rules, storage, key))).collect();
        Self { retention, storage, key, oldest: None, oldest_to_age: vec![None; retention.ageing.len()], earlier }
    }

    pub(crate) fn visit(&mut self, visit: &Visit) {
        lower(&mut self.oldest, visit.time);
        for ((field, _, form), oldest) in self.retention.ageing.iter().zip(&mut self.oldest_to_age) {
            if oldest.is_none_or(|oldest| visit.time < oldest) && age(&mut visit.clone(), *field, *form, self.storage, self.key) {
                *oldest = Some(visit.time);
            }
        }
        self.earlier.iter_mut().filter(|(until, _)| visit.time < *until).for_each(|(_, rules)| rules.visit(visit));
    }

    pub(crate) fn gap(&mut self, gap: &Gap) {
        lower(&mut self.oldest, gap.to);
        self.earlier.iter_mut().filter(|(until, _)| gap.to < *until).for_each(|(_, rules)| rules.gap(gap));
    }

    /// Nobody knows what it is, so every rule may be about it.
    pub(crate) fn anything(&mut self, time: Timestamp) {
        std::iter::once(&mut self.oldest).chain(&mut self.oldest_to_age).for_each(|oldest| lower(oldest, time));
        self.earlier.iter_mut().filter(|(until, _)| time < *until).for_each(|(_, rules)| rules.anything(time));
    }

    pub(crate) fn first(&self) -> Option<Timestamp> {
        let expires = self.retention.keep.and_then(|keep| self.oldest.map(|oldest| keep.after(oldest)));
        let ages = self
            .retention
            .ageing
            .iter()
            .zip(&self.oldest_to_age)
            .filter_map(|((_, after, _), oldest)| oldest.map(|oldest| after.after(oldest)));
        let earlier = self.earlier.iter().filter_map(|(_, rules)| rules.first());
        expires.into_iter().chain(ages).chain(earlier).min()
    }
}

fn lower(oldest: &mut Option<Timestamp>, time: Timestamp) {
    *oldest = Some(oldest.map_or(time, |oldest| oldest.min(time)));
}

/// The last moment that is `span` ago by the calendar: a month after 30 January is 28 February, so that on 28 February the whole end of January is a month ago.
pub(crate) fn last_due(span: Span, now: Timestamp) -> Timestamp {
    /// More than a month of the calendar can differ from another.
    const MICROSECONDS: i64 = 4 * 86_400 * 1_000_000;
    let floor = span.before(now).as_microsecond();
    let is_due = |micros: i64| Timestamp::from_microsecond(micros).is_ok_and(|time| span.after(time) <= now);
    let (mut due, mut not_due) = (floor, floor.saturating_add(MICROSECONDS));
    while not_due - due > 1 {
        let middle = due + (not_due - due) / 2;
        if is_due(middle) { due = middle } else { not_due = middle }
    }
    Timestamp::from_microsecond(due).unwrap_or(Timestamp::MIN)
}

/// Gives a field its aged form. Says whether that changed anything.
fn age(visit: &mut Visit, field: Field, form: AgeingForm, storage: &StorageCapability, key: Option<&AddressKey>) -> bool {
    match (field, form) {
        (Field::VisitIp, _) => change(&mut visit.ip, storage, |ip| AddressForms::of([form]).left_of(*ip, key)),
        (Field::VisitBrowser, AgeingForm::Family) => {
            change(&mut visit.browser, storage, |browser| Some(ageing::family(browser).to_owned()))
        }
        (Field::VisitReferrer, AgeingForm::Origin) => change(&mut visit.referrer, storage, |referrer| ageing::origin(referrer)),
        (Field::VisitBrowser, _) => visit.browser.take().is_some(),
        (Field::VisitReferrer, _) => visit.referrer.take().is_some(),
        (Field::VisitMethod, _) => visit.method.take().is_some(),
        (Field::VisitPath, _) => visit.path.take().is_some(),
        (Field::VisitStatus, _) => visit.status.take().is_some(),
        (Field::VisitBytes, _) => visit.bytes.take().is_some(),
        (Field::VisitDuration, _) => visit.duration_us.take().is_some(),
        (Field::VisitVisitor, _) => visit.visitor.take().is_some(),
        (Field::VisitAccount, _) => visit.account.take().is_some(),
        (Field::VisitTime | Field::AccountEmail | Field::AccountUsername | Field::RequestEmail | Field::RequestMessage, _) => false,
    }
}

fn change<T: PartialEq>(value: &mut Option<Sealed<T>>, storage: &StorageCapability, change: impl FnOnce(&T) -> Option<T>) -> bool {
    let Some(sealed) = value.take() else {
        return false;
    };
    let changed = change(storage.reveal(&sealed)).map(|new| Sealed::new(sealed.field(), new));
    let differs = changed.as_ref() != Some(&sealed);
    *value = changed;
    differs
}
