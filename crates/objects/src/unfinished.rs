//! Two questions that the library does not ask S3: whether the bucket keeps what is removed, and which uploads were begun and never finished.

use http::{Method, Request};
use object_store::Error as StoreError;
use object_store::aws::{AwsAuthorizer, AwsCredentialProvider};
use object_store::client::{HttpClient, HttpError, HttpErrorKind, HttpRequestBody};
use serde::Deserialize;

use crate::address::Address;
use crate::error::OnTheWay;
use crate::http::Client;

/// Signs and sends what the library has no words for.
#[derive(Clone, Debug)]
pub(crate) struct Unfinished {
    client: HttpClient,
    pub(crate) bucket: String,
    bucket_url: String,
    region: String,
    credentials: AwsCredentialProvider,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersioningConfiguration {
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListMultipartUploadsResult {
    #[serde(default, rename = "Upload")]
    uploads: Vec<Begun>,
    #[serde(default)]
    is_truncated: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    key: String,
    upload_id: String,
}

/// What the store says of a bucket's old versions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Versioning {
    /// There never were any.
    Never,
    /// They are kept, or were.
    Kept(String),
    /// The store does not say, by what it calls the error.
    Unknown(String),
    NoBucket,
}

impl Unfinished {
    pub(crate) fn new(client: Client, address: &Address, credentials: AwsCredentialProvider) -> Self {
        let (bucket, bucket_url, region) = (address.bucket.clone(), address.bucket_url(), address.region().to_owned());
        Self { client: HttpClient::new(client), bucket, bucket_url, region, credentials }
    }

    pub(crate) async fn versioning(&self) -> Result<Versioning, StoreError> {
        let (status, text) = self.send(Method::GET, "?versioning=").await?;
        match status {
            status if status.is_success() => {}
            http::StatusCode::NOT_IMPLEMENTED => return Ok(Versioning::Unknown(format!("{status} {}", code(&text)))),
            status if status.is_server_error() => return Err(refused(status, &text)),
            _ if text.contains("<Code>NoSuchBucket</Code>") => return Ok(Versioning::NoBucket),
            status => return Ok(Versioning::Unknown(format!("{status} {}", code(&text)))),
        }
        let said: VersioningConfiguration = quick_xml::de::from_str(&text).map_err(|error| unread(&error))?;
        Ok(said.status.map_or(Versioning::Never, Versioning::Kept))
    }

    /// Gives up every upload that was begun under a prefix.
    pub(crate) async fn forget(&self, prefix: &str) -> Result<(), StoreError> {
        loop {
            let (status, text) = self.send(Method::GET, &format!("?prefix={}&uploads=", encoded(prefix))).await?;
            if !status.is_success() {
                return Err(refused(status, &text));
            }
            let listed: ListMultipartUploadsResult = quick_xml::de::from_str(&text).map_err(|error| unread(&error))?;
            // A store that knows no prefix here lists those of others too.
            let ours = listed.uploads.iter().filter(|upload| upload.key.starts_with(prefix));
            let mut count = 0;
            for upload in ours {
                let place = format!("/{}?uploadId={}", upload.key, encoded(&upload.upload_id));
                let (status, text) = self.send(Method::DELETE, &place).await?;
                if !status.is_success() && status != http::StatusCode::NOT_FOUND {
                    return Err(refused(status, &text));
                }
                count += 1;
            }
            if !listed.is_truncated || count == 0 {
                return Ok(());
            }
        }
    }

    async fn send(&self, method: Method, place: &str) -> Result<(http::StatusCode, String), StoreError> {
        let credential = self.credentials.get_credential().await?;
        let request = Request::builder().method(method).uri(format!("{}{place}", self.bucket_url)).body(HttpRequestBody::empty());
        let mut request = request.map_err(|error| StoreError::Generic { store: "S3", source: Box::new(error) })?;
        AwsAuthorizer::new(&credential, "s3", &self.region).try_authorize(&mut request, None)?;
        let failed = |error: HttpError| StoreError::Generic { store: "S3", source: Box::new(error) };
        let answer = self.client.execute(request).await.map_err(failed)?;
        let status = answer.status();
        let bytes = answer.into_body().bytes().await.map_err(failed)?;
        Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// What the store calls an error.
fn code(text: &str) -> &str {
    text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code)
}

/// As the library tells it.
fn refused(status: http::StatusCode, text: &str) -> StoreError {
    StoreError::Generic { store: "S3", source: format!("non-2xx status code: {status}: <Code>{}</Code>", code(text)).into() }
}

fn unread(error: &quick_xml::DeError) -> StoreError {
    let why = OnTheWay(format!("its answer is no XML that S3 would send: {error}"));
    StoreError::Generic { store: "S3", source: Box::new(HttpError::new(HttpErrorKind::Decode, why)) }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
