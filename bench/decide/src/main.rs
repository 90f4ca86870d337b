//! One decision, side by side with the Cedar crate: the same 40 rules, the same questions, the same answers, and then the time each takes.
//!
//! `cargo xtask bench decide` runs it; it prints a table.

mod candor;
mod cedar;
mod people;
mod question;
mod rules;

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use candor::Candor;
use cedar::Cedar;
use criterion::{BatchSize, Criterion};
use rules::{NEVERS, USES};

/// Where Criterion leaves its samples.
const SAMPLES: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/criterion");

fn main() {
    let (candor, cedar) = (Candor::new(), Cedar::new());
    let compared = agree(&candor, &cedar);

    let questions = question::usual();
    let facts: Vec<_> = questions.iter().map(|question| candor.facts(question)).collect();
    let requests: Vec<_> = questions.iter().map(|question| cedar.request(question)).collect();
    let permitted = facts.iter().filter(|facts| candor.permits(facts)).count();

    let mut criterion = Criterion::default()
        .without_plots()
        .output_directory(Path::new(SAMPLES))
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args();
    measure(&mut criterion, "candor", &facts, |facts| candor.permits(facts));
    measure(&mut criterion, "cedar", &requests, |request| cedar.permits(request));
    criterion.final_summary();

    let (ours, theirs) = (Median::of("candor"), Median::of("cedar"));
    println!("| | rules | ns a decision, median | 95 % interval of the median |\n|---|---|---|---|");
    println!("| Candor | {} | {ours} |", USES.len() + NEVERS.len());
    println!("| Cedar 4.14.1 (`cedar-policy`, no default features) | {} | {theirs} |", cedar.rules());
    println!("\n{:.0} times faster, by the medians.", theirs.nanoseconds / ours.nanoseconds);
    println!(
        "`cargo xtask bench decide`: {} questions, {permitted} of them permitted, each put to both, one thread, timed by Criterion; requests and facts are \
         built beforehand. Both gave the same answer to each of {compared} questions first.",
        questions.len()
    );
}

/// Times one question after the other, round and round.
fn measure<T>(criterion: &mut Criterion, name: &str, asked: &[T], answer: impl Fn(&T) -> bool) {
    let mut next = asked.iter().cycle();
    criterion.benchmark_group("decide").bench_function(name, |bencher| {
        bencher.iter_batched(|| next.next(), |one| one.map(|one| answer(black_box(one))), BatchSize::SmallInput);
    });
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

/// What Criterion found.
struct Median {
    nanoseconds: f64,
    lowest: f64,
    highest: f64,
}

impl Median {
    fn of(name: &str) -> Self {
        let path = Path::new(SAMPLES).join("decide").join(name).join("new/estimates.json");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("criterion left no {}: {error}", path.display()));
        let estimates: serde_json::Value = serde_json::from_str(&text).expect("criterion writes JSON");
        let number = |pointer: &str| estimates.pointer(pointer).and_then(serde_json::Value::as_f64).expect("criterion's estimate of the median");
        Self {
            nanoseconds: number("/median/point_estimate"),
            lowest: number("/median/confidence_interval/lower_bound"),
            highest: number("/median/confidence_interval/upper_bound"),
        }
    }
}

impl std::fmt::Display for Median {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:.0} | {:.0} to {:.0}", self.nanoseconds, self.lowest, self.highest)
    }
}
