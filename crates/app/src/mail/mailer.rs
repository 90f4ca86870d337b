use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::{AccountId, Clock, Keep, Random, ReportId, Timestamp};
use policy::model::Guardians;
use policy::{Permit, Policy, Sealed, letter_permit, request_permit};
use post::{Offer, Post, Sender, Trouble, Written};
use records::{Job, MailedLink, People, RecordsError};
use tokio::sync::Mutex;

use super::Letter;
use super::letter::JOB;
use super::text::Letterhead;
use super::words::words;
use crate::jobs::{Attempt, Backoff, Work, last_day};
use crate::people::Token;

/// How soon what has happened is written down again where the records cannot be written.
const WRITE_AGAIN: Duration = Duration::from_secs(1);

/// Brings letters to whom they are for.
pub struct Mailer {
    people: People,
    post: Post,
    /// The policy in force: whose site it is, and whether letters may be written.
    policy: Arc<ArcSwap<Policy>>,
    place: Place,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    pace: Pace,
    counts: MailCounts,
    /// Whoever holds it hands a letter over that could come twice. One at a time: so there is never more than one of which a crash leaves unknown whether it went.
    handing_over: Mutex<()>,
}

/// What letters say of the site that the policy does not know.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where people reach the site, as `https://www.example.org`.
    pub origin: String,
    /// The prefix of the account's pages, as `/account`.
    pub account: String,
    /// The address letters come from; the policy's contact otherwise.
    pub from: Option<String>,
}

/// How soon it is tried again: one letter, and all of them.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub letter: Backoff,
    pub all: Backoff,
}

impl Default for Pace {
    fn default() -> Self {
        Self { letter: Backoff::JOB, all: Backoff::KIND }
    }
}

/// What became of letters since the start.
#[derive(Debug, Default)]
pub struct MailCounts {
    sent: AtomicU64,
    dropped: AtomicU64,
    unknown: AtomicU64,
}

impl MailCounts {
    /// Taken by the mail server, or written into the folder.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Not sent because their time was over.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Handed over without anybody knowing what became of them, and sent again.
    pub fn unknown(&self) -> u64 {
        self.unknown.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Mailer").field("post", &self.post).field("counts", &self.counts).finish_non_exhaustive()
    }
}

/// Whether there is a letter to be sent.
enum Prepared {
    Ready(Written),
    /// Nobody needs it any more: its link does not work, or there is nobody.
    Over,
    Trouble(Trouble),
}

/// To whom a letter goes, and in which language.
struct Recipient {
    address: Sealed<String>,
    language: String,
}

impl Work for Mailer {
    const KIND: &'static str = JOB;

    async fn attempt(&self, job: Job) -> Result<Attempt, RecordsError> {
        let now = self.clock.now();
        let letter = match self.prepare(&job, now).await? {
            Prepared::Ready(letter) => letter,
            Prepared::Trouble(trouble) => return Ok(self.put_aside(&job, &trouble).await),
            Prepared::Over => {
                self.counts.dropped.fetch_add(1, Ordering::Relaxed);
                self.people.end_job(job.id).await?;
                return Ok(Attempt::Settled);
            }
        };
        if last_day(job.made) <= now {
            self.write("given up", || self.people.give_up_job(job.id, "too late".to_owned())).await;
            tracing::warn!(letter = self.number(&job), "no server took a letter for two days; it is given up");
            return Ok(Attempt::Settled);
        }
        if job.interrupted {
            self.is_unknown(&job, "the last run ended in the middle of it");
        }
        match self.post.offer(&letter).await {
            Err(trouble) => Ok(self.put_aside(&job, &trouble).await),
            Ok(offer) if self.post.is_repeatable() => Ok(self.hand_over(&job, offer, &letter).await),
            Ok(offer) => {
                let _alone = self.handing_over.lock().await;
                if !self.people.begin_job(job.id, self.clock.now()).await? {
                    // Whom it was for is gone, and with them the letter.
                    offer.withdraw().await;
                    return Ok(Attempt::Settled);
                }
                Ok(self.hand_over(&job, offer, &letter).await)
            }
        }
    }

    fn at_once(&self) -> usize {
        self.post.at_once()
    }

    fn pause(&self) -> Backoff {
        self.pace.all
    }

    async fn rest(&self) {
        self.post.rest().await;
    }
}

