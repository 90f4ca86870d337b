//! Pages that come in pieces, that never end, that break off, and that are very long.

use std::time::Duration;

use domain::Answer::No;
use edge::Enforcement;
use proptest::prelude::*;

use crate::common::Edge;
use crate::common::inserts::{BANNER, STYLE};
use crate::common::site::{Connection, Site};
use crate::common::visitor::{Visitor, ask, get};

const NAVIGATION: &str = "Sec-Fetch-Dest: document";
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";

fn refusing(edge: &Edge) -> String {
    edge.choice(&[("ads", No), ("maps", No), ("news", No), ("return-visits", No)])
}

async fn say_chunk(connection: &mut Connection, bytes: &[u8]) {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    connection.say(chunk).await.expect("the edge listens");
}

/// A site that sends a page in these pieces, with time between them.
async fn in_pieces(pieces: Vec<Vec<u8>>, pause: Duration) -> Site {
    Site::serving(move |mut connection| {
        let pieces = pieces.clone();
        async move {
            while connection.request().await.is_some() {
                connection.say(HEAD).await.expect("the edge listens");
                for piece in &pieces {
                    say_chunk(&mut connection, piece).await;
                    tokio::time::sleep(pause).await;
                }
                connection.say("0\r\n\r\n").await.expect("the edge listens");
            }
        }
    })
    .await
}

const PAGE: &str = "<!doctype html><html><head><meta charset=utf-8><link rel=preconnect href=https://ads.example>\
    <script src='https://ads.example/a.js?x=&quot;'>var a = '<iframe src=https://maps.example/embed/0>';</script></head>\
    <body class=\"a > b\"><!-- <img src=//ads.example/1> --><h1>Bücher – 本</h1>\
    <iframe title='a map' src=\"https://maps.example/embed/1\">x</iframe><p data-candor-purpose=maps>near <b>you</b></p>\
    <noscript><img src=//ads.example/p.gif></noscript><picture><source srcset='/a.webp 1x, //a.tiles.example/b.webp 2x'><img src=/a.png></picture>\
    <textarea><img src=//ads.example/in-text></textarea><p>end</p></body></html>";

fn rewritten(asks: bool) -> String {
    let start = if asks { format!("{STYLE}{BANNER}") } else { String::new() };
    let style = if asks { "" } else { STYLE };
    format!(
        "<!doctype html><html><head><meta charset=utf-8></head>\
         <body class=\"a > b\">{start}<!-- <img src=//ads.example/1> --><h1>Bücher – 本</h1>\
         {style}<div>[map-frame]</div><div>[maps]</div>\
         <noscript>{STYLE}<div>[ad-script]</div></noscript><picture><img src=/a.png></picture>\
         <textarea><img src=//ads.example/in-text></textarea><p>end</p><details>[ad-script map-tiles]</details></body></html>"
    )
}

#[tokio::test]
async fn where_a_page_is_cut_makes_no_difference() {
    for length in [1, 2, 3, 7, 50, 400] {
        let pieces = PAGE.as_bytes().chunks(length).map(<[u8]>::to_vec).collect();
        let site = in_pieces(pieces, Duration::ZERO).await;
        let edge = Edge::with_trackers(site.address);
        let cookie = refusing(&edge);
        assert_eq!(ask(edge.address, get("/", &[NAVIGATION, &cookie])).await.text(), rewritten(false), "pieces of {length}");
        assert_eq!(ask(edge.address, get("/", &[NAVIGATION])).await.text(), rewritten(true), "pieces of {length}");
    }
}

#[tokio::test]
async fn a_page_that_comes_slowly_is_seen_as_it_comes() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await.expect("a request");
        connection.say(HEAD).await.expect("the edge listens");
        say_chunk(&mut connection, b"<body><h1>first</h1><img src=//a.tiles.example/1>").await;
        // The rest comes only when the visitor says so, through another request.
        std::future::pending::<()>().await;
    })
    .await;
    let edge = Edge::with_trackers(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[NAVIGATION, &refusing(&edge)])).await;
    let head = visitor.head().await;
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    let expected = format!("<body><h1>first</h1>{STYLE}<div>[map-tiles]</div>");
    let mut seen = String::new();
    while !seen.contains("[map-tiles]</div>") {
        seen.push_str(&String::from_utf8(visitor.bytes(1).await).expect("text"));
    }
    let text: String = seen.split("\r\n").filter(|line| line.starts_with('<') || line.starts_with('.')).collect();
    assert_eq!(text, expected);
}

