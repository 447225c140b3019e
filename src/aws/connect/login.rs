//! Loads the SDK's configuration: profile, region, endpoint, credentials, timeouts, trust.

use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::imds;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::TlsContext;

use super::profiles::{self, ChosenProfile};
use super::{AccessKey, CONNECT, ConnectOptions, route, trust};
use crate::aws::errors::Surroundings;
use crate::domain::endpoint::is_url;
use crate::domain::failure::{Failure, FailureKind};

/// The instance metadata service answers within milliseconds where there is one. Elsewhere its
/// address leads nowhere, and nobody should wait the SDK's half minute for that.
const INSTANCE_METADATA_TIMEOUT: Duration = Duration::from_secs(1);

/// What AWS's logs (CloudTrail's user agent) show of who asked. AWS allows no slash in it.
const APP_NAME: &str = concat!("cellgate-", env!("CARGO_PKG_VERSION"));

/// What a connection needs.
pub(super) struct Login {
    pub config: SdkConfig,
    pub around: Surroundings,
}

/// Reads configuration files and environment. Sends nothing, except to the instance metadata
/// service where nothing else names a region.
pub(super) async fn load(options: &ConnectOptions) -> Result<Login, Failure> {
    if let Some(endpoint) = &options.endpoint_url {
        check_endpoint(endpoint)?;
    }
    let (config, chosen) = if let Some(key) = &options.access_key {
        (Box::pin(with_access_key(options, key)).await?, ChosenProfile::default())
    } else {
        let chosen = profiles::choose(options).await?;
        (Box::pin(with_profile(options, &chosen)).await?, chosen)
    };
    let config = match &options.role_arn {
        Some(role) => Box::pin(in_role(config, role)).await,
        None => config,
    };
    let around = Surroundings {
        profile: chosen.name,
        sso_profile: chosen.sso_profile,
        endpoint: config.endpoint_url().map(str::to_owned),
        region: config.region().map(Region::to_string).unwrap_or_default(),
        attempt_timeout: options.timeouts.attempt,
        connect_timeout: options.timeouts.connect,
    };
    Ok(Login { config, around })
}

/// The configuration that every AWS tool finds, in the environment and in the profile.
async fn with_profile(options: &ConnectOptions, chosen: &ChosenProfile) -> Result<SdkConfig, Failure> {
    let timeouts = timeouts(options);
    let http_client = route::http_client(&trust::from_environment()?);
    let provider_config = ProviderConfig::without_region()
        .with_timeout_config(timeouts.clone())
        .with_http_client(http_client.clone());
    let metadata = imds::Client::builder()
        .configure(&provider_config)
        .max_attempts(1)
        .connect_timeout(INSTANCE_METADATA_TIMEOUT)
        .read_timeout(INSTANCE_METADATA_TIMEOUT)
        .operation_timeout(INSTANCE_METADATA_TIMEOUT)
        .build();
    let region = region(options, chosen, &provider_config, metadata.clone()).await?;
    let provider_config = provider_config.with_region(Some(region.clone()));
    let credentials = credentials(options, &provider_config, metadata, region.clone()).await;

    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(region)
        .credentials_provider(credentials)
        .http_client(http_client)
        .timeout_config(timeouts)
        .retry_config(one_attempt());
    if let Ok(name) = AppName::new(APP_NAME) {
        loader = loader.app_name(name);
    }
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = &options.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    Ok(loader.load().await)
}

