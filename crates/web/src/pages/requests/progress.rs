use app::minors::Progress;
use app::people::Token;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::Here;
use crate::forms::secret_address;
use crate::pages::frame::{Frame, Place};
use crate::pages::{html, query};
use crate::phrases::RequestWords;

#[derive(Template)]
#[template(path = "requests/progress.html")]
struct ProgressPage {
    frame: Frame,
    words: &'static RequestWords,
    /// It was sent just now.
    is_new: bool,
    /// Where this page is.
    address: String,
    made: String,
    steps: [Step; 3],
}

struct Step {
    title: &'static str,
    how: &'static str,
    is_now: bool,
    is_past: bool,
}

/// Whoever has the address sees how far a request is, and nothing of whom it is about.
pub(crate) async fn show(Path(reference): Path<String>, here: Here) -> Response {
    let Some(token) = Token::parse(&reference) else {
        return unknown(&here);
    };
    secret_address(match here.state.minors.progress(&token).await {
        Err(error) => here.unavailable(&error),
        Ok(None) => unknown(&here),
        Ok(Some((progress, made))) => {
            let frame = here.frame();
            let origin = here.state.settings.origin.clone().unwrap_or_else(|| here.asker.origin());
            let day = frame.phrases.day_of(made, &here.asker.policy.time_zone);
            let page = ProgressPage {
                words: here.words,
                is_new: query(&here.uri, "new").is_some(),
                address: format!("{origin}{}/requests/{}", frame.prefix, token.text()),
                made: here.words.progress.made.with(&[("day", &day)]),
                steps: steps(here.words, progress),
                frame,
            };
            html(StatusCode::OK, &page)
        }
    })
}

fn steps(words: &RequestWords, progress: Progress) -> [Step; 3] {
    let said = &words.progress;
    let all = [Progress::Received, Progress::LookedAt, Progress::Closed];
    let now = all.iter().position(|step| *step == progress).unwrap_or_default();
    let titles = [(said.received, said.received_how), (said.looked_at, said.looked_at_how), (said.closed, said.closed_how)];
    let mut at = 0;
    titles.map(|(title, how)| {
        let step = Step { title, how, is_now: at == now, is_past: at < now };
        at += 1;
        step
    })
}

fn unknown(here: &Here) -> Response {
    let (title, lead) = here.words.unknown;
    here.told(StatusCode::NOT_FOUND, title, lead.to_owned())
}
