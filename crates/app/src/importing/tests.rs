use std::io::Write;
use std::sync::Arc;

use disk::SimulatedDisk;
use domain::{Clock, ManualClock, SeededRandom};
use policy::StorageCapability;
use proptest::prelude::*;
use visits::{LogSettings, Query, Retention, Visit};

use super::*;
use crate::testing::{RULES, at, policy, policy_with};

#[expect(clippy::disallowed_methods, reason = "a test is its own wiring")]
fn storage() -> StorageCapability {
    StorageCapability::issue()
}

/// A site that has a log, and takes in three lines at a time.
struct Site {
    disk: SimulatedDisk,
    clock: Arc<ManualClock>,
    log: Log,
    admission: Admission,
    random: SeededRandom,
    zone: TimeZone,
}

impl Site {
    fn new() -> Self {
        Self::on(SimulatedDisk::new(), Admission::of(&policy(), at("2026-07-01T12:00:00Z"), |path| path))
    }

    fn under(rules: &str) -> Self {
        Self::on(SimulatedDisk::new(), Admission::of(&policy_with(rules), at("2026-07-01T12:00:00Z"), |path| path))
    }

    fn on(disk: SimulatedDisk, admission: Admission) -> Self {
        let clock = Arc::new(ManualClock::at(at("2026-07-01T12:00:00Z")));
        let (log, _) = Log::open(Arc::new(disk.clone()), storage(), clock.clone(), LogSettings::default()).expect("the log opens");
        log.set_retention(Retention::of(&policy())).expect("rules the log can follow");
        Self { disk, clock, log, admission, random: SeededRandom::new(7), zone: TimeZone::UTC }
    }

    fn take(&self, log: impl AsRef<[u8]>) -> Result<Imported, ImportError> {
        self.take_from(log.as_ref())
    }

    fn take_from(&self, source: impl Read) -> Result<Imported, ImportError> {
        self.importing(false).take(source, &mut |user| Ok(AccountId([user.len() as u8; 16])))
    }

    fn importing(&self, again: bool) -> Importing<'_> {
        Importing {
            log: &self.log,
            admission: &self.admission,
            random: &self.random,
            now: self.clock.now(),
            again,
            is_followed: false,
            zone: &self.zone,
            lines_at_once: 3,
        }
    }

    fn visits(&self) -> Vec<Visit> {
        self.log.rows(&Query::default()).map(|visit| visit.expect("readable")).collect()
    }

    /// The sizes of the answers, which tell the lines of [`line`] apart.
    fn numbers(&self) -> Vec<u64> {
        let mut numbers: Vec<u64> = self.visits().iter().map(|visit| visit.bytes.expect("every line has a size")).collect();
        numbers.sort_unstable();
        numbers
    }
}

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn line(number: u64) -> String {
    format!(
        "192.0.2.{} - - [30/Jun/2026:12:00:{:02} +0000] \"GET /page/{number}?q=1 HTTP/1.1\" 200 {number} \"-\" \"{BROWSER}\"\n",
        number % 250,
        number % 60
    )
}

