//! One change at a time on a target: a file lock that every cellgate on this machine honours and, where a
//! team's table is configured, a lease that all of them do.
//!
//! The operating system drops the file lock when the process ends, however it ends; a lease that isn't
//! renewed any more ends by itself.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::lease::{LeaseError, Leases};
use crate::aws::{Operate, Session};
use crate::domain::team::{Lease, TeamSettings, holder_name};

/// How long the end of a change waits until its lease is given back.
const LONGEST_RELEASE: Duration = Duration::from_secs(2);

/// Where locks are kept: on this machine, and for the team where it has a table.
#[derive(Clone, Copy, Debug)]
pub struct LockPlace<'store> {
    pub directory: &'store Path,
    pub team: Option<&'store TeamSettings>,
}

/// Holds the target until released or dropped.
#[derive(Debug)]
pub struct TargetLock {
    lease: Option<HeldLease>,
    // After the lease, so that it is dropped last.
    _file: File,
}

/// Why a target can't be had, or isn't held any more.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another change to {0} is running on this machine")]
    Held(String),
    #[error("the lock for {target} can't be taken in {directory}: {source}")]
    File { target: String, directory: String, source: std::io::Error },
    #[error(transparent)]
    Lease(#[from] LeaseError),
}

impl TargetLock {
    /// Takes the locks or says at once who holds them. The target is named so that all cellgates name it
    /// alike, such as `123456789012/eu-west-1/restapis/a1b2c3/stages/prod`.
    ///
    /// # Errors
    /// `Held` or `Lease(Held)` where another change runs.
    pub async fn take(
        place: LockPlace<'_>,
        session: &Session<Operate>,
        target: &str,
        clock: &Clock,
    ) -> Result<Self, LockError> {
        let file = lock_file(place.directory, target)?;
        let Some(team) = place.team else { return Ok(Self { lease: None, _file: file }) };
        let leases = Leases::open(session, team, clock);
        let lease = leases.acquire(target, &holder(session), team.lease).await?;
        Ok(Self { lease: Some(HeldLease::keep(leases, lease, team.lease)), _file: file })
    }

    /// Takes the lease from the holder whose name the operator typed, who may be at work still.
    ///
    /// # Errors
    /// As [`TargetLock::take`]; `Lease(NotHeldBy)` where somebody else holds it.
    pub async fn take_over(
        directory: &Path,
        team: &TeamSettings,
        session: &Session<Operate>,
        target: &str,
        expected_holder: &str,
        clock: &Clock,
    ) -> Result<Self, LockError> {
        let file = lock_file(directory, target)?;
        let leases = Leases::open(session, team, clock);
        let lease = leases.take_over(target, &holder(session), team.lease, expected_holder).await?;
        tracing::warn!(target, from = expected_holder, fence = lease.fence, "lease taken over");
        Ok(Self { lease: Some(HeldLease::keep(leases, lease, team.lease)), _file: file })
    }

    /// The lease's fencing token, for the journal. None without a team.
    pub fn fence(&self) -> Option<u64> {
        self.lease.as_ref().map(|held| held.fence)
    }

    /// Whether the target is still ours; to be asked before each request.
    ///
    /// # Errors
    /// `Lease(Lost)` where it was taken over, `Lease(Ended)` where it could not be renewed in time.
    pub fn check(&self) -> Result<(), LockError> {
        Ok(self.lease.as_ref().map_or(Ok(()), HeldLease::check)?)
    }

    /// Gives the target back. Dropping does so, too, but doesn't wait for the team's table.
    pub async fn release(mut self) {
        if let Some(lease) = self.lease.take() {
            lease.release().await;
        }
    }
}

/// Hashed, because a stage's name may be `$default` and a path must not depend on it.
fn lock_file(directory: &Path, target: &str) -> Result<File, LockError> {
    let failed = |source| LockError::File {
        target: target.to_owned(),
        directory: directory.display().to_string(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(failed)?;
    let digest = format!("{:x}", Sha256::digest(target.as_bytes()));
    let path = directory.join(format!("{digest}.lock"));
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LockError::Held(target.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Whether a process of this machine holds the target.
pub fn is_held(directory: &Path, target: &str) -> bool {
    directory.is_dir() && matches!(lock_file(directory, target), Err(LockError::Held(_)))
}

fn holder(session: &Session<Operate>) -> String {
    let host = gethostname::gethostname();
    let name = holder_name(&session.identity().arn, &host.to_string_lossy());
    crate::domain::text::sanitise(&name).into_owned()
}

/// A lease with the task that renews it.
#[derive(Debug)]
struct HeldLease {
    fence: u64,
    leases: Leases<Operate>,
    /// The lease as it was renewed last, or how it was lost.
    state: watch::Receiver<Result<Lease, LeaseError>>,
    stop: CancellationToken,
    renewal: Option<JoinHandle<()>>,
}

impl HeldLease {
    fn keep(leases: Leases<Operate>, lease: Lease, length: Duration) -> Self {
        let (tell, state) = watch::channel(Ok(lease.clone()));
        let stop = CancellationToken::new();
        let fence = lease.fence;
        let renewal = tokio::spawn(renew(leases.clone(), lease, length, tell, stop.clone()));
        Self { fence, leases, state, stop, renewal: Some(renewal) }
    }

    fn check(&self) -> Result<(), LeaseError> {
        match &*self.state.borrow() {
            Ok(lease) if lease.holds(self.leases.now()) => Ok(()),
            Ok(lease) => Err(LeaseError::Ended { target: lease.target.clone(), until: lease.until }),
            Err(lost) => Err(lost.clone()),
        }
    }

    async fn release(mut self) {
        self.stop.cancel();
        if let Some(renewal) = self.renewal.take()
            && tokio::time::timeout(LONGEST_RELEASE, renewal).await.is_err()
        {
            tracing::warn!("a lease was not given back in time; it ends by itself");
        }
    }
}

impl Drop for HeldLease {
    /// The task gives the lease back, as long as the runtime lives.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Renews the lease three times in its length until told to stop, and gives it back then.
async fn renew(
    leases: Leases<Operate>,
    mut lease: Lease,
    length: Duration,
    tell: watch::Sender<Result<Lease, LeaseError>>,
    stop: CancellationToken,
) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(length / 3) => {}
        }
        match leases.renew(&lease, length).await {
            Ok(renewed) => {
                lease = renewed;
                drop(tell.send_replace(Ok(lease.clone())));
            }
            Err(lost @ LeaseError::Lost { .. }) => {
                tracing::warn!(%lost, "a lease was taken over");
                drop(tell.send_replace(Err(lost)));
                return;
            }
            // The next turn may do; until the lease ends, it is ours.
            Err(error) => tracing::warn!(%error, "a lease could not be renewed"),
        }
    }
    if let Err(error) = leases.release(&lease).await {
        tracing::info!(%error, "a lease was not given back");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_held_by_one_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let target = |stage: &str| format!("123456789012/eu-west-1/restapis/a1b2c3/stages/{stage}");
        let held = lock_file(directory.path(), &target("prod")).unwrap();
        let second = lock_file(directory.path(), &target("prod")).unwrap_err();
        assert!(matches!(&second, LockError::Held(held) if *held == target("prod")), "{second}");
        lock_file(directory.path(), &target("beta")).unwrap();
        drop(held);
        lock_file(directory.path(), &target("prod")).unwrap();
    }
}
