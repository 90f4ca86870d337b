//! What Candor puts into the site's pages: the banner that asks, a box where something was held back, and a line at the end about what nobody would
//! have seen. All of it works without script, and none of it lets the site's own form, style or language leak in.

mod banner;
mod held;
#[cfg(test)]
mod interfaces;
mod style;

use std::cell::{Cell, OnceCell};

use app::choices::{Seen, Submission, states};
use askama::Template;
use axum::http::HeaderMap;
use domain::{ChoiceMethod, Language};
use policy::cookie::{CookieState, purpose_of};
use policy::model::{CookieHolds, Purpose, Resource};
use policy::{Index, Set};

use crate::forgery::{TOKEN_FIELD, token_without_cookie};
use crate::language::{direction, of_asker};
use crate::local_path::local_path;
use crate::pages::choices::RETURN;
use crate::phrases::Phrases;
use crate::{Asker, State};
use held::{HeldPurpose, Line, Placeholder, SmallPlaceholder, Summary, Undeclared};

/// The place in the banner where an answer leads back to while nobody knows whether it could be kept.
const ANSWERED: &str = "candor-answered";

/// A page of the site's that somebody opened.
#[derive(Debug)]
pub struct SitePage<'a> {
    pub asker: Asker,
    /// Its path and query: where an answer given on it leads back to.
    pub path: &'a str,
    pub headers: &'a HeaderMap,
    /// What is to be asked; empty asks nothing.
    pub due: Set<Purpose>,
    /// Whether forms of the page may be sent to us; else links lead to the choices page.
    pub sends_forms: bool,
}

/// Something that a page would have under a permission that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// A declared third-party resource.
    Resource(Index<Resource>),
    /// An element that the site marked with the purpose it needs.
    Purpose(Index<Purpose>),
    /// Something of a third party that the policy does not name, by its host.
    Undeclared(String),
}

/// Everything for one page, in its reader's language: HTML that needs no more escaping.
#[derive(Debug)]
pub struct Inserts {
    asker: Asker,
    phrases: &'static Phrases,
    language: Language,
    prefix: String,
    /// Where an answer leads back to; none where that is no address we would send anybody to.
    return_to: Option<String>,
    sends_forms: bool,
    token: Option<String>,
    banner: Option<String>,
    purposes: OnceCell<Vec<HeldPurpose>>,
    /// A button that needs the form at the page's end was put into the page.
    has_button: Cell<bool>,
}

impl Inserts {
    pub fn new(state: &State, page: SitePage<'_>) -> Self {
        let SitePage { asker, path, headers, due, sends_forms } = page;
        let language = of_asker(&asker, headers, None).clone();
        let token = token_without_cookie(&asker, headers, &state.keys.load());
        let mut inserts = Self {
            phrases: Phrases::of(&language),
            language,
            prefix: state.settings.prefix.to_string(),
            return_to: local_path(path).map(str::to_owned),
            sends_forms,
            token,
            banner: None,
            purposes: OnceCell::new(),
            has_button: Cell::new(false),
            asker,
        };
        inserts.banner = (!due.is_empty()).then(|| banner::banner(&inserts, due));
        inserts
    }

