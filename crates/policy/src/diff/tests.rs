//! The Lantern Library changes its policy, and people are told what that means.

use super::{Changes, Materiality, diff};
use crate::check::testing::{Folder, library};
use crate::model::Policy;
use Materiality::{LongerRetention, NewBasis, NewData, NewPurpose, NewRecipient, WeakerRight};

fn policy(folder: &Folder) -> Policy {
    folder.report().policy.unwrap_or_else(|| panic!("the folder does not check:\n{}", folder.findings()))
}

/// From the library's policy to this one.
fn changed(folder: &Folder) -> Changes {
    diff(&policy(&library()), &policy(folder))
}

/// And back.
fn undone(folder: &Folder) -> Changes {
    diff(&policy(folder), &policy(&library()))
}

/// The library before it had words in Spanish, for what would have to be changed in both.
fn english() -> Folder {
    library().spanish(None)
}

fn there_and_back(folder: &Folder) -> (Changes, Changes) {
    let (old, new) = (policy(&english()), policy(folder));
    (diff(&old, &new), diff(&new, &old))
}

fn reasons(changes: &Changes) -> Vec<Materiality> {
    changes.material().map(|(_, why)| why).collect()
}

fn told(changes: &Changes) -> String {
    let told = changes.rules.iter().map(|change| {
        let why = change.material.map(|why| format!("  [{why}]")).unwrap_or_default();
        format!("{} {}: {}{why}\n", change.kind, change.title, change.what)
    });
    told.chain(changes.words.iter().map(|words| format!("{:?} in {}: {}\n", words.change, words.language, words.text))).collect()
}

fn ids(ids: &[domain::Id]) -> Vec<&str> {
    ids.iter().map(domain::Id::as_str).collect()
}

#[test]
fn nothing_changed_is_nothing_to_tell() {
    let changes = changed(&library());
    assert!(changes.is_empty() && !changes.is_material());
    assert_eq!(changes, Changes::default());
    assert_eq!(changes.summary(), "Nothing changed.");
}

