//! What a page of the site's gets, put together as the edge asks for it.

use app::choices::Circumstances;
use axum::http::{HeaderMap, StatusCode};
use domain::{Answer, Language, Region};
use policy::syntax::SiteSources;
use web::{HeldBack, Inserts, Settings, SitePage};

use crate::world::{NOW, RULES, SPANISH_WORDS, WORDS, World, asker, at};

const MAP: &str = r#"
[purpose.map]
title = { en = "Show the <map>", es = "Mostrar el <mapa>" }

[[use]]
id = "map-view"
title = { en = "Street map", es = "Mapa" }
data = ["visit.ip"]
purpose = "map"
basis = "consent"
recipients = ["mapper"]

[[recipient]]
id = "mapper"
kind = "third-party"
name = "Maps & More"
address = "1 Long Road, Reno, NV 89501, USA"

[[resource]]
id = "street-map"
match = "https://maps.example/*"
purpose = "map"
recipient = "mapper"

[[cookie]]
id = "map-cookie"
name = "zoom"
purpose = "map"
keep = "1 day"
needed_for = [{ en = "Zooming in", es = "Acercar el mapa" }]
"#;

/// The words say in both languages what the map does.
fn world() -> World {
    let english = format!("{WORDS}\nA map shows where we are. {{map-view, map-cookie, mapper, street-map}}\n");
    let spanish = format!("{SPANISH_WORDS}\nUn mapa muestra dónde estamos. {{map-view, map-cookie, mapper, street-map}}\n");
    let sources = SiteSources::new(format!("{RULES}{MAP}"), english).with_translation(Language::parse("es").expect("a language"), spanish);
    World::of(&sources, Settings::default())
}

/// A page that is being opened.
struct Opened<'w> {
    world: &'w World,
    headers: HeaderMap,
    region: &'static str,
    gpc: bool,
    path: &'static str,
    sends_forms: bool,
}

impl<'w> Opened<'w> {
    fn of(world: &'w World) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("sec-fetch-site", "none".parse().expect("a value"));
        Self { world, headers, region: "DE", gpc: false, path: "/find-us?floor=2", sends_forms: true }
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().expect("a value"));
        self
    }

    fn inserts(&self) -> Inserts {
        let region = Region::parse(self.region).expect("a region");
        let circumstances = Circumstances { gpc: self.gpc, region, now: at(NOW) };
        let asker = asker(self.world, &self.headers, circumstances, true);
        let plan = policy::plan_visit(
            &asker.policy,
            &policy::Revocations::default(),
            &policy::VisitFacts {
                person: policy::Person {
                    consents: &asker.cookie.standing(&asker.policy).consents,
                    refusals: asker.cookie.standing(&asker.policy).refusals,
                    ..policy::Person::default()
                },
                gpc: self.gpc,
                region,
                at: at(NOW),
            },
        );
        let due = policy::due(&asker.policy, &asker.cookie, &plan, circumstances);
        let page = SitePage { asker, path: self.path, headers: &self.headers, due, sends_forms: self.sends_forms };
        Inserts::new(&self.world.state, page)
    }
}

fn the_map(world: &World) -> HeldBack {
    HeldBack::Resource(world.policy.resource_named("street-map").expect("the map"))
}

fn about(world: &World, purpose: &str) -> HeldBack {
    HeldBack::Purpose(world.policy.purpose_named(purpose).expect("the purpose"))
}

/// What a browser would send with the form in which this button stands.
fn sent_with<'h>(html: &'h str, button: &str) -> Vec<(&'h str, &'h str)> {
    let form = html.split("<form").find(|form| form.contains(&format!(">{button}</button>"))).expect("the form of that button");
    let mut fields = Vec::new();
    for input in form.split("<input").skip(1) {
        let attribute = |name: &str| input.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next());
        fields.push((attribute("name").expect("a name"), attribute("value").expect("a value")));
    }
    fields
}

/// The cookie of somebody who posted this.
async fn after(world: &World, fields: &[(&str, &str)]) -> String {
    let saved = world.post("/privacy/choices", fields).send().await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    world.cookie(&world.parts(&saved))
}

#[test]
fn the_banner_asks_about_what_is_due_and_nothing_else() {
    let world = world();
    insta::assert_snapshot!(Opened::of(&world).inserts().banner().expect("a banner"));
}

#[test]
fn the_banner_speaks_the_language_of_the_browser() {
    let world = world();
    let inserts = Opened::of(&world).header("accept-language", "es-MX, en;q=0.5").inserts();
    insta::assert_snapshot!(inserts.banner().expect("a banner"));
}

