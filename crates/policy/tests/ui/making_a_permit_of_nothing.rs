fn main() {
    let _: policy::Permit = Default::default();
}
