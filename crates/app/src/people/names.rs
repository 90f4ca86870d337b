//! Which e-mail addresses and usernames there can be, and when two of them are one.

use domain::Field;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use policy::Sealed;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use precis_profiles::{OpaqueString, UsernameCaseMapped, UsernameCasePreserved};
use records::Findable;
use unicode_normalization::UnicodeNormalization;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection, skeleton};

/// A path of SMTP is 256 octets with its angle brackets (RFC 5321, section 4.5.3.1.3).
pub const EMAIL_BYTES_MAX: usize = 254;

/// RFC 5321, section 4.5.3.1.1.
const LOCAL_BYTES_MAX: usize = 64;

pub const USERNAME_CHARACTERS_MIN: usize = 3;
pub const USERNAME_CHARACTERS_MAX: usize = 32;

/// Names that seem to speak for the site, or that RFC 2142 and others gave a meaning.
const RESERVED: [&str; 31] = [
    "abuse",
    "account",
    "admin",
    "administrator",
    "anonymous",
    "api",
    "candor",
    "contact",
    "guest",
    "help",
    "hostmaster",
    "info",
    "legal",
    "login",
    "mailerdaemon",
    "me",
    "moderator",
    "nobody",
    "noreply",
    "official",
    "owner",
    "postmaster",
    "privacy",
    "register",
    "root",
    "security",
    "staff",
    "support",
    "system",
    "team",
    "webmaster",
];

/// Why a text is no e-mail address that mail can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEmail {
    #[error("an e-mail address is missing")]
    Missing,
    #[error("an e-mail address has at most {EMAIL_BYTES_MAX} bytes")]
    TooLong,
    #[error("an e-mail address has a name, an `@` and a domain, as in `anna@example.org`")]
    Malformed,
    #[error("what stands after the `@` is no domain that mail can be sent to")]
    Domain,
}

/// Why nobody can have a username.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUsername {
    #[error("a username has {USERNAME_CHARACTERS_MIN} to {USERNAME_CHARACTERS_MAX} characters")]
    Length,
    #[error("a username is made of letters and digits, with `-`, `_` or `.` between them")]
    Characters,
    #[error("a username mixes no alphabets that look alike")]
    MixedScripts,
    #[error("the username seems to speak for the site")]
    Reserved,
}

/// Reads an e-mail address. Its domain is compared as DNS does, its local part bit for bit: only its own server knows which of them are one (RFC 5321,
/// section 2.4). That quoting which says nothing is none is said by the standard itself.
pub fn email(text: &str) -> Result<Findable, BadEmail> {
    let address = Sealed::new(Field::AccountEmail, address(text)?);
    Ok(Findable { shown: address.clone(), compared: address })
}

/// The address of somebody who asks something of us, and need not have an account.
pub fn email_of_a_request(text: &str) -> Result<Sealed<String>, BadEmail> {
    Ok(Sealed::new(Field::RequestEmail, address(text)?))
}

fn address(text: &str) -> Result<String, BadEmail> {
    let text = text.trim();
    if text.is_empty() {
        return Err(BadEmail::Missing);
    }
    if text.len() > EMAIL_BYTES_MAX {
        return Err(BadEmail::TooLong);
    }
    let (local, domain) = text.rsplit_once('@').ok_or(BadEmail::Malformed)?;
    let local = local_part(local)?;
    let domain = domain_part(domain)?;
    if local.len() > LOCAL_BYTES_MAX || local.len() + 1 + domain.len() > EMAIL_BYTES_MAX {
        return Err(BadEmail::TooLong);
    }
    Ok(format!("{local}@{domain}"))
}

