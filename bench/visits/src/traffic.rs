//! A made-up site's visits, the same for the same number of lines and the same first day: people of whom few come often and many once, the
//! pages they read one after the other, with the browsers, robots and referrers that logs are full of. A larger site has more people, who
//! come as often.

use std::fmt;
use std::io::{self, Write};

use jiff::civil::Date;

use crate::random::Random;

/// From the first line to the last.
pub(crate) const DAYS: u64 = 60;

const DAY_SECONDS: u64 = 86_400;

/// One person for so many visits.
const VISITS_PER_PERSON: u64 = 40;

/// Robots that read the whole site, each from an address of its own.
const CRAWLERS: u64 = 48;

/// So many seconds pass between two pages of a session.
const SECONDS_A_PAGE: u64 = 20;

/// One of so many sessions is a crawler's.
const CRAWLED: u64 = 8;

const PAGES: u64 = 4_000;
const SESSION_PAGES_MAX: u64 = 30;

/// How often each person came, and how many pages they read; by number.
pub(crate) struct Visitors {
    pub(crate) sessions: Vec<u32>,
    pub(crate) visits: Vec<u32>,
}

/// How many people visit a site that has so many visits.
fn people(lines: u64) -> u64 {
    (lines / VISITS_PER_PERSON).max(100)
}

/// What a person has in every line: address, name and browser.
pub(crate) struct Somebody {
    pub(crate) address: String,
    /// A tenth of those who are no robots are somebody the server knows by name.
    pub(crate) user: Option<String>,
    browser: String,
}

impl Somebody {
    pub(crate) fn number(number: u64) -> Self {
        let mut random = Random::new(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995);
        let is_robot = random.below(20) == 0;
        let browser = if is_robot { robot(&mut random) } else { browser(&mut random) };
        let user = (number % 10 == 7 && !is_robot).then(|| format!("user{number}"));
        Self { address: address(number, &mut random), user, browser }
    }

    fn crawler(number: u64) -> Self {
        let mut random = Random::new(number ^ 0x00c0_ffee);
        let address = format!("66.249.{}.{}", 64 + number / 16, 1 + number % 16);
        Self { address, user: None, browser: robot(&mut random) }
    }
}

/// No two people have the same: the number goes into it, turned so that neighbours do not look alike.
fn address(number: u64, random: &mut Random) -> String {
    let turned = (number.wrapping_mul(0x9e37_79b1) & 0x3fff_ffff) as u32;
    if random.below(4) == 0 {
        return format!("2001:db8:{:x}:{:x}::{:x}", turned >> 16, turned & 0xffff, 1 + random.below(0xfffe));
    }
    let [a, b, c, d] = turned.to_be_bytes();
    format!("{}.{b}.{c}.{d}", 96 + a)
}

/// Writes so many lines in the combined format, from this day on, and says who came how often.
pub(crate) fn write(lines: u64, beginning: Date, out: &mut impl Write) -> io::Result<Visitors> {
    let mut random = Random::new(0xca4d0);
    let people = people(lines);
    let mut visitors = Visitors { sessions: vec![0; people as usize], visits: vec![0; people as usize] };
    let at_once = (lines * SECONDS_A_PAGE / (DAYS * DAY_SECONDS)).max(4);
    let begin = |random: &mut Random, sessions: &mut Vec<u32>| {
        let session = Session::begin(people, random);
        if let Some(number) = session.number {
            sessions[number as usize] += 1;
        }
        session
    };
    let mut sessions: Vec<Session> = (0..at_once).map(|_| begin(&mut random, &mut visitors.sessions)).collect();
    let days = beginning.series(jiff::Span::new().days(1)).take(DAYS as usize).map(|day| day.strftime("%d/%b/%Y").to_string());
    let days: Vec<String> = days.collect();
    let mut line = Vec::with_capacity(512);
    for number in 0..lines {
        let session = &mut sessions[random.below(at_once) as usize];
        if session.pages_left == 0 {
            *session = begin(&mut random, &mut visitors.sessions);
        }
        let second = (u128::from(number) * u128::from(DAYS * DAY_SECONDS) / u128::from(lines)) as u64;
        let time = Time { day: &days[(second / DAY_SECONDS) as usize], second: second % DAY_SECONDS };
        line.clear();
        session.visit(&time, &mut random, &mut line)?;
        out.write_all(&line)?;
        if let Some(number) = session.number {
            visitors.visits[number as usize] += 1;
        }
    }
    out.flush()?;
    Ok(visitors)
}

