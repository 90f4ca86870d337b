//! What the server tells of itself, for the console and in Prometheus' text format. It holds no personal data.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use ::visits::Log;
use app::choices::ChoiceRecords;
use app::jobs::Runner;
use app::mail::Mailer;
use app::publishing::Versions;
use edge::EdgeCounts;
use web::{Count, Operations};

use super::reported::Reported;
use super::watch::Watch;
use crate::config::Enforcement;

/// The running server, as far as it can be looked at.
pub(super) struct Status {
    pub(super) edge: edge::Counter,
    pub(super) reported: Arc<Reported>,
    pub(super) log: Arc<Log>,
    pub(super) choices: Arc<ChoiceRecords>,
    pub(super) watch: Arc<Watch>,
    pub(super) versions: Arc<Versions>,
    /// Read again whenever somebody looks, so that the console knows what waits to be published.
    pub(super) site_folder: PathBuf,
    pub(super) mail: Arc<Runner<Mailer>>,
    pub(super) has_upstream: bool,
    pub(super) has_mail: bool,
    pub(super) enforcement: Enforcement,
    pub(super) cautions: Vec<&'static str>,
}

impl Operations for Status {
    /// A log that cannot be written does not keep visitors out; it is told by a notice and a metric instead.
    fn ready(&self) -> Result<(), String> {
        match self.versions.current() {
            Some(_) => self.watch.ready(),
            None => Err("no policy is in force".to_owned()),
        }
    }

    fn enforcement(&self) -> &'static str {
        match self.enforcement {
            Enforcement::Enforce => "enforce: what is not permitted is held back",
            Enforcement::Observe => "observe: nothing is held back, it is only counted",
        }
    }

    fn metrics(&self) -> String {
        let (edge, log) = (self.edge.counts(), self.log.counts());
        let mut text = String::with_capacity(4096);
        edge_metrics(&mut text, &edge);
        enforcement_metrics(&mut text, &edge);
        session_metrics(&mut text, &edge);
        let choices = self.choices.counts();
        let help = "Answers to choices that were recorded; they are durable.";
        metric(&mut text, "candor_choices_recorded_total", "counter", help, choices.kept);
        let help = "Answers to choices that could not be recorded: each no counts all the same, and no yes does.";
        metric(&mut text, "candor_choices_unrecorded_total", "counter", help, choices.unkept);
        let help = "Loads that browsers report a Content-Security-Policy of ours kept away, or would have under `observe`.";
        metric(&mut text, "candor_csp_reports_total", "counter", help, self.reported.blocked());
        let help = "Reports of browsers that were not taken: too many at once, or none of our pages.";
        metric(&mut text, "candor_csp_reports_dropped_total", "counter", help, self.reported.dropped());
        mail_metrics(&mut text, &self.mail);
        metric(&mut text, "candor_visits_recorded_total", "counter", "Visits handed to the log.", log.recorded);
        metric(&mut text, "candor_visits_durable_total", "counter", "Visits that a power cut cannot take.", log.durable);
        metric(&mut text, "candor_visits_lost_total", "counter", "Visits that could not be recorded.", log.lost);
        metric(&mut text, "candor_visit_log_bytes", "gauge", "Bytes of the visit log on the disk.", log.bytes);
        metric(&mut text, "candor_visit_log_segments", "gauge", "Segments of the visit log.", log.segments);
        metric(&mut text, "candor_visit_queue_bytes", "gauge", "Bytes of visits that wait to be written.", log.queue_bytes);
        metric(&mut text, "candor_visit_log_failing", "gauge", "1 while the visit log cannot be written.", u64::from(log.failing));
        let help = "Requests to where the sealed files of the visit log are, where that is a bucket.";
        metric(&mut text, "candor_objects_requests_total", "counter", help, log.objects_requests);
        let help = "1 while the sealed files of the visit log cannot be reached.";
        metric(&mut text, "candor_objects_failing", "gauge", help, u64::from(log.objects_failing));
        let help = "Seconds the last sync of the visit log took.";
        let _ = write!(text, "# HELP candor_visit_sync_seconds {help}\n# TYPE candor_visit_sync_seconds gauge\n");
        let _ = writeln!(text, "candor_visit_sync_seconds {}", log.last_sync_us as f64 / 1e6);
        let version = self.versions.current().map_or(0, |policy| u64::from(policy.version.0));
        metric(&mut text, "candor_policy_version", "gauge", "The number of the policy in force.", version);
        text
    }

    fn counts(&self) -> Vec<Count> {
        let (edge, log) = (self.edge.counts(), self.log.counts());
        vec![
            Count { title: "requests answered", number: edge.requests },
            Count { title: "open connections", number: edge.connections_open },
            Count { title: "visits recorded since the start", number: log.recorded },
            Count { title: "visits that could not be recorded", number: log.lost },
            Count { title: "answers to choices recorded", number: self.choices.counts().kept },
            Count { title: "answers that could not be recorded", number: self.choices.counts().unkept },
            Count { title: "letters that wait to be sent", number: self.mail.counts().waiting() },
            Count { title: "letters that were given up", number: self.mail.counts().given_up() },
        ]
    }

    fn notices(&self) -> Vec<String> {
        let mut notices: Vec<String> = self.cautions.iter().map(|caution| (*caution).to_owned()).collect();
        if !self.has_upstream {
            notices.push("No site stands behind Candor yet: set `upstream`.".to_owned());
        }
        if !self.has_mail {
            notices.push("Letters to people are sent to nobody, but written to `mail` in the data folder: set `mail`.".to_owned());
        }
        if self.log.counts().failing {
            notices.push("The visit log cannot be written: visits are not recorded until it can.".to_owned());
        }
        if self.log.counts().objects_failing {
            notices.push(
                "The sealed files of the visit log cannot be reached: visits are recorded, but none is sealed, aged or erased there until they can. See `objects`."
                    .to_owned(),
            );
        }
        match (crate::site::read(&self.site_folder), self.versions.current()) {
            (Ok(sources), Some(policy)) if self.versions.differs(&sources) => notices.push(format!(
                "The site folder says something else than version {}, which is in force: `candor publish` makes the next one.",
                policy.version
            )),
            (Err(error), _) => notices.push(format!("The site folder cannot be read: {error}.")),
            _ => {}
        }
        notices
    }
}

