//! One change at a time on a target: a file lock that every cellgate on this machine honours.
//!
//! The operating system drops the lock when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::domain::identity::RegionKey;
use crate::domain::target::StageTarget;

/// Holds the target until dropped.
#[derive(Debug)]
pub struct TargetLock {
    _file: File,
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another change to {0} is running on this machine")]
    Held(String),
    #[error("the lock for {target} can't be taken in {directory}: {source}")]
    File { target: String, directory: String, source: std::io::Error },
}

impl TargetLock {
    /// Takes the lock or says at once that it is held.
    pub fn take(directory: &Path, region: &RegionKey, target: &StageTarget) -> Result<Self, LockError> {
        let failed = |source| LockError::File {
            target: target.to_string(),
            directory: directory.display().to_string(),
            source,
        };
        std::fs::create_dir_all(directory).map_err(failed)?;
        // Hashed, because a stage's name may be `$default` and a path must not depend on it.
        let name = format!("{}/{}/{}/{}", region.account, region.region, target.api, target.stage);
        let digest = format!("{:x}", Sha256::digest(name.as_bytes()));
        let path = directory.join(format!("{digest}.lock"));
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held(target.to_string())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{AccountId, RegionName};

    #[test]
    fn a_target_is_held_by_one_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let region =
            RegionKey { account: AccountId::new("123456789012"), region: RegionName::new("eu-west-1") };
        let target =
            |stage: &str| StageTarget { api: "a1".into(), api_name: "orders".into(), stage: stage.into() };
        let held = TargetLock::take(directory.path(), &region, &target("prod")).unwrap();
        let second = TargetLock::take(directory.path(), &region, &target("prod")).unwrap_err();
        assert_eq!(second.to_string(), "another change to orders/prod is running on this machine");
        TargetLock::take(directory.path(), &region, &target("beta")).unwrap();
        drop(held);
        TargetLock::take(directory.path(), &region, &target("prod")).unwrap();
    }
}
