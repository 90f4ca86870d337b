//! The pages the clinic writes itself.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;

use crate::Site;
use crate::articles::{ARTICLES, Article, Sponsor, Topic, article};
use crate::board::PostLine;
use crate::response::{Failure, Frame, Page, allow_map, page};
use crate::topics;
use crate::visit::Visit;

pub(crate) fn router() -> Router<Site> {
    Router::new()
        .route("/", get(home))
        .route("/services", get(services))
        .route("/find-us", get(find_us))
        .route("/articles", get(articles))
        .route("/articles/{slug}", get(show_article))
        .route("/about", get(about))
}

/// A purpose that changes something on this site, and what.
#[derive(Debug)]
struct Permission {
    purpose: &'static str,
    means: &'static str,
    allowed: bool,
}

/// The front page shows this many posts of the board.
const LATEST_POSTS: usize = 4;

const PERMISSIONS: [(&str, &str); 5] = [
    ("return-visits", "Greet you when you come back"),
    ("personalise", "Pick tips by what you read"),
    ("advertise", "Show sponsors' notes beside articles"),
    ("map", "Show the map from OpenStreetMap"),
    ("news", "Send you our news by e-mail"),
];

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    is_return: bool,
    /// The tips are in the page, and Candor takes them out again for whoever did not say yes to them.
    has_tips: bool,
    tips: Vec<Topic>,
    allows_news: bool,
    articles: &'static [Article],
    latest: Vec<PostLine>,
    permissions: Vec<Permission>,
}

async fn home(State(site): State<Site>, visit: Visit, headers: HeaderMap) -> Page {
    let personalises = visit.allows("personalise");
    let tips = if personalises { topics::read(&headers) } else { Vec::new() };
    let mut latest = site.board.list("", 1).await?.posts;
    latest.truncate(LATEST_POSTS);
    let permissions = PERMISSIONS.map(|(purpose, means)| Permission { purpose, means, allowed: visit.allows(purpose) }).into();
    let home = HomePage {
        frame: Frame::new("home", &visit),
        is_return: visit.is_return(),
        has_tips: visit.is_gated,
        tips,
        allows_news: visit.allows("news"),
        articles: &ARTICLES,
        latest,
        permissions,
    };
    let mut response = page(StatusCode::OK, &home)?;
    if !personalises {
        topics::forget(&headers, &mut response);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "services.html")]
struct ServicesPage {
    frame: Frame,
}

async fn services(visit: Visit) -> Page {
    page(StatusCode::OK, &ServicesPage { frame: Frame::new("services", &visit) })
}

#[derive(Template)]
#[template(path = "find_us.html")]
struct FindUsPage {
    frame: Frame,
    /// The street map is in the page, and Candor takes it out again for whoever did not say yes to it. Nobody but Candor would.
    has_map: bool,
    allows_map: bool,
}

async fn find_us(visit: Visit) -> Page {
    let (has_map, allows_map) = (visit.is_gated, visit.allows("map"));
    let mut response = page(StatusCode::OK, &FindUsPage { frame: Frame::new("find-us", &visit), has_map, allows_map })?;
    if has_map {
        allow_map(&mut response);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "articles.html")]
struct ArticlesPage {
    frame: Frame,
    articles: &'static [Article],
}

async fn articles(visit: Visit) -> Page {
    page(StatusCode::OK, &ArticlesPage { frame: Frame::new("articles", &visit), articles: &ARTICLES })
}

#[derive(Template)]
#[template(path = "article.html")]
struct ArticlePage {
    frame: Frame,
    article: &'static Article,
    sponsor: Option<Sponsor>,
    others: Vec<&'static Article>,
}

async fn show_article(visit: Visit, Path(slug): Path<String>, headers: HeaderMap) -> Page {
    let article = article(&slug).ok_or(Failure::NotFound)?;
    let shown = ArticlePage {
        frame: Frame::new("articles", &visit),
        article,
        sponsor: visit.allows("advertise").then(|| article.topic.sponsor()),
        others: ARTICLES.iter().filter(|other| other.slug != article.slug).collect(),
    };
    let mut response = page(StatusCode::OK, &shown)?;
    if visit.allows("personalise") {
        topics::remember(&headers, article.topic, &mut response);
    } else {
        topics::forget(&headers, &mut response);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage {
    frame: Frame,
}

async fn about(visit: Visit) -> Page {
    page(StatusCode::OK, &AboutPage { frame: Frame::new("about", &visit) })
}
