//! A complete small folder without a finding, and ways to spoil it.

use domain::Language;
use jiff::civil::{Date, date};

use super::{Circumstances, Report, StoreProbe, check_with, explain};
use crate::syntax::SiteSources;

pub(crate) const TODAY: Date = date(2026, 7, 1);

pub(crate) struct Folder {
    rules: String,
    words: String,
    spanish: Option<String>,
}

/// The Lantern Library: every table of the vocabulary, in words and rules that agree.
pub(crate) fn library() -> Folder {
    Folder {
        rules: include_str!("../../tests/site/policy.toml").to_owned(),
        words: include_str!("../../tests/site/policy.md").to_owned(),
        spanish: Some(include_str!("../../tests/site/policy.es.md").to_owned()),
    }
}

impl Folder {
    /// Changes the rules in one place.
    pub(crate) fn rules(mut self, from: &str, to: &str) -> Self {
        assert_eq!(self.rules.matches(from).count(), 1, "`{from}` stands once in the rules");
        self.rules = self.rules.replace(from, to);
        self
    }

    /// Changes the words in one place.
    pub(crate) fn words(mut self, from: &str, to: &str) -> Self {
        assert_eq!(self.words.matches(from).count(), 1, "`{from}` stands once in the words");
        self.words = self.words.replace(from, to);
        self
    }

    pub(crate) fn more_rules(mut self, rules: &str) -> Self {
        self.rules.push_str(rules);
        self
    }

    pub(crate) fn more_words(mut self, words: &str) -> Self {
        self.words.push_str(words);
        self
    }

    pub(crate) fn spanish(mut self, words: Option<&str>) -> Self {
        self.spanish = words.map(str::to_owned);
        self
    }

    pub(crate) fn sources(&self) -> SiteSources {
        let sources = SiteSources::new(self.rules.as_str(), self.words.as_str());
        match &self.spanish {
            Some(words) => sources.with_translation(Language::parse("es").expect("a language"), words.as_str()),
            None => sources,
        }
    }

    pub(crate) fn report(&self) -> Report {
        check_with(&self.sources(), &Circumstances::of(TODAY))
    }

    /// What `candor check` prints.
    pub(crate) fn findings(&self) -> String {
        explain(&self.report(), &self.sources(), false)
    }

    /// The same, where stores are tried.
    pub(crate) fn findings_with(&self, stores: &dyn StoreProbe) -> String {
        let circumstances = Circumstances { stores: Some(stores), ..Circumstances::of(TODAY) };
        explain(&check_with(&self.sources(), &circumstances), &self.sources(), false)
    }
}