/// Reads a username: shown as it was written, and compared without case and as it looks. `controller` is the name of whoever runs the site.
pub fn username(text: &str, controller: &str) -> Result<Findable, BadUsername> {
    let text = text.trim();
    // Whatever is far too long is not even looked at.
    if text.len() > USERNAME_CHARACTERS_MAX * 8 {
        return Err(BadUsername::Length);
    }
    let shown =
        UsernameCasePreserved::enforce(text).map_err(|_| if text.is_empty() { BadUsername::Length } else { BadUsername::Characters })?;
    if !(USERNAME_CHARACTERS_MIN..=USERNAME_CHARACTERS_MAX).contains(&shown.chars().count()) {
        return Err(BadUsername::Length);
    }
    let inside = |character: char| character.is_alphanumeric() || !character.is_ascii() || is_mark(character);
    let ends_plainly = |character: Option<char>| character.is_some_and(|character| !is_mark(character));
    if !shown.chars().all(inside) || !ends_plainly(shown.chars().next()) || !ends_plainly(shown.chars().last()) {
        return Err(BadUsername::Characters);
    }
    let mapped = UsernameCaseMapped::enforce(text).map_err(|_| BadUsername::Characters)?;
    match mapped.detect_restriction_level().max(shown.detect_restriction_level()) {
        RestrictionLevel::ASCIIOnly | RestrictionLevel::SingleScript | RestrictionLevel::HighlyRestrictive => {}
        RestrictionLevel::Unrestricted => return Err(BadUsername::Characters),
        _ => return Err(BadUsername::MixedScripts),
    }
    let compared = looks(&mapped);
    if is_reserved(&mapped, controller) {
        return Err(BadUsername::Reserved);
    }
    let sealed = |text: String| Sealed::new(Field::AccountUsername, text);
    Ok(Findable { shown: sealed(shown.into_owned()), compared: sealed(compared) })
}

/// What may stand between letters and digits.
const fn is_mark(character: char) -> bool {
    matches!(character, '-' | '_' | '.')
}

/// The same for all names that look alike: the skeleton of UTS 39, without case. A skeleton may hold a capital, as that of `0` does, so it is lowered and
/// taken again. Case being nothing, an `i` may be shown as the capital that looks like an `l`.
pub(crate) fn looks(mapped: &str) -> String {
    let once: String = skeleton(mapped).collect::<String>().to_lowercase();
    skeleton(&once).collect::<String>().to_lowercase().replace('i', "l")
}

/// Whether the whole of a name says one that is reserved, with or without a number behind it. Whatever only begins like one is anybody's.
fn is_reserved(mapped: &str, controller: &str) -> bool {
    let without_number = mapped.trim_end_matches(|character: char| character.is_numeric() || is_mark(character));
    let says = |name: &str, reserved: &str| {
        let name = spoken(name);
        // Neither a name of digits alone nor a controller of marks alone says anything.
        !name.is_empty() && name == spoken(reserved)
    };
    let is_said = |reserved: &str| says(mapped, reserved) || says(without_number, reserved);
    is_said(&controller.to_lowercase()) || RESERVED.into_iter().any(is_said)
}

/// A name as somebody reads it who is in a hurry: as it looks, without marks, two `v` for a `w`, and digits for the letters they stand for. That `rn` is an
/// `m`, `0` an `o` and `1` an `l` is in how it looks.
fn spoken(name: &str) -> String {
    let plain: String = looks(name).chars().filter(|character| character.is_alphanumeric()).collect();
    plain.replace("vv", "w").replace('3', "e").replace('4', "a").replace('5', "s")
}

/// A dot-atom or a quoted string (RFC 5321, section 4.1.2), with the letters of all languages (RFC 6531), in the shorter of its forms.
fn local_part(local: &str) -> Result<String, BadEmail> {
    let unquoted = match local.strip_prefix('"') {
        Some(rest) => unquoted(rest.strip_suffix('"').ok_or(BadEmail::Malformed)?)?,
        None if is_dot_atom(local) => local.to_owned(),
        None => return Err(BadEmail::Malformed),
    };
    // Controls and what cannot be seen are in no profile of PRECIS (RFC 8265, section 4.2). What stands for bytes that were no letter is one for nobody.
    let is_broken = unquoted.contains(char::REPLACEMENT_CHARACTER);
    // Asked of what is kept: normalising makes one letter of another, which may be in none.
    let normal: String = unquoted.nfc().collect();
    if is_broken || !normal.is_ascii() && OpaqueString::prepare(normal.as_str()).is_err() {
        return Err(BadEmail::Malformed);
    }
    if is_dot_atom(&normal) {
        return Ok(normal);
    }
    let escaped = normal.replace('\\', "\\\\").replace('"', "\\\"");
    Ok(format!("\"{escaped}\""))
}

