use domain::{Act, Basis, Id, Keep, Language, LegalReading, RecipientKind, Region, Span};
use jiff::tz::TimeZone;
use toml::de::DeValue;

use super::place::Spanned;
use super::problem::{list_in_words, nearest};
use super::reader::{Reader, TomlValue, Value};
use crate::model::{AgeingForm, ChoiceDefault, DoNotTrack, DutyKind, Guardians, NoticeForm, StoreKind};

impl Value for String {
    fn form() -> String {
        "a text".to_owned()
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                reader.unreadable(value.span(), "this text is empty", "write something, or leave the key out");
                None
            }
            DeValue::String(text) => Some(text.clone().into_owned()),
            _ => {
                reader.wrong_kind::<Self>(value);
                None
            }
        }
    }
}

impl Value for bool {
    fn form() -> String {
        "`true` or `false`".to_owned()
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        let found = value.get_ref().as_bool();
        if found.is_none() {
            reader.wrong_kind::<Self>(value);
        }
        found
    }
}

macro_rules! whole_numbers {
    ($($kind:ty),+) => { $(
        impl Value for $kind {
            fn form() -> String {
                format!("a whole number from 0 to {}", <$kind>::MAX)
            }

            fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
                let found = value.get_ref().as_integer().and_then(|number| <$kind>::from_str_radix(number.as_str(), number.radix()).ok());
                if found.is_none() {
                    reader.wrong_kind::<Self>(value);
                }
                found
            }
        }
    )+ };
}

whole_numbers!(u8, u16);

/// A list; what cannot be read of it is left out and reported.
impl<T: Value> Value for Vec<Spanned<T>> {
    fn form() -> String {
        format!("a list, each {}", T::form())
    }

    fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
        let Some(list) = value.get_ref().as_array() else {
            reader.wrong_kind::<Self>(value);
            return None;
        };
        let before = reader.problems.len();
        let read = list.iter().filter_map(|item| Some(Spanned::new(T::read(reader, item)?, item.span()))).collect();
        (reader.problems.len() == before).then_some(read)
    }
}

/// A text that is read as something else: an id, a length of time, a region.
macro_rules! read_from_text {
    ($($kind:ty: $form:literal, $read:expr;)+) => { $(
        impl Value for $kind {
            fn form() -> String {
                $form.to_owned()
            }

            fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
                let Some(text) = value.get_ref().as_str() else {
                    reader.wrong_kind::<Self>(value);
                    return None;
                };
                let read: fn(&str) -> Option<Self> = $read;
                let found = read(text);
                if found.is_none() {
                    reader.unreadable(value.span(), format!("`{text}` cannot be read here"), format!("it has to be {}", Self::form()));
                }
                found
            }
        }
    )+ };
}

read_from_text! {
    Id: "an id: small letters, digits and single hyphens, a letter first, 64 at most, as `access-log`", |text| Id::parse(text).ok();
    Keep: "a length of time, as `30 days` or `13 months`, or `while registered`", |text| Keep::parse(text).ok();
    Span: "a length of time, as `30 days`, `13 months` or `1 year`", |text| Span::parse(text).ok();
    Region: "a region: a country or its part, as `DE` or `us-ca`, or `eu`", |text| Region::parse(text).filter(|region| !region.is_unknown());
    Language: "a language tag, as `en` or `es`", Language::parse;
    TimeZone: "a time zone of the IANA database, as `America/Los_Angeles`", |text| TimeZone::get(text).ok();
}

/// One word out of a few.
pub(crate) trait Word: Copy + 'static {
    fn words() -> Vec<(&'static str, Self)>;
}

macro_rules! words {
    ($($kind:ty: $words:expr;)+) => { $(
        impl Word for $kind {
            fn words() -> Vec<(&'static str, Self)> {
                $words.into()
            }
        }

        impl Value for $kind {
            fn form() -> String {
                let names: Vec<&str> = Self::words().into_iter().map(|(name, _)| name).collect();
                list_in_words(&names, "or")
            }

            fn read(reader: &mut Reader, value: &TomlValue<'_>) -> Option<Self> {
                let Some(text) = value.get_ref().as_str() else {
                    reader.wrong_kind::<Self>(value);
                    return None;
                };
                read_word(reader, value, text)
            }
        }
    )+ };
}

fn read_word<W: Word + Value>(reader: &mut Reader, value: &TomlValue<'_>, text: &str) -> Option<W> {
    let found = W::words().into_iter().find(|(name, _)| *name == text).map(|(_, word)| word);
    if found.is_none() {
        let meant = nearest(text, W::words().into_iter().map(|(name, _)| name));
        let meant = meant.map_or(String::new(), |meant| format!("did you mean `{meant}`? "));
        reader.unreadable(value.span(), format!("`{text}` cannot be read here"), format!("{meant}it has to be {}", W::form()));
    }
    found
}

words! {
    Basis: Basis::ALL.map(|basis| (basis.name(), basis));
    Act: Act::ALL.map(|act| (act.name(), act));
    LegalReading: [("legitimate-interests", LegalReading::LegitimateInterests), ("legal-claims", LegalReading::LegalClaims)];
    RecipientKind: [RecipientKind::Affiliate, RecipientKind::Processor, RecipientKind::ThirdParty, RecipientKind::Authority]
        .map(|kind| (kind.name(), kind));
    Guardians: [("refuse", Guardians::Refuse), ("register", Guardians::Register)];
    DoNotTrack: [("honoured", DoNotTrack::Honoured), ("not-honoured", DoNotTrack::NotHonoured)];
    NoticeForm: [("banner", NoticeForm::Banner), ("mail", NoticeForm::Mail)];
    ChoiceDefault: [("ask", ChoiceDefault::Ask), ("opt-out", ChoiceDefault::OptOut)];
    DutyKind: DutyKind::ALL.iter().map(|kind| (kind.name(), *kind)).collect::<Vec<_>>();
    AgeingForm: [
        ("truncated", AgeingForm::Truncated),
        ("encrypted", AgeingForm::Encrypted),
        ("family", AgeingForm::Family),
        ("origin", AgeingForm::Origin),
        ("gone", AgeingForm::Gone),
    ];
    StoreKind: [
        ("postgres", StoreKind::Postgres),
        ("mysql", StoreKind::Mysql),
        ("sqlite", StoreKind::Sqlite),
        ("webhook", StoreKind::Webhook),
        ("manual", StoreKind::Manual),
    ];
    CookiePart: [
        ("choices", CookiePart::Choices),
        ("preferences", CookiePart::Preferences),
        ("visitor", CookiePart::Visitor),
        ("session", CookiePart::Session),
    ];
}

/// What a part of our own cookie holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CookiePart {
    Choices,
    Preferences,
    Visitor,
    Session,
}
