//! A site folder: reading one, and the two that come with the binary.

use std::path::{Path, PathBuf};

use domain::Language;
use policy::syntax::{SiteSources, SourceFile};

/// The rules of a site folder.
pub(crate) const RULES: &str = "policy.toml";

/// The words of a site folder, in its default language.
pub(crate) const WORDS: &str = "policy.md";

/// No file of a site folder is larger.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Why a site folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SiteError {
    #[error("{} is not a site folder: it has no {missing}. `candor init {}` writes one", .folder.display(), .folder.display())]
    Missing { folder: PathBuf, missing: &'static str },
    #[error("{}: it cannot be read: {error}", .file.display())]
    Unreadable { file: PathBuf, error: std::io::Error },
    #[error("{}: it is not text in UTF-8", .file.display())]
    NotText { file: PathBuf },
    #[error("{}: it is larger than 4 MiB", .file.display())]
    TooLarge { file: PathBuf },
    #[error("{}: `{language}` is not a language, as in policy.es.md", .file.display())]
    NotALanguage { file: PathBuf, language: String },
}

/// Reads `policy.toml`, `policy.md` and every `policy.LANGUAGE.md`.
pub(crate) fn read(folder: &Path) -> Result<SiteSources, SiteError> {
    let rules = read_file(folder, RULES)?.ok_or_else(|| SiteError::Missing { folder: folder.to_owned(), missing: RULES })?;
    let default = read_file(folder, WORDS)?.ok_or_else(|| SiteError::Missing { folder: folder.to_owned(), missing: WORDS })?;
    let mut words = vec![(None, default)];
    for (language, name) in translations(folder)? {
        if let Some(file) = read_file(folder, &name)? {
            words.push((Some(language), file));
        }
    }
    Ok(SiteSources { rules, words })
}

fn read_file(folder: &Path, name: &str) -> Result<Option<SourceFile>, SiteError> {
    let path = folder.join(name);
    let unreadable = |error| SiteError::Unreadable { file: path.clone(), error };
    match std::fs::metadata(&path) {
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(file) if file.len() > FILE_BYTES_MAX => return Err(SiteError::TooLarge { file: path }),
        Ok(_) => {}
    }
    let bytes = std::fs::read(&path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| SiteError::NotText { file: path.clone() })?;
    Ok(Some(SourceFile { name: name.to_owned(), text }))
}

fn translations(folder: &Path) -> Result<Vec<(Language, String)>, SiteError> {
    let unreadable = |error| SiteError::Unreadable { file: folder.to_owned(), error };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        if let Some(language) = name.strip_prefix("policy.").and_then(|rest| rest.strip_suffix(".md")) {
            let not_a_language = || SiteError::NotALanguage { file: folder.join(&name), language: language.to_owned() };
            found.push((Language::parse(language).ok_or_else(not_a_language)?, name.clone()));
        }
    }
    found.sort();
    Ok(found)
}

/// A file that comes with the binary.
pub(crate) struct Bundled {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// What `candor init` writes.
pub(crate) const STARTER: &[Bundled] = &[
    Bundled { name: crate::config::FILE, text: include_str!("../assets/init/candor.toml") },
    Bundled { name: WORDS, text: include_str!("../assets/init/policy.md") },
    Bundled { name: RULES, text: include_str!("../assets/init/policy.toml") },
];

/// The policy `candor demo` runs.
pub(crate) const EXAMPLE: &[Bundled] = &[
    Bundled { name: WORDS, text: include_str!("../../../examples/health/policy.md") },
    Bundled { name: "policy.es.md", text: include_str!("../../../examples/health/policy.es.md") },
    Bundled { name: RULES, text: include_str!("../../../examples/health/policy.toml") },
];

/// Writes bundled files into a folder, and none over a file that is there.
pub(crate) fn write_bundled(folder: &Path, files: &[Bundled]) -> std::io::Result<()> {
    use std::io::Write;
    std::fs::create_dir_all(folder)?;
    for file in files {
        let path = folder.join(file.name);
        let named = |error: std::io::Error| std::io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let mut out = std::fs::File::create_new(&path).map_err(named)?;
        out.write_all(file.text.as_bytes()).map_err(named)?;
    }
    Ok(())
}
