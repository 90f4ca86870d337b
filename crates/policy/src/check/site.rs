use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use domain::{Act, Basis, Id, RecipientKind, Span, Version};
use jiff::civil::Date;

use super::finding::PromiseReport;
use crate::diff::Changes;
use crate::model::{ChoiceDefaults, StoreKind, StoreUrl};
use crate::syntax::{
    ChoicesSection, Entry, NeverSection, RecipientSection, Rule, Rules, SiteSources, Spanned, Translations, UseSection, WordsDocument,
    read_rules, read_words,
};

/// What a check has to be told, because the policy's rooms know no clock, no disk and no network.
#[derive(Clone, Copy)]
pub struct Circumstances<'c> {
    /// The Revised date of a folder that was never published.
    pub today: Date,
    /// The version the folder is published as. None decides as version 1.
    pub edition: Option<Edition>,
    pub history: &'c History,
    pub limits: Limits,
    /// Tries whether stores can be reached. None leaves them untried.
    pub stores: Option<&'c dyn StoreProbe>,
}

/// What publication adds to a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    pub version: Version,
    pub revised: Date,
    /// As [`SiteSources::hash`] says it.
    pub hash: [u8; 32],
}

/// What earlier versions said. A rule that is not named here is as old as the policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Purposes by the version of their last material change.
    pub purposes_changed: Vec<(Id, Version)>,
    /// Uses by the version that brought their purpose or a recipient to their data.
    pub uses_brought: Vec<(Id, Version)>,
}

impl History {
    /// Takes in what a version changed since the one before.
    pub fn add(&mut self, version: Version, changes: &Changes) {
        let note = |known: &mut Vec<(Id, Version)>, ids: &[Id]| {
            known.retain(|(id, _)| !ids.contains(id));
            known.extend(ids.iter().map(|id| (id.clone(), version)));
        };
        note(&mut self.purposes_changed, &changes.purposes_changed_materially);
        note(&mut self.uses_brought, &changes.uses_reaching_further);
    }
}

/// Numbers that come from guidance rather than from a statute's text, and may have to be set otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Access logs: guidance of European authorities allows 6 to 12 months.
    pub access_log_days: u16,
    /// Audience cookies that need no consent live 13 months.
    pub visitor_cookie_days: u16,
}

impl Default for Limits {
    fn default() -> Self {
        // The longest 12 and the longest 13 months there are.
        Self { access_log_days: 366, visitor_cookie_days: 397 }
    }
}

/// Tries to reach a store.
pub trait StoreProbe {
    /// An error is why it cannot be reached, in words that name no password.
    fn reach(&self, kind: StoreKind, url: &StoreUrl) -> Result<(), String>;
}

const NO_HISTORY: &History = &History { purposes_changed: Vec::new(), uses_brought: Vec::new() };

impl Circumstances<'static> {
    /// A folder on its own.
    pub fn of(today: Date) -> Self {
        Self { today, edition: None, history: NO_HISTORY, limits: Limits::default(), stores: None }
    }
}

impl fmt::Debug for Circumstances<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Circumstances").field("today", &self.today).field("edition", &self.edition).finish_non_exhaustive()
    }
}

/// A site folder as every rule of the checker sees it.
pub(crate) struct Site<'s> {
    pub(crate) sources: &'s SiteSources,
    pub(crate) circumstances: &'s Circumstances<'s>,
    pub(crate) rules: Rules,
    /// In the order of the sources.
    pub(crate) words: Vec<WordsDocument>,
    /// Every declared field, as (data, field).
    pub(crate) fields: Vec<(String, String)>,
}

/// Whom a `never` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressee {
    Kind(RecipientKind),
    /// The place in [`Rules::recipients`].
    Recipient(usize),
}

impl<'s> Site<'s> {
    pub(crate) fn read(sources: &'s SiteSources, circumstances: &'s Circumstances<'s>) -> Self {
        let rules = read_rules(&sources.rules.text);
        let words = sources.words.iter().map(|(_, file)| read_words(&file.text)).collect();
        let mut fields = Vec::new();
        for data in &rules.data {
            if let (Some(id), Some(names)) = (data.id.get(), data.fields.get()) {
                fields.extend(names.iter().map(|name| (id.to_string(), name.value.clone())));
            }
        }
        Self { sources, circumstances, rules, words, fields }
    }

