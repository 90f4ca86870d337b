//! The vocabulary of `policy.toml`. The doc comments here are its reference.

use domain::{Act, Basis, Keep, Language, LegalReading, RecipientKind, Region, Span};
use jiff::tz::TimeZone;

use super::forms::EraseForm;
use super::forms::{AgeingRow, ChoicesByRegion, ContactForm, HideForm, Owners, Statutory, StoreUrlForm, Translations};
use super::place::Spanned;
use super::reader::{Entry, Section, sections};
pub(crate) use super::values::CookiePart;
use crate::model::{DoNotTrack, DutyKind, Guardians, NoticeForm, StoreKind};

sections! {
    /// Who is responsible, for whom, and where.
    single PolicySection = "[policy]" {
        /// Who decides why and how data is used.
        "controller" controller: String,
        /// Where people reach the controller.
        "contact" contact: ContactForm,
        /// The languages of the policy; the first is the default. Without it, `en`.
        "languages" languages: Vec<Spanned<Language>>,
        /// Whose laws it is written for.
        "jurisdictions" jurisdictions: Vec<Spanned<Region>>,
        /// Where legal clocks run and days begin. Without it, `UTC`.
        "time_zone" time_zone: TimeZone,
        /// The age from which people may use the site.
        "minimum_age" minimum_age: u8,
        /// Whether a guardian may register a minor. Without it, `refuse`.
        "guardians" guardians: Guardians,
        /// What happens when a browser sends Do Not Track.
        "do_not_track" do_not_track: DoNotTrack,
        /// Whether others may follow people from this site to others. Without it, `false`.
        "cross_site_tracking" cross_site_tracking: bool,
    }

    /// How material changes are announced.
    single NoticeSection = "[notice]" {
        /// By a banner on every page, by mail, or both.
        "material" material: Vec<Spanned<NoticeForm>>,
        /// For how many days the banner is shown. Without it, 30.
        "banner_days" banner_days: u16,
    }

    /// What an unmade choice means for a purpose on legitimate interests. Consent always needs a yes.
    single ChoicesSection = "[choices]" {
        /// Per region: `ask` is off until somebody says yes, `opt-out` is on until somebody says no. Where nothing is said, `ask`.
        "default" default: ChoicesByRegion,
        /// How long nobody is asked again after a no. Without it, 6 months.
        "ask_again" ask_again: Span,
        /// How long nobody is asked again after opting out: after a no where `default` is `opt-out`, or by `Sec-GPC: 1`. Without it, 12 months.
        "ask_again_after_opt_out" ask_again_after_opt_out: Span,
    }

    /// A kind of personal data. `visit` and `account` are Candor's own and have reserved fields; others are the site's.
    keyed DataSection = "[data.NAME]" {
        /// What is kept. What is not declared is not kept.
        "fields" fields: Vec<Spanned<String>>,
        /// For how long.
        "keep" keep: Keep,
        /// Fields that lose detail before that.
        "ageing" ageing: Vec<Spanned<AgeingRow>>,
        /// Which statutory category a field is of.
        "statutory" statutory: Statutory,
    }

    /// What data is used for.
    keyed PurposeSection = "[purpose.ID]" {
        /// What people read where they choose. Without it, the id in words.
        "title" title: Translations,
        /// What it means for whoever chooses, in a sentence or two.
        "means" means: Translations,
        /// It is marketing: never for minors, and `Sec-GPC` opts out of it.
        "marketing" marketing: bool,
        /// It shows different people different things: never for minors.
        "personalises" personalises: bool,
        /// It goes on for restricted data (GDPR Art. 18(2)).
        "legal" legal: bool,
        /// Why it stands against an objection (GDPR Art. 21(1)); never for marketing.
        "compelling" compelling: Translations,
    }

    /// Some data, used for a purpose, on a legal basis.
    listed UseSection = "[[use]]" {
        /// What people read. Without it, the id in words.
        "title" title: Translations,
        /// Fields, as `visit.ip`, or all of a kind, as `visit.*`.
        "data" data: Vec<Spanned<String>>,
        /// The purpose it is for.
        "purpose" purpose: String,
        /// The legal basis (GDPR Art. 6(1)).
        "basis" basis: Basis,
        /// Why our interest outweighs the person's, for `legitimate-interests`.
        "balancing" balancing: Translations,
        /// How the law reads the policy's wider word, for `vital-interests`.
        "reading" reading: LegalReading,
        /// The agreement it fulfils, for `contract`. Without it, the account.
        "agreement" agreement: String,
        /// Who receives the data: `us`, or ids of recipients. Without it, `us`.
        "recipients" recipients: Vec<Spanned<String>>,
        /// What is done with it. Without it, `process`, or `share` where others receive.
        "act" act: Act,
    }

    /// What is never done. It beats every use.
    listed NeverSection = "[[never]]" {
        /// What people read. Without it, the id in words.
        "title" title: Translations,
        /// Fields, as `account.email`, or all of a kind, as `account.*`.
        "data" data: Vec<Spanned<String>>,
        /// What is never done with it.
        "acts" acts: Vec<Spanned<Act>>,
        /// To whom: kinds or ids of recipients. `third-party` covers affiliates too. Without it, to anybody.
        "to" to: Vec<Spanned<String>>,
    }

    /// Somebody else who receives data.
    listed RecipientSection = "[[recipient]]" {
        /// What they are to us.
        "kind" kind: RecipientKind,
        /// Their name.
        "name" name: String,
        /// Their postal address; not needed for an authority.
        "address" address: String,
        /// Whether they get data for their own direct marketing. Without it, `false`.
        "direct_marketing" direct_marketing: bool,
        /// What they do, where the name does not say it.
        "does" does: Translations,
    }

    /// What the site does, or lets people do.
    listed DutySection = "[[duty]]" {
        /// Which of the duties Candor carries out.
        "kind" kind: DutyKind,
        /// What people read. Without it, the id in words.
        "title" title: Translations,
    }

    /// A promise an auditor counts, and the rules that keep it.
    single PromiseSection = "[[promise]]" {
        /// Its number or name, free text.
        "id" number: String,
        /// What is promised.
        "title" title: Translations,
        /// The ids of the rules that keep it.
        "rules" rules: Vec<Spanned<String>>,
    }

    /// A cookie: one of the site's by `name`, or a part of Candor's own signed cookies by `holds`.
    listed CookieSection = "[[cookie]]" {
        /// The name of the site's cookie, where `*` stands for anything.
        "name" name: String,
        /// Which part of Candor's own cookie it is.
        "holds" holds: CookiePart,
        /// The purpose it is for.
        "purpose" purpose: String,
        /// How long it lives; 400 days at most.
        "keep" keep: Span,
        /// The features that stop without it.
        "needed_for" needed_for: Vec<Spanned<Translations>>,
    }

    /// A third party's script, frame, image or style.
    listed ResourceSection = "[[resource]]" {
        /// Its address, where `*` stands for anything.
        "match" matches: String,
        /// The purpose it is for.
        "purpose" purpose: String,
        /// Who receives what the browser sends along.
        "recipient" recipient: String,
    }

    /// What the preference cookie may hold.
    keyed PreferenceSection = "[preference.ID]" {
        /// What people read. Without it, the id in words.
        "title" title: Translations,
        /// The values it may have, 64 characters each at most.
        "values" values: Vec<Spanned<String>>,
    }

    /// Another place where people's data lives.
    listed StoreSection = "[[store]]" {
        /// What it is.
        "kind" kind: StoreKind,
        /// Where it is.
        "url" url: StoreUrlForm,
        /// Its tables, each as `[[store.table]]`.
        "table" tables: Tables,
    }

    /// A table that holds people's data.
    single TableSection = "[[store.table]]" {
        /// Its name.
        "name" name: String,
        /// The column that says whose a row is; several where a row has several owners.
        "person" person: Owners,
        /// What erasing a person does to their rows.
        "erase" erase: EraseForm,
        /// Where the public sees a row, with columns in braces, as `/posts/{slug}`.
        "url" url: String,
        /// What hides a row from the public.
        "hide" hide: HideForm,
    }
}

