use std::net::{IpAddr, Ipv4Addr};

use app::operators::{RecordsError, Role, SignedIn, has_just_proved};
use app::people::Token;
use askama::Template;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::{Field, Timestamp};
use jiff::tz::TimeZone;
use policy::Sealed;
use policy::cookie::console_name;

use super::frame::{Frame, Shown, Tab};
use super::place::Place;
use super::told::Told;
use crate::PrivateState;
use crate::forgery::{self, Binding, FormCookie, Sender};
use crate::forms::{Form, Hidden, cookie, see_other, setting};
use crate::local_path::local_path;
use crate::pages::{html, query};
use crate::phrases::{Moment, Phrases};

/// Where somebody goes on after signing in, as a parameter.
pub(crate) const RETURN: &str = "return";

/// The address a request to the console came from. Whoever serves the router puts it into the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct ConsoleClient(pub Sealed<IpAddr>);

/// A request to the console, of somebody who may be anybody.
pub(crate) struct Desk {
    pub(crate) state: PrivateState,
    pub(crate) place: Place,
    pub(crate) headers: HeaderMap,
    pub(crate) uri: Uri,
    pub(crate) client: Sealed<IpAddr>,
    pub(crate) now: Timestamp,
}

/// A request of somebody who runs the site. Everybody else is led to where they can sign in.
pub(crate) struct Operator {
    pub(crate) desk: Desk,
    pub(crate) who: SignedIn,
}

/// A request of an owner.
pub(crate) struct Owner(pub(crate) Operator);

/// A form that an operator sent from a page of the console.
pub(crate) struct Posted {
    pub(crate) operator: Operator,
    pub(crate) form: Form,
}

/// The same from an owner.
pub(crate) struct OwnerPosted {
    pub(crate) owner: Operator,
    pub(crate) form: Form,
}

impl FromRequestParts<PrivateState> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &PrivateState) -> Result<Self, Response> {
        let Some(place) = parts.extensions.get::<Place>().cloned() else {
            tracing::error!("a request reached the console without its place");
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        // Whoever is of no known address shares one with everybody else who is.
        let nowhere = || Sealed::new(Field::VisitIp, IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let client = parts.extensions.get::<ConsoleClient>().map_or_else(nowhere, |client| client.0);
        let (headers, uri) = (parts.headers.clone(), parts.uri.clone());
        Ok(Self { state: state.clone(), place, headers, uri, client, now: state.clock.now() })
    }
}

impl FromRequestParts<PrivateState> for Operator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &PrivateState) -> Result<Self, Response> {
        let desk = Desk::from_request_parts(parts, state).await?;
        match desk.signed_in().await.map_err(|error| desk.unavailable(&error))? {
            Some(who) => Ok(Self { desk, who }),
            // What was posted is not done later, so there is nothing to go back to.
            None if parts.method == Method::GET => Err(see_other(&desk.sign_in_and_return(false))),
            None => Err(see_other("/sign-in")),
        }
    }
}

impl FromRequestParts<PrivateState> for Owner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &PrivateState) -> Result<Self, Response> {
        Operator::from_request_parts(parts, state).await?.owner().map(Self)
    }
}

impl FromRequest<PrivateState> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &PrivateState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let operator = Operator::from_request_parts(&mut parts, state).await?;
        let body = Bytes::from_request(Request::from_parts(parts, body), state).await;
        let form = Form::read(&operator.desk.headers, body);
        if operator.desk.is_from_our_page(form.get(forgery::TOKEN_FIELD)) {
            return Ok(Self { operator, form });
        }
        let forged =
            Told::new("Nothing was done", "This did not come from a page of the console. Go back, load the page again and try once more.");
        Err(forged.status(StatusCode::FORBIDDEN).way("/", "To the overview").shown_in(operator.frame(Tab::Elsewhere)))
    }
}

impl FromRequest<PrivateState> for OwnerPosted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &PrivateState) -> Result<Self, Response> {
        let Posted { operator, form } = Posted::from_request(request, state).await?;
        Ok(Self { owner: operator.owner()?, form })
    }
}

impl Desk {
    /// Whoever the cookie signs in.
    pub(crate) async fn signed_in(&self) -> Result<Option<SignedIn>, RecordsError> {
        match self.cookie() {
            Some(cookie) => self.state.operators.signed_in(&cookie, self.now).await,
            None => Ok(None),
        }
    }

    pub(crate) fn cookie(&self) -> Option<Token> {
        Token::parse(cookie(&self.headers, console_name(self.place.https))?)
    }

    /// What is around a page that anybody may see.
    pub(crate) fn frame(&self) -> Frame {
        Frame::new(&self.state, Tab::Elsewhere, None, Vec::new())
    }

