use domain::{Act, Basis, Field, Id, Keep, LegalReading, RecipientKind, Region, Span, Translated, Version};

use super::{CookieName, Policy, ResourceUrl};
use crate::{Index, Set};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub email: String,
    pub address: String,
}

/// What happens where a guardian speaks for a minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guardians {
    Refuse,
    Register,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoNotTrack {
    Honoured,
    NotHonoured,
}

/// How material changes are announced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    pub material: Vec<NoticeForm>,
    pub banner_days: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeForm {
    Banner,
    Mail,
}

impl NoticeForm {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Banner => "banner",
            Self::Mail => "mail",
        }
    }
}

/// What an unmade choice means for a purpose on legitimate interests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChoiceDefault {
    /// Off until somebody says yes.
    #[default]
    Ask,
    /// On until somebody says no.
    OptOut,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceDefaults {
    /// `*` is [`Region::UNKNOWN`].
    pub by_region: Vec<(Region, ChoiceDefault)>,
    /// How long nobody is asked again after a no.
    pub ask_again: Span,
    /// How long nobody is asked again after an opt-out.
    pub ask_again_after_opt_out: Span,
}

/// Asking after 6 months is what European authorities recommend; Cal. Civ. Code 1798.135(c)(4) asks for 12.
impl Default for ChoiceDefaults {
    fn default() -> Self {
        Self { by_region: Vec::new(), ask_again: Span::months(6), ask_again_after_opt_out: Span::months(12) }
    }
}

impl ChoiceDefaults {
    /// The narrowest entry that covers the place; where nothing is said, ask.
    pub fn in_region(&self, region: Region) -> ChoiceDefault {
        self.by_region
            .iter()
            .filter(|(place, _)| place.is_unknown() || region.is_in(*place))
            .max_by_key(|(place, _)| place.narrowness())
            .map_or(ChoiceDefault::Ask, |(_, default)| *default)
    }
}

/// One `[data.NAME]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    pub id: Id,
    pub keep: Keep,
    pub ageing: Vec<Ageing>,
}

/// One field of one `[data.NAME]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataField {
    pub data: Id,
    pub name: String,
    /// The field of Candor's own that this is, where it is one.
    pub reserved: Option<Field>,
    /// Its category of Cal. Civ. Code 1798.83, if any.
    pub statutory: Option<String>,
}

/// A field that loses detail with time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ageing {
    pub field: String,
    pub after: Span,
    pub become_: AgeingForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgeingForm {
    /// An address of its network only: /24, or /48.
    Truncated,
    /// An address under format-preserving encryption.
    Encrypted,
    /// A browser's family only.
    Family,
    /// A referring page's origin only.
    Origin,
    /// Nothing.
    Gone,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    pub id: Id,
    pub title: Translated,
    /// What it means for the reader, for the choices page.
    pub describes: Option<Translated>,
    pub marketing: bool,
    pub personalises: bool,
    /// It goes on for restricted data.
    pub legal: bool,
    /// Why it stands against an objection, GDPR Art. 21(1).
    pub compelling: Option<Translated>,
    /// The last version that changed it materially: a consent to older words does not count.
    pub material_since: Version,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    pub id: Id,
    pub title: Translated,
    pub data: Set<DataField>,
    pub purpose: Index<Purpose>,
    pub basis: Basis,
    pub balancing: Option<Translated>,
    pub reading: Option<LegalReading>,
    /// The agreement of a use on the basis contract; none is the account.
    pub agreement: Option<Index<Agreement>>,
    /// Whether we ourselves are a recipient.
    pub for_us: bool,
    pub recipients: Set<Recipient>,
    pub act: Act,
    /// The version that brought this purpose or a recipient to this data: older data needs a fresh consent.
    pub since: Version,
}

/// What the policy promises never to do. A list left empty leaves nothing out: no acts are all acts, neither kinds nor recipients are everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Never {
    pub id: Id,
    pub title: Option<Translated>,
    pub data: Set<DataField>,
    pub acts: Vec<Act>,
    pub kinds: Vec<RecipientKind>,
    pub recipients: Set<Recipient>,
}