fn unquoted(quoted: &str) -> Result<String, BadEmail> {
    let mut characters = quoted.chars();
    let mut text = String::new();
    while let Some(character) = characters.next() {
        let said = match character {
            '\\' => characters.next().filter(|escaped| matches!(escaped, ' '..='~')),
            '"' => None,
            ' '..='~' => Some(character),
            character if !character.is_ascii() => Some(character),
            _ => None,
        };
        text.push(said.ok_or(BadEmail::Malformed)?);
    }
    Ok(text)
}

fn is_dot_atom(text: &str) -> bool {
    text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_text))
}

fn is_atom_text(character: char) -> bool {
    if !character.is_ascii() {
        return !character.is_whitespace();
    }
    character.is_ascii_alphanumeric()
        || matches!(
            character,
            '!' | '#' | '$' | '%' | '&' | '\'' | '*' | '+' | '-' | '/' | '=' | '?' | '^' | '_' | '`' | '{' | '|' | '}' | '~'
        )
}

/// As DNS compares domains: lower-case A-labels (UTS 46), several of them, the last of which is no number.
fn domain_part(domain: &str) -> Result<String, BadEmail> {
    let ascii = Uts46::new()
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_| BadEmail::Domain)?;
    let (_, last) = ascii.rsplit_once('.').ok_or(BadEmail::Domain)?;
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadEmail::Domain);
    }
    Ok(ascii.into_owned())
}

#[cfg(test)]
mod tests {
    use policy::StorageCapability;
    use proptest::prelude::*;

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test looks at what it made")]
    fn said(text: &Sealed<String>) -> String {
        StorageCapability::issue().reveal(text).clone()
    }

    fn address(text: &str) -> Result<String, BadEmail> {
        email(text).map(|address| said(&address.compared))
    }

    fn name(text: &str) -> Result<Findable, BadUsername> {
        username(text, "Harbour Clinic")
    }

    #[test]
    fn a_domain_is_compared_as_dns_does_and_a_local_part_bit_for_bit() {
        for (typed, kept) in [
            ("anna@example.org", "anna@example.org"),
            (" Anna.B+news@EXAMPLE.org\t", "Anna.B+news@example.org"),
            ("anna@bücher.example", "anna@xn--bcher-kva.example"),
            ("anna@BÜCHER.example", "anna@xn--bcher-kva.example"),
            ("\"anna b\"@example.org", "\"anna b\"@example.org"),
            ("\"a@b\\\"c\\\\\"@example.org", "\"a@b\\\"c\\\\\"@example.org"),
            ("\"anna\"@example.org", "anna@example.org"),
            ("\"a\\nna\"@example.org", "anna@example.org"),
            ("用户@例子.example", "用户@xn--fsqu00a.example"),
            ("i\u{308}da@example.org", "\u{ef}da@example.org"),
            ("o'neil@example.org", "o'neil@example.org"),
        ] {
            assert_eq!(address(typed).as_deref(), Ok(kept), "{typed}");
        }
        assert_ne!(address("Anna@example.org"), address("anna@example.org"));
        assert_ne!(address("a.nna+x@example.org"), address("anna@example.org"));
    }

