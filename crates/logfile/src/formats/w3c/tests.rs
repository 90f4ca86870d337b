use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::testing::{Facts, facts};

fn read_all(lines: &str) -> Vec<Result<Option<Facts>, Why>> {
    let (mut heading, mut times) = (Heading::default(), Times::in_zone(TimeZone::UTC));
    lines.lines().map(|line| heading.read(line.as_bytes(), &mut times).map(|entry| entry.map(|entry| Facts::of(&entry)))).collect()
}

fn read_last(lines: &str) -> Facts {
    read_all(lines).pop().unwrap().unwrap_or_else(|why| panic!("{lines}: {why}")).unwrap()
}

const IIS: &str = "\
#Software: Microsoft Internet Information Services 10.0
#Version: 1.0
#Date: 2024-05-06 07:08:07
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes time-taken
2024-05-06 07:08:07 10.0.0.1 GET /a/index.html q=secret 443 CORP\\ada 192.0.2.7 Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64) https://from.example/?q a.example:443 200 0 0 2326 15";

#[test]
fn a_line_of_iis_is_read() {
    let expected = Facts {
        ip: Some("192.0.2.7".parse().unwrap()),
        user: Some("CORP\\ada".into()),
        bytes: Some(2326),
        duration_us: Some(15_000),
        referrer: Some("https://from.example/".into()),
        browser: Some("Mozilla/5.0 (Windows NT 10.0; Win64; x64)".into()),
        host: Some("a.example".into()),
        ..Facts::new("2024-05-06T07:08:07Z", "GET", "/a/index.html", 200)
    };
    assert_eq!(read_last(IIS), expected);
    assert_eq!(read_all(IIS)[..4], [Ok(None), Ok(None), Ok(None), Ok(None)]);
}

#[test]
fn a_dash_is_nothing() {
    let line = "#Fields: date time c-ip cs-username cs-uri-stem cs(Referer) cs(User-Agent) sc-bytes\n2024-05-06 07:08:07 - - - - - -";
    let entry = read_last(line);
    assert_eq!((entry.ip, entry.user, entry.path, entry.referrer, entry.browser, entry.bytes), (None, None, None, None, None, None));
}

#[test]
fn the_columns_may_change_on_the_way() {
    let lines = "#Fields: date time cs-uri-stem\n2024-05-06 07:08:07 /a\n#Fields: time cs-uri-stem date\n07:08:08 /b 2024-05-06\n2024-05-06 07:08:07 /c";
    let read = read_all(lines);
    assert_eq!(read[1].as_ref().unwrap().as_ref().unwrap().path.as_deref(), Some("/a"));
    assert_eq!(read[3].as_ref().unwrap().as_ref().unwrap().path.as_deref(), Some("/b"));
    assert_eq!(read[4], Err(Why::BadTime));
}

#[test]
fn the_day_may_stand_above() {
    let lines = "#Date: 2024-05-06 00:00:05\n#Fields: time c-ip cs-uri-stem\n07:08:07.25 192.0.2.7 /a";
    assert_eq!(read_last(lines).time, "2024-05-06T07:08:07.25Z".parse().unwrap());
    assert_eq!(read_all("#Fields: time c-ip\n07:08:07 192.0.2.7").pop(), Some(Err(Why::NoTime)));
}

#[test]
fn whoever_goes_on_in_the_middle_has_the_heading() {
    let (mut heading, mut times) = (Heading::default(), Times::in_zone(TimeZone::UTC));
    for line in ["#Date: 2024-05-06 00:00:05", "#Fields: time cs-uri-stem"] {
        heading.read(line.as_bytes(), &mut times).unwrap();
    }
    assert_eq!(
        read_last(&format!("{}07:08:07 /a", heading.lines())),
        Facts { method: None, status: None, ..Facts::new("2024-05-06T07:08:07Z", "GET", "/a", 200) }
    );
}

#[test]
fn cloudfront_has_tabs_percent_signs_and_seconds() {
    let lines = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) time-taken\n\
                 2024-05-06\t07:08:07\tFRA2\t17\t2001:db8::7\tGET\td111.cloudfront.net\t/a\t304\t-\tMozilla/5.0%20(X11;%20Linux)\t0.125";
    let entry = read_last(lines);
    assert_eq!((entry.browser.as_deref(), entry.duration_us), (Some("Mozilla/5.0 (X11; Linux)"), Some(125_000)));
}

#[test]
fn texts_may_be_in_quotation_marks() {
    let lines = "#Fields: date time cs(User-Agent) cs-uri-stem\n2024-05-06 07:08:07 \"Say \"\"hi\"\" + more\" \"/a b\"";
    let entry = read_last(lines);
    assert_eq!((entry.browser.as_deref(), entry.path.as_deref()), (Some("Say \"hi\" + more"), Some("/a b")));
}

#[test]
fn lines_that_do_not_fit_their_heading_are_refused() {
    assert_eq!(read_all("2024-05-06 07:08:07 /a"), [Err(Why::NoFields)]);
    for line in ["2024-05-06 07:08:07", "2024-05-06 07:08:07 /a /b", ""] {
        assert_eq!(read_all(&format!("#Fields: date time cs-uri-stem\n{line}\n")).pop(), Some(Err(Why::OtherColumns)), "{line}");
    }
    assert_eq!(read_all("#Fields: date time cs-uri-stem\n2024-05-32 07:08:07 /a").pop(), Some(Err(Why::BadTime)));
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(facts in facts()) {
        // IIS itself cannot tell a plus sign from a space, and writes neither quotation marks around nor control characters.
        let plain = |text: String| text.chars().filter(|letter| !letter.is_control() && !"+%\"".contains(*letter)).collect::<String>();
        let path = facts.path.map(|path| plain(path).replace(' ', "%20"));
        let facts = Facts {
            user: facts.user.map(plain).filter(|user| !user.is_empty() && user != "-"),
            browser: facts.browser.map(plain),
            referrer: facts.referrer.map(|text| plain(text).replace(' ', "")),
            duration_us: facts.duration_us.map(|us| us / 1000 * 1000),
            path,
            ..facts
        };
        let facts = facts.in_milliseconds();
        prop_assert_eq!(read_last(&written(&facts)), facts);
    }

    #[test]
    fn whatever_comes_is_read_or_refused(bytes: Vec<u8>, fields in "[a-z() -]{0,40}", line in r#"[0-9:" \t-]{0,40}"#) {
        let (mut heading, mut times) = (Heading::default(), Times::in_zone(TimeZone::UTC));
        for line in [&bytes, format!("#Fields: date time {fields}").as_bytes(), &bytes, format!("2024-05-06 07:08:07 {line}").as_bytes()] {
            let _ = heading.read(line, &mut times);
        }
    }
}

fn written(facts: &Facts) -> String {
    let text = |text: &Option<String>| text.as_deref().unwrap_or("-").replace(' ', "+");
    format!(
        "#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status sc-bytes time-taken cs(Referer) cs(User-Agent) cs-host\n\
         {} {} {} {} {} {} {} {} {} {} {}",
        facts.time.strftime("%Y-%m-%d %H:%M:%S.%3f"),
        facts.ip.map_or("-".to_owned(), |ip| ip.to_string()),
        text(&facts.user),
        text(&facts.method),
        text(&facts.path),
        facts.status.map_or("-".to_owned(), |status| status.to_string()),
        facts.bytes.unwrap(),
        facts.duration_us.map_or("-".to_owned(), |us| (us / 1000).to_string()),
        text(&facts.referrer),
        text(&facts.browser),
        text(&facts.host),
    )
}
