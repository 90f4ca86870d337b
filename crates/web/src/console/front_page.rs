use askama::Template;
use axum::response::Response;

use super::desk::Operator;
use super::frame::{Frame, Tab};
use crate::phrases::{Moment, Phrases};

#[derive(Template)]
#[template(path = "console/front_page.html")]
struct FrontPage {
    frame: Frame,
    published: Option<Newest>,
    ready: Result<(), String>,
    enforcement: &'static str,
    counts: Vec<(&'static str, String)>,
    notices: Vec<String>,
    cases: Option<CasesWaiting>,
}

/// What waits for somebody to decide or to be deleted.
struct CasesWaiting {
    undecided: u64,
    confirmed: u64,
    soonest: Option<Moment>,
    is_late: bool,
}

struct Newest {
    version: u32,
    revised: Moment,
    published: Moment,
    hash: String,
}

pub(crate) async fn show(operator: Operator) -> Response {
    let console = &operator.desk.state;
    let damaged = console.versions.damaged().into_iter().map(|damage| format!("{damage}."));
    let waiting = match console.minors.waiting().await {
        Ok(waiting) => waiting,
        Err(error) => return operator.desk.unavailable(&error),
    };
    operator.page(&FrontPage {
        cases: (waiting.undecided + waiting.confirmed > 0).then(|| CasesWaiting {
            undecided: waiting.undecided,
            confirmed: waiting.confirmed,
            soonest: waiting.soonest.map(|due| operator.desk.moment(due)),
            is_late: waiting.soonest.is_some_and(|due| due < operator.desk.now),
        }),
        frame: operator.frame(Tab::Overview),
        published: console.versions.newest().map(|newest| Newest {
            version: newest.record.version.0,
            revised: Phrases::ENGLISH.moment_of_date(newest.record.revised),
            published: operator.desk.moment(newest.record.published),
            hash: newest.record.hash.clone(),
        }),
        ready: console.operations.ready(),
        enforcement: console.operations.enforcement(),
        counts: console.operations.counts().into_iter().map(|count| (count.title, grouped(count.number))).collect(),
        notices: console.operations.notices().into_iter().chain(damaged).collect(),
    })
}

/// 1234567 as "1,234,567".
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn a_number_is_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }
}
