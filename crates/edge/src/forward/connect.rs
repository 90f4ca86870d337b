use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Failure;
use super::link::Link;
use super::stream::Transport;
use crate::{Limits, Upstream};

/// Makes connections to the site.
pub(crate) struct Connector {
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// Why no connection over TLS can ever be made to the site.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    #[error("`{0}` is not a name that a certificate can be for")]
    Name(String),
    #[error("no root certificates: install the system's, or name a file of them in SSL_CERT_FILE")]
    NoRoots,
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

impl Connector {
    pub(crate) fn new(upstream: &Upstream) -> Result<Self, ConnectorError> {
        let tls = if upstream.tls { Some(tls(&upstream.host)?) } else { None };
        Ok(Self { host: upstream.host.clone(), port: upstream.port, tls })
    }

    pub(super) async fn connect(&self, limits: &Limits) -> Result<Box<Link>, Failure> {
        let transport = tokio::time::timeout(limits.connect, self.transport()).await;
        let transport = transport.map_err(|_| Failure::TooSlow)?.map_err(|error| {
            tracing::warn!(%error, "the site cannot be reached");
            Failure::NoAnswer
        })?;
        Link::over(transport, limits).await
    }

    async fn transport(&self) -> io::Result<Transport> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            None => Transport::Plain(stream),
            Some((connector, name)) => Transport::Tls(Box::new(connector.connect(name.clone(), stream).await?)),
        })
    }
}

fn tls(host: &str) -> Result<(TlsConnector, ServerName<'static>), ConnectorError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| ConnectorError::Name(host.to_owned()))?;
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a root certificate cannot be read");
    }
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(ConnectorError::NoRoots);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((TlsConnector::from(Arc::new(config)), name))
}

impl fmt::Debug for Connector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Connector").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}
