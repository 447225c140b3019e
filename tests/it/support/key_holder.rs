//! A desk before a region in which one customer with an API key of its own is watched.

use std::fmt;

use super::desk::{Desk, NOW};
use super::home::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use super::referee::boto3;
use super::region::Region;
use cellgate::aws::{AccessKey, ConnectOptions, Connector, LimitSettings, Timeouts};
use cellgate::domain::change::{KeyTarget, Plan, PlanTarget, Target};
use cellgate::domain::estate::{Estate, RegionSlot};
use cellgate::domain::id::ChangeId;
use cellgate::domain::levers::Wanted;
use cellgate::domain::target::StageTarget;
use cellgate::ops::change::{self, ChangeError, Grounds};
use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use cellgate_demo::estate::{ApiKey, UsagePlan};
use cellgate_demo::scenario::Scenario;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// Nothing goes wrong in it: it only watches, and never ends.
const WATCHED: &str = r#"
name = "watched"
title = "A customer is watched"
story = "{key} {plan} {api-id}"
target = ["customer"]
hints = ["", "", ""]
cast.customer = "premium"
onset.after = "1 min"

[cure]
held = "1 min"
all = [
    "throttled_share(customer) < 200 %",
    "over_quota_share(customer) < 200 %",
    "failed_share(customer) < 200 %",
    "request_rate(customer) < 0",
]
"#;

/// Usage plans and API keys; equal where nothing of them is different.
#[derive(Clone)]
pub struct Holdings {
    pub plans: Vec<UsagePlan>,
    pub keys: Vec<ApiKey>,
}

impl fmt::Debug for Holdings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = serde_json::to_string_pretty(&self.keys).map_err(|_| fmt::Error)?;
        write!(formatter, "{:#?}\n{keys}", self.plans)
    }
}

impl PartialEq for Holdings {
    fn eq(&self, other: &Self) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }
}

/// What is told of the customer's requests in the last minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watched {
    /// Shares of its requests, 0 to 1.
    pub throttled: f64,
    pub over_quota: f64,
    /// Neither served nor refused by the backend.
    pub failed: f64,
    /// Requests per second.
    pub rate: f64,
}

pub struct KeyHolder {
    pub desk: Desk,
    pub key: KeyTarget,
    pub plan: PlanTarget,
    /// `prod` of the REST API that the customer calls.
    pub stage: StageTarget,
}

impl KeyHolder {
    pub fn watched() -> Self {
        Self::watched_from(NOW)
    }

    pub fn watched_from(start: &str) -> Self {
        Self::in_scenario(Scenario::parse("watched.toml", WATCHED).expect("a scenario"), start)
    }

    /// A region that plays a scenario whose story names key, plan and the API's id.
    pub fn in_scenario(scenario: Scenario, start: &str) -> Self {
        let region = Region::start(RegionOptions {
            cells: 4,
            apis: 10,
            customers: 300,
            control_plane_limits: false,
            clock: Clock::manual(start.parse().expect("a timestamp")),
            scenario: Some(scenario),
            ..RegionOptions::default()
        });
        region.advance(SignedDuration::from_secs(150));
        let story = region.scenario().story.expect("the onset is over");
        let names: Vec<&str> = story.split_whitespace().collect();
        let [key, plan, api] = names.as_slice() else { panic!("{story}") };
        let estate = region.estate();
        let held = estate.api_keys.iter().find(|held| held.id == *key).expect("the key");
        let known = estate.usage_plan(plan).expect("the plan");
        let api = estate.apis.iter().find(|known| known.id == *api).expect("the API");
        let key = KeyTarget { id: (*key).into(), name: held.name.clone() };
        let plan = PlanTarget { id: (*plan).into(), name: known.name.clone() };
        let stage =
            StageTarget { api: api.id.as_str().into(), api_name: api.name.clone(), stage: "prod".into() };
        Self { desk: Desk::before(region), key, plan, stage }
    }

