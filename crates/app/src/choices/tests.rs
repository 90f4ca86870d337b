use domain::{Answer, ChoiceAction, ChoiceMethod, Id, Random, SeededRandom, Timestamp, VisitorId};
use policy::Policy;
use policy::cookie::{self, CookieParts, CookieState, PreferencesPart, SigningKeys, Unverified, VisitorPart, refusable};
use proptest::prelude::*;

use super::{Asked, Because, ChoicesError, Circumstances, Seen, Submission, change, purposes_in_force, states, words};
use crate::testing::{RULES, at, in_california, in_germany, policy, policy_with};

const NOON: &str = "2026-03-02T12:00:00Z";
const LATER: &str = "2026-04-02T12:00:00Z";

fn fields(fields: &[(&str, &str)]) -> Result<Submission, ChoicesError> {
    Submission::from_fields(fields.iter().copied())
}

fn choose(policy: &Policy, cookie: &CookieState, answers: &[(&str, &str)], when: Circumstances) -> Result<CookieParts, ChoicesError> {
    change(policy, cookie, &fields(answers)?, when, &SeededRandom::new(7)).map(|change| change.parts)
}

/// The cookie after these answers.
fn chosen(policy: &Policy, cookie: &CookieState, answers: &[(&str, &str)], when: Circumstances) -> CookieState {
    held(policy, &choose(policy, cookie, answers, when).expect("answers that can be taken"), when)
}

/// What a browser brings back that was given these parts.
fn held(policy: &Policy, parts: &CookieParts, when: Circumstances) -> CookieState {
    let mut records = Vec::new();
    SigningKeys::rotated(&mut records, when.now, &SeededRandom::new(1));
    let keys = SigningKeys::from_records(records).expect("a key");
    let written = [cookie::write_choices, cookie::write_visit];
    let set_cookies = written.map(|write| write(policy, &keys, parts, when.now, true).expect("a cookie that fits"));
    cookie::read_back(policy, &keys, when.now, &CookieState::Absent, &set_cookies)
}

fn answers(cookie: &CookieState) -> Vec<(String, Answer)> {
    let choices = cookie.parts().and_then(|parts| parts.choices.as_ref()).map_or(&[][..], |part| &part.choices);
    let mut answers: Vec<_> = choices.iter().map(|choice| (choice.purpose.to_string(), choice.answer)).collect();
    answers.sort_by(|one, other| one.0.cmp(&other.0));
    answers
}

fn because<'p>(policy: &'p Policy, cookie: &CookieState, purpose: &str, when: Circumstances) -> (bool, Because<'p>) {
    let states = states(policy, cookie, when);
    let state = states.iter().find(|state| state.purpose.id == *purpose).expect("the purpose");
    (state.on, state.because)
}

#[test]
fn a_first_answer_is_recorded_under_a_pseudonym_that_is_no_visitor() {
    let policy = policy();
    let cookie = chosen(&policy, &CookieState::Absent, &[("news", "yes")], in_germany(NOON));
    let parts = cookie.parts().expect("a cookie");
    let choices = parts.choices.as_ref().expect("choices");
    assert_eq!(answers(&cookie), [("news".to_owned(), Answer::Yes)]);
    assert_eq!(choices.choices[0].version, policy.version);
    assert!(!choices.choices[0].gpc);
    assert_eq!(choices.made, at(NOON));
    assert!(parts.visitor.is_none(), "choosing makes no visitor");
    let mut first = [0; 16];
    SeededRandom::new(7).fill(&mut first);
    assert_eq!(choices.record.0, first);
}

