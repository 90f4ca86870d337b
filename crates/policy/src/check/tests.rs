use domain::{Act, RecipientKind, Version};
use jiff::civil::date;
use proptest::prelude::*;

use super::testing::{TODAY, library};
use super::{Circumstances, Edition, History, Severity, check, check_with, explain, explain_finding};
use crate::model::{ChoiceDefault, EraseRule, PersonLink};
use crate::syntax::SiteSources;

#[test]
fn a_good_folder_is_a_policy_and_yields_no_finding() {
    assert_eq!(library().findings(), "no errors, no warnings\n");
    let policy = library().report().policy.expect("a policy");
    assert_eq!((policy.version, policy.revised), (Version(1), TODAY));
    assert_eq!(policy.hash, library().sources().hash());
    assert_eq!(policy.languages.iter().map(|language| language.as_str()).collect::<Vec<_>>(), ["en", "es"]);
    assert_eq!(policy.words.len(), 2);
    assert_eq!(
        policy.clause(&policy.uses[0].id),
        "Our server logs each visit: your IP address, your browser, the page that linked here and the time."
    );
}

#[test]
fn rules_become_tables_that_name_each_other_by_place() {
    let policy = library().report().policy.expect("a policy");
    let log = policy.the_use(policy.access_log().expect("an access log"));
    assert_eq!((log.id.as_str(), log.data.len(), log.act, log.for_us), ("access-log", 6, Act::Process, true));
    let lending = policy.the_use(policy.use_named("lending").expect("a use"));
    assert_eq!((lending.act, lending.for_us, lending.recipients.len()), (Act::Share, true, 1));
    assert_eq!(lending.agreement, policy.agreement_named("reader-card"));
    assert_eq!(policy.title(lending.purpose).default, "Lend", "the id says it where no title does");
    let never = &policy.nevers[0];
    assert_eq!(never.kinds, [RecipientKind::ThirdParty, RecipientKind::Affiliate]);
    let region = domain::Region::parse("US-CA").expect("a region");
    assert_eq!(policy.choice_defaults.in_region(region), ChoiceDefault::OptOut);
    assert_eq!(policy.choice_defaults.in_region(domain::Region::UNKNOWN), ChoiceDefault::Ask);
    let notes = &policy.stores[0].tables[2].people;
    assert_eq!(notes[0].erase, EraseRule::Delete);
    assert_eq!(notes[1].erase, EraseRule::Keep { reason: "the sender's, too".to_owned() });
    assert_eq!(
        notes[1].link,
        PersonLink::References { column: "recipient".to_owned(), table: "readers".to_owned(), referenced: "id".to_owned() }
    );
}

#[test]
fn publication_says_which_version_it_is_and_how_old_its_rules_are() {
    let (news, mail) = (domain::Id::parse("news").expect("an id"), domain::Id::parse("news-mail").expect("an id"));
    let history = History { purposes_changed: vec![(news, Version(2))], uses_brought: vec![(mail, Version(3))] };
    let edition = Edition { version: Version(3), revised: date(2027, 1, 2), hash: [7; 32] };
    let circumstances = Circumstances { edition: Some(edition), history: &history, ..Circumstances::of(TODAY) };
    let policy = check_with(&library().sources(), &circumstances).policy.expect("a policy");
    assert_eq!((policy.version, policy.revised, policy.hash), (Version(3), date(2027, 1, 2), [7; 32]));
    assert_eq!(policy.purpose(policy.purpose_named("news").expect("a purpose")).material_since, Version(2));
    assert_eq!(policy.the_use(policy.use_named("news-mail").expect("a use")).since, Version(3));
    assert_eq!(policy.uses[0].since, Version(1));
}

#[test]
fn files_written_on_another_system_read_the_same() {
    let mut sources = library().sources();
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    sources.rules.text = windows(&sources.rules.text);
    sources.words.iter_mut().for_each(|(_, file)| file.text = windows(&file.text));
    let report = check(&sources, TODAY);
    assert_eq!(explain(&report, &sources, false), "no errors, no warnings\n");
    assert_eq!(report.policy.expect("a policy").words[0].title, "Privacy at the Lantern Library");
}