fn lines(numbers: std::ops::Range<u64>) -> String {
    numbers.map(line).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn counts(done: &Imported) -> (u64, u64, u64, u64, u64) {
    (done.read, done.imported, done.already, done.dropped, done.broken_lines)
}

#[test]
fn a_log_is_taken_in_with_what_the_policy_keeps() {
    let rules = RULES
        .replace("\"duration\", \"visitor\"", "\"duration\", \"visitor\", \"account\"")
        .replace("\"visit.duration\", ", "\"visit.duration\", \"visit.account\", ");
    let site = Site::under(&rules);
    let user = line(7).replace("- -", "- ada");
    let done = site.take(&user).expect("a log");
    assert_eq!((done.format, counts(&done), done.robots), (Some(Format::Combined), (1, 1, 0, 0, 0), 0));
    let visit = site.visits().remove(0);
    let storage = storage();
    assert_eq!(visit.time, at("2026-06-30T12:00:07Z"));
    assert_eq!(visit.path.map(|path| storage.reveal(&path).clone()).as_deref(), Some("/page/7"));
    assert_eq!(visit.browser.map(|browser| storage.reveal(&browser).clone()).as_deref(), Some(BROWSER));
    assert_eq!(visit.ip.map(|ip| storage.reveal(&ip).to_string()).as_deref(), Some("192.0.2.7"));
    assert_eq!(visit.account.map(|account| storage.reveal(&account).0), Some([3; 16]));
}

#[test]
fn the_same_log_twice_adds_nothing_and_neither_does_it_packed() {
    let site = Site::new();
    let log = lines(0..10);
    assert_eq!(counts(&site.take(&log).expect("a log")), (10, 10, 0, 0, 0));
    assert_eq!(counts(&site.take(&log).expect("a log")), (10, 0, 10, 0, 0));
    assert_eq!(counts(&site.take(gzip(log.as_bytes())).expect("a log")), (10, 0, 10, 0, 0));
    assert_eq!(site.numbers(), (0..10).collect::<Vec<_>>());
}

#[test]
fn a_log_that_grew_and_was_rotated_adds_what_is_new() {
    let site = Site::new();
    site.take(lines(0..4)).expect("a log");
    assert_eq!(counts(&site.take(gzip(lines(0..11).as_bytes())).expect("a log")), (11, 7, 4, 0, 0));
    assert_eq!(counts(&site.take(lines(0..4)).expect("a log")), (4, 0, 4, 0, 0), "an old copy adds nothing");
    assert_eq!(counts(&site.take(lines(11..13)).expect("a log")), (2, 2, 0, 0, 0), "the log after it is another");
    assert_eq!(site.numbers(), (0..13).collect::<Vec<_>>());
}

#[test]
fn a_line_that_was_still_being_written_is_there_once() {
    let whole = lines(0..6);
    for cut in lines(0..4).len()..lines(0..5).len() {
        let site = Site::new();
        site.take(&whole[..cut]).expect("a log");
        let done = site.take(&whole).expect("a log");
        assert_eq!(done.read, done.imported + done.already, "cut at {cut}");
        assert_eq!(site.visits().len(), 6, "cut at {cut}");
    }
}

#[test]
fn an_older_copy_of_a_log_is_told_and_not_taken_in_again() {
    let site = Site::new();
    site.take(lines(0..30)).expect("a log");
    let older = lines(0..20);
    assert!(matches!(site.take(&older), Err(ImportError::OlderCopy)));
    assert_eq!(site.numbers(), (0..30).collect::<Vec<_>>());
    let again = site.importing(true).take(older.as_bytes(), &mut |_| Ok(AccountId([0; 16]))).expect("whoever says so knows better");
    assert_eq!(counts(&again), (20, 2, 18, 0, 0));
    let other = lines(0..10) + &lines(40..50);
    assert_eq!(counts(&site.take(other).expect("a log that begins otherwise")), (20, 11, 9, 0, 0));
}

#[test]
fn what_is_too_old_never_enters_and_what_ages_has_aged() {
    let site = Site::new();
    let old = line(1).replace("2026", "2025");
    let done = site.take(format!("{old}{}", line(2))).expect("a log");
    assert_eq!(counts(&done), (2, 1, 0, 1, 0));
    assert_eq!(site.numbers(), [2]);
}

#[test]
fn fields_that_are_not_declared_are_dropped() {
    let rules = RULES.replace("\"browser\", ", "").replace("\"visit.browser\", ", "");
    let site = Site::under(&rules);
    site.take(line(1)).expect("a log");
    assert_eq!(site.visits()[0].browser, None);
}

#[test]
fn robots_are_counted() {
    let site = Site::new();
    let robot = line(1).replace(BROWSER, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");
    assert_eq!(site.take(robot + &line(2)).expect("a log").robots, 1);
}

#[test]
fn broken_lines_are_counted_and_named_by_number() {
    let site = Site::new();
    let done = site.take(format!("{}nonsense\n{}\0\n", line(1), line(2))).expect("a log");
    assert_eq!(counts(&done), (4, 2, 0, 0, 2));
    let told: Vec<String> = done.broken.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["line 2: has no time where its format has one", "line 4: holds NUL bytes"]);
}

#[test]
fn what_is_no_log_is_told_and_an_empty_one_is_one() {
    let site = Site::new();
    assert!(matches!(site.take("Dear diary,\ntoday was nice\n"), Err(ImportError::UnknownFormat)));
    assert_eq!(counts(&site.take("").expect("a log")), (0, 0, 0, 0, 0));
    assert_eq!(counts(&site.take("\n\n").expect("a log")), (0, 0, 0, 0, 0));
}

#[test]
fn one_log_at_a_time_is_taken_in() {
    struct Meanwhile<'s>(&'s Site);
    impl Read for Meanwhile<'_> {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            let second = self.0.take(line(1));
            assert!(matches!(second, Err(ImportError::Log(LogError::Importing))), "{second:?}");
            Ok(0)
        }
    }
    let site = Site::new();
    site.take_from(Meanwhile(&site)).expect("an empty log");
}

