//! Receives what other servers log, sent as they write it: syslog messages over UDP and TCP, or over a socket of this machine.

use std::io::{self, BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ::visits::Recorder;
use app::importing::{Admission, Receiving};
use arc_swap::Guard;
use policy::Policy;

use super::importing::{LogImporter, Users};
use crate::config::SyslogAddress;

/// More than a datagram can hold.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

const CONNECTIONS_MAX: usize = 16;

/// How soon a thread notices that it is over.
const NOTICED_WITHIN: Duration = Duration::from_millis(500);

/// Of messages that could not be read it is told at most so often.
const TOLD_EVERY: u64 = 1_000;

/// Threads that receive. They end soon after this is dropped.
pub(super) struct Receivers {
    is_over: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Receivers {
    pub(super) fn start(address: Option<&SyslogAddress>, site: &Path, importer: &Arc<LogImporter>) -> io::Result<Self> {
        let mut receivers = Self { is_over: Arc::new(AtomicBool::new(false)), threads: Vec::new() };
        match address {
            None => {}
            Some(SyslogAddress::Socket(path)) => {
                let path = site.join(path);
                // A socket that was left behind is nobody's; anything else is not ours to remove.
                if path.symlink_metadata().is_ok_and(|about| about.file_type().is_socket()) {
                    std::fs::remove_file(&path)?;
                }
                let socket = UnixDatagram::bind(&path)?;
                socket.set_read_timeout(Some(NOTICED_WITHIN))?;
                receivers.receive_messages(importer, move |buffer| socket.recv(buffer))?;
            }
            Some(SyslogAddress::Network(address)) => {
                let (datagrams, connections) = (UdpSocket::bind(address)?, TcpListener::bind(address)?);
                datagrams.set_read_timeout(Some(NOTICED_WITHIN))?;
                receivers.receive_messages(importer, move |buffer| datagrams.recv(buffer))?;
                receivers.accept(connections, importer)?;
            }
        }
        Ok(receivers)
    }

    fn receive_messages(
        &mut self,
        importer: &Arc<LogImporter>,
        receive: impl Fn(&mut [u8]) -> io::Result<usize> + Send + 'static,
    ) -> io::Result<()> {
        let (importer, is_over) = (Arc::clone(importer), Arc::clone(&self.is_over));
        self.threads.push(std::thread::Builder::new().name("syslog".to_owned()).spawn(move || {
            let mut receiver = Receiver::new(&importer);
            let mut buffer = vec![0; MESSAGE_BYTES_MAX];
            while !is_over.load(Ordering::Acquire) {
                match receive(&mut buffer) {
                    Ok(bytes) => receiver.message(&buffer[..bytes]),
                    Err(error) if is_no_message(&error) => {}
                    Err(error) => {
                        tracing::warn!(error = %error.kind(), "syslog messages cannot be received now");
                        std::thread::sleep(NOTICED_WITHIN);
                    }
                }
            }
        })?);
        Ok(())
    }

    fn accept(&mut self, listener: TcpListener, importer: &Arc<LogImporter>) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let (importer, is_over) = (Arc::clone(importer), Arc::clone(&self.is_over));
        let connections = Arc::new(AtomicUsize::new(0));
        self.threads.push(std::thread::Builder::new().name("syslog".to_owned()).spawn(move || {
            while !is_over.load(Ordering::Acquire) {
                let Ok((stream, _)) = listener.accept() else {
                    std::thread::sleep(NOTICED_WITHIN / 10);
                    continue;
                };
                if connections.fetch_add(1, Ordering::AcqRel) >= CONNECTIONS_MAX {
                    connections.fetch_sub(1, Ordering::AcqRel);
                    tracing::warn!(most = CONNECTIONS_MAX, "a sender of syslog messages is turned away: too many are connected");
                    continue;
                }
                let (importer, is_over, connections) = (Arc::clone(&importer), Arc::clone(&is_over), Arc::clone(&connections));
                let started = std::thread::Builder::new().name("syslog".to_owned()).spawn(move || {
                    if let Err(error) = receive_stream(&stream, &importer, &is_over) {
                        tracing::debug!(error = %error.kind(), "a sender of syslog messages went away");
                    }
                    connections.fetch_sub(1, Ordering::AcqRel);
                });
                if let Err(error) = started {
                    tracing::error!(error = %error.kind(), "a sender of syslog messages could not be served");
                }
            }
        })?);
        Ok(())
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        // One that panicked has said so.
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}

fn is_no_message(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

/// Messages one after the other, each on a line of its own or with its length before it (RFC 6587).
fn receive_stream(stream: &TcpStream, importer: &Arc<LogImporter>, is_over: &Arc<AtomicBool>) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(NOTICED_WITHIN))?;
    let mut receiver = Receiver::new(importer);
    let mut from = BufReader::with_capacity(MESSAGE_BYTES_MAX, Patient { stream, is_over });
    let mut message = Vec::new();
    while let Some(first) = from.fill_buf()?.first().copied() {
        message.clear();
        if first.is_ascii_digit() {
            from.by_ref().take(8).read_until(b' ', &mut message)?;
            let length = std::str::from_utf8(&message).ok().and_then(|text| text.trim_end().parse::<usize>().ok());
            // It may be a line of a log that has no head: then this is its beginning.
            match length.filter(|length| message.ends_with(b" ") && *length <= MESSAGE_BYTES_MAX) {
                Some(length) => {
                    message.resize(length, 0);
                    from.read_exact(&mut message)?;
                }
                None => read_line(&mut from, &mut message)?,
            }
        } else {
            read_line(&mut from, &mut message)?;
        }
        receiver.message(&message);
    }
    Ok(())
}

/// Whatever makes a line too long is read and let go of.
fn read_line(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<()> {
    from.by_ref().take(MESSAGE_BYTES_MAX as u64).read_until(b'\n', line)?;
    if line.last() != Some(&b'\n') && line.len() >= MESSAGE_BYTES_MAX {
        line.clear();
        from.skip_until(b'\n')?;
    }
    Ok(())
}

/// Waits for more until it is over.
struct Patient<'s> {
    stream: &'s TcpStream,
    is_over: &'s AtomicBool,
}

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match (&mut &*self.stream).read(buffer) {
                Err(error) if is_no_message(&error) && !self.is_over.load(Ordering::Acquire) => {}
                Err(error) if is_no_message(&error) => return Ok(0),
                read => return read,
            }
        }
    }
}

