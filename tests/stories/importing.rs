//! The logs of other servers, taken into ours.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use stories::{Finished, LogStyle, LogWriter, Place, Site, find, stopwatch, world_time};

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A line of yesterday; its number is the size of the answer.
fn line(number: u64) -> String {
    let yesterday = world_time() - jiff::SignedDuration::from_hours(24);
    line_at(&yesterday.strftime("%d/%b/%Y").to_string(), number)
}

fn line_at(day: &str, number: u64) -> String {
    let (minute, second) = (number / 60 % 60, number % 60);
    let (page, status) = (number % 17, if number.is_multiple_of(9) { 404 } else { 200 });
    format!(
        "198.51.100.{} - - [{day}:12:{minute:02}:{second:02} +0000] \"GET /page/{page}?secret={number} HTTP/1.1\" {status} {number} \"-\" \"{BROWSER}\"\n",
        number % 250
    )
}

fn lines(numbers: std::ops::Range<u64>) -> String {
    numbers.map(line).collect()
}

fn import(place: &Place, arguments: &[&str]) -> Finished {
    let data = place.data();
    let mut all = vec!["import", "--json", "--data", data.to_str().unwrap()];
    all.extend(arguments);
    place.candor(&all)
}

/// Read, imported, known already, dropped and broken.
fn counts(finished: &Finished) -> [u64; 5] {
    let report = finished.json();
    ["read", "imported", "already", "dropped", "broken_lines"].map(|name| report[name].as_u64().expect("a number"))
}

/// The sizes of the answers in the log, in order.
fn numbers(place: &Place) -> Vec<u64> {
    let mut numbers: Vec<u64> = place.visits().iter().filter_map(|visit| visit["bytes"].as_u64()).collect();
    numbers.sort_unstable();
    numbers
}

/// Changes a file of the site folder.
fn change(place: &Place, file: &str, from: &str, to: &str) {
    let path = place.site().join(file);
    let before = std::fs::read_to_string(&path).unwrap();
    assert!(before.contains(from), "{file} says `{from}`");
    std::fs::write(path, before.replacen(from, to, 1)).unwrap();
}

fn pack(program: &str, file: &Path) -> Vec<u8> {
    let packed = Command::new(find(program)).arg("-c").arg(file).output().expect("it packs");
    assert!(packed.status.success());
    packed.stdout
}

#[test]
fn a_log_is_taken_in_once_however_often_it_is_imported() {
    let place = Place::health();
    let log = place.folder().write("access.log", &lines(0..50));
    let finished = import(&place, &[log.to_str().unwrap()]);
    assert_eq!((finished.code, counts(&finished)), (Some(0), [50, 50, 0, 0, 0]), "{finished:#?}");
    assert_eq!(finished.json()["logs"][0]["format"], "combined");

    place.folder().write("access.log", &lines(0..80));
    assert_eq!(counts(&import(&place, &[log.to_str().unwrap()])), [80, 30, 50, 0, 0], "it grew");
    let packed = place.folder().join("access.log.1.gz");
    std::fs::write(&packed, pack("gzip", &log)).unwrap();
    place.folder().write("access.log", &lines(80..90));
    let rotated = import(&place, &["--rotated", log.to_str().unwrap()]);
    assert_eq!(counts(&rotated), [90, 10, 80, 0, 0], "it was rotated and packed");
    assert_eq!(numbers(&place), (0..90).collect::<Vec<_>>());

    let visit = &place.visits()[1];
    assert_eq!((&visit["ip"], &visit["path"], &visit["status"]), (&json!("198.51.100.1"), &json!("/page/1"), &json!(200)));
    assert_eq!(visit["browser"], BROWSER);
    assert_eq!((&visit["visitor"], &visit["duration_us"]), (&Value::Null, &Value::Null));
    assert!(visit["purposes"].to_string().contains("operate"), "{visit}");
    assert!(!place.visits().iter().any(|visit| visit.to_string().contains("secret")), "no query is kept");
}

