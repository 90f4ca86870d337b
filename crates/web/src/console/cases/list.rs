use app::minors::Case;
use askama::Template;
use axum::response::Response;
use domain::Timestamp;

use super::state_in_words;
use crate::console::desk::Operator;
use crate::console::frame::{Frame, Tab};
use crate::pages::query;
use crate::phrases::Moment;

#[derive(Template)]
#[template(path = "console/cases/list.html")]
struct ListPage {
    frame: Frame,
    waiting: Vec<Row>,
    ended: Vec<Row>,
    number: u32,
    more_urgent: Option<String>,
    less_urgent: Option<String>,
}

struct Row {
    id: String,
    short: String,
    state: &'static str,
    reports: u64,
    /// The number of the account that is meant, where somebody knows it.
    account: Option<String>,
    opened: Moment,
    /// When the last report came, where there is more than one.
    again: Option<Moment>,
    due: Moment,
    is_late: bool,
    ended: Option<Moment>,
}

const PAGE: &str = "page";

/// No list goes on for so long.
const PAGES_MAX: u32 = 1_000_000;

/// So many stand on one page.
const AT_ONCE: u32 = 50;

/// The cases, the most urgent first, a page of them at a time.
pub(crate) async fn show(operator: Operator) -> Response {
    let number = query(&operator.desk.uri, PAGE).and_then(|number| number.parse().ok()).filter(|number| (1..=PAGES_MAX).contains(number));
    let number: u32 = number.unwrap_or(1);
    match operator.desk.state.minors.cases((number - 1) * AT_ONCE, AT_ONCE + 1).await {
        Ok(mut cases) => {
            let less_urgent = (cases.len() > AT_ONCE as usize).then(|| page(number + 1));
            let more_urgent = (number > 1).then(|| page(number - 1));
            cases.truncate(AT_ONCE as usize);
            let (ended, waiting) = cases.iter().map(|case| row(&operator, case)).partition(|row: &Row| row.ended.is_some());
            operator.page(&ListPage { frame: operator.frame(Tab::Cases), waiting, ended, number, more_urgent, less_urgent })
        }
        Err(error) => operator.desk.unavailable(&error),
    }
}

fn page(number: u32) -> String {
    if number == 1 { "/cases".to_owned() } else { format!("/cases?{PAGE}={number}") }
}

fn row(operator: &Operator, case: &Case) -> Row {
    let moment = |time: Timestamp| operator.desk.moment(time);
    let id = case.id.to_hex();
    Row {
        short: id[..8].to_owned(),
        id,
        state: state_in_words(case.state),
        reports: case.reports,
        account: case.subject.map(|account| account.to_hex()[..8].to_owned()),
        opened: moment(case.opened),
        again: (case.reports > 1).then(|| moment(case.reported)),
        due: moment(case.due),
        is_late: case.ended.is_none() && case.due < operator.desk.now,
        ended: case.ended.map(moment),
    }
}
