//! A plan before it is addressed: what to send, what it alters, and what to know about it.

use std::collections::BTreeSet;

use super::in_words;
use crate::domain::change::{
    FieldChange, Precondition, Refusal, Request, Risk, SettingChange, Settings, Target, Undo,
};
use crate::domain::deployment::Deployment;
use crate::domain::id::DeploymentId;
use crate::domain::stage::Throttle;
use crate::domain::usage_plan::UsagePlan;
use crate::domain::web_acl::{GroupRules, WebAclDocument};

/// One request with what it brings about.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftStep {
    pub request: Request,
    pub changes: Vec<SettingChange>,
    /// What the target says once it has settled.
    pub settled: Vec<Precondition>,
}

impl DraftStep {
    pub fn new(request: Request, changes: Vec<SettingChange>) -> Self {
        Self { request, changes, settled: Vec::new() }
    }
}

/// All of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub steps: Vec<DraftStep>,
    pub fields: Vec<FieldChange>,
    pub risk: Risk,
    pub cost: Option<String>,
    pub undo: Undo,
    pub preconditions: Vec<Precondition>,
    pub warnings: Vec<String>,
}

impl Draft {
    /// A change of settings: each stands in the fields by its label, and is put back by an undo.
    pub fn of_settings(target: &Target, steps: Vec<DraftStep>) -> Self {
        let fields = fields(target, steps.iter().flat_map(|step| &step.changes));
        let preconditions = steps.iter().flat_map(super::http_stage::unaltered).collect();
        Self {
            steps,
            fields,
            risk: Risk::Low,
            cost: None,
            undo: Undo::Possible { how: "puts these settings back, unless somebody changes them".to_owned() },
            preconditions,
            warnings: Vec::new(),
        }
    }

    /// The flush of what authorizers answered, on either control plane: nothing that can be read tells of it.
    pub fn of_flushed_authorizers(request: Request) -> Self {
        Self {
            steps: vec![DraftStep::new(request, Vec::new())],
            fields: vec![FieldChange {
                field: "results of authorizers".to_owned(),
                before: "as kept".to_owned(),
                after: "none".to_owned(),
            }],
            risk: Risk::Low,
            cost: None,
            undo: Undo::Impossible {
                why: "each caller is authorized anew, and the results are kept again".to_owned(),
            },
            preconditions: Vec::new(),
            warnings: vec!["every authorizer is called again for every caller".to_owned()],
        }
    }

    #[must_use]
    pub fn with_risk(mut self, risk: Risk) -> Self {
        self.risk = self.risk.max(risk);
        self
    }

    #[must_use]
    pub fn warn(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// The plan rests on `setting` as it is now.
    #[must_use]
    pub fn resting_on(mut self, setting: &str, settings: &Settings) -> Self {
        let value = settings.get(setting).map(str::to_owned);
        self.preconditions.push(Precondition { setting: setting.to_owned(), value });
        self
    }
}

/// The changes in words for people.
pub fn fields<'change>(
    target: &Target,
    changes: impl Iterator<Item = &'change SettingChange>,
) -> Vec<FieldChange> {
    changes.flat_map(|change| in_words(target, change)).collect()
}

/// The refusal of a change that would change nothing.
pub fn unchanged(target: &Target, how: impl Into<String>) -> Refusal {
    Refusal::Unchanged { target: target.to_string(), how: how.into() }
}

/// What levers need to know beside the target's own settings. What could not be read is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// What all APIs of the account share.
    pub account_throttle: Option<Throttle>,
    /// Of the target's API, the newest first.
    pub deployments: Vec<Deployment>,
    /// The deployment before the present one, by the journal.
    pub previous: Option<DeploymentId>,
    /// Methods or routes of the present deployment and of the wanted one, such as `GET /users`.
    pub present_methods: Option<BTreeSet<String>>,
    pub wanted_methods: Option<BTreeSet<String>>,
    /// Names of the stage variables that the wanted deployment refers to.
    pub wanted_variables: Option<BTreeSet<String>>,
    /// The rules that the rule group really has which is referred to.
    pub group_rules: Option<GroupRules>,
    /// The web ACL that is to stand before the stage, and the one that does now.
    pub web_acl: Option<WebAclDocument>,
    pub present_web_acl: Option<WebAclDocument>,
    /// All usage plans of the account in the region.
    pub plans: Vec<UsagePlan>,
    /// What remains of the quota that is to be extended.
    pub remaining: Option<i64>,
}
