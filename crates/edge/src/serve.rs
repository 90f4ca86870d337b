//! One request, from its head to the answer: judged, answered by the site or by a page of ours, and recorded.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::header::{self, HeaderValue};
use http::request::Parts;
use http::{Request, Response, Version};
use hyper::body::Incoming;

use crate::forward::{Failure, Forwarded, Passed, forward};
use crate::gate::admit::{Refusal, admit};
use crate::gate::names::Seen;
use crate::gate::tickets;
use crate::gate::visitor::{TicketTurn, VisitorTurn, Writing, take_turns};
use crate::gate::{Judged, judge};
use crate::listen::{Caller, Watch, Worker};
use crate::record::Visiting;
use crate::{AnswerBody, Enforcement, Renewed, RequestBody, answer, counts, rewrite};

pub(crate) async fn serve(request: Request<Incoming>, worker: Arc<Worker>, caller: Arc<Caller>, watch: Arc<Watch>) -> Response<AnswerBody> {
    counts::add(&worker.counts.requests, 1);
    let (parts, incoming) = request.into_parts();
    let mut judged = judge(&parts, &worker, &caller);
    let mut visiting = Visiting::new(&parts, &judged, worker.clone(), &caller, watch.clone());
    let body = RequestBody::new(incoming, watch.clone(), caller.stream.clone());
    // hyper takes such a body at its word, but another reader on the way may have taken it differently: nothing is read behind it.
    let doubtful_end = judged.seen.has(Seen::TRANSFER_ENCODING) && !caller.multiplexed;

    let passed_before = judged.seen.has(Seen::CLAIM) && worker.own_name.is_in(&parts.headers);
    let admitted = if passed_before {
        Err(Refusal::LOOP)
    } else {
        admit(&parts, judged.seen, caller.next_is_ambiguous(), worker.settings.limits.uri_bytes_max)
    };
    if admitted.is_ok() && judged.is_unsure() && Box::pin(tickets::settle(&mut judged, &parts, &worker, &caller)).await {
        visiting.judged(&parts, &judged);
    }
    let renewal = if admitted.is_ok() { tickets::due(&judged, &parts, &worker) } else { None };
    let answering = async {
        match admitted {
            Err(refusal) => (answer::refusal(refusal, judged.now), Some(visiting)),
            Ok(()) if worker.wiring.pages.owns(parts.uri.path()) => {
                let mut page = own_page(parts, body, &judged, &worker, &watch).await;
                if worker.has_service_worker() {
                    rewrite::clear_storage_too(page.headers_mut());
                }
                (page, Some(visiting))
            }
            Ok(()) if judged.lacks_account(&parts, &worker) => {
                counts::add(&worker.counts.sign_ins_asked, 1);
                (answer::sign_in_first(&parts, &worker.wiring.pages.sign_in_path(), judged.now), Some(visiting))
            }
            Ok(()) if rewrite::refuses_service_worker(&parts, &judged, &worker) => {
                (rewrite::answer_service_worker(&parts.method, judged.now), Some(visiting))
            }
            Ok(()) => {
                let passed = Passed { parts, body, visiting, watch, caller: caller.clone() };
                let Forwarded { answer, visiting } = forward(passed, &judged, &worker).await;
                (answer.unwrap_or_else(|failure| answer::failure(failure, judged.now)), visiting)
            }
        }
    };
    let ((mut answer, visiting), renewed) = tickets::beside(answering, renewal).await;

    if caller.multiplexed {
        *answer.version_mut() = Version::HTTP_2;
        answer.headers_mut().remove(header::CONNECTION);
    } else if doubtful_end {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(mut visiting) = visiting {
        let ticket = ticket_turn(&judged, renewed, &worker);
        if judged.turn != VisitorTurn::Keep || judged.signal.is_some() || !matches!(ticket, TicketTurn::Keep) {
            let wiring = &worker.wiring;
            let writing = Writing { keys: &wiring.keys.load(), random: &*wiring.random, now: judged.now, https: judged.https };
            let taken = take_turns(&judged, ticket, &mut answer, &writing);
            if let Some(visitor) = taken.visitor {
                visiting.is_visitor(visitor);
            }
            if let Some(signal) = taken.signal {
                if !signal.withdrawn.is_empty() && worker.settings.enforcement == Enforcement::Enforce {
                    rewrite::clear_copies(answer.headers_mut());
                    if worker.has_service_worker() {
                        rewrite::clear_storage_too(answer.headers_mut());
                    }
                }
                wiring.signals.keep(signal);
            }
        }
        if let Some(withdrawn) = &judged.withdrawn {
            rewrite::expire(answer.headers_mut(), withdrawn, &worker.counts, worker.settings.enforcement);
        }
        visiting.answered(answer.status());
        answer.body_mut().carry(visiting);
    }
    answer
}

/// The ticket is written beside everything else that is in the cookie, as it was when the request came. A choice that was made elsewhere in the meantime
/// must not be undone by it, so an answer that took long brings no ticket: the next page will.
const TICKET_WRITTEN_WITHIN: Duration = Duration::from_secs(5);

fn ticket_turn(judged: &Judged, renewed: Renewed, worker: &Worker) -> TicketTurn {
    let turn = match renewed {
        Renewed::Ticket(ticket) => TicketTurn::Replace(ticket),
        Renewed::Ended => TicketTurn::Drop,
        Renewed::Unknown if judged.settles_ticket => TicketTurn::Write,
        Renewed::Unknown => return TicketTurn::Keep,
    };
    let took = worker.clock.monotonic().saturating_sub(judged.started);
    if took <= TICKET_WRITTEN_WITHIN { turn } else { TicketTurn::Keep }
}

/// A page of ours. One that panics or takes too long is an error of ours, and no reason to lose the visit.
async fn own_page(parts: Parts, body: RequestBody, judged: &Judged, worker: &Worker, watch: &Watch) -> Response<AnswerBody> {
    let facts = Arc::new(judged.facts(&parts));
    let mut parts = parts;
    crate::gate::names::remove_claims(&mut parts.headers);
    let pages = worker.wiring.pages.clone();
    body.due_within(worker.settings.limits.own_body);
    let request = Request::from_parts(parts, body);
    let made = std::panic::catch_unwind(AssertUnwindSafe(|| pages.answer(request, facts)));
    let Ok(made) = made else {
        return answer::broken(judged.now);
    };
    let mut made = pin!(made);
    let mut page = std::future::poll_fn(|cx| match std::panic::catch_unwind(AssertUnwindSafe(|| made.as_mut().poll(cx))) {
        Ok(Poll::Ready(page)) => Poll::Ready(page),
        Ok(Poll::Pending) if watch.is_expired() => {
            watch.forgive();
            let slow_client = watch.is_waiting_for_client();
            Poll::Ready(if slow_client { answer::failure(Failure::ClientTooSlow, judged.now) } else { answer::broken(judged.now) })
        }
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(answer::broken(judged.now)),
    })
    .await;
    answer::date(&mut page, judged.now);
    page
}