#[test]
fn a_later_answer_keeps_the_pseudonym_and_all_other_answers() {
    let policy = policy();
    let first = chosen(&policy, &CookieState::Absent, &[("news", "yes"), ("remember", "no")], in_germany(NOON));
    let second = chosen(&policy, &first, &[("news", "no")], in_germany(LATER));
    assert_eq!(answers(&second), [("news".to_owned(), Answer::No), ("remember".to_owned(), Answer::No)]);
    let part = |cookie: &CookieState| cookie.parts().and_then(|parts| parts.choices.clone()).expect("choices");
    assert_eq!(part(&second).record, part(&first).record);
    assert_eq!(part(&second).made, at(LATER));
    assert_eq!(part(&second).answer(&Id::parse("remember").expect("an id")).expect("kept").at, at(NOON));
}

#[test]
fn what_cannot_be_answered_is_refused_and_named() {
    let policy = policy();
    let refused =
        |answers: &[(&str, &str)]| choose(&policy, &CookieState::Absent, answers, in_germany(NOON)).expect_err("refused").to_string();
    let table = [
        (&[("newz", "yes")][..], "there is no purpose `newz` in this site's policy"),
        (&[("news", "maybe")], "the answer about `news` is neither `yes` nor `no`"),
        (&[("news", "yes"), ("news", "no")], "`news` is answered with both yes and no"),
        (&[("operate", "no")], "`operate` is not a matter of choice: it does not rest on a yes or a no of yours"),
        (&[("legal-claims", "no")], "`legal-claims` is not a matter of choice: it does not rest on a yes or a no of yours"),
        (&[("news", "yes"), ("nope", "no")], "there is no purpose `nope` in this site's policy"),
        (&[("preference.font", "large")], "there is no preference `font` in this site's policy"),
        (&[("preference.text-size", "huge")], "`huge` is not a value of the preference `text-size`"),
    ];
    for (answers, message) in table {
        assert_eq!(refused(answers), message);
    }
}

#[test]
fn one_button_answers_everything_that_can_be_answered() {
    let policy = policy();
    let refused = chosen(&policy, &CookieState::Absent, &[("_all", "no"), ("news", "yes")], in_california(NOON));
    assert_eq!(refused.standing(&policy).refusals, refusable(&policy));
    let accepted = chosen(&policy, &refused, &[("_all", "yes"), ("_confirm", "yes")], in_california(NOON));
    assert_eq!(answers(&accepted).len(), refusable(&policy).len());
    assert!(answers(&accepted).iter().all(|(_, answer)| *answer == Answer::Yes));
}

#[test]
fn a_no_to_return_visits_ends_the_visitors_number() {
    let policy = policy();
    let visitor = VisitorPart::new(VisitorId([3; 16]), at(NOON));
    let cookie = held(&policy, &CookieParts { visitor: Some(visitor), ..CookieParts::default() }, in_germany(NOON));
    let kept = chosen(&policy, &cookie, &[("news", "no")], in_california(LATER));
    assert!(kept.visitor().is_some());
    let ended = chosen(&policy, &kept, &[("return-visits", "no")], in_california(LATER));
    assert!(ended.visitor().is_none());
}

#[test]
fn preferences_are_kept_as_declared_and_only_while_their_purpose_is_on() {
    let policy = policy();
    let values = |cookie: &CookieState| cookie.parts().and_then(|parts| parts.preferences.clone());
    let unasked = chosen(&policy, &CookieState::Absent, &[("preference.text-size", "large")], in_germany(NOON));
    assert_eq!(values(&unasked), None, "nobody said yes to remembering");

    let kept = chosen(&policy, &CookieState::Absent, &[("remember", "yes"), ("preference.text-size", "large")], in_germany(NOON));
    let large = PreferencesPart { made: at(NOON), values: vec![(Id::parse("text-size").expect("an id"), "large".to_owned())] };
    assert_eq!(values(&kept), Some(large.clone()));

    let same = chosen(&policy, &kept, &[("preference.text-size", "large")], in_germany(LATER));
    assert_eq!(values(&same), Some(large), "saying the same again does not make it live longer");
    let forgotten = chosen(&policy, &kept, &[("preference.text-size", "")], in_germany(LATER));
    assert_eq!(values(&forgotten), None);
    let refused = chosen(&policy, &kept, &[("remember", "no")], in_germany(LATER));
    assert_eq!(values(&refused), None);
}

