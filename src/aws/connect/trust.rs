//! Whose certificates to trust: the system's, or those of `AWS_CA_BUNDLE`.

use std::path::Path;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::login::configuration;
use crate::domain::failure::Failure;

/// AWS: the file of certificates, in PEM, that its tools trust instead of the system's.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// A client that trusts `AWS_CA_BUNDLE`; none where it isn't set, and the SDK's own will do.
///
/// # Errors
/// A file that can't be read, or that holds no usable certificate.
pub(super) fn http_client() -> Result<Option<SharedHttpClient>, Failure> {
    let Some(path) = std::env::var_os(CA_BUNDLE).filter(|path| !path.is_empty()) else { return Ok(None) };
    let bundle = read(Path::new(&path))?;
    let context = TlsContext::builder()
        .with_trust_store(TrustStore::empty().with_pem_certificate(bundle))
        .build()
        .map_err(|error| unusable(Path::new(&path), &error.to_string()))?;
    // As the SDK's default client, but for the trust: proxies from the environment included.
    let client = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(context.clone())
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    });
    Ok(Some(client))
}

/// Reads the bundle and tries each certificate: the HTTP client would panic over a bad one.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let bundle = std::fs::read(path).map_err(|error| unusable(path, &error.to_string()))?;
    let mut trusted = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bundle) {
        certificate
            .map_err(|error| error.to_string())
            .and_then(|certificate| trusted.add(certificate).map_err(|error| error.to_string()))
            .map_err(|error| unusable(path, &error))?;
    }
    if trusted.is_empty() {
        return Err(unusable(path, "it holds no certificate"));
    }
    Ok(bundle)
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
}
