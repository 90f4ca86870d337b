use super::testing::library;

#[test]
fn a_good_folder_is_a_policy_and_yields_no_finding() {
    assert_eq!(library().findings(), "no errors, no warnings\n");
    assert!(library().report().policy.is_some());
}