struct Time<'a> {
    day: &'a str,
    /// Of the day.
    second: u64,
}

impl fmt::Display for Time<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { day, second } = self;
        write!(out, "{day}:{:02}:{:02}:{:02} +0000", second / 3_600, second / 60 % 60, second % 60)
    }
}

struct Session {
    /// None is a crawler.
    number: Option<u64>,
    who: Somebody,
    pages_left: u64,
    from: String,
}

impl Session {
    fn begin(people: u64, random: &mut Random) -> Self {
        let pages_left = 1 + random.skewed(SESSION_PAGES_MAX, 1);
        if random.below(CRAWLED) == 0 {
            let who = Somebody::crawler(random.skewed(CRAWLERS, 4));
            return Self { number: None, who, pages_left, from: "-".to_owned() };
        }
        let from = match random.below(10) {
            0..5 => "-".to_owned(),
            5..8 => ["https://www.google.com/", "https://duckduckgo.com/", "https://www.bing.com/"][random.below(3) as usize].to_owned(),
            8 => format!("https://news.example.net/item/{}", random.skewed(3_000, 1)),
            _ => format!("https://social.example.com/@p{}/{}", random.skewed(500, 1), random.below(100_000)),
        };
        // So that those who come most come some hundred times, however large the site is.
        let number = random.skewed(people, (people / 200).max(1));
        Self { number: Some(number), who: Somebody::number(number), pages_left, from }
    }

    fn visit(&mut self, time: &Time<'_>, random: &mut Random, line: &mut Vec<u8>) -> io::Result<()> {
        self.pages_left -= 1;
        let page = if self.number.is_some() { random.skewed(PAGES, 1) } else { random.below(PAGES) };
        let path = match page % 8 {
            0 => format!("/static/app-{:08x}.js", page.wrapping_mul(0x9e37_79b1) & 0xffff_ffff),
            1 => format!("/images/photo-{page}.webp"),
            2 => format!("/api/items?page={}&sort=new", random.below(40)),
            _ => format!("/articles/{}/{}-{page}", 2_015 + page % 11, SLUGS[(page % SLUGS.len() as u64) as usize]),
        };
        let (method, status) = match random.below(100) {
            0..3 => ("POST", 302),
            3..8 => ("GET", 304),
            8..11 => ("GET", 404),
            11 => ("GET", 500),
            _ => ("GET", 200),
        };
        let bytes = if status == 304 { 0 } else { 400 + page.wrapping_mul(2_654_435_761) % 60_000 + random.below(64) };
        let user = self.who.user.as_deref().unwrap_or("-");
        let Somebody { address, browser, .. } = &self.who;
        writeln!(line, "{address} - {user} [{time}] \"{method} {path} HTTP/1.1\" {status} {bytes} \"{}\" \"{browser}\"", self.from)?;
        if self.number.is_some() {
            self.from = format!("https://www.site.example{path}");
        }
        Ok(())
    }
}

const SLUGS: [&str; 24] = [
    "how-to-bake-bread",
    "a-walk-in-the-hills",
    "ten-books-for-winter",
    "why-the-sea-is-salt",
    "repairing-a-bicycle",
    "notes-on-type",
    "letters",
    "the-garden-in-march",
    "small-boats",
    "learning-to-listen",
    "birds-of-the-harbour",
    "a-night-train",
    "maps-and-how-they-lie",
    "bees",
    "the-price-of-coffee",
    "radio",
    "old-cameras",
    "on-being-late",
    "swimming-lessons",
    "clocks",
    "a-short-history-of-paper",
    "tea",
    "rain",
    "stone-walls",
];

