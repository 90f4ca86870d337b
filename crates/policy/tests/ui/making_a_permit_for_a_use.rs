use policy::{Permit, Policy};

fn main() {}

fn undecided(policy: &Policy) -> Permit {
    Permit::for_use(policy, &policy.uses[0], policy.uses[0].data)
}
