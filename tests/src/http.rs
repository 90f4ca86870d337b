//! A plain HTTP/1.1 client: what is sent is what is written, and what comes back is shown byte for byte.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, target: &str) -> Self {
        Self { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A form as a browser posts it from one of our own pages.
    pub fn form(target: &str, fields: &[(String, String)]) -> Self {
        Self::bare_form(target, fields).header("Sec-Fetch-Site", "same-origin")
    }

    /// A form from who knows where.
    pub fn bare_form(target: &str, fields: &[(String, String)]) -> Self {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let mut request = Self::new("POST", target).header("Content-Type", "application/x-www-form-urlencoded");
        request.body = fields.join("&").into_bytes();
        request
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn cookie(self, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.header("Cookie", value),
            None => self,
        }
    }

    /// Sends it on a connection of its own.
    pub fn send(&self, authority: &str) -> Response {
        let sent = Connection::open(authority).and_then(|mut connection| connection.send(self));
        sent.unwrap_or_else(|error| panic!("{} {} at {authority}: {error}", self.method, self.target))
    }

    fn bytes(&self, authority: &str) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head += &format!("Host: {authority}\r\n");
        }
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !self.body.is_empty() {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        head += "\r\n";
        [head.as_bytes(), &self.body].concat()
    }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("the answer is text")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// `name=value` of every cookie it sets, as a browser would send them back; one that it ends is left out.
    pub fn cookies(&self) -> Option<String> {
        let set: Vec<&str> = self
            .headers_named("set-cookie")
            .filter(|cookie| !cookie.contains("Max-Age=0;"))
            .filter_map(|cookie| cookie.split(';').next())
            .collect();
        (!set.is_empty()).then(|| set.join("; "))
    }
}

/// A connection that stays open between requests for as long as the server likes.
#[derive(Debug)]
pub struct Connection {
    authority: String,
    stream: BufReader<TcpStream>,
    /// The server said that it closes after its last answer.
    is_over: bool,
}

impl Connection {
    pub fn open(authority: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(authority)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(Self { authority: authority.to_owned(), stream: BufReader::new(stream), is_over: false })
    }

    pub fn send(&mut self, request: &Request) -> io::Result<Response> {
        if self.is_over {
            *self = Self::open(&self.authority)?;
        }
        self.send_bytes(&request.bytes(&self.authority))?;
        self.read(request.method == "HEAD")
    }

    /// Sends what no client of good manners would.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Reads one answer.
    pub fn read(&mut self, is_head: bool) -> io::Result<Response> {
        loop {
            let (status, headers) = self.read_head()?;
            if status / 100 != 1 {
                let mut response = Response { status, headers, body: Vec::new() };
                response.body = self.read_body(&response, is_head)?;
                self.is_over = response.header("connection").is_some_and(|option| option.eq_ignore_ascii_case("close"));
                return Ok(response);
            }
        }
    }

    fn read_head(&mut self) -> io::Result<(u16, Vec<(String, String)>)> {
        let status_line = self.read_line()?;
        let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| broken(&status_line))?;
        let mut headers = Vec::new();
        loop {
            let line = self.read_line()?;
            if line.is_empty() {
                return Ok((status, headers));
            }
            let (name, value) = line.split_once(':').ok_or_else(|| broken(&line))?;
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
    }

    fn read_body(&mut self, head: &Response, is_head: bool) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if is_head || head.status == 204 || head.status == 304 {
            return Ok(body);
        }
        if head.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return self.read_chunks();
        }
        match head.header("content-length") {
            Some(length) => {
                body.resize(length.parse().map_err(|_| broken(length))?, 0);
                self.stream.read_exact(&mut body)?;
            }
            None => {
                self.stream.read_to_end(&mut body)?;
            }
        }
        Ok(body)
    }

    fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.read_line()?;
            let size = usize::from_str_radix(line.split(';').next().unwrap_or_default(), 16).map_err(|_| broken(&line))?;
            let from = body.len();
            body.resize(from + size, 0);
            self.stream.read_exact(&mut body[from..])?;
            // The line end after a chunk, and after the last one every trailer up to the empty line.
            while !self.read_line()?.is_empty() {}
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn read_line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8(line).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not HTTP: {what}"))
}
