//! The HTTP client under the SDK: this machine is reached directly, everything else as the proxy variables say.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use url::Url;

use crate::domain::loopback::is_loopback;

/// Both ways, chosen for each request by its host: services and credential providers may have different ones.
#[derive(Clone, Debug)]
struct ByHost {
    direct: SharedHttpClient,
    outside: SharedHttpClient,
}

/// One request's choice. The certificates of the system are read only once something outside is asked.
#[derive(Debug)]
struct Chooser {
    clients: ByHost,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

const TLS: Provider = Provider::Rustls(CryptoMode::AwsLc);

/// Returns the client.
pub(super) fn client() -> SharedHttpClient {
    SharedHttpClient::new(ByHost {
        direct: connecting(ProxyConfig::disabled),
        outside: connecting(ProxyConfig::from_env),
    })
}

fn connecting(proxy: fn() -> ProxyConfig) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(proxy());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.tls_provider(TLS).build()
    })
}

impl HttpClient for ByHost {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Chooser {
            clients: self.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    }
}

impl HttpConnector for Chooser {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let here = Url::parse(request.uri()).is_ok_and(|url| is_loopback(&url));
        let client = if here {
            &self.clients.direct
        } else {
            &self.clients.outside
        };
        client.http_connector(&self.settings, &self.components).call(request)
    }
}
