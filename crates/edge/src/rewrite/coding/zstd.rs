use std::io::Read;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{BadCoding, PIECE_BYTES, Step};

/// As much as browsers take (RFC 9659).
const WINDOW_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Takes Zstandard off, one block at a time, because many small blocks may hold any amount of data.
pub(crate) struct Decoder {
    frame: FrameDecoder,
    place: Place,
    has_checksum: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    BeforeFrame,
    InFrame,
    /// The frame was read to its end, and not all of it was given.
    AfterFrame,
    /// So much of the input says nothing.
    Skipping(usize),
}

impl Decoder {
    pub(super) fn new() -> Box<Self> {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(WINDOW_BYTES_MAX);
        Box::new(Self { frame, place: Place::BeforeFrame, has_checksum: false })
    }

    pub(super) fn may_end(&self, rest: &[u8]) -> bool {
        self.place == Place::BeforeFrame && rest.is_empty()
    }

    pub(super) fn step(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<Step, BadCoding> {
        match self.place {
            Place::BeforeFrame => self.begin(input),
            Place::InFrame => self.block(input, output),
            Place::AfterFrame => {
                self.give(output)?;
                Ok(Step { consumed: 0, has_more: true })
            }
            Place::Skipping(rest) => {
                let consumed = rest.min(input.len());
                self.place = if consumed == rest { Place::BeforeFrame } else { Place::Skipping(rest - consumed) };
                Ok(Step { consumed, has_more: consumed == rest && consumed < input.len() })
            }
        }
    }

    fn begin(&mut self, input: &[u8]) -> Result<Step, BadCoding> {
        const SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];
        let [magic, _, _, _, descriptor, ..] = *input else {
            return Ok(Step::default());
        };
        if magic & 0xf0 == 0x50 && input[1..4] == SKIPPABLE {
            let Some(size) = input[4..].first_chunk::<4>() else {
                return Ok(Step::default());
            };
            self.place = Place::Skipping(u32::from_le_bytes(*size) as usize);
            return Ok(Step { consumed: 8, has_more: input.len() > 8 });
        }
        let length = header_bytes(descriptor);
        let Some(header) = input.get(..length) else {
            return Ok(Step::default());
        };
        self.frame.reset(header).map_err(|_| BadCoding)?;
        self.has_checksum = descriptor & 0b100 != 0;
        self.place = Place::InFrame;
        Ok(Step { consumed: length, has_more: input.len() > length })
    }

    fn block(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<Step, BadCoding> {
        if self.frame.can_collect() > 0 {
            self.give(output)?;
            return Ok(Step { consumed: 0, has_more: true });
        }
        let Some(length) = self.block_bytes(input) else {
            return Ok(Step::default());
        };
        let Some(block) = input.get(..length) else {
            return Ok(Step::default());
        };
        let ended = self.frame.decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1)).map_err(|_| BadCoding)?;
        if ended {
            self.place = Place::AfterFrame;
        }
        self.give(output)?;
        Ok(Step { consumed: length, has_more: true })
    }

    /// How long the next block is, with its header and what follows the last.
    fn block_bytes(&self, input: &[u8]) -> Option<usize> {
        let [a, b, c] = *input.first_chunk::<3>()?;
        let header = u32::from_le_bytes([a, b, c, 0]);
        let is_repeated = (header >> 1) & 0b11 == 1;
        let content = if is_repeated { 1 } else { (header >> 3) as usize };
        let checksum = if header & 1 == 1 && self.has_checksum { 4 } else { 0 };
        Some(3 + content + checksum)
    }

    fn give(&mut self, output: &mut Vec<u8>) -> Result<(), BadCoding> {
        let start = output.len();
        output.resize(start + PIECE_BYTES.min(self.frame.can_collect()), 0);
        let given = self.frame.read(&mut output[start..]).map_err(|_| BadCoding)?;
        output.truncate(start + given);
        if self.place == Place::AfterFrame && self.frame.can_collect() == 0 {
            self.place = Place::BeforeFrame;
        }
        Ok(())
    }
}

/// The length of a frame's header (RFC 8878, section 3.1.1.1).
const fn header_bytes(descriptor: u8) -> usize {
    let is_single = descriptor & 0b10_0000 != 0;
    let window = if is_single { 0 } else { 1 };
    let dictionary = [0, 1, 2, 4][(descriptor & 0b11) as usize];
    let content = match descriptor >> 6 {
        0 if is_single => 1,
        0 => 0,
        1 => 2,
        2 => 4,
        _ => 8,
    };
    4 + 1 + window + dictionary + content
}