#[tokio::test]
async fn the_language_somebody_asked_us_to_remember_beats_their_browsers() {
    let world = world();
    let cookie = after(&world, &[("remember", "yes"), ("preference.language", "es")]).await;
    let opened = || Opened::of(&world).header("accept-language", "en").header("cookie", &cookie);
    assert!(opened().inserts().banner().expect("a banner").contains("lang=\"es\""));
    let page = world.get("/privacy").header("accept-language", "en").cookie(&cookie).send().await;
    assert!(page.text.contains("<article class=\"words\" lang=\"es\""));
    let asked = world.get("/privacy?language=en").header("accept-language", "en").cookie(&cookie).send().await;
    assert!(asked.text.contains("<article class=\"words\" lang=\"en\""), "the one asked for by name beats both");
}

#[tokio::test]
async fn one_click_answers_everything_the_banner_asks_and_nothing_is_asked_again() {
    for (button, answer) in [("Accept", Answer::Yes), ("Refuse", Answer::No)] {
        let world = world();
        let inserts = Opened::of(&world).inserts();
        let fields = sent_with(inserts.banner().expect("a banner"), button);
        let saved = world.post("/privacy/choices", &fields).send().await;
        assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, "/find-us?floor=2#candor-answered"), "{}", saved.text);
        let parts = world.parts(&saved);
        let mut answered: Vec<_> =
            parts.choices.as_ref().expect("choices").choices.iter().map(|choice| choice.purpose.to_string()).collect();
        answered.sort();
        assert_eq!(answered, ["map", "remember", "return-visits"], "`news` is asked about where people have an account");
        assert!(parts.choices.as_ref().expect("choices").choices.iter().all(|choice| choice.answer == answer));
        let next = Opened::of(&world).header("cookie", &world.cookie(&parts)).inserts();
        assert_eq!(next.banner(), None);
    }
}

#[test]
fn accepting_and_refusing_send_the_same_but_for_the_answer() {
    let world = world();
    let inserts = Opened::of(&world).inserts();
    let banner = inserts.banner().expect("a banner");
    let other = |fields: Vec<(&str, &str)>| -> Vec<String> {
        fields.into_iter().map(|(name, value)| format!("{name}={}", if value == "yes" { "no" } else { value })).collect()
    };
    assert_eq!(other(sent_with(banner, "Accept")), other(sent_with(banner, "Refuse")));
}

#[test]
fn where_a_page_may_send_no_form_links_lead_to_the_choices() {
    let world = world();
    let inserts = Opened { sends_forms: false, ..Opened::of(&world) }.inserts();
    let held = inserts.placeholder(&the_map(&world), false);
    let ending = inserts.ending(&[about(&world, "return-visits")]);
    insta::assert_snapshot!([inserts.banner().expect("a banner"), &held, &ending].join("\n"));
    assert!(![inserts.banner().expect("a banner"), &held, &ending].iter().any(|html| html.contains("<form") || html.contains("<button")));
}

#[test]
fn nobody_is_led_back_to_what_is_no_path_of_the_site() {
    let world = world();
    let inserts = Opened { path: "//evil.example/", ..Opened::of(&world) }.inserts();
    assert!(!inserts.banner().expect("a banner").contains("evil"));
}

#[test]
fn a_box_says_what_was_held_back_and_why_and_lets_the_reader_allow_it() {
    let world = world();
    let inserts = Opened::of(&world).inserts();
    let held = inserts.placeholder(&the_map(&world), false);
    insta::assert_snapshot!([&held, &inserts.ending(&[])].map(String::as_str).join("\n"));
}

#[test]
fn what_the_policy_does_not_name_is_told_by_its_host_and_nobody_can_allow_it() {
    let world = world();
    let inserts = Opened::of(&world).inserts();
    let stranger = HeldBack::Undeclared("cdn.<b>.example:81".to_owned());
    let (held, word, ending) =
        (inserts.placeholder(&stranger, false), inserts.placeholder(&stranger, true), inserts.ending(&[stranger.clone(), stranger]));
    for html in [&held, &word, &ending] {
        assert!(html.contains("cdn.&#60;b&#62;.example:81") && html.contains("does not name it"), "{html}");
        assert!(!html.contains("<form") && !html.contains("<button") && !html.contains("<a "), "{html}");
    }
    assert_eq!(ending.matches("<li>").count(), 1, "{ending}");
}

#[test]
fn where_there_is_little_room_a_word_leads_to_the_choices() {
    let world = world();
    let inserts = Opened::of(&world).inserts();
    let word = inserts.placeholder(&the_map(&world), true);
    assert!(word.contains("#purpose-map\" aria-label=\"Held back: ") && !word.contains("<button"), "{word}");
    assert_eq!(inserts.ending(&[]), "", "it needs no form");
}

