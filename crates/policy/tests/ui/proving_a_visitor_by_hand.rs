use policy::cookie::{VerifiedVisitor, VisitorPart};

fn main() {}

fn proven(part: VisitorPart) -> VerifiedVisitor {
    VerifiedVisitor { id: part.id, since: part.since }
}