/// What obligations did, or would have done where they are only observed.
fn enforcement_metrics(text: &mut String, edge: &EdgeCounts) {
    let help = "Cookies that visitors sent and the site may not see: held back, or only counted under `observe`.";
    metric(text, "candor_cookies_withheld_total", "counter", help, edge.cookies_withheld);
    let help = "Cookies of the site that are not declared or not permitted: held back, or only counted under `observe`.";
    metric(text, "candor_set_cookies_held_back_total", "counter", help, edge.set_cookies_held_back);
    let help = "Cookies of the site that would live longer than declared: cut, or only counted under `observe`.";
    metric(text, "candor_set_cookies_shortened_total", "counter", help, edge.set_cookies_shortened);
    let help = "Cookies whose purpose is not permitted any more: expired, or only counted under `observe`.";
    metric(text, "candor_cookies_expired_total", "counter", help, edge.cookies_expired);
    let help = "Links in the fields of answers to what is not permitted: taken out, or only counted under `observe`.";
    metric(text, "candor_links_held_back_total", "counter", help, edge.links_held_back);
    let help = "Pages of the site that reached the visitor changed, or would have without `observe`.";
    metric(text, "candor_pages_rewritten_total", "counter", help, edge.pages_rewritten);
    let help = "Things in pages that are not permitted: held back, or only counted under `observe`.";
    metric(text, "candor_resources_held_back_total", "counter", help, edge.resources_held_back);
    let help = "Pages that could not be shown, or not to the end, because nobody can know what they load.";
    metric(text, "candor_pages_held_back_total", "counter", help, edge.pages_held_back);
}

fn mail_metrics(text: &mut String, mail: &Runner<Mailer>) {
    metric(text, "candor_mail_waiting", "gauge", "Letters that wait to be sent.", mail.counts().waiting());
    let help = "Letters that the mail server took, or that were written to the folder.";
    metric(text, "candor_mail_sent_total", "counter", help, mail.work().counts().sent());
    metric(text, "candor_mail_given_up", "gauge", "Letters that will never be sent; the log says why.", mail.counts().given_up());
    let help = "Letters that were not sent because their link had stopped working.";
    metric(text, "candor_mail_dropped_total", "counter", help, mail.work().counts().dropped());
    let help = "Letters that were handed over without an answer, and sent again under the same Message-ID.";
    metric(text, "candor_mail_unknown_total", "counter", help, mail.work().counts().unknown());
}

/// People who are signed in.
fn session_metrics(text: &mut String, edge: &EdgeCounts) {
    let help = "Sessions that were looked up because their ticket was too old, and go on.";
    metric(text, "candor_sessions_renewed_total", "counter", help, edge.sessions_renewed);
    let help = "Sessions that were looked up and turned out to be over.";
    metric(text, "candor_sessions_ended_total", "counter", help, edge.sessions_ended);
    let help = "Sessions that could not be looked up, so that somebody counted as signed out for a visit.";
    metric(text, "candor_sessions_unknown_total", "counter", help, edge.sessions_unknown);
    let help = "Requests for what needs an account, from people who were not signed in.";
    metric(text, "candor_sign_ins_asked_total", "counter", help, edge.sign_ins_asked);
    let help = "Assertions of who is signed in that were signed for the site.";
    metric(text, "candor_assertions_signed_total", "counter", help, edge.assertions_signed);
}

fn edge_metrics(text: &mut String, edge: &EdgeCounts) {
    metric(text, "candor_requests_total", "counter", "Requests whose head could be read.", edge.requests);
    metric(text, "candor_requests_unreadable_total", "counter", "Requests whose head could not be read.", edge.parse_errors);
    let _ = write!(
        text,
        "# HELP candor_answers_total Answers by class of status; none is a request that ended without one.\n# TYPE candor_answers_total counter\n"
    );
    for (class, count) in ["none", "1xx", "2xx", "3xx", "4xx", "5xx"].iter().zip(edge.answers) {
        let _ = writeln!(text, "candor_answers_total{{class=\"{class}\"}} {count}");
    }
    metric(text, "candor_answer_bytes_total", "counter", "Bytes of answers' bodies.", edge.bytes);
    metric(text, "candor_connections_total", "counter", "Connections accepted.", edge.connections_accepted);
    metric(text, "candor_connections_open", "gauge", "Connections open now.", edge.connections_open);
    let help = "Connections closed unread, because their address had as many as it may.";
    metric(text, "candor_connections_refused_total", "counter", help, edge.connections_refused);
    metric(text, "candor_upgrades_total", "counter", "Connections that changed to another protocol.", edge.upgrades);
    metric(text, "candor_upstream_errors_total", "counter", "Requests that the site did not answer to the end.", edge.upstream_errors);
}

fn metric(text: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
}
