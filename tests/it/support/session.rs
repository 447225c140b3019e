//! A session that may change things, with the whole request budget.

use cellgate::aws::{AccessKey, ConnectOptions, Connector, LimitSettings, Operate, Session};

use super::home::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};

/// Connects to the server at this address, and arms the session for its account.
pub async fn operate(endpoint_url: String) -> Session<Operate> {
    operate_at_pace(endpoint_url, 1.0).await
}

/// The same with this share of the account's requests to the control plane.
pub async fn operate_at_pace(endpoint_url: String, control_plane_share: f64) -> Session<Operate> {
    let connector = Connector::new(ConnectOptions {
        region: Some(REGION.to_owned()),
        endpoint_url: Some(endpoint_url),
        access_key: Some(AccessKey { id: ACCESS_KEY_ID.to_owned(), secret: SECRET_ACCESS_KEY.to_owned() }),
        limits: LimitSettings { state_dir: None, control_plane_share },
        ..ConnectOptions::default()
    });
    let session = connector.connect().await.expect("the server answers");
    let account = session.identity().account.to_string();
    session.arm(&account, None).expect("the session is armed")
}
