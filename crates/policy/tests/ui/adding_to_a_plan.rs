use policy::{Index, VisitPlan};

fn main() {
    let mut plan = VisitPlan::default();
    plan.uses.insert(Index::new(0));
}
