//! Pages of the site's, as visitors get them: asked about what is open, and without what is not permitted.

use domain::Answer::{No, Yes};
use edge::Enforcement;

use crate::common::Edge;
use crate::common::inserts::{BANNER, STYLE};
use crate::common::site::Site;
use crate::common::visitor::{Answer, ask, get};

const NAVIGATION: &str = "Sec-Fetch-Dest: document";

fn page(html: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\netag: \"x\"\r\ncontent-length: {}\r\n\r\n{html}", html.len())
        .into_bytes()
}

/// The page that somebody gets who answered everything with no.
async fn refused(html: &str) -> Answer {
    let site = Site::saying(page(html)).await;
    let edge = Edge::with_trackers(site.address);
    let cookie = edge.choice(&[("ads", No), ("maps", No), ("news", No), ("return-visits", No)]);
    ask(edge.address, get("/shelf/page", &[NAVIGATION, &cookie])).await
}

async fn permitted(html: &str) -> Answer {
    let site = Site::saying(page(html)).await;
    let edge = Edge::with_trackers(site.address);
    let cookie = edge.choice(&[("ads", Yes), ("maps", Yes)]);
    ask(edge.address, get("/shelf/page", &[NAVIGATION, &cookie])).await
}

#[tokio::test]
async fn who_was_not_asked_yet_is_asked_at_the_start_of_the_page() {
    let site = Site::saying(page("<!doctype html><html><head><title>Books</title></head><body class=a><p>Hello</p></body></html>")).await;
    let edge = Edge::with_trackers(site.address);
    let answer = ask(edge.address, get("/", &[NAVIGATION])).await;
    assert_eq!(
        answer.text(),
        format!("<!doctype html><html><head><title>Books</title></head><body class=a>{STYLE}{BANNER}<p>Hello</p></body></html>")
    );
    assert_eq!(answer.field("set-cookie"), None, "asking keeps nothing in the browser");
    assert_eq!(answer.field("cache-control").as_deref(), Some("private, no-cache"));
    let tag = answer.field("etag").expect("a tag");
    assert!(tag.starts_with("W/\"x~candor-"), "{tag}");
    assert_eq!(edge.counts().pages_rewritten, 1);
}

#[tokio::test]
async fn a_noscript_inside_of_another_hides_nothing() {
    let answer = refused("<body><p>Hello</p><noscript><noscript><img src='https://ads.example/x.gif'></noscript></body>").await;
    assert!(answer.text().contains("Hello") && !answer.text().contains("ads.example"), "{}", answer.text());
}

#[tokio::test]
async fn a_page_without_a_body_tag_asks_before_the_first_thing_in_it() {
    let site = Site::saying(page("<title>Books</title><p>Hello")).await;
    let edge = Edge::with_trackers(site.address);
    let answer = ask(edge.address, get("/", &[NAVIGATION])).await;
    assert_eq!(answer.text(), format!("<title>Books</title>{STYLE}{BANNER}<p>Hello"));
}

#[tokio::test]
async fn what_is_not_permitted_leaves_a_placeholder_or_a_word_at_the_end() {
    let answer = refused(
        "<head><script src='https://ads.example/a.js'>x</script><link rel=preconnect href='//ads.example'></head><body>\
         <iframe src='https://maps.example/embed/1'></iframe><img src=//a.tiles.example/1.png><img src=https://ads.example/p.gif width=1 height=1>\
         <p>kept <img src=/own.png></p></body>",
    )
    .await;
    assert_eq!(
        answer.text(),
        format!(
            "<head></head><body>{STYLE}<div>[map-frame]</div><div>[map-tiles]</div><p>kept <img src=/own.png></p>\
             <details>[ad-script]</details></body>"
        )
    );
}

#[tokio::test]
async fn what_is_permitted_passes_byte_for_byte() {
    let html = "<body><script src='https://ads.example/a.js'></script><div data-candor-purpose=maps>m</div><img SRC=//a.tiles.example/1.png ></body>";
    let answer = permitted(html).await;
    assert_eq!(answer.text(), html);
}

#[tokio::test]
async fn elements_wait_for_the_purpose_they_are_marked_with() {
    let html = "<body><script data-candor-purpose=ads type=text/plain>go()</script><div data-candor-purpose=maps><b>map</b></div>\
                <p data-candor-purpose=nothing>gone</p><p data-candor-purpose=operate>stays</p></body>";
    assert_eq!(
        refused(html).await.text(),
        format!("<body>{STYLE}<div>[maps]</div><p data-candor-purpose=operate>stays</p><details>[ads]</details></body>")
    );
    assert_eq!(
        permitted(html).await.text(),
        "<body><script data-candor-purpose=\"ads\">go()</script><div data-candor-purpose=maps><b>map</b></div><p data-candor-purpose=operate>stays</p></body>"
            .replace("\"ads\"", "ads")
    );
}

