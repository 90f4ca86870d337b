//! Codings of an answer: taken off while it streams, a bounded piece at a time, and put on again.

mod brotli;
mod deflate;
mod zstd;

use http::header::{self, HeaderMap, HeaderValue};

use crate::gate::names::tokens;
pub(super) use deflate::GzipEncoder;

/// What a decoder gives at a time, at most a little more.
pub(super) const PIECE_BYTES: usize = 32 * 1024;

/// Codings one on the other; nobody uses more than one.
const CODINGS_MAX: usize = 3;

/// The bytes are not what their coding has them be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadCoding;

/// A coding that is understood here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    fn named(name: &[u8]) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        match () {
            () if is("gzip") || is("x-gzip") => Some(Self::Gzip),
            () if is("deflate") => Some(Self::Deflate),
            () if is("br") => Some(Self::Brotli),
            () if is("zstd") => Some(Self::Zstd),
            () => None,
        }
    }

    /// The codings of an answer in the order they were put on, or none if one is not understood.
    pub(super) fn of(headers: &HeaderMap) -> Option<Vec<Self>> {
        let mut codings = Vec::new();
        for name in headers.get_all(header::CONTENT_ENCODING).iter().flat_map(|value| tokens(value.as_bytes())) {
            if !name.eq_ignore_ascii_case(b"identity") {
                codings.push(Self::named(name)?);
            }
        }
        (codings.len() <= CODINGS_MAX).then_some(codings)
    }

    pub(super) fn decoder(self) -> Decoder {
        match self {
            Self::Gzip => Decoder::Deflate(deflate::Inflater::gzip()),
            Self::Deflate => Decoder::Deflate(deflate::Inflater::deflate()),
            Self::Brotli => Decoder::Brotli(brotli::Decoder::new()),
            Self::Zstd => Decoder::Zstd(zstd::Decoder::new()),
        }
    }
}

/// What one step of a decoder did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) consumed: usize,
    /// There may be more to give without any more to take.
    pub(super) has_more: bool,
}

pub(super) enum Decoder {
    Deflate(deflate::Inflater),
    Brotli(Box<brotli::Decoder>),
    Zstd(Box<zstd::Decoder>),
}

impl Decoder {
    /// Takes some of the input, or none until there is more of it, and gives about a piece at most.
    pub(super) fn step(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<Step, BadCoding> {
        match self {
            Self::Deflate(decoder) => decoder.step(input, output),
            Self::Brotli(decoder) => decoder.step(input, output),
            Self::Zstd(decoder) => decoder.step(input, output),
        }
    }

    /// Whether the input may end here, of which this much was not taken.
    pub(super) fn may_end(&self, rest: &[u8]) -> bool {
        match self {
            Self::Deflate(decoder) => decoder.may_end(rest),
            Self::Brotli(decoder) => decoder.may_end(rest),
            Self::Zstd(decoder) => decoder.may_end(rest),
        }
    }
}

/// The beginning of an answer without its codings, and whether it is all of it.
pub(super) fn decoded(codings: &[Coding], coded: &[u8], bytes_max: usize) -> Result<(Vec<u8>, bool), BadCoding> {
    let mut input = coded.to_vec();
    let mut is_all = true;
    for coding in codings.iter().rev() {
        let mut decoder = coding.decoder();
        let (mut output, mut rest) = (Vec::new(), input.as_slice());
        loop {
            let step = decoder.step(rest, &mut output)?;
            rest = &rest[step.consumed..];
            if output.len() > bytes_max || (step.consumed == 0 && !step.has_more) {
                break;
            }
        }
        is_all &= output.len() <= bytes_max && decoder.may_end(rest);
        input = output;
    }
    Ok((input, is_all))
}

/// Whether a visitor takes gzip (RFC 9110, section 12.5.3).
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut named = None;
    let mut any = false;
    for element in headers.get_all(header::ACCEPT_ENCODING).iter().flat_map(|value| tokens(value.as_bytes())) {
        let (name, accepted) = weighed(element);
        if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") {
            named = Some(accepted);
        }
        any |= name == b"*" && accepted;
    }
    named.unwrap_or(any)
}

/// Asks the site for no coding that is not understood here.
pub(super) fn narrow(headers: &mut HeaderMap) {
    let is_known = |element: &[u8]| {
        let (name, _) = weighed(element);
        name.eq_ignore_ascii_case(b"identity") || Coding::named(name).is_some()
    };
    let listed = || headers.get_all(header::ACCEPT_ENCODING).iter().flat_map(|value| tokens(value.as_bytes()));
    if listed().all(is_known) {
        return;
    }
    let known: Vec<&[u8]> = listed().filter(|element| is_known(element)).collect();
    let value = HeaderValue::from_bytes(&known.join(&b", "[..])).unwrap_or(HeaderValue::from_static("identity"));
    headers.insert(header::ACCEPT_ENCODING, if value.is_empty() { HeaderValue::from_static("identity") } else { value });
}

/// The name of an element, and whether its weight is more than nothing.
fn weighed(element: &[u8]) -> (&[u8], bool) {
    let mut parts = element.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    let name = parts.next().unwrap_or_default();
    let is_nothing = |parameter: &[u8]| {
        let value = parameter.strip_prefix(b"q=").or_else(|| parameter.strip_prefix(b"Q="));
        value.is_some_and(|value| value.iter().all(|byte| matches!(byte, b'0' | b'.')))
    };
    (name, !parts.any(is_nothing))
}

#[cfg(test)]
mod tests;