    pub(crate) fn file_order(&self, file: &str) -> usize {
        self.sources.words.iter().position(|(_, words)| words.name == file).map_or(0, |at| at + 1)
    }

    /// `en`, unless the policy says otherwise.
    pub(crate) fn default_language(&self) -> &str {
        self.languages().first().map_or("en", |language| language.value.as_str())
    }

    pub(crate) fn languages(&self) -> &[Spanned<domain::Language>] {
        self.rules.policy.as_ref().and_then(|policy| policy.languages.get()).map_or(&[], Vec::as_slice)
    }

    /// The words in the default language, by their place in [`Site::words`].
    pub(crate) fn default_words(&self) -> Option<(usize, &WordsDocument)> {
        let at = self.sources.words.iter().position(|(language, _)| language.is_none())?;
        Some((at, &self.words[at]))
    }

    /// Whether a tag of the default language names it.
    pub(crate) fn is_named(&self, id: &str) -> bool {
        self.default_words().is_some_and(|(_, words)| words.names(id))
    }

    /// The fields a name stands for, by their place in [`Site::fields`]. None is a name that nothing declares.
    pub(crate) fn fields_named(&self, name: &str) -> Option<BTreeSet<usize>> {
        let (data, field) = name.split_once('.')?;
        let section = self.rules.data.iter().find(|section| section.is(data))?;
        let fields: BTreeSet<usize> =
            (0..self.fields.len()).filter(|at| self.fields[*at].0 == data && (field == "*" || self.fields[*at].1 == field)).collect();
        (!fields.is_empty() || field == "*" || section.fields.get().is_none()).then_some(fields)
    }

    /// All the fields of a `data = [...]`; names that nothing declares are left out.
    pub(crate) fn fields_in(&self, data: &Entry<Vec<Spanned<String>>>) -> BTreeSet<usize> {
        data.get().into_iter().flatten().filter_map(|name| self.fields_named(&name.value)).flatten().collect()
    }

    pub(crate) fn addressee(&self, name: &str) -> Option<Addressee> {
        const KINDS: [RecipientKind; 5] =
            [RecipientKind::Us, RecipientKind::Affiliate, RecipientKind::Processor, RecipientKind::ThirdParty, RecipientKind::Authority];
        let kind = KINDS.into_iter().find(|kind| kind.name() == name).map(Addressee::Kind);
        kind.or_else(|| self.rules.recipients.iter().position(|recipient| recipient.is(name)).map(Addressee::Recipient))
    }

    /// Every text that may be translated.
    pub(crate) fn translations(&self) -> Vec<&Spanned<Translations>> {
        let rules = &self.rules;
        let mut texts = Vec::new();
        texts.extend(rules.purposes.iter().flat_map(|purpose| [&purpose.title, &purpose.means, &purpose.compelling]));
        texts.extend(rules.uses.iter().flat_map(|rule| [&rule.title, &rule.balancing]));
        texts.extend(rules.nevers.iter().map(|never| &never.title));
        texts.extend(rules.recipients.iter().map(|recipient| &recipient.does));
        texts.extend(rules.duties.iter().map(|duty| &duty.title));
        texts.extend(rules.promises.iter().map(|promise| &promise.title));
        texts.extend(rules.preferences.iter().map(|preference| &preference.title));
        let in_lists = rules.cookies.iter().filter_map(|cookie| cookie.needed_for.get()).flatten();
        texts.into_iter().filter_map(Entry::spanned).chain(in_lists).collect()
    }

    /// How long nobody is asked again after a no, and after opting out.
    pub(crate) fn ask_again(&self) -> [Span; 2] {
        let usual = ChoiceDefaults::default();
        let said =
            |entry: fn(&ChoicesSection) -> &Entry<Span>| self.rules.choices.as_ref().and_then(|choices| entry(choices).get().copied());
        [
            said(|choices| &choices.ask_again).unwrap_or(usual.ask_again),
            said(|choices| &choices.ask_again_after_opt_out).unwrap_or(usual.ask_again_after_opt_out),
        ]
    }