/// Records what messages tell.
struct Receiver {
    importer: Arc<LogImporter>,
    recorder: Recorder,
    receiving: Receiving,
    users: Users,
    /// What the policy lets the log keep, and the policy that says so.
    admission: (Arc<Policy>, Admission),
    unread: u64,
}

impl Receiver {
    fn new(importer: &Arc<LogImporter>) -> Self {
        let policy = importer.policy.load_full();
        let admission = importer.admission(&policy);
        Self {
            recorder: importer.log.recorder(),
            receiving: Receiving::new(policy.time_zone.clone()),
            users: Users::default(),
            admission: (policy, admission),
            unread: 0,
            importer: Arc::clone(importer),
        }
    }

    fn message(&mut self, message: &[u8]) {
        if message.trim_ascii().is_empty() {
            return;
        }
        let policy = self.importer.policy.load();
        if !Arc::ptr_eq(&policy, &self.admission.0) {
            let policy = Guard::into_inner(policy);
            self.admission = (Arc::clone(&policy), self.importer.admission(&policy));
        }
        let Self { receiving, users, importer, recorder, admission, .. } = self;
        match receiving.message(message, &admission.1, recorder, &mut |user| users.who_is(user, importer)) {
            Ok(true) => {}
            Ok(false) => {
                if self.unread.is_multiple_of(TOLD_EVERY) {
                    tracing::warn!(so_far = self.unread + 1, "a syslog message tells no line of a log that can be read");
                }
                self.unread += 1;
            }
            Err(error) => tracing::warn!(%error, "a visit that was sent by syslog is not recorded"),
        }
    }
}
