//! The refusals of a moment ago. A yes waits for the database and a no does not, so a no may be said and set while a yes of the same browser is still
//! on its way; and two answers sent at once both start from the same cookie. Whoever writes the cookie asks here what was refused meanwhile.

use std::collections::HashMap;

use domain::{Answer, Choice, ChoiceRecordId, Id, Timestamp};
use parking_lot::Mutex;
use policy::cookie::ChoicesPart;

/// So many browsers are remembered, some hundred bytes each.
const BROWSERS_MAX: usize = 4_096;

/// No answer is on its way for longer than this.
const REMEMBERED_SECONDS: i64 = 60;

#[derive(Debug, Default)]
pub struct RecentRefusals {
    of: Mutex<HashMap<ChoiceRecordId, Vec<Refusal>>>,
}

#[derive(Debug)]
struct Refusal {
    choice: Choice,
    /// When the request came, finer than a choice says it.
    came: Timestamp,
}

impl RecentRefusals {
    /// Remembers what these choices refuse of the purposes that were answered just now.
    pub fn note(&self, part: &ChoicesPart, answered: &[Id], came: Timestamp) {
        let refused = part.choices.iter().filter(|choice| choice.answer == Answer::No && answered.contains(&choice.purpose));
        let refused: Vec<Choice> = refused.cloned().collect();
        if refused.is_empty() {
            return;
        }
        let mut of = self.of.lock();
        if of.len() >= BROWSERS_MAX && !of.contains_key(&part.record) {
            of.retain(|_, refusals| refusals.iter().any(|known| came.as_second() - known.came.as_second() < REMEMBERED_SECONDS));
        }
        if of.len() >= BROWSERS_MAX
            && !of.contains_key(&part.record)
            && let Some(oldest) =
                of.iter().min_by_key(|(_, refusals)| refusals.iter().map(|known| known.came).max()).map(|(record, _)| *record)
        {
            of.remove(&oldest);
        }
        let known = of.entry(part.record).or_default();
        for choice in refused {
            known.retain(|known| known.choice.purpose != choice.purpose);
            known.push(Refusal { choice, came });
        }
    }

    /// Turns every yes into the no that came after it. `given` is what this request, which came at `came`, says yes to itself. Says whether it lost any
    /// of that; what it did not lose is the last word from now on.
    pub fn apply(&self, part: &mut ChoicesPart, given: &[Id], came: Timestamp) -> bool {
        let mut of = self.of.lock();
        let Some(refusals) = of.get_mut(&part.record) else {
            return false;
        };
        let mut lost = false;
        for choice in part.choices.iter_mut().filter(|choice| choice.answer == Answer::Yes) {
            let is_given = given.contains(&choice.purpose);
            let since = if is_given { came } else { choice.at };
            let is_later = |known: &&Refusal| known.choice.purpose == choice.purpose && known.came >= since;
            if let Some(later) = refusals.iter().find(is_later) {
                *choice = later.choice.clone();
                lost |= is_given;
            } else if is_given {
                refusals.retain(|known| known.choice.purpose != choice.purpose);
            }
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use domain::{Answer, Choice, ChoiceRecordId, Id, Timestamp, Version};
    use policy::cookie::ChoicesPart;

    use super::{BROWSERS_MAX, RecentRefusals};

    fn id(name: &str) -> Id {
        Id::parse(name).expect("an id")
    }

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).expect("a time")
    }

    fn part(record: u16, answers: &[(&str, Answer, i64)]) -> ChoicesPart {
        let choice = |(purpose, answer, second): &(&str, Answer, i64)| Choice {
            purpose: id(purpose),
            answer: *answer,
            at: at(second * 1_000),
            version: Version(1),
            gpc: false,
            opted_out: false,
        };
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&record.to_le_bytes());
        ChoicesPart { record: ChoiceRecordId(bytes), made: at(0), choices: answers.iter().map(choice).collect() }
    }

    #[test]
    fn a_no_that_came_later_beats_a_yes_that_waited() {
        let refusals = RecentRefusals::default();
        refusals.note(&part(1, &[("news", Answer::No, 10)]), &[id("news")], at(10_500));
        let mut late = part(1, &[("news", Answer::Yes, 10), ("map", Answer::Yes, 10)]);
        assert!(refusals.apply(&mut late, &[id("news"), id("map")], at(10_400)));
        assert_eq!(late.choices.iter().map(|choice| choice.answer).collect::<Vec<_>>(), [Answer::No, Answer::Yes]);
        let mut other = part(2, &[("news", Answer::Yes, 10)]);
        assert!(!refusals.apply(&mut other, &[id("news")], at(10_400)), "another browser's");
    }

    #[test]
    fn a_yes_that_came_later_is_the_last_word() {
        let refusals = RecentRefusals::default();
        refusals.note(&part(1, &[("news", Answer::No, 10)]), &[id("news")], at(10_500));
        let mut later = part(1, &[("news", Answer::Yes, 10)]);
        assert!(!refusals.apply(&mut later, &[id("news")], at(10_600)));
        assert!(!refusals.apply(&mut later, &[], at(11_000)), "an answer about something else leaves it alone");
        assert_eq!(later.choices[0].answer, Answer::Yes);
    }

    #[test]
    fn two_refusals_sent_at_once_both_count() {
        let refusals = RecentRefusals::default();
        refusals.note(&part(1, &[("news", Answer::No, 10), ("map", Answer::Yes, 3)]), &[id("news")], at(10_500));
        let mut second = part(1, &[("news", Answer::Yes, 3), ("map", Answer::No, 10)]);
        assert!(!refusals.apply(&mut second, &[], at(10_500)));
        assert_eq!(second.choices[0].answer, Answer::No, "its cookie knew nothing of the other");
    }

    #[test]
    fn it_remembers_so_many_browsers_and_forgets_the_oldest() {
        let refusals = RecentRefusals::default();
        let browsers = u16::try_from(BROWSERS_MAX).expect("it fits") + 1;
        for browser in 0..browsers {
            refusals.note(&part(browser, &[("news", Answer::No, 10)]), &[id("news")], at(10_000 + i64::from(browser)));
        }
        assert_eq!(refusals.of.lock().len(), BROWSERS_MAX);
        let beaten = |browser| refusals.apply(&mut part(browser, &[("news", Answer::Yes, 10)]), &[id("news")], at(10_000));
        assert!(!beaten(0) && beaten(1) && beaten(browsers - 1));
    }
}
