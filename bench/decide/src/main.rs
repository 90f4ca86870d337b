//! One decision, side by side with the Cedar crate: the same 40 rules, the same questions, the same answers, and then the time each takes.
//!
//! `cargo xtask bench decide` runs it; it prints a table.

mod candor;
mod cedar;
mod people;
mod question;
mod rules;

use std::hint::black_box;
use std::time::{Duration, Instant};

use candor::Candor;
use cedar::Cedar;
use rules::{NEVERS, USES};

const ROUNDS: usize = 9;
const ROUND_AT_LEAST: Duration = Duration::from_millis(300);

fn main() {
    let (candor, cedar) = (Candor::new(), Cedar::new());
    let compared = agree(&candor, &cedar);

    let questions = question::usual();
    let facts: Vec<_> = questions.iter().map(|question| candor.facts(question)).collect();
    let requests: Vec<_> = questions.iter().map(|question| cedar.request(question)).collect();
    let permitted = facts.iter().filter(|facts| candor.permits(facts)).count();

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(nanoseconds_each(&facts, |facts| candor.permits(facts)));
        theirs.push(nanoseconds_each(&requests, |request| cedar.permits(request)));
    }
    let (ours, theirs) = (Spread::of(ours), Spread::of(theirs));
    println!("| | rules | ns a decision, median | least | most |\n|---|---|---|---|---|");
    println!("| Candor | {} | {ours} |", USES.len() + NEVERS.len());
    println!("| Cedar 4.14.1 (`cedar-policy`, no default features) | {} | {theirs} |", cedar.rules());
    println!("\n{:.0} times faster, by the medians.", theirs.median / ours.median);
    println!(
        "`cargo xtask bench decide`: {} questions, {permitted} of them permitted, put to both in turn for {ROUNDS} rounds, one thread; requests and facts are \
         built beforehand. Both gave the same answer to each of {compared} questions first.",
        questions.len()
    );
}

/// A comparison of different answers would be worth nothing. Says how many were the same: all of them.
fn agree(candor: &Candor, cedar: &Cedar) -> usize {
    let questions = question::all();
    for question in &questions {
        let (ours, theirs) = (candor.permits(&candor.facts(question)), cedar.permits(&cedar.request(question)));
        assert_eq!(ours, theirs, "candor and cedar disagree about {question:?}");
    }
    questions.len()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the machine's clock")]
fn nanoseconds_each<T>(asked: &[T], answer: impl Fn(&T) -> bool) -> f64 {
    let start = Instant::now();
    let mut answered = 0_u32;
    while start.elapsed() < ROUND_AT_LEAST {
        for one in asked {
            black_box(answer(black_box(one)));
        }
        answered += asked.len() as u32;
    }
    start.elapsed().as_nanos() as f64 / f64::from(answered)
}

struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        Self { least: rounds[0], median: rounds[rounds.len() / 2], most: rounds[rounds.len() - 1] }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:.0} | {:.0} | {:.0}", self.median, self.least, self.most)
    }
}
