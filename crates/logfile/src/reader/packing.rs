//! What a file is packed with, by its first bytes.

use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// zstd's tools may begin a file with a note to themselves; its first byte can be any of sixteen.
const ZSTD_NOTE: [u8; 3] = [0x2a, 0x4d, 0x18];

const MAGIC_BYTES: usize = 4;

/// How much is taken out of a packed file at once.
const PACKED_BYTES: usize = 64 * 1024;

pub(super) enum Source<R: Read> {
    Plain(Beginning<R>),
    /// Members may follow each other, as `cat` and rotating tools leave them.
    Gzip(Box<MultiGzDecoder<BufReader<Beginning<R>>>>),
    /// So may frames.
    Zstd(Box<zstd::Decoder<'static, BufReader<Beginning<R>>>>),
}

impl<R: Read> Source<R> {
    pub(super) fn open(read: R) -> io::Result<Self> {
        let beginning = Beginning::of(read)?;
        let magic = beginning.unread();
        let is_note = magic.len() == MAGIC_BYTES && magic[0] & 0xf0 == 0x50 && magic[1..] == ZSTD_NOTE;
        if magic.starts_with(&GZIP) {
            Ok(Self::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(PACKED_BYTES, beginning)))))
        } else if magic == ZSTD || is_note {
            Ok(Self::Zstd(Box::new(zstd::Decoder::with_buffer(BufReader::with_capacity(PACKED_BYTES, beginning))?)))
        } else {
            Ok(Self::Plain(beginning))
        }
    }

    pub(super) const fn plain(read: R) -> Self {
        Self::Plain(Beginning { read, magic: [0; MAGIC_BYTES], unread: 0, there: 0, has_failed: false })
    }

    pub(super) const fn is_packed(&self) -> bool {
        !matches!(self, Self::Plain(_))
    }

    /// Whether it was the reading that went wrong, and not the unpacking.
    pub(super) fn has_failed(&self) -> bool {
        match self {
            Self::Plain(beginning) => beginning.has_failed,
            Self::Gzip(decoder) => decoder.get_ref().get_ref().has_failed,
            Self::Zstd(decoder) => decoder.get_ref().get_ref().has_failed,
        }
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(beginning) => beginning.read(out),
            Self::Gzip(decoder) => decoder.read(out),
            Self::Zstd(decoder) => decoder.read(out),
        }
    }
}

/// A file of which the first bytes have been looked at.
pub(super) struct Beginning<R> {
    read: R,
    magic: [u8; MAGIC_BYTES],
    unread: usize,
    there: usize,
    has_failed: bool,
}

impl<R: Read> Beginning<R> {
    fn of(mut read: R) -> io::Result<Self> {
        let (mut magic, mut there) = ([0; MAGIC_BYTES], 0);
        while there < MAGIC_BYTES {
            match read.read(&mut magic[there..]) {
                Ok(0) => break,
                Ok(bytes) => there += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { read, magic, unread: 0, there, has_failed: false })
    }

    fn unread(&self) -> &[u8] {
        &self.magic[self.unread..self.there]
    }
}

impl<R: Read> Read for Beginning<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.unread().len().min(out.len());
        if bytes > 0 {
            out[..bytes].copy_from_slice(&self.unread()[..bytes]);
            self.unread += bytes;
            return Ok(bytes);
        }
        let read = self.read.read(out);
        self.has_failed = read.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        read
    }
}