#[tokio::test]
async fn a_page_that_breaks_off_stays_broken() {
    for (head, pieces) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4000\r\n\r\n",
            &["<body><p>one</p><img src=//ads.example/1><p>tw"][..],
        ),
        (HEAD, &["1f\r\n<body><p>one</p><img src=//ads.e\r\n", "9\r\nxample/1>\r\n"]),
    ] {
        let site = Site::serving(move |mut connection| async move {
            connection.request().await.expect("a request");
            connection.say(head).await.expect("the edge listens");
            for piece in pieces {
                connection.say(piece).await.expect("the edge listens");
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
        })
        .await;
        let edge = Edge::with_trackers(site.address);
        let mut visitor = Visitor::of(edge.address).await;
        visitor.say(get("/", &[NAVIGATION, &refusing(&edge)])).await;
        let head = visitor.head().await;
        assert!(head.contains("transfer-encoding: chunked"), "{head}");
        let rest = String::from_utf8(visitor.rest().await).expect("text");
        assert!(rest.contains("<p>one</p>") && !rest.contains("ads.example"), "{rest}");
        assert!(!rest.contains("\r\n0\r\n") && !rest.contains("<details>"), "it does not look whole: {rest}");
    }
}

/// The most memory this process ever had, in bytes.
fn memory_peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") * 1024
}

#[tokio::test]
async fn a_page_of_a_hundred_megabytes_takes_no_memory() {
    const REPEATS: usize = 100 * 1024;
    let part = format!("<p>{}</p><img src=//a.tiles.example/1.png>", "x".repeat(990 - 8));
    let (length, expected) =
        (part.len() * REPEATS, (part.len() - "<img src=//a.tiles.example/1.png>".len() + "<div>[map-tiles]</div>".len()) * REPEATS);
    let site = Site::serving(move |mut connection| {
        let part = part.clone();
        async move {
            connection.request().await.expect("a request");
            connection
                .say(format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n"))
                .await
                .expect("it listens");
            let many = part.repeat(64);
            for _ in 0..REPEATS / 64 {
                connection.say(&many).await.expect("the edge listens");
            }
            std::future::pending::<()>().await;
        }
    })
    .await;
    let edge = Edge::with_trackers(site.address);
    let cookie = refusing(&edge);
    let before = memory_peak();
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[NAVIGATION, &cookie])).await;
    visitor.head().await;
    let mut received = 0;
    loop {
        let size = visitor.chunk_length().await;
        if size == 0 {
            break;
        }
        visitor.bytes(size).await;
        visitor.bytes(2).await;
        received += size;
    }
    assert!(received > expected, "{received} of {expected}");
    let grown = memory_peak().saturating_sub(before);
    assert!(grown < 48 * 1024 * 1024, "{grown} bytes more");
    assert_eq!(edge.counts().resources_held_back as usize, REPEATS);
}

#[tokio::test]
async fn a_visitor_who_does_not_read_holds_the_site_up() {
    let sent = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = sent.clone();
    let site = Site::serving(move |mut connection| {
        let sent = counted.clone();
        async move {
            connection.request().await.expect("a request");
            connection.say(HEAD).await.expect("the edge listens");
            let piece = "<p>book</p>".repeat(6000).into_bytes();
            loop {
                say_chunk(&mut connection, &piece).await;
                sent.fetch_add(piece.len(), std::sync::atomic::Ordering::Relaxed);
            }
        }
    })
    .await;
    let edge = Edge::with_trackers(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[NAVIGATION, &refusing(&edge)])).await;
    visitor.head().await;
    let mut before = usize::MAX;
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let now = sent.load(std::sync::atomic::Ordering::Relaxed);
        if now == before {
            return;
        }
        before = now;
    }
    panic!("after {before} bytes the site still sends, and nobody reads");
}

