use domain::{Answer, Choice, ChoiceAction, Id, Timestamp};
use policy::cookie::ChoicesPart;
use policy::{Policy, opted_out_by_gpc};
use records::ChoiceRow;

/// What holds when a browser and an account come together, under the browser's record. Signing in calls it with the two sides that
/// `records::Records::bind` returns.
///
/// A no that either side says stays, whoever said anything later: somebody may have said yes on a shared computer, and being asked again costs less
/// than being overruled. It is yes only where one side says yes and the other does not say no. Where both say the same, the later answer is kept,
/// and an opt-out stays one, with the wait and the second step that belong to it.
pub fn join(browser: &ChoicesPart, account: &[Choice]) -> ChoicesPart {
    let mut choices: Vec<Choice> = Vec::new();
    for choice in browser.choices.iter().chain(account) {
        match choices.iter_mut().find(|known| known.purpose == choice.purpose) {
            Some(known) => *known = stronger(known, choice),
            None => choices.push(choice.clone()),
        }
    }
    let made = choices.iter().map(|choice| choice.at).chain([browser.made]).max().unwrap_or(browser.made);
    ChoicesPart { record: browser.record, made, choices }
}

/// What these rows leave in force: the last answer about each purpose, as a cookie would carry it.
pub fn latest(policy: &Policy, rows: &[ChoiceRow]) -> Vec<Choice> {
    last_rows(rows).into_iter().map(|row| choice(policy, row)).collect()
}

/// The last answer about each purpose. Of two in one moment it is the no.
pub(crate) fn last_rows(rows: &[ChoiceRow]) -> Vec<&ChoiceRow> {
    let mut newest: Vec<&ChoiceRow> = Vec::new();
    for row in rows {
        match newest.iter_mut().find(|known| known.purpose == row.purpose) {
            Some(known) if (row.at, is_no(row)) >= (known.at, is_no(known)) => *known = row,
            Some(_) => {}
            None => newest.push(row),
        }
    }
    newest
}

/// Of two answers about one purpose.
fn stronger(one: &Choice, other: &Choice) -> Choice {
    let refuses = |choice: &Choice| choice.answer == Answer::No;
    let (one_refuses, other_refuses) = (refuses(one), refuses(other));
    let later = if (other.at, other.version) > (one.at, one.version) { other } else { one };
    let kept = match (one_refuses, other_refuses) {
        (true, false) => one,
        (false, true) => other,
        _ => later,
    };
    let opted_out = (one_refuses && one.opted_out) || (other_refuses && other.opted_out);
    Choice { opted_out: refuses(kept) && opted_out, gpc: said_under_signal(one, other, kept), ..kept.clone() }
}

/// Equal moments are told apart by nothing; a yes then counts as said without the signal, which permits less.
fn said_under_signal(one: &Choice, other: &Choice, kept: &Choice) -> bool {
    let is_tie = one.answer == other.answer && (one.at, one.version) == (other.at, other.version);
    if is_tie { one.gpc && other.gpc } else { kept.gpc }
}

fn is_no(row: &ChoiceRow) -> bool {
    row.action.answer() == Answer::No
}

fn choice(policy: &Policy, row: &ChoiceRow) -> Choice {
    let signalled = |id: &Id| policy.purpose_named(id.as_str()).is_some_and(|purpose| opted_out_by_gpc(policy).contains(purpose));
    let opted_out = row.action == ChoiceAction::OptedOut || (is_no(row) && row.gpc && signalled(&row.purpose));
    Choice {
        purpose: row.purpose.clone(),
        answer: row.action.answer(),
        at: Timestamp::from_second(row.at.as_second()).unwrap_or(row.at),
        version: row.policy_version,
        gpc: row.gpc,
        opted_out,
    }
}

#[cfg(test)]
mod tests {
    use domain::{ChoiceRecordId, Version};
    use proptest::prelude::*;

    use super::*;

    fn a_choice() -> impl Strategy<Value = Choice> {
        let names = ["news", "remember", "return-visits"];
        (0_usize..3, any::<bool>(), 0_i64..4, 1_u32..3, any::<bool>(), any::<bool>()).prop_map(
            move |(name, yes, at, version, gpc, opted_out)| {
                let answer = if yes { Answer::Yes } else { Answer::No };
                Choice {
                    purpose: Id::parse(names[name]).expect("an id"),
                    answer,
                    at: Timestamp::from_second(at).expect("a time"),
                    version: Version(version),
                    gpc,
                    opted_out: opted_out && !yes,
                }
            },
        )
    }

    /// One answer about each purpose at most, as a side has it.
    fn a_side() -> impl Strategy<Value = Vec<Choice>> {
        proptest::collection::vec(a_choice(), 0..4).prop_map(|choices| {
            choices.into_iter().fold(Vec::new(), |mut side: Vec<Choice>, choice| {
                if side.iter().all(|known| known.purpose != choice.purpose) {
                    side.push(choice);
                }
                side
            })
        })
    }

    fn part(choices: &[Choice]) -> ChoicesPart {
        ChoicesPart { record: ChoiceRecordId([1; 16]), made: Timestamp::from_second(1).expect("a time"), choices: choices.to_vec() }
    }

    fn about<'c>(choices: &'c [Choice], purpose: &Id) -> Option<&'c Choice> {
        choices.iter().find(|choice| choice.purpose == *purpose)
    }

    fn sorted(mut choices: Vec<Choice>) -> Vec<Choice> {
        choices.sort_by(|one, other| one.purpose.cmp(&other.purpose));
        choices
    }

    proptest! {
        #[test]
        fn no_is_never_turned_into_yes_and_yes_is_never_made_up(browser in a_side(), account in a_side()) {
            let joined = join(&part(&browser), &account);
            for choice in browser.iter().chain(&account) {
                let kept = joined.answer(&choice.purpose).expect("an answer is never lost");
                let sides = [about(&browser, &choice.purpose), about(&account, &choice.purpose)];
                let refused = sides.iter().flatten().any(|side| side.answer == Answer::No);
                prop_assert_eq!(kept.answer == Answer::No, refused);
                let opted_out = sides.iter().flatten().any(|side| side.opted_out);
                prop_assert_eq!(kept.opted_out, opted_out, "an opt-out keeps its wait and its second step");
                let of_that_answer = sides.iter().flatten().filter(|side| side.answer == kept.answer);
                prop_assert_eq!(Some((kept.at, kept.version)), of_that_answer.map(|side| (side.at, side.version)).max());
            }
            let known = |choice: &Choice| about(&browser, &choice.purpose).or(about(&account, &choice.purpose)).is_some();
            prop_assert!(joined.choices.iter().all(known), "nobody is said to have answered who did not");
        }

        #[test]
        fn it_does_not_matter_which_side_is_which_nor_how_often(browser in a_side(), account in a_side()) {
            let joined = join(&part(&browser), &account);
            let other = join(&part(&account), &browser);
            prop_assert_eq!(sorted(joined.choices.clone()), sorted(other.choices));
            prop_assert_eq!(join(&joined, &account), joined);
        }
    }
}
