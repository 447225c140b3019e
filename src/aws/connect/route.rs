//! The way requests take: through the environment's proxy, but to this computer directly.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// The client of all requests, credential providers' included.
pub(super) fn http_client(trust: &TlsContext) -> SharedHttpClient {
    SharedHttpClient::new(Routes {
        direct: client(trust.clone(), ProxyConfig::disabled()),
        proxied: client(trust.clone(), ProxyConfig::from_env()),
    })
}

/// As the SDK's default client, but for trust and proxy.
fn client(trust: TlsContext, proxy: ProxyConfig) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(trust.clone())
            .proxy_config(proxy.clone());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    })
}

/// Both ways; which one it is depends on each request's host.
///
/// A proxy is no way to this computer: it would look for the endpoint on itself, and learn of
/// requests that nobody meant to leave.
#[derive(Debug)]
struct Routes {
    direct: SharedHttpClient,
    proxied: SharedHttpClient,
}

impl HttpClient for Routes {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        // Each client keeps its connectors, and with them its connections.
        SharedHttpConnector::new(Fork {
            direct: self.direct.http_connector(settings, components),
            proxied: self.proxied.http_connector(settings, components),
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.proxied.connector_metadata()
    }
}

#[derive(Debug)]
struct Fork {
    direct: SharedHttpConnector,
    proxied: SharedHttpConnector,
}

impl HttpConnector for Fork {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if is_loopback(request.uri()) { self.direct.call(request) } else { self.proxied.call(request) }
    }
}

/// Whether a URL's host is this computer, by name or by address.
fn is_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_computer_is_known_by_every_spelling_and_no_other_is_taken_for_it() {
        for url in [
            "http://127.0.0.1:5000/restapis?limit=500",
            "https://localhost",
            "http://LocalHost:4566",
            "http://127.8.0.1/",
            "http://[::1]:4566/x",
            "http://user@127.0.0.1:1/",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://apigateway.eu-west-1.amazonaws.com/restapis",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com/",
            "http://10.0.0.1:5000",
            "http://example.com/?next=http://127.0.0.1",
            "http://127.0.0.1@example.com/",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