#[test]
fn a_cookie_that_cannot_be_believed_stays_a_refusal_of_everything_not_answered_since() {
    let policy = policy();
    let forged = CookieState::Unverified(Unverified::Forged);
    assert_eq!(because(&policy, &forged, "return-visits", in_california(NOON)), (false, Because::ChoicesUnreadable));
    let cookie = chosen(&policy, &forged, &[("news", "yes")], in_california(NOON));
    assert_eq!(because(&policy, &cookie, "news", in_california(NOON)), (true, Because::SaidYes(at(NOON))));
    assert_eq!(because(&policy, &cookie, "return-visits", in_california(NOON)), (false, Because::SaidNo(at(NOON))));
}

#[test]
fn every_purpose_says_why_it_is_on_or_off() {
    let policy = policy();
    let nobody = CookieState::Absent;
    assert!(matches!(because(&policy, &nobody, "operate", in_germany(NOON)), (true, Because::Compelling(_))));
    assert_eq!(because(&policy, &nobody, "return-visits", in_germany(NOON)), (false, Because::NotAnswered));
    assert_eq!(because(&policy, &nobody, "return-visits", in_california(NOON)), (true, Because::OnUntilRefused));
    assert_eq!(because(&policy, &nobody, "news", in_california(NOON)), (false, Because::NotAnswered));
    assert_eq!(because(&policy, &nobody, "legal-claims", in_germany(NOON)), (false, Because::OnlyInCases));

    let yes = chosen(&policy, &nobody, &[("news", "yes")], in_germany(NOON));
    assert_eq!(because(&policy, &yes, "news", in_germany(LATER)), (true, Because::SaidYes(at(NOON))));
    let gpc = Circumstances { gpc: true, ..in_germany(LATER) };
    assert_eq!(because(&policy, &yes, "news", gpc), (false, Because::GlobalPrivacyControl));
    let no = chosen(&policy, &yes, &[("news", "no")], in_germany(LATER));
    assert_eq!(because(&policy, &no, "news", in_germany(LATER)), (false, Because::SaidNo(at(LATER))));
    let under_gpc = chosen(&policy, &no, &[("news", "yes"), ("_confirm", "yes")], gpc);
    assert_eq!(because(&policy, &under_gpc, "news", gpc), (true, Because::SaidYes(at(LATER))));
}

#[test]
fn a_yes_that_does_not_count_is_not_shown_as_chosen() {
    let policy = policy();
    let yes = chosen(&policy, &CookieState::Absent, &[("news", "yes")], in_germany(NOON));
    let shown = |when: Circumstances| {
        let states = states(&policy, &yes, when);
        states.iter().find(|state| state.purpose.id == *"news").expect("news").answer
    };
    assert_eq!(shown(in_germany(LATER)), Some(Answer::Yes));
    assert_eq!(
        shown(Circumstances { gpc: true, ..in_germany(LATER) }),
        None,
        "saving the form again must not turn it into a yes under GPC"
    );
}