    /// Whether a post comes from a page of the console.
    pub(crate) fn is_from_our_page(&self, token: Option<&str>) -> bool {
        forgery::is_from_our_page(self, &self.headers, &self.place.origin, token, &self.state.keys.load())
    }

    /// The page where somebody signs in, or shows `again` that it is still them, and then comes back here.
    pub(crate) fn sign_in_and_return(&self, again: bool) -> String {
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        sign_in(again, path)
    }

    /// Where somebody wanted to go, if that is a path of the console.
    pub(crate) fn return_to(&self) -> Option<String> {
        query(&self.uri, RETURN).filter(|path| local_path(path).is_some())
    }

    /// A time as a page shows it, in the zone that the policy's days are of.
    pub(crate) fn moment(&self, time: Timestamp) -> Moment {
        Phrases::ENGLISH.moment(time, &self.zone())
    }

    pub(crate) fn zone(&self) -> TimeZone {
        self.state.versions.newest().map_or(TimeZone::UTC, |newest| newest.policy.time_zone.clone())
    }

    /// A page that could not be made, because the records did not answer.
    pub(crate) fn unavailable(&self, error: &RecordsError) -> Response {
        tracing::error!(%error, "the records of the console do not answer");
        let lead = "The records could not be asked. In a few minutes it may work again; the log of Candor says more.";
        Told::new("Something does not work", lead).status(StatusCode::SERVICE_UNAVAILABLE).shown(&self.state)
    }

    /// Lets the browser keep what signs it in, until it is closed.
    pub(crate) fn signing_in(&self, response: Response, cookie: &Token) -> Response {
        setting(response, &self.set_cookie(&cookie.text(), ""))
    }

    /// Lets the browser forget it.
    pub(crate) fn signing_out(&self, response: Response) -> Response {
        setting(response, &self.set_cookie("", "; Max-Age=0"))
    }

    fn set_cookie(&self, value: &str, more: &str) -> String {
        let secure = if self.place.https { "; Secure" } else { "" };
        format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}", console_name(self.place.https))
    }
}

/// A form of the console is bound to the session it is shown in. Who has none is shown none.
impl Sender for Desk {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn binding(&self) -> Option<Binding> {
        let mut half = [0; 16];
        half.copy_from_slice(&self.cookie()?.hash()[..16]);
        Some(forgery::tagged(b'o', half))
    }

    fn form_cookie(&self) -> Option<FormCookie> {
        None
    }
}

impl Operator {
    /// What is around a page of theirs; its forms carry `frame.hidden`.
    pub(crate) fn frame(&self, at: Tab) -> Frame {
        let shown = Shown { name: self.who.operator.name.as_str().to_owned(), role: self.who.operator.role };
        Frame::new(&self.desk.state, at, Some(shown), self.hidden())
    }

    pub(crate) fn page(&self, page: &impl Template) -> Response {
        html(StatusCode::OK, page)
    }

    pub(crate) fn is_owner(&self) -> bool {
        self.who.operator.role == Role::Owner
    }

    /// Whether they signed in just now. Only then they change who can sign in: whoever finds a browser open must not get a way in that stays.
    pub(crate) fn has_just_proved(&self) -> bool {
        has_just_proved(&self.who, self.desk.now)
    }

    /// Leads whoever signed in a while ago to sign in once more, and then to this page.
    #[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
    pub(crate) fn proved_or_back_to(&self, page: &str) -> Result<(), Response> {
        if self.has_just_proved() { Ok(()) } else { Err(see_other(&sign_in(true, page))) }
    }

    #[expect(clippy::result_large_err, reason = "the answer goes out as it is, once a request")]
    fn owner(self) -> Result<Self, Response> {
        if self.is_owner() {
            return Ok(self);
        }
        let told =
            Told::new("This is for owners", "You work on cases here. Who else may, and what was done by whom, is for owners to see.");
        Err(told.status(StatusCode::FORBIDDEN).way("/", "To the overview").shown_in(self.frame(Tab::Elsewhere)))
    }

    fn hidden(&self) -> Hidden {
        let desk = &self.desk;
        let proof = forgery::proof(desk, &desk.headers, &desk.state.keys.load(), &*desk.state.random, "/");
        proof.map(|proof| (forgery::TOKEN_FIELD, proof.token)).into_iter().collect()
    }
}

fn sign_in(again: bool, return_to: &str) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    if return_to != "/" {
        pairs.append_pair(RETURN, return_to);
    }
    if again {
        pairs.append_pair("again", "1");
    }
    match pairs.finish() {
        pairs if pairs.is_empty() => "/sign-in".to_owned(),
        pairs => format!("/sign-in?{pairs}"),
    }
}
