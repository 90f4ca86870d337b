//! HTTP/2, and TLS on both sides.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector, client::TlsStream};

use crate::common::Edge;
use crate::common::site::Site;
use crate::common::visitor::{Visitor, ask, field, get};

const OK: &str = "HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 2\r\n\r\nok";

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, std::convert::Infallible>;

/// Speaks HTTP/2 at once, without TLS.
async fn speak(edge: SocketAddr) -> SendRequest<Body> {
    over(TcpStream::connect(edge).await.expect("a connection")).await
}

async fn over(stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static) -> SendRequest<Body> {
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

fn nothing() -> Body {
    Empty::new().boxed_unsync()
}

fn request(path: &str) -> http::request::Builder {
    Request::builder().uri(format!("http://books.example{path}"))
}

async fn text(answer: Response<Incoming>) -> String {
    String::from_utf8(answer.into_body().collect().await.expect("a body").to_bytes().to_vec()).expect("text")
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let site = Site::answering(|request| {
        let path = request.split(' ').nth(1).expect("a path").to_owned();
        format!("HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: {}\r\n\r\n{path}", path.len()).into_bytes()
    })
    .await;
    let edge = Edge::before(site.address);
    let mut sender = speak(edge.address).await;
    let answers: Vec<_> =
        (0..50).map(|number| sender.send_request(request(&format!("/{number}")).body(nothing()).expect("a request"))).collect();
    for (number, answer) in answers.into_iter().enumerate() {
        let answer = answer.await.expect("an answer");
        assert_eq!((answer.status().as_u16(), answer.headers().get("connection")), (200, None));
        assert_eq!(text(answer).await, format!("/{number}"));
    }
    edge.visits(50).await;
    assert_eq!(edge.counts().connections_accepted, 1);
}

#[tokio::test]
async fn the_site_gets_a_request_of_http_1_with_its_cookies_put_together() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let mut sender = speak(edge.address).await;
    let asked =
        request("/a?b").header("cookie", "a=1").header("cookie", "candor=x").header("cookie", "b=2").header("candor-purposes", "news");
    let answer = sender.send_request(asked.body(nothing()).expect("a request")).await.expect("an answer");
    assert_eq!(answer.headers().get("x-a").map(|value| value.as_bytes()), Some(b"b".as_slice()));
    assert_eq!(text(answer).await, "ok");
    let told = site.request();
    assert!(told.starts_with("GET /a?b HTTP/1.1\r\n"), "{told}");
    assert_eq!(field(&told, "host").as_deref(), Some("books.example"));
    assert_eq!(field(&told, "cookie").as_deref(), Some("a=1; b=2"));
    assert_eq!(field(&told, "candor-purposes").as_deref(), Some("operate"));
}

#[tokio::test]
async fn bodies_and_trailers_pass_both_ways() {
    let site =
        Site::saying("HTTP/1.1 200 OK\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 6\r\n\r\n").await;
    let edge = Edge::before(site.address);
    let mut sender = speak(edge.address).await;
    let mut trailers = HeaderMap::new();
    trailers.insert("x-check", "1".parse().expect("a value"));
    let frames = [Ok(Frame::data(Bytes::from_static(b"hi"))), Ok(Frame::trailers(trailers))];
    let body = StreamBody::new(futures_of(frames)).boxed_unsync();
    let asked = request("/").method("POST").header("te", "trailers").header("trailer", "x-check").body(body).expect("a request");
    let answer = sender.send_request(asked).await.expect("an answer").into_body().collect().await.expect("a body");
    assert_eq!(answer.trailers().and_then(|trailers| trailers.get("x-sum")).map(|sum| sum.as_bytes()), Some(b"6".as_slice()));
    assert_eq!(answer.to_bytes(), "abc");
    let told = site.request();
    assert!(told.ends_with("2\r\nhi\r\n0\r\nx-check: 1\r\n\r\n") && told.contains("te: trailers\r\n"), "{told}");
}

fn futures_of<T: Unpin>(items: impl IntoIterator<Item = T, IntoIter: Unpin>) -> impl futures_core::Stream<Item = T> + Unpin {
    Items(items.into_iter())
}

struct Items<I>(I);

impl<I: Iterator + Unpin> futures_core::Stream for Items<I> {
    type Item = I::Item;

