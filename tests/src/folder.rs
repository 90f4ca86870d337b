use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A folder of one story's own, removed with it.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    #[expect(clippy::new_without_default, reason = "making a folder is not a default")]
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        static SWEPT: Once = Once::new();
        SWEPT.call_once(remove_old);
        let name = format!("candor-story-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the temporary folder can be written");
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.join(name);
        fs::write(&file, text).expect("a story's own folder can be written");
        file
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // What is left behind costs only space in the temporary folder.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// A story that failed leaves its folder for whoever wants to look, and one that was killed cannot help it. A day later nobody looks any more.
fn remove_old() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let is_old = |entry: &fs::DirEntry| {
        let age = entry.metadata().and_then(|about| about.modified()).ok().and_then(|changed| changed.elapsed().ok());
        entry.file_name().to_string_lossy().starts_with("candor-story-") && age.is_some_and(|age| age > DAY)
    };
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten().filter(is_old) {
        // Another run may be removing it, too.
        let _ = fs::remove_dir_all(entry.path());
    }
}

/// Copies one of the project's examples, as somebody would who starts from it.
pub fn example(name: &str, to: &Path) {
    copy(&own_folder().with_file_name("examples").join(name), to);
}

/// The folder of the stories: cargo says at run time which one, because several checkouts may share one target folder.
pub(crate) fn own_folder() -> PathBuf {
    match std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) {
        // The house's tasks start the binary with the same means.
        Some(folder) => folder.with_file_name("tests"),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the copy's folder can be made");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.expect("the example's folder can be listed");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        // Somebody who ran the example in place left data there; a copy starts without.
        if source.is_dir() && entry.file_name() == "data" {
            continue;
        }
        if source.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(&source, &target).expect("the example's files can be copied");
        }
    }
}
