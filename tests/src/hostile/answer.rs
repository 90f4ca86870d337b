use crate::listener::Seen;

/// A picture of one transparent point.
pub(super) const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// An answer before it goes over the wire.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Sent in pieces of this size.
    chunk_bytes: Option<usize>,
}

impl Answer {
    pub(super) fn of(kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: vec![("Content-Type".to_owned(), kind.to_owned())], body: body.into(), chunk_bytes: None }
    }

    pub(super) fn nothing(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), chunk_bytes: None }
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) fn of_kind(mut self, kind: &str) -> Self {
        self = self.of_no_kind();
        self.header("Content-Type", kind)
    }

    /// Browsers look at the content then.
    pub(super) fn of_no_kind(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "Content-Type");
        self
    }

    /// With one piece of its text in another's place.
    pub(super) fn replaced(mut self, from: &str, to: &str) -> Self {
        self.body = String::from_utf8_lossy(&self.body).replace(from, to).into_bytes();
        self
    }

    pub(super) fn prefixed(mut self, bytes: &[u8]) -> Self {
        self.body.splice(..0, bytes.iter().copied());
        self
    }

    /// Little-endian, with a byte order mark; whatever the head says.
    pub(super) fn in_utf16(mut self) -> Self {
        let text = format!("\u{FEFF}{}", String::from_utf8_lossy(&self.body));
        self.body = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self
    }

    pub(super) fn in_chunks(mut self, bytes: usize) -> Self {
        self.chunk_bytes = Some(bytes);
        self
    }

    pub(super) fn gzipped(mut self) -> Self {
        self.body = gzip(&self.body);
        self.header("Content-Encoding", "gzip")
    }

    /// As it is sent to whoever asked.
    pub(super) fn wire(&self, request: &Seen) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Something\r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        let has_body = self.status != 304 && self.status != 204;
        match self.chunk_bytes {
            Some(_) => head += "Transfer-Encoding: chunked\r\n",
            None if has_body => head += &format!("Content-Length: {}\r\n", self.body.len()),
            None => {}
        }
        let mut wire = (head + "\r\n").into_bytes();
        match self.chunk_bytes {
            _ if request.method == "HEAD" || !has_body => {}
            None => wire.extend_from_slice(&self.body),
            Some(bytes) => {
                for chunk in self.body.chunks(bytes) {
                    wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    wire.extend_from_slice(chunk);
                    wire.extend_from_slice(b"\r\n");
                }
                wire.extend_from_slice(b"0\r\n\r\n");
            }
        }
        wire
    }
}

/// A gzip file whose content is stored, not made smaller (RFC 1951, section 3.2.4): every reader of gzip reads it.
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut file = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff".to_vec();
    let blocks: Vec<&[u8]> = if content.is_empty() { vec![b""] } else { content.chunks(usize::from(u16::MAX)).collect() };
    for (at, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).expect("a block is cut to fit");
        file.push(u8::from(at + 1 == blocks.len()));
        file.extend_from_slice(&length.to_le_bytes());
        file.extend_from_slice(&(!length).to_le_bytes());
        file.extend_from_slice(block);
    }
    file.extend_from_slice(&checksum(content).to_le_bytes());
    let length = u32::try_from(content.len() & 0xFFFF_FFFF).expect("masked to fit");
    file.extend_from_slice(&length.to_le_bytes());
    file
}

/// CRC-32 as gzip has it.
fn checksum(content: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in content {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let carried = if sum & 1 == 1 { 0xEDB8_8320 } else { 0 };
            sum = (sum >> 1) ^ carried;
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn the_checksum_is_the_one_of_gzip() {
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
    }
}
