//! Killed in the middle of its work, again and again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use stories::{Connection, Place, Request, Site, stopwatch};

/// An answer older than this is in the log, whatever happens. The operators' guide states it.
const SYNC_INTERVAL: Duration = Duration::from_millis(500);

const KILLS: usize = 10;
const VISITORS: usize = 4;

#[test]
fn no_visit_older_than_the_sync_interval_is_lost_or_doubled() {
    let (place, site) = (Place::health(), Site::new());
    let next = Arc::new(AtomicU64::new(0));
    let mut owed: Vec<u64> = Vec::new();
    for kill in 0..KILLS {
        let server = place.serve(&site);
        let before = next.load(Ordering::Relaxed);
        // Not always the same moment of the writer's rhythm.
        let answered = load(&next, server.public(), SYNC_INTERVAL + Duration::from_millis(400 + 137 * kill as u64), server.id());
        server.kill();
        assert!(answered.len() > 20, "there was load: {} answers since {before}", answered.len());
        owed.extend(answered.iter().filter(|(_, age)| *age > SYNC_INTERVAL).map(|(id, _)| *id));

        let mut found: BTreeMap<u64, usize> = BTreeMap::new();
        for visit in place.visits() {
            if let Some(id) = visit["path"].as_str().and_then(|path| path.strip_prefix("/n/")) {
                *found.entry(id.parse().expect("our own ids")).or_default() += 1;
            }
        }
        let lost: Vec<&u64> = owed.iter().filter(|id| !found.contains_key(id)).collect();
        assert!(lost.is_empty(), "kill {kill}: lost {} of {}: {:?}", lost.len(), owed.len(), &lost[..lost.len().min(10)]);
        let doubled: Vec<&u64> = found.iter().filter(|(_, count)| **count > 1).map(|(id, _)| id).collect();
        assert!(doubled.is_empty(), "kill {kill}: doubled {doubled:?}");
    }
    assert!(owed.len() > KILLS * 20, "{} visits were owed", owed.len());
}

/// Asks for numbered pages from several connections, and for how long ago each was answered when the server was killed.
fn load(next: &Arc<AtomicU64>, public: &str, lasting: Duration, server: u32) -> Vec<(u64, Duration)> {
    let since = stopwatch();
    let answered = Arc::new(Mutex::new(Vec::new()));
    let is_over = Arc::new(AtomicBool::new(false));
    let visitors: Vec<_> = (0..VISITORS)
        .map(|_| {
            let (next, answered, is_over, public) = (Arc::clone(next), Arc::clone(&answered), Arc::clone(&is_over), public.to_owned());
            thread::spawn(move || {
                let Ok(mut connection) = Connection::open(&public) else { return };
                while !is_over.load(Ordering::Relaxed) {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    // The kill cuts a request off: that one is owed nothing.
                    let Ok(answer) = connection.send(&Request::get(&format!("/n/{id}"))) else { return };
                    assert_eq!(answer.status, 200);
                    answered.lock().unwrap().push((id, since()));
                    // Enough to keep the log's writer busy; reading all of it ten times is what takes long.
                    thread::sleep(Duration::from_millis(2));
                }
            })
        })
        .collect();
    thread::sleep(lasting);
    let killed = since();
    let kill = std::process::Command::new("kill").args(["-KILL", &server.to_string()]).status().unwrap();
    assert!(kill.success());
    is_over.store(true, Ordering::Relaxed);
    for visitor in visitors {
        visitor.join().unwrap();
    }
    let answered = answered.lock().unwrap();
    answered.iter().map(|(id, at)| (*id, killed.saturating_sub(*at))).collect()
}
