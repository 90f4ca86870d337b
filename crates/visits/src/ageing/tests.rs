use proptest::prelude::*;

use super::*;

#[test]
fn an_address_becomes_its_network() {
    let cases = [
        ("203.0.113.77", "203.0.113.0"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("0.0.0.0", "0.0.0.0"),
    ];
    for (ip, network) in cases {
        let parse = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(truncated(parse(ip)), parse(network), "{ip}");
    }
}

#[test]
fn a_browser_becomes_its_family() {
    let cases = [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15",
            "Firefox",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "Safari"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Robot"),
        ("curl/8.5.0", "Robot"),
        ("Bot", "Robot"),
        ("Robot", "Robot"),
        ("Jane's own browser 1.0", "Other"),
        ("", "Other"),
    ];
    for (browser, expected) in cases {
        assert_eq!(family(browser), expected, "{browser}");
    }
}

#[test]
fn a_referring_page_becomes_its_origin() {
    let cases = [
        ("https://Example.org/search?q=my+illness#top", Some("https://example.org")),
        ("http://example.org:8080", Some("http://example.org:8080")),
        ("https://jane:secret@example.org/", Some("https://example.org")),
        ("https://[2001:db8::1]:8443/x", Some("https://[2001:db8::1]:8443")),
        ("android-app://com.example.mail/inbox", Some("android-app://com.example.mail")),
        ("about:blank", None),
        ("https:///path", None),
        ("not a url://x", None),
        ("", None),
    ];
    for (referrer, expected) in cases {
        assert_eq!(origin(referrer).as_deref(), expected, "{referrer}");
    }
}

proptest! {
    #[test]
    fn ageing_twice_is_ageing_once(ip in any::<IpAddr>(), text in any::<String>(), url in "[a-z]{1,5}://[a-zA-Z@:/?#.\\\\]{0,30}") {
        prop_assert_eq!(truncated(truncated(ip)), truncated(ip));
        prop_assert_eq!(family(family(&text)), family(&text));
        for text in [text, url] {
            let once = origin(&text);
            prop_assert_eq!(once.as_deref().and_then(origin), once);
        }
    }
}