    #[test]
    fn what_no_mail_can_be_sent_to_is_refused_with_the_reason() {
        for (typed, why) in [
            ("", BadEmail::Missing),
            ("   ", BadEmail::Missing),
            ("anna", BadEmail::Malformed),
            ("@example.org", BadEmail::Malformed),
            ("anna @example.org", BadEmail::Malformed),
            (".anna@example.org", BadEmail::Malformed),
            ("an..na@example.org", BadEmail::Malformed),
            ("Anna <anna@example.org>", BadEmail::Malformed),
            ("\"anna@example.org", BadEmail::Malformed),
            ("\"an\"na\"@example.org", BadEmail::Malformed),
            ("\"an\r\nBcc: x\"@example.org", BadEmail::Malformed),
            ("anna\r\nBcc:x@example.org", BadEmail::Malformed),
            ("an\u{200b}na@example.org", BadEmail::Malformed),
            ("an\u{202e}na@example.org", BadEmail::Malformed),
            ("an\u{fffd}na@example.org", BadEmail::Malformed),
            ("anna@", BadEmail::Domain),
            ("anna@example", BadEmail::Domain),
            ("anna@example..org", BadEmail::Domain),
            ("anna@example.org.", BadEmail::Domain),
            ("anna@-example.org", BadEmail::Domain),
            ("anna@exa_mple.org", BadEmail::Domain),
            ("anna@exa mple.org", BadEmail::Domain),
            ("anna@[192.0.2.1]", BadEmail::Domain),
            ("anna@192.0.2.1", BadEmail::Domain),
            ("anna@example.org\r\nX: y", BadEmail::Domain),
        ] {
            assert_eq!(address(typed), Err(why), "{typed:?}");
        }
    }

    #[test]
    fn an_address_is_as_long_as_smtp_can_carry_and_no_longer() {
        let domain = format!("{}.{}.{}.org", "d".repeat(63), "e".repeat(63), "f".repeat(57));
        let of = |local: usize| format!("{}@{domain}", "a".repeat(local));
        assert_eq!((of(64).len(), address(&of(64)).is_ok()), (254, true));
        assert_eq!(address(&of(65)), Err(BadEmail::TooLong));
        assert_eq!(address(&format!("{}@example.org", "a".repeat(65))), Err(BadEmail::TooLong));
        let long = format!("{}@{}.org", "a".repeat(64), "d.".repeat(125));
        assert_eq!(address(&format!("{long}xx")[..320]), Err(BadEmail::TooLong), "an address of 320 bytes");
        let grows = format!("anna@{}.example", vec!["ü".repeat(55); 4].join("."));
        assert!(address(&grows).is_err(), "its A-labels are longer than it is");
    }

    #[test]
    fn a_username_is_shown_as_written_and_compared_without_case() {
        let anna = name("  Anna.B-1 ").expect("a name");
        assert_eq!(said(&anna.shown), "Anna.B-1");
        assert_eq!(anna.compared, name("aNNA.b-1").expect("a name").compared);
        let wide = name("Ａｎｎａ").expect("a name of wide letters");
        assert_eq!((said(&wide.shown).as_str(), wide.compared), ("Anna", name("anna").expect("a name").compared));
        for fine in ["Jürgen", "Łukasz", "Ёлка", "Ελένη", "花子さん", "山田はなこ", "tanaka花子", "김철수", "دانا", "Zoë_99"]
        {
            assert!(name(fine).is_ok(), "{fine}: {:?}", name(fine));
        }
    }

    #[test]
    fn names_that_look_alike_are_one_name() {
        let compared = |text: &str| name(text).map(|name| name.compared).unwrap_or_else(|why| panic!("{text}: {why}"));
        for (one, other) in [
            ("barnaby", "bamaby"),
            ("paypa1", "paypal"),
            ("paypaI", "paypal"),
            ("b0b", "bob"),
            ("аррӏе", "apple"),
            ("сор", "cop"),
            ("Јоѕе", "jose"),
        ] {
            assert_eq!(compared(one), compared(other), "{one} and {other}");
        }
        assert_ne!(compared("anna"), compared("hanna"));
    }

