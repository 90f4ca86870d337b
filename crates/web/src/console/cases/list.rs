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
    /// The number of the account that is meant, where somebody knows it.
    account: Option<String>,
    opened: Moment,
    /// When the last report came, where there is more than one.
    again: Option<Moment>,
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
        account: case.subject.map(|account| account.to_hex()[..8].to_owned()),
        opened: moment(case.opened),
        again: (case.reports > 1).then(|| moment(case.reported)),
        due: moment(case.due),
        is_late: case.ended.is_none() && case.due < operator.desk.now,
        ended: case.ended.map(moment),
    }
}
