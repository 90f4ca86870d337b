//! Where a visitor is, when nobody on the way says so.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::Region;
use edge::Places;

use crate::common::Edge;
use crate::common::site::Site;
use crate::common::visitor::{Visitor, field, get};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const EVERYTHING: Option<&str> = Some("operate,return-visits,news");

/// Knows one network, which is in California, and counts how often it is asked.
#[derive(Default)]
struct Atlas {
    asked: AtomicUsize,
}

impl Places for Atlas {
    fn region(&self, address: IpAddr) -> Region {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let known = address.to_string().starts_with("203.0.113.");
        Region::parse(if known { "US-CA" } else { "*" }).expect("a region")
    }
}

async fn edge_behind_a_proxy(site: &Site, atlas: &Arc<Atlas>) -> Edge {
    Edge::among(site.address, Some(atlas.clone()), |settings| {
        settings.trusted_proxies = vec!["127.0.0.1".parse().expect("a network")];
        settings.region_header = Some(http::HeaderName::from_static("x-region"));
    })
}

#[tokio::test]
async fn an_address_says_where_a_visitor_is_and_is_looked_up_once() {
    let (site, atlas) = (Site::saying(OK).await, Arc::new(Atlas::default()));
    let edge = edge_behind_a_proxy(&site, &atlas).await;
    let mut visitor = Visitor::of(edge.address).await;
    let mut purposes = Vec::new();
    for client in ["203.0.113.7", "203.0.113.7", "198.51.100.4", "198.51.100.4"] {
        visitor.say(get("/", &[&format!("X-Forwarded-For: {client}")])).await;
        assert_eq!(visitor.answer().await.status(), 200);
        purposes.push(field(site.requests().last().expect("a request"), "candor-purposes"));
    }
    let purposes: Vec<Option<&str>> = purposes.iter().map(Option::as_deref).collect();
    assert_eq!(purposes, [EVERYTHING, EVERYTHING, Some("operate"), Some("operate")]);
    assert_eq!(atlas.asked.load(Ordering::Relaxed), 2, "once for each visitor on the connection");
}

#[tokio::test]
async fn a_trusted_proxys_word_beats_the_address_unless_it_does_not_know() {
    let (site, atlas) = (Site::saying(OK).await, Arc::new(Atlas::default()));
    let edge = edge_behind_a_proxy(&site, &atlas).await;
    for (said, purposes) in [("DE", Some("operate")), ("*", EVERYTHING), ("", EVERYTHING), ("nowhere", EVERYTHING)] {
        let mut visitor = Visitor::of(edge.address).await;
        visitor.say(get("/", &["X-Forwarded-For: 203.0.113.7", &format!("X-Region: {said}")])).await;
        assert_eq!(visitor.answer().await.status(), 200);
        assert_eq!(field(site.requests().last().expect("a request"), "candor-purposes").as_deref(), purposes, "{said}");
    }
}
