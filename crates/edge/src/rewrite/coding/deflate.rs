use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::{BadCoding, PIECE_BYTES, Step};

const WINDOW_BITS: u8 = 15;

/// Takes gzip or deflate off.
pub(crate) struct Inflater {
    form: Form,
    inflate: Option<Decompress>,
    began: bool,
    ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Gzip,
    /// With the frame of zlib, as the standard has it, or without, as some servers have it.
    Deflate,
}

impl Inflater {
    pub(super) fn gzip() -> Self {
        Self { form: Form::Gzip, inflate: Some(Decompress::new_gzip(WINDOW_BITS)), began: false, ended: false }
    }

    pub(super) const fn deflate() -> Self {
        Self { form: Form::Deflate, inflate: None, began: false, ended: false }
    }

    pub(super) const fn may_end(&self, rest: &[u8]) -> bool {
        self.ended || (!self.began && rest.is_empty())
    }

    pub(super) fn step(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<Step, BadCoding> {
        if self.ended {
            return Ok(self.begin_again(input));
        }
        let Some(inflate) = &mut self.inflate else {
            if let [first, second, ..] = *input {
                let is_zlib = first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(second)).is_multiple_of(31);
                self.inflate = Some(Decompress::new(is_zlib));
                return self.step(input, output);
            }
            self.began |= !input.is_empty();
            return Ok(Step::default());
        };
        self.began |= !input.is_empty();
        let start = output.len();
        output.resize(start + PIECE_BYTES, 0);
        let before = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(input, &mut output[start..], FlushDecompress::None).map_err(|_| BadCoding)?;
        let (consumed, given) = ((inflate.total_in() - before.0) as usize, (inflate.total_out() - before.1) as usize);
        output.truncate(start + given);
        let is_full = given == PIECE_BYTES;
        self.ended = status == Status::StreamEnd;
        Ok(Step { consumed, has_more: is_full || (self.ended && consumed < input.len()) })
    }

    /// Several gzip files after each other are one; anything else after the end is nothing, to browsers too.
    fn begin_again(&mut self, input: &[u8]) -> Step {
        const MAGIC: [u8; 2] = [0x1f, 0x8b];
        if self.form == Form::Gzip && input.starts_with(&MAGIC) {
            *self = Self { began: true, ..Self::gzip() };
            return Step { consumed: 0, has_more: true };
        }
        let waits = self.form == Form::Gzip && input == &MAGIC[..1];
        Step { consumed: if waits { 0 } else { input.len() }, has_more: false }
    }
}

/// Puts gzip on.
pub(crate) struct GzipEncoder {
    deflate: Compress,
    /// Something was taken that was not given yet.
    pub(crate) holds_back: bool,
}

impl GzipEncoder {
    pub(crate) fn new() -> Self {
        // Pages of one visitor are not worth more of the machine's time.
        Self { deflate: Compress::new_gzip(Compression::new(3), WINDOW_BITS), holds_back: false }
    }

    pub(crate) fn write(&mut self, input: &[u8], output: &mut Vec<u8>) {
        self.holds_back |= !input.is_empty();
        self.run(input, output, FlushCompress::None);
    }

    /// Gives all that was taken.
    pub(crate) fn flush(&mut self, output: &mut Vec<u8>) {
        self.run(&[], output, FlushCompress::Sync);
        self.holds_back = false;
    }

    pub(crate) fn end(&mut self, output: &mut Vec<u8>) {
        self.run(&[], output, FlushCompress::Finish);
        self.holds_back = false;
    }

    fn run(&mut self, mut input: &[u8], output: &mut Vec<u8>, flush: FlushCompress) {
        loop {
            output.reserve(PIECE_BYTES / 4);
            let (taken, room) = (self.deflate.total_in(), output.capacity());
            // It fails only if it is used after its end.
            let status = self.deflate.compress_vec(input, output, flush);
            input = &input[(self.deflate.total_in() - taken) as usize..];
            let is_done = match status {
                Ok(Status::StreamEnd) | Err(_) => true,
                Ok(_) => input.is_empty() && output.len() < room && flush != FlushCompress::Finish,
            };
            if is_done {
                return;
            }
        }
    }
}
