//! A made-up site's visits, the same for the same number of lines: people of whom few come often and many once, the pages they read one after the other, with the
//! browsers, robots and referrers that logs are full of.

use std::io::{self, Write};

/// 2026-01-01T00:00:00Z.
const BEGINNING: u64 = 1_767_225_600;

/// One person for so many visits; a tenth of them are somebody the server knows by name.
const VISITS_PER_PERSON: u64 = 40;

const PAGES: u64 = 4_000;

/// How many people visit a site that has so many visits.
pub fn people(lines: u64) -> u64 {
    (lines / VISITS_PER_PERSON).max(100)
}

/// What a person has in every line: address, name and browser.
pub struct Somebody {
    pub address: String,
    pub user: Option<String>,
    browser: String,
}

impl Somebody {
    pub fn number(number: u64) -> Self {
        let mut random = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995);
        let address = if random.below(4) == 0 {
            let net = random.below(400);
            format!("2001:db8:{:x}:{:x}::{:x}", net, random.below(65_536), random.next() & 0xffff_ffff)
        } else {
            format!("{}.{}.{}.{}", 11 + random.below(200), random.below(256), random.below(256), 1 + random.below(254))
        };
        let user = (number % 10 == 7).then(|| format!("user{number}"));
        Self { address, user, browser: browser(&mut random) }
    }
}

/// Writes so many lines in the combined format. `per_second` says how busy the site is.
pub fn write(lines: u64, per_second: u64, out: &mut impl Write) -> io::Result<()> {
    let mut random = Random(0xca_4d0);
    let people = people(lines);
    let mut sessions: Vec<Session> = (0..256).map(|_| Session::begin(people, &mut random)).collect();
    let mut line = Vec::with_capacity(512);
    for number in 0..lines {
        let at = random.below(sessions.len() as u64) as usize;
        let second = number / per_second;
        line.clear();
        sessions[at].visit(BEGINNING + second, &mut random, &mut line);
        out.write_all(&line)?;
        if sessions[at].pages_left == 0 {
            sessions[at] = Session::begin(people, &mut random);
        }
    }
    Ok(())
}

struct Session {
    who: Somebody,
    pages_left: u64,
    from: String,
}

impl Session {
    fn begin(people: u64, random: &mut Random) -> Self {
        let from = match random.below(10) {
            0..5 => "-".to_owned(),
            5..8 => ["https://www.google.com/", "https://duckduckgo.com/", "https://www.bing.com/"][random.below(3) as usize].to_owned(),
            8 => format!("https://news.example.net/item/{}", random.skewed(3_000)),
            _ => format!("https://social.example.com/@p{}/{}", random.skewed(500), random.below(100_000)),
        };
        Self { who: Somebody::number(random.skewed(people)), pages_left: 1 + random.skewed(30), from }
    }

    fn visit(&mut self, time: u64, random: &mut Random, line: &mut Vec<u8>) {
        self.pages_left -= 1;
        let page = random.skewed(PAGES);
        let path = match page % 8 {
            0 => format!("/static/app-{:08x}.js", page.wrapping_mul(0x9e37_79b1) & 0xffff_ffff),
            1 => format!("/images/photo-{page}.webp"),
            2 => format!("/api/items?page={}&sort=new", random.below(40)),
            _ => format!("/articles/{}/{}", 2_015 + page % 11, SLUGS[(page % SLUGS.len() as u64) as usize]),
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
        let _ = write!(line, "{} - {user} [", self.who.address);
        put_time(time, line);
        let _ = writeln!(line, "] \"{method} {path} HTTP/1.1\" {status} {bytes} \"{}\" \"{}\"", self.from, self.who.browser);
        self.from = format!("https://www.site.example{path}");
    }
}

const SLUGS: [&str; 24] = [
    "how-to-bake-bread", "a-walk-in-the-hills", "ten-books-for-winter", "why-the-sea-is-salt", "repairing-a-bicycle", "notes-on-type", "letters",
    "the-garden-in-march", "small-boats", "learning-to-listen", "birds-of-the-harbour", "a-night-train", "maps-and-how-they-lie", "bees",
    "the-price-of-coffee", "radio", "old-cameras", "on-being-late", "swimming-lessons", "clocks", "a-short-history-of-paper", "tea", "rain", "stone-walls",
];

fn browser(random: &mut Random) -> String {
    const PLATFORMS: [&str; 6] = [
        "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64", "Linux; Android 10; K", "iPhone; CPU iPhone OS 18_5 like Mac OS X",
        "iPad; CPU OS 17_7 like Mac OS X",
    ];
    const ROBOTS: [&str; 6] = [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "curl/8.14.1", "python-requests/2.32.4", "FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)",
    ];
    let platform = PLATFORMS[random.below(6) as usize];
    let version = 120 + random.skewed(24);
    match random.below(20) {
        0 => ROBOTS[random.below(6) as usize].to_owned(),
        1..5 => format!("Mozilla/5.0 ({platform}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"),
        5..9 => format!("Mozilla/5.0 ({platform}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.{} Mobile/15E148 Safari/604.1", version % 7),
        9 => format!("Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36 Edg/{version}.0.{}.{}", 2_000 + random.below(900), random.below(120)),
        _ => format!("Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"),
    }
}

fn put_time(time: u64, line: &mut Vec<u8>) {
    const MONTHS: [(&str, u64); 12] = [
        ("Jan", 31), ("Feb", 28), ("Mar", 31), ("Apr", 30), ("May", 31), ("Jun", 30), ("Jul", 31), ("Aug", 31), ("Sep", 30), ("Oct", 31), ("Nov", 30), ("Dec", 31),
    ];
    let (mut day, second) = ((time - BEGINNING) / 86_400, time % 86_400);
    let mut month = 0;
    while day >= MONTHS[month % 12].1 {
        day -= MONTHS[month % 12].1;
        month += 1;
    }
    let (name, year) = (MONTHS[month % 12].0, 2_026 + month / 12);
    let _ = write!(line, "{:02}/{name}/{year}:{:02}:{:02}:{:02} +0000", day + 1, second / 3_600, second / 60 % 60, second % 60);
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// Below the bound by Zipf's law: the first comes twice as often as the second.
    fn skewed(&mut self, bound: u64) -> u64 {
        let part = self.next() as f64 / u64::MAX as f64;
        (((bound as f64 + 1.0).powf(part) - 1.0) as u64).min(bound - 1)
    }
}
