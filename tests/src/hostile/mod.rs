//! A site that does whatever it can to have its visitors tracked, and the tracker, which writes down who came.
//!
//! What each page does is in `tests/hostile/pages`, in plain HTML. The last part of each tracked address names the way it was asked for; a name that begins
//! with `never-` is of something that no browser asks for.

mod answer;
mod pages;
mod tracker;

use std::fs;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::folder::own_folder;
use crate::listener::{Conduct, Listener, Seen};
use crate::{Place, Server};

pub use pages::{Names, POLICIES};
pub use tracker::Tracker;

/// The site and everybody it works with.
#[derive(Debug)]
pub struct Hostile {
    site: Listener,
    asked: Arc<Asked>,
    tracker: Tracker,
    /// Whoever keeps files for the site, which the policy permits without asking.
    files: Tracker,
}

impl Hostile {
    #[expect(clippy::new_without_default, reason = "opening a site is not a default")]
    pub fn new() -> Self {
        let (tracker, files) = (Tracker::new(), Tracker::new());
        let names = Names::of(tracker.port(), files.port());
        let asked = Arc::new(Asked { names, seen: Mutex::default(), logs: [tracker.log(), files.log()] });
        Self { site: Listener::open(Arc::clone(&asked)), asked, tracker, files }
    }

    /// A site folder whose policy declares the tracker, its cookies, and the keeper of files.
    pub fn place(&self) -> Place {
        let place = Place::empty();
        let from = own_folder().join("hostile");
        for file in ["policy.toml", "policy.md", "candor.toml"] {
            let text = fs::read_to_string(from.join(file)).expect("the hostile site's folder is there");
            fs::write(place.site().join(file), self.asked.names.put_into_policy(&text)).expect("a story's own folder can be written");
        }
        place
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.site.address())
    }

    pub const fn tracker(&self) -> &Tracker {
        &self.tracker
    }

    pub const fn files(&self) -> &Tracker {
        &self.files
    }

    pub fn names(&self) -> &Names {
        &self.asked.names
    }

    /// What a script of `tests/browser` has to know.
    pub fn told(&self, server: &Server) -> Value {
        serde_json::json!({
            "public": format!("http://{}", server.public()),
            "site": self.url(),
            "tracker": self.asked.names.tracker,
            "pages": pages::VISITED,
            "more": pages::MORE,
        })
    }

    /// Every request the site itself got.
    pub fn asked(&self) -> Vec<Seen> {
        self.asked.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Debug)]
struct Asked {
    names: Names,
    seen: Mutex<Vec<Seen>>,
    /// Of the tracker and of the keeper of files.
    logs: [tracker::Log; 2],
}

impl Conduct for Asked {
    fn answer(&self, request: Seen) -> Vec<u8> {
        match request.path() {
            // Asked of the site directly, by whoever tells the story.
            "/-/log" => answer::Answer::of("application/json", self.logs[0].taken().to_string()).wire(&request),
            "/-/log-of-files" => answer::Answer::of("application/json", self.logs[1].taken().to_string()).wire(&request),
            _ => {
                let answer = pages::answer(&request, &self.names);
                self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                answer
            }
        }
    }
}
