//! A frame is how a record stands in a segment: its length, a checksum, and the payload.
//!
//! The checksum covers the length and begins with the segment's own salt. So a run of zeros is no frame, nor is a frame of another segment, nor one that
//! somebody planted in a path or a referring page.

/// Length and checksum, both little-endian.
pub(crate) const FRAME_HEAD: usize = 8;

/// The longest payload. The texts of a visit are cut long before.
pub(crate) const PAYLOAD_MAX: usize = 65_536;

/// Begins a frame whose checksum is not known yet, and returns where.
pub(crate) fn begin(out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0; FRAME_HEAD]);
    start
}

/// Ends the frame that began at `start`. [`seal`] adds the checksum once it is known which segment it goes to.
pub(crate) fn end(out: &mut [u8], start: usize) {
    let length = out.len() - start - FRAME_HEAD;
    out[start..start + 4].copy_from_slice(&(length as u32).to_le_bytes());
}

/// Writes the checksums of all frames in the buffer for a segment.
pub(crate) fn seal(frames: &mut [u8], salt: u32) {
    let mut rest = frames;
    while let Some((head, after)) = rest.split_first_chunk_mut::<FRAME_HEAD>() {
        let length = length_of(*head).min(after.len());
        let (payload, next) = after.split_at_mut(length);
        let sum = checksum(salt, *head, payload);
        head[4..].copy_from_slice(&sum.to_le_bytes());
        rest = next;
    }
}

/// What stands at the start of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parsed<'a> {
    Good(&'a [u8]),
    /// It may be good; so many bytes are needed to tell.
    Short(usize),
    Bad,
}

pub(crate) fn parse(bytes: &[u8], salt: u32) -> Parsed<'_> {
    let Some((head, rest)) = bytes.split_first_chunk::<FRAME_HEAD>() else {
        return Parsed::Short(FRAME_HEAD);
    };
    let length = length_of(*head);
    if !(1..=PAYLOAD_MAX).contains(&length) {
        return Parsed::Bad;
    }
    let Some(payload) = rest.get(..length) else {
        return Parsed::Short(FRAME_HEAD + length);
    };
    let [_, _, _, _, sum @ ..] = *head;
    if checksum(salt, *head, payload) == u32::from_le_bytes(sum) { Parsed::Good(payload) } else { Parsed::Bad }
}

/// The length a frame's head claims.
pub(crate) fn length_of([a, b, c, d, ..]: [u8; FRAME_HEAD]) -> usize {
    u32::from_le_bytes([a, b, c, d]) as usize
}

fn checksum(salt: u32, head: [u8; FRAME_HEAD], payload: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c_append(salt, &head[..4]), payload)
}
