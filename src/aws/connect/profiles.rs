//! Which profile is in use, whether it exists, and how it logs in.

use std::collections::BTreeSet;

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
    /// The profile that logs in through IAM Identity Center, itself or at the end of its source
    /// profiles: an expired login has a command to renew it.
    pub sso_profile: Option<String>,
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
    let Some(name) = name else {
        let sso_profile = sso_profile(&set, set.selected_profile()).map(str::to_owned);
        return Ok(ChosenProfile { name: None, sso_profile });
    };
    if set.get_profile(&name).is_none() {
        return Err(unknown(&name, &set));
    }
    let sso_profile = sso_profile(&set, &name).map(str::to_owned);
    Ok(ChosenProfile { name: Some(name), sso_profile })
}

/// The profile whose IAM Identity Center login the credentials of `name` rest on.
///
/// AWS: a profile with `role_arn` takes the credentials of its `source_profile`, and so on. A
/// source with keys of its own ends that, and so does one that names itself.
fn sso_profile<'a>(set: &'a ProfileSet, name: &'a str) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    let mut name = name;
    loop {
        let profile = set.get_profile(name)?;
        let has = |setting| profile.get(setting).is_some();
        // A loop never comes to a login; the SDK says so when it is asked for credentials.
        let is_source = !seen.is_empty();
        if !seen.insert(name) || is_source && has("aws_access_key_id") {
            return None;
        }
        let assumes = has("role_arn") && !has("web_identity_token_file");
        match profile.get("source_profile").filter(|source| assumes && *source != name) {
            Some(source) => name = source,
            None => return (has("sso_session") || has("sso_start_url")).then_some(name),
        }
    }
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
