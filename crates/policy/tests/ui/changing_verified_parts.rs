use policy::cookie::{VerifiedParts, VisitorPart};

fn main() {}

fn swapped(parts: &mut VerifiedParts, somebody_else: VisitorPart) {
    parts.visitor = Some(somebody_else);
}