    fn poll_next(mut self: std::pin::Pin<&mut Self>, _cx: &mut std::task::Context<'_>) -> std::task::Poll<Option<I::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}

#[tokio::test]
async fn a_body_whose_length_is_known_keeps_it() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let mut sender = speak(edge.address).await;
    for method in ["POST", "GET"] {
        let body = Full::new(Bytes::from_static(b"hello")).boxed_unsync();
        let answer = sender.send_request(request("/").method(method).body(body).expect("a request")).await.expect("an answer");
        assert_eq!(text(answer).await, "ok");
    }
    for told in site.requests() {
        assert!(told.contains("content-length: 5\r\n") && told.ends_with("hello"), "{told}");
    }
}

#[tokio::test]
async fn a_stream_that_is_reset_is_a_visit_and_the_others_go_on() {
    let site = Site::serving(|mut connection| async move {
        while let Some(asked) = connection.request().await {
            if asked.contains("/slow") {
                assert!(connection.is_closed().await, "the site goes on working for nobody");
                return;
            }
            connection.say(OK).await.expect("the edge listens");
        }
    })
    .await;
    let edge = Edge::before(site.address);
    let mut sender = speak(edge.address).await;
    let slow = tokio::spawn(sender.send_request(request("/slow").body(nothing()).expect("a request")));
    tokio::time::sleep(Duration::from_millis(100)).await;
    slow.abort();
    assert_eq!(edge.visit().await.status, None);
    let answer = sender.send_request(request("/").body(nothing()).expect("a request")).await.expect("an answer");
    assert_eq!(text(answer).await, "ok");
}

#[tokio::test]
async fn streams_time_out_one_by_one_and_connections_when_idle() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        connection.is_closed().await;
    })
    .await;
    let edge = Edge::before(site.address);
    let mut sender = speak(edge.address).await;
    let slow = tokio::spawn(sender.send_request(request("/").body(nothing()).expect("a request")));
    tokio::time::sleep(Duration::from_millis(100)).await;
    edge.pass(Duration::from_secs(61)).await;
    assert_eq!(slow.await.expect("no panic").expect("an answer").status().as_u16(), 504);
    edge.visits(1).await;
    assert!(!sender.is_closed());
    edge.pass(Duration::from_secs(76)).await;
    for _ in 0..100 {
        if sender.is_closed() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("an idle connection stays open");
}

#[tokio::test]
async fn what_is_refused_in_http_1_is_refused_in_http_2() {
    let site = Site::saying(OK).await;
    let edge = Edge::before(site.address);
    let mut sender = speak(edge.address).await;
    let disagreeing = request("/").header("host", "other.example").body(nothing()).expect("a request");
    assert_eq!(sender.send_request(disagreeing).await.expect("an answer").status().as_u16(), 400);
    let traced = request("/").method("TRACE").body(nothing()).expect("a request");
    assert_eq!(sender.send_request(traced).await.expect("an answer").status().as_u16(), 405);
    let without_length = request("/").header("content-length", "").body(nothing()).expect("a request");
    assert_eq!(sender.send_request(without_length).await.expect("an answer").status().as_u16(), 400);
    let twice = request("/").header("content-length", "0").header("content-length", "00").body(nothing()).expect("a request");
    assert_eq!(sender.send_request(twice).await.expect("an answer").status().as_u16(), 400);
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn a_shutdown_lets_streams_end() {
    let site = Site::serving(|mut connection| async move {
        connection.request().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        connection.say(OK).await.expect("the edge listens");
    })
    .await;
    let mut edge = Edge::before(site.address);
    let mut sender = speak(edge.address).await;
    let answer = tokio::spawn(sender.send_request(request("/").body(nothing()).expect("a request")));
    tokio::time::sleep(Duration::from_millis(100)).await;
    edge.running.take().expect("it runs").shutdown(Duration::from_secs(30)).await;
    assert_eq!(text(answer.await.expect("no panic").expect("an answer")).await, "ok");
    edge.visit().await;
}

/// A certificate for a name, with its key, as PEM files in a folder of their own.
struct Files {
    folder: PathBuf,
}

impl Files {
    fn named(folder: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("candor-edge-{}-{folder}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { folder }
    }

    fn write(&self, name: &str) -> CertificateDer<'static> {
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new([name.to_owned()]).expect("a name").self_signed(&key).expect("a certificate");
        std::fs::write(self.folder.join("certificate.pem"), certificate.pem()).expect("a file");
        std::fs::write(self.folder.join("key.pem"), key.serialize_pem()).expect("a file");
        certificate.der().clone()
    }

    fn settings(&self) -> edge::TlsFiles {
        edge::TlsFiles { certificate: self.folder.join("certificate.pem"), key: self.folder.join("key.pem") }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn secure(edge: SocketAddr, trusted: &CertificateDer<'static>, protocol: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let mut config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(edge).await.expect("a connection");
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("books.example").expect("a name"), stream).await
}

#[tokio::test]
async fn over_tls_both_versions_are_spoken_and_the_cookie_is_bound_to_the_host() {
    let files = Files::named("both");
    let certificate = files.write("books.example");
    let site = Site::saying("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nok").await;
    let edge = Edge::with(site.address, |settings| settings.tls = Some(files.settings()));
    let opened = crate::common::RULES.replace("\"*\" = \"ask\"", "\"*\" = \"opt-out\"");
    edge.policy.store(Arc::new(crate::common::policy_of(&opened)));

    let mut visitor = Visitor::on(secure(edge.address, &certificate, b"http/1.1").await.expect("TLS"));
    visitor.say(get("/", &["Sec-Fetch-Dest: document"])).await;
    let answer = visitor.answer().await;
    let set = answer.field("set-cookie").expect("a cookie");
    assert!(set.starts_with("__Host-candor-visit=") && set.contains("; Secure; HttpOnly"), "{set}");

    let mut sender = over(secure(edge.address, &certificate, b"h2").await.expect("TLS")).await;
    let answer = sender.send_request(request("/").body(nothing()).expect("a request")).await.expect("an answer");
    assert_eq!(text(answer).await, "ok");
    for told in site.requests() {
        assert_eq!(field(&told, "x-forwarded-proto").as_deref(), Some("https"));
    }
    edge.visits(2).await;
}

#[tokio::test]
async fn a_certificate_that_changes_on_disk_is_used_without_a_restart() {
    let files = Files::named("changes");
    let old = files.write("books.example");
    let site = Site::saying(OK).await;
    let edge = Edge::with(site.address, |settings| {
        settings.tls = Some(files.settings());
        settings.limits.sweep = Duration::from_millis(20);
    });
    secure(edge.address, &old, b"http/1.1").await.expect("TLS");
    std::fs::write(files.folder.join("key.pem"), "half of a key").expect("a file");
    tokio::time::sleep(Duration::from_millis(200)).await;
    secure(edge.address, &old, b"http/1.1").await.expect("the old certificate while the new one is not whole");
    let new = files.write("books.example");
    for _ in 0..500 {
        if secure(edge.address, &new, b"http/1.1").await.is_ok() {
            secure(edge.address, &old, b"http/1.1").await.expect_err("the old certificate is gone");
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the new certificate is not used");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_told_before_anything_runs() {
    let files = Files::named("unusable");
    let settings = |tls| edge::Settings {
        listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))],
        workers: 1,
        upstream: None,
        trusted_proxies: Vec::new(),
        region_header: None,
        enforcement: edge::Enforcement::Enforce,
        origin: None,
        sign_in: Vec::new(),
        limits: edge::Limits::default(),
        tls: Some(tls),
    };
    let absent = edge::bind(settings(files.settings())).expect_err("there are no files").to_string();
    assert!(absent.starts_with("cannot read the certificate in "), "{absent}");
    files.write("books.example");
    std::fs::write(files.folder.join("certificate.pem"), "").expect("a file");
    let empty = edge::bind(settings(files.settings())).expect_err("there is no certificate").to_string();
    assert!(empty.starts_with("there is no certificate in "), "{empty}");
}

/// A site that speaks TLS with the certificate in these files.
async fn secure_site(files: &Files) -> SocketAddr {
    let chain = vec![CertificateDer::from_pem_file(files.folder.join("certificate.pem")).expect("a certificate")];
    let key = rustls::pki_types::PrivateKeyDer::from_pem_file(files.folder.join("key.pem")).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a pair");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(async move {
                    let mut visitor = Visitor::on(stream);
                    loop {
                        visitor.head().await;
                        visitor.say(OK).await;
                    }
                });
            }
        }
    });
    address
}

