//! What the site was seen to do: kept in a small file across restarts, and told to commands with what the policy would need to say.

mod proposal;
mod resources;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::visit_log::Missing;
use disk::{Disk, RealDisk};
use domain::Timestamp;
use edge::{CookieSightings, ResourceSightings, Sightings};
use policy::Policy;
use serde::{Deserialize, Serialize};

use super::reported::{PLACES_MAX, Reported};
use super::visits::policy_in_force;
use crate::owner::{Answer, DataFolder, SeenCookieRow, SeenResourceRow};
use proposal::Proposals;
use resources::ResourceProposals;

const FILE: &str = "seen.json";

/// A crash loses no more than what was seen in this time.
const EVERY: Duration = Duration::from_secs(30);

/// What was seen, with the file it is kept in.
pub(super) struct SeenFile {
    disk: Arc<dyn Disk>,
    edge: edge::Counter,
    reported: Arc<Reported>,
    state: parking_lot::Mutex<State>,
}

struct State {
    seen: Seen,
    /// Whether the file says the same.
    is_kept: bool,
}

/// What Candor saw itself, and what browsers say. Anybody can send a report that is made up, so the one never takes room from the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    edge: Sightings,
    reported: Sightings,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    cookies: Vec<KeptCookie>,
    unnoted: u64,
    // A file from before these were kept has none of them.
    #[serde(default)]
    resources: Vec<KeptResource>,
    #[serde(default)]
    unnoted_resources: u64,
    #[serde(default)]
    service_worker: bool,
    #[serde(default)]
    reported: Vec<KeptResource>,
    #[serde(default)]
    unnoted_reported: u64,
}

#[derive(Serialize, Deserialize)]
struct KeptResource {
    url: String,
    count: u64,
    first: Timestamp,
    last: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct KeptCookie {
    name: String,
    count: u64,
    first: Timestamp,
    last: Timestamp,
    seconds_max: Option<u64>,
}

impl SeenFile {
    pub(super) fn open(disk: Arc<dyn Disk>, edge: edge::Counter, reported: Arc<Reported>) -> Self {
        // These are counts for the operator; what is damaged is not worth keeping the site from its visitors.
        let seen = read(&*disk).unwrap_or_else(|error| {
            tracing::error!(%error, "what the site was seen to do before cannot be read; it is counted anew");
            Seen::default()
        });
        edge.remember(&seen.edge);
        Self { disk, edge, reported, state: parking_lot::Mutex::new(State { seen, is_kept: true }) }
    }

    /// Everything seen up to now.
    pub(super) fn now(&self) -> Seen {
        self.gathered().seen.clone()
    }

    /// Writes the file, if there is anything new.
    pub(super) fn keep(&self) -> anyhow::Result<()> {
        let mut state = self.gathered();
        if !state.is_kept {
            write(&*self.disk, &state.seen)?;
            state.is_kept = true;
        }
        Ok(())
    }

    fn gathered(&self) -> parking_lot::MutexGuard<'_, State> {
        let mut state = self.state.lock();
        let (newer, reported) = (self.edge.take_sightings(), self.reported.take());
        state.is_kept &= newer.is_empty() && reported.is_empty();
        state.seen.edge.merge(newer);
        state.seen.reported.merge(reported);
        state.seen.reported.keep_commonest_resources(PLACES_MAX);
        state
    }
}

pub(super) async fn keep_now_and_then(file: Arc<SeenFile>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let file = Arc::clone(&file);
        match tokio::task::spawn_blocking(move || file.keep()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "what the site was seen to do could not be kept"),
            Err(_) => tracing::error!("keeping what the site was seen to do ended early; it is tried again"),
        }
    }
}

