use policy::cookie::{CookieParts, VerifiedParts};

fn main() {
    let _ = VerifiedParts(CookieParts::default());
}
