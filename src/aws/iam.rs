//! IAM policy documents, made from the table of operations: what the table doesn't send, no
//! policy of ours grants.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::operations::{
    ASSOCIATE_WEB_ACL, Access, CREATE_USAGE_PLAN_KEY, DELETE_CONNECTION, DELETE_USAGE_PLAN_KEY,
    DISASSOCIATE_WEB_ACL, FLUSH_STAGE_AUTHORIZERS_CACHE, FLUSH_STAGE_CACHE, GET_API_KEYS, GET_USAGE,
    MAPPING_ITEMS, Operation, PLACEMENT_UPDATE_ITEM, SENT, TEAM_TABLE, UPDATE_API_KEY, UPDATE_IP_SET,
    UPDATE_STAGE, UPDATE_USAGE, UPDATE_USAGE_PLAN, UPDATE_WEB_ACL, V2_DELETE_ACCESS_LOG_SETTINGS,
    V2_DELETE_ROUTE_SETTINGS, V2_RESET_AUTHORIZERS_CACHE, V2_UPDATE_STAGE,
};

/// Something that an operator may want to do, with a policy of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// Everything that a read session sends, but for the lists of API keys.
    ReadOnly,
    /// The same with the lists of API keys, instead of `ReadOnly`.
    ReadOnlyWithKeys,
    /// Flushing a stage's response cache, on top of `ReadOnly`.
    FlushCache,
    /// Settings, deployments and caches of stages, on top of `ReadOnly`.
    ChangeStages,
    /// Usage plans, their quotas, and API keys, on top of `ReadOnlyWithKeys`.
    ChangeUsagePlans,
    /// Rules of web ACLs, IP sets, and which stages an ACL stands before, on top of `ReadOnly`.
    ChangeWaf,
    /// Moving customers in the mapping table, on top of `ReadOnly`.
    MoveCustomers,
    /// Closing WebSocket connections that a move left behind, on top of `ReadOnly`.
    CloseConnections,
    /// Closing cells to new customers and opening them, on top of `ReadOnly`.
    Placement,
    /// Journal and leases in the team's table, on top of `ReadOnly`.
    Team,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::ReadOnly,
        Self::ReadOnlyWithKeys,
        Self::FlushCache,
        Self::ChangeStages,
        Self::ChangeUsagePlans,
        Self::ChangeWaf,
        Self::MoveCustomers,
        Self::CloseConnections,
        Self::Placement,
        Self::Team,
    ];

    /// The name of its file in `assets/iam`.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only.json",
            Self::ReadOnlyWithKeys => "read-only-with-keys.json",
            Self::FlushCache => "flush-cache.json",
            Self::ChangeStages => "change-stages.json",
            Self::ChangeUsagePlans => "change-usage-plans.json",
            Self::ChangeWaf => "change-waf.json",
            Self::MoveCustomers => "move-customers.json",
            Self::CloseConnections => "close-connections.json",
            Self::Placement => "placement.json",
            Self::Team => "team.json",
        }
    }

    fn operations(self) -> Vec<&'static Operation> {
        match self {
            Self::ReadOnly => reads().filter(|read| !KEYS.contains(read)).collect(),
            Self::ReadOnlyWithKeys => reads().collect(),
            Self::FlushCache => vec![&FLUSH_STAGE_CACHE],
            Self::ChangeStages => vec![
                &UPDATE_STAGE,
                &FLUSH_STAGE_CACHE,
                &FLUSH_STAGE_AUTHORIZERS_CACHE,
                &V2_UPDATE_STAGE,
                &V2_DELETE_ROUTE_SETTINGS,
                &V2_DELETE_ACCESS_LOG_SETTINGS,
                &V2_RESET_AUTHORIZERS_CACHE,
            ],
            Self::ChangeUsagePlans => vec![
                &UPDATE_USAGE_PLAN,
                &UPDATE_USAGE,
                &UPDATE_API_KEY,
                &CREATE_USAGE_PLAN_KEY,
                &DELETE_USAGE_PLAN_KEY,
            ],
            Self::ChangeWaf => {
                vec![&UPDATE_WEB_ACL, &UPDATE_IP_SET, &ASSOCIATE_WEB_ACL, &DISASSOCIATE_WEB_ACL]
            }
            Self::MoveCustomers => {
                MAPPING_ITEMS.into_iter().filter(|operation| operation.access == Access::Change).collect()
            }
            Self::CloseConnections => vec![&DELETE_CONNECTION],
            Self::Placement => vec![&PLACEMENT_UPDATE_ITEM],
            Self::Team => {
                TEAM_TABLE.into_iter().filter(|operation| operation.access == Access::Change).collect()
            }
        }
    }
}

fn reads() -> impl Iterator<Item = &'static Operation> {
    SENT.iter().copied().filter(|sent| sent.access == Access::Read)
}

