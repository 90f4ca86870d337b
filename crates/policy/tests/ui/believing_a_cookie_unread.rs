use policy::cookie::{CookieParts, CookieState};

fn main() {
    let _ = CookieState::Verified(CookieParts::default());
}
