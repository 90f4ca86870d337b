use domain::{Act, Id, Version};

use super::{all, title, translate, translated};
use crate::check::site::{Addressee, Site};
use crate::model::{
    Ageing, Agreement, Cookie, CookieHolds, CookieName, DataField, Duty, Never, Preference, Purpose, Recipient, Resource, ResourceUrl, Use,
};
use crate::syntax::{
    CookiePart, CookieSection, DataSection, DutySection, Entry, NeverSection, PreferenceSection, PurposeSection, RecipientSection,
    ResourceSection, Rule, Spanned, UseSection,
};
use crate::{Index, Set};

pub(super) fn agreements(site: &Site<'_>) -> Option<Vec<Agreement>> {
    let mut ids: Vec<Id> = Vec::new();
    for name in site.rules.uses.iter().filter_map(|rule| rule.agreement.get()) {
        let id = Id::parse(name).ok()?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Some(ids.into_iter().map(|id| Agreement { id }).collect())
}

pub(super) fn ageing(data: &DataSection) -> Option<Vec<Ageing>> {
    let rows: Vec<_> = data.ageing.get().into_iter().flatten().collect();
    all(&rows, |row| {
        let row = &row.value;
        Some(Ageing { field: row.field.get()?.clone(), after: *row.after.get()?, become_: *row.become_.get()? })
    })
}

pub(super) fn purpose(site: &Site<'_>, section: &PurposeSection) -> Option<Purpose> {
    let id = section.id.get()?.clone();
    Some(Purpose {
        title: title(site, &section.title, &id),
        describes: translated(site, &section.means),
        marketing: section.marketing.is_true(),
        personalises: section.personalises.is_true(),
        legal: section.legal.is_true(),
        compelling: translated(site, &section.compelling),
        material_since: since(&site.circumstances.history.purposes_changed, &id),
        id,
    })
}

fn since(history: &[(Id, Version)], id: &Id) -> Version {
    history.iter().find(|(known, _)| known == id).map_or(Version::FIRST, |(_, version)| *version)
}

pub(super) fn the_use(site: &Site<'_>, agreements: &[Agreement], section: &UseSection) -> Option<Use> {
    let id = section.id.get()?.clone();
    let agreement = match section.agreement.get() {
        None => None,
        Some(name) => Some(Index::new(agreements.iter().position(|agreement| agreement.id == **name)?)),
    };
    let names: Vec<_> = section.recipients.get().into_iter().flatten().filter(|name| name.value != "us").collect();
    let recipients: Vec<Index<Recipient>> = all(&names, |name| index(&site.rules.recipients, &name.value))?;
    Some(Use {
        title: title(site, &section.title, &id),
        data: data(site, &section.data)?,
        purpose: index(&site.rules.purposes, section.purpose.get()?)?,
        basis: *section.basis.get()?,
        balancing: translated(site, &section.balancing),
        reading: section.reading.get().copied(),
        agreement,
        for_us: section.is_for_us(),
        recipients: recipients.into_iter().collect(),
        act: section.act(),
        since: since(&site.circumstances.history.uses_brought, &id),
        id,
    })
}

pub(super) fn never(site: &Site<'_>, section: &NeverSection) -> Option<Never> {
    let mut kinds = Vec::new();
    let mut recipients = Set::EMPTY;
    for addressee in section.addressees(site) {
        match addressee {
            Addressee::Kind(kind) => kinds.push(kind),
            Addressee::Recipient(at) => recipients.insert(Index::new(at)),
        }
    }
    Some(Never {
        id: section.id.get()?.clone(),
        title: translated(site, &section.title),
        data: data(site, &section.data)?,
        acts: section.acts.get()?.iter().map(|act: &Spanned<Act>| act.value).collect(),
        kinds,
        recipients,
    })
}

/// The fields of a rule. One that names nothing is no rule.
fn data(site: &Site<'_>, names: &Entry<Vec<Spanned<String>>>) -> Option<Set<DataField>> {
    names.get()?.iter().try_fold(Set::EMPTY, |mut fields, name| {
        site.fields_named(&name.value)?.into_iter().for_each(|at| fields.insert(Index::new(at)));
        Some(fields)
    })
}

fn index<R: Rule, T>(rules: &[R], id: &str) -> Option<Index<T>> {
    rules.iter().position(|rule| rule.is(id)).map(Index::new)
}

pub(super) fn recipient(site: &Site<'_>, section: &RecipientSection) -> Option<Recipient> {
    Some(Recipient {
        id: section.id.get()?.clone(),
        kind: *section.kind.get()?,
        name: section.name.get()?.clone(),
        address: section.address.get().cloned(),
        direct_marketing: section.direct_marketing.is_true(),
        does: translated(site, &section.does),
    })
}

pub(super) fn duty(site: &Site<'_>, section: &DutySection) -> Option<Duty> {
    let id = section.id.get()?.clone();
    Some(Duty { kind: *section.kind.get()?, title: title(site, &section.title, &id), id })
}

pub(super) fn cookie(site: &Site<'_>, section: &CookieSection) -> Option<Cookie> {
    let holds = match (section.name.get(), section.holds.get()) {
        (Some(name), None) => CookieHolds::Site(CookieName(name.clone())),
        (None, Some(CookiePart::Choices)) => CookieHolds::Choices,
        (None, Some(CookiePart::Preferences)) => CookieHolds::Preferences,
        (None, Some(CookiePart::Visitor)) => CookieHolds::Visitor,
        (None, Some(CookiePart::Session)) => CookieHolds::Session,
        (None, None) | (Some(_), Some(_)) => return None,
    };
    let needed_for = section.needed_for.get().into_iter().flatten().map(|feature| translate(site, &feature.value));
    Some(Cookie {
        id: section.id.get()?.clone(),
        holds,
        purpose: index(&site.rules.purposes, section.purpose.get()?)?,
        keep: *section.keep.get()?,
        needed_for: needed_for.collect(),
    })
}

pub(super) fn resource(site: &Site<'_>, section: &ResourceSection) -> Option<Resource> {
    Some(Resource {
        id: section.id.get()?.clone(),
        matches: ResourceUrl::new(section.matches.get()?),
        purpose: index(&site.rules.purposes, section.purpose.get()?)?,
        recipient: index(&site.rules.recipients, section.recipient.get()?)?,
    })
}

pub(super) fn preference(site: &Site<'_>, section: &PreferenceSection) -> Option<Preference> {
    let id = section.id.get()?.clone();
    Some(Preference {
        title: title(site, &section.title, &id),
        values: section.values.get()?.iter().map(|value| value.value.clone()).collect(),
        id,
    })
}
