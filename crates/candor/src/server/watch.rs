//! Looks now and then whether the records can be asked. Visitors are served either way; whoever sends them here can know.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::choices::ChoiceRecords;

/// Between two looks; balancers ask about as often.
const EVERY: Duration = Duration::from_secs(3);

pub(super) struct Watch {
    choices: Arc<ChoiceRecords>,
    answering: AtomicBool,
}

impl Watch {
    /// The records were opened a moment ago.
    pub(super) const fn new(choices: Arc<ChoiceRecords>) -> Self {
        Self { choices, answering: AtomicBool::new(true) }
    }

    /// What the last look found.
    pub(super) fn ready(&self) -> Result<(), String> {
        if self.answering.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err("the records of choices cannot be asked: visitors are served and a no counts, but no yes can be given".to_owned())
    }

    pub(super) async fn run(&self) {
        let mut turns = tokio::time::interval(EVERY);
        turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            turns.tick().await;
            self.look().await;
        }
    }

    async fn look(&self) {
        let found = self.choices.answers().await;
        let before = self.answering.swap(found.is_ok(), Ordering::Relaxed);
        match found {
            Err(error) if before => tracing::error!(%error, "the records of choices cannot be asked"),
            Ok(()) if !before => tracing::info!("the records of choices can be asked again"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use records::{Address, Records};

    use super::*;

    #[tokio::test]
    async fn it_is_not_ready_while_the_records_cannot_be_asked() {
        let folder = std::env::temp_dir().join(format!("candor-watch-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let file = folder.join("records.sqlite");
        let records = Records::open(&Address::Sqlite(file.clone())).await.expect("records");
        let watch = Watch::new(Arc::new(ChoiceRecords::new(records.clone())));
        watch.look().await;
        assert_eq!(watch.ready(), Ok(()));
        let aside = folder.join("aside.sqlite");
        std::fs::rename(&file, &aside).expect("it can be moved");
        watch.look().await;
        assert!(watch.ready().is_err_and(|why| why.contains("cannot be asked")), "the file is gone");
        std::fs::rename(&aside, &file).expect("it can be moved back");
        watch.look().await;
        assert_eq!(watch.ready(), Ok(()), "it is back");
        records.close().await;
        watch.look().await;
        assert!(watch.ready().is_err());
        let _ = std::fs::remove_dir_all(folder);
    }
}