fn read(disk: &dyn Disk) -> anyhow::Result<Seen> {
    let bytes = match disk.read(FILE) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(Seen::default()),
        Err(error) => return Err(error.into()),
    };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|_| anyhow::anyhow!("{FILE} in the data folder is damaged"))?;
    let mut edge = with_resources(kept.resources, kept.unnoted_resources);
    edge.unnoted = kept.unnoted;
    edge.service_worker = kept.service_worker;
    for KeptCookie { name, count, first, last, seconds_max } in kept.cookies {
        edge.add(&name, CookieSightings { count, first, last, seconds_max });
    }
    Ok(Seen { edge, reported: with_resources(kept.reported, kept.unnoted_reported) })
}

fn with_resources(resources: Vec<KeptResource>, unnoted: u64) -> Sightings {
    let mut seen = Sightings::default();
    seen.unnoted_resources = unnoted;
    for KeptResource { url, count, first, last } in resources {
        seen.add_resource(&url, ResourceSightings { count, first, last });
    }
    seen
}

fn write(disk: &dyn Disk, Seen { edge: seen, reported }: &Seen) -> anyhow::Result<()> {
    let cookie = |(name, seen): (&str, &CookieSightings)| KeptCookie {
        name: name.to_owned(),
        count: seen.count,
        first: seen.first,
        last: seen.last,
        seconds_max: seen.seconds_max,
    };
    let resource = |(url, seen): (&str, &ResourceSightings)| KeptResource {
        url: url.to_owned(),
        count: seen.count,
        first: seen.first,
        last: seen.last,
    };
    let kept = Kept {
        cookies: seen.cookies().map(cookie).collect(),
        unnoted: seen.unnoted,
        resources: seen.resources().map(resource).collect(),
        unnoted_resources: seen.unnoted_resources,
        service_worker: seen.service_worker,
        reported: reported.resources().map(resource).collect(),
        unnoted_reported: reported.unnoted_resources,
    };
    disk::replace(disk, FILE, &serde_json::to_vec(&kept)?)?;
    Ok(())
}

/// Answers from a folder that no server owns.
pub(crate) fn seen_of_folder(folder: &DataFolder, site: &Path, say: &mut dyn FnMut(Answer) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(folder.path()));
    let policy = policy_in_force(&disk, site)?;
    answer(&policy, &read(&*disk)?, say)
}

/// Lines are proposed for so many cookies and so many places, the commonest; nobody reads more at once, and a made-up list is longer.
const PROPOSED_MAX: usize = 200;

/// Tells every name and every place, in alphabetical order, and what the policy would have to say of those it does not declare.
pub(super) fn answer(policy: &Policy, seen: &Seen, say: &mut dyn FnMut(Answer) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut proposals = Proposals::for_policy(policy);
    let is_set = |name: &str| policy.cookie_for(name.as_bytes()).is_some();
    let common = commonest(seen.edge.cookies().filter(|(name, _)| !is_set(name)).map(|(name, seen)| (name, seen.count)));
    for (name, seen) in seen.edge.cookies() {
        let proposal = common.contains(name).then(|| proposals.cookie(name, seen.seconds_max)).flatten();
        let CookieSightings { count, first, last, .. } = *seen;
        say(Answer::Cookie(SeenCookieRow { name: name.to_owned(), declared: is_set(name), count, first, last, proposal }))?;
    }
    let mut places = seen.edge.clone();
    places.merge(seen.reported.clone());
    let is_declared = |url: &str| policy.resource_for(url).is_some();
    let common = commonest(places.resources().filter(|(url, _)| !is_declared(url)).map(|(url, seen)| (url, seen.count)));
    let mut proposals = ResourceProposals::new(&mut proposals, common.iter().copied());
    for (url, found) in places.resources() {
        let proposal = common.contains(url).then(|| proposals.resource(url)).flatten();
        let ResourceSightings { count, first, last } = *found;
        let only_reported = seen.edge.resources().all(|(known, _)| known != url);
        say(Answer::Resource(SeenResourceRow {
            url: url.to_owned(),
            declared: is_declared(url),
            only_reported,
            count,
            first,
            last,
            proposal,
        }))?;
    }
    let cookies =
        (places.unnoted > 0).then(|| format!("{} more cookies were set under names that there was no room to note", places.unnoted));
    let resources = (places.unnoted_resources > 0)
        .then(|| format!("{} more things were loaded from places that there was no room to note", places.unnoted_resources));
    say(Answer::Done(Missing { gaps: Vec::new(), damage: cookies.into_iter().chain(resources).collect() }))
}