/// Who receives data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipients {
    pub us: bool,
    pub others: Set<Recipient>,
}

impl Use {
    pub const fn to(&self) -> Recipients {
        Recipients { us: self.for_us, others: self.recipients }
    }
}

impl Never {
    /// Whether it covers this: it shares any data with it, names the act, and names any of those who would receive it.
    pub fn forbids(&self, policy: &Policy, data: Set<DataField>, to: Recipients, act: Act) -> bool {
        let to_anybody = self.kinds.is_empty() && self.recipients.is_empty();
        let to_us = to.us && self.kinds.contains(&RecipientKind::Us);
        let kind_of = |other: Index<Recipient>| policy.recipients.get(other.get()).map(|recipient| recipient.kind);
        let to_others = || {
            to.others.iter().any(|other| self.recipients.contains(other) || kind_of(other).is_some_and(|kind| self.kinds.contains(&kind)))
        };
        self.data.intersects(data) && (self.acts.is_empty() || self.acts.contains(&act)) && (to_anybody || to_us || to_others())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    pub id: Id,
    pub kind: RecipientKind,
    pub name: String,
    pub address: Option<String>,
    pub direct_marketing: bool,
    pub does: Option<Translated>,
}

/// A name that contract uses can rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    pub id: Id,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    pub id: Id,
    pub kind: DutyKind,
    pub title: Translated,
}

macro_rules! duty_kinds {
    ($($variant:ident = $name:literal;)+) => {
        /// What the site does or lets people do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum DutyKind { $($variant),+ }

        impl DutyKind {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

duty_kinds! {
    Register = "register";
    RepresentAge = "represent-age";
    RefuseMinors = "refuse-minors";
    DeleteMinors = "delete-minors";
    ReportAMinor = "report-a-minor";
    SignCookies = "sign-cookies";
    CookiesOptional = "cookies-optional";
    Contact = "contact";
    Revise = "revise";
    AnnounceMaterialChanges = "announce-material-changes";
    KeepVersions = "keep-versions";
    Access = "access";
    Erasure = "erasure";
    Correction = "correction";
    Objection = "objection";
    Restriction = "restriction";
    Portability = "portability";
    OptOut = "opt-out";
    ShineTheLight = "shine-the-light";
    MinorContentRemoval = "minor-content-removal";
}

/// What an auditor counts. The id is free text, as `P20`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    pub id: String,
    pub title: Translated,
    pub rules: Vec<Id>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    pub id: Id,
    pub holds: CookieHolds,
    pub purpose: Index<Purpose>,
    pub keep: Span,
    pub needed_for: Vec<Translated>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CookieHolds {
    /// The site's own, by name.
    Site(CookieName),
    /// Parts of ours.
    Choices,
    Preferences,
    Visitor,
    Session,
}

/// A third party's script, frame, image or style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub id: Id,
    pub matches: ResourceUrl,
    pub purpose: Index<Purpose>,
    pub recipient: Index<Recipient>,
}

/// What the preference cookie may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preference {
    pub id: Id,
    pub title: Translated,
    pub values: Vec<String>,
}

/// Another place where people's data lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    pub id: Id,
    pub kind: StoreKind,
    pub url: Option<StoreUrl>,
    pub tables: Vec<Table>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    Postgres,
    Mysql,
    Sqlite,
    Webhook,
    Manual,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    Literal(String),
    Environment(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub people: Vec<OwnerLink>,
    /// Where the public sees a row, with `{column}` for its columns.
    pub url: Option<String>,
    pub hide: Option<HideRule>,
}

/// One way a row belongs to a person, and what erasing does to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerLink {
    pub link: PersonLink,
    pub erase: EraseRule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonLink {
    Email { column: String },
    Username { column: String },
    Account { column: String },
    Visitor { column: String },
    References { column: String, table: String, referenced: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EraseRule {
    Delete,
    Change { null: Vec<String>, set: Vec<(String, String)> },
    Keep { reason: String },
}

/// What hides a row from the public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HideRule {
    pub set: Vec<(String, String)>,
}
