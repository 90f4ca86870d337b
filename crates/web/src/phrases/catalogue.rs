use domain::{Act, Basis, Field, Keep, Language, RecipientKind, Span, Timestamp};
use jiff::tz::TimeZone;
use policy::model::AgeingForm;

use super::pages::{ChangesWords, Holding, ReceiptWords, VersionsWords};
use super::{Moment, english, french, german, spanish, to_the_second};

/// Our own words in one language. What the policy says in its own words is not here.
#[derive(Debug)]
pub(crate) struct Phrases {
    pub(crate) language: &'static str,
    pub(crate) direction: &'static str,
    /// Named `day`, `month` and `year`.
    pub(crate) date: Sentence,
    /// How the first day of a month is written in it.
    pub(crate) first_day: &'static str,
    /// Between a name and what is said of it, and between the parts of a list that have commas.
    pub(crate) colon: &'static str,
    pub(crate) semicolon: &'static str,
    pub(crate) months: [&'static str; 12],
    /// One and several of each unit of time, the shortest unit first.
    pub(crate) units: [(&'static str, &'static str); 6],
    pub(crate) frame: FrameWords,
    pub(crate) reading: Reading,
    pub(crate) choices: ChoicesWords,
    pub(crate) confirming: Confirming,
    pub(crate) failures: Failures,
    pub(crate) versions: VersionsWords,
    pub(crate) changes: ChangesWords,
    pub(crate) holding: Holding,
    pub(crate) receipt: ReceiptWords,
    pub(crate) rules: Rules,
    pub(crate) asking: Asking,
    pub(crate) held_back: HeldBack,
    pub(crate) reasons: Reasons,
}

/// What every page has around its content.
#[derive(Debug)]
pub(crate) struct FrameWords {
    pub(crate) skip: &'static str,
    pub(crate) privacy: &'static str,
    pub(crate) policy: &'static str,
    pub(crate) choices: &'static str,
    pub(crate) held: &'static str,
    pub(crate) versions: &'static str,
    pub(crate) feed: &'static str,
    pub(crate) language: &'static str,
    pub(crate) questions: &'static str,
    pub(crate) write_to: &'static str,
    pub(crate) in_force: &'static str,
    /// About `version`; the day follows.
    pub(crate) revised: Sentence,
    pub(crate) follow: &'static str,
    /// On every page while obligations are only observed: nothing that the page says has an effect yet.
    pub(crate) observing: &'static str,
    /// Instead of what a saved answer does.
    pub(crate) observing_saved: &'static str,
}

/// The policy's page.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) on_this_page: &'static str,
    /// The day follows.
    pub(crate) changed_on: &'static str,
    /// About `version`.
    pub(crate) see_changes: Sentence,
    pub(crate) choose: &'static str,
    pub(crate) choose_how: &'static str,
    pub(crate) see_held: &'static str,
    pub(crate) see_held_how: &'static str,
    /// What a link to it says.
    pub(crate) open: &'static str,
    pub(crate) earlier: &'static str,
    pub(crate) earlier_how: &'static str,
}

/// The choices page.
#[derive(Debug)]
pub(crate) struct ChoicesWords {
    /// What a link to it says.
    pub(crate) open: &'static str,
    /// About `controller`.
    pub(crate) lead: Sentence,
    pub(crate) saved: &'static str,
    pub(crate) saved_how: &'static str,
    pub(crate) stale: &'static str,
    pub(crate) stale_how: &'static str,
    /// The same where it said no to something.
    pub(crate) stale_but_no: (&'static str, &'static str),
    pub(crate) gpc: &'static str,
    pub(crate) gpc_how: &'static str,
    pub(crate) unreadable: &'static str,
    pub(crate) cannot_choose: &'static str,
    /// To somebody without cookies, for whom something is on.
    pub(crate) no_cookie_but_on: &'static str,
    /// Where the form was sent without an answer: by somebody who never gave one, and by somebody who did.
    pub(crate) nothing_answered: &'static str,
    pub(crate) nothing_new: &'static str,
    pub(crate) receipt: &'static str,
    pub(crate) receipt_how: &'static str,
    pub(crate) one_click: &'static str,
    pub(crate) take_back_now: &'static str,
    pub(crate) refuse_now: &'static str,
    pub(crate) allow_now: &'static str,
    pub(crate) at_once: &'static str,
    pub(crate) refuse_all: &'static str,
    pub(crate) accept_all: &'static str,
    pub(crate) one_by_one: &'static str,
    pub(crate) yours: &'static str,
    pub(crate) allow_this: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
    pub(crate) preferences: &'static str,
    /// About `purpose`.
    pub(crate) preferences_need: Sentence,
    pub(crate) no_preference: &'static str,
    pub(crate) save: &'static str,
    pub(crate) last_saved: &'static str,
    pub(crate) not_a_choice: &'static str,
    pub(crate) marketing: &'static str,
    pub(crate) details: &'static str,
    pub(crate) cookies: &'static str,
    /// About `keep`.
    pub(crate) cookie_for: Sentence,
    /// About `features`.
    pub(crate) cookie_without: Sentence,
    pub(crate) our_choices: &'static str,
    pub(crate) our_preferences: &'static str,
    pub(crate) our_visitor: &'static str,
    pub(crate) our_session: &'static str,
    pub(crate) always_on: &'static str,
    pub(crate) on: &'static str,
    pub(crate) case_by_case: &'static str,
    pub(crate) off: &'static str,
}

