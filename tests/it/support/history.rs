//! A journal as an operator may find it: changes that went well, one that was taken back, and some that
//! need a decision.

use std::sync::Arc;

use cellgate::domain::change::{
    BlastRadius, FieldChange, Lever, Outcome, PatchOperation, PatchVerb, Plan, PlannedCall, Request, Risk,
    SettingChange, Step, Target, Undo,
};
use cellgate::domain::history::{ChangeHistory, End};
use cellgate::domain::id::ChangeId;
use cellgate::domain::identity::RegionKey;
use cellgate::domain::target::StageTarget;
use cellgate::tui::event::JournalListing;
use jiff::SignedDuration;

use super::estate;

/// The throttle that was changed last.
pub const THROTTLE: &str = "20261120-135400-44dd";
/// Begun, and never finished.
pub const OPEN: &str = "20261120-140200-55ee";
pub const FLUSH: &str = "20261119-091500-11aa";
pub const UNDONE: &str = "20261120-131200-22bb";
pub const UNDO: &str = "20261120-132100-33cc";
/// In an account that the console isn't in.
pub const ELSEWHERE: &str = "20261119-101000-00ff";
pub const REFUSED_BY_AWS: &str = "20261118-080000-99ab";

fn rate(before: &str, after: &str) -> SettingChange {
    SettingChange {
        setting: "/*/*/throttling/rateLimit".into(),
        before: Some(before.into()),
        after: Some(after.into()),
    }
}

/// The plan to change the rate of every method of a stage.
pub fn throttle(api_name: &str, before: &str, after: &str) -> Plan {
    let api = estate::apis().into_iter().find(|api| api.name == api_name).expect("an API of the estate");
    let target = StageTarget { api: api.id.clone(), api_name: api_name.into(), stage: "prod".into() };
    let change = rate(before, after);
    let request = Request::UpdateStage {
        api: api.id,
        stage: "prod".into(),
        patch: vec![PatchOperation {
            op: PatchVerb::Replace,
            path: change.setting.clone(),
            value: change.after.clone(),
            from: None,
        }],
    };
    Plan {
        lever: Lever::Throttle,
        region: estate::connected().key,
        target: Target::RestStage(target),
        risk: Risk::Low,
        steps: vec![Step {
            call: PlannedCall {
                service: "apigateway".into(),
                operation: "UpdateStage".into(),
                request: request.line(),
                body: request.body(),
            },
            request,
            changes: vec![change],
            settled: vec![],
        }],
        fields: vec![FieldChange {
            field: "rate of all methods".into(),
            before: format!("{before}/s"),
            after: format!("{after}/s"),
        }],
        iam: vec!["apigateway:PATCH on arn:aws:apigateway:eu-west-1::/restapis/*/stages/prod".into()],
        blast_radius: BlastRadius { minutes: 5, ..BlastRadius::default() },
        cost: None,
        undo: Undo::Possible { how: "the settings are put back as they were".into() },
        preconditions: vec![],
        warnings: vec![],
        undoes: None,
        bulk: None,
        what_if: None,
        guard: None,
        quota: None,
        planned_at: estate::now(),
    }
}

fn flush() -> Plan {
    let plan = throttle("orders-api", "100", "100");
    let stage = plan.target.stage().expect("a stage").clone();
    let request = Request::FlushStageCache { api: stage.api, stage: stage.stage };
    let call = PlannedCall {
        service: "apigateway".into(),
        operation: "FlushStageCache".into(),
        request: request.line(),
        body: vec![],
    };
    Plan {
        lever: Lever::FlushStageCache,
        steps: vec![Step { call, request, changes: vec![], settled: vec![] }],
        fields: vec![FieldChange {
            field: "cached responses".into(),
            before: "as they are".into(),
            after: "none".into(),
        }],
        undo: Undo::Impossible { why: "what is flushed is gone; the cache fills again".into() },
        ..plan
    }
}

/// Announced so many minutes ago, ended three seconds later.
pub fn change(id: &str, minutes_ago: i64, plan: Plan, outcome: Option<Outcome>) -> ChangeHistory {
    let at = estate::now() - SignedDuration::from_mins(minutes_ago);
    ChangeHistory {
        id: ChangeId::new(id),
        at,
        operator: estate::connected().arn,
        plan,
        fence: None,
        end: outcome.map(|outcome| End {
            at: at + SignedDuration::from_secs(3),
            outcome,
            request_ids: vec!["6f8f2c1e-0d3b-4c0a-9f55-2f2f3f1f9a11".into()],
        }),
        undone_by: None,
        watching: None,
        watched: None,
    }
}

/// Oldest first.
pub fn changes() -> Vec<ChangeHistory> {
    let elsewhere = RegionKey { account: "210987654321".into(), region: "us-east-1".into() };
    let refused =
        Outcome::NotApplied { why: "User: mira is not authorized to perform: apigateway:PATCH".into() };
    let mut undone = change(UNDONE, 51, throttle("payments-api", "500", "5"), Some(Outcome::Applied));
    undone.undone_by = Some(ChangeId::new(UNDO));
    let undo = Plan { undoes: Some(ChangeId::new(UNDONE)), ..throttle("payments-api", "5", "500") };
    vec![
        change(REFUSED_BY_AWS, 3_243, throttle("orders-api", "100", "90"), Some(refused)),
        change(FLUSH, 1_728, flush(), Some(Outcome::Applied)),
        change(
            ELSEWHERE,
            1_673,
            Plan { region: elsewhere, ..throttle("orders-api", "100", "200") },
            Some(Outcome::Applied),
        ),
        undone,
        change(UNDO, 42, undo, Some(Outcome::Applied)),
        change(THROTTLE, 9, throttle("orders-api", "100", "50"), Some(Outcome::Applied)),
        change(OPEN, 1, throttle("payments-api", "500", "50"), None),
    ]
}

pub fn listing_of(changes: Vec<ChangeHistory>) -> JournalListing {
    JournalListing {
        verified: Ok(2 * changes.len() as u64),
        moves: std::collections::BTreeMap::new(),
        changes: changes.into_iter().map(Arc::new).collect(),
        place: "/home/mira/.local/state/cellgate/journal/journal.jsonl".into(),
    }
}

pub fn listing() -> JournalListing {
    listing_of(changes())
}
