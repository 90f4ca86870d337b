use std::error::Error;
use std::io;
use std::path::PathBuf;

use disk::DiskError;
use object_store::Error as StoreError;

/// Why a bucket cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "there are no keys for the bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, write them into ~/.aws/credentials, or name a file of \
         that form with `credentials=` in the address"
    )]
    NoCredentials,
    #[error("{}: the keys for the bucket cannot be read: {error}", .path.display())]
    CredentialsUnreadable { path: PathBuf, error: io::Error },
    #[error("{}: others may read the keys for the bucket; `chmod 600` it", .path.display())]
    CredentialsExposed { path: PathBuf },
    #[error("{}: it has no keys of the profile `{profile}`: an `aws_access_key_id` and an `aws_secret_access_key`", .path.display())]
    NoProfile { path: PathBuf, profile: String },
    #[error("the bucket cannot be set up: {0}")]
    Library(String),
    #[error("no root certificates: install the system's, or name a file of them in SSL_CERT_FILE")]
    NoRoots,
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    #[error("no thread can be started for requests to the bucket: {0}")]
    Thread(io::Error),
}

/// What went wrong on the way to the store, in words that hold no secret.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct OnTheWay(pub(crate) String);

/// Tells a failure of the store as one of a disk.
pub(crate) fn told(operation: &'static str, path: &str, error: &StoreError) -> DiskError {
    let (kind, words) = match error {
        StoreError::NotFound { .. } => (io::ErrorKind::NotFound, "it is not there".to_owned()),
        StoreError::AlreadyExists { .. } => (io::ErrorKind::AlreadyExists, "it is there already".to_owned()),
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
            (io::ErrorKind::PermissionDenied, format!("the store does not let us{}", code_of(error)))
        }
        error if is_refusal(error) => (io::ErrorKind::PermissionDenied, format!("the store does not let us{}", code_of(error))),
        error => (io::ErrorKind::Other, words(error)),
    };
    DiskError::new(operation, path, io::Error::new(kind, words))
}

/// Of lists the library does not tell apart why they failed.
fn is_refusal(error: &StoreError) -> bool {
    let text = error.to_string();
    ["401 ", "403 "].iter().any(|status| text.contains(&format!("status code: {status}")))
}

/// Whether the store answered, however: then it can be reached.
pub(crate) fn is_answer(error: &StoreError) -> bool {
    matches!(error, StoreError::NotFound { .. } | StoreError::AlreadyExists { .. } | StoreError::Precondition { .. })
}

pub(crate) fn words(error: &StoreError) -> String {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(known) = error.downcast_ref::<OnTheWay>() {
            return format!("the store cannot be reached: {known}");
        }
        next = error.source();
    }
    let text = error.to_string();
    match text.split_once("status code: ") {
        Some((_, rest)) => {
            let status = rest.split(':').next().unwrap_or_default().trim();
            format!("the store answers {status}{}", code_of(error))
        }
        None => text,
    }
}

/// What the store calls it, which is all that our HTTP leaves of an answer that is an error.
fn code_of(error: &StoreError) -> String {
    let text = error.to_string();
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    code.map_or_else(String::new, |(code, _)| format!(" ({code})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> StoreError {
        StoreError::Generic { store: "S3", source: text.into() }
    }

    #[test]
    fn only_what_the_store_calls_it_is_told() {
        let error = generic(
            "Error performing PUT http://h/b in 1ms - Server returned non-2xx status code: 503 Service Unavailable: <Error><Code>SlowDown</Code></Error>",
        );
        assert_eq!(
            told("write", "visits/manifest", &error).to_string(),
            "cannot write `visits/manifest`: the store answers 503 Service Unavailable (SlowDown)"
        );
        let list = generic("Server returned non-2xx status code: 403 Forbidden: <Error><Code>AccessDenied</Code></Error>");
        assert_eq!(told("list", "visits", &list).to_string(), "cannot list `visits`: the store does not let us (AccessDenied)");
        let denied =
            StoreError::PermissionDenied { path: "p".to_owned(), source: "403: <Error><Code>InvalidAccessKeyId</Code></Error>".into() };
        let told = told("read", "visits/manifest", &denied);
        assert_eq!(told.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(told.to_string(), "cannot read `visits/manifest`: the store does not let us (InvalidAccessKeyId)");
    }

    #[test]
    fn that_nobody_answers_is_told_from_however_deep() {
        use object_store::client::{HttpError, HttpErrorKind};
        let refused = HttpError::new(HttpErrorKind::Connect, OnTheWay("connection refused".to_owned()));
        let error = StoreError::Generic { store: "S3", source: Box::new(refused) };
        assert_eq!(words(&error), "the store cannot be reached: connection refused");
    }
}
