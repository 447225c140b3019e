//! What raises a risk and what doesn't, by table: each row a plan with the traffic that it meets.

use jiff::Timestamp;

use super::*;
use crate::domain::change::{BlastRadius, KeysReached, PlannedCall, Request, Step, Undo};
use crate::domain::identity::RegionKey;
use crate::domain::target::StageTarget;
use crate::domain::usage_plan::Quota;
use crate::domain::what_if::Replay;
use crate::domain::what_if::bucket::Bucket;
use crate::domain::what_if::quota::{KeyUsage, QuotaWhatIf};
use crate::domain::what_if::traffic::Traffic;

fn change(setting: &str, before: Option<&str>, after: Option<&str>) -> SettingChange {
    let (before, after) = (before.map(str::to_owned), after.map(str::to_owned));
    SettingChange { setting: setting.to_owned(), before, after }
}

fn stage() -> Target {
    Target::RestStage(StageTarget { api: "a1".into(), api_name: "cell-01-api".into(), stage: "prod".into() })
}

fn usage_plan_target() -> Target {
    Target::UsagePlan(crate::domain::change::PlanTarget { id: "p1".into(), name: "Basic".into() })
}

fn plan(lever: Lever, target: Target, changes: Vec<SettingChange>) -> Plan {
    let call = PlannedCall {
        service: "API Gateway".to_owned(),
        operation: String::new(),
        request: String::new(),
        body: Vec::new(),
    };
    let request = Request::FlushStageCache { api: "a1".into(), stage: "prod".into() };
    Plan {
        lever,
        region: RegionKey { account: "123456789012".into(), region: "eu-west-1".into() },
        target,
        risk: Risk::Low,
        steps: vec![Step { call, request, changes, settled: Vec::new() }],
        fields: Vec::new(),
        iam: Vec::new(),
        blast_radius: BlastRadius::default(),
        cost: None,
        undo: Undo::Possible { how: String::new() },
        preconditions: Vec::new(),
        warnings: vec!["what the lever says by itself".to_owned()],
        what_if: None,
        guard: None,
        quota: None,
        bulk: None,
        undoes: None,
        planned_at: Timestamp::UNIX_EPOCH,
    }
}

/// A throttle's plan over an hour with so many requests a second.
fn throttled(per_second: u64, scope: Scope, now: (f64, u64), wanted: (f64, u64)) -> Plan {
    let (rate, burst) = wanted;
    let text = [now.0.to_string(), rate.to_string()];
    let change = change("/*/*/throttling/rateLimit", Some(&text[0]), Some(&text[1]));
    let mut plan = plan(Lever::Throttle, stage(), vec![change]);
    let traffic = Traffic::by_minute(vec![per_second * 60; 60]);
    let until = Timestamp::from_second(1_800_000_000).unwrap();
    let (now, proposed) = (Some(Bucket::new(now.0, now.1)), Bucket::new(rate, burst));
    plan.what_if = Some(Replay { traffic: &traffic, until, scope, now, proposed }.of_unknown());
    plan
}

fn said(plan: Plan) -> (Risk, String) {
    let all = plan.warnings.len();
    let weighed = weighed(plan);
    assert_eq!(weighed.warnings.last().unwrap(), "what the lever says by itself");
    (weighed.risk, weighed.warnings[..weighed.warnings.len() - all].join(" | "))
}

/// Requests per second, whom the limit holds for, rate and burst before and after; the risk and the warning.
type ThrottleRow<'row> = (u64, Scope, (f64, u64), (f64, u64), Risk, &'row str);

#[test]
fn a_throttle_below_the_traffic_asks_for_the_name_and_says_by_how_much() {
    const WIDE: (f64, u64) = (10_000.0, 5_000);
    let each = |buckets| Scope::Each { buckets };
    let rows: [ThrottleRow<'_>; 9] = [
        (
            340,
            Scope::Shared,
            WIDE,
            (50.0, 100),
            Risk::High,
            "340 requests/s now, 50/s wanted: about 85% would be refused",
        ),
        (340, each(1), WIDE, (50.0, 100), Risk::High, "about 85% would be refused"),
        (
            340,
            each(4),
            WIDE,
            (50.0, 100),
            Risk::High,
            "for each of 4: at least 41% would be refused, and 85% if one gets them all",
        ),
        (340, each(12), WIDE, (50.0, 100), Risk::High, "none if they are spread over 7 or more"),
        // Enough in the long run and at once.
        (340, Scope::Shared, WIDE, (400.0, 800), Risk::Low, ""),
        (0, Scope::Shared, WIDE, (1.0, 1), Risk::Low, ""),
        (
            340,
            Scope::Shared,
            WIDE,
            (400.0, 20),
            Risk::High,
            "a burst of 20 is less than the 340 requests that arrive in a second",
        ),
        // It goes on refusing, and no more than now.
        (340, Scope::Shared, (50.0, 100), (60.0, 100), Risk::Low, ""),
        (340, Scope::Shared, (50.0, 100), (0.0, 0), Risk::High, "about 100% would be refused"),
    ];
    for (traffic, scope, now, wanted, risk, words) in rows {
        let (found, warning) = said(throttled(traffic, scope, now, wanted));
        assert_eq!(found, risk, "{traffic}/s {scope:?} {now:?} {wanted:?}: {warning}");
        assert!(warning.contains(words) && warning.is_empty() == words.is_empty(), "{warning} / {words}");
    }
}

