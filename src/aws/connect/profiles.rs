//! Which profile is in use, whether it exists, and how it logs in.

use aws_config::profile::{self, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use super::ConnectOptions;
use super::login::configuration;
use crate::domain::failure::Failure;

/// The profile whose settings apply.
#[derive(Debug, Default)]
pub(super) struct ChosenProfile {
    /// None where nobody chose one.
    pub name: Option<String>,
    /// It logs in through IAM Identity Center, so that an expired login has a command to renew it.
    pub sso: bool,
}

/// Reads the shared configuration files and finds the profile.
///
/// # Errors
/// A file that can't be read or parsed, or a profile that none of them has.
pub(super) async fn choose(options: &ConnectOptions) -> Result<ChosenProfile, Failure> {
    let environment = std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
    let name = options.profile.clone().or(environment);
    let set =
        profile::load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), name.clone().map(Into::into))
            .await
            .map_err(|error| configuration(&format!("AWS configuration files: {}", causes(&error))))?;
    let needed = options.access_key.is_none();
    let Some(name) = name else {
        let sso = needed && set.get_profile(set.selected_profile()).is_some_and(logs_in_by_sso);
        return Ok(ChosenProfile { name: None, sso });
    };
    match set.get_profile(&name) {
        Some(profile) => Ok(ChosenProfile { sso: logs_in_by_sso(profile), name: Some(name) }),
        None if needed => Err(unknown(&name, &set)),
        None => Ok(ChosenProfile { name: Some(name), sso: false }),
    }
}

fn logs_in_by_sso(profile: &profile::Profile) -> bool {
    ["sso_session", "sso_start_url"].iter().any(|setting| profile.get(setting).is_some())
}

fn unknown(name: &str, set: &ProfileSet) -> Failure {
    let mut known: Vec<&str> = set.profiles().collect();
    known.sort_unstable();
    let hint = match known.as_slice() {
        [] => "no profiles are defined: run `aws configure`, or `aws configure sso`".to_owned(),
        known => format!("the known profiles are {}", known.join(", ")),
    };
    configuration(&format!("there is no AWS profile `{name}`")).with_hint(hint)
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
