use app::choices::{RecordsError, purposes_in_force};
use app::people::{Browser, Doer, Findable, TooOften};
use askama::Template;
use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::extract::rejection::BytesRejection;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use policy::cookie::{CookieParts, SignedIn, purpose_of, write_choices, write_visit};
use policy::model::CookieHolds;

use super::told::{Told, Way};
use super::{LETTER, has_accounts};
use crate::forms::{CACHE, Unreadable, cookie};
pub(in crate::pages) use crate::forms::{CLEAR_SITE_DATA, Form, Hidden, secret_address, see_other, setting};
use crate::local_path::local_path;
pub(in crate::pages) use crate::pages::choices::RETURN;
use crate::pages::frame::{Frame, Place};
use crate::pages::{error, html, query};
use crate::phrases::RegisterWords;
use crate::{Asker, State, forgery};

/// No longer way back stands in a letter. Who asks for one need not be who gets it.
const MAILED_BYTES_MAX: usize = 200;

/// A request to one of these pages. Where there are no accounts, there is no such page.
pub(crate) struct Here {
    pub(in crate::pages) state: State,
    pub(in crate::pages) asker: Asker,
    pub(in crate::pages) headers: HeaderMap,
    pub(in crate::pages) uri: Uri,
    pub(in crate::pages) words: &'static RegisterWords,
}

impl FromRequestParts<State> for Here {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let asker = Asker::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let policy = &asker.policy;
        let keeps_sessions = purpose_of(policy, &CookieHolds::Session).is_some();
        if !has_accounts(policy) || !keeps_sessions {
            if keeps_sessions {
                tracing::warn!("somebody asked for an account page, but the policy has no duty of the kind `register`");
            } else {
                tracing::error!("the policy lets people register, but has no `[[cookie]]` that holds the `session`: nobody can sign in");
            }
            let state = axum::extract::State(state.clone());
            return Err(error::not_found(state, asker.clone(), parts.headers.clone(), parts.uri.clone()).await);
        }
        let mut here =
            Self { state: state.clone(), headers: parts.headers.clone(), uri: parts.uri.clone(), words: RegisterWords::of("en"), asker };
        here.words = RegisterWords::of(here.frame().phrases.language);
        Ok(here)
    }
}

impl Here {
    pub(in crate::pages) fn frame(&self) -> Frame {
        let frame = Frame::new(&self.state, &self.asker, &self.headers, &self.uri, Place::Account);
        let is_signed_in = matches!(self.asker.signed_in(), SignedIn::As(_));
        let sign_out = is_signed_in.then(|| (self.path("/sign-out", &[]), RegisterWords::of(frame.phrases.language).sign_in.sign_out));
        Frame { sign_out, ..frame }
    }

