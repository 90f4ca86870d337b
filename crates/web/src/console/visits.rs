use app::visit_log::{By, NotAnswered, NotAsked, Question, ShownCounts, ShownTally, purposes};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::desk::{Operator, Posted};
use super::frame::{Frame, Tab};
use super::front_page::grouped;
use super::told::Told;
use crate::forms::Form;
use crate::pages::html;
use crate::phrases::Phrases;

const PURPOSE: &str = "_purpose";
const BY: &str = "_by";
const SINCE: &str = "_since";
const UNTIL: &str = "_until";
const PATH: &str = "_path";
const IP: &str = "_ip";

/// So many groups stand on the page; the others are told together.
const GROUPS_MAX: usize = 50;

#[derive(Template)]
#[template(path = "console/visits.html")]
struct VisitsPage {
    frame: Frame,
    purposes: Vec<Choice>,
    ways: Vec<Choice>,
    since: String,
    until: String,
    path: String,
    ip: String,
    problem: Option<String>,
    answer: Option<Answer>,
}

/// One of what a list offers.
struct Choice {
    value: String,
    words: String,
    is_chosen: bool,
}

/// Counts as the page shows them.
struct Answer {
    title: &'static str,
    heading: &'static str,
    purpose: String,
    rows: Vec<Row>,
    greatest: u64,
    has_visitors: bool,
    notes: Vec<String>,
}

struct Row {
    name: String,
    /// None where they are too few to be told.
    visits: Option<u64>,
    shown: Numbers,
    /// Several groups, or all: it has no bar.
    is_sum: bool,
}

struct Numbers {
    visits: String,
    visitors: String,
    robots: String,
}

/// Where visits are counted. Nothing is read before somebody says what for.
pub(crate) async fn ask(operator: Operator) -> Response {
    operator.page(&page(&operator, &Form::default(), None, None))
}

/// Counts. What is searched by comes in the body, so that no address is in a URL.
pub(crate) async fn count(Posted { operator, form }: Posted) -> Response {
    let question = match question(&form) {
        Ok(question) => question,
        Err(problem) => return refused(&operator, &form, problem),
    };
    match operator.desk.state.visits.count(question, operator.desk.now).await {
        Ok(counts) => operator.page(&page(&operator, &form, None, counts.as_ref())),
        Err(NotAnswered::Asked(NotAsked::Bad(why) | NotAsked::Refused(why))) => refused(&operator, &form, sentence(&why)),
        Err(NotAnswered::NoPolicy) => refused(&operator, &form, "No version of the policy can be served.".to_owned()),
        Err(NotAnswered::Records(error)) => operator.desk.unavailable(&error),
        Err(why @ (NotAnswered::Busy | NotAnswered::Log(_) | NotAnswered::Ended)) => {
            tracing::error!(error = %why, "visits could not be counted for the console");
            let told = Told::new("Visits cannot be counted now", "In a few minutes it may work again; the log of Candor says more.");
            told.status(StatusCode::SERVICE_UNAVAILABLE).way("/visits", "Ask again").shown_in(operator.frame(Tab::Visits))
        }
    }
}

fn refused(operator: &Operator, form: &Form, problem: String) -> Response {
    html(StatusCode::UNPROCESSABLE_ENTITY, &page(operator, form, Some(problem), None))
}

fn question(form: &Form) -> Result<Question, String> {
    let text = |name: &str| form.get(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let day =
        |name: &str| text(name).map(|day| day.parse::<Date>().map_err(|_| "A day is written like 2026-03-01.".to_owned())).transpose();
    let start = |day: Date| day.to_zoned(TimeZone::UTC).map(|start| start.timestamp()).ok();
    // Up to the end of that day.
    let end = |day: Date| day.tomorrow().ok().and_then(start);
    Ok(Question {
        person: None,
        ip: text(IP),
        path: text(PATH),
        since: day(SINCE)?.and_then(start),
        until: day(UNTIL)?.and_then(end),
        purpose: Some(text(PURPOSE).ok_or("Say what the visits are counted for.")?),
        limit: Some(GROUPS_MAX),
        by: Some(text(BY).unwrap_or_else(|| By::Page.name().to_owned())),
        at_least: None,
    })
}

fn page(operator: &Operator, form: &Form, problem: Option<String>, counts: Option<&ShownCounts>) -> VisitsPage {
    let said = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let (purpose, by) = (form.get(PURPOSE), form.get(BY).unwrap_or(By::Page.name()));
    let policy = operator.desk.state.versions.current();
    let choice =
        |(value, words): (String, String), chosen: Option<&str>| Choice { is_chosen: chosen == Some(value.as_str()), value, words };
    let offered = policy.iter().flat_map(|policy| purposes(policy));
    let offered: Vec<(String, String)> =
        offered.map(|purpose| (purpose.id.to_string(), purpose.title.in_language(Phrases::ENGLISH.language).to_owned())).collect();
    let answer = counts.map(|counts| {
        let name = |id: &str| offered.iter().find(|(known, _)| known == id).map_or_else(|| id.to_owned(), |(_, title)| title.clone());
        answer(operator, counts, name(&counts.purpose))
    });
    VisitsPage {
        frame: operator.frame(Tab::Visits),
        ways: By::ALL.iter().map(|way| choice((way.name().to_owned(), title(*way).to_owned()), Some(by))).collect(),
        purposes: offered.iter().cloned().map(|pair| choice(pair, purpose)).collect(),
        since: said(SINCE),
        until: said(UNTIL),
        path: said(PATH),
        ip: said(IP),
        problem,
        answer,
    }
}

const fn title(by: By) -> &'static str {
    match by {
        By::Page => "Page",
        By::Referrer => "Site that linked here",
        By::Browser => "Browser",
        By::Day => "Day",
        By::Status => "Answer’s status",
        By::Return => "New and returning visitors",
    }
}

