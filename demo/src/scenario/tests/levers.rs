//! What players try, right and wrong: each through the region's own API.

use axum::http::Method;
use serde_json::{Value, json};

use super::super::client::replacements;
use super::player::Player;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lever {
    Flush(&'static str),
    FlushAuthorizers,
    RollBack,
    RaiseStageThrottle,
    LowerStageThrottle(f64),
    ThrottleHealth,
    RouteThrottles,
    RaisePlanThrottle,
    LowerPlanThrottle,
    DisableKey,
    LowerPlan,
    ExtendQuota,
    RaiseQuota,
    RemoveQuota,
    AnotherPlan,
    MoveCustomers(f64),
    WriteMappingsAgain,
    CacheTtl(&'static str, u32),
    CacheOff(&'static str),
    OnDemand,
    MoreUnits,
    RemoveCanary,
    PromoteCanary,
    AuthorizerTtl,
    /// Of the web ACL's first rate rule.
    RateRule(u32),
    BlockAddresses,
    BlockCountry,
    CountRule,
    CountGroup,
    PinVersion,
    DetachAcl,
    WaitOnly,
}

impl Lever {
    #[expect(clippy::too_many_lines, reason = "one arm for each lever")]
    pub async fn pull(self, player: &Player) {
        match self {
            Self::WaitOnly => {}
            Self::Flush(part) => {
                player.rest(Method::DELETE, format!("{}/cache/data", player.prod(part)), Value::Null).await;
            }
            Self::FlushAuthorizers => {
                let path = format!("{}/cache/authorizers", player.prod("api"));
                player.rest(Method::DELETE, path, Value::Null).await;
            }
            Self::RollBack => {
                let path = format!("/restapis/{}/deployments", player.name("api-id"));
                let deployments = player.get(&path).await;
                let created = |deployment: &Value| deployment["createdDate"].as_f64().unwrap();
                let mut deployments = deployments["item"].as_array().unwrap().clone();
                deployments.sort_by(|one, other| created(other).total_cmp(&created(one)));
                player.set("api", [("/deploymentId", deployments[1]["id"].as_str().unwrap())]).await;
            }
            Self::RaiseStageThrottle => throttle(player, "9000").await,
            Self::LowerStageThrottle(share) => {
                let requests = player.report().conditions.len();
                assert!(requests > 0);
                let rate = share * rate(player).await;
                throttle(player, &format!("{rate:.1}")).await;
            }
            Self::ThrottleHealth => {
                player
                    .set(
                        "api",
                        [
                            ("/~1health/GET/throttling/rateLimit", "5"),
                            ("/~1health/GET/throttling/burstLimit", "5"),
                        ],
                    )
                    .await;
            }
            Self::RouteThrottles => {
                let settings = json!({ "ThrottlingRateLimit": 5000.0, "ThrottlingBurstLimit": 2500 });
                let settings = json!({ "defaultRouteSettings": lower_first(&settings) });
                player.rest(Method::PATCH, player.prod("http"), settings).await;
            }
            Self::RaisePlanThrottle => {
                plan(player, [("/throttle/rateLimit", "9000"), ("/throttle/burstLimit", "5000")]).await;
            }
            Self::LowerPlanThrottle => {
                plan(player, [("/throttle/rateLimit", "20"), ("/throttle/burstLimit", "40")]).await;
            }
            Self::DisableKey => {
                let values = replacements([("/enabled", "false".to_owned())]);
                player.rest(Method::PATCH, format!("/apikeys/{}", player.name("key")), values).await;
            }
            Self::LowerPlan => change_plan(player, "Basic").await,
            Self::AnotherPlan => change_plan(player, "Internal").await,
            Self::ExtendQuota => {
                let values = replacements([("/remaining", "1000000".to_owned())]);
                let path = format!("/usageplans/{}/keys/{}/usage", player.name("plan"), player.name("key"));
                player.rest(Method::PATCH, path, values).await;
            }
            Self::RaiseQuota => plan(player, [("/quota/limit", "90000000")]).await,
            Self::RemoveQuota => {
                let patch = json!({ "patchOperations": [{ "op": "remove", "path": "/quota" }] });
                player.rest(Method::PATCH, format!("/usageplans/{}", player.name("plan")), patch).await;
            }
            Self::MoveCustomers(share) => player.move_customers(share).await,
            Self::WriteMappingsAgain => player.move_customers(1.0).await,
            Self::CacheTtl(part, seconds) => {
                player
                    .set(
                        part,
                        [
                            ("/cacheClusterEnabled", "true"),
                            ("/*/*/caching/enabled", "true"),
                            ("/*/*/caching/ttlInSeconds", &seconds.to_string()),
                        ],
                    )
                    .await;
            }
            Self::CacheOff(part) => player.set(part, [("/cacheClusterEnabled", "false")]).await,
            Self::OnDemand => update_table(player, json!({ "BillingMode": "PAY_PER_REQUEST" })).await,
            Self::MoreUnits => {
                let units = json!({ "ReadCapacityUnits": 5000, "WriteCapacityUnits": 500 });
                update_table(player, json!({ "ProvisionedThroughput": units })).await;
            }
            Self::RemoveCanary => {
                let patch = json!({ "patchOperations": [{ "op": "remove", "path": "/canarySettings" }] });
                player.rest(Method::PATCH, player.prod("api"), patch).await;
            }
            Self::PromoteCanary => {
                let patch = json!({ "patchOperations": [
                    { "op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId" },
                ] });
                player.rest(Method::PATCH, player.prod("api"), patch).await;
            }
            Self::AuthorizerTtl => {
                let api = format!("/restapis/{}", player.name("api-id"));
                let authorizers = player.get(&format!("{api}/authorizers")).await;
                let id = authorizers["item"][0]["id"].as_str().unwrap().to_owned();
                let values = replacements([("/authorizerResultTtlInSeconds", "300".to_owned())]);
                player.rest(Method::PATCH, format!("{api}/authorizers/{id}"), values).await;
                player.rest(Method::POST, format!("{api}/deployments"), json!({ "stageName": "prod" })).await;
            }
            Self::RateRule(_)
            | Self::BlockAddresses
            | Self::BlockCountry
            | Self::CountRule
            | Self::CountGroup
            | Self::PinVersion
            | Self::DetachAcl => self.pull_of_firewall(player).await,
        }
    }

    async fn pull_of_firewall(self, player: &Player) {
        let api = format!("arn:aws:apigateway:eu-west-1::/restapis/{}/stages/prod", player.name("api-id"));
        let waf = async |target: &'static str, body: Value| player.target("wafv2", target, body).await;
        let found = waf("AWSWAF_20190729.GetWebACLForResource", json!({ "ResourceArn": api })).await;
        let named =
            json!({ "Name": found["WebACL"]["Name"], "Id": found["WebACL"]["Id"], "Scope": "REGIONAL" });
        let answer = waf("AWSWAF_20190729.GetWebACL", named.clone()).await;
        let acl = &answer["WebACL"];
        let mut rules = acl["Rules"].as_array().unwrap().clone();
        let visibility = |name: &str| json!({ "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name });
        let block = |name: &str, statement: Value| {
            json!({
                "Name": name, "Priority": 90_000, "Statement": statement,
                "Action": { "Block": {} }, "VisibilityConfig": visibility(name),
            })
        };
        let common = |rules: &mut Vec<Value>, change: &dyn Fn(&mut Value)| {
            let group = |rule: &&mut Value| {
                rule["Statement"]["ManagedRuleGroupStatement"]["Name"] == "AWSManagedRulesCommonRuleSet"
            };
            change(rules.iter_mut().find(group).unwrap());
        };
        match self {
            Self::DetachAcl => {
                waf("AWSWAF_20190729.DisassociateWebACL", json!({ "ResourceArn": api })).await;
                return;
            }
            Self::RateRule(limit) => {
                let rate = |rule: &&mut Value| !rule["Statement"]["RateBasedStatement"].is_null();
                if let Some(rule) = rules.iter_mut().find(rate) {
                    rule["Statement"]["RateBasedStatement"]["Limit"] = json!(limit);
                    rule["Action"] = json!({ "Block": {} });
                } else {
                    let statement =
                        json!({ "RateBasedStatement": { "Limit": limit, "AggregateKeyType": "IP" } });
                    rules.push(block("too-many", statement));
                }
            }
            Self::BlockAddresses => {
                let set = json!({
                    "Name": "flood", "Scope": "REGIONAL", "IPAddressVersion": "IPV4",
                    "Addresses": ["198.51.100.0/24"],
                });
                let set = waf("AWSWAF_20190729.CreateIPSet", set).await;
                let statement = json!({ "IPSetReferenceStatement": { "ARN": set["Summary"]["ARN"] } });
                rules.push(block("flood", statement));
            }
            Self::BlockCountry => {
                rules.push(block("country", json!({ "GeoMatchStatement": { "CountryCodes": ["VN"] } })));
            }
            Self::CountRule => common(&mut rules, &|rule| {
                rule["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"] =
                    json!([{ "Name": "SizeRestrictions_BODY", "ActionToUse": { "Count": {} } }]);
            }),
            Self::CountGroup => common(&mut rules, &|rule| rule["OverrideAction"] = json!({ "Count": {} })),
            Self::PinVersion => common(&mut rules, &|rule| {
                rule["Statement"]["ManagedRuleGroupStatement"]["Version"] = json!("Version_1.0");
            }),
            _ => {}
        }
        let mut update = named;
        for (member, value) in [
            ("DefaultAction", acl["DefaultAction"].clone()),
            ("VisibilityConfig", acl["VisibilityConfig"].clone()),
            ("LockToken", answer["LockToken"].clone()),
            ("Rules", Value::Array(rules)),
        ] {
            update[member] = value;
        }
        waf("AWSWAF_20190729.UpdateWebACL", update).await;
    }
}

/// Lower-case first letters: how v2 spells members on the wire.
fn lower_first(document: &Value) -> Value {
    let members = document.as_object().unwrap().iter().map(|(name, value)| {
        let (first, rest) = name.split_at(1);
        (format!("{}{rest}", first.to_lowercase()), value.clone())
    });
    Value::Object(members.collect())
}

async fn throttle(player: &Player, rate: &str) {
    player.set("api", [("/*/*/throttling/rateLimit", rate), ("/*/*/throttling/burstLimit", "50")]).await;
}

/// Requests a second to the cell's REST API, as CloudWatch tells them for an hour ago.
async fn rate(player: &Player) -> f64 {
    let now = player.region.now();
    let body = json!({
        "Namespace": "AWS/ApiGateway", "MetricName": "Count", "Period": 600, "Statistics": ["Sum"],
        "Dimensions": [{ "Name": "ApiName", "Value": player.name("api") }],
        "StartTime": (now - jiff::SignedDuration::from_mins(60)).as_second(),
        "EndTime": (now - jiff::SignedDuration::from_mins(50)).as_second(),
    });
    let answer = player.target("monitoring", "GraniteServiceVersion20100801.GetMetricStatistics", body).await;
    answer["Datapoints"][0]["Sum"].as_f64().unwrap() / 600.0
}

async fn plan<const N: usize>(player: &Player, values: [(&str, &str); N]) {
    let values = replacements(values.map(|(path, value)| (path, value.to_owned())));
    player.rest(Method::PATCH, format!("/usageplans/{}", player.name("plan")), values).await;
}

/// Moves the customer's key to the plan with this name.
async fn change_plan(player: &Player, name: &str) {
    let plans = player.get("/usageplans?limit=500").await;
    let plan = plans["item"].as_array().unwrap().iter().find(|plan| plan["name"] == name).unwrap();
    let id = plan["id"].as_str().unwrap().to_owned();
    let key = player.name("key");
    player.rest(Method::DELETE, format!("/usageplans/{}/keys/{key}", player.name("plan")), Value::Null).await;
    player
        .rest(Method::POST, format!("/usageplans/{id}/keys"), json!({ "keyId": key, "keyType": "API_KEY" }))
        .await;
}

async fn update_table(player: &Player, change: Value) {
    let mut body = json!({ "TableName": "CellMappings" });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    player.target("dynamodb", "DynamoDB_20120810.UpdateTable", body).await;
}
