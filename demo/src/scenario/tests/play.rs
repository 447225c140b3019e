//! Each scenario is not cured by doing nothing nor by a wrong lever, and is cured by each right one.

use super::super::{Phase, load};
use super::levers::Lever;
use super::player::Player;

const SEEDS: [u64; 3] = [11, 23, 47];
/// The signals look back over a minute, and the conditions must hold for one.
const LONG_ENOUGH: i64 = 180;
/// Seconds in which a right lever must do its work: a queue empties, caches and clients forget where customers were.
const CURED_WITHIN: i64 = 900;

/// Plays a scenario: with each of three seeds nothing is done, then what is wrong, then a right lever, a different
/// one each time; levers beyond the third get a region of their own.
async fn play(scenario: &str, wrong: Lever, right: &[Lever]) {
    for place in 0..right.len().max(SEEDS.len()) {
        let seed = SEEDS[place % SEEDS.len()] + u64::try_from(place / SEEDS.len()).unwrap();
        let lever = right[place % right.len()];
        let player = Player::start(scenario, seed).await;
        let about = format!("{scenario}, seed {seed}");
        assert_eq!(player.report().phase, Phase::Waiting, "{about}");
        assert!(player.reaches(Phase::Raging, 200).await, "{about}");
        assert_eq!(player.report().failures, Vec::<String>::new(), "{about}");
        let last = load(scenario).unwrap().steps.iter().map(|step| step.after.as_secs()).max().unwrap();
        player.wait(last + LONG_ENOUGH + 40).await;
        assert_eq!(
            player.report().phase,
            Phase::Raging,
            "{about}, nothing done: {:?}",
            player.report().conditions
        );
        if place < SEEDS.len() {
            wrong.pull(&player).await;
            player.wait(LONG_ENOUGH).await;
            let report = player.report();
            assert_eq!(report.phase, Phase::Raging, "{about}, {wrong:?}: {:?}", report.conditions);
        }
        lever.pull(&player).await;
        let cured = player.reaches(Phase::Cured, CURED_WITHIN).await;
        let report = player.report();
        assert!(cured, "{about}, {lever:?}: {:?}", report.conditions);
        assert!(report.score.seconds_to_mitigate.is_some(), "{about}");
        assert!(report.score.seconds_to_detect.is_some(), "{about}");
        let needless = usize::from(place < SEEDS.len() && wrong != Lever::WaitOnly);
        assert!(report.score.needless_changes.len() >= needless, "{about}: {report}");
        player.region.stop().await;
    }
}

macro_rules! scenarios {
    ($($test:ident: $name:literal, $wrong:expr, [$($right:expr),* $(,)?];)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                play($name, $wrong, &[$($right),*]).await;
            }
        )*
    };
}

use Lever as L;

scenarios! {
    a_bad_deploy: "bad-deploy", L::RaiseStageThrottle, [L::RollBack, L::MoveCustomers(0.97)];
    a_throttle_of_zero: "throttled-by-zero", L::RaiseStageThrottle, [L::RouteThrottles];
    a_quota_that_is_used_up: "quota-used-up", L::RaisePlanThrottle,
        [L::ExtendQuota, L::RaiseQuota, L::RemoveQuota, L::AnotherPlan];
    a_noisy_customer: "noisy-customer", L::FlushAuthorizers, [L::LowerPlanThrottle, L::DisableKey, L::LowerPlan];
    a_flood: "waf-flood", L::RaisePlanThrottle,
        [L::RateRule(9_000), L::BlockAddresses, L::BlockCountry, L::ThrottleHealth];
    a_false_positive: "waf-false-positive", L::RaiseStageThrottle,
        [L::CountRule, L::PinVersion, L::CountGroup, L::DetachAcl];
    an_overloaded_cell: "cell-overload", L::Flush("api"), [L::MoveCustomers(0.7), L::LowerStageThrottle(0.05)];
    a_slow_backend: "backend-slow", L::RollBack, [L::MoveCustomers(0.9), L::LowerStageThrottle(0.02)];
    a_cache_stampede: "cache-stampede", L::Flush("api"), [L::CacheTtl("api", 600)];
    a_broken_authorizer: "authorizer-broken", L::FlushAuthorizers, [L::RollBack, L::AuthorizerTtl];
    a_table_that_is_too_small: "router-table-throttled", L::Flush("router"),
        [L::OnDemand, L::MoreUnits];
    a_stale_router_cache: "stale-router-cache", L::WriteMappingsAgain,
        [L::Flush("router"), L::CacheTtl("router", 0), L::CacheOff("router")];
    a_move_that_was_cut_off: "half-moved", L::Flush("api"), [L::MoveCustomers(1.0), L::MoveCustomers(0.9)];
    a_storm_on_the_control_plane: "control-plane-storm", L::WaitOnly, [L::RemoveCanary, L::PromoteCanary];
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calm_shift_ends_well_and_any_change_is_needless() {
    for seed in SEEDS {
        let player = Player::start("calm", seed).await;
        assert!(player.reaches(Phase::Cured, 600).await, "{}", player.report());
        assert_eq!(player.report().score.needless_changes, Vec::new());
        assert_eq!(player.report().score.seconds_to_mitigate, Some(0));
    }
    let player = Player::start("calm", SEEDS[0]).await;
    assert!(player.reaches(Phase::Raging, 200).await);
    L::RaiseStageThrottle.pull(&player).await;
    assert!(player.reaches(Phase::Cured, 600).await);
    assert_eq!(player.report().score.needless_changes.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_onsets_differ_from_seed_to_seed() {
    let mut cast = std::collections::BTreeSet::new();
    let mut onsets = std::collections::BTreeSet::new();
    for seed in 1..=5 {
        let player = Player::start("bad-deploy", seed).await;
        assert!(player.reaches(Phase::Raging, 200).await);
        cast.insert(player.name("cell").to_owned());
        onsets.insert(player.report().onset.unwrap());
    }
    assert!(cast.len() > 1 && onsets.len() > 1, "{cast:?} {onsets:?}");
}
