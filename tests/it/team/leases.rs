//! Leases: one holder at a time on all machines, by the region's time.

use std::time::{Duration, Instant};

use cellgate::domain::team::{Lease, TeamSettings};
use cellgate::ops::lease::{LeaseError, Leases};
use cellgate::ops::target_lock::{LockError, LockPlace, TargetLock};
use jiff::SignedDuration;
use tempfile::TempDir;

use super::{NOW, clock, operator, runtime, settings};
use crate::support::emulator::Emulator;
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::region::Region;
use crate::support::table::TeamTable;

const TARGET: &str = "123456789012/eu-west-1/restapis/a1b2c3/stages/prod";
const MINUTE: Duration = Duration::from_mins(1);

/// Waits for something to come true, without holding up the runtime.
async fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(5);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn two_holders_take_turns_and_fences_grow() {
    let region = Region::at(NOW);
    TeamTable::create(&region.endpoint_url());
    let machines = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let settings = settings();
    runtime().block_on(async {
        let (one, other) = (operator(&region.endpoint_url()).await, operator(&region.endpoint_url()).await);
        let place = |machine: usize| LockPlace { directory: machines[machine].path(), team: Some(&settings) };
        let held = TargetLock::take(place(0), &one, TARGET, &clock()).await.unwrap();
        assert_eq!(held.fence(), Some(1));
        held.check().unwrap();

        let on_this_machine = TargetLock::take(place(0), &one, TARGET, &clock()).await.unwrap_err();
        assert!(matches!(on_this_machine, LockError::Held(_)), "{on_this_machine}");
        let refused = TargetLock::take(place(1), &other, TARGET, &clock()).await.unwrap_err();
        let LockError::Lease(LeaseError::Held(Lease { holder, until, .. })) = &refused else {
            panic!("{refused}")
        };
        assert!(holder.starts_with("operator@"), "{holder}");
        assert_eq!(until.to_string(), "2026-11-20T14:04:30Z");
        let elsewhere = TARGET.replace("prod", "beta");
        TargetLock::take(place(1), &other, &elsewhere, &clock()).await.unwrap().release().await;

        held.release().await;
        let second = TargetLock::take(place(1), &other, TARGET, &clock()).await.unwrap();
        assert_eq!(second.fence(), Some(2), "the counter outlives the lease");
        second.release().await;
    });
}

#[test]
fn of_eight_who_ask_at_once_one_gets_the_lease() {
    let region = Region::at(NOW);
    TeamTable::create(&region.endpoint_url());
    let settings = settings();
    runtime().block_on(async {
        let mut asking = Vec::new();
        for number in 0..8 {
            let session = operator(&region.endpoint_url()).await;
            let leases = Leases::open(&session, &settings, &clock());
            asking.push(tokio::spawn(async move {
                leases.acquire(TARGET, &format!("holder-{number}"), MINUTE).await
            }));
        }
        let mut winners = Vec::new();
        for asked in asking {
            match asked.await.unwrap() {
                Ok(lease) => winners.push(lease),
                Err(error) => assert!(matches!(error, LeaseError::Held(_)), "{error}"),
            }
        }
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert_eq!(winners[0].fence, 1);
    });
}

#[test]
fn a_lease_that_nobody_renews_ends_by_the_regions_time() {
    let region = Region::at(NOW);
    TeamTable::create(&region.endpoint_url());
    let settings = settings();
    let runtime = runtime();
    let (gone, other) = runtime.block_on(async {
        let session = operator(&region.endpoint_url()).await;
        let gone = Leases::open(&session, &settings, &clock());
        let session = operator(&region.endpoint_url()).await;
        (gone, Leases::open(&session, &settings, &clock()))
    });
    let dead = runtime.block_on(gone.acquire(TARGET, "alice@desk", MINUTE)).unwrap();
    region.advance(SignedDuration::from_secs(59));
    let refused = runtime.block_on(other.acquire(TARGET, "bob@sofa", MINUTE)).unwrap_err();
    assert!(matches!(&refused, LeaseError::Held(lease) if lease.holder == "alice@desk"), "{refused}");
    let held = runtime.block_on(other.held()).unwrap();
    assert_eq!(held.as_slice(), std::slice::from_ref(&dead));

    // The machine's clock stands still: it is the region's that ends the lease.
    region.advance(SignedDuration::from_secs(2));
    let taken = runtime.block_on(other.acquire(TARGET, "bob@sofa", MINUTE)).unwrap();
    assert_eq!((taken.fence, taken.holder.as_str()), (2, "bob@sofa"));
    let late = runtime.block_on(gone.renew(&dead, MINUTE)).unwrap_err();
    assert!(
        matches!(&late, LeaseError::Lost { to: Some(lease), .. } if lease.holder == "bob@sofa"),
        "{late}"
    );
    // Who comes late gives nothing back that is another's.
    assert!(runtime.block_on(gone.release(&dead)).is_err());
    assert_eq!(runtime.block_on(other.held()).unwrap().len(), 1);
}

