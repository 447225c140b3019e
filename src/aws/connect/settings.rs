//! What can be told of the settings on this computer, before anything is sent.

use aws_config::imds;
use aws_config::provider_config::ProviderConfig;

use super::{ConnectOptions, login, profiles};
use crate::domain::failure::Failure;

/// AWS: set to `true`, it keeps every SDK from asking the instance metadata service.
const METADATA_DISABLED: &str = "AWS_EC2_METADATA_DISABLED";

/// Finds the profile, and the region where no metadata service could still name one.
///
/// # Errors
/// Those that a login with these options would end with, as far as files and environment tell.
pub(super) async fn check(options: &ConnectOptions) -> Result<(), Failure> {
    // Fixed credentials leave the operator's profiles out.
    if options.access_key.is_some() {
        return Ok(());
    }
    let chosen = profiles::choose(options).await?;
    let disabled = std::env::var(METADATA_DISABLED).is_ok_and(|value| value.eq_ignore_ascii_case("true"));
    if disabled {
        let unasked = imds::Client::builder().build();
        login::region(options, &chosen, &ProviderConfig::without_region(), unasked).await?;
    }
    Ok(())
}