const fn asked(by: By) -> &'static str {
    match by {
        By::Page => "Visits by page",
        By::Referrer => "Visits by linking site",
        By::Browser => "Visits by browser",
        By::Day => "Visits by day",
        By::Status => "Visits by status",
        By::Return => "New and returning visitors",
    }
}

fn answer(operator: &Operator, counts: &ShownCounts, purpose: String) -> Answer {
    let by = By::named(&counts.by).unwrap_or(By::Page);
    let row = |name: String, tally: ShownTally, is_sum: bool| Row { name, visits: tally.visits, shown: numbers(tally), is_sum };
    let mut rows: Vec<Row> = counts.groups.iter().map(|group| row(name(by, group.value.as_deref()), group.tally, false)).collect();
    let greatest = rows.iter().filter_map(|row| row.visits).max().unwrap_or_default();
    if let Some(others) = counts.others {
        let name = match others.groups {
            None => "Others".to_owned(),
            Some(1) => "1 other".to_owned(),
            Some(groups) => format!("{} others", grouped(groups)),
        };
        rows.push(row(name, others.tally, true));
    }
    if !rows.is_empty() {
        rows.push(row("All".to_owned(), counts.total, true));
    }
    Answer {
        title: asked(by),
        heading: if by == By::Return { "Visitors" } else { title(by) },
        purpose,
        has_visitors: counts.groups.iter().map(|group| group.tally).chain([counts.total]).any(|tally| tally.visitors.is_some()),
        rows,
        greatest,
        notes: notes(operator, counts),
    }
}

fn name(by: By, value: Option<&str>) -> String {
    let without = match by {
        By::Page => "No page was kept",
        By::Referrer => "No site linked here",
        By::Browser => "No browser was kept",
        By::Return => "Not recognised",
        By::Day | By::Status => "None was kept",
    };
    match (by, value) {
        (By::Return, Some("new")) => "On the first day they came".to_owned(),
        (By::Return, Some("returning")) => "On a later day".to_owned(),
        (By::Day, Some(day)) => day.parse().map_or_else(|_| day.to_owned(), |date| Phrases::ENGLISH.moment_of_date(date).words),
        (_, value) => value.unwrap_or(without).to_owned(),
    }
}

fn numbers(tally: ShownTally) -> Numbers {
    let told = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), grouped);
    Numbers { visits: told(tally.visits), visitors: told(tally.visitors), robots: grouped(tally.robots) }
}

fn notes(operator: &Operator, counts: &ShownCounts) -> Vec<String> {
    let mut notes = Vec::new();
    let at_least = counts.at_least;
    match counts.others.filter(|others| others.too_few != Some(0)).map(|others| others.tally.visits) {
        Some(None) => notes.push(format!("These are fewer than {at_least} people, so that not even their number is told.")),
        Some(Some(_)) => {
            notes.push(format!("Groups of fewer than {at_least} people are shown together with others, so that nobody can be picked out."))
        }
        None => {}
    }
    if let Some(visits) = counts.unseen.and_then(|unseen| unseen.visits).filter(|visits| *visits > 0) {
        notes.push(format!("Of {} more visits the purpose does not open what they are counted by.", grouped(visits)));
    }
    let moment = |time: Timestamp| operator.desk.moment(time).words;
    let gaps = counts.missing.gaps.iter();
    notes.extend(
        gaps.map(|gap| format!("Between {} and {}, {} visits could not be recorded.", moment(gap.from), moment(gap.to), grouped(gap.lost))),
    );
    notes.extend(counts.missing.damage.iter().map(|damage| sentence(damage)));
    notes
}

/// As a sentence of its own.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}