#[test]
fn a_lease_is_renewed_while_it_is_held() {
    let region = Region::on_the_wall_clock();
    TeamTable::create(&region.endpoint_url());
    let machine = TempDir::new().unwrap();
    let settings = TeamSettings { lease: Duration::from_secs(6), ..settings() };
    runtime().block_on(async {
        let session = operator(&region.endpoint_url()).await;
        let clock = cellgate::ops::clock::Clock::System;
        let place = LockPlace { directory: machine.path(), team: Some(&settings) };
        let held = TargetLock::take(place, &session, TARGET, &clock).await.unwrap();
        wait_until("the lease is renewed several times", || region.count("UpdateItem") >= 5).await;
        held.check().unwrap();
        let sent = region.count("UpdateItem");
        held.release().await;
        assert!(region.count("UpdateItem") > sent, "it was given back");
        let leases = Leases::open(&session, &settings, &clock);
        assert_eq!(leases.held().await.unwrap(), []);
    });
}

#[test]
fn a_lease_is_taken_over_by_who_names_its_holder() {
    let region = Region::on_the_wall_clock();
    TeamTable::create(&region.endpoint_url());
    let machines = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let settings = TeamSettings { lease: Duration::from_secs(15), ..settings() };
    runtime().block_on(async {
        let clock = cellgate::ops::clock::Clock::System;
        let (one, other) = (operator(&region.endpoint_url()).await, operator(&region.endpoint_url()).await);
        let place = LockPlace { directory: machines[0].path(), team: Some(&settings) };
        let held = TargetLock::take(place, &one, TARGET, &clock).await.unwrap();
        let leases = Leases::open(&other, &settings, &clock);
        let holder = leases.held().await.unwrap()[0].holder.clone();

        let take_over = |typed: String| {
            let (directory, settings, other, clock) = (machines[1].path(), &settings, &other, &clock);
            async move { TargetLock::take_over(directory, settings, other, TARGET, &typed, clock).await }
        };
        let wrong = take_over("somebody@else".to_owned()).await.unwrap_err();
        let LockError::Lease(LeaseError::NotHeldBy { found: Some(found), .. }) = &wrong else {
            panic!("{wrong}")
        };
        assert_eq!(found.holder, holder);
        held.check().unwrap();

        let taken = take_over(holder.clone()).await.unwrap();
        assert_eq!(taken.fence(), Some(2));
        wait_until("the overtaken finds out", || held.check().is_err()).await;
        let lost = held.check().unwrap_err();
        assert!(matches!(lost, LockError::Lease(LeaseError::Lost { .. })), "{lost}");
        held.release().await;
        taken.check().unwrap();
        taken.release().await;

        let nobodys = take_over(holder).await.unwrap_err();
        assert!(
            matches!(&nobodys, LockError::Lease(LeaseError::NotHeldBy { found: None, .. })),
            "there is nothing to take over: {nobodys}"
        );
    });
}

#[test]
fn a_lease_whose_answer_is_lost_is_looked_up() {
    for fault in [Fault::CutBody, Fault::DropConnection, Fault::InternalFailure] {
        let region = Region::at(NOW);
        TeamTable::create(&region.endpoint_url());
        let proxy = FaultProxy::before(&region.endpoint_url());
        runtime().block_on(async {
            let session = operator(&proxy.endpoint_url()).await;
            let leases = Leases::open(&session, &settings(), &clock());
            proxy.inject("UpdateItem", Occurrence::First(1), fault);
            let lease = leases.acquire(TARGET, "alice@desk", MINUTE).await.unwrap();
            assert_eq!(lease.fence, 1, "{fault:?}: taken once");
            assert_eq!(region.count("UpdateItem"), 1, "{fault:?}");
        });
    }
}

#[test]
fn moto_agrees_on_leases() {
    let moto = Emulator::moto();
    TeamTable::create(moto.endpoint_url());
    runtime().block_on(async {
        let session = operator(moto.endpoint_url()).await;
        let leases = Leases::open(&session, &settings(), &cellgate::ops::clock::Clock::System);
        let first = leases.acquire(TARGET, "alice@desk", MINUTE).await.unwrap();
        let refused = leases.acquire(TARGET, "bob@sofa", MINUTE).await.unwrap_err();
        assert!(matches!(&refused, LeaseError::Held(lease) if lease.holder == "alice@desk"), "{refused}");
        let first = leases.renew(&first, MINUTE).await.unwrap();
        let second = leases.take_over(TARGET, "bob@sofa", MINUTE, "alice@desk").await.unwrap();
        assert_eq!((first.fence, second.fence), (1, 2));
        assert!(matches!(leases.renew(&first, MINUTE).await, Err(LeaseError::Lost { .. })));
        leases.release(&second).await.unwrap();
        assert_eq!(leases.acquire(TARGET, "carol@train", MINUTE).await.unwrap().fence, 3);
    });
}