fn commonest<'s>(counted: impl Iterator<Item = (&'s str, u64)>) -> BTreeSet<&'s str> {
    let mut counted: Vec<(&str, u64)> = counted.collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted.into_iter().take(PROPOSED_MAX).map(|(what, _)| what).collect()
}

#[cfg(test)]
mod tests {
    use disk::SimulatedDisk;

    use super::*;

    #[test]
    fn what_was_seen_is_read_back_as_it_was_written() {
        let disk = SimulatedDisk::new();
        assert_eq!(read(&disk).expect("nothing yet"), Seen::default());
        let at = |second| Timestamp::from_second(second).expect("a time");
        let mut seen = Sightings::default();
        let mut reported = Sightings::default();
        reported.note_resource("https://ads.example/", at(9));
        reported.unnoted_resources = 2;
        seen.unnoted = 3;
        seen.add("sid", CookieSightings { count: 2, first: at(1), last: at(2), seconds_max: Some(60) });
        seen.add("\"quoted\"", CookieSightings { count: 1, first: at(3), last: at(3), seconds_max: None });
        seen.unnoted_resources = 4;
        seen.service_worker = true;
        seen.add_resource("https://cdn.example/js/", ResourceSightings { count: 5, first: at(4), last: at(6) });
        let seen = Seen { edge: seen, reported };
        write(&disk, &seen).expect("written");
        assert_eq!(read(&disk).expect("kept"), seen);
        disk::replace(&disk, FILE, br#"{"cookies":[],"unnoted":7}"#).expect("written by an older version");
        let older = read(&disk).expect("it is still read").edge;
        assert_eq!((older.unnoted, older.resources().count(), older.service_worker), (7, 0, false));
        disk::replace(&disk, FILE, b"{").expect("damaged");
        assert!(read(&disk).is_err_and(|error| error.to_string().contains("damaged")));
    }

    #[test]
    fn reports_that_somebody_makes_up_hide_nothing_and_are_not_proposed_without_end() {
        let at = |second| Timestamp::from_second(second).expect("a time");
        let reported = Reported::default();
        for number in 0..20_i64 * 100 {
            web::Reports::blocked(&reported, Some("https://real.example/"), at(number));
            web::Reports::blocked(&reported, Some(&format!("https://made-up-{number}.example/")), at(number));
        }
        let mut edge = Sightings::default();
        edge.note_resource("https://seen.example/", at(1));
        let seen = Seen { edge, reported: reported.take() };
        assert_eq!(seen.reported.resources().count(), PLACES_MAX);
        let sources = policy::syntax::SiteSources::new(
            include_str!("../../../../examples/health/policy.toml"),
            include_str!("../../../../examples/health/policy.md"),
        );
        let policy = policy::check::check(&sources, "2026-03-01".parse().expect("a day")).policy.expect("no errors");
        let mut rows = Vec::new();
        let mut each = |said| {
            if let Answer::Resource(row) = said {
                rows.push(row);
            }
            Ok(())
        };
        answer(&policy, &seen, &mut each).expect("told");
        let row = |url: &str| rows.iter().find(|row| row.url == url).map(|row| (row.only_reported, row.count));
        assert_eq!(row("https://real.example/"), Some((true, 2_000)), "what is reported often stays");
        assert_eq!(row("https://seen.example/"), Some((false, 1)));
        assert!(rows.iter().filter(|row| row.proposal.is_some()).count() <= PROPOSED_MAX);
        assert!(rows.iter().any(|row| row.url == "https://real.example/" && row.proposal.is_some()));
    }
}