    #[test]
    fn what_mixes_alphabets_or_speaks_for_the_site_is_refused() {
        for (text, why) in [
            ("аdmin", BadUsername::MixedScripts),
            ("pаypal", BadUsername::MixedScripts),
            ("αlpha", BadUsername::MixedScripts),
            ("admin", BadUsername::Reserved),
            ("admln", BadUsername::Reserved),
            ("Admin", BadUsername::Reserved),
            ("adrnin", BadUsername::Reserved),
            ("ad.min", BadUsername::Reserved),
            ("r00t", BadUsername::Reserved),
            ("no-reply", BadUsername::Reserved),
            ("postmaster", BadUsername::Reserved),
            ("vvebmaster", BadUsername::Reserved),
            ("VVebmaster7", BadUsername::Reserved),
            ("webrnaster", BadUsername::Reserved),
            ("admin1", BadUsername::Reserved),
            ("Support1", BadUsername::Reserved),
            ("adm1n", BadUsername::Reserved),
            ("4dm1n", BadUsername::Reserved),
            ("adm1n.24", BadUsername::Reserved),
            ("h3lp", BadUsername::Reserved),
            ("5upp0rt", BadUsername::Reserved),
            ("root-7", BadUsername::Reserved),
            ("me2", BadUsername::Reserved),
            ("harbour_clinic_2", BadUsername::Reserved),
            ("root-", BadUsername::Characters),
            ("HarbourClinic", BadUsername::Reserved),
            ("harbour_c1inic", BadUsername::Reserved),
            ("ab", BadUsername::Length),
            ("", BadUsername::Length),
            ("abcdefghijklmnopqrstuvwxyzabcdefg", BadUsername::Length),
            ("anna b", BadUsername::Characters),
            ("anna@example.org", BadUsername::Characters),
            ("<b>anna</b>", BadUsername::Characters),
            (".anna", BadUsername::Characters),
            ("anna-", BadUsername::Characters),
            ("---", BadUsername::Characters),
            ("an\u{200d}na", BadUsername::Characters),
            ("an\u{202e}na", BadUsername::Characters),
            ("anna\u{0}", BadUsername::Characters),
            ("ann\u{e000}", BadUsername::Characters),
            ("anna😀", BadUsername::Characters),
            ("ⓐⓓⓜⓘⓝ", BadUsername::Characters),
        ] {
            assert_eq!(name(text).err(), Some(why), "{text:?}");
        }
        assert_eq!(name(&"a".repeat(32)).map(|name| said(&name.shown).len()), Ok(32));
        assert_eq!(name(&"a".repeat(1_000_000)).err(), Some(BadUsername::Length));
    }

    #[test]
    fn what_only_begins_like_a_reserved_name_is_anybodys() {
        for fine in [
            "rooted",
            "adminah",
            "marvin",
            "melissa",
            "helper",
            "badmin",
            "supporter1",
            "teamwork",
            "007",
            "1984",
            "info-anna",
            "anna1",
            "savvy3",
        ] {
            assert!(name(fine).is_ok(), "{fine}: {:?}", name(fine).err());
        }
        assert!(username("007", "***").is_ok(), "a controller of marks alone reserves nothing");
    }

    proptest! {
        #[test]
        fn a_name_read_again_is_the_same_name(text in "\\PC{0,40}|[a-zA-Z0-9._-]{3,32}|[а-яА-Яa-z]{3,10}") {
            if let Ok(name) = name(&text) {
                let again = username(&said(&name.shown), "Harbour Clinic");
                prop_assert_eq!(again, Ok(name.clone()));
                prop_assert!(said(&name.shown).len() <= 255, "the cookie holds it");
                prop_assert!(!said(&name.compared).chars().any(char::is_control));
            }
        }

        #[test]
        fn an_address_read_again_is_the_same_address(text in "\\PC{0,30}@[a-zA-Zäöß.-]{1,20}\\.(org|Example)|\"[ -~]{0,10}\"@example\\.org") {
            if let Ok(first) = email(&text) {
                prop_assert_eq!(email(&said(&first.shown)), Ok(first.clone()));
                prop_assert!(!said(&first.shown).chars().any(char::is_control), "a header of a mail can hold it");
            }
        }
    }
}
