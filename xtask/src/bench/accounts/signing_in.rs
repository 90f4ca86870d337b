//! From the sign-in page to signed in, one person after the other.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use stories::{Request, Server, stopwatch};

use super::people::Peopled;
use super::person::{Person, ensure_status, form, link_in, name};
use super::registering::letters;
use crate::process;

pub(super) const STEPS: [&str; 4] = ["sign-in page", "address posted", "link opened", "button pressed"];

/// The steps of everybody, in microseconds.
pub(super) struct Steps(Vec<[f64; 4]>);

impl Steps {
    pub(super) fn of(&self, step: usize) -> Vec<f64> {
        self.0.iter().map(|steps| steps[step]).collect()
    }

    pub(super) fn whole(&self) -> Vec<f64> {
        self.0.iter().map(|steps| steps.iter().sum()).collect()
    }
}

/// The first few are not counted: nobody measures a process that has just started.
const WARM_UP: u64 = 50;

/// A letter that takes longer does not come.
const LETTER_MAX: Duration = Duration::from_secs(30);

/// Signs in people from all over the records, and returns what their browsers keep.
pub(super) fn run(peopled: &Peopled, server: &Server, people: u64, sign_ins: u64) -> Result<(Steps, Vec<String>)> {
    let mut person = Person::new(server.public(), 0)?;
    let (mut steps, mut cookies) = (Vec::new(), Vec::new());
    for turn in 0..WARM_UP + sign_ins {
        person.become_another(turn);
        // A step that is prime to every power of ten comes by everybody before it comes by anybody twice.
        let (taken, cookie) = sign_in(&mut person, &peopled.mail(), &name(turn * 7_919 % people))?;
        if turn >= WARM_UP {
            steps.push(taken);
            cookies.push(cookie);
        }
    }
    Ok((Steps(steps), cookies))
}

/// How long the server took for each of the steps of those who signed in, in microseconds, as its own log says: from a request's head to the last byte of its
/// answer. The server has stopped.
pub(super) fn server_times(peopled: &Peopled, binary: &Path) -> Result<Vec<f64>> {
    #[derive(Deserialize)]
    struct Log {
        visits: Vec<Visit>,
    }
    #[derive(Deserialize)]
    struct Visit {
        path: String,
        duration_us: f64,
    }
    let log: Log = serde_json::from_str(&process::output(peopled.candor(binary, "visits").arg("--json"))?)?;
    let steps: Vec<&Visit> = log.visits.iter().filter(|visit| visit.path.starts_with("/account/sign-in")).collect();
    let journeys = steps.chunks_exact(STEPS.len()).map(|steps| steps.iter().map(|step| step.duration_us).sum());
    Ok(journeys.skip(WARM_UP as usize).collect())
}

/// Signs somebody in, and returns how long each step took and what their browser keeps.
pub(super) fn sign_in(person: &mut Person, mail: &Path, name: &str) -> Result<([f64; 4], String)> {
    let us = |taken: Duration| taken.as_secs_f64() * 1e6;
    let (page, shown) = person.timed(Request::get("/account/sign-in"))?;
    ensure_status(&page, 200, "the sign-in page")?;
    let (asked, posted) = person.timed(form("/account/sign-in", &[("_email", &format!("{name}@example.org"))]))?;
    ensure_status(&asked, 303, "an address")?;
    let path = link_in(&only_letter(mail)?, "sign-in")?;
    let (page, opened) = person.timed(Request::get(&path))?;
    ensure_status(&page, 200, "a link")?;
    let (signed_in, pressed) = person.timed(form(&path, &[]))?;
    ensure_status(&signed_in, 303, "a button")?;
    Ok(([us(shown), us(posted), us(opened), us(pressed)], signed_in.cookies().context("no session")?))
}

/// How long the first request of each browser takes whose ticket has to be renewed, in microseconds.
pub(super) fn renewals(server: &Server, cookies: &[String]) -> Result<Vec<f64>> {
    let mut person = Person::new(server.public(), 0)?;
    let mut taken = Vec::new();
    for cookie in cookies {
        let (page, renewed) = person.timed(Request::get("/privacy").cookie(Some(cookie)))?;
        ensure_status(&page, 200, "a page for somebody signed in")?;
        page.cookies().context("the ticket was not renewed")?;
        taken.push(renewed.as_secs_f64() * 1e6);
    }
    Ok(taken)
}

/// The letter that has come, which is taken out of the folder.
fn only_letter(mail: &Path) -> Result<String> {
    let since = stopwatch();
    let file = loop {
        if let Some(file) = letters(mail)?.into_iter().next() {
            break file;
        }
        ensure!(since() < LETTER_MAX, "no letter comes");
        thread::sleep(Duration::from_millis(2));
    };
    let letter = fs::read_to_string(&file)?;
    fs::remove_file(&file)?;
    Ok(letter)
}
