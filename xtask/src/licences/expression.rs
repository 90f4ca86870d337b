//! SPDX licence expressions, and the older form with a slash.

use std::collections::BTreeSet;

/// Whether the terms can be met with licences of the list alone. What cannot be read is not allowed.
pub(crate) fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    reader.any_of() == Some(true) && reader.words.is_empty()
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a BTreeSet<String>,
}

impl Reader<'_> {
    fn any_of(&mut self) -> Option<bool> {
        let mut verdict = self.all_of()?;
        while self.next_is("OR") {
            verdict |= self.all_of()?;
        }
        Some(verdict)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut verdict = self.one()?;
        while self.next_is("AND") {
            verdict &= self.one()?;
        }
        Some(verdict)
    }

    fn one(&mut self) -> Option<bool> {
        if self.next_is("(") {
            let verdict = self.any_of()?;
            return self.next_is(")").then_some(verdict);
        }
        let (name, rest) = self.words.split_first()?;
        self.words = rest;
        if !self.next_is("WITH") {
            return Some(self.allowed.contains(*name));
        }
        let (exception, rest) = self.words.split_first()?;
        self.words = rest;
        Some(self.allowed.contains(&format!("{name} WITH {exception}")))
    }

    fn next_is(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((next, rest)) if *next == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_weighed_as_they_are_written() {
        let allowed: BTreeSet<String> = ["MIT", "Apache-2.0", "ISC"].map(str::to_owned).into();
        for fine in
            ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "(MIT OR GPL-3.0) AND ISC", "GPL-3.0 AND ISC OR MIT", "Apache-2.0 WITH x OR MIT"]
        {
            assert!(is_allowed(fine, &allowed), "{fine}");
        }
        for wrong in ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT AND (GPL-3.0 OR X)", "MIT OR", "(MIT", "MIT)", "Apache-2.0 WITH x", "MIT ISC"]
        {
            assert!(!is_allowed(wrong, &allowed), "{wrong}");
        }
    }
}
