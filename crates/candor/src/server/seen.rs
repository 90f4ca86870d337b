//! What the site was seen to do: kept in a small file across restarts, and told to commands with what the policy would need to say.

mod proposal;
mod resources;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use disk::{Disk, RealDisk};
use domain::Timestamp;
use edge::{CookieSightings, ResourceSightings, Sightings};
use policy::Policy;
use serde::{Deserialize, Serialize};

use super::reported::Reported;
use super::visits::policy_in_force;
use crate::owner::{Answer, DataFolder, Done, SeenCookieRow, SeenResourceRow};
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
    seen: Sightings,
    /// Whether the file says the same.
    is_kept: bool,
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
            Sightings::default()
        });
        edge.remember(&seen);
        Self { disk, edge, reported, state: parking_lot::Mutex::new(State { seen, is_kept: true }) }
    }

    /// Everything seen up to now.
    pub(super) fn now(&self) -> Sightings {
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
        let mut newer = self.edge.take_sightings();
        newer.merge(self.reported.take());
        state.is_kept &= newer.is_empty();
        state.seen.merge(newer);
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

fn read(disk: &dyn Disk) -> anyhow::Result<Sightings> {
    let bytes = match disk.read(FILE) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(Sightings::default()),
        Err(error) => return Err(error.into()),
    };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|_| anyhow::anyhow!("{FILE} in the data folder is damaged"))?;
    let mut seen = Sightings::default();
    seen.unnoted = kept.unnoted;
    seen.unnoted_resources = kept.unnoted_resources;
    seen.service_worker = kept.service_worker;
    for KeptResource { url, count, first, last } in kept.resources {
        seen.add_resource(&url, ResourceSightings { count, first, last });
    }
    for KeptCookie { name, count, first, last, seconds_max } in kept.cookies {
        seen.add(&name, CookieSightings { count, first, last, seconds_max });
    }
    Ok(seen)
}

fn write(disk: &dyn Disk, seen: &Sightings) -> anyhow::Result<()> {
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

/// Tells every name and every place, in alphabetical order, and what the policy would have to say of those it does not declare.
pub(super) fn answer(policy: &Policy, seen: &Sightings, say: &mut dyn FnMut(Answer) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut proposals = Proposals::for_policy(policy);
    for (name, seen) in seen.cookies() {
        let declared = policy.cookie_for(name.as_bytes()).is_some();
        let proposal = (!declared).then(|| proposals.cookie(name, seen.seconds_max)).flatten();
        let CookieSightings { count, first, last, .. } = *seen;
        say(Answer::Cookie(SeenCookieRow { name: name.to_owned(), declared, count, first, last, proposal }))?;
    }
    let is_declared = |url: &str| policy.resource_for(url).is_some();
    let undeclared = seen.resources().map(|(url, _)| url).filter(|url| !is_declared(url));
    let mut proposals = ResourceProposals::new(&mut proposals, undeclared);
    for (url, seen) in seen.resources() {
        let declared = is_declared(url);
        let proposal = (!declared).then(|| proposals.resource(url)).flatten();
        let ResourceSightings { count, first, last } = *seen;
        say(Answer::Resource(SeenResourceRow { url: url.to_owned(), declared, count, first, last, proposal }))?;
    }
    let cookies = (seen.unnoted > 0).then(|| format!("{} more cookies were set under names that there was no room to note", seen.unnoted));
    let resources = (seen.unnoted_resources > 0)
        .then(|| format!("{} more things were loaded from places that there was no room to note", seen.unnoted_resources));
    say(Answer::Done(Done { gaps: Vec::new(), damage: cookies.into_iter().chain(resources).collect() }))
}

#[cfg(test)]
mod tests {
    use disk::SimulatedDisk;

    use super::*;

    #[test]
    fn what_was_seen_is_read_back_as_it_was_written() {
        let disk = SimulatedDisk::new();
        assert!(read(&disk).expect("nothing yet").is_empty());
        let at = |second| Timestamp::from_second(second).expect("a time");
        let mut seen = Sightings::default();
        seen.unnoted = 3;
        seen.add("sid", CookieSightings { count: 2, first: at(1), last: at(2), seconds_max: Some(60) });
        seen.add("\"quoted\"", CookieSightings { count: 1, first: at(3), last: at(3), seconds_max: None });
        seen.unnoted_resources = 4;
        seen.service_worker = true;
        seen.add_resource("https://cdn.example/js/", ResourceSightings { count: 5, first: at(4), last: at(6) });
        write(&disk, &seen).expect("written");
        assert_eq!(read(&disk).expect("kept"), seen);
        disk::replace(&disk, FILE, br#"{"cookies":[],"unnoted":7}"#).expect("written by an older version");
        let older = read(&disk).expect("it is still read");
        assert_eq!((older.unnoted, older.resources().count(), older.service_worker), (7, 0, false));
        disk::replace(&disk, FILE, b"{").expect("damaged");
        assert!(read(&disk).is_err_and(|error| error.to_string().contains("damaged")));
    }
}
