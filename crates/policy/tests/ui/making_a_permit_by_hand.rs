use domain::{Field, FieldSet};
use policy::Permit;

fn main() {
    let _ = Permit { fields: FieldSet::EMPTY.with(Field::AccountEmail), purpose: None };
}
