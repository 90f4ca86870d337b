//! Counts as lines of text: a table, and on a terminal a bar beside each number.

use std::io::IsTerminal;

use app::visit_log::{By, ShownCounts, ShownTally};

use super::terminal::plain;

/// What lines are written on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paper {
    /// How many characters fit on a line of a terminal; none is no terminal, and has no bars.
    pub(super) width: Option<usize>,
    /// Whether it shows more than ASCII.
    pub(super) has_blocks: bool,
}

impl Paper {
    /// Standard output, as far as it can be known.
    pub(super) fn here() -> Self {
        /// Where a terminal does not say how wide it is.
        const WIDTH: usize = 80;
        let out = std::io::stdout();
        let width = out.is_terminal().then(|| {
            let said = rustix::termios::tcgetwinsize(&out).map_or(0, |size| usize::from(size.ws_col));
            if said == 0 { WIDTH } else { said }
        });
        Self { width, has_blocks: is_utf8(|name| std::env::var(name).ok()) }
    }
}

/// Whether the locale writes UTF-8: the first of the variables that is set says so (POSIX, section 8.2).
fn is_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty()).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// No name is shorter, however narrow the terminal, and no bar.
const NAME_WIDTH_MIN: usize = 10;
const BAR_WIDTH_MIN: usize = 4;

struct Line {
    name: String,
    tally: ShownTally,
}

/// What there is to say about counts.
pub(super) fn lines(counts: &ShownCounts, paper: Paper) -> Vec<String> {
    let mut lines: Vec<Line> =
        counts.groups.iter().map(|group| Line { name: name(counts, group.value.as_deref()), tally: group.tally }).collect();
    if let Some(others) = counts.others {
        let name = match others.groups {
            None => "others".to_owned(),
            Some(1) => "1 other".to_owned(),
            Some(groups) => format!("{groups} others"),
        };
        lines.push(Line { name, tally: others.tally });
    }
    if lines.is_empty() {
        return std::iter::once("no visits".to_owned()).chain(notes(counts)).collect();
    }
    lines.push(Line { name: "all".to_owned(), tally: counts.total });
    let has_visitors = lines.iter().any(|line| line.tally.visitors.is_some());
    let has_robots = lines.iter().any(|line| line.tally.robots > 0);
    let mut columns = vec![column("visits", &lines, |tally| tally.visits)];
    if has_visitors {
        columns.push(column("visitors", &lines, |tally| tally.visitors));
    }
    if has_robots {
        columns.push(column("robots", &lines, |tally| Some(tally.robots)));
    }
    let numbers: usize = columns.iter().map(|column| column[0].chars().count() + 2).sum();
    let widest = lines.iter().map(|line| line.name.chars().count()).chain([counts.by.len()]).max().unwrap_or_default();
    let room = paper.width.map(|width| width.saturating_sub(numbers));
    // Names take half of what is left, unless they need less.
    let name_width = room.map_or(widest, |room| widest.min((room / 2).max(NAME_WIDTH_MIN)));
    let bar_width = room.map(|room| room.saturating_sub(name_width + 2)).filter(|width| *width >= BAR_WIDTH_MIN);
    let groups = lines.len() - 1;
    let greatest = lines[..groups].iter().filter_map(|line| line.tally.visits).max().unwrap_or_default();
    let row = |at: usize, name: &str| {
        let numbers: String = columns.iter().map(|column| format!("  {}", column[at])).collect();
        format!("{}{numbers}", cut(name, name_width, paper.has_blocks))
    };
    let head = row(0, &counts.by);
    let rows = lines.iter().enumerate().map(|(at, line)| {
        let shown = bar_width.filter(|_| at < groups).zip(line.tally.visits);
        let bar = shown.map(|(width, visits)| bar(visits, greatest, width, paper.has_blocks)).unwrap_or_default();
        if bar.is_empty() { row(at + 1, &line.name) } else { format!("{}  {bar}", row(at + 1, &line.name)) }
    });
    std::iter::once(head).chain(rows).chain(notes(counts)).collect()
}

/// A number for each line, all of one width, below their title. What is not told is a dash.
fn column(title: &str, lines: &[Line], number: impl Fn(ShownTally) -> Option<u64>) -> Vec<String> {
    let numbers: Vec<String> =
        lines.iter().map(|line| number(line.tally).map_or_else(|| "-".to_owned(), |number| number.to_string())).collect();
    let width = numbers.iter().map(String::len).chain([title.len()]).max().unwrap_or_default();
    std::iter::once(title).chain(numbers.iter().map(String::as_str)).map(|text| format!("{text:>width$}")).collect()
}

/// What the visits of a group have in common, in words where they have nothing.
fn name(counts: &ShownCounts, value: Option<&str>) -> String {
    let without = match By::named(&counts.by) {
        Some(By::Page) => "(no page kept)",
        Some(By::Referrer) => "(no site linked here)",
        Some(By::Browser) => "(no browser kept)",
        Some(By::Return) => "(not recognised)",
        Some(By::Status | By::Day) | None => "(none kept)",
    };
    value.map_or_else(|| without.to_owned(), plain)
}

