//! Many people who register at once, each through every step.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use stories::{Request, Server, stopwatch};

use super::super::usage;
use super::people::Peopled;
use super::person::{Person, ensure_status, form, hidden, link_in};

/// So many wait for their letters at most, where they wait for them.
const WAITING_MAX: usize = 256;

/// One round.
#[derive(Clone, Debug)]
pub(super) struct Registered {
    /// Forms that were answered.
    pub(super) posted: u64,
    /// Accounts that were made.
    pub(super) confirmed: u64,
    pub(super) seconds: f64,
    pub(super) processor_us: u64,
    /// Who was the last to be confirmed.
    last: Vec<String>,
}

/// Everybody who ever registers here has another number.
static NEXT: AtomicU64 = AtomicU64::new(0);

struct Round<'r> {
    authority: &'r str,
    mail: &'r Path,
    is_whole: bool,
    is_over: AtomicBool,
    posted: AtomicU64,
    confirmed: AtomicU64,
    /// Links that came and were not opened yet, with who they are for.
    links: Mutex<VecDeque<(String, String)>>,
    last: Mutex<Vec<String>>,
}

/// Lets clients register for so long; to the end, or only as far as the form.
pub(super) fn run(peopled: &Peopled, server: &Server, clients: usize, length: Duration, is_whole: bool) -> Result<Registered> {
    let mail = peopled.mail();
    empty(&mail)?;
    let round = Round {
        authority: server.public(),
        mail: &mail,
        is_whole,
        is_over: AtomicBool::new(false),
        posted: AtomicU64::new(0),
        confirmed: AtomicU64::new(0),
        links: Mutex::default(),
        last: Mutex::default(),
    };
    let before = usage::processor_us(server.id())?;
    let since = stopwatch();
    let mut ended = Vec::new();
    thread::scope(|scope| {
        let mut threads: Vec<_> = (0..clients).map(|_| scope.spawn(|| round.client())).collect();
        threads.extend(is_whole.then(|| scope.spawn(|| round.postman())));
        thread::sleep(length);
        round.is_over.store(true, Ordering::Release);
        ended.extend(threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| bail!("a client broke"))));
    });
    ended.into_iter().collect::<Result<Vec<()>>>()?;
    let seconds = since().as_secs_f64();
    let processor_us = usage::processor_us(server.id())? - before;
    let (posted, confirmed) = (round.posted.into_inner(), round.confirmed.into_inner());
    eprintln!("{:.0} forms/s, {:.0} people registered/s", posted as f64 / seconds, confirmed as f64 / seconds);
    let last = round.last.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Registered { posted, confirmed, seconds, processor_us, last })
}

/// Whether the last who were confirmed can sign in, of each round.
pub(super) fn still_there(peopled: &Peopled, server: &Server, rounds: &[Registered]) -> Result<usize> {
    let mail = peopled.mail();
    empty(&mail)?;
    let mut person = Person::new(server.public(), NEXT.fetch_add(1, Ordering::Relaxed))?;
    let mut there = 0;
    for name in rounds.iter().flat_map(|round| &round.last) {
        person.become_another(NEXT.fetch_add(1, Ordering::Relaxed));
        let asked = person.send(form("/account/sign-in", &[("_email", &format!("{name}@example.com"))]))?;
        ensure_status(&asked, 303, "an address")?;
        let found = stories::eventually("a letter for somebody who registered before the crash", Duration::from_secs(30), || {
            letters(&mail).ok()?.into_iter().find_map(|file| {
                let letter = fs::read_to_string(&file).ok()?;
                link_in(&letter, "sign-in").ok().filter(|_| letter.contains(&format!("{name}@example.com")))
            })
        });
        let signed_in = person.send(form(&found, &[]))?;
        ensure_status(&signed_in, 303, "a button")?;
        there += 1;
    }
    Ok(there)
}

impl Round<'_> {
    fn client(&self) -> Result<()> {
        let mut person = Person::new(self.authority, 0)?;
        let mut last = None;
        while !self.is_over.load(Ordering::Acquire) {
            let link = self.links.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            match link {
                Some((path, name)) => {
                    self.confirm(&mut person, &path)?;
                    last = Some(name);
                }
                None if self.is_whole && self.waiting() >= WAITING_MAX as u64 => thread::sleep(Duration::from_micros(500)),
                None => self.register(&mut person)?,
            }
        }
        self.last.lock().unwrap_or_else(PoisonError::into_inner).extend(last);
        Ok(())
    }

    fn waiting(&self) -> u64 {
        self.posted.load(Ordering::Relaxed).saturating_sub(self.confirmed.load(Ordering::Relaxed))
    }

    fn register(&self, person: &mut Person) -> Result<()> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        person.become_another(number);
        let name = format!("new-{}", super::person::name(number));
        let page = person.send(Request::get("/account/register"))?;
        ensure_status(&page, 200, "the question of age")?;
        let page = person.send(form("/account/register/age", &[("_day", "7"), ("_month", "11"), ("_year", "1985")]))?;
        ensure_status(&page, 200, "the form")?;
        let age = hidden(&page, "_age")?;
        let email = format!("{name}@example.com");
        let posted = person.send(form("/account/register", &[("_age", &age), ("_email", &email), ("_username", &name)]))?;
        if posted.status == 429 {
            thread::sleep(Duration::from_millis(20));
            return Ok(());
        }
        ensure_status(&posted, 303, "a registration")?;
        self.posted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn confirm(&self, person: &mut Person, path: &str) -> Result<()> {
        let page = person.send(Request::get(path))?;
        ensure_status(&page, 200, "a link")?;
        let confirmed = person.send(form(path, &[]))?;
        ensure_status(&confirmed, 303, "a button")?;
        ensure!(confirmed.cookies().is_some(), "nobody is signed in");
        self.confirmed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Brings what is in the mail folder to those who wait for it.
    fn postman(&self) -> Result<()> {
        while !self.is_over.load(Ordering::Acquire) {
            for file in letters(self.mail)? {
                let letter = fs::read_to_string(&file)?;
                fs::remove_file(&file)?;
                // Letters that a round before this left waiting are nobody's by now, and are opened like any.
                let name = letter.split("@example.com").next().and_then(|before| before.rsplit(['<', ' ', ',']).next());
                let name = name.context("a letter is for somebody")?.trim().to_owned();
                let link = link_in(&letter, "confirm")?;
                self.links.lock().unwrap_or_else(PoisonError::into_inner).push_back((link, name));
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }
}

pub(super) fn letters(mail: &Path) -> Result<Vec<std::path::PathBuf>> {
    let files = match fs::read_dir(mail) {
        Ok(files) => files,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let files = files.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    Ok(files.into_iter().filter(|file| file.extension().is_some_and(|end| end == "eml")).collect())
}

fn empty(mail: &Path) -> Result<()> {
    letters(mail)?.into_iter().try_for_each(|file| Ok(fs::remove_file(file)?))
}