#[test]
fn better_words_for_the_same_thing_are_told_and_do_not_matter() {
    let folder = library()
        .words("We never sell, rent or lease e-mail addresses.", "We do not sell, rent or lease e-mail addresses, ever.")
        .rules("en = \"Count visits\"", "en = \"Counting visits\"");
    let changes = changed(&folder);
    insta::assert_snapshot!(told(&changes), @"
    purpose Counting visits: it is described in other words
    Removed in en: We never sell, rent or lease e-mail addresses.
    Added in en: We do not sell, rent or lease e-mail addresses, ever.
    ");
    assert!(!changes.is_material() && changes.purposes_changed_materially.is_empty() && changes.uses_reaching_further.is_empty());
}

#[test]
fn words_set_in_another_way_are_a_change_that_nobody_has_to_read() {
    let changes = changed(&library().words("**count**", "count"));
    insta::assert_snapshot!(told(&changes), @"words Privacy at the Lantern Library: the same words are set in another way, or a link leads elsewhere");
    let changes = changed(&library().words("Courts may ask for data to stop abuse.", "Courts may ask  for data to stop abuse."));
    assert!(!changes.is_empty() && !changes.is_material(), "{}", told(&changes));
}

#[test]
fn words_that_name_other_rules_are_told_although_they_read_the_same() {
    let changes = changed(
        &library().words("{visit-counts, visitor-cookie}", "{visit-counts}").words("{choices-cookie}", "{choices-cookie, visitor-cookie}"),
    );
    insta::assert_snapshot!(told(&changes), @"words Privacy at the Lantern Library: the same words now name other rules");
}

#[test]
fn new_data_matters() {
    let folder = library().rules("\"path\", \"visitor\"]\nkeep", "\"path\", \"status\", \"visitor\"]\nkeep");
    let changes = changed(&folder);
    insta::assert_snapshot!(told(&changes), @"
    data visit: now also kept: answer's status  [it brings new data]
    use Access log: it now also uses: answer's status  [it brings new data]
    use Abuse disclosure: it now also uses: answer's status  [it brings new data]
    ");
    assert_eq!(ids(&changes.purposes_changed_materially), ["operate", "legal-claims"]);
    assert!(changes.uses_reaching_further.is_empty(), "there is no older data of a new field");
    assert_eq!(reasons(&undone(&folder)), [], "keeping less never needs a notice");
}

#[test]
fn a_use_of_more_data_needs_a_new_yes_and_a_fresh_one_for_older_data() {
    let folder = library()
        .rules("data = [\"account.email\"]\npurpose = \"news\"", "data = [\"account.email\", \"account.username\"]\npurpose = \"news\"");
    let changes = changed(&folder);
    insta::assert_snapshot!(told(&changes), @"use News mail: it now also uses: username  [it brings new data]");
    assert_eq!(ids(&changes.purposes_changed_materially), ["news"]);
    assert_eq!(ids(&changes.uses_reaching_further), ["news-mail"], "the username was kept before, and not for news");
    assert_eq!(reasons(&undone(&folder)), []);
}

#[test]
fn a_new_purpose_matters() {
    let folder = library()
        .more_rules("\n[purpose.research]\n\n[[use]]\nid = \"reading-study\"\ndata = [\"loan.book\"]\npurpose = \"research\"\nbasis = \"consent\"\n")
        .more_words("\nWe study what is read, if you say yes. {reading-study}\n");
    let changes = changed(&folder);
    assert_eq!(reasons(&changes), [NewPurpose, NewPurpose]);
    assert_eq!(ids(&changes.purposes_changed_materially), ["research"]);
    assert_eq!(ids(&changes.uses_reaching_further), ["reading-study"], "the books were lent before");
    let undone = undone(&folder);
    assert!(!undone.is_material() && !undone.rules.is_empty());
}

#[test]
fn a_purpose_that_turns_into_marketing_is_another_one() {
    let folder = library()
        .rules("en = \"Count visits\", es = \"Contar visitas\" }", "en = \"Count visits\", es = \"Contar visitas\" }\nmarketing = true");
    let changes = changed(&folder);
    insta::assert_snapshot!(told(&changes), @"purpose Count visits: it is now marketing  [it brings a new purpose]");
    assert_eq!(ids(&changes.purposes_changed_materially), ["statistics"]);
    assert_eq!(ids(&changes.uses_reaching_further), ["visit-counts"]);
    assert_eq!(reasons(&undone(&folder)), []);
}

#[test]
fn an_objection_that_no_longer_stops_something_is_a_weaker_right() {
    let folder =
        library().rules("es = \"Contar visitas\" }", "es = \"Contar visitas\" }\ncompelling = { en = \"We must.\", es = \"Debemos.\" }");
    assert_eq!(reasons(&changed(&folder)), [WeakerRight]);
    assert_eq!(reasons(&undone(&folder)), []);
}

#[test]
fn a_new_recipient_matters_and_so_does_one_who_is_now_somebody_else() {
    let changes =
        changed(&library().rules("recipients = [\"us\"]\nact = \"process\"", "recipients = [\"us\", \"book-courier\"]\nact = \"process\""));
    insta::assert_snapshot!(told(&changes), @"use News mail: now also received by Swift Books Ltd.  [somebody new receives data]");
    assert_eq!((ids(&changes.purposes_changed_materially), ids(&changes.uses_reaching_further)), (vec!["news"], vec!["news-mail"]));

    let changes = changed(&library().rules("name = \"Open Charts\"", "name = \"Closed Charts\""));
    insta::assert_snapshot!(told(&changes), @"
    recipient Closed Charts: it is now Closed Charts (it was Open Charts)  [somebody new receives data]
    use Street map view: now also received by Closed Charts  [somebody new receives data]
    use Street map view: no longer received by Open Charts
    resource Closed Charts: it is now loaded from Closed Charts (it was Open Charts)  [somebody new receives data]
    ");
    assert_eq!((ids(&changes.purposes_changed_materially), ids(&changes.uses_reaching_further)), (vec!["map"], vec!["street-map-view"]));
}

#[test]
fn a_recipient_may_come_under_our_orders_and_not_leave_them() {
    let folder = library().rules("kind = \"third-party\"\nname = \"Open Charts\"", "kind = \"processor\"\nname = \"Open Charts\"");
    assert_eq!(reasons(&changed(&folder)), []);
    assert_eq!(reasons(&undone(&folder)), [NewRecipient; 3], "the recipient, its use and what pages load from it");
    let marketer = library().rules("direct_marketing = false", "direct_marketing = true");
    assert_eq!(reasons(&changed(&marketer)), [NewPurpose, NewRecipient, NewRecipient]);
    assert_eq!(reasons(&undone(&marketer)), []);
}

#[test]
fn another_basis_matters_whichever_it_is() {
    let folder =
        library().rules("purpose = \"statistics\"\nbasis = \"legitimate-interests\"", "purpose = \"statistics\"\nbasis = \"consent\"");
    insta::assert_snapshot!(told(&changed(&folder)), @"use Visit counts: it now rests on consent (it was legitimate interests)  [it rests on another legal basis]");
    assert_eq!(reasons(&undone(&folder)), [NewBasis]);
    assert_eq!(ids(&changed(&folder).purposes_changed_materially), ["statistics"]);
    assert!(changed(&folder).uses_reaching_further.is_empty());
}

#[test]
fn longer_retention_matters_and_shorter_does_not() {
    let longer = library().rules("keep = \"2 years\"", "keep = \"3 years\"");
    insta::assert_snapshot!(told(&changed(&longer)), @"data loan: it is now kept for 3 years (it was kept for 2 years)  [data is kept longer]");
    assert_eq!(ids(&changed(&longer).purposes_changed_materially), ["lend"], "who said yes to two years did not say yes to three");
    assert_eq!((reasons(&undone(&longer)), undone(&longer).rules.len()), (vec![], 1));
    let endless = library().rules("keep = \"2 years\"", "keep = \"while registered\"");
    assert_eq!(
        (reasons(&changed(&endless)), reasons(&undone(&endless))),
        (vec![LongerRetention], vec![LongerRetention]),
        "neither is certainly shorter"
    );
}

#[test]
fn detail_that_is_lost_later_is_kept_longer() {
    let later = library().rules("{ field = \"ip\", after = \"30 days\"", "{ field = \"ip\", after = \"60 days\"");
    insta::assert_snapshot!(told(&changed(&later)), @"data visit: its ip is cut down to its network after 60 days (it was cut down to its network after 30 days)  [data is kept longer]");
    assert_eq!(ids(&changed(&later).purposes_changed_materially), ["operate", "map", "legal-claims"], "those that use the address");
    assert_eq!(reasons(&undone(&later)), []);
    let gone = library().rules("become = \"truncated\"", "become = \"gone\"");
    assert_eq!((reasons(&changed(&gone)), reasons(&undone(&gone))), (vec![], vec![LongerRetention]));
}

#[test]
fn a_cookie_that_lives_longer_and_a_new_one_matter() {
    let longer = library()
        .rules("name = \"shelf_*\"\npurpose = \"lend\"\nkeep = \"30 days\"", "name = \"shelf_*\"\npurpose = \"lend\"\nkeep = \"60 days\"");
    assert_eq!(reasons(&changed(&longer)), [LongerRetention]);
    assert_eq!(ids(&changed(&longer).purposes_changed_materially), ["lend"]);
    assert_eq!(reasons(&undone(&longer)), []);
    let without = english()
        .rules("[[cookie]]\nid = \"shelf-cookie\"\nname = \"shelf_*\"\npurpose = \"lend\"\nkeep = \"30 days\"\n", "")
        .words("{lending, shelf-cookie}", "{lending}");
    let (gone, back) = there_and_back(&without);
    assert_eq!((reasons(&gone), reasons(&back)), (vec![], vec![NewData]));
}

#[test]
fn pages_that_load_from_others_matter() {
    let elsewhere = library().rules("https://tiles.charts.example/*", "https://*.charts.example/*");
    assert_eq!(reasons(&changed(&elsewhere)), [NewRecipient]);
    assert_eq!(ids(&changed(&elsewhere).purposes_changed_materially), ["map"]);
}

#[test]
fn passing_data_on_in_a_further_way_matters() {
    let shared = library().rules("recipients = [\"us\", \"book-courier\"]", "recipients = [\"us\", \"book-courier\"]\nact = \"process\"");
    assert_eq!(reasons(&changed(&shared)), [], "from sharing to processing");
    insta::assert_snapshot!(told(&undone(&shared)), @"use Lending: data is now shared (it was used and passed to nobody else)  [it weakens a right or a promise]");
    assert_eq!(ids(&undone(&shared).uses_reaching_further), ["lending"]);
}

#[test]
fn a_promise_of_never_may_come_and_may_not_go() {
    const NEVER: &str = "[[never]]\nid = \"no-email-sale\"\ndata = [\"account.email\"]\nacts = [\"sell\", \"rent\", \"lease\"]\nto = [\"third-party\", \"affiliate\"]\n";
    let without = english()
        .rules(NEVER, "")
        .rules("rules = [\"no-email-sale\"]", "rules = [\"access-log\"]")
        .words("e-mail addresses. {no-email-sale}", "e-mail addresses. {-}");
    let (gone, back) = there_and_back(&without);
    assert_eq!(reasons(&gone), [WeakerRight, WeakerRight]);
    assert_eq!(reasons(&back), [WeakerRight], "the promise P06 is kept by another rule");
    assert!(back.rules.iter().any(|change| change.kind == "never" && change.material.is_none()));
}

#[test]
fn a_never_that_covers_less_is_weaker_and_one_that_covers_more_is_not() {
    for (from, to) in [
        ("acts = [\"sell\", \"rent\", \"lease\"]", "acts = [\"sell\", \"rent\"]"),
        ("to = [\"third-party\", \"affiliate\"]", "to = [\"third-party\"]"),
        ("to = [\"third-party\", \"affiliate\"]", "to = [\"affiliate\"]"),
        ("to = [\"third-party\", \"affiliate\"]", "to = [\"map-maker\"]"),
    ] {
        let narrower = library().rules(from, to);
        // A third party is understood to be an affiliate too, so naming it or not is the same promise.
        let is_same = to == "to = [\"third-party\"]";
        assert_eq!(reasons(&changed(&narrower)).is_empty(), is_same, "{to}: {}", told(&changed(&narrower)));
        assert_eq!(reasons(&undone(&narrower)), [], "{to}");
    }
    let wider = library()
        .rules("acts = [\"sell\", \"rent\", \"lease\"]\nto = [\"third-party\", \"affiliate\"]", "acts = [\"sell\", \"rent\", \"lease\"]");
    insta::assert_snapshot!(told(&changed(&wider)), @"never no-email-sale: it promises more than before");
    assert_eq!(reasons(&undone(&wider)), [WeakerRight]);
}

#[test]
fn a_duty_may_come_and_may_not_go() {
    let without = english()
        .rules("[[duty]]\nid = \"shine-the-light\"\nkind = \"shine-the-light\"\n", "")
        .words("who got what. Curly \\{braces} stay. {shine-the-light}", "who got what. Curly \\{braces} stay. {-}");
    let (gone, back) = there_and_back(&without);
    assert_eq!((reasons(&gone), reasons(&back)), (vec![WeakerRight], vec![]));
}

#[test]
fn what_the_policy_says_as_a_whole_is_compared() {
    for (from, to, there, back) in [
        ("minimum_age = 18", "minimum_age = 21", vec![], vec![WeakerRight]),
        ("cross_site_tracking = false", "cross_site_tracking = true", vec![WeakerRight], vec![]),
        ("do_not_track = \"not-honoured\"", "do_not_track = \"honoured\"", vec![], vec![WeakerRight]),
        ("banner_days = 30", "banner_days = 20", vec![WeakerRight], vec![]),
        ("material = [\"banner\", \"mail\"]", "material = [\"banner\"]", vec![WeakerRight], vec![]),
        ("us-ca = \"opt-out\"", "us-ca = \"ask\"", vec![], vec![WeakerRight]),
        ("jurisdictions = [\"us-ca\", \"eu\"]", "jurisdictions = [\"us-ca\"]", vec![WeakerRight], vec![]),
        ("time_zone = \"America/Los_Angeles\"", "time_zone = \"Europe/Berlin\"", vec![], vec![]),
        ("7 Wharf Road", "8 Wharf Road", vec![], vec![]),
    ] {
        let folder = library().rules(from, to);
        assert_eq!((reasons(&changed(&folder)), reasons(&undone(&folder))), (there, back), "{to}");
        assert!(!changed(&folder).rules.is_empty(), "{to} is told");
    }
}

#[test]
fn whether_guardians_register_matters_both_ways() {
    let told = english()
        .more_rules("\n[[duty]]\nid = \"age\"\nkind = \"represent-age\"\ntitle = { en = \"Age\" }\n")
        .more_words("\nYou are an adult, or a guardian who consents for a child. {age}\n");
    let refused = policy(&told);
    let registered = policy(&told.rules("guardians = \"refuse\"", "guardians = \"register\""));
    assert_eq!((reasons(&diff(&refused, &registered)), reasons(&diff(&registered, &refused))), (vec![WeakerRight], vec![WeakerRight]));
}

#[test]
fn a_yes_was_said_to_the_controller_of_the_time() {
    let changes = changed(&library().rules("controller = \"Lantern Library\"", "controller = \"Bigger Library\""));
    assert_eq!(reasons(&changes), [NewRecipient]);
    assert_eq!(changes.purposes_changed_materially.len(), 6, "all of them");
}

#[test]
fn a_use_that_only_has_another_name_brings_nothing() {
    let folder =
        english().rules("id = \"visit-counts\"\n", "id = \"totals\"\n").words("{visit-counts, visitor-cookie}", "{totals, visitor-cookie}");
    let (changes, _) = there_and_back(&folder);
    assert!(!changes.is_material(), "{}", told(&changes));
    assert!(changes.uses_reaching_further.is_empty());
    assert_eq!(changes.rules.iter().filter(|change| change.kind == "use").count(), 2);
}

#[test]
fn visits_logged_for_another_purpose_matter_even_where_only_the_order_changed() {
    let log = "[[use]]\nid = \"access-log\"\ntitle = { en = \"Access log\", es = \"Registro de accesos\" }\ndata = [\"visit.*\"]\npurpose = \"operate\"\nbasis = \"legitimate-interests\"\nbalancing = { en = \"Short-lived, and nobody is profiled.\", es = \"Dura poco y no crea perfiles.\" }\n";
    let folder = library().rules(log, "").more_rules(&format!("\n{log}"));
    let changes = changed(&folder);
    insta::assert_snapshot!(told(&changes), @"policy The policy as a whole: visits are now logged for “Count visits” (it was for “Run and protect the site”)  [it brings a new purpose]");
}

#[test]
fn data_that_stays_when_a_person_is_erased_is_a_weaker_right() {
    let folder = library().rules(
        "person = { email = \"email\" }\nerase = \"delete\"",
        "person = { email = \"email\" }\nerase = { keep = \"the accounts say so\" }",
    );
    insta::assert_snapshot!(told(&changed(&folder)), @"
    store catalogue: rows of “readers” stay when a person is erased: the accounts say so  [it weakens a right or a promise]
    store catalogue: how people's data is found there has changed
    ");
    assert_eq!(reasons(&undone(&folder)), []);
}

#[test]
fn a_translation_that_came_is_one_change_and_not_a_hundred() {
    let changes = undone(&library().spanish(None));
    insta::assert_snapshot!(told(&changes), @"policy The policy as a whole: the words can now be read in the language “es”");
}

#[test]
fn the_summary_counts() {
    let changes = changed(&library().rules("keep = \"2 years\"", "keep = \"3 years\"").rules("7 Wharf Road", "8 Wharf Road"));
    assert_eq!(changes.summary(), "2 changes, 1 material.");
    assert_eq!(changed(&library().rules("keep = \"2 years\"", "keep = \"3 years\"")).summary(), "1 change, all material.");
    let words = changed(&library().more_words("\nGood bye. {-}\n"));
    assert_eq!(words.summary(), "Only the words changed: 1 sentence came or went. What is enforced is the same.");
}

#[test]
fn a_sentence_that_is_added_strikes_out_no_other() {
    let words =
        changed(&library().words("linked here and the time. {access-log}", "linked here and the time. Nothing else. {access-log}")).words;
    assert_eq!(
        words.iter().map(|change| (change.change, change.text.as_str())).collect::<Vec<_>>(),
        [(super::WordsChangeKind::Added, "Nothing else.")]
    );
}

#[test]
fn a_yes_ends_only_where_one_could_be_given() {
    let changes = changed(&library().rules("keep = \"180 days\"", "keep = \"200 days\""));
    assert_eq!(ids(&changes.purposes_changed_materially), ["operate", "statistics", "map", "legal-claims"]);
    assert_eq!(ids(&changes.yes_ended), ["statistics", "map"]);
}
