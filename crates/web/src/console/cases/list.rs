use app::minors::Case;
use askama::Template;
use axum::response::Response;
use domain::Timestamp;

use super::state_in_words;
use crate::console::desk::Operator;
use crate::console::frame::{Frame, Tab};
use crate::phrases::Moment;

#[derive(Template)]
#[template(path = "console/cases/list.html")]
struct ListPage {
    frame: Frame,
    waiting: Vec<Row>,
    ended: Vec<Row>,
}

struct Row {
    id: String,
    short: String,
    state: &'static str,
    reports: u64,
    has_account: bool,
    opened: Moment,
    due: Moment,
    is_late: bool,
    ended: Option<Moment>,
}

/// Every case, the most urgent first.
pub(crate) async fn show(operator: Operator) -> Response {
    match operator.desk.state.minors.cases().await {
        Ok(cases) => {
            let (ended, waiting) = cases.iter().map(|case| row(&operator, case)).partition(|row: &Row| row.ended.is_some());
            operator.page(&ListPage { frame: operator.frame(Tab::Cases), waiting, ended })
        }
        Err(error) => operator.desk.unavailable(&error),
    }
}

fn row(operator: &Operator, case: &Case) -> Row {
    let moment = |time: Timestamp| operator.desk.moment(time);
    let id = case.id.to_hex();
    Row {
        short: id[..8].to_owned(),
        id,
        state: state_in_words(case.state),
        reports: case.reports,
        has_account: case.subject.is_some(),
        opened: moment(case.opened),
        due: moment(case.due),
        is_late: case.ended.is_none() && case.due < operator.desk.now,
        ended: case.ended.map(moment),
    }
}
