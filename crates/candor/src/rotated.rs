//! The logs that were rotated away from beside one.

use std::io;
use std::path::{Path, PathBuf};

/// What rotating may have made of `access.log`: `access.log.1`, `access.log.2.gz`, `access.log-20260301.zst`, `access-2026-03-01T00-00-00.000.log.gz`. In the order of
/// their names, the log itself not among them.
pub(crate) fn beside(log: &Path) -> io::Result<Vec<PathBuf>> {
    let (Some(name), Some(folder)) = (log.file_name().and_then(|name| name.to_str()), log.parent()) else {
        return Ok(Vec::new());
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut rotated = Vec::new();
    for entry in folder.read_dir()? {
        let other = entry?.file_name();
        if other.to_str().is_some_and(|other| is_rotated(name, other)) {
            rotated.push(log.with_file_name(other));
        }
    }
    rotated.sort_unstable();
    Ok(rotated)
}

fn is_rotated(log: &str, other: &str) -> bool {
    let other = [".gz", ".zst"].iter().find_map(|packed| other.strip_suffix(packed)).unwrap_or(other);
    let behind = other.strip_prefix(log);
    let within = log.rsplit_once('.').and_then(|(stem, ending)| other.strip_prefix(stem)?.strip_suffix(ending)?.strip_suffix('.'));
    behind.or(within).is_some_and(is_number_or_time)
}

/// `.1`, `-20260301`, `-2026-03-01T00-00-00.000`, `.20260301-1740787200`.
fn is_number_or_time(text: &str) -> bool {
    let mut letters = text.chars();
    matches!(letters.next(), Some('.' | '-' | '_'))
        && text.chars().any(|letter| letter.is_ascii_digit())
        && letters.all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '-' | '_' | ':' | 'T' | 'Z'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rotating_makes_of_a_log_is_known() {
        for other in [
            "access.log.1",
            "access.log.12.gz",
            "access.log-20260301",
            "access.log-20260301.zst",
            "access.log.2026-03-01T00:00:00Z.gz",
            "access-2026-03-01T00-00-00.000.log.gz",
            "access-20260301.log",
        ] {
            assert!(is_rotated("access.log", other), "{other}");
        }
        for other in
            ["access.log", "access.log.gz", "access.logs.1", "error.log.1", "access-admin.log", "access.log.bak", "access.log.1.tmp"]
        {
            assert!(!is_rotated("access.log", other), "{other}");
        }
        assert!(is_rotated("access_log", "access_log.1") && !is_rotated("access_log", "access_log_of_shop.1"));
    }
}
