use axum::response::Response;
use policy::cookie::SignedIn;

use super::here::{Here, see_other};
use super::told::{Told, Way};

/// Where whoever is signed in arrives.
pub(crate) async fn show(here: Here) -> Response {
    if !matches!(here.asker.signed_in(), SignedIn::As(_)) {
        return see_other(&here.path("/sign-in", &[]));
    }
    let sign_out = Way::new(here.path("/sign-out", &[]), here.words.sign_in.sign_out);
    Told::of(here.words.told.signed_in).button(sign_out, Vec::new()).shown(&here)
}
