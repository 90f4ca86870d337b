use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use parking_lot::Mutex;
use tokio::time::timeout;

use crate::{Security, ServerAddress, Trouble, Written};

/// A mail server that takes our letters and brings them further.
#[derive(Clone)]
pub struct Smtp {
    inner: Arc<Inner>,
}

struct Inner {
    address: ServerAddress,
    password: Option<String>,
    /// How we introduce ourselves.
    name: ClientId,
    tls: Option<TlsParameters>,
    patience: Patience,
    /// Connections that wait for the next letter.
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

/// How long is waited, for what. The server's last word is waited for longest: whoever goes away before it makes a second copy (RFC 5321, section
/// 4.5.3.2.6).
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until a connection is made, encrypted, greeted and known.
    pub connection: Duration,
    /// Until each answer.
    pub answer: Duration,
    /// Until the answer to the whole letter.
    pub last_word: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connection: Duration::from_secs(60), answer: Duration::from_secs(5 * 60), last_word: Duration::from_secs(10 * 60) }
    }
}

/// A connection on which a letter was announced.
pub(crate) struct Line<'p> {
    smtp: &'p Smtp,
    connection: AsyncSmtpConnection,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Smtp").field("address", &self.inner.address).finish_non_exhaustive()
    }
}

impl fmt::Debug for Line<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Line").finish_non_exhaustive()
    }
}

/// What became of a step that is not the last.
enum Step {
    Done(Response),
    /// The server answered, and not with a yes.
    Answered(u16),
    /// The connection is of no more use.
    Broken(String),
}

/// The connection was kept from an earlier letter and had ended meanwhile.
struct Stale;

impl Smtp {
    /// Connections to the mail server.
    pub(crate) const AT_ONCE: usize = 4;

    /// `host` is ours: what we introduce ourselves with.
    pub fn new(address: ServerAddress, password: Option<String>, host: &str, patience: Patience) -> Result<Self, Trouble> {
        let tls = match address.security {
            Security::None => None,
            Security::Tls | Security::StartTls => {
                Some(TlsParameters::new_rustls(address.host.clone()).map_err(|error| Trouble::NoWay(reason(&error)))?)
            }
        };
        let name = match host.parse() {
            Ok(std::net::IpAddr::V4(ip)) => ClientId::Ipv4(ip),
            Ok(std::net::IpAddr::V6(ip)) => ClientId::Ipv6(ip),
            Err(_) => ClientId::Domain(host.to_owned()),
        };
        Ok(Self { inner: Arc::new(Inner { address, password, name, tls, patience, idle: Mutex::default() }) })
    }

