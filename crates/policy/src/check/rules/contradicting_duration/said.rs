//! Lengths of time in a sentence, in the languages whose numbers are known here. What is not plainly a number and a unit is passed over.

use domain::Span;

/// Each as it is written, with what it means. Minutes and hours are too short to be how long something is kept.
pub(super) fn lengths<'t>(text: &'t str, language: &str) -> Vec<(&'t str, Span)> {
    let Some(tongue) = TONGUES.iter().find(|tongue| language.split('-').next() == Some(tongue.language)) else {
        return Vec::new();
    };
    let words = words(text);
    let mut lengths = Vec::new();
    for (at, pair) in words.windows(2).enumerate() {
        let [number, unit] = pair else { continue };
        let (Some(count), Some(unit_name)) = (tongue.number(number.lower()), tongue.unit(unit.lower())) else {
            continue;
        };
        let is_part_of_a_number = is_number_before(tongue, &words[..at]);
        if let Some(span) = Span::parse(&format!("{count} {unit_name}")).ok().filter(|_| !is_part_of_a_number) {
            lengths.push((&text[number.start..unit.start + unit.text.len()], span));
        }
    }
    lengths
}

struct Word<'t> {
    text: &'t str,
    start: usize,
}

impl Word<'_> {
    fn lower(&self) -> String {
        self.text.to_lowercase()
    }
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match (letter.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(Word { text: &text[from..at], start: from });
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// "Twenty-four", "two hundred and ten", "1,000" and "30 to 60" are more than their last word.
fn is_number_before(tongue: &Tongue, before: &[Word<'_>]) -> bool {
    let is_number = |word: &Word<'_>| tongue.number(word.lower()).is_some() || tongue.large.contains(&word.lower().as_str());
    match before {
        [.., number, and] if tongue.joining.contains(&and.lower().as_str()) => is_number(number),
        [.., last] => is_number(last),
        [] => false,
    }
}

struct Tongue {
    language: &'static str,
    numbers: &'static [(&'static str, u32)],
    /// What makes a number of several words.
    large: &'static [&'static str],
    joining: &'static [&'static str],
    /// Units as they are written, with their name in `policy.toml`.
    units: &'static [(&'static str, &'static str)],
}

impl Tongue {
    fn number(&self, word: String) -> Option<u32> {
        if word.bytes().all(|digit| digit.is_ascii_digit()) {
            return word.parse().ok();
        }
        self.numbers.iter().find(|(name, _)| *name == word).map(|(_, number)| *number)
    }

    fn unit(&self, word: String) -> Option<&'static str> {
        self.units.iter().find(|(name, _)| *name == word).map(|(_, unit)| *unit)
    }
}

