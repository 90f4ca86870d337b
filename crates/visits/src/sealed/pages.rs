//! The pages of a column: what stands before each, and how they are unpacked. One unpacker is for many pages, as making one takes longer than most pages.

use parking_lot::Mutex;
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use zstd::bulk::Decompressor;

/// A page, unpacked.
pub(crate) struct Page {
    pub(crate) is_dictionary: bool,
    pub(crate) values: usize,
    pub(crate) encoding: Encoding,
    pub(crate) bytes: Vec<u8>,
}

/// A page that is unpacked takes no more than this; what a damaged head names may be anything.
const PAGE_BYTES_MAX: usize = 1 << 30;

/// Unpackers that nobody uses just now.
static SPARE: Mutex<Vec<Unpacker>> = Mutex::new(Vec::new());
const SPARE_MAX: usize = 4;

pub(crate) struct Unpacker(Decompressor<'static>);

impl Unpacker {
    /// Has somebody use one that nobody uses just now.
    pub(crate) fn lent<T>(use_it: impl FnOnce(&mut Self) -> Result<T, ParquetError>) -> Result<T, ParquetError> {
        let spare = SPARE.lock().pop();
        let new = || Decompressor::new().map(Self).map_err(|error| ParquetError::External(Box::new(error)));
        let mut unpacker = spare.map_or_else(new, Ok)?;
        let result = use_it(&mut unpacker);
        let mut spare = SPARE.lock();
        if spare.len() < SPARE_MAX {
            spare.push(unpacker);
        }
        result
    }

    /// The page that begins here.
    pub(crate) fn page(&mut self, bytes: &[u8], compression: Compression) -> Result<Page, ParquetError> {
        let mut reader = Reader { rest: bytes };
        let head = reader.head().filter(|head| head.unpacked <= PAGE_BYTES_MAX).ok_or_else(|| bad("the head of a page"))?;
        let packed = reader.rest.get(..head.packed).ok_or_else(|| bad("the length of a page"))?;
        let bytes = match compression {
            Compression::UNCOMPRESSED => packed.to_vec(),
            // A page without a value may be without a byte as well.
            Compression::ZSTD(_) if head.unpacked == 0 => Vec::new(),
            Compression::ZSTD(_) => self.0.decompress(packed, head.unpacked).map_err(|_| bad("a page"))?,
            _ => return Err(bad("the compression of a page")),
        };
        if bytes.len() != head.unpacked {
            return Err(bad("a page"));
        }
        Ok(Page { is_dictionary: head.is_dictionary, values: head.values, encoding: head.encoding, bytes })
    }
}

pub(crate) fn bad(what: &str) -> ParquetError {
    ParquetError::General(format!("{what} is in no form that this version writes"))
}

struct Head {
    is_dictionary: bool,
    unpacked: usize,
    packed: usize,
    values: usize,
    encoding: Encoding,
}

/// What the format calls the compact protocol.
struct Reader<'b> {
    rest: &'b [u8],
}

const END: u8 = 0;
const DEPTH_MAX: u8 = 8;

impl Reader<'_> {
    fn head(&mut self) -> Option<Head> {
        const DATA_PAGE: i64 = 0;
        const DICTIONARY_PAGE: i64 = 2;
        let (mut kind, mut unpacked, mut packed, mut values) = (None, None, None, None);
        let mut field = 0;
        while let Some(form) = self.field(&mut field)? {
            match field {
                1 => kind = Some(self.number()?),
                2 => unpacked = Some(usize::try_from(self.number()?).ok()?),
                3 => packed = Some(usize::try_from(self.number()?).ok()?),
                5 | 7 => values = Some(self.values()?),
                _ => self.skip(form, DEPTH_MAX)?,
            }
        }
        let ((values, encoding), kind) = (values?, kind?);
        let is_dictionary = kind == DICTIONARY_PAGE;
        (is_dictionary || kind == DATA_PAGE).then_some(Head { is_dictionary, unpacked: unpacked?, packed: packed?, values, encoding })
    }

    /// How many values a page has, and in what form.
    fn values(&mut self) -> Option<(usize, Encoding)> {
        let (mut values, mut encoding, mut field) = (None, None, 0);
        while let Some(form) = self.field(&mut field)? {
            match field {
                1 => values = Some(usize::try_from(self.number()?).ok()?),
                2 => encoding = Some(self.number()?),
                _ => self.skip(form, DEPTH_MAX)?,
            }
        }
        let encoding = match encoding? {
            0 => Encoding::PLAIN,
            // The former is an older name of the latter.
            2 | 8 => Encoding::RLE_DICTIONARY,
            5 => Encoding::DELTA_BINARY_PACKED,
            _ => return None,
        };
        Some((values?, encoding))
    }

    /// The form of the next field, whose number it sets; none behind the last.
    fn field(&mut self, number: &mut i64) -> Option<Option<u8>> {
        let head = self.byte()?;
        if head == END {
            return Some(None);
        }
        *number = match head >> 4 {
            0 => self.number()?,
            further => *number + i64::from(further),
        };
        Some(Some(head & 0x0f))
    }

    fn skip(&mut self, form: u8, depth: u8) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match form {
            1 | 2 => {}
            3 => drop(self.byte()?),
            4..=6 => drop(self.varint()?),
            7 => self.take(8)?,
            8 => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.take(length)?;
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                for _ in 0..count {
                    // In a list, a truth takes a byte.
                    if matches!(head & 0x0f, 1 | 2) { self.take(1)? } else { self.skip(head & 0x0f, depth)? }
                }
            }
            12 => {
                let mut field = 0;
                while let Some(form) = self.field(&mut field)? {
                    self.skip(form, depth)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn take(&mut self, length: usize) -> Option<()> {
        self.rest = self.rest.get(length..)?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn number(&mut self) -> Option<i64> {
        let number = self.varint()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}
