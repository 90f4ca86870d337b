//! hyper answers a head that it cannot read by itself, and says nothing but a number. This says what is wrong in words.

use bytes::Bytes;

/// The answer with words, for one of hyper's own without. It is known by being nothing else: whatever comes from us or from the site says more.
pub(super) fn in_words(answer: &[u8]) -> Option<Bytes> {
    const ALONE: &[u8] = b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let status = answer.strip_prefix(b"HTTP/1.1 ")?.strip_suffix(ALONE)?;
    let status = std::str::from_utf8(status).ok().filter(|status| !status.contains('\r'))?;
    let says = match status.get(..3)? {
        "400" => "The request cannot be read.",
        "414" => "The address is too long.",
        "431" => "The request has more or longer fields than this server takes. Deleting this site's cookies may help.",
        _ => return None,
    };
    Some(Bytes::from(format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\n\r\n{says}\n",
        says.len() + 1
    )))
}