fn browser(random: &mut Random) -> String {
    const PLATFORMS: [&str; 6] = [
        "Windows NT 10.0; Win64; x64",
        "Macintosh; Intel Mac OS X 10_15_7",
        "X11; Linux x86_64",
        "Linux; Android 10; K",
        "iPhone; CPU iPhone OS 18_5 like Mac OS X",
        "iPad; CPU OS 17_7 like Mac OS X",
    ];
    const CHROME: &str = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/";
    let platform = PLATFORMS[random.below(6) as usize];
    let version = 120 + random.skewed(24, 1);
    match random.below(20) {
        0..5 => format!("Mozilla/5.0 ({platform}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"),
        5..9 => format!(
            "Mozilla/5.0 ({platform}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.{} Mobile/15E148 Safari/604.1",
            version % 7
        ),
        9 => {
            let build = format!("{version}.0.{}.{}", 2_000 + random.below(900), random.below(120));
            format!("Mozilla/5.0 ({platform}) {CHROME}{version}.0.0.0 Safari/537.36 Edg/{build}")
        }
        _ => format!("Mozilla/5.0 ({platform}) {CHROME}{version}.0.0.0 Safari/537.36"),
    }
}

fn robot(random: &mut Random) -> String {
    const ROBOTS: [&str; 6] = [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        "curl/8.14.1",
        "python-requests/2.32.4",
        "FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)",
    ];
    ROBOTS[random.below(6) as usize].to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    fn log(lines: u64) -> (String, Visitors) {
        let mut log = Vec::new();
        let visitors = write(lines, jiff::civil::date(2026, 1, 1), &mut log).expect("memory takes it");
        (String::from_utf8(log).expect("text"), visitors)
    }

    #[test]
    fn the_same_lines_come_out_each_time_and_as_many_as_were_asked_for() {
        let (one, _) = log(3_000);
        assert_eq!(one.lines().count(), 3_000);
        assert_eq!(one, log(3_000).0);
        assert!(one.starts_with(&one[..one.find(' ').expect("an address")]) && one.contains("[01/Jan/2026:00:00:00 +0000] \""));
        assert!(one.lines().last().expect("a line").contains("[01/Mar/2026:23:"), "the sixtieth day is the first of March");
    }

    #[test]
    fn who_came_how_often_is_what_the_lines_say() {
        let (text, visitors) = log(40_000);
        let mut of_address: HashMap<&str, u32> = HashMap::new();
        let mut of_user: HashMap<&str, u32> = HashMap::new();
        for line in text.lines() {
            let mut words = line.split(' ');
            *of_address.entry(words.next().expect("an address")).or_default() += 1;
            *of_user.entry(words.nth(1).expect("a user")).or_default() += 1;
        }
        for (number, visits) in visitors.visits.iter().enumerate() {
            let somebody = Somebody::number(number as u64);
            assert_eq!(of_address.get(somebody.address.as_str()).copied().unwrap_or_default(), *visits);
            if let Some(user) = somebody.user {
                assert_eq!(of_user.get(user.as_str()).copied().unwrap_or_default(), *visits);
            }
        }
        let crawled = 40_000 - visitors.visits.iter().sum::<u32>();
        assert!((3_000..8_000).contains(&crawled), "{crawled} visits of crawlers");
    }

    #[test]
    fn few_come_often_and_many_once_on_a_small_site_and_on_a_large_one() {
        for lines in [40_000, 400_000] {
            let (_, visitors) = log(lines);
            let most = *visitors.visits.iter().max().expect("people");
            assert!((700..3_000).contains(&most), "{most} visits of one person among {lines}");
            let once = visitors.sessions.iter().filter(|sessions| **sessions == 1).count();
            assert!(once * 8 > visitors.sessions.len(), "{once} of {} came once", visitors.sessions.len());
        }
    }

    #[test]
    fn nobody_has_anothers_address() {
        let addresses: HashSet<String> = (0..200_000).map(|number| Somebody::number(number).address).collect();
        assert_eq!(addresses.len(), 200_000);
        assert!(addresses.iter().all(|address| address.parse::<std::net::IpAddr>().is_ok()));
    }
}
