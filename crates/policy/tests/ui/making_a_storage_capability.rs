use policy::StorageCapability;

fn main() {
    let _ = StorageCapability(());
}