fn notes(counts: &ShownCounts) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(others) = counts.others.filter(|others| others.too_few != Some(0)) {
        let at_least = counts.at_least;
        notes.push(String::new());
        notes.push(match others.too_few {
            None => format!("These are fewer than {at_least} people, so that not even their number is told."),
            Some(few) => {
                format!("{few} of the others are told together, because some are of fewer than {at_least} people and could be worked out.")
            }
        });
    }
    if let Some(visits) = counts.unseen.and_then(|unseen| unseen.visits).filter(|visits| *visits > 0) {
        notes.push(format!("Of {visits} more visits this may not be seen for `{}`.", counts.purpose));
    }
    notes
}

/// Cut or filled up to this many characters.
fn cut(name: &str, width: usize, has_blocks: bool) -> String {
    if name.chars().count() <= width {
        return format!("{name:width$}");
    }
    let mark = if has_blocks { "…" } else { "~" };
    let kept: String = name.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}{mark}")
}

/// As long as its share of the greatest; whatever is there at all can be seen.
fn bar(number: u64, greatest: u64, width: usize, has_blocks: bool) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let parts = if has_blocks { 8 } else { 1 };
    let share = u128::from(number) * (width * parts) as u128;
    let length = usize::try_from(share.checked_div(u128::from(greatest)).unwrap_or_default()).unwrap_or_default();
    let length = length.max(usize::from(number > 0));
    if has_blocks { format!("{}{}", "█".repeat(length / 8), EIGHTHS[length % 8]) } else { "#".repeat(length) }
}

#[cfg(test)]
mod tests {
    use app::visit_log::{Missing, ShownGroup, ShownOthers};

    use super::*;

    const TERMINAL: Paper = Paper { width: Some(60), has_blocks: true };

    fn tally(visits: Option<u64>, visitors: Option<u64>, robots: u64) -> ShownTally {
        ShownTally { visits, visitors, robots }
    }

    fn counts() -> ShownCounts {
        let group = |value: Option<&str>, tally| ShownGroup { value: value.map(str::to_owned), tally };
        ShownCounts {
            by: "page".to_owned(),
            purpose: "operate".to_owned(),
            at_least: 10,
            groups: vec![
                group(Some("/articles/a-very-long-page-about-sleep"), tally(Some(1_600), Some(210), 12)),
                group(Some("/\u{1b}[2J"), tally(Some(400), None, 0)),
                group(None, tally(Some(1), None, 0)),
            ],
            others: Some(ShownOthers { groups: Some(3), too_few: Some(2), tally: tally(Some(25), None, 2) }),
            total: tally(Some(2_026), Some(230), 14),
            unseen: Some(tally(Some(17), None, 0)),
            missing: Missing::default(),
        }
    }

    #[test]
    fn a_terminal_shows_bars() {
        let expected = [
            "page               visits  visitors  robots",
            "/articles/a-very…    1600       210      12  ███████████████",
            "/\u{fffd}[2J                 400         -       0  ███▊",
            "(no page kept)          1         -       0  ▏",
            "3 others               25         -       2  ▏",
            "all                  2026       230      14",
            "",
            "2 of the others are told together, because some are of fewer than 10 people and could be worked out.",
            "Of 17 more visits this may not be seen for `operate`.",
        ];
        assert_eq!(lines(&counts(), TERMINAL), expected);
    }

    #[test]
    fn one_without_unicode_shows_bars_of_ascii() {
        let lines = lines(&ShownCounts { unseen: None, ..counts() }, Paper { has_blocks: false, ..TERMINAL });
        assert!(lines.iter().all(|line| line.replace('\u{fffd}', "?").is_ascii()), "{lines:#?}");
        assert!(lines[1].ends_with("##") && lines[1].contains("~"), "{lines:#?}");
    }

    #[test]
    fn a_pipe_gets_whole_names_and_no_bars() {
        let lines = lines(&counts(), Paper { width: None, has_blocks: true });
        assert_eq!(lines[1], "/articles/a-very-long-page-about-sleep    1600       210      12");
        assert!(!lines.iter().any(|line| line.contains(['█', '▏'])), "{lines:#?}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in 40..200 {
            for line in lines(&counts(), Paper { width: Some(width), has_blocks: true }).iter().take(6) {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn too_few_to_be_told_are_told_as_that() {
        let few = tally(None, None, 0);
        let counts = ShownCounts {
            groups: vec![],
            others: Some(ShownOthers { groups: None, too_few: None, tally: few }),
            total: few,
            unseen: None,
            ..counts()
        };
        let said = lines(&counts, TERMINAL).join("\n");
        assert!(said.contains("fewer than 10 people") && !said.contains('█'), "{said}");
        let nobody = ShownCounts { others: None, ..counts };
        assert_eq!(lines(&nobody, TERMINAL), ["no visits"]);
    }

    #[test]
    fn the_locale_says_what_can_be_written() {
        let of = |all: &str, ctype: &str, lang: &str| {
            let values = [("LC_ALL", all.to_owned()), ("LC_CTYPE", ctype.to_owned()), ("LANG", lang.to_owned())];
            is_utf8(|name| values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()))
        };
        assert!(of("", "", "en_US.UTF-8") && of("C.utf8", "", "") && of("", "de_DE.UTF-8", "C"));
        assert!(!of("C", "", "en_US.UTF-8") && !of("", "", "") && !of("", "", "POSIX"));
    }
}
