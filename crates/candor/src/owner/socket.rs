use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;

use super::protocol::{Answer, Question};
use super::stream::{self, Received, SendError};

const SOCKET: &str = "candor.sock";

/// A question is one line. The longest carries a site's policy in all its languages.
const QUESTION_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// So many commands are answered at once; a further one is told to try again.
const CONVERSATIONS_MAX: usize = 8;

const PATIENCE: Duration = Duration::from_secs(30);

/// Hands on an answer.
pub(crate) type Say<'a> = &'a mut dyn FnMut(Answer) -> std::io::Result<()>;

/// Answers questions for as long as the process lives. Each is one connection, answered on a thread of its own.
pub(crate) fn serve(
    folder: &Path,
    answer: impl Fn(Question, &mut dyn Read, Say<'_>) -> std::io::Result<()> + Send + Sync + 'static,
) -> std::io::Result<()> {
    // Whoever holds the folder's lock is its only owner, so a socket that is there was left by one that is gone.
    match std::fs::remove_file(folder.join(SOCKET)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = with_short_path(folder, |path| UnixListener::bind(path))?;
    std::fs::set_permissions(folder.join(SOCKET), std::fs::Permissions::from_mode(0o600))?;
    let answer = Arc::new(answer);
    let conversations = Arc::new(AtomicUsize::new(0));
    std::thread::Builder::new().name("owner".to_owned()).spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else {
                std::thread::sleep(Duration::from_millis(100));
                continue;
            };
            let (answer, conversations) = (Arc::clone(&answer), Arc::clone(&conversations));
            let started = std::thread::Builder::new().name("owner-answer".to_owned()).spawn(move || {
                let busy = conversations.fetch_add(1, Ordering::AcqRel) >= CONVERSATIONS_MAX;
                if let Err(error) = converse(stream, busy, &*answer) {
                    tracing::debug!(error = %error.kind(), "a command went away before its answer ended");
                }
                conversations.fetch_sub(1, Ordering::AcqRel);
            });
            if let Err(error) = started {
                tracing::error!(error = %error.kind(), "a command could not be answered");
            }
        }
    })?;
    Ok(())
}

fn converse(
    stream: UnixStream,
    busy: bool,
    answer: &(impl Fn(Question, &mut dyn Read, Say<'_>) -> std::io::Result<()> + ?Sized),
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut out = BufWriter::new(stream.try_clone()?);
    let mut say = |answer: Answer| -> std::io::Result<()> {
        serde_json::to_writer(&mut out, &answer)?;
        out.write_all(b"\n")?;
        // How far something is must be heard while it is not further.
        if matches!(answer, Answer::Keys(_) | Answer::Progress(_)) { out.flush() } else { Ok(()) }
    };
    let mut line = String::new();
    let mut asked = BufReader::new(stream);
    asked.by_ref().take(QUESTION_BYTES_MAX).read_line(&mut line)?;
    if busy {
        say(Answer::Failed("the server is answering other commands; try again in a moment".to_owned()))?;
    } else {
        match serde_json::from_str(&line) {
            Ok(question) => {
                if matches!(question, Question::Import(_)) {
                    // Whoever sends a log may have to wait for it.
                    asked.get_ref().set_read_timeout(None)?;
                }
                answer(question, &mut Received::new(asked), &mut say)?;
            }
            Err(error) => say(Answer::Bad(error.to_string()))?,
        }
    }
    out.flush()
}

/// Asks the owner of a folder, and hands on each of its answers.
pub(crate) fn ask(folder: &Path, question: &Question, mut each: impl FnMut(Answer) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let stream = connect(folder)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(question)?;
    line.push(b'\n');
    (&stream).write_all(&line)?;
    for line in BufReader::new(stream).lines() {
        each(serde_json::from_str(&line?)?)?;
    }
    Ok(())
}

/// Asks what something else belongs to, which follows the question. An answer that comes before all of it was sent is the answer.
pub(crate) fn ask_with(
    folder: &Path,
    question: &Question,
    source: impl Read + Send,
    mut each: impl FnMut(Answer) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let stream = connect(folder)?;
    let mut line = serde_json::to_vec(question)?;
    line.push(b'\n');
    (&stream).write_all(&line)?;
    let from = stream.try_clone()?;
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let sent = stream::send(source, &stream);
            if sent.is_err() {
                // Without the rest the owner breaks off.
                let _ = stream.shutdown(std::net::Shutdown::Write);
            }
            sent
        });
        let mut answered = Ok(());
        for line in BufReader::new(from).lines() {
            answered = line.map_err(anyhow::Error::from).and_then(|line| each(serde_json::from_str(&line)?));
            if answered.is_err() {
                break;
            }
        }
        let _ = stream.shutdown(std::net::Shutdown::Both);
        match sending.join() {
            Ok(Err(SendError::Source(error))) => Err(error.into()),
            _ => answered,
        }
    })
}

/// Not every owner answers: a command that opened the folder itself does not.
fn connect(folder: &Path) -> anyhow::Result<UnixStream> {
    with_short_path(folder, |path| UnixStream::connect(path)).with_context(|| {
        let folder = folder.display();
        format!("{folder}: another process owns this data folder, and it answers no commands; wait until it is done, and try again")
    })
}

/// The system takes socket paths of about a hundred bytes only; a folder with a longer path is named by its open handle.
fn with_short_path<T>(folder: &Path, use_path: impl FnOnce(&Path) -> std::io::Result<T>) -> std::io::Result<T> {
    let path = folder.join(SOCKET);
    if path.as_os_str().len() < 100 {
        return use_path(&path);
    }
    let handle = std::fs::File::open(folder)?;
    use_path(&PathBuf::from(format!("/proc/self/fd/{}", handle.as_raw_fd())).join(SOCKET))
}