impl Mailer {
    pub fn new(
        people: People,
        post: Post,
        policy: Arc<ArcSwap<Policy>>,
        place: Place,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            people,
            post,
            policy,
            place,
            clock,
            random,
            pace: Pace::default(),
            counts: MailCounts::default(),
            handing_over: Mutex::default(),
        }
    }

    /// The same at another pace.
    #[must_use]
    pub const fn at_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    pub const fn counts(&self) -> &MailCounts {
        &self.counts
    }

    async fn prepare(&self, job: &Job, now: Timestamp) -> Result<Prepared, RecordsError> {
        let (Ok(letter), Some(owner)) = (serde_json::from_slice::<Letter>(&job.payload), job.owner) else {
            return Ok(Prepared::Trouble(Trouble::Unsendable("unreadable")));
        };
        let link = match letter.token() {
            None => None,
            Some(token) => {
                let Some(token) = Token::parse(token) else { return Ok(Prepared::Trouble(Trouble::Unsendable("unreadable"))) };
                match self.people.mailed_link(token.link(), now).await? {
                    None => return Ok(Prepared::Over),
                    link => link,
                }
            }
        };
        let Some(recipient) = self.recipient(&letter, owner, link.as_ref()).await? else {
            return Ok(Prepared::Over);
        };
        let policy = self.policy.load_full();
        let permit = match permit_for(&letter, &policy) {
            Ok(permit) => permit,
            Err(trouble) => return Ok(Prepared::Trouble(trouble)),
        };
        let head = self.letterhead(&policy, now);
        let text = letter.text(words(&recipient.language), &head, link.as_ref());
        let letter = post::Letter { id: job.id, to: recipient.address, subject: text.subject, text: text.body, date: job.made };
        Ok(letter.written(&self.sender(&policy), &permit).map_or_else(Prepared::Trouble, Prepared::Ready))
    }

    /// Nobody, where the account or the registration is gone.
    async fn recipient(&self, letter: &Letter, owner: AccountId, link: Option<&MailedLink>) -> Result<Option<Recipient>, RecordsError> {
        if let Letter::Confirm { .. } | Letter::AlreadyRegistered = letter {
            let registration = self.people.registration(owner).await?;
            return Ok(registration.map(|registration| Recipient { address: registration.email, language: registration.language }));
        }
        if matches!(letter, Letter::ReportClosed) {
            let reporter = self.people.reporter(ReportId(owner.0)).await?;
            return Ok(reporter.map(|reporter| Recipient { address: reporter.email, language: reporter.language }));
        }
        let Some(account) = self.people.account(owner).await? else {
            return Ok(None);
        };
        let address = match letter {
            Letter::ConfirmEmail { .. } | Letter::EmailChanged { .. } | Letter::TakeUp { .. } => link.and_then(|link| link.email.clone()),
            _ => account.email,
        };
        Ok(address.map(|address| Recipient { address, language: account.language }))
    }

    fn letterhead(&self, policy: &Policy, now: Timestamp) -> Letterhead {
        let visits = policy.data.iter().find(|data| data.id == *"visit").map(|data| &data.keep);
        Letterhead {
            age: policy.minimum_age,
            guardians: policy.guardians == Guardians::Register,
            visits_kept: match visits {
                Some(Keep::For(span)) => Some(span.after(now).duration_since(now)),
                Some(Keep::WhileRegistered) | None => None,
            },
            site: policy.controller.clone(),
            contact: policy.contact.email.clone(),
            origin: self.place.origin.clone(),
            account: self.place.account.clone(),
        }
    }

    fn sender(&self, policy: &Policy) -> Sender {
        Sender {
            name: policy.controller.clone(),
            from: self.place.from.clone().unwrap_or_else(|| policy.contact.email.clone()),
            contact: policy.contact.email.clone(),
            host: post::host_of(&self.place.origin).to_owned(),
        }
    }

    /// Hands a letter over, and writes down what became of it.
    async fn hand_over(&self, job: &Job, offer: Offer<'_>, letter: &Written) -> Attempt {
        if let Err(trouble) = offer.hand_over(letter).await {
            return self.put_aside(job, &trouble).await;
        }
        self.counts.sent.fetch_add(1, Ordering::Relaxed);
        self.write("sent", || self.people.end_job(job.id)).await;
        Attempt::Settled
    }

    /// Keeps a letter that was not taken for another time, or gives it up.
    async fn put_aside(&self, job: &Job, trouble: &Trouble) -> Attempt {
        // Where there is no way for any, this one waits about as long as all do: somebody may be looking for it in their mail.
        let pace = if matches!(trouble, Trouble::NoWay(_)) { &self.pace.all } else { &self.pace.letter };
        let due = pace.next(job.tries, &*self.random, self.clock.now());
        match trouble {
            Trouble::Never(_) | Trouble::Unsendable(_) => {
                tracing::warn!(letter = self.number(job), why = %trouble, "a letter is given up");
                self.write("given up", || self.people.give_up_job(job.id, trouble.code())).await;
                return Attempt::Settled;
            }
            Trouble::NotNow(_) => tracing::info!(letter = self.number(job), why = %trouble, "a letter is tried again later"),
            Trouble::NoWay(why) => tracing::warn!(%why, "letters cannot be sent for now; they wait"),
            Trouble::Unknown(why) => self.is_unknown(job, why),
        }
        self.write("put off", || self.people.put_off_job(job.id, due)).await;
        if matches!(trouble, Trouble::NotNow(_)) { Attempt::Settled } else { Attempt::NoWay }
    }

    /// The one thing about a letter that cannot be known.
    fn is_unknown(&self, job: &Job, why: &str) {
        self.counts.unknown.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(
            letter = self.number(job),
            why,
            "a letter was handed over, and whether it was taken cannot be known; it is sent again under the same Message-ID"
        );
    }

    /// Writes down what has happened already. Nothing else is handed over before it is.
    async fn write<F: Future<Output = Result<(), RecordsError>>>(&self, what: &'static str, write: impl Fn() -> F) {
        while let Err(error) = write().await {
            tracing::error!(%error, "that a letter is {what} cannot be written down; it is tried again");
            tokio::time::sleep(WRITE_AGAIN).await;
        }
    }

    /// What a letter is called in its header and in the mail server's log.
    fn number(&self, job: &Job) -> String {
        post::message_id(job.id, post::host_of(&self.place.origin))
    }
}

/// Letters to people go by the contract of their account; whoever reported something has none.
fn permit_for(letter: &Letter, policy: &Policy) -> Result<Permit, Trouble> {
    match letter {
        // Others go on while the policy lets nobody be answered.
        Letter::ReportClosed => request_permit(policy).ok_or(Trouble::Unsendable("no use in the policy needs `request.email`")),
        _ => letter_permit(policy)
            .ok_or_else(|| Trouble::NoWay("no use in the policy rests on the contract of an account and needs `account.email`".to_owned())),
    }
}
