//! The mail server of `tests/smtp`, on a port of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// Debian's own Python, which knows Debian's packages.
const PYTHON: &str = "/usr/bin/python3";

pub(crate) struct MailServer {
    child: Child,
    pub(crate) port: u16,
    letters: PathBuf,
}

impl MailServer {
    pub(crate) fn start(folder: &Path, port: u16, options: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/smtp/server.py");
        let letters = folder.join("letters.jsonl");
        let mut child = Command::new(PYTHON)
            .args(["-I", "-u"])
            .arg(script)
            .arg(&letters)
            .args(["--port", &port.to_string()])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("Debian's Python is there");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("the output is piped")).read_line(&mut line).expect("it speaks");
        let port =
            line.trim().parse().unwrap_or_else(|_| panic!("the mail server did not start: `cargo xtask test` installs what it needs"));
        Self { child, port, letters }
    }

    /// Every letter it took, as the server wrote it down, with its `Message-ID` beside.
    pub(crate) fn letters(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.letters).unwrap_or_default();
        // The server may be writing the last line just now.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// To whom letters went, sorted.
    pub(crate) fn recipients(&self) -> Vec<String> {
        let mut recipients: Vec<String> =
            self.letters().iter().map(|letter| letter["to"][0].as_str().expect("an address").to_owned()).collect();
        recipients.sort();
        recipients
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A header of a letter as it came over the wire.
pub(crate) fn header<'l>(letter: &'l Value, name: &str) -> Option<&'l str> {
    let text = letter["letter"].as_str().expect("the letter's text");
    let (head, _) = text.split_once("\r\n\r\n").expect("a head and a body");
    head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