#[test]
fn an_hour_that_was_busier_than_now_counts_as_well() {
    let mut plan = throttled(340, Scope::Shared, (10_000.0, 5_000), (50.0, 100));
    let mut counts = vec![340 * 60; 30];
    counts.extend([600; 30]);
    let traffic = Traffic::by_minute(counts);
    let until = Timestamp::from_second(1_800_000_000).unwrap();
    let (now, proposed) = (Some(Bucket::new(10_000.0, 5_000)), Bucket::new(50.0, 100));
    plan.what_if =
        Some(Replay { traffic: &traffic, until, scope: Scope::Shared, now, proposed }.of_unknown());
    let (risk, warning) = said(plan);
    assert_eq!(risk, Risk::High);
    assert!(warning.contains("of 630,000 requests of the last hour at least 521,900 (83%)"), "{warning}");
}

#[test]
fn what_is_not_known_counts_as_much() {
    let lower = || vec![change("/~1users/GET/throttling/rateLimit", Some("500"), Some("50"))];
    let raise = || vec![change("/~1users/GET/throttling/rateLimit", Some("50"), Some("500"))];
    let rows = [
        (
            lower(),
            Some(340.0),
            Risk::High,
            "which part of them meets this limit is unknown, and if it is all, about 85%",
        ),
        (lower(), Some(40.0), Risk::Low, ""),
        (lower(), None, Risk::High, "unknown, so it is taken for more than it allows"),
        (raise(), None, Risk::Low, ""),
    ];
    for (changes, traffic, risk, words) in rows {
        let mut plan = plan(Lever::Throttle, stage(), changes);
        plan.blast_radius.requests_per_second = traffic;
        let (found, warning) = said(plan);
        assert_eq!(found, risk, "{warning}");
        assert!(warning.contains(words) && warning.is_empty() == words.is_empty(), "{warning} / {words}");
    }
}

#[test]
fn a_plan_throttle_names_the_keys_that_send_more() {
    let traffic = Traffic::by_minute(vec![6_000; 60]);
    let until = Timestamp::from_second(1_800_000_000).unwrap();
    let replay = Replay {
        traffic: &traffic,
        until,
        scope: Scope::Each { buckets: 3 },
        now: Some(Bucket::new(200.0, 400)),
        proposed: Bucket::new(20.0, 40),
    };
    let shares = [("noisy (k1)".to_owned(), 0.8), ("quiet (k2)".to_owned(), 0.1)];
    let mut known = plan(
        Lever::UsagePlan,
        usage_plan_target(),
        vec![change("/throttle/rateLimit", Some("200"), Some("20"))],
    );
    known.what_if = Some(replay.of_shares(&shares, "estimated"));
    let (risk, warning) = said(known.clone());
    assert_eq!(risk, Risk::High);
    assert_eq!(
        warning,
        "noisy (k1): 80 requests/s in the last hour, 20/s wanted: about 75% would be refused"
    );
    // Wide enough for each by itself, whatever all send together.
    known.what_if =
        Some(Replay { proposed: Bucket::new(90.0, 200), ..replay }.of_shares(&shares, "estimated"));
    assert_eq!(said(known.clone()), (Risk::Low, String::new()));
    // Nobody knows whose requests they are: they may be one key's.
    known.what_if = Some(replay.of_unknown());
    assert!(matches!(said(known), (Risk::High, words) if words.contains("if one gets them all")));
}

#[test]
fn a_quota_names_the_keys_that_are_over_it() {
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let used = |key: &str, used| KeyUsage {
        key: key.to_owned(),
        first_day: "2026-11-20".parse().unwrap(),
        used: vec![used],
    };
    let keys = [used("noisy (k1)", 900), used("quiet (k2)", 10)];
    let of = |limit: i64, before: Option<&str>| {
        let quota = Quota { limit, offset: 0, period: "DAY".to_owned() };
        let set = change(usage_plan::QUOTA_LIMIT, before, Some(&limit.to_string()));
        let mut plan = plan(Lever::UsagePlan, usage_plan_target(), vec![set]);
        plan.quota = Some(QuotaWhatIf::of(&quota, &keys, now).unwrap());
        plan
    };
    let over = of(600, Some("5000"));
    let forecast = over.quota.clone().unwrap();
    assert_eq!((forecast.keys.len(), forecast.lasting), (1, 1));
    assert_eq!(
        said(over),
        (
            Risk::High,
            "1 key is over it already and would get 429 at once: noisy (k1) (900 used, 300 over)".to_owned()
        )
    );
    assert_eq!(said(of(600, Some("500"))), (Risk::Low, String::new()), "it is raised");
    assert_eq!(said(of(5_000, None)), (Risk::Low, String::new()), "nobody is over it");
}

