//! The site as Candor meets it: requests with its headers in, pages out.

use std::path::PathBuf;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use demo_site::Site;
use http_body_util::BodyExt;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tower::ServiceExt;

const ALICE: [(&str, &str); 2] = [("Candor-Account", "0123456789abcdef0123456789abcdef"), ("Candor-Username", "alice")];

#[tokio::test]
async fn every_page_of_the_navigation_answers() {
    let clinic = Clinic::open("pages").await;
    for path in ["/", "/services", "/find-us", "/articles", "/articles/a-calmer-evening", "/board", "/board?page=2", "/about"] {
        let page = clinic.get(path, &[]).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains("href=\"/privacy\"") && page.text.contains("href=\"/privacy/choices\""), "{path} links to the policy");
        let csp = page.header("content-security-policy");
        assert!(csp.contains("default-src 'none'") && !csp.contains("unsafe"), "{path}: {csp}");
        assert_eq!(page.header("cache-control"), "private, no-store", "{path}");
    }
    for path in ["/assets/site.css", "/assets/permissions.js", "/assets/thistle.svg"] {
        let asset = clinic.get(path, &[]).await;
        assert_eq!(asset.status, StatusCode::OK, "{path}");
        assert_eq!(asset.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let clinic = Clinic::open("missing").await;
    for path in ["/nowhere", "/posts/nowhere", "/articles/nowhere", "/board?page=99"] {
        assert_eq!(clinic.get(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let candors = clinic.get("/privacy/choices", &[]).await;
    assert_eq!(candors.status, StatusCode::NOT_FOUND);
    assert!(candors.text.contains("Candor answers this address"));
}

#[tokio::test]
async fn a_visitor_is_greeted_again_only_where_that_is_permitted() {
    let clinic = Clinic::open("return").await;
    let visitor = ("Candor-Visitor", "00112233445566778899aabbccddeeff");
    let greets = async |headers: &[(&str, &str)]| clinic.get("/", headers).await.text.contains("Welcome back");

    assert!(greets(&[visitor, ("Candor-Purposes", "operate,return-visits")]).await);
    assert!(!greets(&[visitor, ("Candor-Purposes", "operate")]).await);
    assert!(!greets(&[("Candor-Purposes", "operate,return-visits")]).await);
    assert!(!greets(&[visitor]).await);
    assert!(!greets(&[visitor, ("Candor-Purposes", "no-return-visits")]).await);
}

#[tokio::test]
async fn tips_follow_what_was_read_while_that_is_permitted() {
    let clinic = Clinic::open("tips").await;
    let permitted = ("Candor-Purposes", "personalise");

    let read = clinic.get("/articles/a-calmer-evening", &[permitted, ("Cookie", "thistledown_topics=heart")]).await;
    assert_eq!(read.header("set-cookie"), "thistledown_topics=sleep.heart; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax");

    let brought = ("Cookie", "other=1; thistledown_topics=sleep.nonsense.sleep.heart");
    let home = clinic.get("/", &[permitted, brought]).await;
    assert_eq!(home.text.matches("You see this because").count(), 2);
    assert!(home.text.contains("because you read about sleep"));

    let refused = clinic.get("/", &[brought]).await;
    assert!(!refused.text.contains("because you read about"));
    assert!(refused.header("set-cookie").starts_with("thistledown_topics=; Max-Age=0"));
}

#[tokio::test]
async fn without_permission_an_article_sets_no_cookie_and_shows_no_advertisement() {
    let clinic = Clinic::open("quiet").await;
    let quiet = clinic.get("/articles/a-calmer-evening", &[("Candor-Purposes", "operate")]).await;
    assert!(!quiet.text.contains("Advertisement"));
    assert_eq!(quiet.header("set-cookie"), "");

    let permitted = clinic.get("/articles/a-calmer-evening", &[("Candor-Purposes", "operate,advertise")]).await;
    assert!(permitted.text.contains("Advertisement") && permitted.text.contains("Larkfield Linens"));
}

#[tokio::test]
async fn the_street_map_waits_for_a_yes() {
    let clinic = Clinic::open("map").await;
    let asked = clinic.get("/find-us", &[]).await;
    assert!(!asked.text.contains("https://www.openstreetmap.org"));
    assert!(!asked.header("content-security-policy").contains("openstreetmap"));

    let held_back = clinic.get("/find-us", &[("Candor-Purposes", "")]).await;
    assert!(held_back.text.contains("https://www.openstreetmap.org/export/embed.html"), "behind Candor it is there to be taken out");
    assert!(held_back.text.contains("we ask you first"));

    let permitted = clinic.get("/find-us", &[("Candor-Purposes", "map")]).await;
    assert!(permitted.text.contains("https://www.openstreetmap.org/export/embed.html"));
    assert!(permitted.header("content-security-policy").contains("frame-src https://www.openstreetmap.org"));
}

#[tokio::test]
async fn the_front_page_says_what_is_permitted() {
    let clinic = Clinic::open("permissions").await;
    let home = clinic.get("/", &[("Candor-Purposes", "operate, map")]).await.text;
    assert!(home.contains("data-purpose=\"map\" data-allowed=\"true\""));
    assert!(home.contains("data-purpose=\"news\" data-allowed=\"false\""));
    assert!(home.contains("src=\"/privacy/candor.js\""));
    assert!(!clinic.get("/board", &[]).await.text.contains("<script"));
}

#[tokio::test]
async fn whoever_is_signed_in_posts_and_replies() {
    let clinic = Clinic::open("posting").await;
    let address = clinic.posts("title=Lost+%26+found&body=A+blue+scarf.%0D%0A%0D%0AAsk+at+the+desk.").await;
    assert!(address.starts_with("/posts/lost-found-"), "{address}");

    let replied = clinic.post(&format!("{address}/replies"), "body=It+is+mine!", &ALICE, SAME_ORIGIN).await;
    assert_eq!(replied.status, StatusCode::SEE_OTHER);

    let post = clinic.get(&address, &[]).await;
    assert!(post.text.contains("Lost &#38; found") && post.text.contains("A blue scarf.") && post.text.contains("It is mine!"));
    assert!(post.text.contains("alice") && !post.text.contains(ALICE[0].1), "the name is public, the account's id is not");
    assert!(clinic.get("/board", &[]).await.text.contains(&address), "it leads the list");
}

#[tokio::test]
async fn without_an_account_signing_in_comes_first() {
    let clinic = Clinic::open("sign-in").await;
    let form = clinic.get("/board/new", &[]).await;
    assert_eq!(form.status, StatusCode::FORBIDDEN);
    assert!(form.text.contains("Sign in first") && form.text.contains("/account/sign-in"));

    for half in [&ALICE[..1], &ALICE[1..], &[]] {
        let posted = clinic.post("/board/new", "title=Hello&body=There", half, SAME_ORIGIN).await;
        assert_eq!(posted.status, StatusCode::FORBIDDEN);
    }
    assert!(clinic.get("/board/new", &ALICE).await.text.contains("<form class=\"write\""));
    assert!(!clinic.get("/board?q=Hello", &[]).await.text.contains("There"));
}

#[tokio::test]
async fn a_form_from_elsewhere_is_refused() {
    let clinic = Clinic::open("elsewhere").await;
    let elsewhere: [&[(&str, &str)]; 6] = [
        &[],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site"), ("Origin", "http://clinic.test")],
        &[("Origin", "http://evil.test")],
        &[("Origin", "null")],
        &[("Origin", "http://clinic.test.evil.test")],
    ];
    for headers in elsewhere {
        let posted = clinic.post("/board/new", "title=Hello&body=There", &ALICE, headers).await;
        assert_eq!(posted.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert!(posted.text.contains("did not come from our form"));
    }
    let older_browser = clinic.post("/board/new", "title=Hello&body=There", &ALICE, &[("Origin", "http://clinic.test")]).await;
    assert_eq!(older_browser.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_hostile_post_is_only_text() {
    let clinic = Clinic::open("hostile").await;
    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let mallory = [("Candor-Account", "m"), ("Candor-Username", "<img src=x onerror=alert(1)>")];
    let posted = clinic.post("/board/new", &format!("title={script}&body=%22%27{script}%00"), &mallory, SAME_ORIGIN).await;
    let address = posted.header("location");
    clinic.post(&format!("{address}/replies"), &format!("body={script}"), &mallory, SAME_ORIGIN).await;

    for path in [address.as_str(), "/board", &format!("/board?q={script}"), "/board?q=%22%3E%3Cscript%3E"] {
        let page = clinic.get(path, &mallory).await.text;
        assert!(!page.contains("<script>") && !page.contains("<img"), "{path}");
    }
}

#[tokio::test]
async fn a_post_has_bounds() {
    let clinic = Clinic::open("bounds").await;
    let complaints = [
        ("title=+&body=There".to_owned(), "Please give your post a title"),
        ("title=Hello&body=+%0A".to_owned(), "Please write something first"),
        (format!("title={}&body=There", "x".repeat(121)), "That title is too long"),
        (format!("title=Hello&body={}", "x".repeat(4_001)), "too long for the board"),
    ];
    for (form, complaint) in complaints {
        let page = clinic.post("/board/new", &form, &ALICE, SAME_ORIGIN).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{complaint}");
        assert!(page.text.contains(complaint), "{complaint}");
    }
    let huge = clinic.post("/board/new", &format!("title=Hello&body={}", "x".repeat(40_000)), &ALICE, SAME_ORIGIN).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn nobody_floods_the_board() {
    let clinic = Clinic::open("flood").await;
    for _ in 0..5 {
        clinic.posts("title=Hello&body=There").await;
    }
    let sixth = clinic.post("/board/new", "title=Hello&body=There", &ALICE, SAME_ORIGIN).await;
    assert_eq!(sixth.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn search_finds_words_and_reads_wildcards_literally() {
    let clinic = Clinic::open("search").await;
    let found = clinic.get("/board?q=LOW-SALT", &[]).await.text;
    assert!(found.contains("One post mentions") && found.contains("Low-salt recipes"));
    for nothing in ["/board?q=%25", "/board?q=_____", "/board?q=%27%20OR%201%3D1--", "/board?q=%5C"] {
        assert!(clinic.get(nothing, &[]).await.text.contains("0 posts mention"), "{nothing}");
    }
    assert_eq!(clinic.get("/board?q=a&page=nonsense", &[]).await.status, StatusCode::OK);
    assert!(clinic.get("/board?q=a", &[]).await.text.contains("page=2&amp;q=a"), "older pages keep the search");
}

#[tokio::test]
async fn a_hidden_post_is_gone_for_everybody() {
    let clinic = Clinic::open("hidden").await;
    let address = clinic.posts("title=Regrets&body=I+should+not+have+said+that.").await;
    clinic.sql("UPDATE posts SET hidden = 1 WHERE title = 'Regrets'").await;

    for reader in [&[][..], &ALICE] {
        let page = clinic.get(&address, reader).await;
        assert_eq!(page.status, StatusCode::GONE);
        assert!(!page.text.contains("should not have said"));
    }
    assert!(!clinic.get("/board", &[]).await.text.contains("Regrets"));
    assert!(clinic.get("/board?q=Regrets", &[]).await.text.contains("0 posts mention"));
    assert_eq!(clinic.post(&format!("{address}/replies"), "body=Why%3F", &ALICE, SAME_ORIGIN).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_hidden_reply_is_neither_shown_nor_counted() {
    let clinic = Clinic::open("hidden-reply").await;
    let address = clinic.posts("title=Question&body=Anybody%3F").await;
    clinic.post(&format!("{address}/replies"), "body=Something+rude", &ALICE, SAME_ORIGIN).await;
    clinic.sql("UPDATE replies SET hidden = 1 WHERE body = 'Something rude'").await;
    let page = clinic.get(&address, &[]).await.text;
    assert!(page.contains("No replies yet") && !page.contains("rude"));
}

#[tokio::test]
async fn the_board_is_filled_once_and_keeps_what_was_written() {
    let clinic = Clinic::open("reopened").await;
    let address = clinic.posts("title=Still+here&body=Tomorrow+too.").await;
    let posts = clinic.number("SELECT count(*) FROM posts").await;

    let reopened = Site::open(&clinic.database).await.expect("the site opens again");
    let clinic = Clinic { router: reopened.router(), database: clinic.database };
    assert_eq!(clinic.get(&address, &[]).await.status, StatusCode::OK);
    assert_eq!(clinic.number("SELECT count(*) FROM posts").await, posts);
}

const SAME_ORIGIN: &[(&str, &str)] = &[("Sec-Fetch-Site", "same-origin")];

struct Clinic {
    router: Router,
    database: PathBuf,
}

struct Answer {
    status: StatusCode,
    response: Response<()>,
    text: String,
}

impl Clinic {
    async fn open(name: &str) -> Self {
        let database = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("demo-site-{name}.sqlite"));
        for suffix in ["", "-wal", "-shm"] {
            let mut file = database.clone().into_os_string();
            file.push(suffix);
            let _ = std::fs::remove_file(file);
        }
        let router = Site::open(&database).await.expect("the site opens").router();
        Self { router, database }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Request::get(path), headers, Body::empty()).await
    }

    async fn post(&self, path: &str, form: &str, who: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, &[who, headers].concat(), Body::from(form.to_owned())).await
    }

    /// Posts as Alice and hands back where the post stands.
    async fn posts(&self, form: &str) -> String {
        let posted = self.post("/board/new", form, &ALICE, SAME_ORIGIN).await;
        assert_eq!(posted.status, StatusCode::SEE_OTHER, "{}", posted.text);
        posted.header("location")
    }

    async fn send(&self, request: axum::http::request::Builder, headers: &[(&str, &str)], body: Body) -> Answer {
        let request =
            headers.iter().fold(request.header(header::HOST, "clinic.test"), |request, (name, value)| request.header(*name, *value));
        let response = self.router.clone().oneshot(request.body(body).expect("a request")).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Answer { status: parts.status, response: Response::from_parts(parts, ()), text }
    }

    /// Reaches into the database as another program would.
    async fn sql(&self, statement: &'static str) {
        let pool = self.pool().await;
        sqlx::query(statement).execute(&pool).await.expect("the statement runs");
    }

    async fn number(&self, query: &'static str) -> i64 {
        let (number,): (i64,) = sqlx::query_as(query).fetch_one(&self.pool().await).await.expect("a number");
        number
    }

    async fn pool(&self) -> SqlitePool {
        SqlitePool::connect_with(SqliteConnectOptions::new().filename(&self.database)).await.expect("the database opens")
    }
}

impl Answer {
    /// The header's value; empty where there is none.
    fn header(&self, name: &str) -> String {
        self.response.headers().get(name).map_or_else(String::new, |value| value.to_str().expect("text").to_owned())
    }
}
