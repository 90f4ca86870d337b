use std::io::{BufRead, BufReader, BufWriter, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::protocol::{Answer, Question};

const SOCKET: &str = "candor.sock";

/// A question is one line. The longest carries a site's policy in all its languages.
const QUESTION_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// So many commands are answered at once; a further one is told to try again.
const CONVERSATIONS_MAX: usize = 8;

const PATIENCE: Duration = Duration::from_secs(30);

/// Answers questions for as long as the process lives. Each is one connection, answered on a thread of its own.
pub(crate) fn serve(
    folder: &Path,
    answer: impl Fn(Question, &mut dyn FnMut(Answer) -> std::io::Result<()>) -> std::io::Result<()> + Send + Sync + 'static,
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
    answer: &(impl Fn(Question, &mut dyn FnMut(Answer) -> std::io::Result<()>) -> std::io::Result<()> + ?Sized),
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
    BufReader::new(std::io::Read::take(stream, QUESTION_BYTES_MAX)).read_line(&mut line)?;
    if busy {
        say(Answer::Failed("the server is answering other commands; try again in a moment".to_owned()))?;
    } else {
        match serde_json::from_str(&line) {
            Ok(question) => answer(question, &mut say)?,
            Err(error) => say(Answer::Bad(error.to_string()))?,
        }
    }
    out.flush()
}

/// Asks the owner of a folder, and hands on each of its answers.
pub(crate) fn ask(folder: &Path, question: &Question, mut each: impl FnMut(Answer) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let stream = with_short_path(folder, |path| UnixStream::connect(path))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(question)?;
    line.push(b'\n');
    (&stream).write_all(&line)?;
    for line in BufReader::new(stream).lines() {
        each(serde_json::from_str(&line?)?)?;
    }
    Ok(())
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
