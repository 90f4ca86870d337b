//! From documents without an error to the policy the program runs: every name becomes a place in a table.
//!
//! Each function gives nothing where something is missing. No rule is ever left out: then there is no policy at all.

mod rules;
mod stores;

use domain::{Language, Translated, Version};
use jiff::tz::TimeZone;

use super::site::{Edition, Site};
use crate::model::{ChoiceDefaults, Clause, Contact, Data, DataField, Guardians, Notice, NoticeForm, Policy, Promise, Words};
use crate::syntax::{Entry, Translations, WordsDocument};

/// How long a banner is shown where the policy does not say it.
const BANNER_DAYS: u16 = 30;

const DEFAULT_TITLE: &str = "Privacy policy";

pub(super) fn compile(site: &Site<'_>) -> Option<Policy> {
    let policy = site.rules.policy.as_ref()?;
    let edition = site.circumstances.edition.unwrap_or_else(|| Edition {
        version: Version::FIRST,
        revised: site.circumstances.today,
        hash: site.sources.hash(),
    });
    let agreements = rules::agreements(site)?;
    let languages = languages(site)?;
    Some(Policy {
        version: edition.version,
        revised: edition.revised,
        hash: edition.hash,
        controller: policy.controller.get()?.clone(),
        contact: contact(site)?,
        jurisdictions: policy.jurisdictions.get().into_iter().flatten().map(|region| region.value).collect(),
        time_zone: policy.time_zone.get().cloned().unwrap_or(TimeZone::UTC),
        minimum_age: *policy.minimum_age.get()?,
        guardians: policy.guardians.get().copied().unwrap_or(Guardians::Refuse),
        do_not_track: *policy.do_not_track.get()?,
        cross_site_tracking: policy.cross_site_tracking.is_true(),
        notice: notice(site)?,
        choice_defaults: choice_defaults(site),
        fields: fields(site)?,
        data: all(&site.rules.data, |data| {
            Some(Data { id: data.id.get()?.clone(), keep: data.keep.get()?.clone(), ageing: rules::ageing(data)? })
        })?,
        purposes: all(&site.rules.purposes, |purpose| rules::purpose(site, purpose))?,
        uses: all(&site.rules.uses, |rule| rules::the_use(site, &agreements, rule))?,
        nevers: all(&site.rules.nevers, |never| rules::never(site, never))?,
        recipients: all(&site.rules.recipients, |recipient| rules::recipient(site, recipient))?,
        duties: all(&site.rules.duties, |duty| rules::duty(site, duty))?,
        promises: all(&site.rules.promises, |promise| promise_of(site, promise))?,
        cookies: all(&site.rules.cookies, |cookie| rules::cookie(site, cookie))?,
        resources: all(&site.rules.resources, |resource| rules::resource(site, resource))?,
        preferences: all(&site.rules.preferences, |preference| rules::preference(site, preference))?,
        stores: all(&site.rules.stores, stores::store)?,
        words: words(site, &languages)?,
        agreements,
        languages,
    })
}

/// Every one of them, or none.
fn all<S, R>(sections: &[S], compile: impl Fn(&S) -> Option<R>) -> Option<Vec<R>> {
    sections.iter().map(compile).collect()
}

fn languages(site: &Site<'_>) -> Option<Vec<Language>> {
    match site.languages() {
        [] => Language::parse(site.default_language()).map(|language| vec![language]),
        languages => Some(languages.iter().map(|language| language.value.clone()).collect()),
    }
}

fn contact(site: &Site<'_>) -> Option<Contact> {
    let contact = site.rules.policy.as_ref()?.contact.get()?;
    Some(Contact { email: contact.email.get()?.clone(), address: contact.address.get().cloned().unwrap_or_default() })
}

fn notice(site: &Site<'_>) -> Option<Notice> {
    let notice = site.rules.notice.as_ref()?;
    let material: Vec<NoticeForm> = notice.material.get()?.iter().map(|form| form.value).collect();
    Some(Notice { material, banner_days: notice.banner_days.get().copied().unwrap_or(BANNER_DAYS) })
}

