mod said;

use domain::{Keep, Span};

use super::days::{days_max, days_min};
use crate::check::{Found, Rule, Severity, Site, Stage};
use crate::model::DutyKind;
use crate::syntax::{CookiePart, CookieSection, DataSection, Rule as _, TaggedText, UseSection};

pub(super) const RULE: Rule = Rule {
    code: "contradicting-duration",
    severity: Severity::Warning,
    fires: "Words in English, German, French or Spanish give a length of time, and what the rules tagged there keep is kept for others only.",
    stage: Stage::Rules,
    check,
};

fn check(site: &Site<'_>, found: &mut Found) {
    let files =
        site.sources.words.iter().map(|(language, _)| language.as_ref().map_or(site.default_language(), |language| language.as_str()));
    for (at, (language, words)) in files.zip(&site.words).enumerate() {
        for text in &words.tagged {
            let Some(kept) = lengths_kept(site, text).filter(|kept| !kept.is_empty()) else {
                continue;
            };
            let said = said::lengths(&text.text, language);
            for (written, _) in said.into_iter().filter(|(_, span)| !kept.iter().any(|kept| may_be_the_same(*kept, *span))) {
                let place = place_of(&site.sources.words[at].1.text, text, written);
                found.in_words(
                    at,
                    place,
                    format!("the words say \"{written}\", and the rules they are tagged with say {}", listed(&kept)),
                    "say the same in both: policy.toml is what happens; words about something else belong to another tag",
                );
            }
        }
    }
}

/// A month has 28 to 31 days, so "30 days" may be what "a month" says.
fn may_be_the_same(one: Span, other: Span) -> bool {
    days_min(one) <= days_max(other) && days_min(other) <= days_max(one)
}

/// Every length of time in the rules that a text is tagged with. None where one of them promises something that may take a time of its own.
fn lengths_kept(site: &Site<'_>, text: &TaggedText) -> Option<Vec<Span>> {
    let mut lengths = Vec::new();
    for tag in text.tags.iter().map(|tag| tag.value.as_str()) {
        for duty in site.rules.duties.iter().filter(|duty| duty.is(tag)) {
            lengths.push(length_of_duty(site, duty.kind.get().copied())?);
        }
        if site.rules.nevers.iter().any(|never| never.is(tag)) {
            return None;
        }
        let uses = site.rules.uses.iter().filter(|rule| rule.is(tag) || rule.is_for(tag));
        uses.for_each(|rule| of_use(site, rule, &mut lengths));
        let is_for_tag = |cookie: &&CookieSection| cookie.is(tag) || cookie.purpose.get().is_some_and(|purpose| purpose == tag);
        site.rules.cookies.iter().filter(is_for_tag).for_each(|cookie| of_cookie(site, cookie, &mut lengths));
        site.rules.data.iter().filter(|data| data.is(tag)).for_each(|data| of_data(data, &mut lengths));
    }
    let mut known = Vec::new();
    lengths.retain(|span: &Span| {
        !known.contains(span) && {
            known.push(*span);
            true
        }
    });
    Some(lengths)
}

fn length_of_duty(site: &Site<'_>, kind: Option<DutyKind>) -> Option<Span> {
    let banner_days = || site.rules.notice.as_ref().and_then(|notice| notice.banner_days.get().copied()).unwrap_or(30);
    matches!(kind, Some(DutyKind::AnnounceMaterialChanges)).then(|| Span::days(u32::from(banner_days())))
}

/// What it uses, and the cookies of its purpose that its words may be about: people are asked about both together.
fn of_use(site: &Site<'_>, rule: &UseSection, lengths: &mut Vec<Span>) {
    for (data, _) in site.fields_in(&rule.data).into_iter().map(|field| &site.fields[field]) {
        site.rules.data.iter().filter(|section| section.is(data)).for_each(|section| of_data(section, lengths));
    }
    let belongs =
        |cookie: &&CookieSection| cookie.purpose.get().is_some_and(|purpose| rule.is_for(purpose) && site.can_be_refused(purpose));
    let cookies = site.rules.cookies.iter().filter(belongs);
    cookies.for_each(|cookie| of_cookie(site, cookie, lengths));
}

fn of_cookie(site: &Site<'_>, cookie: &CookieSection, lengths: &mut Vec<Span>) {
    lengths.extend(cookie.keep.get().copied());
    if cookie.holds.get() == Some(&CookiePart::Choices) {
        lengths.extend(site.ask_again());
    }
}

fn of_data(data: &DataSection, lengths: &mut Vec<Span>) {
    if let Some(Keep::For(span)) = data.keep.get() {
        lengths.push(*span);
    }
    lengths.extend(data.ageing.get().into_iter().flatten().filter_map(|row| row.value.after.get().copied()));
}

fn listed(lengths: &[Span]) -> String {
    lengths.iter().map(Span::to_string).collect::<Vec<_>>().join(" or ")
}

/// Where the file says it; the whole text, where a line break or a mark comes between.
fn place_of(source: &str, text: &TaggedText, written: &str) -> std::ops::Range<usize> {
    let at = source.get(text.span.clone()).and_then(|covered| covered.find(written)).map(|at| text.span.start + at);
    at.map_or_else(|| text.span.clone(), |at| at..at + written.len())
}

#[cfg(test)]
mod tests {
    use crate::check::testing::library;

    const LOGGED: &str = "the page that linked here and the time. {access-log}";

    fn saying(words: &str) -> String {
        library().words(LOGGED, &format!("the page that linked here and the time. {{access-log}} {words}")).findings()
    }

    #[test]
    fn a_length_of_time_that_no_rule_tagged_there_has_is_shown() {
        let folder = library()
            .words(LOGGED, "the page that linked here and the time, for ninety days. {access-log}")
            .spanish(Some(&include_str!("../../../../tests/site/policy.es.md").replace("y la hora.", "y la hora, durante 3 meses.")));
        insta::assert_snapshot!(folder.findings());
    }

    #[test]
    fn what_a_rule_tagged_there_says_is_fine_in_other_words() {
        for words in [
            "We keep it for 180 days. {access-log}",
            "The number that knows you again ends after 13 months. {visit-counts}",
            "Addresses are cut down after a month, or 30 days. {access-log}",
            "You are asked again after 6 months, or 12, or a year. {choices-cookie}",
            "The cookie lives for thirteen months and what is noted 180 days. {visit-counts, visitor-cookie}",
        ] {
            assert_eq!(saying(words), "no errors, no warnings\n", "{words}");
        }
    }

    #[test]
    fn what_may_take_a_time_of_its_own_is_left_alone() {
        for words in [
            "We answer within 45 days. {contact}",
            "We answer within 45 days, about visits too. {contact, access-log}",
            "In the last five years nothing was sold. {no-email-sale}",
            "It takes 10 minutes. {access-log}",
            "Founded 100 years ago. {-}",
        ] {
            assert_eq!(saying(words), "no errors, no warnings\n", "{words}");
        }
    }
}