fn edge_before_secure(site: SocketAddr) -> Edge {
    let upstream = format!("https://localhost:{}", site.port()).parse().expect("a site");
    Edge::with(site, |settings| settings.upstream = Some(upstream))
}

#[tokio::test]
async fn a_site_whose_certificate_nobody_vouches_for_gets_no_requests() {
    let files = Files::named("unknown");
    files.write("localhost");
    let edge = edge_before_secure(secure_site(&files).await);
    assert_eq!(ask(edge.address, get("/", &[])).await.status(), 502);
}

#[tokio::test]
async fn a_site_behind_tls_is_reached() {
    // Which roots count is read from the environment, and that belongs to a process: this test runs itself once more in one of its own.
    const FOLDER: &str = "CANDOR_TEST_CERTIFICATES";
    if let Some(folder) = std::env::var_os(FOLDER) {
        return reach_a_trusted_site(&std::mem::ManuallyDrop::new(Files { folder: folder.into() })).await;
    }
    let files = Files::named("known");
    files.write("localhost");
    let mut command = tokio::process::Command::new(std::env::current_exe().expect("this test"));
    command.args(["--exact", "http2::a_site_behind_tls_is_reached"]).env(FOLDER, &files.folder);
    let done = command.env("SSL_CERT_FILE", files.folder.join("certificate.pem")).output().await.expect("a process");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

async fn reach_a_trusted_site(files: &Files) {
    let edge = edge_before_secure(secure_site(files).await);
    let mut visitor = Visitor::of(edge.address).await;
    for _ in 0..3 {
        visitor.say(get("/", &[])).await;
        assert_eq!(visitor.answer().await.text(), "ok");
        visitor.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").await;
        assert_eq!(visitor.answer().await.text(), "ok");
    }
}