fn choice_defaults(site: &Site<'_>) -> ChoiceDefaults {
    let usual = ChoiceDefaults::default();
    let Some(choices) = &site.rules.choices else {
        return usual;
    };
    let by_region = choices.default.get().into_iter().flat_map(|regions| &regions.0);
    ChoiceDefaults {
        by_region: by_region.map(|(region, default)| (region.value, *default)).collect(),
        ask_again: choices.ask_again.get().copied().unwrap_or(usual.ask_again),
        ask_again_after_opt_out: choices.ask_again_after_opt_out.get().copied().unwrap_or(usual.ask_again_after_opt_out),
    }
}

fn fields(site: &Site<'_>) -> Option<Vec<DataField>> {
    let mut fields = Vec::new();
    for data in &site.rules.data {
        let id = data.id.get()?;
        for field in data.fields.get()? {
            let category = data.statutory.get().and_then(|statutory| statutory.0.iter().find(|(name, _)| name.value == field.value));
            fields.push(DataField {
                data: id.clone(),
                name: field.value.clone(),
                reserved: domain::Field::named(&format!("{id}.{}", field.value)),
                statutory: category.map(|(_, category)| category.clone()),
            });
        }
    }
    Some(fields)
}

fn promise_of(site: &Site<'_>, promise: &crate::syntax::PromiseSection) -> Option<Promise> {
    let id = promise.number.get()?.clone();
    Some(Promise {
        title: translated(site, &promise.title).unwrap_or_else(|| Translated::only(id.clone())),
        rules: promise.rules.get()?.iter().map(|rule| domain::Id::parse(&rule.value).ok()).collect::<Option<_>>()?,
        id,
    })
}

/// The words in every language that has them and is named, the default first.
fn words(site: &Site<'_>, languages: &[Language]) -> Option<Vec<Words>> {
    let (default_at, _) = site.default_words()?;
    let mut words = vec![words_of(site, default_at, languages.first()?)?];
    for language in &languages[1..] {
        if let Some(at) = site.sources.words.iter().position(|(written, _)| written.as_ref() == Some(language)) {
            words.push(words_of(site, at, language)?);
        }
    }
    Some(words)
}

fn words_of(site: &Site<'_>, at: usize, language: &Language) -> Option<Words> {
    let document: &WordsDocument = &site.words[at];
    let clause = |text: &crate::syntax::TaggedText| {
        let tags = text.tags.iter().filter_map(|tag| domain::Id::parse(&tag.value).ok()).collect();
        Clause { text: text.text.clone(), tags, span: text.span.clone() }
    };
    Some(Words {
        language: language.clone(),
        title: document.title.clone().unwrap_or_else(|| DEFAULT_TITLE.to_owned()),
        source: site.sources.words[at].1.text.clone(),
        markdown: document.markdown.clone(),
        clauses: document.tagged.iter().map(clause).collect(),
        blocks: document.blocks.clone(),
    })
}

/// A text in the default language first.
fn translated(site: &Site<'_>, text: &Entry<Translations>) -> Option<Translated> {
    text.get().map(|text| translate(site, text))
}

fn translate(site: &Site<'_>, text: &Translations) -> Translated {
    let default = site.default_language();
    let others = match text {
        Translations::Plain(_) => Vec::new(),
        Translations::ByLanguage(texts) => texts
            .iter()
            .filter(|(language, _)| language.value.as_str() != default)
            .map(|(language, text)| (language.value.clone(), text.clone()))
            .collect(),
    };
    Translated { default: text.in_default(default).to_owned(), others }
}

/// A title, or the id in words: `access-log` is "Access log".
fn title(site: &Site<'_>, text: &Entry<Translations>, id: &domain::Id) -> Translated {
    translated(site, text).unwrap_or_else(|| {
        let words = id.as_str().replace('-', " ");
        let mut letters = words.chars();
        Translated::only(letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect::<String>()))
    })
}
