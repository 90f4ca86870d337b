//! Somebody with a browser, on a connection that stays open, from a network of their own.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use stories::{Connection, Request, Response, stopwatch};

pub(super) struct Person {
    connection: Connection,
    address: String,
}

impl Person {
    /// The address tells them apart: the server believes the proxy that they seem to come through.
    pub(super) fn new(authority: &str, number: u64) -> Result<Self> {
        Ok(Self { connection: Connection::open(authority)?, address: address(number) })
    }

    /// The same connection, and somebody else.
    pub(super) fn become_another(&mut self, number: u64) {
        self.address = address(number);
    }

    pub(super) fn send(&mut self, request: Request) -> Result<Response> {
        Ok(self.connection.send(&self.with_manners(request))?)
    }

    /// The same, and how long it took.
    pub(super) fn timed(&mut self, request: Request) -> Result<(Response, Duration)> {
        let request = self.with_manners(request);
        let since = stopwatch();
        let answer = self.connection.send(&request)?;
        Ok((answer, since()))
    }

    fn with_manners(&self, request: Request) -> Request {
        let request = request.header("X-Forwarded-For", &self.address).header("Accept", "text/html").header("Sec-Fetch-Dest", "document");
        if request.method == "GET" { request.header("Sec-Fetch-Site", "same-origin") } else { request }
    }
}

/// One network of version 6 each.
fn address(number: u64) -> String {
    format!("2a00:{:x}:{:x}::1", (number >> 16) & 0xffff, number & 0xffff)
}

pub(super) fn form(target: &str, fields: &[(&str, &str)]) -> Request {
    let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request::form(target, &fields)
}

/// The value of a hidden field.
pub(super) fn hidden(page: &Response, name: &str) -> Result<String> {
    let html = page.text();
    let tag =
        html.split("<input").find(|tag| tag.contains(&format!("name=\"{name}\""))).with_context(|| format!("no field {name} in {html}"))?;
    let value = tag.split_once(" value=\"").and_then(|(_, rest)| rest.split('"').next()).context("a hidden field has a value")?;
    Ok(value.to_owned())
}

/// The path of the link in a letter.
pub(super) fn link_in(letter: &str, kind: &str) -> Result<String> {
    let beginning = format!("/account/{kind}/");
    let at = letter.find(&beginning).with_context(|| format!("no link to {beginning} in a letter"))?;
    let path = letter[at..].split(|character: char| character.is_whitespace() || character == '>').next().unwrap_or_default();
    Ok(path.to_owned())
}

pub(super) fn ensure_status(answer: &Response, status: u16, what: &str) -> Result<()> {
    ensure!(answer.status == status, "{what}: {} instead of {status}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    Ok(())
}

/// As the generator names people: letters for digits.
pub(super) fn name(number: u64) -> String {
    let letters = number.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect::<String>();
    format!("person-{letters}")
}