#[test]
fn an_old_form_is_stale_and_one_that_says_nothing_is_not() {
    let policy = policy();
    let first = chosen(&policy, &CookieState::Absent, &[("news", "yes")], in_germany(NOON));
    let seen = Seen::of(&policy, &first);
    let form = |version: &str, last: &str| {
        choose(&policy, &first, &[("news", "yes"), ("_version", version), ("_last_choice", last)], in_germany(LATER))
    };
    assert!(form(seen.version(), seen.last_choice()).is_ok());
    for (version, last) in [("2", seen.last_choice()), ("0", seen.last_choice()), ("1", ""), ("1", "2026-01-01T00:00:00Z"), ("x", "y")] {
        assert_eq!(form(version, last), Err(ChoicesError::Stale), "{version} {last}");
        let no = [("news", "no"), ("_version", version), ("_last_choice", last)];
        assert!(choose(&policy, &first, &no, in_germany(LATER)).is_ok(), "a no counts whatever it was said to: {version} {last}");
    }
    let other = chosen(&policy, &first, &[("news", "no")], in_germany(NOON));
    let same_second = [("news", "yes"), ("_version", "1"), ("_last_choice", seen.last_choice())];
    assert_eq!(choose(&policy, &other, &same_second, in_germany(NOON)), Err(ChoicesError::Stale), "two choices of one second");
    let (time, _) = seen.last_choice().split_once('~').expect("a mark");
    assert!(form("1", time).is_ok(), "a script may say the time alone");
    assert!(choose(&policy, &first, &[("news", "no")], in_germany(LATER)).is_ok());
}

#[test]
fn a_policy_without_a_cookie_for_choices_says_so() {
    let rules = RULES.replace("holds = \"choices\"", "name = \"site_choices\"");
    let policy = policy_with(&rules);
    let refused = choose(&policy, &CookieState::Absent, &[("news", "no")], in_germany(NOON));
    assert_eq!(refused, Err(ChoicesError::NoChoicesCookie));
}

fn did(policy: &Policy, cookie: &CookieState, answers: &[(&str, &str)], when: Circumstances) -> Vec<(String, ChoiceAction)> {
    let change = super::change(policy, cookie, &fields(answers).expect("fields"), when, &SeededRandom::new(7)).expect("answers");
    change.events.iter().map(|event| (policy.purpose(event.purpose).id.to_string(), event.action)).collect()
}

#[test]
fn every_answer_says_what_it_did() {
    let policy = policy();
    let of = |purpose: &str, action| [(purpose.to_owned(), action)];
    let nobody = CookieState::Absent;
    let yes = chosen(&policy, &nobody, &[("news", "yes"), ("return-visits", "yes")], in_germany(NOON));
    let gpc = Circumstances { gpc: true, ..in_germany(LATER) };

    assert_eq!(did(&policy, &nobody, &[("news", "yes")], in_germany(NOON)), of("news", ChoiceAction::Given));
    assert_eq!(did(&policy, &nobody, &[("news", "no")], in_germany(NOON)), of("news", ChoiceAction::Refused));
    assert_eq!(did(&policy, &yes, &[("news", "no")], in_germany(LATER)), of("news", ChoiceAction::Withdrawn));
    assert_eq!(did(&policy, &yes, &[("news", "no")], gpc), of("news", ChoiceAction::Withdrawn), "whatever the browser says today");
    assert_eq!(did(&policy, &nobody, &[("return-visits", "no")], in_germany(NOON)), of("return-visits", ChoiceAction::Objected));
    assert_eq!(did(&policy, &yes, &[("return-visits", "no")], in_germany(LATER)), of("return-visits", ChoiceAction::Objected));
    assert_eq!(did(&policy, &nobody, &[("return-visits", "no")], in_california(NOON)), of("return-visits", ChoiceAction::OptedOut));
    assert_eq!(did(&policy, &nobody, &[("_all", "no")], in_germany(NOON)).len(), refusable(&policy).len(), "one for each");
    assert_eq!(did(&policy, &nobody, &[("preference.text-size", "large")], in_germany(NOON)), [], "a preference is no choice");
}

#[test]
fn a_yes_that_does_not_count_any_more_is_not_withdrawn_but_refused() {
    let mut policy = policy();
    let yes = chosen(&policy, &CookieState::Absent, &[("news", "yes")], in_germany(NOON));
    let news = policy.purpose_named("news").expect("news").get();
    policy.purposes[news].material_since = domain::Version(2);
    policy.version = domain::Version(2);
    assert_eq!(did(&policy, &yes, &[("news", "no")], in_germany(LATER)), [("news".to_owned(), ChoiceAction::Refused)]);
}