#[test]
fn a_report_is_one_json_document() {
    let folder = library().rules("basis = \"contract\"\n", "");
    let json = serde_json::to_string_pretty(&folder.report()).expect("a report serializes");
    insta::assert_snapshot!(json);
}

#[test]
fn an_empty_folder_says_what_a_policy_needs() {
    let empty = SiteSources::new("", "");
    insta::assert_snapshot!(explain(&check(&empty, TODAY), &empty, false));
}

#[test]
fn a_folder_without_words_says_so_once() {
    let mut sources = library().sources();
    sources.words.clear();
    let report = check(&sources, TODAY);
    let codes: Vec<&str> =
        report.findings.iter().filter(|finding| finding.severity == Severity::Error).map(|finding| finding.code).collect();
    assert_eq!(codes, ["unparsable"]);
}

#[test]
fn findings_come_in_the_order_of_the_files() {
    let folder = library().words(" {contact}", "").rules("basis = \"contract\"\n", "").rules("keep = \"2 years\"\n", "");
    let places: Vec<(String, usize)> = folder.report().findings.into_iter().map(|finding| (finding.file, finding.line)).collect();
    assert!(places.is_sorted_by_key(|(file, line)| (file != "policy.toml", *line)), "{places:?}");
}

#[test]
fn the_underline_stands_under_what_is_meant() {
    let folder = library()
        .rules("contact = { email = \"privacy@lantern.example\"", "contact = { email = \"図書館@lantern.example\", fax = \"ünï\"")
        .rules("guardians", "\tgaurdians");
    let report = folder.report();
    let shown: Vec<String> = report.findings.iter().map(|finding| explain_finding(finding, &folder.sources(), false)).collect();
    insta::assert_snapshot!(shown.join("\n"));
    assert!(explain_finding(&report.findings[0], &folder.sources(), true).contains("\u{1b}[1;31merror["));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_can_be_checked(rules in "(\\PC|[\\[\\]{}=\"'.,#\n]|policy|use|id = |purpose){0,80}", words in "(\\PC|[{}#>|\n-]){0,80}") {
        let sources = SiteSources::new(rules, words);
        let report = check(&sources, TODAY);
        prop_assert!(!report.is_ok(), "an accident is no policy");
        explain(&report, &sources, true);
    }

    /// However a good folder is spoilt, it is a policy exactly when no finding is an error, and the checker never has to give up.
    #[test]
    fn a_spoilt_folder_is_refused_with_a_reason(cuts in prop::collection::vec((any::<prop::sample::Index>(), 1_usize..4), 1..6)) {
        let sources = library().sources();
        let mut lines: Vec<&str> = sources.rules.text.lines().collect();
        for (at, count) in cuts {
            let at = at.index(lines.len());
            lines.drain(at..(at + count).min(lines.len()));
        }
        let spoilt = SiteSources::new(lines.join("\n"), sources.words[0].1.text.clone());
        let report = check(&spoilt, TODAY);
        let has_errors = report.findings.iter().any(|finding| finding.severity == Severity::Error);
        prop_assert_eq!(report.is_ok(), !has_errors);
        prop_assert!(report.findings.iter().all(|finding| !finding.message.contains("cannot be put together")));
    }
}

#[test]
fn what_was_published_is_put_together_again_although_the_checker_learnt_more_since() {
    let stricter_now =
        library().words("Courts may ask for data to stop abuse.", "Anything goes.\n\nCourts may ask for data to stop abuse.");
    assert!(stricter_now.report().policy.is_none(), "words that no tag covers are an error");
    let policy = super::recompile(&stricter_now.sources(), &super::Circumstances::of(super::testing::TODAY)).expect("it is understood");
    assert_eq!(policy.uses.len(), 6);
}

#[test]
fn what_is_not_understood_any_more_is_not_run() {
    let unknown = library().rules("minimum_age = 18", "minimum_age = 18\nmaximum_age = 99");
    let undeclared = library().rules("data = [\"account.email\"]\npurpose", "data = [\"account.post\"]\npurpose");
    let unreadable = library().rules("keep = \"2 years\"", "keep = \"for a while\"");
    for folder in [unknown, undeclared, unreadable] {
        assert!(super::recompile(&folder.sources(), &super::Circumstances::of(super::testing::TODAY)).is_none(), "{}", folder.findings());
    }
}
