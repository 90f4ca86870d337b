//! What follows a question: bytes in pieces, each with its length before it, and a piece of no length at the end. Whoever breaks off in the middle is found out.

use std::io::{self, Read, Write};

const PIECE_BYTES: usize = 64 * 1024;

/// Sends all of a source.
pub(super) fn send(mut source: impl Read, mut to: impl Write) -> Result<(), SendError> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let bytes = match source.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read.map_err(SendError::Source)?,
        };
        let length = u32::try_from(bytes).map_err(|_| SendError::Owner)?;
        to.write_all(&length.to_le_bytes()).and_then(|()| to.write_all(&piece[..bytes])).map_err(|_| SendError::Owner)?;
        if bytes == 0 {
            return Ok(());
        }
    }
}

/// Which of the two ends failed.
#[derive(Debug)]
pub(super) enum SendError {
    Source(io::Error),
    /// It says itself why.
    Owner,
}

/// Reads what was sent.
pub(super) struct Received<R> {
    from: R,
    /// What is left of the piece.
    left: usize,
    is_over: bool,
}

impl<R: Read> Received<R> {
    pub(super) const fn new(from: R) -> Self {
        Self { from, left: 0, is_over: false }
    }
}

impl<R: Read> Read for Received<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.is_over {
            let mut length = [0; 4];
            self.from.read_exact(&mut length)?;
            self.left = u32::from_le_bytes(length) as usize;
            self.is_over = self.left == 0;
        }
        if self.is_over || buffer.is_empty() {
            return Ok(0);
        }
        let most = buffer.len().min(self.left);
        match self.from.read(&mut buffer[..most])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            bytes => {
                self.left -= bytes;
                Ok(bytes)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(bytes: &[u8]) -> Vec<u8> {
        let mut pieces = Vec::new();
        send(bytes, &mut pieces).expect("memory");
        pieces
    }

    fn received(pieces: &[u8]) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        Received::new(pieces).read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn what_is_sent_is_received() {
        for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, 3 * PIECE_BYTES + 5] {
            let bytes: Vec<u8> = (0..length).map(|at| at as u8).collect();
            assert_eq!(received(&sent(&bytes)).expect("whole"), bytes);
        }
    }

    #[test]
    fn whoever_breaks_off_is_found_out() {
        let pieces = sent(b"a log");
        for length in 0..pieces.len() {
            assert_eq!(received(&pieces[..length]).expect_err("cut").kind(), io::ErrorKind::UnexpectedEof, "{length} bytes");
        }
    }
}
