//! Open files are what the system runs out of first. Every connection of a visitor takes one, and its request another on the way to the site; without
//! a bound that fits, whoever opens many connections takes the files that the log and everybody else's requests need.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// For the log, the certificate, the console, commands that run beside us, and connections to the site that wait to be used again.
const KEPT_FREE: u64 = 96;

/// A busy site has more visitors at once.
const FEW: usize = 1_000;

/// Takes as many files as the system lets this process have, and says how many connections they are enough for.
pub(super) fn connections_max() -> usize {
    let allowed = getrlimit(Resource::Nofile);
    let all = Rlimit { current: allowed.maximum, maximum: allowed.maximum };
    let files = if setrlimit(Resource::Nofile, all).is_ok() { allowed.maximum } else { allowed.current };
    let most = edge::Limits::default().connections_max;
    // No limit is no bound.
    let connections = files.map_or(most, |files| enough_for(files).min(most));
    if connections < FEW {
        tracing::warn!(connections, "the limit of open files is low, so fewer visitors can be connected at once; raise it (`ulimit -n`)");
    }
    connections
}

fn enough_for(files: u64) -> usize {
    usize::try_from(files.saturating_sub(KEPT_FREE) / 2).unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_may_take_two_files_and_some_stay_free() {
        assert_eq!(enough_for(1_024), 464);
        assert_eq!(enough_for(20_096), 10_000);
        assert_eq!((enough_for(0), enough_for(100)), (1, 2), "there is always somebody who can connect");
    }
}
