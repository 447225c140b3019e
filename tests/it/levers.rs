//! Every lever against the demo region: its effect is seen in the simulated signals, boto3 reads the target
//! before and after, and the undo brings back both.

mod api_key;
mod rest_stage;
mod safety;
mod usage_plan;

use cellgate::domain::change::{Plan, SettingChange, Target};
use cellgate::domain::levers::Wanted;
use cellgate::domain::signal::{MetricIdentity, MetricQuery, Statistic, TimeWindow};
use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use cellgate_demo::estate::Stage;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::desk::{Desk, NOW};
use crate::support::referee::boto3;
use crate::support::region::Region;

/// The API of the stage that the levers are pulled at; its stage is `prod`.
pub const API: &str = "cell-01-api";
pub const STAGE: &str = "cell-01-api/prod";

/// A desk with an eye on one stage's signals.
pub struct Bench {
    pub desk: Desk,
}

/// What a stage did in some minutes.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub requests: f64,
    pub client_errors: f64,
    pub server_errors: f64,
    pub cache_hits: f64,
}

impl Seen {
    /// Shares of all requests.
    pub fn refused(&self) -> f64 {
        self.client_errors / self.requests
    }

    pub fn failed(&self) -> f64 {
        self.server_errors / self.requests
    }
}

impl Bench {
    pub fn new() -> Self {
        let start: Timestamp = NOW.parse().expect("a timestamp");
        // Quotas refill with the clock, and this one stands still. Few customers, because all of their
        // requests are played while time goes on.
        let options = RegionOptions {
            cells: 2,
            apis: 6,
            customers: 800,
            clock: Clock::manual(start),
            control_plane_limits: false,
            ..RegionOptions::default()
        };
        Self { desk: Desk::before(Region::start(options)) }
    }

    /// With the stage altered behind the region's services first.
    pub fn with(alter: impl FnOnce(&mut Stage, &mut Vec<cellgate_demo::estate::Deployment>)) -> Self {
        let bench = Self::new();
        bench.desk.region.alter(|estate| {
            let api = estate.apis.iter_mut().find(|api| api.name == API).expect("the API is there");
            let api = std::sync::Arc::make_mut(api);
            let stage = api.stages.iter_mut().find(|stage| stage.name == "prod").expect("its stage is there");
            alter(stage, &mut api.deployments);
        });
        bench
    }

    /// Lets eight minutes pass, and reads the third to the fifth of them: the newest come late.
    pub fn look(&self) -> Seen {
        self.desk.region.advance(SignedDuration::from_mins(8));
        let now = self.now();
        let minute = now - SignedDuration::from_secs(now.as_second().rem_euclid(60));
        let window = TimeWindow {
            start: minute - SignedDuration::from_mins(6),
            end: minute - SignedDuration::from_mins(3),
        };
        let names = ["Count", "4XXError", "5XXError", "CacheHitCount"];
        let queries = names.map(|name| MetricQuery {
            metric: MetricIdentity {
                namespace: "AWS/ApiGateway".into(),
                name: name.into(),
                dimensions: vec![("ApiName".into(), API.into()), ("Stage".into(), "prod".into())],
            },
            statistic: Statistic::Sum,
        });
        let read = self.desk.session.metric_data(&queries, window);
        let answers = self.desk.runtime.block_on(read).unwrap();
        let sum = |place: usize| answers[place].series.points().iter().map(|(_, value)| value).sum::<f64>();
        Seen { requests: sum(0), client_errors: sum(1), server_errors: sum(2), cache_hits: sum(3) }
    }

    /// The region's time, as its newest answer tells it.
    pub fn now(&self) -> Timestamp {
        self.desk.settings_of(&self.target());
        self.desk.session.now(Timestamp::now())
    }

    pub fn target(&self) -> Target {
        Target::RestStage(self.desk.stage(STAGE).2)
    }

    /// The whole stage, as boto3 reads it.
    pub fn stage_by_boto3(&self) -> Value {
        let target = self.target();
        let stage = target.stage().expect("a stage");
        let call = json!([{
            "service": "apigateway",
            "operation": "get_stage",
            "arguments": { "restApiId": stage.api, "stageName": stage.stage },
        }]);
        let mut answer = boto3("call.py", &[&self.desk.region.endpoint_url()], &call)[0].take();
        // Both change with every change, and with nothing else.
        let fields = answer.as_object_mut().expect("an object");
        fields.remove("lastUpdatedDate").expect("AWS says when");
        fields.remove("cacheClusterStatus");
        answer
    }

    /// Pulls a lever, looks at what it does, takes it back and looks again. Between the first and the last
    /// look nothing but the planned settings is different, and in the end nothing at all.
    pub fn there_and_back(&self, wanted: &Wanted) -> (Plan, [Seen; 3]) {
        let (first, before) = (self.stage_by_boto3(), self.desk.settings_of(&self.target()));
        let calm = self.look();
        let (change, plan) = self.desk.change(STAGE, wanted);
        let planned = plan.changes();
        let after = self.desk.settings_of(&self.target());
        assert_eq!(differences(&before, &after), sorted(planned), "only what was planned is different");
        let changed = self.look();
        assert_ne!(self.stage_by_boto3(), first, "boto3 sees the change");
        self.desk.undo(&change);
        let undone = self.look();
        assert_eq!(self.stage_by_boto3(), first, "boto3 sees the stage as it was");
        (plan, [calm, changed, undone])
    }
}

fn differences(
    before: &cellgate::domain::change::Settings,
    after: &cellgate::domain::change::Settings,
) -> Vec<SettingChange> {
    before.difference(after).into_iter().filter(|change| !change.setting.starts_with("status/")).collect()
}

fn sorted(mut changes: Vec<SettingChange>) -> Vec<SettingChange> {
    changes.sort_by(|one, other| one.setting.cmp(&other.setting));
    changes
}