#[test]
fn opting_back_in_takes_two_steps_and_everything_else_one() {
    let policy = policy();
    let out = chosen(&policy, &CookieState::Absent, &[("return-visits", "no")], in_california(NOON));
    let changed = |cookie: &CookieState, answers: &[(&str, &str)], when: Circumstances| {
        super::change(&policy, cookie, &fields(answers).expect("fields"), when, &SeededRandom::new(7)).expect("answers")
    };
    let waiting = |change: &super::Change| change.unconfirmed.iter().map(|index| policy.purpose(*index).id.to_string()).collect::<Vec<_>>();

    let first = changed(&out, &[("return-visits", "yes"), ("news", "yes"), ("remember", "no")], in_germany(LATER));
    assert_eq!(waiting(&first), ["return-visits"], "wherever they are now");
    let said: Vec<_> = first.events.iter().map(|event| policy.purpose(event.purpose).id.to_string()).collect();
    assert_eq!(said, ["news", "remember"], "the other answers count at once");
    assert_eq!(held(&policy, &first.parts, in_germany(LATER)).standing(&policy).refusals.iter().count(), 2, "nothing is opted into yet");

    let second = changed(&out, &[("return-visits", "yes"), ("_confirm", "yes")], in_germany(LATER));
    assert!(second.unconfirmed.is_empty());
    let back = held(&policy, &second.parts, in_germany(LATER));
    assert_eq!(answers(&back), [("return-visits".to_owned(), Answer::Yes)]);
    assert!(waiting(&changed(&back, &[("return-visits", "yes")], in_california(LATER))).is_empty(), "once is enough");

    let gpc = Circumstances { gpc: true, ..in_germany(NOON) };
    assert_eq!(waiting(&changed(&CookieState::Absent, &[("_all", "yes")], gpc)), ["news"], "the signal opts out of marketing");
    assert!(waiting(&changed(&CookieState::Absent, &[("_all", "no")], gpc)).is_empty());
    let refused = chosen(&policy, &CookieState::Absent, &[("news", "no")], in_germany(NOON));
    assert!(waiting(&changed(&refused, &[("news", "yes")], in_germany(LATER))).is_empty(), "a no to a question is no opt-out");
}

#[test]
fn what_ends_is_told() {
    let policy = policy();
    let ends = |cookie: &CookieState, answers: &[(&str, &str)], when: Circumstances| {
        let change = super::change(&policy, cookie, &fields(answers).expect("fields"), when, &SeededRandom::new(7)).expect("answers");
        change.ended.iter().map(|index| policy.purpose(index).id.to_string()).collect::<Vec<_>>()
    };
    let yes = chosen(&policy, &CookieState::Absent, &[("news", "yes")], in_germany(NOON));
    assert_eq!(ends(&yes, &[("news", "no")], in_germany(LATER)), ["news"]);
    assert_eq!(ends(&CookieState::Absent, &[("return-visits", "no")], in_california(NOON)), ["return-visits"], "it was on unasked");
    assert_eq!(ends(&CookieState::Absent, &[("_all", "no")], in_germany(NOON)), Vec::<String>::new(), "nothing was on");
    assert_eq!(ends(&CookieState::Absent, &[("news", "yes")], in_germany(NOON)), Vec::<String>::new());
}

