//! How mail leaves: a letter is put into its form and handed to a mail server by SMTP, or into a folder where there is none.
//!
//! Trusted with nothing but what it carries: it keeps no list, and what it could not hand over is its caller's to bring again. An address is opened here, under the
//! permit that comes with the letter, and shows in no error and no log line.

mod address;
mod folder;
mod message;
mod smtp;
#[cfg(test)]
mod tests;
mod trouble;

pub use address::{Security, ServerAddress};
pub use folder::Folder;
pub use message::{Letter, Sender, Written, host_of, is_address, message_id};
pub use smtp::{Patience, Smtp};
pub use trouble::Trouble;

use smtp::Line;

/// The way mail leaves.
#[derive(Debug)]
pub enum Post {
    Smtp(Smtp),
    Folder(Folder),
}

/// A letter that will be taken, as far as can be known before it is handed over. Until then nothing has happened.
#[derive(Debug)]
pub struct Offer<'p>(Way<'p>);

#[derive(Debug)]
enum Way<'p> {
    Smtp(Box<Line<'p>>),
    Folder(&'p Folder),
}

impl Post {
    /// How many letters may be on their way at a time.
    pub const fn at_once(&self) -> usize {
        match self {
            Self::Smtp(_) => Smtp::AT_ONCE,
            Self::Folder(_) => Folder::AT_ONCE,
        }
    }

    /// Whether a letter that is handed over again is still one, so that nothing has to be noted of it before.
    pub const fn is_repeatable(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    /// Comes as far as one can without handing the letter over: the server knows from whom and to whom it is, and did not object.
    pub async fn offer(&self, letter: &Written) -> Result<Offer<'_>, Trouble> {
        match self {
            Self::Smtp(smtp) => smtp.offer(letter).await.map(|line| Offer(Way::Smtp(Box::new(line)))),
            Self::Folder(folder) => Ok(Offer(Way::Folder(folder))),
        }
    }

    /// Lets go of what is only kept for the next letter.
    pub async fn rest(&self) {
        match self {
            Self::Smtp(smtp) => smtp.rest().await,
            Self::Folder(_) => {}
        }
    }
}

impl Offer<'_> {
    /// Hands the letter over. From the first moment of this on it may have been delivered, whatever becomes of us; on return it is known, but for
    /// [`Trouble::Unknown`].
    pub async fn hand_over(self, letter: &Written) -> Result<(), Trouble> {
        match self.0 {
            Way::Smtp(line) => line.hand_over(letter).await,
            Way::Folder(folder) => folder.keep(letter).await,
        }
    }

    /// The letter is not to be handed over after all.
    pub async fn withdraw(self) {
        match self.0 {
            Way::Smtp(line) => line.withdraw().await,
            Way::Folder(_) => {}
        }
    }
}
