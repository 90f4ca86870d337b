use std::sync::Arc;

use disk::{Disk, SimulatedDisk};
use domain::Version;
use policy::syntax::SiteSources;

use super::{NotShown, PublishError, VersionRecord, Versions};
use crate::testing::{RULES, SPANISH_WORDS, WORDS, at, sources};

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

/// The site's folder with its rules changed in one place.
fn with_rules(from: &str, to: &str) -> SiteSources {
    assert_eq!(RULES.matches(from).count(), 1, "`{from}` stands once in the rules");
    let spanish = domain::Language::parse("es").expect("a language");
    SiteSources::new(RULES.replace(from, to), WORDS).with_translation(spanish, SPANISH_WORDS)
}

/// News goes by the name and to one more company than before.
fn with_new_recipient() -> SiteSources {
    with_rules("recipients = [\"us\", \"mailer\"]", "recipients = [\"us\", \"mailer\", \"authorities\"]")
}

fn with_shorter_log() -> SiteSources {
    with_rules("keep = \"180 days\"", "keep = \"90 days\"")
}

#[test]
fn the_next_version_says_what_it_changed_and_is_in_force() {
    let disk = published();
    let versions = open(&disk);
    let second = versions.publish(&with_new_recipient(), at("2026-04-01T12:00:00Z")).expect("version 2");
    assert_eq!((second.record.version, second.record.revised.to_string().as_str()), (Version(2), "2026-04-01"));
    let revision = second.revision.as_ref().expect("it changed something");
    assert_eq!(revision.since, Version(1));
    assert!(second.is_material());
    assert_eq!(revision.changes.rules[0].what, "now also received by Courts and authorities");
    assert_eq!(versions.current().expect("a policy").version, Version(2));
    assert_eq!(versions.get(Version(1)).expect("version 1").sources, sources(), "the first stays as it was");
    assert!(versions.get(Version(1)).expect("version 1").revision.is_none());
}

#[test]
fn a_proposal_writes_nothing() {
    let disk = published();
    let versions = open(&disk);
    let before = disk.operations();
    let proposed = versions.propose(&with_new_recipient(), at("2026-04-01T12:00:00Z")).expect("a proposal");
    assert_eq!((proposed.record.version, proposed.is_material()), (Version(2), true));
    assert_eq!(disk.operations(), before);
    assert_eq!(versions.current().expect("a policy").version, Version(1));
}

#[test]
fn a_yes_counts_until_the_purpose_changes_materially_and_no_longer() {
    let disk = published();
    let versions = open(&disk);
    versions.publish(&with_shorter_log(), at("2026-04-01T12:00:00Z")).expect("version 2");
    let shorter = RULES.replace("keep = \"180 days\"", "keep = \"90 days\"");
    let wider = shorter.replace("recipients = [\"us\", \"mailer\"]", "recipients = [\"us\", \"mailer\", \"authorities\"]");
    versions.publish(&SiteSources::new(wider.as_str(), WORDS), at("2026-05-01T12:00:00Z")).expect("version 3");
    let reworded = wider.replace("en = \"News about our services\"", "en = \"Our news\"");
    versions.publish(&SiteSources::new(reworded, WORDS), at("2026-06-01T12:00:00Z")).expect("version 4");
    for versions in [versions, open(&disk)] {
        let policy = versions.current().expect("a policy");
        let material_since = |purpose: &str| policy.purpose(policy.purpose_named(purpose).expect("a purpose")).material_since;
        assert_eq!(material_since("news"), Version(3), "version 4 only found better words");
        assert_eq!(
            (material_since("remember"), material_since("operate")),
            (Version(1), Version(1)),
            "a shorter log is no reason to ask again"
        );
        let since = |rule: &str| policy.the_use(policy.use_named(rule).expect("a use")).since;
        assert_eq!((since("news-mail"), since("preferences")), (Version(3), Version(1)));
        let first = versions.get(Version(1)).expect("version 1");
        assert!(
            first.policy.purposes.iter().all(|purpose| purpose.material_since == Version(1)),
            "an old version knows nothing of what came"
        );
    }
}

#[test]
fn where_nothing_changed_nothing_is_published() {
    let disk = published();
    let versions = open(&disk);
    let again = versions.publish(&sources(), at("2026-04-01T12:00:00Z"));
    assert_eq!(again.expect_err("refused").to_string(), "nothing changed since version 1: there is nothing to publish");
    let remark = with_rules("[notice]\n", "# Ask the director first.\n[notice]\n");
    assert!(matches!(versions.publish(&remark, at("2026-04-01T12:00:00Z")), Err(PublishError::NothingChanged(Version(1)))));
    assert!(!versions.differs(&remark), "a remark is no change of the policy");
    assert!(versions.differs(&with_shorter_log()));
    assert_eq!(open(&disk).all().len(), 1);
}

#[test]
fn a_policy_that_announces_nothing_is_not_published() {
    let disk = published();
    let versions = open(&disk);
    let silent = with_rules("[notice]\nmaterial = [\"banner\"]\nbanner_days = 30\n", "");
    let refused = versions.publish(&silent, at("2026-04-01T12:00:00Z")).expect_err("refused");
    assert!(matches!(refused, PublishError::NoNotice), "{refused}");
    assert!(refused.to_string().contains("add `[notice]` with `material = [\"banner\"]`"), "{refused}");
    let broken = with_rules("minimum_age = 18\n", "");
    assert!(matches!(versions.publish(&broken, at("2026-04-01T12:00:00Z")), Err(PublishError::Unchecked(1))));
}