#[tokio::test]
async fn the_button_in_a_box_allows_its_purpose_alone() {
    let world = world();
    let inserts = Opened::of(&world).inserts();
    let held = inserts.placeholder(&the_map(&world), false);
    let ending = format!("{}<form>>Allow</button>", inserts.ending(&[]));
    assert!(
        held.contains("form=\"candor-allow\" name=\"map\" value=\"yes\"")
            && ending.contains("<form class=\"candor candor-allow\" id=\"candor-allow\"")
    );
    let shared = ending.replace("<form>>", ">");
    let mut fields = sent_with(&shared, "Allow");
    fields.push(("map", "yes"));
    let cookie = after(&world, &fields).await;
    let value = cookie.split_once('=').expect("a value").1.as_bytes();
    let parts = policy::cookie::read(&world.policy, &world.keys, at(NOW), std::iter::once(value), std::iter::empty());
    let choices = &parts.parts().expect("parts").choices.as_ref().expect("choices").choices;
    assert_eq!(choices.iter().map(|choice| (choice.purpose.as_str(), choice.answer)).collect::<Vec<_>>(), [("map", Answer::Yes)]);
}

#[tokio::test]
async fn every_reason_is_told_for_what_it_is() {
    let world = world();
    let told = |opened: Opened<'_>| opened.inserts().placeholder(&the_map(&world), false);
    assert!(told(Opened::of(&world)).contains("You have not said yes"));
    let refused = after(&world, &[("map", "no")]).await;
    assert!(told(Opened::of(&world).header("cookie", &refused)).contains("You said no on 10 March 2026."));
    assert!(told(Opened::of(&world).header("cookie", "__Host-candor=AAAA")).contains("so we treat everything as refused"));
    let signalled = Opened { gpc: true, ..Opened::of(&world) };
    assert!(told(signalled).contains("Your browser sends Global Privacy Control."));
}

#[test]
fn what_nobody_would_have_seen_is_listed_once_at_the_end() {
    let world = world();
    let inserts = Opened::of(&world).inserts();
    let held = [the_map(&world), about(&world, "return-visits"), the_map(&world), about(&world, "operate")];
    insta::assert_snapshot!(inserts.ending(&held));
}

#[test]
fn a_page_from_which_nothing_was_held_back_ends_as_it_did() {
    let world = world();
    assert_eq!(Opened::of(&world).inserts().ending(&[]), "");
}

#[tokio::test]
async fn an_old_browser_gets_a_token_bound_to_its_cookie_and_a_new_visitor_gets_no_cookie() {
    let world = world();
    let bare = |opened: Opened<'_>| {
        let mut headers = opened.headers.clone();
        headers.remove("sec-fetch-site");
        Opened { headers, ..opened }.inserts()
    };
    assert!(!bare(Opened::of(&world)).banner().expect("a banner").contains("_token"));
    let cookie = after(&world, &[("news", "no")]).await;
    let inserts = bare(Opened::of(&world).header("cookie", &cookie));
    let fields = sent_with(inserts.banner().expect("a banner"), "Refuse");
    let saved = world.bare_post("/privacy/choices", &fields).cookie(&cookie).send().await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let stranger = world.bare_post("/privacy/choices", &fields).send().await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN);
}

#[test]
fn the_style_is_permitted_by_its_hash_and_small_on_the_wire() {
    use base64::Engine;
    let hash = ring::digest::digest(&ring::digest::SHA256, Inserts::style().as_bytes());
    let named = format!("'sha256-{}'", base64::prelude::BASE64_STANDARD.encode(hash));
    assert_eq!(Inserts::style_source(), named);
    assert!(!Inserts::style().contains('<'), "nothing in it ends its element");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, Inserts::style().as_bytes()).expect("memory");
    let bytes = packed.finish().expect("memory").len();
    assert!(bytes <= 4_096, "{bytes} bytes, and there is no script");
}

#[tokio::test]
async fn somebody_without_cookies_is_told_so_when_the_banner_is_there_again() {
    let world = world();
    let inserts = Opened::of(&world).inserts();
    let saved = world.post("/privacy/choices", &sent_with(inserts.banner().expect("a banner"), "Refuse")).send().await;
    assert_eq!(saved.header("location"), "/find-us?floor=2#candor-answered");
    let again = Opened::of(&world).inserts();
    let banner = again.banner().expect("a banner");
    assert!(banner.contains("id=\"candor-answered\">Your browser keeps no cookie of ours"), "{banner}");
    assert!(banner.contains("works but for this: Counting return visits; Zooming in."), "{banner}");
    let cookie = after(&world, &[("news", "no")]).await;
    let kept = Opened::of(&world).header("cookie", &cookie).inserts();
    assert!(!kept.banner().expect("a banner").contains("candor-answered"), "their browser does keep cookies");
}
