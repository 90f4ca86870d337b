use super::*;

fn load(text: &str) -> Result<Configuration, ConfigError> {
    load_with(text, &[], |_| None)
}

fn load_with(text: &str, flags: &[Given], environment: impl Fn(&str) -> Option<String>) -> Result<Configuration, ConfigError> {
    Configuration::from_parts(Path::new("candor.toml"), Some(text), flags, environment)
}

fn complaint(text: &str) -> String {
    load(text).expect_err("a complaint").to_string()
}

#[test]
fn an_empty_file_is_all_defaults() {
    let configuration = load("").expect("a configuration");
    assert_eq!(configuration.main.listen, Address("127.0.0.1:8080".parse().expect("an address")));
    assert_eq!(configuration.main.console, Address("127.0.0.1:8081".parse().expect("an address")));
    assert_eq!(configuration.main.upstream, None);
    assert_eq!(configuration.main.data, PathBuf::from("data"));
    assert_eq!(configuration.tls.certificate, None);
}

#[test]
fn every_key_can_be_written_in_the_file() {
    let configuration = load(
        r#"
        listen = "[::]:443"
        upstream = "https://backend.example"
        origin = "https://www.Example.org/"
        paths = { privacy = "/legal/privacy" }
        enforcement = "observe"
        trusted_proxies = ["10.0.0.0/8", "2001:db8::1"]
        region_header = "CF-Region"
        region_database = "regions.mmdb"
        workers = 2

        [tls]
        certificate = "site.pem"
        key = "site.key"
        "#,
    )
    .expect("a configuration");
    assert_eq!(configuration.main.upstream, "https://backend.example".parse().ok());
    assert_eq!(configuration.main.origin, Some(Origin("https://www.example.org".to_owned())));
    assert_eq!(configuration.main.paths.privacy.as_str(), "/legal/privacy");
    assert_eq!(configuration.main.enforcement, Enforcement::Observe);
    assert_eq!(configuration.main.trusted_proxies.0.len(), 2);
    assert_eq!(configuration.main.region_header, Some(Header(http::HeaderName::from_static("cf-region"))));
    assert_eq!(configuration.main.region_database, Some(PathBuf::from("regions.mmdb")));
    assert_eq!(configuration.tls.key, Some(PathBuf::from("site.key")));
}

