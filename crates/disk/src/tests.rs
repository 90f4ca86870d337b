use super::*;

fn written(disk: &dyn Disk, path: &str, bytes: &[u8]) -> Box<dyn WritableFile> {
    let mut file = disk.create(path).expect("a new file");
    file.write(bytes).expect("space");
    file
}

/// A folder of this test's own, gone afterwards.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("candor-disk-{name}-{}", std::process::id()));
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn both_disks_agree_on_what_the_interface_does() {
    let folder = Folder::new("agree");
    let disks: [&dyn Disk; 2] = [&RealDisk::new(&folder.0), &SimulatedDisk::new()];
    for disk in disks {
        assert!(disk.list("a").is_err_and(|error| error.is_not_found()));
        disk.create_dir_all("a/b").expect("folders");
        let mut file = written(disk, "a/b/one", b"hello");
        assert!(disk.create("a/b/one").is_err_and(|error| error.kind() == std::io::ErrorKind::AlreadyExists));
        file.sync().expect("synced");
        file.truncate(4).expect("cut");
        file.write(b"!").expect("space");
        disk.append("a/b/one").expect("it is there").write(b"?").expect("space");
        disk.sync_dir("a/b").expect("synced");
        assert_eq!(disk.read("a/b/one").expect("readable"), b"hell!?");
        assert_eq!(disk.size("a/b/one").expect("it is there"), 6);

        let open = disk.open("a/b/one").expect("readable");
        written(disk, "a/b/two", b"other");
        disk.rename("a/b/two", "a/b/one").expect("renamed");
        let mut buffer = [0; 4];
        assert_eq!(open.read_at(2, &mut buffer).expect("still readable"), 4);
        assert_eq!(&buffer, b"ll!?");
        assert_eq!(disk.read("a/b/one").expect("readable"), b"other");
        assert_eq!(disk.list("a/b").expect("a folder"), ["one"]);
        assert_eq!(disk.list("a").expect("a folder"), ["b"]);

        replace(disk, "a/b/one", b"new").expect("replaced");
        assert_eq!(disk.read("a/b/one").expect("readable"), b"new");
        disk.remove("a/b/one").expect("removed");
        assert!(disk.open("a/b/one").is_err_and(|error| error.is_not_found()));
        assert!(disk.append("a/b/one").is_err_and(|error| error.is_not_found()));
        assert!(disk.list("a/b").expect("a folder").is_empty());
    }
}

#[test]
fn the_real_disk_keeps_others_out_and_itself_in() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("private");
    let disk = RealDisk::new(&folder.0);
    disk.create_dir_all("a").expect("a folder");
    written(&disk, "a/one", b"x");
    let mode = |path: &str| folder.0.join(path).metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(""), mode("a"), mode("a/one")), (0o700, 0o700, 0o600));
    for path in ["../one", "/etc/hostname", "a/../../one"] {
        let error = disk.create(path).err().expect("refused");
        assert_eq!(error.to_string(), format!("cannot make `{path}`: the path leaves the folder it belongs in"));
    }
}

#[test]
fn a_power_cut_takes_what_was_not_synced() {
    let disk = SimulatedDisk::new();
    disk.create_dir_all("a").expect("a folder");
    let mut kept = written(&disk, "a/kept", b"one");
    kept.sync().expect("synced");
    disk.sync_dir("a").expect("synced");
    kept.write(b"two").expect("space");
    written(&disk, "a/nameless", b"x").sync().expect("synced");

    let strict = disk.crash(0);
    assert_eq!(strict.read("a/kept").expect("it is there"), b"one");
    assert_eq!(strict.list("a").expect("a folder"), ["kept"]);

    let lengths: std::collections::BTreeSet<usize> =
        (1..100).map(|seed| disk.crash(seed).read("a/kept").expect("it is there").len()).collect();
    assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6], "torn at every byte");
    let names: std::collections::BTreeSet<usize> = (1..100).map(|seed| disk.crash(seed).list("a").expect("a folder").len()).collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn after_a_failed_sync_nothing_of_a_file_can_be_trusted() {
    let disk = SimulatedDisk::new();
    let mut file = written(&disk, "one", b"abc");
    file.sync().expect("synced");
    disk.sync_dir("").expect("synced");
    file.write(b"def").expect("space");
    let next = disk.operations();
    disk.fail_operations(next..next + 1);
    assert!(file.sync().is_err());
    file.write(b"ghi").expect("space");
    file.sync().expect("the disk says so");
    assert_eq!(disk.read("one").expect("readable"), b"abcdefghi");
    assert_eq!(disk.crash(0).read("one").expect("readable"), b"abc");
}

#[test]
fn a_full_disk_takes_what_fits_until_there_is_space_again() {
    let disk = SimulatedDisk::new();
    disk.fill_up_after(4);
    let mut file = written(&disk, "one", b"abc");
    assert!(file.write(b"def").is_err_and(|error| error.kind() == std::io::ErrorKind::StorageFull));
    assert_eq!(disk.read("one").expect("readable"), b"abcd");
    disk.heal();
    file.write(b"e").expect("space");
    assert_eq!(disk.read("one").expect("readable"), b"abcde");
}

#[test]
fn a_crash_while_a_file_is_replaced_leaves_the_old_one_or_the_new_one() {
    let operations = {
        let disk = SimulatedDisk::new();
        replace(&disk, "one", b"old").expect("replaced");
        disk.operations()
    };
    for at in 0..=operations {
        for seed in 0..20 {
            let disk = SimulatedDisk::new();
            replace(&disk, "one", b"old").expect("replaced");
            disk.stop_from(disk.operations() + at);
            let done = replace(&disk, "one", b"new").is_ok();
            let after = disk.crash(seed);
            let bytes = after.read("one").expect("one of them is there");
            assert!(bytes == b"new" || (bytes == b"old" && !done), "operation {at}, seed {seed}");
            replace(&after, "one", b"again").expect("what was left behind is in nobody's way");
        }
    }
}
