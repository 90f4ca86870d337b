//! Pages that come compressed, and pages in other letters than UTF-8.

use std::io::{Read, Write};

use domain::Answer::No;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::common::Edge;
use crate::common::inserts::STYLE;
use crate::common::site::Site;
use crate::common::visitor::{Answer, Visitor, ask, field, get};

const NAVIGATION: &str = "Sec-Fetch-Dest: document";
const HTML: &str = "<body><p>one</p><iframe src=https://maps.example/embed/1></iframe><p>two</p></body>";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn brotli(text: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    brotli::BrotliCompress(&mut &*text, &mut coded, &brotli::enc::BrotliEncoderParams::default()).expect("memory");
    coded
}

fn zstd(text: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
}

fn unzipped(body: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    GzDecoder::new(body).read_to_end(&mut text).expect("gzip");
    text
}

fn coded(fields: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

async fn refused(answer: Vec<u8>, fields: &[&str]) -> (Answer, Edge, Site) {
    let site = Site::saying(answer).await;
    let edge = Edge::with_trackers(site.address);
    let cookie = edge.choice(&[("ads", No), ("maps", No), ("news", No), ("return-visits", No)]);
    let answer = ask(edge.address, get("/", &[&[NAVIGATION, cookie.as_str()], fields].concat())).await;
    (answer, edge, site)
}

#[tokio::test]
async fn every_coding_that_browsers_take_is_read() {
    let long = format!("<body>{}{HTML}", "<p>a book</p>".repeat(20_000));
    for html in [HTML, &long] {
        let bytes = html.as_bytes();
        let html_without = html.replace("<iframe src=https://maps.example/embed/1></iframe>", &format!("{STYLE}<div>[map-frame]</div>"));
        for (name, body) in [
            ("gzip", gzip(bytes)),
            ("x-gzip", gzip(bytes)),
            ("deflate", zlib(bytes)),
            ("br", brotli(bytes)),
            ("zstd", zstd(bytes)),
            ("deflate, br", brotli(&zlib(bytes))),
        ] {
            let answer = coded(&format!("content-type: text/html; charset=utf-8\r\ncontent-encoding: {name}"), &body);
            let (zipped, ..) = refused(answer.clone(), &["Accept-Encoding: gzip, deflate, br, zstd"]).await;
            assert_eq!(zipped.field("content-encoding").as_deref(), Some("gzip"), "{name}");
            assert_eq!(zipped.field("vary").as_deref(), Some("Accept-Encoding"), "{name}");
            let text = String::from_utf8(unzipped(&zipped.body)).expect("text");
            assert_eq!(text.replace("<details>[]</details>", ""), html_without, "{name}");
            let (plain, ..) = refused(answer, &[]).await;
            assert_eq!(plain.field("content-encoding"), None, "{name}");
            assert_eq!(plain.text().replace("<details>[]</details>", ""), html_without, "{name}");
        }
    }
}

#[tokio::test]
async fn a_page_that_needs_nothing_stays_packed_as_it_was() {
    let body = brotli(b"<body><p>nothing here is anybody else's</p></body>");
    let (answer, ..) = refused(coded("content-type: text/html\r\ncontent-encoding: br", &body), &["Accept-Encoding: br"]).await;
    assert_eq!((answer.body, answer.head.contains("content-encoding: br")), (body, true));
}

#[tokio::test]
async fn a_page_in_an_unknown_coding_is_held_back() {
    let (answer, edge, site) =
        refused(coded("content-type: text/html\r\ncontent-encoding: dcb", b"xyz"), &["Accept-Encoding: gzip, dcb"]).await;
    assert_eq!(answer.status(), 502);
    assert!(answer.text().contains("so it is not shown"), "{}", answer.text());
    assert_eq!(edge.counts().pages_held_back, 1);
    assert_eq!(field(&site.request(), "accept-encoding").as_deref(), Some("gzip"));
}

#[tokio::test]
async fn a_packed_page_that_is_broken_is_not_made_whole() {
    let body = gzip(HTML.as_bytes());
    let site = Site::saying(coded("content-type: text/html\r\ncontent-encoding: gzip", &body[..body.len() - 9])).await;
    let edge = Edge::with_trackers(site.address);
    assert_eq!(ask(edge.address, get("/", &[NAVIGATION])).await.status(), 502);
    // Of a long one the beginning was sent already.
    let body = gzip(HTML.repeat(12_000).as_bytes());
    let site = Site::saying(coded("content-type: text/html\r\ncontent-encoding: gzip", &body[..body.len() / 2])).await;
    let edge = Edge::with_trackers(site.address);
    let mut visitor = Visitor::of(edge.address).await;
    visitor.say(get("/", &[NAVIGATION])).await;
    assert!(visitor.head().await.contains("transfer-encoding: chunked"));
    let rest = visitor.rest().await;
    assert!(rest.len() > 1000 && !rest.ends_with(b"0\r\n\r\n"), "{} bytes", rest.len());
}

#[tokio::test]
async fn letters_that_hide_tags_are_turned_into_utf_8() {
    let page = "<html><body>Bücher – 本<iframe src='https://maps.example/embed/1'></iframe></body>";
    let expected = format!("<html><body>Bücher – 本{STYLE}<div>[map-frame]</div><details>[]</details></body>");
    let utf_16: Vec<u8> = page.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked: Vec<u8> = format!("\u{feff}{page}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (kind, body) in [("text/html; charset=utf-16le", utf_16), ("text/html", marked)] {
        let (answer, ..) = refused(coded(&format!("content-type: {kind}"), &body), &[]).await;
        assert_eq!(answer.text(), expected, "{kind}");
        assert_eq!(answer.field("content-type").as_deref(), Some("text/html; charset=utf-8"));
    }
    let (body, ..) = encoding_rs::ISO_2022_JP.encode("<body>本<img src=//a.tiles.example/1></body>");
    for kind in ["text/html; charset=iso-2022-jp", "text/html;charset=\"ISO-2022-JP\""] {
        let (answer, ..) = refused(coded(&format!("content-type: {kind}"), &body), &[]).await;
        assert_eq!(answer.text(), format!("<body>本{STYLE}<div>[map-tiles]</div><details>[]</details></body>"));
    }
    let (body, ..) = encoding_rs::ISO_2022_JP.encode("<meta charset=iso-2022-jp><body>本<img src=//a.tiles.example/1></body>");
    let (answer, ..) = refused(coded("content-type: text/html", &body), &[]).await;
    assert!(answer.text().contains('本') && !answer.text().contains("tiles.example"), "{}", answer.text());
}

#[tokio::test]
async fn a_page_in_utf_16_that_needs_nothing_stays_as_it_was() {
    let body: Vec<u8> = "\u{feff}<body>Bücher".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (answer, ..) = refused(coded("content-type: text/html", &body), &[]).await;
    assert_eq!((answer.body, answer.head.contains("utf-8")), (body, false));
}

#[tokio::test]
async fn our_words_are_written_in_the_letters_of_the_page() {
    let (body, ..) = encoding_rs::WINDOWS_1252.encode("<body>Bücher</body>");
    let site = Site::saying(coded("content-type: text/html; charset=windows-1252", &body)).await;
    let edge = Edge::with_trackers(site.address);
    let answer = ask(edge.address, get("/", &[NAVIGATION])).await;
    let (text, _, broken) = encoding_rs::WINDOWS_1252.decode(&answer.body);
    assert!(!broken && text.contains("<aside>May we? – ads, maps</aside>Bücher"), "{text}");
    let site = Site::saying(coded("content-type: text/html", b"<body>nobody says")).await;
    let edge = Edge::with_trackers(site.address);
    let answer = ask(edge.address, get("/", &[NAVIGATION])).await;
    assert!(answer.text().contains("May we? &#8211; ads"), "{}", answer.text());
}