#[test]
fn what_is_kept_of_an_answer_names_nobody_and_shows_what_was_shown() {
    let policy = policy();
    let when = Circumstances { gpc: true, ..in_california("2026-03-02T12:00:00.123456Z") };
    let change = super::change(&policy, &CookieState::Absent, &fields(&[("news", "no")]).expect("fields"), when, &SeededRandom::new(7));
    let change = change.expect("answers");
    let record = change.parts.choices.as_ref().expect("choices").record;
    let asked = Asked { method: ChoiceMethod::Banner, language: "es" };
    let rows = super::rows(&policy, record, &change.events, asked, when, &SeededRandom::new(8));
    let [row] = rows.as_slice() else { panic!("one answer, one row: {rows:?}") };
    assert_eq!((row.record, row.account), (record, None));
    assert_eq!((row.action, row.method, row.basis), (ChoiceAction::Refused, ChoiceMethod::Banner, domain::Basis::Consent));
    assert_eq!((row.interface.as_str(), row.language.as_str(), row.gpc), ("banner/1", "es", true));
    let shown = words(&policy, policy.purpose_named("news").expect("news"), "es");
    assert_eq!((row.words_hash, row.policy_version, row.policy_hash), (shown.hash, policy.version, policy.hash));
    assert_eq!((row.region.to_string().as_str(), row.at), ("us-ca", when.now));
}

#[test]
fn what_was_kept_leads_back_to_what_is_in_force() {
    let policy = policy();
    let answer = |answers: &[(&str, &str)], cookie: &CookieState, when| {
        let change = super::change(&policy, cookie, &fields(answers).expect("fields"), when, &SeededRandom::new(7)).expect("answers");
        let record = change.parts.choices.as_ref().expect("choices").record;
        let asked = Asked { method: ChoiceMethod::Page, language: "en" };
        let rows = super::rows(&policy, record, &change.events, asked, when, &SeededRandom::new(8));
        (held(&policy, &change.parts, when), rows)
    };
    let (first, one) = answer(&[("news", "yes"), ("return-visits", "no")], &CookieState::Absent, in_california(NOON));
    let (second, two) = answer(&[("news", "no")], &first, in_california(LATER));
    let mut latest = super::latest(&policy, &[one, two].concat());
    let mut carried = second.parts().and_then(|parts| parts.choices.clone()).expect("choices").choices;
    latest.sort_by(|one, other| one.purpose.cmp(&other.purpose));
    carried.sort_by(|one, other| one.purpose.cmp(&other.purpose));
    assert_eq!(latest, carried);
}

proptest! {
    #[test]
    fn whatever_is_answered_nothing_else_changes(
        earlier in proptest::collection::vec((0_usize..3, any::<bool>()), 0..3),
        later in proptest::collection::vec((0_usize..3, any::<bool>()), 0..3),
        gpc in any::<bool>(),
    ) {
        let policy = policy();
        let names = ["news", "remember", "return-visits"];
        let submission = |answers: &[(usize, bool)]| {
            let mut by_purpose = std::collections::BTreeMap::new();
            by_purpose.extend(answers.iter().copied());
            by_purpose.into_iter().map(|(at, yes)| (names[at], if yes { "yes" } else { "no" })).collect::<Vec<_>>()
        };
        let before = chosen(&policy, &CookieState::Absent, &submission(&earlier), in_california(NOON));
        let when = Circumstances { gpc, ..in_california(LATER) };
        let confirmed = [submission(&later), vec![("_confirm", "yes")]].concat();
        let after = chosen(&policy, &before, &confirmed, when);
        let answered: Vec<&str> = submission(&later).iter().map(|(name, _)| *name).collect();
        let about = |cookie: &CookieState, name: &str| {
            cookie.parts().and_then(|parts| parts.choices.as_ref()).and_then(|part| part.answer(&Id::parse(name).expect("an id"))).cloned()
        };
        for name in names {
            let changed: Option<Timestamp> = about(&after, name).map(|choice| choice.at);
            if answered.contains(&name) {
                prop_assert_eq!(changed, Some(at(LATER)));
            } else {
                prop_assert_eq!(about(&after, name), about(&before, name));
            }
        }
        for state in states(&policy, &after, when) {
            prop_assert_eq!(state.on, purposes_in_force(&policy, &after.standing(&policy), when).contains(state.index), "{}", state.purpose.id);
        }
    }
}