#[test]
fn wherever_the_disk_fails_or_the_power_goes_each_line_is_there_once_in_the_end() {
    let log = lines(0..20);
    let counting = Site::new();
    counting.take(&log).expect("a log");
    let operations = counting.disk.operations();
    assert!(operations > 20, "{operations}");
    for at in 0..operations {
        for is_cut in [false, true] {
            let disk = SimulatedDisk::new();
            let mut site = Site::on(disk.clone(), Admission::of(&policy(), counting.clock.now(), |path| path));
            let before = disk.operations();
            if is_cut {
                disk.stop_from(before + at)
            } else {
                disk.fail_operations(before + at..before + at + 1)
            }
            let _ = site.take(&log);
            if is_cut {
                site = Site::on(disk.crash(at), site.admission);
            }
            let done = site.take(&log).expect("a log");
            assert_eq!(done.read, done.imported + done.already);
            assert_eq!(site.numbers(), (0..20).collect::<Vec<_>>(), "operation {at}, power cut: {is_cut}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_often_a_growing_log_is_taken_in_each_line_is_there_once(mut ends in proptest::collection::vec(0usize..=30, 1..6), packed: bool) {
        let site = Site::new();
        ends.sort_unstable();
        for end in &ends {
            let log = lines(0..*end as u64);
            let log = if packed { gzip(log.as_bytes()) } else { log.into_bytes() };
            let done = site.take(log).expect("a log");
            prop_assert_eq!(done.read, done.imported + done.already);
        }
        let most = ends.last().copied().unwrap_or_default() as u64;
        prop_assert_eq!(site.numbers(), (0..most).collect::<Vec<_>>());
    }
}

/// A log that another server writes.
#[derive(Clone, Default)]
struct Written {
    bytes: Arc<std::sync::Mutex<Vec<u8>>>,
    read: usize,
}

impl Written {
    fn write(&self, text: &str) {
        self.bytes.lock().expect("nobody panicked").extend_from_slice(text.as_bytes());
    }

    fn whole(&self) -> Vec<u8> {
        self.bytes.lock().expect("nobody panicked").clone()
    }

    /// Somebody else who reads it from its beginning.
    fn again(&self) -> Self {
        Self { bytes: Arc::clone(&self.bytes), read: 0 }
    }
}

impl Read for Written {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.bytes.lock().expect("nobody panicked");
        let count = (&bytes[self.read..]).read(buffer)?;
        self.read += count;
        Ok(count)
    }
}

impl Site {
    fn turn(&self, following: &mut Following<Written>) -> u64 {
        following.turn(&self.importing(false), &mut |_| Ok(AccountId([0; 16]))).expect("the disk works").imported
    }
}

#[test]
fn a_log_is_followed_while_it_is_written() {
    let (site, log) = (Site::new(), Written::default());
    let mut following = Following::new(log.again());
    assert_eq!(site.turn(&mut following), 0, "nothing is in it yet");
    log.write(&lines(0..2));
    assert_eq!(site.turn(&mut following), 2);
    let (beginning, rest) = (&line(2)[..40], &line(2)[40..]);
    log.write(beginning);
    assert_eq!(site.turn(&mut following), 0, "a line is waited for until it is whole");
    log.write(rest);
    log.write(&lines(3..9));
    assert_eq!(site.turn(&mut following), 7);
    assert_eq!(site.turn(&mut following), 0);
    assert_eq!(site.numbers(), (0..9).collect::<Vec<_>>());
}

#[test]
fn who_follows_again_and_who_imports_as_well_adds_nothing_twice() {
    let (site, log) = (Site::new(), Written::default());
    let mut following = Following::new(log.again());
    for part in [0..2, 2..5, 5..7] {
        log.write(&lines(part));
        site.turn(&mut following);
    }
    let mut restarted = Following::new(log.again());
    assert_eq!(site.turn(&mut restarted), 0);
    log.write(&lines(7..8));
    assert_eq!(site.take(log.whole()).expect("a log").imported, 1, "somebody imports it meanwhile");
    log.write(&lines(8..10));
    assert_eq!(site.turn(&mut restarted), 2);
    assert_eq!(site.turn(&mut following), 0, "another that follows finds all of it known");
    assert_eq!(site.take(gzip(&log.whole())).expect("a log").imported, 0, "and so does who imports it rotated");
    assert_eq!(site.numbers(), (0..10).collect::<Vec<_>>());
}

#[test]
fn what_stands_at_the_end_of_a_log_that_is_over_is_taken_in_without_a_line_break() {
    let (site, log) = (Site::new(), Written::default());
    log.write(lines(0..3).trim_end());
    let mut following = Following::new(log.again());
    assert_eq!(site.turn(&mut following), 2);
    let done = following.end(&site.importing(false), &mut |_| Ok(AccountId([0; 16]))).expect("the disk works");
    assert_eq!(done.imported, 1);
    assert_eq!(site.numbers(), [0, 1, 2]);
}

#[test]
fn what_is_sent_is_recorded_whoever_sends_it() {
    let site = Site::new();
    let mut receiving = Receiving::new(TimeZone::UTC);
    let json = "{\"time_iso8601\":\"2026-06-30T12:00:02+00:00\",\"remote_addr\":\"192.0.2.2\",\"request\":\"GET /page/2 HTTP/1.1\",\"status\":200,\"body_bytes_sent\":2}";
    let mut send = |message: &str| {
        let recorder = site.log.recorder();
        receiving.message(message.as_bytes(), &site.admission, &recorder, &mut |_| Ok(AccountId([0; 16]))).expect("nobody is looked up")
    };
    assert!(send(&format!("<190>Nov 24 02:00:00 web nginx: {}", line(1))));
    assert!(send(&format!("<190>1 2026-06-30T12:00:02Z web nginx - - - {json}")));
    assert!(send(&line(3)));
    assert!(!send("<190>Nov 24 02:00:00 web nginx: started"));
    site.log.flush().expect("the disk works");
    assert_eq!(site.numbers(), [1, 2, 3]);
}