#[test]
fn a_running_server_takes_logs_in_beside_its_own_visits() {
    let (place, site) = (Place::health(), Site::new());
    let server = place.serve(&site);
    stories::Request::get("/now").send(server.public());
    let log = place.folder().write("access.log", &lines(0..30));
    assert_eq!(counts(&import(&place, &[log.to_str().unwrap()])), [30, 30, 0, 0, 0]);
    assert_eq!(counts(&import(&place, &[log.to_str().unwrap()])), [30, 0, 30, 0, 0]);
    place.visits_to("/now", 1);
    assert_eq!(place.visits().iter().filter(|visit| visit["browser"] == BROWSER).count(), 30);
    assert_eq!(server.stop(), Some(0));
    assert_eq!(counts(&import(&place, &[log.to_str().unwrap()])), [30, 0, 30, 0, 0], "what it knows outlives the server");
}

#[test]
fn the_users_of_a_log_are_told_apart_and_not_named() {
    let place = Place::health();
    let log =
        ["ada", "bob", "ada"].iter().zip(0..).map(|(user, number)| line(number).replace("- -", &format!("- {user}"))).collect::<String>();
    let log = place.folder().write("access.log", &log);
    assert_eq!(counts(&import(&place, &[log.to_str().unwrap()])), [3, 3, 0, 0, 0]);
    let accounts: Vec<Value> = place.visits().iter().map(|visit| visit["account"].clone()).collect();
    assert!(accounts[0].is_string() && accounts[0] == accounts[2] && accounts[0] != accounts[1], "{accounts:?}");
}

#[test]
fn what_is_older_than_the_policy_keeps_visits_never_enters_and_old_addresses_are_cut() {
    let place = Place::health();
    let day = |days: i64| (world_time() - jiff::SignedDuration::from_hours(24 * days)).strftime("%d/%b/%Y").to_string();
    let log = place.folder().write("access.log", &[line_at(&day(400), 1), line_at(&day(40), 2), line_at(&day(2), 3)].concat());
    assert_eq!(counts(&import(&place, &[log.to_str().unwrap()])), [3, 2, 0, 1, 0]);
    let addresses: Vec<Value> = place.visits().iter().map(|visit| visit["ip"].clone()).collect();
    assert_eq!(addresses, ["198.51.100.0", "198.51.100.3"]);
    let sealed = std::fs::read_dir(place.data().join("visits")).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    assert!(!sealed.into_iter().any(|bytes| bytes.windows(12).any(|window| window == b"198.51.100.2")), "not even in the files");
}

#[test]
fn old_addresses_become_encrypted_tell_visitors_apart_and_are_in_no_file() {
    let place = Place::health();
    change(&place, "policy.toml", "become = \"truncated\"", "become = \"encrypted\"");
    change(
        &place,
        "policy.md",
        "we cut each IP address short, so that it points to a network and no longer to a device",
        "we encrypt each IP address",
    );
    let days_ago = |days: i64| (world_time() - jiff::SignedDuration::from_hours(24 * days)).strftime("%d/%b/%Y").to_string();
    // The same two addresses long ago, a little less long ago, and yesterday.
    let log = [60, 45, 1].iter().flat_map(|days| [line_at(&days_ago(*days), 7), line_at(&days_ago(*days), 8)]).collect::<String>();
    let log = place.folder().write("access.log", &log);
    assert_eq!(counts(&import(&place, &[log.to_str().unwrap()])), [6, 6, 0, 0, 0]);
    let addresses = || place.visits().iter().map(|visit| visit["ip"].as_str().expect("it is kept").to_owned()).collect::<Vec<_>>();
    let first = addresses();
    let [seven, eight] = [first[0].as_str(), first[1].as_str()];
    assert!(seven.starts_with("encrypted:") && seven.len() == "encrypted:".len() + 32 && seven != eight, "{first:?}");
    assert_eq!(first, [seven, eight, seven, eight, "198.51.100.7", "198.51.100.8"]);

    assert_eq!(counts(&import(&place, &[log.to_str().unwrap()])), [6, 0, 6, 0, 0], "it is known");
    place.folder().write("older.log", &[line_at(&days_ago(50), 7), line_at(&days_ago(40), 8)].concat());
    let older = place.folder().join("older.log");
    let site = Site::new();
    let server = place.serve(&site);
    assert_eq!(counts(&import(&place, &[older.to_str().unwrap()])), [2, 2, 0, 0, 0]);
    let all = [seven, eight, seven, seven, eight, eight, "198.51.100.7", "198.51.100.8"];
    assert_eq!(addresses(), all);
    assert_eq!(server.stop(), Some(0));
    assert_eq!(addresses(), all);

    let found = |ip: &str| {
        let finished = place.candor(&["visits", "--json", "--data", place.data().to_str().unwrap(), "--ip", ip]);
        finished.json()["visits"].as_array().expect("a list").len()
    };
    assert_eq!((found(seven), found("198.51.100.7"), found("198.51.100.0/24"), found("0.0.0.0/0")), (3, 1, 2, 2));
    let last = place.folder().write("last.log", &line_at(&days_ago(50), 9));
    assert_eq!(counts(&import(&place, &[last.to_str().unwrap()])), [1, 1, 0, 0, 0]);
    let kept = std::fs::read_dir(place.data().join("visits")).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    assert!(!kept.into_iter().any(|bytes| bytes.windows(12).any(|window| window == b"198.51.100.9")), "it is in no file");

    let key = place.data().join("address-key.json");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&key.metadata().unwrap().permissions()) & 0o777, 0o600);
}

