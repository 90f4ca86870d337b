use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::{BadCoding, PIECE_BYTES, Step};

/// Takes Brotli off.
pub(crate) struct Decoder {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    began: bool,
    ended: bool,
}

impl Decoder {
    pub(super) fn new() -> Box<Self> {
        let alloc = StandardAlloc::default;
        // Windows of up to 16 MiB, and not those of gigabytes that no browser takes.
        Box::new(Self { state: BrotliState::new_strict(alloc(), alloc(), alloc()), began: false, ended: false })
    }

    pub(super) const fn may_end(&self, rest: &[u8]) -> bool {
        self.ended || (!self.began && rest.is_empty())
    }

    pub(super) fn step(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<Step, BadCoding> {
        if self.ended {
            return Ok(Step { consumed: input.len(), has_more: false });
        }
        self.began |= !input.is_empty();
        let start = output.len();
        output.resize(start + PIECE_BYTES, 0);
        let (mut available_in, mut consumed) = (input.len(), 0);
        let (mut available_out, mut given, mut total) = (PIECE_BYTES, 0, 0);
        let result = BrotliDecompressStream(
            &mut available_in,
            &mut consumed,
            input,
            &mut available_out,
            &mut given,
            &mut output[start..],
            &mut total,
            &mut self.state,
        );
        output.truncate(start + given);
        match result {
            BrotliResult::ResultFailure => return Err(BadCoding),
            BrotliResult::ResultSuccess => self.ended = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
        }
        let has_more = matches!(result, BrotliResult::NeedsMoreOutput) || (self.ended && consumed < input.len());
        Ok(Step { consumed, has_more })
    }
}