#[tokio::test]
async fn everything_that_a_page_loads_by_itself_is_held_back() {
    for (html, left) in [
        ("<script src=//ads.example/a.js></script>", "#ad-script"),
        ("<script src='' data-src=//ads.example/a.js></script>", "="),
        ("<img src=//ads.example/a>", "<div>[ad-script]</div>"),
        ("a <img width=10 height=10 src=//ads.example/a> b", "a <b>[ad-script]</b> b"),
        ("<img width=600 height=' 40px' src=//ads.example/a>", "<b>[ad-script]</b>"),
        ("<img width=100% height=400 src=//ads.example/a>", "<div>[ad-script]</div>"),
        ("<img src=/a srcset='//ads.example/a 2x'>", "<div>[ad-script]</div>"),
        ("<img hidden src=//ads.example/a>", "#ad-script"),
        ("<img style='DISPLAY : none' src=//ads.example/a>", "#ad-script"),
        ("<image src=//ads.example/a>after", "<div>[ad-script]</div>after"),
        ("<picture><source srcset=//ads.example/a><img src=/a></picture>", "<picture><img src=/a></picture>#ad-script"),
        ("<video><source src=//ads.example/a><source src=/a></video>", "<video><source src=/a></video><div>[ad-script]</div>"),
        ("<video poster=//ads.example/a src=/v></video>", "<video src=/v></video>#ad-script"),
        ("<audio src=//ads.example/a>text</audio>", "<div>[ad-script]</div>"),
        ("<track src=//ads.example/a>", "#ad-script"),
        ("<embed src=//ads.example/a>", "<div>[ad-script]</div>"),
        ("<object data=//ads.example/a><p>instead</p></object>", "<div>[ad-script]</div>"),
        ("<input type=image src=//ads.example/a>", "<div>[ad-script]</div>"),
        ("<input type=text src=//ads.example/a>", "="),
        ("<link rel=stylesheet href=//ads.example/a>", "#ad-script"),
        ("<link rel='x DNS-Prefetch' href=//ads.example>", "#ad-script"),
        ("<link rel=preconnect href=//maps.example>", "#map-frame"),
        ("<link rel=preconnect href=//nobody-declared.example>", "#nobody-declared.example"),
        ("<iframe src=//nobody-declared.example:81/a?b></iframe>", "<div>[nobody-declared.example:81]</div>"),
        ("<img src='https://Nobody-Declared.example/a.png'>", "<div>[nobody-declared.example]</div>"),
        ("<script src=//nobody-declared.example/a.js></script>", "#nobody-declared.example"),
        ("<td background=//nobody-declared.example/a.js>", "<td>#nobody-declared.example"),
        ("<iframe srcdoc='&lt;iframe src=//nobody-declared.example/a>'></iframe>", "<div>[nobody-declared.example]</div>"),
        ("<a href=//nobody-declared.example>followed</a><form action=//nobody-declared.example></form>", "="),
        (
            "<img src=//books.example/a><img src=http://BOOKS.example:80/b><img src=https://files.example/needed.js>",
            "<img src=//books.example/a><img src=http://BOOKS.example:80/b><div>[files.example]</div>",
        ),
        ("<meta http-equiv=Refresh content='0; url=//ads.example/a'>", "#ad-script"),
        ("<meta http-equiv=refresh content='0; url=//nobody-declared.example/a'><meta http-equiv=refresh content=5>", "="),
        ("<script type='SpeculationRules'>{\"prefetch\":[{\"source\":\"document\"}]}</script>", ""),
        ("<script type='speculation&#114;ules'>{}</script>", ""),
        (
            "<template><base href=/></template><base href=//ads.example/><img src=a>",
            "<template><base href=/></template><base href=//ads.example/><div>[ad-script]</div>",
        ),
        (
            "<svg><base href=/ /></svg><base href=//ads.example/><img src=a>",
            "<svg><base href=/ /></svg><base href=//ads.example/><div>[ad-script]</div>",
        ),
        ("<link rel=preconnect href=//books.example><link rel='dns-prefetch' href=/>", "="),
        ("<link rel=canonical href=//ads.example/a>", "="),
        ("<link rel=preload imagesrcset='/a 1x, //ads.example/b 2x'>", "#ad-script"),
        // The image ends the drawing, and what follows is read as HTML; so it has to be without the image.
        (
            "<svg><img src=//ads.example/a><style><img src=//ads.example/b></style></svg>",
            "<svg><span></span><style><img src=//ads.example/b></style></svg>#ad-script",
        ),
        ("<svg><image href=//ads.example/a /><use xlink:href='//ads.example/b#c'/><rect/></svg>", "<svg><rect/></svg>#ad-script"),
        ("<table background=//ads.example/a><tr><td>b</table>", "<table><tr><td>b</table>#ad-script"),
        ("<iframe srcdoc='&lt;img src=//ads.example/a>'></iframe>", "<div>[ad-script]</div>"),
        ("<iframe width=0 height=0 src=//ads.example/a></iframe>", "#ad-script"),
        ("<template><img src=//ads.example/a>b</template>", "<template>b</template>#ad-script"),
        (
            "<script type=importmap>{\"imports\":{\"a\":\"https:\\/\\/ads.example/a.js\"}}</script>",
            "<script type=importmap></script>#ad-script",
        ),
        ("<script type=importmap>{\"imports\":{\"a\":\"/a.js\"}}</script>", "="),
        ("<script type='import&#109;ap'>{}</script>", "#ad-script"),
        ("<script type=speculationrules>{\"prefetch\":[{\"urls\":[\"//ads.example/\"]}]}</script>", ""),
        ("<base href=//ads.example/><script src=a.js></script>", "<base href=//ads.example/>#ad-script"),
        ("<select><option data-candor-purpose=ads>a<option>b</select>", "<select></select>#ads"),
        ("<svg data-candor-purpose=maps><g/></svg>after", "<div>[maps]</div>after"),
        ("<p data-candor-purpose=maps>one</section>two", "<div>[maps]</div></section>two"),
        ("<a href=//ads.example/a ping=/x>a link is followed by people</a>", "="),
        ("<!--<img src=//ads.example/a>--><title><img src=//ads.example/a></title>", "="),
    ] {
        let page = format!("<section>{html}</section>");
        let answer = refused(&page).await.text();
        let plain = answer.replace(STYLE, "").replace("<details>[]</details>", "");
        let expected = match left.split_once('#') {
            None if left == "=" => page,
            None => format!("<section>{left}</section>"),
            Some((left, named)) => format!("<section>{left}</section><details>[{named}]</details>"),
        };
        assert_eq!(plain, expected, "{html}");
    }
}