/// "One" is left out where it is the article, too.
const TONGUES: [Tongue; 4] = [
    Tongue {
        language: "en",
        numbers: &[
            ("one", 1),
            ("two", 2),
            ("three", 3),
            ("four", 4),
            ("five", 5),
            ("six", 6),
            ("seven", 7),
            ("eight", 8),
            ("nine", 9),
            ("ten", 10),
            ("eleven", 11),
            ("twelve", 12),
            ("thirteen", 13),
            ("fourteen", 14),
            ("fifteen", 15),
            ("eighteen", 18),
            ("twenty", 20),
            ("thirty", 30),
            ("forty", 40),
            ("fifty", 50),
            ("sixty", 60),
            ("seventy", 70),
            ("eighty", 80),
            ("ninety", 90),
        ],
        large: &["hundred", "thousand", "half"],
        joining: &["and", "to", "or"],
        units: &[
            ("day", "day"),
            ("days", "days"),
            ("week", "week"),
            ("weeks", "weeks"),
            ("month", "month"),
            ("months", "months"),
            ("year", "year"),
            ("years", "years"),
        ],
    },
    Tongue {
        language: "de",
        numbers: &[
            ("zwei", 2),
            ("drei", 3),
            ("vier", 4),
            ("fünf", 5),
            ("sechs", 6),
            ("sieben", 7),
            ("acht", 8),
            ("neun", 9),
            ("zehn", 10),
            ("elf", 11),
            ("zwölf", 12),
            ("dreizehn", 13),
            ("vierzehn", 14),
            ("achtzehn", 18),
            ("zwanzig", 20),
            ("vierundzwanzig", 24),
            ("dreißig", 30),
            ("vierzig", 40),
            ("fünfzig", 50),
            ("sechzig", 60),
            ("siebzig", 70),
            ("achtzig", 80),
            ("neunzig", 90),
        ],
        large: &["hundert", "tausend"],
        joining: &["und", "bis", "oder"],
        units: &[
            ("tag", "day"),
            ("tage", "days"),
            ("tagen", "days"),
            ("woche", "week"),
            ("wochen", "weeks"),
            ("monat", "month"),
            ("monate", "months"),
            ("monaten", "months"),
            ("jahr", "year"),
            ("jahre", "years"),
            ("jahren", "years"),
        ],
    },
    Tongue {
        language: "fr",
        numbers: &[
            ("deux", 2),
            ("trois", 3),
            ("quatre", 4),
            ("cinq", 5),
            ("six", 6),
            ("sept", 7),
            ("huit", 8),
            ("neuf", 9),
            ("dix", 10),
            ("onze", 11),
            ("douze", 12),
            ("treize", 13),
            ("quatorze", 14),
            ("quinze", 15),
            ("vingt", 20),
            ("trente", 30),
            ("quarante", 40),
            ("cinquante", 50),
            ("soixante", 60),
        ],
        large: &["cent", "cents", "mille", "vingts"],
        joining: &["et", "à", "ou"],
        units: &[
            ("jour", "day"),
            ("jours", "days"),
            ("semaine", "week"),
            ("semaines", "weeks"),
            ("mois", "months"),
            ("an", "year"),
            ("ans", "years"),
            ("année", "year"),
            ("années", "years"),
        ],
    },
    Tongue {
        language: "es",
        numbers: &[
            ("dos", 2),
            ("tres", 3),
            ("cuatro", 4),
            ("cinco", 5),
            ("seis", 6),
            ("siete", 7),
            ("ocho", 8),
            ("nueve", 9),
            ("diez", 10),
            ("once", 11),
            ("doce", 12),
            ("trece", 13),
            ("catorce", 14),
            ("quince", 15),
            ("dieciocho", 18),
            ("veinte", 20),
            ("veinticuatro", 24),
            ("treinta", 30),
            ("cuarenta", 40),
            ("cincuenta", 50),
            ("sesenta", 60),
            ("setenta", 70),
            ("ochenta", 80),
            ("noventa", 90),
        ],
        large: &["cien", "ciento", "cientos", "mil"],
        joining: &["y", "a", "o"],
        units: &[
            ("día", "day"),
            ("días", "days"),
            ("semana", "week"),
            ("semanas", "weeks"),
            ("mes", "month"),
            ("meses", "months"),
            ("año", "year"),
            ("años", "years"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, language: &str) -> Vec<String> {
        lengths(text, language).into_iter().map(|(written, span)| format!("{written} = {span}")).collect()
    }

    #[test]
    fn a_number_and_a_unit_are_a_length_of_time() {
        for (language, text, expected) in [
            (
                "en",
                "We keep it for 90 days, then Thirty days, then a 13-month cookie.",
                vec!["90 days = 90 days", "Thirty days = 30 days", "13-month = 13 months"],
            ),
            ("en-GB", "for one year", vec!["one year = 1 year"]),
            ("de", "nach dreißig Tagen oder 13 Monaten", vec!["dreißig Tagen = 30 days", "13 Monaten = 13 months"]),
            ("fr", "pendant trois mois, puis 2 ans", vec!["trois mois = 3 months", "2 ans = 2 years"]),
            ("es", "durante treinta días o 1 año", vec!["treinta días = 30 days", "1 año = 1 year"]),
        ] {
            assert_eq!(found(text, language), expected, "{text}");
        }
    }

    #[test]
    fn what_is_more_or_less_than_that_is_passed_over() {
        for (language, text) in [
            ("en", "twenty-four days, one hundred and eighty days, 1,000 days, 2.5 years, 30-60 days, 30 to 60 days"),
            ("en", "every day, some months, a year, 24 hours, 90 visits, 0 days, 99999999999 days, in May 2026"),
            ("fr", "quatre-vingt-dix jours, un mois"),
            ("es", "treinta y un días, un mes"),
            ("de", "ein Jahr, einen Monat"),
            ("it", "30 giorni"),
        ] {
            assert_eq!(found(text, language), Vec::<String>::new(), "{text}");
        }
    }
}