    /// Goes on as another cellgate would, with a request budget of its own: AWS's 1 in 20 s doesn't hold in this
    /// region.
    pub fn take_over(&mut self) {
        let connector = Connector::new(ConnectOptions {
            region: Some(REGION.to_owned()),
            endpoint_url: Some(self.desk.proxy.endpoint_url()),
            access_key: Some(AccessKey {
                id: ACCESS_KEY_ID.to_owned(),
                secret: SECRET_ACCESS_KEY.to_owned(),
            }),
            timeouts: Timeouts::default(),
            limits: LimitSettings { state_dir: None, ..LimitSettings::default() },
            ..ConnectOptions::default()
        });
        self.desk.session = self.desk.runtime.block_on(async {
            let session = connector.connect().await.expect("a session");
            let account = session.identity().account.to_string();
            session.arm(&account, None).expect("an armed session")
        });
    }

    pub fn key_target(&self) -> Target {
        Target::ApiKey(self.key.clone())
    }

    pub fn plan_target(&self) -> Target {
        Target::UsagePlan(self.plan.clone())
    }

    pub fn plan(&self, target: &Target, wanted: &Wanted) -> Result<Plan, ChangeError> {
        let desk = &self.desk;
        let estate = Estate::new(1);
        let region = estate.region(RegionSlot(0)).expect("a slot");
        let history = desk.history();
        let grounds =
            Grounds { region, api: None, history: &history, clock: &desk.clock, production_tag: None };
        desk.runtime.block_on(change::plan(&desk.session, target, wanted, &grounds))
    }

    /// Plans and applies what must go well.
    pub fn change(&self, target: &Target, wanted: &Wanted) -> (ChangeId, Plan) {
        let plan = self.plan(target, wanted).expect("a plan");
        (self.desk.done(&plan), plan)
    }

    /// Lets the region take a change up, and a whole minute pass with it.
    pub fn later(&self) -> Watched {
        self.desk.region.advance(SignedDuration::from_secs(90));
        self.now()
    }

    pub fn now(&self) -> Watched {
        let conditions = self.desk.region.scenario().conditions;
        let value = |place: usize| conditions[place].values[0];
        Watched { throttled: value(0), over_quota: value(1), failed: value(2), rate: value(3) }
    }

    /// All usage plans and keys as the region holds them, whatever their order.
    pub fn holdings(&self) -> Holdings {
        let mut estate = self.desk.region.estate();
        for plan in &mut estate.usage_plans {
            plan.key_ids.sort_unstable();
            plan.api_stages
                .sort_by(|one, other| (&one.api_id, &one.stage).cmp(&(&other.api_id, &other.stage)));
        }
        for key in &mut estate.api_keys {
            key.last_updated = key.created;
        }
        Holdings { plans: estate.usage_plans, keys: estate.api_keys }
    }

    /// The plan, and the key with the ids of its plans, as boto3 reads them.
    pub fn by_boto3(&self) -> Value {
        let call = |operation: &str, arguments: Value| json!({ "service": "apigateway", "operation": operation, "arguments": arguments });
        let calls = json!([
            call("get_usage_plan", json!({ "usagePlanId": self.plan.id })),
            call("get_api_key", json!({ "apiKey": self.key.id })),
            call("get_usage_plans", json!({ "keyId": self.key.id })),
        ]);
        let mut answers = boto3("call.py", &[&self.desk.region.endpoint_url()], &calls);
        let plans = answers[2]["items"].as_array().expect("a list").iter().map(|plan| plan["id"].clone());
        let plans: Vec<Value> = plans.collect();
        let (mut plan, mut key) = (answers[0].take(), answers[1].take());
        // Stages come back at the end of the list, and this changes with every change.
        let stages = plan["apiStages"].as_array_mut().expect("a list");
        stages.sort_by_key(|stage| stage["apiId"].to_string() + &stage["stage"].to_string());
        let fields = key.as_object_mut().expect("an object");
        fields.remove("lastUpdatedDate").expect("AWS says when");
        json!({ "plan": plan, "key": key, "plans": plans })
    }

    /// What remains of the key's quota today.
    pub fn remaining(&self) -> i64 {
        let desk = &self.desk;
        let today = desk.session.now(jiff::Timestamp::now()).to_zoned(jiff::tz::TimeZone::UTC).date();
        let usage = desk.session.usage_of_key(&self.plan.id, &self.key.id, (today, today));
        desk.runtime.block_on(usage).expect("the usage").remaining().expect("a quota")
    }
}