#[tokio::test]
async fn what_can_be_read_as_two_pages_is_shown_as_far_as_it_is_one() {
    let html = "<body><p>one</p><select><option>a<xmp><script src=//ads.example/x.js></script></select><p>two</p></body>";
    let site = Site::saying(format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{html}", html.len())).await;
    let edge = Edge::with_trackers(site.address);
    let answer = ask(edge.address, get("/", &[NAVIGATION, &refusing(&edge)])).await;
    let text = answer.text();
    assert!(text.starts_with("<body><p>one</p><select>") && !text.contains("ads.example") && !text.contains("two"), "{text}");
    assert!(text.contains("The rest of this page is not shown here"), "{text}");
    assert_eq!(edge.counts().pages_held_back, 1);
}

/// Something that a page may have in it, and what of it must not be left.
fn bit() -> impl Strategy<Value = String> {
    let address = prop_oneof![
        Just("https://ads.example/a.js".to_owned()),
        Just("//ADS.example./x".to_owned()),
        Just("/\t/ads.example/x".to_owned()),
        Just("\\\\ads.example\\x".to_owned()),
        Just("https&#58;//ads&period;example/x".to_owned()),
        Just("//maps.example/embed/7".to_owned()),
        Just("//maps.example/free".to_owned()),
        Just("/own/x.png".to_owned()),
        Just("data:image/png;base64,AAAA".to_owned()),
    ];
    let element = prop_oneof![
        Just("<script src='@'></script>"),
        Just("<img src=\"@\">"),
        Just("<img srcset='@ 2x, /b.png'>"),
        Just("<iframe src=\"@\"></iframe>"),
        Just("<video><source src='@'></video>"),
        Just("<svg><image href='@'/><use xlink:href='@'></use></svg>"),
        Just("<object data='@'>other</object>"),
        Just("<link rel='stylesheet preload' href='@'>"),
        Just("<table background='@'><tr><td>cell</td></tr></table>"),
        Just("<noscript><img src='@'></noscript>"),
        Just("<template><img src='@'></template>"),
        Just("<a href='/x'>a link</a>"),
        Just("<p>text &amp; <b>more</b>"),
        Just("<!-- a comment -->"),
        Just("<input type=image src='@'>"),
        Just("</div></p>"),
        Just("<select><option>one</select>"),
    ];
    // White space ends an address in a `srcset`, and is left out of one anywhere else.
    (element, address).prop_map(|(element, address)| {
        let address = if element.contains("srcset") { address.replace('\t', "") } else { address };
        element.replace('@', &address)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn nothing_refused_is_left_however_a_page_comes(bits in proptest::collection::vec(bit(), 1..14), cuts in proptest::collection::vec(1_usize..60, 1..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let page = format!("<html><body>{}</body></html>", bits.concat());
            let mut rest = page.as_bytes();
            let mut pieces = Vec::new();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece.to_vec());
                rest = after;
            }
            let site = in_pieces(pieces, Duration::ZERO).await;
            let edge = Edge::with_trackers(site.address);
            let answer = ask(edge.address, get("/", &[NAVIGATION, &refusing(&edge)])).await.text();
            let plain = answer.replace("&#58;", ":").replace("&period;", ".").replace(['\t', '\\'], "/").to_lowercase();
            assert!(!plain.contains("ads.example") && !plain.contains("embed/7"), "{page}\n{answer}");
            let whole = Site::saying(format!("HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\r\n{page}", page.len())).await;
            let edge_of_whole = Edge::with_trackers(whole.address);
            let at_once = ask(edge_of_whole.address, get("/", &[NAVIGATION, &refusing(&edge_of_whole)])).await.text();
            assert_eq!(at_once, answer);
            let observing = Edge::with(whole.address, |settings| settings.enforcement = Enforcement::Observe);
            observing.policy.store(std::sync::Arc::new(crate::common::policy_with_trackers()));
            assert_eq!(ask(observing.address, get("/", &[NAVIGATION])).await.text(), page);
            assert_eq!(observing.counts().resources_held_back, edge_of_whole.counts().resources_held_back);
        });
    }
}
