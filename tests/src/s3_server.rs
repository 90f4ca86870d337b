use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::Value;

use crate::folder::own_folder;
use crate::{Folder, find};

/// The S3 server of `tests/s3`, in memory, which checks every signature. The way to it can be cut.
#[derive(Debug)]
pub struct S3Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    key: String,
    secret: String,
    scheme: &'static str,
    way: Way,
}

impl S3Server {
    #[expect(clippy::new_without_default, reason = "starting a server is not a default")]
    pub fn new() -> Self {
        Self::start("http", &[])
    }

    /// The same over TLS, with a certificate that it makes in a folder; whoever is to believe it is told of the file that comes back.
    pub fn with_tls(folder: &Folder) -> (Self, PathBuf) {
        let (certificate, key) = (folder.join("s3.pem"), folder.join("s3.key"));
        let made = Command::new(find("openssl"))
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=store",
            ])
            .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .expect("openssl runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        (Self::start("https", &[&certificate, &key]), certificate)
    }

    fn start(scheme: &'static str, files: &[&PathBuf]) -> Self {
        let mut child = Command::new(python())
            .arg(own_folder().join("s3/server.py"))
            .args(files)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let (input, output) = (child.stdin.take().expect("it is piped"), child.stdout.take().expect("it is piped"));
        let mut output = BufReader::new(output);
        let said = read(&mut output);
        let text = |name: &str| said[name].as_str().expect("text").to_owned();
        let address = text("endpoint").trim_start_matches(scheme).trim_start_matches("://").parse().expect("an address");
        Self { child, input, output, key: text("key"), secret: text("secret"), scheme, way: Way::to(address) }
    }

    /// The keys, as a file of Amazon's own tools holds them.
    pub fn credentials(&self) -> String {
        format!("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n", self.key, self.secret)
    }

    /// Where it is reached as long as the way is not cut.
    pub fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme, self.way.address)
    }

    pub fn secret(&self) -> &str {
        &self.secret
    }

    pub fn make(&mut self, bucket: &str) {
        self.ask(&format!("make {bucket}"));
    }

    /// From now on what is removed from the bucket is kept.
    pub fn keep_versions(&mut self, bucket: &str) {
        self.ask(&format!("keep-versions {bucket}"));
    }

    /// Begins an upload that nobody finishes.
    pub fn begin_upload(&mut self, bucket: &str, key: &str) {
        self.ask(&format!("begin-upload {bucket} {key} something"));
    }

    /// What was begun to be uploaded and never finished.
    pub fn uploads(&mut self, bucket: &str) -> Vec<String> {
        let said = self.ask(&format!("uploads {bucket}"));
        said.as_array().expect("a list").iter().map(|key| key.as_str().expect("text").to_owned()).collect()
    }

    /// What is in the bucket: each object's key, and what is in it, as base64.
    pub fn objects(&mut self, bucket: &str) -> BTreeMap<String, String> {
        serde_json::from_value(self.ask(&format!("objects {bucket}"))).expect("keys and contents")
    }

    /// Whether any object has these bytes in it, written as hexadecimal digits.
    pub fn holds(&mut self, bucket: &str, digits: &str) -> bool {
        self.ask(&format!("holds {bucket} {digits}")) == Value::Bool(true)
    }

    pub fn cut(&self) {
        self.way.cut(true);
    }

    pub fn mend(&self) {
        self.way.cut(false);
    }

    fn ask(&mut self, question: &str) -> Value {
        writeln!(self.input, "{question}").expect("the S3 server reads");
        read(&mut self.output)
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(output: &mut impl BufRead) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).expect("it speaks");
    serde_json::from_str(&line)
        .unwrap_or_else(|error| panic!("the S3 server said `{line}`: {error}; `cargo xtask test` installs what it needs"))
}

/// A Python that knows the server: the one that `cargo xtask test` has set up, or else the first on the path.
fn python() -> PathBuf {
    let own = own_folder().join("s3/venv/bin/python");
    if own.is_file() { own } else { PathBuf::from("python3") }
}

/// A way to a server that can be cut: then connections break and new ones are closed at once.
#[derive(Debug)]
struct Way {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_cut: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Way {
    fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let way = Self { address: listener.local_addr().expect("a listener has an address"), state: Arc::default() };
        let state = Arc::clone(&way.state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten().filter(|_| !state.is_cut.load(Ordering::Acquire)) {
                let Ok(there) = TcpStream::connect(server) else { continue };
                let clones = [(&stream, &there), (&there, &stream)].map(|(from, to)| (from.try_clone(), to.try_clone()));
                let mut open = state.open.lock().unwrap_or_else(PoisonError::into_inner);
                for (from, to) in clones {
                    let (Ok(from), Ok(to)) = (from, to) else { continue };
                    thread::spawn(move || carry(from, to));
                }
                open.extend([stream, there]);
            }
        });
        way
    }

    fn cut(&self, is_cut: bool) {
        self.state.is_cut.store(is_cut, Ordering::Release);
        for stream in self.state.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..).filter(|_| is_cut) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16_384];
    let carried: io::Result<()> = (|| {
        loop {
            match from.read(&mut buffer)? {
                0 => return Ok(()),
                count => to.write_all(&buffer[..count])?,
            }
        }
    })();
    // Whoever waits at the other end learns that it is over, in order or not.
    drop(carried);
    let _ = to.shutdown(Shutdown::Both);
}
