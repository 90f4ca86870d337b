use policy::{Decision, Permit};

fn main() {}

fn reversed(refusal: Decision<'_>, permit: Permit) -> Decision<'_> {
    Decision { permit: Some(permit), ..refusal }
}