    /// Whether somebody can say no to a purpose, as [`crate::cookie::refusable`] says of a whole policy.
    pub(crate) fn can_be_refused(&self, purpose: &str) -> bool {
        let is_open = self.rules.purpose(purpose).is_some_and(|purpose| purpose.compelling.is_absent() || purpose.marketing.is_true());
        self.rules.uses.iter().filter(|rule| rule.is_for(purpose)).any(|rule| match rule.basis.get() {
            Some(Basis::Consent) => true,
            Some(Basis::LegitimateInterests) => is_open,
            Some(Basis::Contract | Basis::LegalObligation | Basis::VitalInterests) | None => false,
        })
    }

    pub(crate) fn promises(&self) -> Vec<PromiseReport> {
        let report = |promise: &crate::syntax::PromiseSection| {
            let id = promise.number.get()?.clone();
            let rules: Vec<String> = promise.rules.get().into_iter().flatten().map(|rule| rule.value.clone()).collect();
            let tagged = self.default_words().map_or(&[][..], |(_, words)| &words.tagged);
            let words = tagged.iter().filter(|text| text.tags.iter().any(|tag| rules.contains(&tag.value))).map(|text| text.text.clone());
            Some(PromiseReport {
                title: promise.title.get().map_or_else(|| id.clone(), |title| title.in_default(self.default_language()).to_owned()),
                words: words.collect(),
                id,
                rules,
            })
        };
        self.rules.promises.iter().filter_map(report).collect()
    }
}

impl WordsDocument {
    pub(crate) fn names(&self, id: &str) -> bool {
        self.tagged.iter().any(|text| text.tags.iter().any(|tag| tag.value == id))
    }
}

impl Translations {
    /// The text in the default language; empty where there is none, which is an error of its own.
    pub(crate) fn in_default(&self, default: &str) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::ByLanguage(texts) => {
                texts.iter().find(|(language, _)| language.value.as_str() == default).map_or("", |(_, text)| text.as_str())
            }
        }
    }
}

impl UseSection {
    /// Whether we receive the data ourselves.
    pub(crate) fn is_for_us(&self) -> bool {
        match self.recipients.get() {
            None => true,
            Some(names) => names.is_empty() || names.iter().any(|name| name.value == "us"),
        }
    }

    /// The others who receive it, as far as they are declared.
    pub(crate) fn receivers<'r>(&self, rules: &'r Rules) -> Vec<&'r RecipientSection> {
        self.recipients.get().into_iter().flatten().filter_map(|name| rules.recipient(&name.value)).collect()
    }

    pub(crate) fn act(&self) -> Act {
        let others = self.recipients.get().is_some_and(|names| names.iter().any(|name| name.value != "us"));
        self.act.get().copied().unwrap_or(if others { Act::Share } else { Act::Process })
    }

    pub(crate) fn is_for(&self, purpose: &str) -> bool {
        self.purpose.get().is_some_and(|name| name == purpose)
    }
}

impl NeverSection {
    /// Whom it names, as far as they are declared. Without `to` it is everybody.
    ///
    /// An affiliate that is a company of its own is a third party under Cal. Civ. Code 1798.83, so a promise about third parties covers it.
    pub(crate) fn addressees(&self, site: &Site<'_>) -> Vec<Addressee> {
        const EVERYBODY: [&str; 5] = ["us", "affiliate", "processor", "third-party", "authority"];
        let mut named: Vec<Addressee> = match self.to.get() {
            None => EVERYBODY.iter().filter_map(|name| site.addressee(name)).collect(),
            Some(names) => names.iter().filter_map(|name| site.addressee(&name.value)).collect(),
        };
        let affiliates = Addressee::Kind(RecipientKind::Affiliate);
        if named.contains(&Addressee::Kind(RecipientKind::ThirdParty)) && !named.contains(&affiliates) {
            named.push(affiliates);
        }
        named
    }
}

/// The place of a value, or of the table it is absent from.
pub(crate) fn place_of<T>(entry: &Entry<T>, header: &Range<usize>) -> Range<usize> {
    entry.spanned().map_or_else(|| header.clone(), |found| found.span.clone())
}