#[test]
fn a_policy_that_truncates_what_an_earlier_one_encrypted_takes_it_away() {
    let place = Place::health();
    change(&place, "policy.toml", "become = \"truncated\"", "become = \"encrypted\"");
    let server = place.serve(&Site::new());
    let day = |days: i64| (world_time() - jiff::SignedDuration::from_hours(24 * days)).strftime("%d/%b/%Y").to_string();
    let log = place.folder().write("access.log", &[line_at(&day(60), 7), line_at(&day(1), 8)].concat());
    assert_eq!(counts(&import(&place, &[log.to_str().unwrap()])), [2, 2, 0, 0, 0]);
    let addresses = || place.visits().iter().map(|visit| visit["ip"].clone()).collect::<Vec<_>>();
    assert!(addresses()[0].as_str().is_some_and(|ip| ip.starts_with("encrypted:")));

    change(&place, "policy.toml", "become = \"encrypted\"", "become = \"truncated\"");
    let published = place.candor(&["publish", "--data", place.data().to_str().unwrap()]);
    assert_eq!(published.code, Some(0), "{published:#?}");
    assert!(published.stdout.contains("is cut down to its network after 30 days (it was encrypted after 30 days)"), "{published:#?}");
    assert_eq!(addresses(), [Value::Null, json!("198.51.100.8")], "what is encrypted cannot be cut down any more");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_was() {
    const LINES: u64 = 400_000;
    let place = Place::health();
    let log = place.folder().write("access.log", &lines(0..LINES));
    let manifest = place.data().join("visits/manifest");
    let mut killed = 0;
    for wait in [0, 40, 90] {
        let mut command = place.command(&["import"]);
        command.arg("--data").arg(place.data()).arg(&log).stdout(Stdio::null()).stderr(Stdio::null());
        let mut running = command.spawn().expect("the binary starts");
        let since = stopwatch();
        while !manifest.exists() && since() < Duration::from_secs(60) && running.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(2));
        }
        thread::sleep(Duration::from_millis(wait));
        killed += u32::from(running.kill().is_ok());
        let _ = running.wait();
    }
    assert!(killed > 0 && manifest.exists());
    let finished = import(&place, &[log.to_str().unwrap()]);
    let [read, imported, already, ..] = counts(&finished);
    assert_eq!((read, imported + already), (LINES, LINES), "{finished:#?}");
    assert!(already >= 262_144, "what was durable is not read in again: {already}");
    let count = place.candor(&["visits", "--json", "--data", place.data().to_str().unwrap()]).stdout.matches("\"time\":").count();
    assert_eq!(count as u64, LINES, "each line is there once");
}

