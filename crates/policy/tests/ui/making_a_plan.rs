use policy::{Index, VisitPlan};

fn main() {
    let _ = VisitPlan { uses: [Index::new(0)].into_iter().collect(), ..VisitPlan::default() };
}