/// The lists of API keys, which cellgate asks for without the keys' values.
///
/// AWS: whether values are asked for is a parameter, and IAM sees the path alone: whoever may list
/// keys may read their values with another client. So these are for roles that are to manage keys.
const KEYS: [&Operation; 2] = [&GET_API_KEYS, &GET_USAGE];

/// What `apigateway:GET` reveals secrets of: API keys' values, and whole definitions.
///
/// AWS: `*` in a resource crosses slashes, so what grants `GetStage` reaches everything below a
/// stage, its exports and SDKs included. The rest is denied although nothing here grants it: a
/// wider policy beside this one might.
const SECRETS: [&str; 8] = [
    "arn:aws:apigateway:*::/apikeys",
    "arn:aws:apigateway:*::/apikeys/*",
    "arn:aws:apigateway:*::/apis/*/exports/*",
    "arn:aws:apigateway:*::/restapis/*/stages/*/exports/*",
    "arn:aws:apigateway:*::/restapis/*/stages/*/sdks/*",
    "arn:aws:apigateway:*::/usageplans/*/keys",
    "arn:aws:apigateway:*::/usageplans/*/keys/*",
    "arn:aws:apigateway:*::/usageplans/*/usage",
];

/// The policy document for one capability. Its ARNs cover the partition `aws`, all regions and,
/// for the mapping table and the team's, their usual names: narrow them to fit.
pub fn iam_policy(capability: Capability) -> Value {
    let mut resources: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for grant in capability.operations().iter().flat_map(|operation| operation.iam) {
        resources.entry(grant.action).or_default().insert(grant.resource);
    }
    let mut statements: Vec<Value> = resources
        .into_iter()
        .map(|(action, resources)| {
            json!({
                "Sid": statement_id(action),
                "Effect": "Allow",
                "Action": action,
                "Resource": resources,
            })
        })
        .collect();
    if matches!(capability, Capability::ReadOnly | Capability::ReadOnlyWithKeys) {
        let granted = |secret: &&str| {
            capability == Capability::ReadOnlyWithKeys
                && KEYS.iter().flat_map(|operation| operation.iam).any(|grant| grant.resource == *secret)
        };
        let denied: Vec<&str> = SECRETS.into_iter().filter(|secret| !granted(secret)).collect();
        statements.push(json!({
            "Sid": "NoSecrets",
            "Effect": "Deny",
            "Action": "apigateway:GET",
            "Resource": denied,
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// AWS: a statement's id is letters and digits.
fn statement_id(action: &str) -> String {
    action
        .split(':')
        .map(|part| {
            let mut letters = part.chars().filter(char::is_ascii_alphanumeric);
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
                .collect::<String>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The files that operators copy are what the table says. `UPDATE_ASSETS=1` writes them anew.
    #[test]
    fn the_policy_files_are_those_of_the_table() {
        for capability in Capability::ALL {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/iam").join(capability.file_name());
            let made = iam_policy(capability);
            if std::env::var_os("UPDATE_ASSETS").is_some() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, format!("{made:#}\n")).unwrap();
            }
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                serde_json::from_str::<Value>(&kept).unwrap_or_default(),
                made,
                "{} differs from the table; run: UPDATE_ASSETS=1 cargo test --lib the_policy_files",
                path.display()
            );
        }
    }

    #[test]
    fn the_read_only_policies_allow_no_verb_but_get() {
        let policies = [Capability::ReadOnly, Capability::ReadOnlyWithKeys].map(iam_policy);
        for statement in policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap()) {
            let action = statement["Action"].as_str().unwrap();
            assert!(!action.starts_with("apigateway:") || action == "apigateway:GET", "{action}");
        }
    }

    #[test]
    fn the_team_policy_writes_items_and_deletes_none() {
        let policy = iam_policy(Capability::Team);
        let actions: Vec<_> =
            policy["Statement"].as_array().unwrap().iter().map(|one| &one["Action"]).collect();
        assert_eq!(actions, ["dynamodb:PutItem", "dynamodb:UpdateItem"]);
    }

    /// Whatever is sent to change something is granted somewhere.
    #[test]
    fn every_change_has_a_policy() {
        let granted: Vec<&Operation> = Capability::ALL.into_iter().flat_map(Capability::operations).collect();
        let missing: Vec<_> = SENT.iter().filter(|operation| !granted.contains(*operation)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn flushing_may_delete_cache_data_and_nothing_else() {
        let policy = iam_policy(Capability::FlushCache);
        let statements = policy["Statement"].as_array().unwrap();
        assert_eq!(statements.len(), 1);
        assert_eq!(statements[0]["Sid"], "ApigatewayDELETE");
        assert_eq!(
            statements[0]["Resource"],
            json!(["arn:aws:apigateway:*::/restapis/*/stages/*/cache/data"])
        );
    }
}
