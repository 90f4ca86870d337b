/// Why a letter was not handed over. There is nothing in it of whom it is to, nor of what a server says about them: only codes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is no way at all for now, for this letter or any other.
    #[error("the mail server cannot be used: {0}")]
    NoWay(String),
    /// It was not taken, and may be another time.
    #[error("the mail server says {0}: not now")]
    NotNow(u16),
    /// It will never be taken.
    #[error("the mail server says {0}: never")]
    Never(u16),
    /// There is no such address, or the server has no way to it.
    #[error("this address cannot be written to: {0}")]
    Unsendable(&'static str),
    /// It was handed over, and nobody said what became of it: it may arrive and may not.
    #[error("the letter was handed over, and nobody said what became of it: {0}")]
    Unknown(String),
}

impl Trouble {
    /// A few words for the record of what was given up.
    pub fn code(&self) -> String {
        match self {
            Self::NoWay(_) => "no server".to_owned(),
            Self::NotNow(code) | Self::Never(code) => code.to_string(),
            Self::Unsendable(why) => (*why).to_owned(),
            Self::Unknown(_) => "no answer".to_owned(),
        }
    }
}
