use std::fmt;

/// Where a visitor is: a country of ISO 3166-1 and perhaps its subdivision of ISO 3166-2, or a group of them. `US-CA`, `DE`, `eu`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Region {
    /// Lower case, zero-padded: two letters, or nothing when it is not known.
    country: [u8; 2],
    subdivision: [u8; 3],
}

const EU: [[u8; 2]; 27] = [
    *b"at", *b"be", *b"bg", *b"cy", *b"cz", *b"de", *b"dk", *b"ee", *b"es", *b"fi", *b"fr", *b"gr", *b"hr", *b"hu", *b"ie", *b"it", *b"lt",
    *b"lu", *b"lv", *b"mt", *b"nl", *b"pl", *b"pt", *b"ro", *b"se", *b"si", *b"sk",
];

impl Region {
    /// Nobody said where the visitor is.
    pub const UNKNOWN: Self = Self { country: [0; 2], subdivision: [0; 3] };

    /// The European Union.
    pub const EU: Self = Self { country: *b"eu", subdivision: [0; 3] };

    /// Reads `US-CA`, `us-ca`, `DE` or `eu`; `*` and nothing are unknown.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text == "*" {
            return Some(Self::UNKNOWN);
        }
        let (country, subdivision) = text.split_once(['-', '_']).unwrap_or((text, ""));
        let letters = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic());
        let digits_or_letters = subdivision.len() <= 3 && subdivision.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let hyphen_ends = text.ends_with(['-', '_']);
        if !letters || !digits_or_letters || hyphen_ends {
            return None;
        }
        let mut region = Self::UNKNOWN;
        for (to, from) in region.country.iter_mut().zip(country.bytes()) {
            *to = from.to_ascii_lowercase();
        }
        for (to, from) in region.subdivision.iter_mut().zip(subdivision.bytes()) {
            *to = from.to_ascii_lowercase();
        }
        Some(region)
    }

    /// Whether a rule written for `jurisdiction` covers this place: the same one, its country, or the European Union for a member.
    pub fn is_in(self, jurisdiction: Self) -> bool {
        self == jurisdiction
            || (jurisdiction.subdivision == [0; 3] && self.country == jurisdiction.country)
            || (jurisdiction == Self::EU && EU.contains(&self.country))
    }

    pub fn is_unknown(self) -> bool {
        self == Self::UNKNOWN
    }

    /// How narrow the place is: a subdivision beats its country, a country beats the European Union.
    pub fn narrowness(self) -> u8 {
        match self {
            Self::UNKNOWN => 0,
            Self::EU => 1,
            region if region.subdivision == [0; 3] => 2,
            _ => 3,
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_unknown() {
            return out.write_str("*");
        }
        let letters = |out: &mut fmt::Formatter<'_>, bytes: &[u8]| {
            bytes.iter().take_while(|byte| **byte != 0).try_for_each(|byte| write!(out, "{}", char::from(*byte)))
        };
        letters(out, &self.country)?;
        if self.subdivision != [0; 3] {
            out.write_str("-")?;
            letters(out, &self.subdivision)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Region({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str) -> Region {
        Region::parse(text).expect("a region")
    }

    #[test]
    fn a_member_is_in_the_union_and_california_is_in_the_states() {
        assert!(region("DE").is_in(region("eu")));
        assert!(region("US-CA").is_in(region("us")));
        assert!(region("us_ca").is_in(region("US-CA")));
        assert!(!region("US").is_in(region("us-ca")));
        assert!(!region("GB").is_in(region("eu")));
        assert!(!Region::UNKNOWN.is_in(region("eu")));
    }

    #[test]
    fn what_is_no_region_is_refused() {
        for text in ["u", "usa", "us-", "us-cali", "1x", "us-c!", "é-"] {
            assert_eq!(Region::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_region_is_written_as_it_is_read() {
        for text in ["*", "eu", "de", "us-ca", "fr-75"] {
            assert_eq!(region(text).to_string(), text);
        }
        assert_eq!(region(""), Region::UNKNOWN);
    }

    #[test]
    fn the_narrower_place_has_the_last_word() {
        let places = ["*", "eu", "de", "de-by"].map(|text| region(text).narrowness());
        assert!(places.is_sorted() && places[0] < places[1] && places[1] < places[2] && places[2] < places[3]);
        assert!(!region("de").is_in(region("eu-xx")), "the union has no subdivisions");
    }
}
