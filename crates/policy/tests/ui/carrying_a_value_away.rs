use policy::Sealed;

fn main() {
    let email = Sealed::new(domain::Field::AccountEmail, "ana@example.org");
    let mut loot = String::new();
    email.map(|address| loot.push_str(address));
}
