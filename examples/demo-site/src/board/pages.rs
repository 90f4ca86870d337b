use askama::Template;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::store::{Board, Draft, Found, POSTS_A_PAGE, Post, PostLine, Reply};
use crate::Site;
use crate::origin::is_same_origin;
use crate::response::{Failure, Frame, Message, Page, page};
use crate::visit::{Account, Visit};

const TITLE_CHARACTERS_MAX: usize = 120;
const BODY_CHARACTERS_MAX: usize = 4_000;
const SEARCH_CHARACTERS_MAX: usize = 100;
const WRITTEN_A_MINUTE_MAX: u32 = 5;

pub(crate) fn router() -> Router<Site> {
    Router::new()
        .route("/board", get(list))
        .route("/board/new", get(new_post).post(publish))
        .route("/posts/{slug}", get(show))
        .route("/posts/{slug}/replies", post(reply))
}

#[derive(Debug, Deserialize)]
struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: String,
}

#[derive(Template)]
#[template(path = "board.html")]
struct ListPage {
    frame: Frame,
    search: String,
    posts: Vec<PostLine>,
    total: u32,
    page: u32,
    pages: u32,
}

async fn list(State(site): State<Site>, visit: Visit, Query(query): Query<ListQuery>) -> Page {
    let search: String = query.q.trim().chars().take(SEARCH_CHARACTERS_MAX).collect();
    let number = query.page.parse().unwrap_or(1).max(1);
    let listing = site.board.list(&search, number).await?;
    let pages = listing.total.div_ceil(POSTS_A_PAGE).max(1);
    if number > pages {
        return Err(Failure::NotFound);
    }
    let frame = Frame::new("board", &visit);
    page(StatusCode::OK, &ListPage { frame, search, posts: listing.posts, total: listing.total, page: number, pages })
}

#[derive(Template)]
#[template(path = "post.html")]
struct PostPage {
    frame: Frame,
    post: Post,
    replies: Vec<Reply>,
    written: String,
    complaint: Option<&'static str>,
}

async fn show(State(site): State<Site>, visit: Visit, Path(slug): Path<String>) -> Page {
    let post = public_post(&site.board, &slug).await?;
    post_page(&site, &visit, post, StatusCode::OK, String::new(), None).await
}

async fn post_page(site: &Site, visit: &Visit, post: Post, status: StatusCode, written: String, complaint: Option<&'static str>) -> Page {
    let replies = site.board.replies(post.id).await?;
    page(status, &PostPage { frame: Frame::new("board", visit), post, replies, written, complaint })
}

#[derive(Template)]
#[template(path = "new_post.html")]
struct NewPostPage {
    frame: Frame,
    title: String,
    body: String,
    complaint: Option<&'static str>,
}

async fn new_post(visit: Visit) -> Page {
    if visit.account().is_none() {
        return sign_in_first(&visit);
    }
    let frame = Frame::new("board", &visit);
    page(StatusCode::OK, &NewPostPage { frame, title: String::new(), body: String::new(), complaint: None })
}

#[derive(Debug, Deserialize)]
struct PostForm {
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
}

async fn publish(State(site): State<Site>, visit: Visit, headers: HeaderMap, form: Result<Form<PostForm>, FormRejection>) -> Page {
    let Some(account) = writer(&site, &visit, &headers).await? else {
        return sign_in_first(&visit);
    };
    let form = match form {
        Ok(Form(form)) => form,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let (title, body) = (one_line(&form.title), tidy(&form.body));
    let complaint = if title.is_empty() {
        Some("Please give your post a title.")
    } else if title.chars().count() > TITLE_CHARACTERS_MAX {
        Some("That title is too long. 120 characters are the most.")
    } else {
        body_complaint(&body)
    };
    if complaint.is_some() {
        let frame = Frame::new("board", &visit);
        return page(StatusCode::UNPROCESSABLE_ENTITY, &NewPostPage { frame, title, body, complaint });
    }
    let draft = Draft { author: &account.id, author_name: &account.username, title: &title, body: &body, age_seconds: 0 };
    let (_, slug) = site.board.publish(draft).await?;
    Ok(Redirect::to(&format!("/posts/{slug}")).into_response())
}

#[derive(Debug, Deserialize)]
struct ReplyForm {
    #[serde(default)]
    body: String,
}

async fn reply(
    State(site): State<Site>,
    visit: Visit,
    Path(slug): Path<String>,
    headers: HeaderMap,
    form: Result<Form<ReplyForm>, FormRejection>,
) -> Page {
    let Some(account) = writer(&site, &visit, &headers).await? else {
        return sign_in_first(&visit);
    };
    let post = public_post(&site.board, &slug).await?;
    let body = match form {
        Ok(Form(form)) => tidy(&form.body),
        Err(rejection) => return Ok(rejection.into_response()),
    };
    if let Some(complaint) = body_complaint(&body) {
        return post_page(&site, &visit, post, StatusCode::UNPROCESSABLE_ENTITY, body, Some(complaint)).await;
    }
    let draft = Draft { author: &account.id, author_name: &account.username, title: "", body: &body, age_seconds: 0 };
    site.board.reply(post.id, draft).await?;
    Ok(Redirect::to(&format!("/posts/{}#replies", post.slug)).into_response())
}

/// Whoever may write now: signed in, on a form of ours, and not too fast. Nobody when they are not signed in.
async fn writer<'v>(site: &Site, visit: &'v Visit, headers: &HeaderMap) -> Result<Option<&'v Account>, Failure> {
    if !is_same_origin(headers) {
        return Err(Failure::NotFromHere);
    }
    let Some(account) = visit.account() else {
        return Ok(None);
    };
    if site.board.written_last_minute(&account.id).await? >= WRITTEN_A_MINUTE_MAX {
        return Err(Failure::TooFast);
    }
    Ok(Some(account))
}

async fn public_post(board: &Board, slug: &str) -> Result<Post, Failure> {
    match board.find(slug).await? {
        Found::Post(post) => Ok(post),
        Found::Hidden => Err(Failure::TakenDown),
        Found::Nothing => Err(Failure::NotFound),
    }
}

fn sign_in_first(visit: &Visit) -> Page {
    let message = Message {
        frame: Frame::new("board", visit),
        heading: "Sign in first",
        text: "Anybody may read the board. To write on it you need an account, so that your neighbors know whom they are talking to. \
            It takes an e-mail address and a username, and nothing else.",
        link: Some(("/account/sign-in?return=/board/new", "Sign in or register")),
    };
    page(StatusCode::FORBIDDEN, &message).map(Response::into_response)
}

fn body_complaint(body: &str) -> Option<&'static str> {
    if body.is_empty() {
        Some("Please write something first.")
    } else if body.chars().count() > BODY_CHARACTERS_MAX {
        Some("That is too long for the board. 4,000 characters are the most.")
    } else {
        None
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without stray control characters, with one kind of line end.
fn tidy(text: &str) -> String {
    let text: String = text.replace("\r\n", "\n").chars().filter(|character| *character == '\n' || !character.is_control()).collect();
    text.trim().to_owned()
}