/// `[[store.table]]`, one after another.
#[derive(Clone, Debug)]
pub(crate) struct Tables(pub(crate) Vec<TableSection>);

impl CookieSection {
    /// What a person calls it in an error message.
    pub(crate) fn called(&self) -> String {
        match (self.id.get(), self.name.get()) {
            (Some(id), _) => format!("the cookie `{id}`"),
            (None, Some(name)) => format!("the cookie `{name}`"),
            (None, None) => "this cookie".to_owned(),
        }
    }
}

/// A rule that has an id.
pub(crate) trait Rule: Section {
    const KIND: &'static str;
    fn id(&self) -> &Entry<domain::Id>;

    /// What a person calls it in an error message.
    fn called(&self) -> String {
        match self.id().get() {
            Some(id) => format!("the {} `{id}`", Self::KIND),
            None => format!("this {}", Self::KIND),
        }
    }

    /// Whether it goes by this name.
    fn is(&self, name: &str) -> bool {
        self.id().get().is_some_and(|id| *id == *name)
    }
}

macro_rules! rules {
    ($($section:ty: $kind:literal;)+) => { $(
        impl Rule for $section {
            const KIND: &'static str = $kind;

            fn id(&self) -> &Entry<domain::Id> {
                &self.id
            }
        }
    )+ };
}

rules! {
    DataSection: "data";
    PurposeSection: "purpose";
    UseSection: "use";
    NeverSection: "never rule";
    RecipientSection: "recipient";
    DutySection: "duty";
    CookieSection: "cookie";
    ResourceSection: "resource";
    PreferenceSection: "preference";
    StoreSection: "store";
}