/// The second step of opting back in.
#[derive(Debug)]
pub(crate) struct Confirming {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) others_saved: &'static str,
    /// The day follows.
    pub(crate) opted_out_on: &'static str,
    pub(crate) by_signal: &'static str,
    pub(crate) stays_off: &'static str,
    pub(crate) form: &'static str,
    pub(crate) leave_off: &'static str,
    pub(crate) allow: &'static str,
}

/// What went wrong, each a title and what to do.
#[derive(Debug)]
pub(crate) struct Failures {
    pub(crate) forged: (&'static str, &'static str),
    pub(crate) too_large: (&'static str, &'static str),
    pub(crate) stale: (&'static str, &'static str),
    pub(crate) stale_but_no: (&'static str, &'static str),
    pub(crate) too_much_to_hold: (&'static str, &'static str),
    pub(crate) yes_unrecorded: (&'static str, &'static str),
    pub(crate) yes_unrecorded_but_no_counts: (&'static str, &'static str),
    pub(crate) too_many: (&'static str, &'static str),
    pub(crate) too_many_but_no_counts: (&'static str, &'static str),
    /// A minor said yes.
    pub(crate) guardians_yes: (&'static str, &'static str),
    pub(crate) no_unrecorded: (&'static str, &'static str),
    pub(crate) not_taken: (&'static str, &'static str),
    pub(crate) no_receipt: (&'static str, &'static str),
    pub(crate) receipt_unreadable: (&'static str, &'static str),
    pub(crate) not_found: (&'static str, &'static str),
    pub(crate) wrong_method: (&'static str, &'static str),
    pub(crate) no_such_version: (&'static str, &'static str),
    pub(crate) damaged_version: (&'static str, &'static str),
    pub(crate) not_acceptable: (&'static str, &'static str),
}

/// What the rules mean.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) data: &'static str,
    pub(crate) why: &'static str,
    pub(crate) kept: &'static str,
    pub(crate) us: &'static str,
    pub(crate) while_registered: &'static str,
    /// Whether names lose their capital letters inside a sentence.
    pub(crate) names_in_lower_case: bool,
    pub(crate) basis: fn(Basis) -> &'static str,
    pub(crate) recipient: fn(RecipientKind) -> &'static str,
    /// Said before the names of those who receive it.
    pub(crate) act: fn(Act) -> &'static str,
    pub(crate) field: fn(Field) -> &'static str,
    /// About `field` and `after`.
    pub(crate) ageing: fn(AgeingForm) -> Sentence,
}

/// The banner.
#[derive(Debug)]
pub(crate) struct Asking {
    /// About `controller`.
    pub(crate) title: Sentence,
    pub(crate) put_away: &'static str,
    pub(crate) asks: &'static str,
    pub(crate) until_then: &'static str,
    pub(crate) policy: &'static str,
    pub(crate) accept: &'static str,
    pub(crate) refuse: &'static str,
    pub(crate) choose: &'static str,
    /// To whoever answered and keeps no cookie.
    pub(crate) no_cookie: &'static str,
    /// About the `features` that are missing then.
    pub(crate) no_cookie_but: Sentence,
}

/// What stands where something was held back, and at the end of a page.
#[derive(Debug)]
pub(crate) struct HeldBack {
    /// About `purpose`.
    pub(crate) label: Sentence,
    /// About `recipient`.
    pub(crate) resource: Sentence,
    pub(crate) element: &'static str,
    /// About `features`.
    pub(crate) without: Sentence,
    /// About `purpose`.
    pub(crate) allow: Sentence,
    pub(crate) more: &'static str,
    /// About `count`.
    pub(crate) summary: Sentence,
    pub(crate) summary_of_one: &'static str,
    /// About `recipient` and `purpose`.
    pub(crate) line: Sentence,
    /// About `purpose`.
    pub(crate) line_of_element: Sentence,
    /// About `host`, which the policy does not name: in its place, and at the end.
    pub(crate) undeclared: Sentence,
    pub(crate) undeclared_line: Sentence,
    pub(crate) undeclared_title: &'static str,
}

/// Why a purpose is on or off. Those about a choice name its `day`.
#[derive(Debug)]
pub(crate) struct Reasons {
    pub(crate) said_yes: Sentence,
    pub(crate) on_until_refused: &'static str,
    pub(crate) contract: &'static str,
    pub(crate) said_no: Sentence,
    pub(crate) choices_unreadable: &'static str,
    pub(crate) not_answered: &'static str,
    pub(crate) changed_since: Sentence,
    pub(crate) global_privacy_control: &'static str,
    pub(crate) signalled: Sentence,
    pub(crate) needs_account: &'static str,
    pub(crate) needs_agreement: &'static str,
    pub(crate) only_in_cases: &'static str,
    pub(crate) minor: &'static str,
    pub(crate) forbidden: &'static str,
}

