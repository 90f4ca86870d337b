use axum::http::{HeaderMap, Uri};
use domain::Language;
use policy::Policy;

use crate::assets::{ICON, STYLE};
use crate::language::{of_asker, own_name};
use crate::local_path::local_path;
use crate::pages::choices::RETURN;
use crate::pages::query;
use crate::pages::register::has_accounts;
use crate::pages::requests::takes_reports;
use crate::phrases::{Moment, Phrases, RegisterWords, RequestWords};
use crate::{Asker, State};

/// What every page has around its content.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) prefix: String,
    pub(crate) controller: String,
    pub(crate) email: String,
    pub(crate) address: String,
    /// Where accounts are and what that is called, where there are any.
    pub(crate) account: Option<(String, &'static str)>,
    /// What leads to the form that reports a child's account, where there is one.
    pub(crate) report: Option<&'static str>,
    /// Where a button signs out, and what it says, for whoever is signed in on a page about accounts.
    pub(crate) sign_out: Option<(String, &'static str)>,
    pub(crate) style: String,
    pub(crate) icon: String,
    pub(crate) version: u32,
    pub(crate) revised: Moment,
    /// Our own words on the page.
    pub(crate) phrases: &'static Phrases,
    pub(crate) at: Place,
    pub(crate) languages: Vec<LanguageLink>,
    /// The language of the policy's own words on the page.
    pub(crate) language: String,
    /// Obligations are only observed.
    pub(crate) observing: bool,
    /// Keeps a language asked for by name from page to page: `?language=es`, or nothing.
    pub(crate) keep_language: String,
    /// Keeps where somebody goes on afterwards while they change the language: `&return=%2Fboard`, or nothing.
    pub(crate) and_return: String,
}

/// The page the navigation marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Policy,
    Choices,
    Held,
    Versions,
    Account,
    Elsewhere,
}

#[derive(Clone, Debug)]
pub(crate) struct LanguageLink {
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) chosen: bool,
}

impl Frame {
    pub(crate) fn new(state: &State, asker: &Asker, headers: &HeaderMap, uri: &Uri, at: Place) -> Self {
        let policy = &asker.policy;
        let asked = asked_language(asker, uri);
        let language = language(asker, headers, uri);
        let prefix = &state.settings.prefix;
        let phrases = Phrases::of(language);
        Self {
            prefix: prefix.to_string(),
            controller: policy.controller.clone(),
            email: policy.contact.email.clone(),
            address: policy.contact.address.clone(),
            account: has_accounts(policy).then(|| (state.settings.account.to_string(), account_word(phrases))),
            report: takes_reports(policy).then(|| RequestWords::of(phrases.language).door),
            sign_out: None,
            style: format!("{prefix}/assets/{}", STYLE.file_name()),
            icon: format!("{prefix}/assets/{}", ICON.file_name()),
            version: policy.version.0,
            revised: phrases.moment_of_date(policy.revised),
            phrases,
            at,
            languages: links(&policy.languages, language),
            language: language.to_string(),
            observing: state.settings.observing,
            keep_language: asked.map(|_| format!("?language={language}")).unwrap_or_default(),
            and_return: and_return(uri),
        }
    }

    /// The same frame about another policy: who to write to, and what is in force.
    pub(crate) fn about(self, policy: &Policy) -> Self {
        Self {
            controller: policy.controller.clone(),
            email: policy.contact.email.clone(),
            address: policy.contact.address.clone(),
            version: policy.version.0,
            revised: self.phrases.moment_of_date(policy.revised),
            ..self
        }
    }

    /// What is said before the day.
    pub(crate) fn revised_words(&self) -> String {
        self.phrases.frame.revised.with(&[("version", &self.version.to_string())])
    }

    pub(crate) fn is_at(&self, place: Place) -> bool {
        self.at == place
    }
}

fn and_return(uri: &Uri) -> String {
    let path = query(uri, RETURN).filter(|path| local_path(path).is_some());
    path.map(|path| form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>())
        .map_or_else(String::new, |path| format!("&{RETURN}={path}"))
}

fn account_word(phrases: &Phrases) -> &'static str {
    RegisterWords::of(phrases.language).account
}

/// The language of the policy's own words for this request.
pub(crate) fn language<'a>(asker: &'a Asker, headers: &HeaderMap, uri: &Uri) -> &'a Language {
    of_asker(asker, headers, asked_language(asker, uri).as_deref())
}

/// The one asked for by name, where the policy has it.
fn asked_language(asker: &Asker, uri: &Uri) -> Option<String> {
    query(uri, "language").filter(|asked| asker.policy.languages.iter().any(|known| known.as_str().eq_ignore_ascii_case(asked)))
}

/// Nothing to choose from where there is one language.
fn links(languages: &[Language], chosen: &Language) -> Vec<LanguageLink> {
    let link =
        |language: &Language| LanguageLink { tag: language.to_string(), name: own_name(language).to_owned(), chosen: language == chosen };
    if languages.len() < 2 { Vec::new() } else { languages.iter().map(link).collect() }
}
