use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use url::{Host, Url};

/// A bucket as an operator names it: `s3://bucket/prefix`, and after a `?` where it is and how to get in. There is never a secret in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub(crate) bucket: String,
    /// Without slashes around it; the whole bucket where it is empty.
    pub(crate) prefix: String,
    pub(crate) region: Option<String>,
    /// Where the store answers, if it is not Amazon's.
    pub(crate) endpoint: Option<String>,
    pub(crate) credentials: Credentials,
}

/// Where the keys are that open the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// Where Amazon's own tools look: the environment, or else the file in the home folder.
    Usual,
    /// A file in the form of theirs.
    File(PathBuf),
    /// Whatever the machine in Amazon's cloud is told about itself.
    Instance,
}

/// Why a text names no bucket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("it is not of the form s3://bucket/prefix")]
    Form,
    #[error("it may hold no name and no password: keys are read from the environment or from a file, see `credentials`")]
    Secret,
    #[error("after the `?`, only `region`, `endpoint`, `credentials` and `allow_http` are known, each once")]
    Option,
    #[error("`endpoint` is no address of the form https://host:port")]
    Endpoint,
    #[error("`endpoint` is without TLS, so that everybody on the way reads along; say `allow_http=true` if that is meant")]
    Plain,
}

impl Address {
    /// Whether a text is meant as one, right or wrong.
    pub fn is_meant(text: &str) -> bool {
        text.contains("://")
    }

    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let url = Url::parse(text).map_err(|_| BadAddress::Form)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadAddress::Secret);
        }
        let bucket = url.host_str().filter(|_| url.scheme() == "s3" && url.port().is_none() && url.fragment().is_none());
        let bucket = bucket.filter(|name| is_bucket(name)).ok_or(BadAddress::Form)?;
        let prefix = url.path().trim_matches('/');
        if !prefix.split('/').all(|part| prefix.is_empty() || is_plain(part)) {
            return Err(BadAddress::Form);
        }
        let mut address =
            Self { bucket: bucket.to_owned(), prefix: prefix.to_owned(), region: None, endpoint: None, credentials: Credentials::Usual };
        address.read_options(&url)?;
        Ok(address)
    }

    fn read_options(&mut self, url: &Url) -> Result<(), BadAddress> {
        let mut plain_allowed = None;
        for (name, value) in url.query_pairs() {
            let value = value.into_owned();
            let is_twice = match &*name {
                "region" if is_plain(&value) => self.region.replace(value).is_some(),
                "endpoint" => self.endpoint.replace(value).is_some(),
                "credentials" => {
                    let place = if value == "instance" { Credentials::Instance } else { Credentials::File(PathBuf::from(value)) };
                    std::mem::replace(&mut self.credentials, place) != Credentials::Usual
                }
                "allow_http" if value == "true" || value == "false" => plain_allowed.replace(value == "true").is_some(),
                _ => return Err(BadAddress::Option),
            };
            if is_twice {
                return Err(BadAddress::Option);
            }
        }
        match &mut self.endpoint {
            None => Ok(()),
            Some(endpoint) => {
                *endpoint = endpoint.trim_end_matches('/').to_owned();
                check_endpoint(endpoint, plain_allowed == Some(true))
            }
        }
    }

    /// With the file of keys where it is seen from a folder.
    #[must_use]
    pub fn seen_from(mut self, folder: &Path) -> Self {
        if let Credentials::File(path) = &mut self.credentials {
            *path = folder.join(&*path);
        }
        self
    }

    /// Where requests to the bucket go.
    pub(crate) fn bucket_url(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("{endpoint}/{}", self.bucket),
            None => format!("https://s3.{}.amazonaws.com/{}", self.region(), self.bucket),
        }
    }

    pub(crate) fn region(&self) -> &str {
        self.region.as_deref().unwrap_or("us-east-1")
    }
}

