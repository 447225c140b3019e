//! Whose certificates to trust: the system's, or those of `AWS_CA_BUNDLE`.

use std::path::Path;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::login::configuration;
use crate::domain::failure::Failure;

/// AWS: the file of certificates, in PEM, that its tools trust instead of the system's.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// Trust in `AWS_CA_BUNDLE`, or in the system's certificates where it isn't set.
///
/// # Errors
/// A file that can't be read, or that holds no usable certificate.
pub(super) fn from_environment() -> Result<TlsContext, Failure> {
    let Some(path) = std::env::var_os(CA_BUNDLE).filter(|path| !path.is_empty()) else {
        return Ok(TlsContext::default());
    };
    let path = Path::new(&path);
    let mut store = TrustStore::empty();
    for certificate in read(path)? {
        store.add_pem_certificate(certificate);
    }
    TlsContext::builder().with_trust_store(store).build().map_err(|error| unusable(path, &error.to_string()))
}

/// The bundle's certificates, each as PEM of its own.
///
/// The HTTP client would panic over a bad one, so each is tried first. One among many that can't
/// be used is left out, since nothing but what it signed depends on it.
fn read(path: &Path) -> Result<Vec<String>, Failure> {
    const END: &str = "-----END CERTIFICATE-----";
    let bundle = std::fs::read(path).map_err(|error| unusable(path, &error.to_string()))?;
    // Between certificates, bundles hold comments in whatever encoding.
    let text = String::from_utf8_lossy(&bundle);
    let mut usable = Vec::new();
    let mut reason = None;
    for block in text.split_inclusive(END).filter(|block| block.contains(END)) {
        match check(block) {
            Ok(()) => usable.push(block.to_owned()),
            Err(error) => {
                tracing::warn!(path = %path.display(), error, "left a certificate out");
                reason = Some(error);
            }
        }
    }
    if usable.is_empty() {
        return Err(unusable(path, reason.as_deref().unwrap_or("it holds no certificate")));
    }
    Ok(usable)
}

fn check(pem: &str) -> Result<(), String> {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| error.to_string())?;
    RootCertStore::empty().add(certificate).map_err(|error| error.to_string())
}

fn unusable(path: &Path, why: &str) -> Failure {
    configuration(&format!("{CA_BUNDLE} {} can't be used: {why}", path.display()))
        .with_hint("give the path of a file with one or more certificates in PEM")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(content: Option<&str>) -> Failure {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bundle.pem");
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let failure = read(&path).unwrap_err();
        assert!(failure.message.contains("bundle.pem"), "{failure}");
        failure
    }

    #[test]
    fn a_bundle_that_cannot_be_used_is_named_with_the_reason() {
        assert!(failure(None).message.contains("No such file"));
        assert!(failure(Some("not a certificate")).message.contains("holds no certificate"));
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(failure(Some(garbage)).message.starts_with("AWS_CA_BUNDLE "));
    }

    #[test]
    fn one_bad_certificate_among_others_is_left_out() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bundle.pem");
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        std::fs::write(&path, format!("# a comment\n{AUTHORITY}{garbage}{AUTHORITY}")).unwrap();
        assert_eq!(read(&path).unwrap().len(), 2);
    }

    /// A self-signed certificate for nothing in particular.
    const AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIUfA/aC2dGEXXpSVUe2E6XpjUg+RswCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHZXhhbXBsZTAeFw0yNjExMjEwMDEwMDZaFw0zNjExMTgwMDEw
MDZaMBIxEDAOBgNVBAMMB2V4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQr/7mtZp3Ri43Nitw/BUd7WZbgYkYPUEOIK85+PJmmIiDG1IHNuVIGU3nP7B/U
dvbS6I0tELo4zK2OdaqoIqxoo1MwUTAdBgNVHQ4EFgQUQXLC14Osh+NyKXTfeksK
WSNUnD0wHwYDVR0jBBgwFoAUQXLC14Osh+NyKXTfeksKWSNUnD0wDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBq1gHnltw/KqMGz8knSEG3o6cgTvIz
Dx2LOOyIoYOc/wIhALB1n7z8/N0GGWpgM+D6rxFTwlNfwauum1W9POp2qJHb
-----END CERTIFICATE-----
";
}