    /// The content of the one `style` element that the rest needs.
    pub fn style() -> &'static str {
        style::STYLE
    }

    /// The `'sha256-…'` source of that content.
    pub fn style_source() -> &'static str {
        &style::SOURCE
    }

    /// Asks about what is due, first in the page's body.
    pub fn banner(&self) -> Option<&str> {
        self.banner.as_deref()
    }

    /// Stands where something was held back. Nothing but phrasing content, so that it may stand wherever an image may, in the site's own forms too: its
    /// button belongs to the form that [`Inserts::ending`] brings.
    ///
    /// Where there is little room, it is a word that leads to the choices.
    pub fn placeholder(&self, held: &HeldBack, has_little_room: bool) -> String {
        let purpose = match held {
            HeldBack::Resource(resource) => self.purpose_of(*resource),
            HeldBack::Purpose(purpose) => *purpose,
            HeldBack::Undeclared(host) => return self.undeclared(host, has_little_room),
        };
        let about = self.about(purpose);
        if has_little_room {
            return rendered(&SmallPlaceholder {
                phrases: self.phrases,
                policy_language: self.policy_language(),
                label: self.phrases.held_back.label.with(&[("purpose", &about.title)]),
                title: &about.title,
                choices: self.choices_about(purpose),
            });
        }
        if about.can_allow && self.sends_forms {
            self.has_button.set(true);
        }
        rendered(&Placeholder {
            phrases: self.phrases,
            policy_language: self.policy_language(),
            label: self.phrases.held_back.label.with(&[("purpose", &about.title)]),
            what: match held {
                HeldBack::Resource(resource) => self.phrases.held_back.resource.with(&[("recipient", self.recipient(*resource))]),
                HeldBack::Purpose(_) | HeldBack::Undeclared(_) => self.phrases.held_back.element.to_owned(),
            },
            held: about,
            sends_forms: self.sends_forms,
            choices: self.choices_about(purpose),
        })
    }

    /// Stands at the end of a page from which anything was held back: the form of the placeholders before it, and what was held back where nobody would
    /// have seen it. Empty where the page needs neither.
    pub fn ending(&self, unseen: &[HeldBack]) -> String {
        let mut lines: Vec<Line<'_>> = Vec::new();
        for held in unseen {
            let line = self.line(held);
            // A page may load the same thing in a dozen places.
            if lines.iter().all(|known| known.what != line.what) {
                lines.push(line);
            }
        }
        let title = match lines.len() {
            1 => self.phrases.held_back.summary_of_one.to_owned(),
            count => self.phrases.held_back.summary.with(&[("count", &count.to_string())]),
        };
        let has_button = self.has_button.get() || lines.iter().any(|line| line.held.is_some_and(|held| held.can_allow));
        rendered(&Summary {
            phrases: self.phrases,
            prefix: &self.prefix,
            fields: if has_button && self.sends_forms { self.fields(ChoiceMethod::Placeholder) } else { Vec::new() },
            title,
            lines,
            sends_forms: self.sends_forms,
        })
    }

    /// Nothing shows yet that this browser keeps cookies.
    fn may_keep_no_cookie(&self) -> bool {
        self.asker.cookie == CookieState::Absent
    }

    fn purpose_of(&self, resource: Index<Resource>) -> Index<Purpose> {
        self.asker.policy.resource(resource).purpose
    }

    fn undeclared(&self, host: &str, has_little_room: bool) -> String {
        let words = &self.phrases.held_back;
        rendered(&Undeclared {
            phrases: self.phrases,
            label: words.label.with(&[("purpose", host)]),
            what: words.undeclared.with(&[("host", host)]),
            has_little_room,
        })
    }

    fn about(&self, purpose: Index<Purpose>) -> &HeldPurpose {
        let purposes = self.purposes.get_or_init(|| {
            let policy = &self.asker.policy;
            let can_choose = purpose_of(policy, &CookieHolds::Choices).is_some();
            states(policy, &self.asker.cookie, self.asker.circumstances())
                .iter()
                .map(|state| HeldPurpose::of(policy, state, self.phrases, self.language.as_str(), can_choose))
                .collect()
        });
        &purposes[purpose.get()]
    }

    fn line(&self, held: &HeldBack) -> Line<'_> {
        let words = &self.phrases.held_back;
        let (what, purpose) = match held {
            HeldBack::Resource(resource) => {
                let purpose = self.purpose_of(*resource);
                (words.line.with(&[("recipient", self.recipient(*resource)), ("purpose", &self.about(purpose).title)]), purpose)
            }
            HeldBack::Purpose(purpose) => (words.line_of_element.with(&[("purpose", &self.about(*purpose).title)]), *purpose),
            HeldBack::Undeclared(host) => {
                return Line { what: words.undeclared_line.with(&[("host", host)]), choices: self.choices(), held: None };
            }
        };
        Line { what, choices: self.choices_about(purpose), held: Some(self.about(purpose)) }
    }

    fn recipient(&self, resource: Index<Resource>) -> &str {
        let policy = &self.asker.policy;
        &policy.recipient(policy.resource(resource).recipient).name
    }

    /// The fields that every form of ours carries beside its answers.
    fn fields(&self, method: ChoiceMethod) -> Vec<(&str, String)> {
        let seen = Seen::of(&self.asker.policy, &self.asker.cookie);
        let mut fields = vec![
            (Submission::INTERFACE, method.name().to_owned()),
            (Submission::LANGUAGE, self.language.to_string()),
            (Submission::VERSION, seen.version().to_owned()),
            (Submission::LAST_CHOICE, seen.last_choice().to_owned()),
        ];
        // Where the cookie is not kept, the banner is there again, and the address makes it say so. Where it is, there is nothing of this name.
        let mark = if self.may_keep_no_cookie() { format!("#{ANSWERED}") } else { String::new() };
        fields.extend(self.return_to.as_ref().map(|path| (RETURN, format!("{path}{mark}"))));
        fields.extend(self.token.clone().map(|token| (TOKEN_FIELD, token)));
        fields
    }

    /// The choices page, which leads back here.
    fn choices(&self) -> String {
        let back = self.return_to.as_ref().map(|path| {
            let path: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
            format!("?{RETURN}={path}")
        });
        format!("{}/choices{}", self.prefix, back.unwrap_or_default())
    }

    fn choices_about(&self, purpose: Index<Purpose>) -> String {
        format!("{}#purpose-{}", self.choices(), self.asker.policy.purpose(purpose).id)
    }

    /// What marks the policy's own words, where our words around them are in another language.
    fn policy_language(&self) -> Marked {
        let differs = !self.language.as_str().starts_with(self.phrases.language);
        Marked(differs.then(|| (self.language.to_string(), direction(&self.language))))
    }
}

/// Attributes for words in another language than those around them.
#[derive(Debug)]
struct Marked(Option<(String, &'static str)>);

impl std::fmt::Display for Marked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some((language, direction)) => write!(out, " lang=\"{language}\" dir=\"{direction}\""),
            None => Ok(()),
        }
    }
}

/// A language tag is letters, digits and hyphens: nothing of it needs escaping.
impl askama::filters::HtmlSafe for Marked {}

fn rendered(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "what goes into a page could not be written");
        String::new()
    })
}