/// A sentence with gaps, as in `You said yes on {day}.`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sentence(pub(crate) &'static str);

impl Phrases {
    /// All catalogues; the first stands in for a language that has none.
    pub(crate) const ALL: [&'static Self; 4] = [&english::PHRASES, &spanish::PHRASES, &german::PHRASES, &french::PHRASES];

    /// For whoever reads another language, for scripts and for operators.
    pub(crate) const ENGLISH: &'static Self = Self::ALL[0];

    /// What Candor's library says of changes is in English.
    pub(crate) fn is_english(&self) -> bool {
        self.language == Self::ENGLISH.language
    }

    pub(crate) fn of(language: &Language) -> &'static Self {
        let tag = language.as_str();
        let primary = tag.split_once('-').map_or(tag, |(primary, _)| primary);
        Self::ALL.into_iter().find(|phrases| phrases.language.eq_ignore_ascii_case(primary)).unwrap_or(Self::ENGLISH)
    }

    /// A day with the form machines read.
    pub(crate) fn moment_of_date(&self, date: jiff::civil::Date) -> Moment {
        Moment { machine: date.to_string(), words: self.date(date) }
    }

    pub(crate) fn moment_of_day(&self, time: Timestamp, zone: &TimeZone) -> Moment {
        Moment { machine: to_the_second(time), words: self.day_of(time, zone) }
    }

    /// With the time of day, in the policy's time zone.
    pub(crate) fn moment(&self, time: Timestamp, zone: &TimeZone) -> Moment {
        let zoned = time.to_zoned(zone.clone());
        Moment { machine: to_the_second(time), words: format!("{}, {}", self.date(zoned.date()), zoned.strftime("%H:%M %Z")) }
    }

    pub(crate) fn span(&self, span: Span) -> String {
        let (one, several) = self.units[span.unit().index()];
        format!("{} {}", span.count(), if span.count() == 1 { one } else { several })
    }

    pub(crate) fn keep(&self, keep: &Keep) -> String {
        match keep {
            Keep::For(span) => self.span(*span),
            Keep::WhileRegistered => self.rules.while_registered.to_owned(),
        }
    }

    pub(crate) fn day_of(&self, time: Timestamp, zone: &TimeZone) -> String {
        self.date(time.to_zoned(zone.clone()).date())
    }

    pub(crate) fn date(&self, date: jiff::civil::Date) -> String {
        // A month is 1 to 12.
        let month = usize::try_from(date.month()).ok().and_then(|month| self.months.get(month.checked_sub(1)?)).copied();
        let day = if date.day() == 1 { self.first_day.to_owned() } else { date.day().to_string() };
        let year = date.year().to_string();
        self.date.with(&[("day", &day), ("month", month.unwrap_or_default()), ("year", &year)])
    }
}

impl Sentence {
    /// Fills the gaps of these names. What fills a gap is never searched for more of them.
    pub(crate) fn with(self, values: &[(&str, &str)]) -> String {
        let mut filled = String::with_capacity(self.0.len() + 32);
        let mut rest = self.0;
        while let Some((before, opened)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = opened.split_once('}') else {
                rest = opened;
                break;
            };
            filled.extend(values.iter().filter(|(known, _)| *known == name).map(|(_, value)| *value));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrases::alike::assert_said_alike;

    #[test]
    fn the_gaps_of_a_sentence_are_filled_once() {
        let sentence = Sentence("{what} on {day}, {what}.");
        assert_eq!(sentence.with(&[("what", "{day}"), ("day", "1 March 2026")]), "{day} on 1 March 2026, {day}.");
    }

    #[test]
    fn a_language_of_another_country_is_that_language_and_an_unknown_one_is_english() {
        let of = |tag| Phrases::of(&Language::parse(tag).expect("a language")).language;
        assert_eq!((of("es"), of("es-MX"), of("en-GB"), of("tlh")), ("es", "es", "en", "en"));
    }

    #[test]
    fn a_day_is_written_as_people_of_the_language_write_it() {
        let written = |day| Phrases::ALL.map(|phrases| phrases.date(jiff::civil::date(2026, 3, day)));
        assert_eq!(written(1), ["1 March 2026", "1 de marzo de 2026", "1. März 2026", "1er mars 2026"]);
        assert_eq!(written(21), ["21 March 2026", "21 de marzo de 2026", "21. März 2026", "21 mars 2026"]);
    }

    #[test]
    fn every_language_says_everything_in_its_own_words_and_has_the_same_gaps() {
        let of = |language: &str| *Phrases::ALL.iter().find(|phrases| phrases.language == language).expect("one of ours");
        assert_said_alike(of, |phrases| phrases.language, 101);
    }
}