#[test]
fn what_matters_is_announced_for_as_long_as_the_policy_says() {
    let disk = published();
    let versions = open(&disk);
    assert!(versions.announced(at("2026-03-03T12:00:00Z")).is_empty(), "a first version changes nothing");
    versions.publish(&with_new_recipient(), at("2026-04-01T12:00:00Z")).expect("version 2");
    versions.publish(&with_rules("en = \"News about our services\"", "en = \"Our news\""), at("2026-04-02T12:00:00Z")).expect("version 3");
    let announced = |time| versions.announced(at(time)).iter().map(|published| published.record.version).collect::<Vec<_>>();
    assert_eq!(announced("2026-04-03T12:00:00Z"), [Version(2)], "a smaller change after it does not hide it");
    assert_eq!(announced("2026-05-01T11:59:59Z"), [Version(2)]);
    assert_eq!(announced("2026-05-01T12:00:00Z"), [], "after 30 days");
    let longer = with_rules("keep = \"180 days\"", "keep = \"200 days\"");
    versions.publish(&longer, at("2026-04-02T12:08:00Z")).expect("version 4");
    assert_eq!(announced("2026-04-03T12:00:00Z"), [Version(4), Version(2)], "nor does one that matters, too");
    assert_eq!(announced("2026-05-02T12:07:00Z"), [Version(4)]);
}

#[test]
fn a_version_stays_readable_when_the_checker_learns_more() {
    let disk = published();
    let unfinished_words = SiteSources::new(RULES, format!("{WORDS}\nNo tag covers this.\n"));
    let names = ["policy.toml", "policy.md"].map(str::to_owned).to_vec();
    let time = at("2026-04-01T12:00:00Z");
    let record = VersionRecord::new(Version(2), jiff::civil::date(2026, 4, 1), time, &unfinished_words, names);
    disk.create_dir_all("versions/2").expect("a folder");
    for (name, text) in super::files(&unfinished_words) {
        disk::replace(&disk, &format!("versions/2/{name}"), text.as_bytes()).expect("a file");
    }
    disk::replace(&disk, "versions/2/version.json", &record.to_json()).expect("a record");
    let versions = open(&disk);
    assert_eq!(versions.damaged(), []);
    assert_eq!(versions.current().expect("a policy").version, Version(2));
    assert!(
        matches!(versions.publish(&unfinished_words, at("2026-05-01T12:00:00Z")), Err(PublishError::Unchecked(_))),
        "nothing new like it"
    );
}

#[test]
fn a_damaged_version_in_between_is_passed_over_and_nothing_older_counts() {
    let disk = published();
    let versions = open(&disk);
    versions.publish(&with_new_recipient(), at("2026-04-01T12:00:00Z")).expect("version 2");
    versions
        .publish(&with_rules("recipients = [\"us\", \"mailer\"]", "recipients = [\"us\", \"authorities\"]"), at("2026-05-01T12:00:00Z"))
        .expect("version 3");
    disk.tamper("versions/2/policy.md", |bytes| bytes.push(b'!'));
    let versions = open(&disk);
    assert_eq!(versions.damaged().len(), 1);
    let third = versions.newest().expect("version 3");
    assert_eq!(third.revision.as_ref().map(|revision| revision.since), Some(Version(1)));
    let news = third.policy.purpose(third.policy.purpose_named("news").expect("a purpose"));
    assert_eq!(news.material_since, Version(3), "a yes to what cannot be read any more is no yes");
}

#[test]
fn a_clock_that_was_set_back_makes_no_version_older_than_the_one_before() {
    let versions = open(&published());
    let second = versions.publish(&with_shorter_log(), at("2020-01-01T00:00:00Z")).expect("version 2");
    assert_eq!(second.record.published, at("2026-03-02T05:00:00Z"));
}

#[test]
fn two_who_publish_at_once_never_get_the_same_number() {
    let disk = published();
    let versions = open(&disk);
    let changed = [with_shorter_log(), with_new_recipient()];
    std::thread::scope(|scope| {
        for sources in &changed {
            scope.spawn(|| versions.publish(sources, at("2026-04-01T12:00:00Z")).expect("a version"));
        }
    });
    for versions in [versions, open(&disk)] {
        let numbers: Vec<u32> = versions.all().iter().map(|published| published.record.version.0).collect();
        assert_eq!((numbers, versions.damaged().len()), (vec![3, 2, 1], 0));
    }
}

#[test]
fn a_crash_while_publishing_leaves_the_old_version_in_force_or_the_new_one() {
    let operations = {
        let disk = published();
        let versions = open(&disk);
        let before = disk.operations();
        versions.publish(&with_new_recipient(), at("2026-04-01T12:00:00Z")).expect("version 2");
        disk.operations() - before
    };
    for number in 0..=operations {
        for seed in 0..4 {
            let disk = published();
            let versions = open(&disk);
            disk.stop_from(disk.operations() + number);
            let outcome = versions.publish(&with_new_recipient(), at("2026-04-01T12:00:00Z"));
            assert_eq!(versions.current().expect("a policy").version, Version(if outcome.is_ok() { 2 } else { 1 }));
            let after = disk.crash(seed);
            let reopened = open(&after);
            assert_eq!(reopened.damaged(), [], "operation {number}, seed {seed}");
            let current = reopened.current().expect("a policy").version;
            assert!(current == Version(2) || outcome.is_err(), "operation {number}: what was said to be published is there");
            assert_eq!(reopened.get(Version(1)).expect("version 1").sources, sources());
            // Whoever tries again succeeds, also with something else than what the crash left half-written.
            let again = reopened.publish(&with_shorter_log(), at("2026-04-02T12:00:00Z")).expect("the next version");
            assert_eq!(again.record.version, Version(current.0 + 1));
            assert_eq!(open(&after).damaged(), []);
        }
    }
}