    pub(crate) async fn offer(&self, letter: &Written) -> Result<Line<'_>, Trouble> {
        let kept = self.inner.idle.lock().pop();
        if let Some(connection) = kept {
            match self.announce(connection, letter, true).await {
                Err(Stale) => {}
                Ok(announced) => return announced,
            }
        }
        let connection = self.connect().await?;
        self.announce(connection, letter, false).await.unwrap_or_else(|Stale| Err(Trouble::NoWay("the connection ended".to_owned())))
    }

    pub(crate) async fn rest(&self) {
        let idle = std::mem::take(&mut *self.inner.idle.lock());
        for mut connection in idle {
            // Whether it hears us any more does not matter.
            let _ = timeout(Duration::from_secs(2), connection.quit()).await;
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Trouble> {
        match timeout(self.inner.patience.connection, self.connect_in_time()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(Trouble::NoWay(reason(&error))),
            Err(_) => Err(Trouble::NoWay("it does not answer".to_owned())),
        }
    }

    async fn connect_in_time(&self) -> Result<AsyncSmtpConnection, Error> {
        let Inner { address, password, name, tls, .. } = &*self.inner;
        let at_once = if address.security == Security::Tls { tls.clone() } else { None };
        let server = (address.host.as_str(), address.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(server, None, name, at_once, None).await?;
        if let (Security::StartTls, Some(tls)) = (address.security, tls) {
            connection.starttls(tls.clone(), name).await?;
        }
        if let (Some(user), Some(password)) = (&address.user, password) {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &Credentials::new(user.clone(), password.clone())).await?;
        }
        Ok(connection)
    }

    /// Says from whom and to whom. On a connection that was kept, one that ended meanwhile is no trouble yet.
    async fn announce(
        &self,
        mut connection: AsyncSmtpConnection,
        letter: &Written,
        kept: bool,
    ) -> Result<Result<Line<'_>, Trouble>, Stale> {
        let options = match mail_options(&connection, &letter.envelope, &letter.bytes) {
            Ok(options) => options,
            Err(trouble) => {
                self.keep(connection);
                return Ok(Err(trouble));
            }
        };
        match self.step(&mut connection, Mail::new(letter.envelope.from().cloned(), options)).await {
            Step::Done(_) => {}
            Step::Broken(_) | Step::Answered(421) if kept => return Err(Stale),
            Step::Broken(why) => return Ok(Err(Trouble::NoWay(why))),
            // It is about us and not about whom we write to.
            Step::Answered(code) => return Ok(Err(Trouble::NoWay(format!("it says {code} to our sender's address")))),
        }
        for address in letter.envelope.to() {
            match self.step(&mut connection, Rcpt::new(address.clone(), Vec::new())).await {
                Step::Done(_) => {}
                Step::Broken(why) => return Ok(Err(Trouble::NoWay(why))),
                Step::Answered(code) => {
                    self.start_over(connection).await;
                    return Ok(Err(refusal(code)));
                }
            }
        }
        Ok(Ok(Line { smtp: self, connection }))
    }

    async fn step(&self, connection: &mut AsyncSmtpConnection, command: impl fmt::Display) -> Step {
        match timeout(self.inner.patience.answer, connection.command(command)).await {
            Ok(Ok(response)) => Step::Done(response),
            Ok(Err(error)) => match error.status() {
                Some(code) => Step::Answered(code.into()),
                None => Step::Broken(reason(&error)),
            },
            Err(_) => Step::Broken("it does not answer".to_owned()),
        }
    }

    /// Forgets what was announced on a connection, and keeps it for another letter.
    async fn start_over(&self, mut connection: AsyncSmtpConnection) {
        if let Step::Done(_) = self.step(&mut connection, Rset).await {
            self.keep(connection);
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        self.inner.idle.lock().push(connection);
    }
}

impl Line<'_> {
    pub(crate) async fn hand_over(mut self, letter: &Written) -> Result<(), Trouble> {
        match self.smtp.step(&mut self.connection, Data).await {
            Step::Done(response) if response.has_code(354) => {}
            // Whatever it means, nothing of the letter was sent yet.
            Step::Done(_) => return Err(Trouble::NoWay("it says yes to something else than was asked".to_owned())),
            Step::Broken(why) => return Err(Trouble::NoWay(why)),
            Step::Answered(code) => {
                self.smtp.start_over(self.connection).await;
                return Err(refusal(code));
            }
        }
        match timeout(self.smtp.inner.patience.last_word, self.connection.message(&letter.bytes)).await {
            Ok(Ok(_)) => {
                self.smtp.keep(self.connection);
                Ok(())
            }
            Ok(Err(error)) => match error.status() {
                Some(code) => {
                    self.smtp.keep(self.connection);
                    Err(refusal(code.into()))
                }
                None => Err(Trouble::Unknown(reason(&error))),
            },
            Err(_) => Err(Trouble::Unknown("it does not answer".to_owned())),
        }
    }

    pub(crate) async fn withdraw(self) {
        self.smtp.start_over(self.connection).await;
    }
}

/// What an answer means for one letter. Of those that are about us, none is a reason to give a letter up.
fn refusal(code: u16) -> Trouble {
    match code {
        // It closes, or wants to know us first.
        421 | 530 | 534 | 535 | 538 => Trouble::NoWay(format!("it says {code}")),
        500..=599 => Trouble::Never(code),
        _ => Trouble::NotNow(code),
    }
}

fn mail_options(connection: &AsyncSmtpConnection, envelope: &Envelope, bytes: &[u8]) -> Result<Vec<MailParameter>, Trouble> {
    let server = connection.server_info();
    let mut options = Vec::new();
    let plain = |address: &lettre::Address| AsRef::<str>::as_ref(address).is_ascii();
    if !envelope.from().into_iter().chain(envelope.to()).all(plain) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(Trouble::Unsendable("the mail server takes no addresses outside ASCII"));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    if !bytes.is_ascii() && server.supports_feature(Extension::EightBitMime) {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(options)
}

/// What went wrong, without a word of the server: it may repeat whom the letter is to.
fn reason(error: &Error) -> String {
    use std::error::Error as _;
    if let Some(code) = error.status() {
        return format!("it says {}", u16::from(code));
    }
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    if error.is_response() {
        "it ended the connection, or does not speak SMTP".to_owned()
    } else if error.is_tls() {
        format!("TLS: {cause}")
    } else if cause.is_empty() {
        error.to_string()
    } else {
        cause
    }
}