#[tokio::test]
async fn the_sites_own_policy_lets_our_style_in() {
    let html = "<head><meta http-equiv=Content-Security-Policy content=\"default-src 'self'; style-src 'none'\"></head><body>one</body>";
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-security-policy: style-src 'self'; form-action 'none'\r\n";
    let site = Site::saying(format!("{head}content-length: {}\r\n\r\n{html}", html.len())).await;
    let edge = Edge::with_trackers(site.address);
    let answer = ask(edge.address, get("/", &[NAVIGATION])).await;
    let policies = answer.field("content-security-policy").expect("policies");
    assert!(policies.starts_with("style-src 'self' 'sha256-TEST'; form-action 'none', default-src 'self'"), "{policies}");
    assert!(answer.text().contains("content=\"default-src 'self'; style-src 'sha256-TEST'\""), "{}", answer.text());
    assert!(answer.text().contains("<a>May we?"), "a page that sends no forms has a link: {}", answer.text());
}

#[tokio::test]
async fn what_a_page_loads_of_others_is_noted() {
    let html =
        "<body><script src='https://unknown.example/js/a.js?who=me'></script><img src=/own><img src=//a.tiles.example/1/2.png></body>";
    let site = Site::saying(page(html)).await;
    let edge = Edge::with(site.address, |settings| settings.enforcement = Enforcement::Observe);
    ask(edge.address, get("/", &[NAVIGATION])).await;
    edge.visit().await;
    assert_eq!(noted(&edge), ["http://a.tiles.example/1/", "https://unknown.example/js/"]);
}

/// The places of others that an edge has noted since it was asked last.
fn noted(edge: &Edge) -> Vec<String> {
    edge.running.as_ref().expect("it runs").counter().take_sightings().resources().map(|(place, _)| place.to_owned()).collect()
}

