//! The policy as the program runs it: every name resolved to a place in a table, every word read.

mod clause;
mod cookie_name;
mod pattern;
mod resource_url;
mod rules;

pub use clause::{Clause, Words, WordsBlock};
pub use cookie_name::CookieName;
pub use resource_url::ResourceUrl;
pub use rules::{
    Ageing, AgeingForm, Agreement, ChoiceDefault, ChoiceDefaults, Contact, Cookie, CookieHolds, Data, DataField, DoNotTrack, Duty,
    DutyKind, EraseRule, Guardians, HideRule, Never, Notice, NoticeForm, OwnerLink, PersonLink, Preference, Promise, Purpose, Recipient,
    Recipients, Resource, Store, StoreKind, StoreUrl, Table, Use,
};

use domain::{Act, FieldSet, Id, Language, Region, Translated, Version};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::{Index, Set};

/// A policy without a single finding of severity error. It is immutable, and shared behind an `Arc`.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The number it is published under; an unpublished folder decides as version 1.
    pub version: Version,
    /// The day it was published, in its own time zone.
    pub revised: Date,
    /// SHA-256 of the words and the rules.
    pub hash: [u8; 32],

    pub controller: String,
    pub contact: Contact,
    /// The first is the default.
    pub languages: Vec<Language>,
    pub jurisdictions: Vec<Region>,
    pub time_zone: TimeZone,
    pub minimum_age: u8,
    pub guardians: Guardians,
    pub do_not_track: DoNotTrack,
    pub cross_site_tracking: bool,
    pub notice: Notice,
    pub choice_defaults: ChoiceDefaults,

    /// Every declared field of every `[data.…]`, in order. Rules hold sets of these.
    pub fields: Vec<DataField>,
    pub data: Vec<Data>,
    pub purposes: Vec<Purpose>,
    pub uses: Vec<Use>,
    pub nevers: Vec<Never>,
    pub recipients: Vec<Recipient>,
    pub agreements: Vec<Agreement>,
    pub duties: Vec<Duty>,
    pub promises: Vec<Promise>,
    pub cookies: Vec<Cookie>,
    pub resources: Vec<Resource>,
    pub preferences: Vec<Preference>,
    pub stores: Vec<Store>,

    /// The words, one entry a language, the default first.
    pub words: Vec<Words>,
}

macro_rules! tables {
    ($($named:ident, $get:ident: $table:ident of $kind:ty;)+) => {
        impl Policy {
            $(
                pub fn $get(&self, index: Index<$kind>) -> &$kind {
                    &self.$table[index.get()]
                }

                pub fn $named(&self, id: &str) -> Option<Index<$kind>> {
                    self.$table.iter().position(|rule| rule.id == *id).map(Index::new)
                }
            )+
        }
    };
}

tables! {
    purpose_named, purpose: purposes of Purpose;
    use_named, the_use: uses of Use;
    recipient_named, recipient: recipients of Recipient;
    agreement_named, agreement: agreements of Agreement;
    cookie_named, cookie: cookies of Cookie;
    resource_named, resource: resources of Resource;
}

impl Policy {
    pub fn field(&self, index: Index<DataField>) -> &DataField {
        &self.fields[index.get()]
    }

    /// The field a policy writes as `visit.ip`.
    pub fn field_named(&self, name: &str) -> Option<Index<DataField>> {
        let (data, field) = name.split_once('.')?;
        self.fields.iter().position(|known| known.data == *data && known.name == field).map(Index::new)
    }

    /// What Candor itself may keep of these.
    pub fn reserved(&self, fields: Set<DataField>) -> FieldSet {
        fields.iter().filter_map(|field| self.field(field).reserved).collect()
    }

    /// The use that visits are logged for: the first one that keeps data of `visit`. Without it nothing personal is recorded.
    pub fn access_log(&self) -> Option<Index<Use>> {
        self.uses.iter().position(|rule| self.keeps_visits(rule)).map(Index::new)
    }

    /// Whether a use keeps visits for ourselves, day by day. Processors may hold them for us; what is sold is not kept for us, and what needs a case
    /// looks at what others keep.
    pub fn keeps_visits(&self, rule: &Use) -> bool {
        rule.for_us && matches!(rule.act, Act::Process | Act::Share) && !rule.basis.needs_case() && !self.of_visits(rule.data).is_empty()
    }

    /// Those of these fields that belong to `visit`.
    pub fn of_visits(&self, fields: Set<DataField>) -> Set<DataField> {
        fields.iter().filter(|field| self.field(*field).data == *"visit").collect()
    }

    /// The first `never` that covers this.
    pub fn never_against(&self, data: Set<DataField>, to: Recipients, act: Act) -> Option<&Never> {
        self.nevers.iter().find(|never| never.forbids(self, data, to, act))
    }

    /// The words in that language, or in the default one.
    pub fn words_in(&self, language: &str) -> &Words {
        self.words.iter().find(|words| words.language.as_str() == language).unwrap_or(&self.words[0])
    }

    /// The sentence people read that makes this rule a promise, in the default language; empty for a rule that needs no words.
    pub fn clause(&self, rule: &Id) -> &str {
        let mut clauses = self.words.first().into_iter().flat_map(|words| &words.clauses);
        clauses.find(|clause| clause.tags.contains(rule)).map_or("", |clause| &clause.text)
    }

    pub fn default_language(&self) -> &Language {
        &self.languages[0]
    }

    pub fn title(&self, index: Index<Purpose>) -> &Translated {
        &self.purpose(index).title
    }
}
