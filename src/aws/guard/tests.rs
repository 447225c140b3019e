//! The guard as the SDK calls it: the hook itself, and real clients against a listener that
//! counts connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextMut, Input, InterceptorContext,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::retry::RetryConfig;
use tokio::net::TcpListener;

use super::*;
use crate::aws::clients::Clients;
use crate::aws::errors::{self, Surroundings};
use crate::aws::operations::{FLUSH_STAGE_CACHE, GET_API_KEYS, GET_STAGES, judged};
use crate::aws::region_clock::RegionClock;
use crate::domain::failure::FailureKind;

/// Runs the hook as the SDK's orchestrator does, with or without the operation's name.
fn hook(guard: Guard, named: Option<(&'static str, &'static str)>) -> Result<(), BoxError> {
    let mut layer = Layer::new("operation");
    if let Some((service, operation)) = named {
        layer.store_put(Metadata::new(operation, service));
    }
    let mut config = ConfigBag::of_layers(vec![layer]);
    let mut context = InterceptorContext::new(Input::erase("input"));
    let mut context = BeforeSerializationInterceptorContextMut::from(&mut context);
    let components = RuntimeComponentsBuilder::for_tests().build().unwrap();
    guard.modify_before_serialization(&mut context, &components, &mut config)
}

#[test]
fn the_hook_lets_through_exactly_what_the_mode_may_send() {
    for (service, name, access) in judged() {
        let named = Some((service.sdk_id(), name));
        let read = matches!(access, Access::Read);
        let change = matches!(access, Access::Change);
        assert_eq!(hook(Guard::read(), named).is_ok(), read, "{service} {name} in a read session");
        assert_eq!(
            hook(Guard::operate(), named).is_ok(),
            read || change,
            "{service} {name} in an operate session"
        );
    }
}

#[test]
fn what_has_no_name_or_no_judgement_is_refused() {
    for guard in [Guard::read(), Guard::operate()] {
        for named in
            [None, Some(("API Gateway", "")), Some(("API Gateway", "GetAnything")), Some(("S3", "GetStages"))]
        {
            let error = hook(guard, named).unwrap_err();
            assert_eq!(error.downcast_ref::<Refusal>().unwrap().cause, Cause::Unknown, "{named:?}");
        }
    }
}

/// A listener on loopback that counts connections and closes each at once.
async fn counting_listener() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (endpoint, connections)
}

fn config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new(
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        None,
        None,
        "test",
    );
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard().with_max_attempts(1))
        .endpoint_url(endpoint)
        .build()
}

fn around(endpoint: &str) -> Surroundings {
    Surroundings {
        profile: None,
        sso_profile: None,
        endpoint: Some(endpoint.to_owned()),
        region: "eu-west-1".into(),
        attempt_timeout: std::time::Duration::from_secs(5),
        connect_timeout: std::time::Duration::from_secs(1),
    }
}

#[tokio::test]
async fn a_refused_call_sends_no_byte() {
    let (endpoint, connections) = counting_listener().await;
    let clients = Clients::new(&config(&endpoint), Guard::read(), &RegionClock::new());
    let error =
        clients.v1.flush_stage_cache().rest_api_id("a1b2c3d4e5").stage_name("prod").send().await.unwrap_err();
    let failure = errors::failure(&FLUSH_STAGE_CACHE, "a1b2c3d4e5/prod", &error, &around(&endpoint));
    assert_eq!(failure.kind, FailureKind::Refused);
    assert_eq!(failure.message, "refused FlushStageCache, nothing was sent: this session only reads");

    // Also refused where the session may change things, since no plan covers them.
    let operate = Clients::new(&config(&endpoint), Guard::operate(), &RegionClock::new());
    operate.v1.delete_rest_api().rest_api_id("a1b2c3d4e5").send().await.unwrap_err();
    operate.dynamodb.execute_statement().statement("SELECT * FROM x").send().await.unwrap_err();
    let error = operate.v1.get_api_keys().include_values(true).send().await.unwrap_err();
    let failure = errors::failure(&GET_API_KEYS, "", &error, &around(&endpoint));
    assert_eq!(failure.message, "refused GetApiKeys, nothing was sent: its answer holds secrets");
    assert_eq!(connections.load(Ordering::SeqCst), 0);

    // The counter does count: what is allowed arrives.
    let error = clients.v1.get_stages().rest_api_id("a1b2c3d4e5").send().await;
    if let Err(error) = error {
        let failure = errors::failure(&GET_STAGES, "a1b2c3d4e5", &error, &around(&endpoint));
        assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}