#[tokio::test]
async fn a_page_that_passes_as_it_is_is_looked_at_now_and_then() {
    let loads: String = (0..100).map(|number| format!("<img src=//a.tiles.example/{number}/2.png>")).collect();
    let html =
        format!("<body><a href=https://friends.example/>Friends</a>{loads}<script src=https://maps.example/embed/x.js></script></body>");
    let site = Site::saying(page(&html)).await;
    let edge = Edge::with_trackers(site.address);
    let cookie = edge.choice(&[("ads", Yes), ("maps", Yes), ("news", Yes), ("return-visits", Yes)]);
    let mut places = Vec::new();
    for _ in 0..5 {
        assert_eq!(ask(edge.address, get("/", &[NAVIGATION, &cookie])).await.text(), html);
        places.extend(noted(&edge));
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    assert!(
        places.contains(&"http://maps.example/embed/".to_owned()) || places.contains(&"https://maps.example/embed/".to_owned()),
        "{places:?}"
    );
    assert!(
        places.iter().any(|place| place.contains("tiles.example")) && !places.iter().any(|place| place.contains("friends")),
        "{places:?}"
    );
    assert_eq!((edge.counts().pages_rewritten, edge.counts().resources_held_back), (0, 0));
}

#[tokio::test]
async fn a_way_elsewhere_is_noted_where_a_page_loads_it() {
    let elsewhere = "HTTP/1.1 302 Found\r\nlocation: //unknown.example/t/p.gif?who=me\r\ncontent-length: 0\r\n\r\n";
    let site = Site::saying(elsewhere).await;
    let edge = Edge::with_trackers(site.address);
    for asks in [NAVIGATION, "Accept: */*"] {
        ask(edge.address, get("/pixel", &[asks])).await;
        assert_eq!(noted(&edge), [""; 0], "where people go is theirs to say: {asks}");
    }
    for asks in ["Sec-Fetch-Dest: image", "Sec-Fetch-Dest: iframe"] {
        ask(edge.address, get("/pixel", &[asks])).await;
        assert_eq!(noted(&edge), ["http://unknown.example/t/"], "{asks}");
    }
    let own = Site::saying("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n").await;
    let edge = Edge::with_trackers(own.address);
    ask(edge.address, get("/pixel", &["Sec-Fetch-Dest: image"])).await;
    assert_eq!(noted(&edge), [""; 0]);
}

#[tokio::test]
async fn a_page_that_everybody_may_have_connects_to_nobody_undeclared() {
    let answer =
        permitted("<head><link rel=preconnect href=//nobody-declared.example><link rel=preconnect href=//maps.example></head>Hello").await;
    assert_eq!(
        answer.text(),
        format!("<head><link rel=preconnect href=//maps.example></head>Hello{STYLE}<details>[nobody-declared.example]</details>")
    );
    assert_eq!(answer.field("content-length"), Some(answer.text().len().to_string()));
}

#[tokio::test]
async fn a_file_to_keep_and_a_way_elsewhere_are_not_touched() {
    let html = "<script src=//ads.example/a.js></script>";
    for fields in ["content-disposition: attachment; filename=a.html", "location: /elsewhere"] {
        let status = if fields.starts_with("location") { "302 Found" } else { "200 OK" };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-type: text/html\r\n{fields}\r\ncontent-length: {}\r\n\r\n{html}", html.len());
        let site = Site::saying(answer).await;
        let edge = Edge::with_trackers(site.address);
        assert_eq!(ask(edge.address, get("/", &[NAVIGATION])).await.text(), html, "{fields}");
    }
}

#[tokio::test]
async fn a_page_that_says_not_what_it_is_is_one_where_browsers_take_it_for_one() {
    let html = " \n<body><script src=//ads.example/a.js></script>";
    let site = Site::saying(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{html}", html.len())).await;
    let edge = Edge::with_trackers(site.address);
    for destination in [NAVIGATION, "Sec-Fetch-Dest: empty"] {
        // A copy may be shown later, whatever it was asked for as.
        assert!(!ask(edge.address, get("/", &[destination])).await.text().contains("ads.example"), "{destination}");
    }
}

#[tokio::test]
async fn observing_changes_nothing_and_counts() {
    let html = "<body><script src='https://ads.example/a.js'></script><iframe src=https://maps.example/embed/2></iframe></body>";
    let site = Site::saying(page(html)).await;
    let edge = Edge::with(site.address, |settings| settings.enforcement = Enforcement::Observe);
    edge.policy.store(std::sync::Arc::new(crate::common::policy_with_trackers()));
    let answer = ask(edge.address, get("/", &[NAVIGATION])).await;
    assert_eq!(answer.text(), html);
    assert_eq!(answer.field("etag").as_deref(), Some("\"x\""));
    assert_eq!(edge.counts().resources_held_back, 2);
}