/// Where it is, without how to get in: two of these are the same where they lead to the same place.
impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "s3://{}", self.bucket)?;
        if !self.prefix.is_empty() {
            write!(out, "/{}", self.prefix)?;
        }
        match &self.endpoint {
            Some(endpoint) => write!(out, " at {endpoint}"),
            None => Ok(()),
        }
    }
}

fn is_bucket(name: &str) -> bool {
    (3..=63).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte))
}

/// What needs no encoding anywhere, and leads nowhere else.
fn is_plain(part: &str) -> bool {
    !part.is_empty() && part != "." && part != ".." && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

fn check_endpoint(text: &str, plain_allowed: bool) -> Result<(), BadAddress> {
    let url = Url::parse(text).map_err(|_| BadAddress::Endpoint)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BadAddress::Secret);
    }
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    match (url.scheme(), url.host()) {
        ("https", Some(_)) if is_bare => Ok(()),
        ("http", Some(host)) if is_bare => {
            if plain_allowed || is_this_machine(&host) {
                Ok(())
            } else {
                Err(BadAddress::Plain)
            }
        }
        _ => Err(BadAddress::Endpoint),
    }
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => IpAddr::V6(*ip).to_canonical().is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> BadAddress {
        Address::parse(text).expect_err(text)
    }

    #[test]
    fn a_bucket_is_named_with_where_it_is() {
        let address = Address::parse("s3://visits-of-ours/site/one/?region=eu-central-1").expect("an address");
        assert_eq!(
            (address.to_string(), address.bucket_url()),
            ("s3://visits-of-ours/site/one".to_owned(), "https://s3.eu-central-1.amazonaws.com/visits-of-ours".to_owned())
        );
        let address = Address::parse("s3://visits?endpoint=http://127.0.0.1:9000/&credentials=keys.ini").expect("an address");
        assert_eq!(
            (address.to_string(), address.bucket_url()),
            ("s3://visits at http://127.0.0.1:9000".to_owned(), "http://127.0.0.1:9000/visits".to_owned())
        );
        assert_eq!(address.seen_from(Path::new("/site")).credentials, Credentials::File(PathBuf::from("/site/keys.ini")));
    }

    #[test]
    fn what_is_no_bucket_or_holds_a_secret_is_refused() {
        for text in ["s3://", "s3://x", "gs://bucket", "s3://bucket:80/x", "s3://bucket/a%20b", "s3://Bucket!/", "bucket"] {
            assert_eq!(refused(text), BadAddress::Form, "{text}");
        }
        for text in ["s3://key:secret@bucket", "s3://bucket?endpoint=https://key:secret@host"] {
            assert_eq!(refused(text), BadAddress::Secret, "{text}");
        }
        for text in ["s3://bucket?secret_access_key=x", "s3://bucket?region=a&region=b", "s3://bucket?allow_http=yes"] {
            assert_eq!(refused(text), BadAddress::Option, "{text}");
        }
        for text in ["s3://bucket?endpoint=ftp://host", "s3://bucket?endpoint=https://host/path", "s3://bucket?endpoint=host:9000"] {
            assert_eq!(refused(text), BadAddress::Endpoint, "{text}");
        }
    }

    #[test]
    fn what_leaves_this_machine_is_encrypted_unless_somebody_says_otherwise() {
        for host in ["store.example", "10.0.0.7:9000", "169.254.169.254", "localhost.example"] {
            assert_eq!(refused(&format!("s3://bucket?endpoint=http://{host}")), BadAddress::Plain, "{host}");
            Address::parse(&format!("s3://bucket?endpoint=http://{host}&allow_http=true")).expect("said so");
            Address::parse(&format!("s3://bucket?endpoint=https://{host}")).expect("encrypted");
        }
        for host in ["localhost:9000", "127.0.0.2", "[::1]:9000"] {
            Address::parse(&format!("s3://bucket?endpoint=http://{host}")).expect("this machine");
        }
    }
}
