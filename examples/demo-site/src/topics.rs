//! The topics somebody read about, in a cookie of the site's own: kept only while `personalise` is permitted.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use crate::articles::Topic;

const COOKIE: &str = "thistledown_topics";
const KEEP_SECONDS: u32 = 30 * 24 * 60 * 60;

/// The topics the browser brought along, the latest first. Anything that is no topic of ours is passed over.
pub(crate) fn read(headers: &HeaderMap) -> Vec<Topic> {
    let mut topics = Vec::new();
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    for name in
        cookies.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == COOKIE).flat_map(|(_, value)| value.split('.'))
    {
        match Topic::named(name) {
            Some(topic) if !topics.contains(&topic) => topics.push(topic),
            _ => {}
        }
    }
    topics
}

/// Remembers that this topic was read now.
pub(crate) fn remember(request: &HeaderMap, read_now: Topic, response: &mut Response) {
    let mut topics = read(request);
    topics.retain(|topic| *topic != read_now);
    topics.insert(0, read_now);
    let names: Vec<&str> = topics.into_iter().map(Topic::name).collect();
    set(request, &names.join("."), KEEP_SECONDS, response);
}

/// Removes the cookie of somebody who no longer permits it.
pub(crate) fn forget(request: &HeaderMap, response: &mut Response) {
    if !read(request).is_empty() {
        set(request, "", 0, response);
    }
}

fn set(request: &HeaderMap, value: &str, seconds: u32, response: &mut Response) {
    let secure = if request.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https") { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