    /// The browser that asks, as signing in needs it.
    pub(in crate::pages) fn browser(&self) -> Browser<'_> {
        Browser { policy: &self.asker.policy, cookie: &self.asker.cookie, circumstances: self.asker.circumstances() }
    }

    /// A path under the account's, in the language that was asked for by name, with these parameters.
    pub(in crate::pages) fn path(&self, under: &str, parameters: &[(&str, &str)]) -> String {
        let mut path = format!("{}{under}", self.state.settings.account);
        let language = query(&self.uri, "language").filter(|tag| self.asker.policy.languages.iter().any(|known| known.as_str() == tag));
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.extend_pairs(parameters).extend_pairs(language.as_ref().map(|tag| ("language", tag)));
        let pairs = pairs.finish();
        if !pairs.is_empty() {
            path.extend(["?", &pairs]);
        }
        path
    }

    /// The same, remembering where somebody goes on afterwards.
    pub(in crate::pages) fn path_and_return(&self, under: &str, return_to: Option<&str>) -> String {
        let parameters: Vec<(&str, &str)> = return_to.map(|path| (RETURN, path)).into_iter().collect();
        self.path(under, &parameters)
    }

    /// Where somebody goes on afterwards, if that is a path of this site.
    pub(in crate::pages) fn return_to(&self, form: Option<&Form>) -> Option<String> {
        let said = form.and_then(|form| form.get(RETURN).map(str::to_owned)).or_else(|| query(&self.uri, RETURN));
        said.filter(|path| local_path(path).is_some())
    }

    /// The same for a letter, which is somebody else's to open: a path that is longer than one reads is left out.
    pub(in crate::pages) fn mailed_return(&self, form: &Form) -> Option<String> {
        self.return_to(Some(form)).filter(|path| path.len() <= MAILED_BYTES_MAX)
    }

    /// The value of a cookie of ours beside the signed one; none where there are several.
    pub(in crate::pages) fn cookie(&self, name: &str) -> Option<&str> {
        cookie(&self.headers, name)
    }

    /// What a post says, if it comes from a page of ours.
    #[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
    pub(in crate::pages) fn posted(&self, body: Result<Bytes, BytesRejection>) -> Result<Form, Response> {
        let read = Form::read_or_say(&self.headers, body);
        let origin = self.state.settings.origin.clone().unwrap_or_else(|| self.asker.origin());
        let token = read.as_ref().ok().and_then(|form| form.get(forgery::TOKEN_FIELD));
        if forgery::is_from_our_page(&self.asker, &self.headers, &origin, token, &self.state.keys.load()) {
            return read.map_err(|why| {
                let (status, page) = match why {
                    Unreadable::NoForm => (StatusCode::UNSUPPORTED_MEDIA_TYPE, self.words.told.no_form),
                    Unreadable::TooMuch => (StatusCode::PAYLOAD_TOO_LARGE, self.words.told.too_much),
                };
                Told::of(page).status(status).shown(self)
            });
        }
        let again = Way::new(self.path("/sign-in", &[]), self.words.told.try_again);
        Err(Told::of(self.words.told.forged).way(again).status(StatusCode::FORBIDDEN).shown(self))
    }

    /// Counts something that whoever is there may do only so often, or answers that it is too often.
    #[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
    pub(in crate::pages) fn admitted(&self) -> Result<(), Response> {
        let doer = Doer { client: &self.asker.client, email: None };
        self.state.accounts.admit(LETTER, doer, self.asker.now).map_err(|too_often| self.too_often(too_often))
    }

    /// Whether a letter of this kind may go to an address that somebody typed. Where it may not, the answer is the same, so that nobody learns what is sent to
    /// others; and the letters before it are there.
    pub(in crate::pages) fn may_write_to(&self, kind: &str, email: &Findable) -> bool {
        self.state.accounts.admit_letter(kind, &email.compared, self.asker.now).is_ok()
    }

    /// Counts a letter to somebody's own address, or answers that it is too often.
    #[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
    pub(in crate::pages) fn may_write_to_self(&self, kind: &str, own: &Findable) -> Result<(), Response> {
        self.state.accounts.admit_letter(kind, &own.compared, self.asker.now).map_err(|too_often| self.too_often(too_often))
    }

    /// Whether a mailed link is looked at for whoever is there, or they came with too many that are none.
    #[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
    pub(in crate::pages) fn may_follow_links(&self) -> Result<(), Response> {
        let allowed = self.state.accounts.may_follow_links(&self.asker.client, self.asker.now);
        allowed.map_err(|too_often| secret_address(self.too_often(too_often)))
    }

    /// What the post of a mailed link's button says, if links are still looked at.
    #[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
    pub(in crate::pages) fn posted_at_link(&self, body: Result<Bytes, BytesRejection>) -> Result<Form, Response> {
        let form = self.posted(body)?;
        self.may_follow_links()?;
        Ok(form)
    }

    /// Counts a link that is none.
    pub(in crate::pages) fn came_with_no_link(&self) {
        self.state.accounts.came_with_no_link(&self.asker.client, self.asker.now);
    }

    fn too_often(&self, too_often: TooOften) -> Response {
        let (title, lead) = self.words.told.too_often;
        let minutes = too_often.seconds.div_ceil(60);
        let units = self.frame().phrases.units[0];
        let wait = format!("{minutes} {}", if minutes == 1 { units.0 } else { units.1 });
        let told = Told::new(title, lead.with(&[("wait", &wait)])).status(StatusCode::TOO_MANY_REQUESTS);
        let mut response = told.shown(self);
        response.headers_mut().insert("retry-after", HeaderValue::from(too_often.seconds));
        response
    }

    /// A page with a form that its browser can send back.
    pub(in crate::pages) fn with_form<T: Template>(&self, status: StatusCode, page: impl FnOnce(Hidden) -> T) -> Response {
        let path = self.state.settings.account.as_str();
        let proof = forgery::proof(&self.asker, &self.headers, &self.state.keys.load(), &*self.state.random, path);
        let (token, set_cookie) = proof.map_or((None, None), |proof| (Some(proof.token), proof.set_cookie));
        let hidden = token.map(|token| (forgery::TOKEN_FIELD, token)).into_iter().collect();
        let response = html(status, &page(hidden));
        match set_cookie {
            Some(set_cookie) => setting(response, &set_cookie),
            None => response,
        }
    }

    /// A page that could not be made, because the records did not answer.
    pub(in crate::pages) fn unavailable(&self, error: &RecordsError) -> Response {
        tracing::error!(%error, "the records of accounts do not answer");
        Told::of(self.words.told.unavailable).status(StatusCode::SERVICE_UNAVAILABLE).shown(self)
    }

    /// A page that could not be made, because too much was asked for at once.
    pub(in crate::pages) fn busy(&self) -> Response {
        Told::of(self.words.told.unavailable).status(StatusCode::SERVICE_UNAVAILABLE).shown(self)
    }

    /// Sends the browser on with this cookie: to a path of the site, or else to the account.
    pub(in crate::pages) fn sent_on(&self, parts: &CookieParts, to: Option<String>) -> Response {
        let (to, policy) = (to.unwrap_or_else(|| self.path("", &[])), &self.asker.policy);
        let keys = self.state.keys.load();
        let written = [write_choices, write_visit].map(|write| write(policy, &keys, parts, self.asker.now, self.asker.https));
        match written {
            [Some(choices), Some(visit)] => {
                let mut response = setting(setting(see_other(&to), &choices), &visit);
                let after = purposes_in_force(policy, &parts.standing(policy), self.asker.circumstances());
                // Pages in the browser's cache may still hold what the account's no just ended.
                if self.asker.purposes.iter().any(|purpose| !after.contains(purpose)) {
                    response.headers_mut().insert(CLEAR_SITE_DATA, CACHE);
                }
                response
            }
            _ => {
                tracing::error!("a session, or the choices of its account, do not fit into a cookie");
                Told::of(self.words.told.unavailable).status(StatusCode::SERVICE_UNAVAILABLE).shown(self)
            }
        }
    }
}
