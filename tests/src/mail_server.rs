use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::Folder;
use crate::folder::own_folder;

/// Debian's own Python, which knows Debian's packages.
const PYTHON: &str = "/usr/bin/python3";

/// The mail server of `tests/smtp`.
#[derive(Debug)]
pub struct MailServer {
    child: Child,
    port: u16,
    letters: PathBuf,
}

/// A letter as it came over the wire.
#[derive(Clone, Debug)]
pub struct Mailed {
    pub to: String,
    head: String,
    pub text: String,
}

impl MailServer {
    /// On a port, or on a free one where that is 0. Letters that an earlier one in this folder took stay.
    pub fn start(folder: &Folder, port: u16) -> Self {
        let letters = folder.join("letters.jsonl");
        let mut child = Command::new(PYTHON)
            .args(["-I", "-u"])
            .arg(own_folder().join("smtp/server.py"))
            .arg(&letters)
            .args(["--port", &port.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Debian's Python is there");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("the output is piped")).read_line(&mut line).expect("it speaks");
        let port =
            line.trim().parse().unwrap_or_else(|_| panic!("the mail server did not start: `cargo xtask test` installs what it needs"));
        Self { child, port, letters }
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Every letter it took.
    pub fn letters(&self) -> Vec<Mailed> {
        let text = fs::read_to_string(&self.letters).unwrap_or_default();
        // The last line may be half-written.
        let letters = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let string = |value: &Value| value.as_str().expect("text").to_owned();
        letters
            .map(|letter| Mailed { to: string(&letter["to"][0]), head: string(&letter["letter"]), text: string(&letter["text"]) })
            .collect()
    }
}

impl Mailed {
    pub fn header(&self, name: &str) -> Option<&str> {
        let (head, _) = self.head.split_once("\r\n\r\n")?;
        head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The first link in it.
    pub fn link(&self) -> Option<&str> {
        self.text.lines().find(|line| line.starts_with("http"))
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
