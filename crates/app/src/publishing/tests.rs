use std::sync::Arc;

use disk::{Disk, SimulatedDisk};
use domain::Version;
use policy::syntax::SiteSources;

use super::{NotShown, PublishError, Versions};
use crate::testing::{RULES, WORDS, at, sources};

fn open(disk: &SimulatedDisk) -> Versions {
    Versions::open(Arc::new(disk.clone())).expect("the versions")
}

/// A disk with version 1 on it, published in the evening in California.
fn published() -> SimulatedDisk {
    let disk = SimulatedDisk::new();
    open(&disk).publish_first(&sources(), at("2026-03-02T05:00:00Z")).expect("version 1");
    disk
}

#[test]
fn the_first_version_publishes_itself_once_and_stays() {
    let disk = SimulatedDisk::new();
    let versions = open(&disk);
    assert!(versions.current().is_none() && versions.all().is_empty());

    let first = versions.publish_first(&sources(), at("2026-03-02T12:00:00Z")).expect("version 1");
    assert_eq!(first.record.version, Version(1));
    assert_eq!(versions.current().expect("a policy").version, Version(1));

    let again = versions.publish_first(&sources(), at("2026-04-01T12:00:00Z")).expect("version 1 again");
    assert_eq!(again.record, first.record);

    let reopened = open(&disk);
    assert_eq!(reopened.get(Version(1)).expect("version 1").record, first.record);
    assert_eq!(reopened.current().expect("a policy").hash, first.policy.hash);
}

#[test]
fn the_revised_date_is_the_day_where_the_policy_is_at_home() {
    let disk = published();
    let record = open(&disk).newest().expect("version 1").record.clone();
    assert_eq!(record.revised.to_string(), "2026-03-01", "in California it was still the first");
    assert_eq!(open(&disk).current().expect("a policy").revised, record.revised);
}

#[test]
fn the_words_are_kept_exactly_as_they_were() {
    let disk = published();
    assert_eq!(disk.read("versions/1/policy.md").expect("the words"), WORDS.as_bytes());
    assert_eq!(disk.read("versions/1/policy.toml").expect("the rules"), RULES.as_bytes());
    assert_eq!(open(&disk).get(Version(1)).expect("version 1").sources, sources());
}

#[test]
fn a_folder_with_errors_is_not_published() {
    let versions = open(&SimulatedDisk::new());
    let broken = SiteSources::new(RULES, "# Privacy\n\nWe promise something no rule keeps. {no-such-rule}\n");
    let refused = versions.publish_first(&broken, at("2026-03-02T12:00:00Z"));
    assert!(matches!(refused, Err(PublishError::Unchecked(count)) if count > 0));
    assert!(versions.current().is_none());
}

#[test]
fn a_changed_folder_waits_to_be_published_and_changes_nothing_meanwhile() {
    let disk = published();
    let versions = open(&disk);
    assert!(!versions.differs(&sources()));
    let edited = SiteSources::new(RULES, format!("{WORDS}\nThank you. {{-}}\n"));
    assert!(versions.differs(&edited));
    let newest = versions.publish_first(&edited, at("2026-05-01T12:00:00Z")).expect("version 1");
    assert_eq!(newest.record.version, Version(1));
    assert!(versions.differs(&edited));
}

#[test]
fn a_crash_at_any_moment_leaves_the_whole_version_or_none() {
    let whole = {
        let disk = SimulatedDisk::new();
        open(&disk).publish_first(&sources(), at("2026-03-02T12:00:00Z")).expect("version 1");
        disk.operations()
    };
    for number in 0..=whole {
        for seed in 0..4 {
            let disk = SimulatedDisk::new();
            let versions = open(&disk);
            disk.stop_from(number);
            let outcome = versions.publish_first(&sources(), at("2026-03-02T12:00:00Z"));
            let after = disk.crash(seed);
            let reopened = open(&after);
            assert_eq!(reopened.damaged(), [], "operation {number}, seed {seed}");
            if outcome.is_ok() {
                assert!(reopened.current().is_some(), "operation {number}: what was said to be published is there");
            }
            let published = reopened.publish_first(&sources(), at("2026-03-03T12:00:00Z")).expect("version 1, now or before");
            assert_eq!(published.sources, sources());
            assert_eq!(open(&after).damaged(), []);
        }
    }
}

#[test]
fn words_that_somebody_changed_are_reported_and_not_shown() {
    for file in ["policy.md", "policy.es.md", "policy.toml"] {
        let disk = published();
        disk.tamper(&format!("versions/1/{file}"), |bytes| bytes.extend_from_slice(b"\n"));
        let versions = open(&disk);
        let shown = versions.get(Version(1));
        let Err(NotShown::Damaged(damage)) = shown else { panic!("{file} was changed and shown") };
        assert_eq!(damage.to_string(), "version 1 is damaged: its words and rules do not match their hash");
        assert_eq!(versions.damaged(), [damage]);
        assert!(versions.current().is_none() && versions.all().is_empty());
        let refused = versions.publish_first(&sources(), at("2026-03-02T12:00:00Z"));
        assert!(matches!(refused, Err(PublishError::Damaged(_))), "a damaged version is not overwritten");
    }
}

#[test]
fn a_changed_date_is_reported_too() {
    let disk = published();
    disk.tamper("versions/1/version.json", |bytes| {
        let text = String::from_utf8(bytes.clone()).expect("JSON").replace("2026-03-01", "2025-01-01");
        *bytes = text.into_bytes();
    });
    let damage = open(&disk).damaged();
    assert_eq!(damage[0].to_string(), "version 1 is damaged: its Revised date is not the day it was published");
}

#[test]
fn a_missing_file_is_damage_and_an_unfinished_version_is_none() {
    let disk = published();
    disk.remove("versions/1/policy.es.md").expect("removed");
    assert_eq!(open(&disk).damaged().len(), 1);

    let disk = published();
    disk.remove("versions/1/version.json").expect("removed");
    let versions = open(&disk);
    assert!(versions.damaged().is_empty() && versions.current().is_none());
    assert_eq!(versions.get(Version(1)).expect_err("nothing"), NotShown::Unknown(Version(1)));
}