#[test]
fn the_console_has_a_name_that_browsers_make_passkeys_for() {
    let origin = |text: &str| load(text).map(|configuration| configuration.console_origin());
    assert_eq!(origin("").expect("a configuration"), None);
    for (text, expected) in
        [("https://Console.example.org/", "https://console.example.org"), ("http://localhost:9000", "http://localhost:9000")]
    {
        let found = origin(&format!("console_origin = \"{text}\"")).expect("a configuration");
        assert_eq!(found.as_deref(), Some(expected));
    }
    for text in ["http://console.example.org", "https://192.0.2.1", "console.example.org", "https://example.org/console"] {
        assert!(origin(&format!("console_origin = \"{text}\"")).is_err(), "{text}");
    }
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file() {
    let file = "listen = \"127.0.0.1:1\"\nconsole = \"127.0.0.1:2\"\nworkers = 1\n";
    let flags = [Given { key: "workers".to_owned(), text: "3".to_owned(), place: Place::Flag("workers".to_owned()) }];
    let environment = |name: &str| match name {
        "CANDOR_WORKERS" => Some("2".to_owned()),
        "CANDOR_CONSOLE" => Some("127.0.0.1:22".to_owned()),
        _ => None,
    };
    let main = load_with(file, &flags, environment).expect("a configuration").main;
    assert_eq!((main.listen.0.port(), main.console.0.port(), main.workers), (1, 22, 3));
}

#[test]
fn a_bad_value_names_the_key_the_line_and_what_was_expected() {
    insta::assert_snapshot!(complaint("\n\nlisten = \"80 80\"\n"), @r#"candor.toml:3: `listen` is "80 80"; expected an address and a port, as in "127.0.0.1:8080" or "[::]:443""#);
    insta::assert_snapshot!(complaint("upstream = \"ftp://x\""), @r#"candor.toml:1: `upstream` is "ftp://x"; expected the site's address without a path, as in "http://127.0.0.1:3000" or "https://backend.example""#);
    insta::assert_snapshot!(complaint("lisen = \"127.0.0.1:80\""), @"candor.toml:1: there is no key `lisen`; did you mean `listen`?");
    insta::assert_snapshot!(complaint("something = 1"), @"candor.toml:1: there is no key `something`");
    insta::assert_snapshot!(complaint("[tls]\ncertificate = \"a.pem\""), @"candor.toml:2: `tls.certificate` goes with `tls.key`, which is not set");
    insta::assert_snapshot!(complaint("listen = "), @"candor.toml:1: this is not TOML: string values must be quoted, expected literal string");
}

#[test]
fn records_are_a_file_beside_the_log_unless_told_otherwise() {
    let at = |text: &str| load(text).expect("a configuration").records(Path::new("/site"), Path::new("/data")).to_string();
    assert_eq!(at(""), "sqlite:/data/records.sqlite");
    assert_eq!(at("records = \"sqlite:kept/records.db\""), "sqlite:/site/kept/records.db");
    assert_eq!(at("records = \"sqlite:/srv/records.db\""), "sqlite:/srv/records.db");
    assert_eq!(at("records = \"postgres://candor:s3cret@db.example/candor\""), "postgres://candor@db.example/candor");
}

#[test]
fn a_password_is_in_no_complaint_and_in_no_debug_output() {
    insta::assert_snapshot!(
        complaint("records = \"mysql://candor:s3cret@db.example/candor\""),
        @r#"candor.toml:1: `records` is "mysql://candor@db.example/candor"; expected "sqlite:PATH" or "postgres://USER@HOST/NAME""#
    );
    let configuration = load("records = \"postgres://candor:s3cret@db.example/candor\"").expect("a configuration");
    assert!(!format!("{configuration:?}").contains("s3cret"));
}

#[test]
fn a_bad_value_in_the_environment_names_the_variable() {
    let bad = load_with("", &[], |name| (name == "CANDOR_WORKERS").then(|| "many".to_owned())).expect_err("a complaint");
    insta::assert_snapshot!(bad, @r#"CANDOR_WORKERS: `workers` is "many"; expected a whole number from 0 to 65535"#);
}

#[test]
fn what_is_no_upstream_is_refused() {
    for text in ["", "example.org", "http://", "http://a/b", "http://a:0", "http://a:b", "http://[::1", "http://user@host", "https://a?b"] {
        assert_eq!(<edge::Upstream as setting::Setting>::parse(text), None, "{text}");
    }
    assert!(<edge::Upstream as setting::Setting>::parse("http://[::1]:8080/").is_some());
}

#[test]
fn paths_that_need_an_account_are_a_list() {
    let paths = |text: &str| load(text).expect("a configuration").main.sign_in.0.len();
    assert_eq!((paths(""), paths(r#"sign_in = ["/members", "/clubs/inner"]"#), paths(r#"sign_in = "/""#)), (0, 2, 1));
    insta::assert_snapshot!(
        complaint(r#"sign_in = ["/members", "clubs"]"#),
        @r#"candor.toml:1: `sign_in` is "/members,clubs"; expected paths of letters, digits, `-`, `_`, `~` and single dots between slashes, as in ["/members", "/clubs/inner"]"#
    );
}

#[test]
fn what_is_seldom_meant_is_said() {
    let cautions = |text| load(text).expect("a configuration").cautions().len();
    for careful in [
        "",
        r#"console = "[::1]:9000""#,
        r#"origin = "http://site.example""#,
        "origin = \"https://site.example\"\ntrusted_proxies = [\"127.0.0.1\"]",
        "origin = \"https://site.example\"\n[tls]\ncertificate = \"a\"\nkey = \"b\"",
    ] {
        assert_eq!(cautions(careful), 0, "{careful}");
    }
    for careless in [
        r#"console = "0.0.0.0:8081""#,
        r#"console = "192.0.2.1:8081""#,
        "console = \"192.0.2.1:8081\"\nconsole_origin = \"https://console.example.org\"",
        r#"origin = "https://site.example""#,
        r#"region_header = "CF-Region""#,
        r#"enforcement = "observe""#,
    ] {
        assert_eq!(cautions(careless), 1, "{careless}");
    }
}

#[test]
fn mail_needs_to_know_where_links_lead_and_how_to_log_in() {
    let wrong = |text: &str| complaint(text);
    assert_eq!(wrong("mail = \"smtp://localhost\""), "candor.toml:1: `mail` goes with `origin`, which is not set");
    let with_origin = |text: &str| wrong(&format!("origin = \"https://www.example.org\"\n{text}"));
    assert_eq!(
        with_origin("mail = \"smtps://anna@mail.example.org\""),
        "candor.toml:2: `mail` goes with `mail_password`, which is not set"
    );
    assert_eq!(with_origin("mail_password = \"env:X\""), "candor.toml:2: `mail_password` goes with `mail`, which is not set");
    let named = with_origin("mail = \"smtps://mail.example.org\"\nmail_password = \"env:X\"");
    assert_eq!(named, "candor.toml:3: `mail_password` goes with `smtp://USER@… in mail`, which is not set");
    let open = with_origin("mail = \"smtp://anna@mail.example.org?tls=none\"\nmail_password = \"env:X\"");
    assert_eq!(open, "candor.toml:2: with `?tls=none` everybody on the way could read the password of `mail`; leave it away");
}

#[test]
fn a_password_that_stands_where_it_should_not_is_not_repeated() {
    let secret = complaint("mail = \"smtp://anna:hunter2@mail.example.org\"");
    assert!(secret.contains("mail_password") && !secret.contains("hunter2"), "{secret}");
    let secret = complaint("mail_password = \"env:hunter 2\"");
    assert!(!secret.contains("hunter"), "{secret}");
}

#[test]
fn an_upstream_that_is_candor_itself_is_found() {
    let ours = |text| load(text).expect("a configuration").upstream_of_ours();
    assert_eq!(ours(r#"upstream = "http://127.0.0.1:8080""#), Some("listen"));
    assert_eq!(ours(r#"upstream = "http://localhost:8081""#), Some("console"));
    assert_eq!(ours("listen = \"0.0.0.0:3000\"\nupstream = \"http://127.0.0.1:3000\""), Some("listen"));
    assert_eq!((ours(r#"upstream = "http://127.0.0.1:3000""#), ours("")), (None, None));
}
