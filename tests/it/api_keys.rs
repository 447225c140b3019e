//! API keys against the demo region: by id, on their plans, with what they used, and never with their values.

use std::collections::BTreeSet;

use cellgate::aws::{AccessKey, ConnectOptions, Connector, LimitSettings, Read, Session, Timeouts};
use cellgate::domain::id::ApiKeyId;
use cellgate::domain::method::MethodKey;
use cellgate::domain::usage_plan::{UsagePlan, count_keys};
use cellgate::ops::api_keys;
use cellgate_demo::RegionOptions;
use jiff::civil::Date;
use tokio::runtime::{Builder, Runtime};

use crate::support::home::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use crate::support::region::Region;

/// A reader connected to a demo region with few customers and no quotas.
struct Desk {
    region: Region,
    runtime: Runtime,
    session: Session<Read>,
}

impl Desk {
    fn new() -> Self {
        let options =
            RegionOptions { control_plane_limits: false, customers: 60, ..RegionOptions::default() };
        let region = Region::start(options);
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let connector = Connector::new(ConnectOptions {
            region: Some(REGION.to_owned()),
            endpoint_url: Some(region.endpoint_url()),
            access_key: Some(AccessKey {
                id: ACCESS_KEY_ID.to_owned(),
                secret: SECRET_ACCESS_KEY.to_owned(),
            }),
            timeouts: Timeouts::default(),
            limits: LimitSettings { state_dir: None, ..LimitSettings::default() },
            ..ConnectOptions::default()
        });
        let session = runtime.block_on(connector.connect()).unwrap();
        Self { region, runtime, session }
    }

    fn plans(&self) -> Vec<UsagePlan> {
        let mut plans = Vec::new();
        self.runtime.block_on(self.session.usage_plans(|mut page| plans.append(&mut page))).unwrap();
        plans
    }

    fn today(&self) -> Date {
        let now = self.session.now(jiff::Timestamp::now());
        now.to_zoned(jiff::tz::TimeZone::UTC).date()
    }
}

#[test]
fn keys_are_read_without_their_values() {
    let desk = Desk::new();
    let held = desk.region.estate().api_keys;
    let found = desk.runtime.block_on(api_keys::read_api_keys(&desk.session));
    assert_eq!(found.failures, []);
    let ids: BTreeSet<&str> = found.rows.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(ids, held.iter().map(|key| key.id.as_str()).collect());
    let read = serde_json::to_string(&found.rows).unwrap();
    assert!(held.iter().all(|key| !read.contains(&key.value)), "a key's value was kept");
    let off: Vec<&str> = found.rows.iter().filter(|key| !key.enabled).map(|key| key.name.as_str()).collect();
    assert_eq!(off.len(), held.iter().filter(|key| !key.enabled).count());
    assert!(off.contains(&"free-leaked"), "{off:?}");
    assert!(found.rows.iter().all(|key| !key.stages.is_empty() && key.created.is_some()));
}

#[test]
fn each_key_tells_its_plans_and_so_each_plan_its_number_of_keys() {
    let desk = Desk::new();
    let estate = desk.region.estate();
    let ids: Vec<ApiKeyId> = estate.api_keys.iter().map(|key| key.id.as_str().into()).collect();
    // The budget is half of ten requests a second: some keys stand for all.
    let some: Vec<&ApiKeyId> = ids.iter().take(20).collect();
    let (of_keys, failures) = desk.runtime.block_on(api_keys::plans_of_keys(&desk.session, some.clone()));
    assert_eq!((failures, of_keys.len()), (Vec::new(), 20));
    let mut plans = desk.plans();
    count_keys(&mut plans, &of_keys);
    assert_eq!(plans.len(), estate.usage_plans.len());
    for plan in &plans {
        let held = estate.usage_plan(plan.id.as_str()).unwrap();
        let expected = held.key_ids.iter().filter(|id| some.iter().any(|key| key.as_str() == *id)).count();
        assert_eq!(plan.key_count, Some(expected), "{}", plan.name);
    }
}

#[test]
fn throttles_of_single_methods_come_with_the_plan() {
    let desk = Desk::new();
    let plans = desk.plans();
    let free = plans.iter().find(|plan| plan.name == "Free").unwrap();
    let method = MethodKey::Method { path: "/orders".to_owned(), verb: "POST".to_owned() };
    let throttled: Vec<_> =
        free.stages.iter().filter_map(|stage| stage.method_throttles.get(&method)).collect();
    assert!(!throttled.is_empty());
    assert!(throttled.iter().all(|limits| (limits.rate, limits.burst) == (Some(1.0), Some(2))));
}

#[test]
fn usage_is_told_by_id_and_an_unknown_name_is_taken_for_a_secret() {
    let desk = Desk::new();
    let (plans, today) = (desk.plans(), desk.today());
    let free = plans.iter().find(|plan| plan.name == "Free").unwrap();
    let held = desk.region.estate();
    let on_plan = &held.usage_plans.iter().find(|plan| plan.name == "Free").unwrap().key_ids;
    let mut known: BTreeSet<ApiKeyId> = on_plan.iter().map(|id| id.as_str().into()).collect();
    let hidden = known.pop_first().unwrap();

    let read = |known| {
        desk.runtime.block_on(api_keys::read_usage(&desk.session, std::slice::from_ref(free), known, today))
    };
    let found = read(&known);
    assert_eq!(found.failures, []);
    assert_eq!(found.rows.len(), on_plan.len());
    let named: BTreeSet<ApiKeyId> = found.rows.iter().filter_map(|row| row.usage.key.clone()).collect();
    assert_eq!(named, known, "all that are known, by id");
    assert!(
        !serde_json::to_string(&found.rows.iter().map(|row| &row.usage).collect::<Vec<_>>())
            .unwrap()
            .contains(hidden.as_str())
    );

    let quota = free.quota.as_ref().unwrap().limit;
    let yesterday = today.yesterday().unwrap();
    let of_key = desk.session.usage_of_key(&free.id, &hidden, (yesterday, today));
    let usage = desk.runtime.block_on(of_key).unwrap();
    assert_eq!(usage.key.as_ref(), Some(&hidden));
    assert_eq!(usage.days.iter().map(|day| day.date).collect::<Vec<_>>(), [yesterday, today]);
    for day in &usage.days {
        assert!(day.used >= 0 && (0..=quota).contains(&day.remaining), "{day:?}");
    }
    assert!(usage.days.iter().any(|day| day.used + day.remaining == quota), "{usage:?}");
}
