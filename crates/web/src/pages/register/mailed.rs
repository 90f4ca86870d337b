use axum::response::Response;

use super::here::Here;
use super::told::{Told, Way};
use crate::pages::query;

/// The same page for everybody, whoever has an account.
pub(crate) async fn show(here: Here) -> Response {
    let told = &here.words.told;
    let page = if query(&here.uri, "for").is_some_and(|kind| kind == "sign-in") {
        Told::of(told.mailed_sign_in).way(Way::new(here.path("/sign-in", &[]), told.another_link))
    } else {
        Told::of(told.mailed_registration).way(Way::new(here.path("/register", &[]), told.register_again))
    };
    page.more(told.nothing_came).shown(&here)
}
