//! What came from outside, on its way to a terminal.

use std::io::Write;

use serde::Serialize;

/// What visitors and sites send is printed without the characters that steer a terminal or turn the order of a line around.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|letter| if steers(letter) { '\u{fffd}' } else { letter }).collect()
}

/// Control characters, and those that change lines or their direction.
fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Writes a value as JSON that is harmless on a terminal.
pub(super) fn write_json(out: &mut impl Write, value: &impl Serialize) -> serde_json::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Plain))
}

/// JSON in which these characters are escaped, so that it is the same to a program and harmless on a terminal.
struct Plain;

impl serde_json::ser::Formatter for Plain {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> std::io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(steers) {
            let (before, from) = rest.split_at(at);
            let mut letters = from.chars();
            let letter = letters.next().map_or(0, u32::from);
            write!(out, "{before}\\u{letter:04x}")?;
            rest = letters.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRICK: &str = "Mozilla \u{1b}[2J \u{9b}31m \u{202e}gpj.exe\u{2028}é";

    #[test]
    fn nothing_a_visitor_sends_steers_a_terminal() {
        assert_eq!(plain(TRICK), "Mozilla \u{fffd}[2J \u{fffd}31m \u{fffd}gpj.exe\u{fffd}é");
        assert_eq!(plain("Größe 北京 🙂"), "Größe 北京 🙂");
    }

    #[test]
    fn json_says_the_same_and_steers_no_terminal_either() {
        let mut out = Vec::new();
        write_json(&mut out, &TRICK).expect("JSON");
        let written = String::from_utf8(out).expect("text");
        assert!(!written.chars().any(steers), "{written:?}");
        assert_eq!(serde_json::from_str::<String>(&written).expect("JSON"), TRICK);
    }
}