/// The same configuration with the credentials of a role, which are fetched when they are first needed.
async fn in_role(config: SdkConfig, role: &str) -> SdkConfig {
    let provider = AssumeRoleProvider::builder(role).session_name(APP_NAME).configure(&config).build().await;
    config.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

/// A configuration of the options alone and, at most, the environment's region: built without the
/// SDK's loader, which would read the profiles' files.
async fn with_access_key(options: &ConnectOptions, key: &AccessKey) -> Result<SdkConfig, Failure> {
    let asked = options.region.as_deref().filter(|region| !region.is_empty());
    let region = RegionProviderChain::first_try(asked.map(|region| Region::new(region.to_owned())))
        .or_else(EnvironmentVariableRegionProvider::new())
        .region()
        .await;
    let region = region.ok_or_else(|| {
        configuration("no AWS region: the environment names none")
            .with_hint("give --region, or set AWS_REGION")
    })?;
    let endpoint = options.endpoint_url.as_deref();
    // Without TLS there is nobody to trust, so a bundle that can't be used is in nobody's way.
    let plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    let trust = if plain { TlsContext::default() } else { trust::from_environment()? };
    let credentials = Credentials::new(&key.id, &key.secret, None, None, "cellgate");
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(checked(region)?)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(route::http_client(&trust))
        .timeout_config(timeouts(options))
        .retry_config(one_attempt());
    config.set_app_name(AppName::new(APP_NAME).ok());
    config.set_endpoint_url(endpoint.map(str::to_owned));
    Ok(config.build())
}

fn timeouts(options: &ConnectOptions) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(options.timeouts.connect)
        .operation_attempt_timeout(options.timeouts.attempt)
        .build()
}

/// cellgate's own retries pass the limiter; the SDK's would not.
fn one_attempt() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(1)
}

/// The option, else what every AWS tool asks: environment, profile, instance metadata.
pub(super) async fn region(
    options: &ConnectOptions,
    chosen: &ChosenProfile,
    provider_config: &ProviderConfig,
    metadata: imds::Client,
) -> Result<Region, Failure> {
    let mut profile_region = ProfileFileRegionProvider::builder().configure(provider_config);
    if let Some(profile) = &options.profile {
        profile_region = profile_region.profile_name(profile);
    }
    let instance =
        imds::region::ImdsRegionProvider::builder().configure(provider_config).imds_client(metadata).build();
    let asked = options.region.as_deref().filter(|region| !region.is_empty());
    let region = RegionProviderChain::first_try(asked.map(|region| Region::new(region.to_owned())))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(profile_region.build())
        .or_else(instance)
        .region()
        .await;
    let Some(region) = region else {
        let place = match &chosen.name {
            Some(profile) => format!("neither the environment nor profile {profile} names one"),
            None => "neither the environment nor the default profile names one".to_owned(),
        };
        return Err(configuration(&format!("no AWS region: {place}"))
            .with_hint("give --region, set AWS_REGION, or add `region` to the profile"));
    };
    checked(region)
}

/// AWS: a region's code becomes part of the host name.
fn checked(region: Region) -> Result<Region, Failure> {
    let name = region.as_ref();
    if name.chars().all(|character| character.is_ascii_alphanumeric() || character == '-') {
        Ok(region)
    } else {
        Err(configuration(&format!("`{name}` is no region's code, such as eu-west-1")))
    }
}

async fn credentials(
    options: &ConnectOptions,
    provider_config: &ProviderConfig,
    metadata: imds::Client,
    region: Region,
) -> SharedCredentialsProvider {
    if let Some(profile) = &options.profile {
        // As with the AWS CLI: who names a profile means its credentials, whatever key happens to
        // be in the environment. Acting on another account would be worse than an error.
        let provider = ProfileFileCredentialsProvider::builder().configure(provider_config);
        return SharedCredentialsProvider::new(provider.profile_name(profile).build());
    }
    let chain = DefaultCredentialsChain::builder()
        .configure(provider_config.clone())
        .imds_client(metadata)
        .region(region);
    SharedCredentialsProvider::new(chain.build().await)
}

/// A malformed endpoint would fail at the first request, far from where it was given.
fn check_endpoint(endpoint: &str) -> Result<(), Failure> {
    if is_url(endpoint) {
        return Ok(());
    }
    Err(configuration(&format!("`{endpoint}` is no endpoint"))
        .with_hint("give a URL such as https://host or http://127.0.0.1:5000"))
}

/// A failure of settings, before anything is sent.
pub(super) fn configuration(message: &str) -> Failure {
    Failure::new(CONNECT, "", FailureKind::Configuration, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_name_is_one_that_aws_takes() {
        assert!(AppName::new(APP_NAME).is_ok());
    }

    #[test]
    fn an_endpoint_is_a_url() {
        assert!(check_endpoint("http://127.0.0.1:5000").is_ok());
        let failure = check_endpoint("127.0.0.1:5000").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Configuration);
    }
}