#[test]
fn a_cache_that_keeps_less_is_weighed_by_its_hits() {
    let off = || vec![change(rest_stage::CACHE_ENABLED, Some("true"), Some("false"))];
    let on = || vec![change(rest_stage::CACHE_ENABLED, Some("false"), Some("true"))];
    let ttl = || vec![change("/*/*/caching/ttlInSeconds", Some("300"), Some("0"))];
    let rows = [
        (Lever::FlushStageCache, Vec::new(), Some(499.0), Risk::Low, ""),
        (Lever::FlushStageCache, Vec::new(), Some(500.0), Risk::High, ""),
        (Lever::FlushStageCache, Vec::new(), None, Risk::High, ""),
        (Lever::Cache, off(), Some(41.0), Risk::Low, "the cache answers 41 requests/s now"),
        (Lever::Cache, off(), Some(600.0), Risk::High, "up to as many more reach the backend"),
        (Lever::Cache, off(), None, Risk::High, ""),
        (Lever::Cache, ttl(), Some(600.0), Risk::High, "up to as many more reach the backend"),
        (Lever::Cache, on(), None, Risk::Low, ""),
    ];
    for (lever, changes, shifted, risk, words) in rows {
        let mut plan = plan(lever, stage(), changes);
        plan.blast_radius.shifted_to_backend_per_second = shifted;
        let (found, warning) = said(plan);
        assert_eq!(found, risk, "{lever:?} {shifted:?}: {warning}");
        assert!(warning.contains(words) && warning.is_empty() == words.is_empty(), "{warning} / {words}");
    }
}

#[test]
fn a_canary_says_how_much_goes_elsewhere() {
    let percent = |before, after| change(rest_stage::CANARY_PERCENT, before, after);
    let point = || change(rest_stage::DEPLOYMENT, Some("d1"), Some("d2"));
    let rows = [
        (
            vec![percent(Some("10"), Some("20"))],
            340.0,
            Risk::Low,
            "about 34 of 340 requests/s go to the canary's",
        ),
        (
            vec![percent(Some("10"), Some("60"))],
            2_000.0,
            Risk::High,
            "about 1,000 of 2,000 requests/s go to the canary's",
        ),
        (
            vec![percent(Some("10"), None)],
            340.0,
            Risk::Low,
            "about 34 of 340 requests/s go to the stage's own",
        ),
        (
            vec![percent(Some("10"), None), point()],
            340.0,
            Risk::Low,
            "about 306 of 340 requests/s go to the canary's",
        ),
    ];
    for (changes, now, risk, words) in rows {
        let mut plan = plan(Lever::Canary, stage(), changes);
        plan.blast_radius.requests_per_second = Some(now);
        let (found, warning) = said(plan);
        assert!(found == risk && warning.contains(words), "{found:?} {warning}");
    }
}

#[test]
fn a_key_that_is_switched_off_says_what_it_did_today() {
    let target =
        || Target::ApiKey(crate::domain::change::KeyTarget { id: "k1".into(), name: "basic-01".into() });
    let switched = |enabled: bool, used_today| {
        let set = change(api_key::ENABLED, Some(&(!enabled).to_string()), Some(&enabled.to_string()));
        let mut plan = plan(Lever::ApiKey, target(), vec![set]);
        plan.blast_radius.keys = Some(KeysReached { count: 1, used_today, per_second: 0.25 });
        plan
    };
    assert!(
        matches!(said(switched(false, 12_345)), (Risk::High, words) if words.contains("made 12,345 requests today, in UTC, 0.2/s on average: such requests would get 403"))
    );
    assert!(matches!(said(switched(false, 0)), (Risk::High, words) if words.contains("made no request")));
    assert_eq!(said(switched(true, 12_345)), (Risk::Low, String::new()));
}

#[test]
fn a_rule_says_what_it_matched_in_the_last_hour() {
    let rule = |action: &str| format!(r#"{{"Name":"limit","Action":{{"{action}":{{}}}}}}"#);
    let switched = |from: &str, to: &str, matched| {
        let set = change("/rules/limit", Some(&rule(from)), Some(&rule(to)));
        let acl = crate::domain::change::WafTarget { id: "w1".to_owned(), name: "cell-01-waf".to_owned() };
        let mut plan = plan(Lever::WebAclRule, Target::WebAcl(acl), vec![set]);
        plan.blast_radius.matched_last_hour = matched;
        plan
    };
    let rows = [
        (
            "Count",
            "Block",
            Some(1_200),
            Risk::High,
            "counted 1,200 requests in the last hour: such requests would get 403",
        ),
        ("Count", "Block", Some(0), Risk::Low, "counted no request in the last hour"),
        (
            "Block",
            "Count",
            Some(7),
            Risk::High,
            "blocked 7 requests in the last hour: such requests would be let through",
        ),
        ("Count", "Block", None, Risk::Low, ""),
    ];
    for (from, to, matched, risk, words) in rows {
        let (found, warning) = said(switched(from, to, matched));
        assert_eq!(found, risk, "{from} {to} {matched:?}: {warning}");
        assert!(warning.contains(words) && warning.is_empty() == words.is_empty(), "{warning} / {words}");
    }
}
