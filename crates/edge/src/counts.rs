use std::sync::atomic::{AtomicU64, Ordering};

/// What the edge has done since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EdgeCounts {
    /// Requests whose head parsed.
    pub requests: u64,
    /// Answers by the first digit of their status; the first place counts requests that ended without one.
    pub answers: [u64; 6],
    /// Heads that did not parse. They are not recorded as visits.
    pub parse_errors: u64,
    pub connections_open: u64,
    pub connections_accepted: u64,
    /// Connections that were closed unread, because their client had as many as it may.
    pub connections_refused: u64,
    /// Requests for which the site did not answer, or not to the end.
    pub upstream_errors: u64,
    pub upgrades: u64,
    /// Cookies that visitors sent and the site may not see. What this and the next three count has happened, or would have without
    /// [`crate::Enforcement::Observe`].
    pub cookies_withheld: u64,
    /// Cookies the site would set that are not declared, or not permitted on that visit.
    pub set_cookies_held_back: u64,
    /// Cookies the site would set for longer than declared.
    pub set_cookies_shortened: u64,
    /// Cookies of a purpose that is not permitted any more, which the browser is told to forget.
    pub cookies_expired: u64,
    /// Links in the fields of answers that would have made browsers load or connect to what is not permitted.
    pub links_held_back: u64,
    /// Pages that reached the visitor as others than the site's. What this and the next count has happened, or would have, as above.
    pub pages_rewritten: u64,
    /// Third-party resources, and elements the site marked with a purpose, that are not permitted on that visit.
    pub resources_held_back: u64,
    /// Pages of which a part or all could not be shown, because what they load cannot be known.
    pub pages_held_back: u64,
    /// Sessions that were asked about and go on, that turned out to be over, and of which nobody could say it.
    pub sessions_renewed: u64,
    pub sessions_ended: u64,
    pub sessions_unknown: u64,
    /// Requests for a path that needs an account, from somebody who is not signed in.
    pub sign_ins_asked: u64,
    /// Assertions that were signed for the site.
    pub assertions_signed: u64,
    /// Bytes of answer bodies.
    pub bytes: u64,
}

/// One worker's counts. Only that worker writes them, so that no two cores fight over a cache line.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Counts {
    pub(crate) requests: AtomicU64,
    answers: [AtomicU64; 6],
    pub(crate) parse_errors: AtomicU64,
    pub(crate) connections_accepted: AtomicU64,
    pub(crate) connections_closed: AtomicU64,
    pub(crate) connections_refused: AtomicU64,
    pub(crate) upstream_errors: AtomicU64,
    pub(crate) upgrades: AtomicU64,
    pub(crate) cookies_withheld: AtomicU64,
    pub(crate) set_cookies_held_back: AtomicU64,
    pub(crate) set_cookies_shortened: AtomicU64,
    pub(crate) cookies_expired: AtomicU64,
    pub(crate) links_held_back: AtomicU64,
    pub(crate) pages_rewritten: AtomicU64,
    pub(crate) resources_held_back: AtomicU64,
    pub(crate) pages_held_back: AtomicU64,
    pub(crate) sessions_renewed: AtomicU64,
    pub(crate) sessions_ended: AtomicU64,
    pub(crate) sessions_unknown: AtomicU64,
    pub(crate) sign_ins_asked: AtomicU64,
    pub(crate) assertions_signed: AtomicU64,
    pub(crate) bytes: AtomicU64,
}

pub(crate) fn add(count: &AtomicU64, by: u64) {
    count.fetch_add(by, Ordering::Relaxed);
}

impl Counts {
    pub(crate) fn answered(&self, status: Option<u16>, bytes: u64) {
        let class = status.map_or(0, |status| usize::from(status / 100).min(5));
        add(&self.answers[class], 1);
        add(&self.bytes, bytes);
    }

    pub(crate) fn add_to(&self, sum: &mut EdgeCounts) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        sum.requests += read(&self.requests);
        for (sum, count) in sum.answers.iter_mut().zip(&self.answers) {
            *sum += read(count);
        }
        sum.parse_errors += read(&self.parse_errors);
        let closed = read(&self.connections_closed);
        let accepted = read(&self.connections_accepted);
        sum.connections_accepted += accepted;
        sum.connections_open += accepted.saturating_sub(closed);
        sum.connections_refused += read(&self.connections_refused);
        sum.upstream_errors += read(&self.upstream_errors);
        sum.upgrades += read(&self.upgrades);
        sum.cookies_withheld += read(&self.cookies_withheld);
        sum.set_cookies_held_back += read(&self.set_cookies_held_back);
        sum.set_cookies_shortened += read(&self.set_cookies_shortened);
        sum.cookies_expired += read(&self.cookies_expired);
        sum.links_held_back += read(&self.links_held_back);
        sum.pages_rewritten += read(&self.pages_rewritten);
        sum.resources_held_back += read(&self.resources_held_back);
        sum.pages_held_back += read(&self.pages_held_back);
        sum.sessions_renewed += read(&self.sessions_renewed);
        sum.sessions_ended += read(&self.sessions_ended);
        sum.sessions_unknown += read(&self.sessions_unknown);
        sum.sign_ins_asked += read(&self.sign_ins_asked);
        sum.assertions_signed += read(&self.assertions_signed);
        sum.bytes += read(&self.bytes);
    }
}
