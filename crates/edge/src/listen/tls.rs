use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::TlsFiles;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read the certificate in {path}: it should be PEM, the site's certificate first")]
    Certificate { path: String, source: pem::Error },
    #[error("there is no certificate in {path}")]
    NoCertificate { path: String },
    #[error("cannot read the key in {path}: it should be PEM, without a passphrase")]
    Key { path: String, source: pem::Error },
    #[error("the certificate and its key do not fit together")]
    Pair(#[source] rustls::Error),
}

/// The certificate that visitors see, read again when its files change.
#[derive(Debug)]
pub(super) struct Certificate {
    files: TlsFiles,
    provider: Arc<CryptoProvider>,
    current: Arc<Current>,
    /// What the files looked like when they were last read.
    seen: Mutex<Option<[Stamp; 2]>>,
}

type Stamp = (Option<SystemTime>, u64);

#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Certificate {
    pub(super) fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let seen = stamps(&files).ok();
        let current = Arc::new(Current(ArcSwap::from_pointee(read(&files, &provider)?)));
        Ok(Self { files, provider, current, seen: Mutex::new(seen) })
    }

    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.current.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Reads the files again if they changed. Half-written ones leave the old certificate in place until they are whole.
    pub(super) fn refresh(&self) {
        let Ok(stamps) = stamps(&self.files) else { return };
        if *self.seen.lock() == Some(stamps) {
            return;
        }
        match read(&self.files, &self.provider) {
            Ok(certified) => {
                self.current.0.store(Arc::new(certified));
                *self.seen.lock() = Some(stamps);
                tracing::info!("the certificate was read again");
            }
            Err(error) => tracing::warn!(%error, "the changed certificate cannot be used; the one before stays"),
        }
    }
}

fn stamps(files: &TlsFiles) -> io::Result<[Stamp; 2]> {
    let stamp = |path: &Path| std::fs::metadata(path).map(|metadata| (metadata.modified().ok(), metadata.len()));
    Ok([stamp(&files.certificate)?, stamp(&files.key)?])
}

fn read(files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let path = files.certificate.display().to_string();
    let broken = |source| TlsError::Certificate { path: path.clone(), source };
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(&files.certificate).map_err(broken)?.collect::<Result<_, _>>().map_err(broken)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { path });
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|source| TlsError::Key { path: files.key.display().to_string(), source })?;
    CertifiedKey::from_der(chain, key, provider).map_err(TlsError::Pair)
}