/// Runs an import of what is written to its standard input.
fn import_written(place: &Place, write: impl FnOnce(&mut dyn Write) + Send) -> (Finished, u64) {
    let mut command = place.command(&["import", "--json", "-"]);
    command.arg("--data").arg(place.data()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().expect("the binary starts");
    let status = format!("/proc/{}/status", running.id());
    let mut stdin = running.stdin.take().expect("piped");
    write(&mut stdin);
    let status = std::fs::read_to_string(status).expect("it runs until its input ends");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the system counts it");
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().expect("kilobytes");
    drop(stdin);
    let output = running.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (Finished { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }, peak)
}

#[test]
fn a_line_of_two_gigabytes_is_passed_over_in_little_memory() {
    let place = Place::health();
    let (finished, peak) = import_written(&place, |input| {
        input.write_all(line(1).as_bytes()).unwrap();
        let piece = vec![b'a'; 1 << 20];
        (0..2_048).for_each(|_| input.write_all(&piece).unwrap());
        input.write_all(b"\n").unwrap();
        input.write_all(line(2).as_bytes()).unwrap();
    });
    assert_eq!((finished.code, counts(&finished)), (Some(0), [3, 2, 0, 0, 1]), "{finished:#?}");
    assert_eq!(finished.json()["broken"], json!([{ "file": "-", "line": 2, "why": "longer than 65536 bytes" }]));
    assert!(peak < 200_000, "{peak} kB");
    assert_eq!(numbers(&place), [1, 2]);
}

#[test]
fn what_is_broken_is_counted_and_named_and_never_shown() {
    let place = Place::health();
    let (finished, _) = import_written(&place, |input| {
        let latin: Vec<u8> = line(3).bytes().map(|byte| if byte == b'M' { 0xfc } else { byte }).collect();
        let (first, nul, last) = (line(1), line(2).replace("GET", "G\0T"), line(0));
        for part in [first.as_bytes(), b"my password is hunter2\n", nul.as_bytes(), &latin, last.as_bytes(), b"\n"] {
            input.write_all(part).unwrap();
        }
    });
    assert_eq!((finished.code, counts(&finished)), (Some(0), [5, 3, 0, 0, 2]), "{finished:#?}");
    let broken = finished.json()["broken"].clone();
    assert_eq!(broken[0], json!({ "file": "-", "line": 2, "why": "has no time where its format has one" }));
    assert_eq!(broken[1], json!({ "file": "-", "line": 3, "why": "holds NUL bytes" }));
    assert!(!format!("{finished:?}").contains("hunter2"));
    let times: Vec<Value> = place.visits().iter().map(|visit| visit["time"].clone()).collect();
    assert!(times.iter().is_sorted_by(|one, next| one.as_str() <= next.as_str()), "a clock that goes back does no harm: {times:?}");
}

#[test]
fn what_is_no_log_is_refused_in_words() {
    let place = Place::health();
    let diary = place.folder().write("diary.txt", "Dear diary,\ntoday was a nice day.\nTomorrow, too.\n");
    let good = place.folder().write("access.log", &lines(0..3));
    let finished = import(&place, &[diary.to_str().unwrap(), "nowhere.log", "/tmp", good.to_str().unwrap()]);
    assert_eq!((finished.code, counts(&finished)), (Some(2), [3, 3, 0, 0, 0]), "the good one is taken in all the same");
    let failed = finished.json()["failed"].clone();
    assert!(failed[0]["why"].as_str().unwrap().starts_with("its first lines are in no format that can be read"), "{failed}");
    assert!(failed[1]["why"].as_str().unwrap().contains("No such file"), "{failed}");
    assert_eq!(failed[2]["why"], "it is a folder; name the logs in it");
    assert_eq!(import(&place, &["--zone", "Mars/Olympus", good.to_str().unwrap()]).code, Some(2));
    assert_eq!(import(&place, &[]).code, Some(2), "no log is named");
}

#[test]
fn two_at_once_on_one_folder_are_told_so() {
    let place = Place::health();
    let (finished, _) = import_written(&place, |input| {
        input.write_all(lines(0..300).as_bytes()).unwrap();
        let since = stopwatch();
        while !place.data().join("visits").exists() && since() < Duration::from_secs(20) {
            thread::sleep(Duration::from_millis(5));
        }
        let log = place.folder().write("access.log", &lines(300..310));
        let second = place.candor(&["import", "--data", place.data().to_str().unwrap(), log.to_str().unwrap()]);
        assert_eq!(second.code, Some(2), "{second:#?}");
        assert!(second.stderr.contains("another process owns this data folder"), "{second:#?}");
    });
    assert_eq!(counts(&finished), [300, 300, 0, 0, 0]);
}

#[test]
fn an_older_copy_of_a_log_is_not_taken_for_another() {
    let place = Place::health();
    let log = place.folder().write("access.log", &lines(0..90));
    import(&place, &[log.to_str().unwrap()]);
    let older = place.folder().write("backup.log", &lines(0..40));
    let refused = import(&place, &[older.to_str().unwrap()]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("begins like a log that was imported"), "{refused:#?}");
    assert!(refused.stderr.contains("--again"), "it says what to do: {refused:#?}");
    assert_eq!(counts(&import(&place, &["--again", older.to_str().unwrap()])), [40, 40, 0, 0, 0]);
}

#[test]
fn the_log_of_a_real_server_says_the_same_to_us_and_to_goaccess() {
    let writer = LogWriter::start(LogStyle::NginxCombined);
    for number in 0..60 {
        let (page, kind) = (number % 7, if number % 5 == 0 { "HEAD" } else { "GET" });
        let request = format!(
            "{kind} /page-{page}?n={number} HTTP/1.1\r\nHost: a.example\r\nUser-Agent: {BROWSER}\r\nReferer: https://from.example/{page}\r\nConnection: close\r\n\r\n"
        );
        writer.send(request.as_bytes(), number % 4 == 0);
    }
    let mut log = writer.log_with(60, "/page-");
    log.extend_from_slice(lines(0..500).as_bytes());
    log.extend_from_slice(b"this is no line of a log\n");
    let place = Place::health();
    let file = place.folder().join("access.log");
    std::fs::write(&file, &log).unwrap();

    let ours = import(&place, &[file.to_str().unwrap()]);
    let theirs = goaccess(&file);
    let general = &theirs["general"];
    assert_eq!(counts(&ours)[0], general["total_requests"].as_u64().unwrap(), "{general}");
    assert_eq!(counts(&ours)[1], general["valid_requests"].as_u64().unwrap(), "{general}");
    assert_eq!(counts(&ours)[4], general["failed_requests"].as_u64().unwrap(), "{general}");

    let visits = place.visits();
    let mut statuses: BTreeMap<String, u64> = BTreeMap::new();
    let mut paths: BTreeMap<String, u64> = BTreeMap::new();
    for visit in &visits {
        *statuses.entry(visit["status"].to_string()).or_default() += 1;
        *paths.entry(visit["path"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let their_statuses = theirs["status_codes"]["data"].as_array().unwrap().iter().flat_map(|class| class["items"].as_array().unwrap());
    let their_statuses: BTreeMap<String, u64> = their_statuses
        .map(|status| (status["data"].as_str().unwrap()[..3].to_owned(), status["hits"]["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(statuses, their_statuses);
    let mut their_paths: BTreeMap<String, u64> = BTreeMap::new();
    for panel in ["requests", "not_found"] {
        for row in theirs[panel]["data"].as_array().unwrap() {
            *their_paths.entry(row["data"].as_str().unwrap().to_owned()).or_default() += row["hits"]["count"].as_u64().unwrap();
        }
    }
    assert_eq!(paths, their_paths);
    let bytes: u64 = visits.iter().filter_map(|visit| visit["bytes"].as_u64()).sum();
    assert_eq!(bytes, general["bandwidth"].as_u64().unwrap());
}

fn goaccess(log: &Path) -> Value {
    let report = log.with_extension("json");
    let run = Command::new(find("goaccess"))
        .arg(log)
        .args(["--log-format=COMBINED", "--no-query-string", "--no-global-config", "--ignore-panel=REFERRERS", "-o"])
        .arg(&report)
        .output()
        .expect("it runs");
    assert!(run.status.success(), "{run:?}");
    serde_json::from_str(&std::fs::read_to_string(&report).unwrap()).expect("JSON")
}
