//! Finds the keys that open a bucket where Amazon's own tools would find them. They are never an argument, never in an address and never logged.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::StaticCredentialProvider;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsCredential};

use crate::address::{Address, Credentials};
use crate::error::OpenError;

type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// The variables by which a container is told where its keys are.
const OF_CONTAINERS: [&str; 5] = [
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

pub(crate) fn given(builder: AmazonS3Builder, address: &Address, environment: Environment<'_>) -> Result<AmazonS3Builder, OpenError> {
    match &address.credentials {
        Credentials::File(path) => Ok(with(builder, from_file(path, environment)?)),
        // Without any keys, the library asks the machine.
        Credentials::Instance => Ok(builder),
        Credentials::Usual => usual(builder, environment),
    }
}

fn usual(builder: AmazonS3Builder, environment: Environment<'_>) -> Result<AmazonS3Builder, OpenError> {
    let keys = (environment("AWS_ACCESS_KEY_ID"), environment("AWS_SECRET_ACCESS_KEY"));
    if let (Some(key_id), Some(secret_key)) = keys {
        return Ok(with(builder, AwsCredential { key_id, secret_key, token: environment("AWS_SESSION_TOKEN") }));
    }
    let is_container = |name: &&str| environment(name).is_some();
    if OF_CONTAINERS.iter().any(is_container) {
        let known = OF_CONTAINERS.iter().filter_map(|name| {
            let key: AmazonS3ConfigKey = name.to_ascii_lowercase().parse().ok()?;
            Some((key, environment(name)?))
        });
        return Ok(known.fold(builder, |builder, (key, value)| builder.with_config(key, value)));
    }
    let file = environment("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from);
    match file.or_else(|| environment("HOME").map(|home| Path::new(&home).join(".aws/credentials")).filter(|path| path.exists())) {
        Some(path) => Ok(with(builder, from_file(&path, environment)?)),
        None => Err(OpenError::NoCredentials),
    }
}

fn with(builder: AmazonS3Builder, credential: AwsCredential) -> AmazonS3Builder {
    builder.with_credentials(Arc::new(StaticCredentialProvider::new(credential)))
}

fn from_file(path: &Path, environment: Environment<'_>) -> Result<AwsCredential, OpenError> {
    let unreadable = |error| OpenError::CredentialsUnreadable { path: path.to_owned(), error };
    if std::fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(OpenError::CredentialsExposed { path: path.to_owned() });
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let profile = environment("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
    of_profile(&text, &profile).ok_or_else(|| OpenError::NoProfile { path: path.to_owned(), profile })
}

/// The keys of one section of such a file. What stands above all sections is the first's.
fn of_profile(text: &str, profile: &str) -> Option<AwsCredential> {
    let (mut is_in, mut key_id, mut secret_key, mut token) = (profile == "default", None, None, None);
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            is_in = name.trim() == profile;
        } else if let Some((name, value)) = line.split_once('=').filter(|_| is_in && !line.starts_with(['#', ';'])) {
            let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
            match name.trim() {
                "aws_access_key_id" => key_id = value,
                "aws_secret_access_key" => secret_key = value,
                "aws_session_token" => token = value,
                _ => {}
            }
        }
    }
    Some(AwsCredential { key_id: key_id?, secret_key: secret_key?, token })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# ours\n[default]\naws_access_key_id = one\naws_secret_access_key=first=secret\n\n[ other ]\naws_access_key_id=two\n\
                        aws_secret_access_key=second\naws_session_token=token\n[empty]\naws_access_key_id=\naws_secret_access_key=x\n";

    #[test]
    fn a_profile_has_its_own_keys() {
        let one = of_profile(FILE, "default").expect("it is there");
        assert_eq!((&*one.key_id, &*one.secret_key, one.token), ("one", "first=secret", None));
        let other = of_profile(FILE, "other").expect("it is there");
        assert_eq!((&*other.key_id, &*other.secret_key, other.token.as_deref()), ("two", "second", Some("token")));
        assert!(of_profile(FILE, "empty").is_none() && of_profile(FILE, "missing").is_none());
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let path = std::env::temp_dir().join(format!("candor-credentials-{}", std::process::id()));
        std::fs::write(&path, FILE).expect("a file");
        let found = |mode: u32| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("ours");
            from_file(&path, &|_| None).map(|credential| credential.key_id)
        };
        assert!(matches!(found(0o644), Err(OpenError::CredentialsExposed { .. })));
        assert_eq!(found(0o600).expect("only ours"), "one");
        assert!(matches!(from_file(&path, &|_| Some("missing".to_owned())), Err(OpenError::NoProfile { .. })));
        std::fs::remove_file(&path).expect("ours");
        assert!(matches!(found_nothing(&path), Err(OpenError::CredentialsUnreadable { .. })));
    }

    fn found_nothing(path: &Path) -> Result<String, OpenError> {
        from_file(path, &|_| None).map(|credential| credential.key_id)
    }

    #[test]
    fn nobody_gets_in_without_keys() {
        assert!(matches!(usual(AmazonS3Builder::new(), &|_| None), Err(OpenError::NoCredentials)));
    }
}
