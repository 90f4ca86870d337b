use policy::Sealed;

fn main() {
    let email = Sealed::new(domain::Field::AccountEmail, "ana@example.org");
    let _ = email.open();
}
