//! Every operation of every client, taken from the SDK crates' own sources, has been judged.
//!
//! An update of a crate that brings an operation fails here until someone decides who may send
//! it. The guard would refuse it meanwhile: this test makes the decision a deliberate one.
//!
//! Only the clients that cellgate builds are walked. `aws-config` brings those of IAM Identity
//! Center and uses them, and STS, to log in; they are its own and no session can reach them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cellgate::aws::guard::{Cause, Guard};
use cellgate::aws::iam::{Capability, iam_policy};
use cellgate::aws::operations::{Access, Reason, Service, judge, judged};
use serde_json::Value;

/// The sources of the SDK crates that cellgate itself depends on, by name.
fn sdk_crates() -> BTreeMap<String, PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        // A build fetches this platform's crates alone, so that no others can be looked at offline.
        .args(["--filter-platform", "host-tuple", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let own = packages.iter().find(|package| package["name"] == "cellgate").expect("cellgate itself");
    let wanted: BTreeSet<&str> = own["dependencies"]
        .as_array()
        .expect("a list of dependencies")
        .iter()
        .filter_map(|dependency| dependency["name"].as_str())
        .filter(|name| name.starts_with("aws-sdk-"))
        .collect();
    packages
        .iter()
        .filter_map(|package| Some((package["name"].as_str()?, package["manifest_path"].as_str()?)))
        .filter(|(name, _)| wanted.contains(name))
        .map(|(name, manifest)| (name.to_owned(), Path::new(manifest).parent().expect("a directory").into()))
        .collect()
}

/// The operations of one crate, as its sources name them to interceptors: service id and name.
fn operations(source: &Path) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let directory = source.join("src/operation");
    let mut files = 0;
    for file in fs::read_dir(&directory).expect("the crate has a file for each operation") {
        let path = file.expect("a readable directory").path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        files += 1;
        let text = fs::read_to_string(&path).expect("readable sources");
        let calls: BTreeSet<_> = text.split("orchestrator::Metadata::new(").skip(1).map(two_texts).collect();
        assert_eq!(calls.len(), 1, "{} names {calls:?}", path.display());
        found.extend(calls.into_iter().map(|(operation, service)| (service, operation)));
    }
    assert_eq!(found.len(), files, "each file of {} is one operation", directory.display());
    found
}

/// The first two string literals of a call's arguments.
fn two_texts(arguments: &str) -> (String, String) {
    let mut literals = arguments.split('"').skip(1).step_by(2).map(str::to_owned);
    (literals.next().expect("an operation's name"), literals.next().expect("a service's id"))
}

#[test]
fn every_operation_of_every_client_is_judged_and_every_judgement_is_of_an_operation() {
    let crates = sdk_crates();
    let named: BTreeSet<&str> = crates.keys().map(String::as_str).collect();
    let clients: BTreeSet<&str> = Service::ALL.iter().map(|service| service.crate_name()).collect();
    assert_eq!(named, clients, "the table's services are the SDK crates of Cargo.toml");

    let mut existing = BTreeSet::new();
    for service in Service::ALL {
        let operations = operations(&crates[service.crate_name()]);
        for (id, name) in &operations {
            assert_eq!(id, service.sdk_id(), "{name}");
        }
        existing.extend(operations);
    }
    let unjudged: Vec<_> = existing.iter().filter(|(service, name)| judge(service, name).is_none()).collect();
    assert!(unjudged.is_empty(), "decide in src/aws/operations who may send {unjudged:?}");
    let gone: Vec<_> = judged()
        .map(|(service, name, _)| (service.sdk_id().to_owned(), name.to_owned()))
        .filter(|operation| !existing.contains(operation))
        .collect();
    assert!(gone.is_empty(), "no SDK crate has these any more: {gone:?}");
    assert!(existing.len() > 300, "only {} operations were found", existing.len());
}

#[test]
fn each_operation_is_let_through_or_refused_as_the_table_says() {
    let mut allowed_to_read = BTreeSet::new();
    let mut allowed_to_change = BTreeSet::new();
    for source in sdk_crates().values() {
        for (service, name) in operations(source) {
            let access = judge(&service, &name).expect("judged");
            let read = Guard::read().judge(&service, &name);
            let operate = Guard::operate().judge(&service, &name);
            match access {
                Access::Read => {
                    assert_eq!((read, operate), (Ok(()), Ok(())), "{service} {name}");
                    allowed_to_read.insert(format!("{service} {name}"));
                }
                Access::Change => {
                    assert_eq!(read.unwrap_err().cause, Cause::ReadSession, "{service} {name}");
                    assert_eq!(operate, Ok(()), "{service} {name}");
                    allowed_to_change.insert(format!("{service} {name}"));
                }
                Access::Never(reason) => {
                    assert_eq!(read.unwrap_err().cause, Cause::Never(reason), "{service} {name}");
                    assert_eq!(operate.unwrap_err().cause, Cause::Never(reason), "{service} {name}");
                }
            }
        }
    }
    // Written out a second time on purpose: whoever widens the list has to say so twice.
    let reads = [
        "API Gateway GetAccount",
        "API Gateway GetApiKeys",
        "API Gateway GetAuthorizers",
        "API Gateway GetBasePathMappings",
        "API Gateway GetDeployment",
        "API Gateway GetDeployments",
        "API Gateway GetDomainNames",
        "API Gateway GetResources",
        "API Gateway GetRestApis",
        "API Gateway GetStage",
        "API Gateway GetStages",
        "API Gateway GetUsage",
        "API Gateway GetUsagePlan",
        "API Gateway GetUsagePlans",
        "API Gateway GetVpcLinks",
        "ApiGatewayManagementApi GetConnection",
        "ApiGatewayV2 GetApiMappings",
        "ApiGatewayV2 GetApis",
        "ApiGatewayV2 GetAuthorizers",
        "ApiGatewayV2 GetDeployments",
        "ApiGatewayV2 GetDomainNames",
        "ApiGatewayV2 GetRoutes",
        "ApiGatewayV2 GetStage",
        "ApiGatewayV2 GetStages",
        "ApiGatewayV2 GetVpcLinks",
        "CloudWatch DescribeAlarms",
        "CloudWatch GetMetricData",
        "CloudWatch ListMetrics",
        "CloudWatch Logs FilterLogEvents",
        "DynamoDB BatchGetItem",
        "DynamoDB DescribeTable",
        "DynamoDB GetItem",
        "DynamoDB Query",
        "DynamoDB Scan",
        "STS GetCallerIdentity",
        "WAFV2 DescribeManagedRuleGroup",
        "WAFV2 GetIPSet",
        "WAFV2 GetRuleGroup",
        "WAFV2 GetWebACL",
        "WAFV2 GetWebACLForResource",
        "WAFV2 ListIPSets",
        "WAFV2 ListResourcesForWebACL",
        "WAFV2 ListRuleGroups",
        "WAFV2 ListWebACLs",
    ];
    assert_eq!(allowed_to_read, reads.into_iter().map(str::to_owned).collect());
    let changes = [
        "API Gateway CreateUsagePlanKey",
        "API Gateway DeleteUsagePlanKey",
        "API Gateway FlushStageAuthorizersCache",
        "API Gateway FlushStageCache",
        "API Gateway UpdateApiKey",
        "API Gateway UpdateStage",
        "API Gateway UpdateUsage",
        "API Gateway UpdateUsagePlan",
        "ApiGatewayManagementApi DeleteConnection",
        "ApiGatewayV2 DeleteAccessLogSettings",
        "ApiGatewayV2 DeleteRouteSettings",
        "ApiGatewayV2 ResetAuthorizersCache",
        "ApiGatewayV2 UpdateStage",
        "DynamoDB DeleteItem",
        "DynamoDB PutItem",
        "DynamoDB UpdateItem",
        "WAFV2 AssociateWebACL",
        "WAFV2 DisassociateWebACL",
        "WAFV2 UpdateIPSet",
        "WAFV2 UpdateWebACL",
    ];
    assert_eq!(allowed_to_change, changes.into_iter().map(str::to_owned).collect());
}

/// What the sources of a REST client say of an operation's request: its verb, and its path with
/// the names of parameters in place of their values.
fn request_line(source: &Path, operation: &str) -> (String, String) {
    let snake: String = operation
        .chars()
        .enumerate()
        .flat_map(|(place, letter)| {
            let gap = (place > 0 && letter.is_uppercase()).then_some('_');
            gap.into_iter().chain(letter.to_lowercase())
        })
        .collect();
    let path = source.join("src/operation").join(snake).with_extension("rs");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let literal_after = |mark: &str| {
        let rest = text.split(mark).nth(1).unwrap_or_else(|| panic!("{} has no {mark}", path.display()));
        rest.split('"').nth(1).expect("a string literal").to_owned()
    };
    (literal_after("builder.method("), literal_after("::std::write!("))
}

/// AWS: `*` in a resource stands for any characters, slashes included.
fn covers(pattern: &str, resource: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == resource };
    let Some(resource) = resource.strip_prefix(start) else { return false };
    resource
        .char_indices()
        .map(|(place, _)| place)
        .chain([resource.len()])
        .any(|place| covers(rest, &resource[place..]))
}

fn names(policy: &Value, effect: &str, action: &str, resource: &str) -> bool {
    policy["Statement"].as_array().expect("statements").iter().any(|statement| {
        let mut resources = statement["Resource"].as_array().expect("a list of resources").iter();
        statement["Effect"] == effect
            && statement["Action"] == action
            && resources.any(|pattern| covers(pattern.as_str().expect("an ARN"), resource))
    })
}

#[test]
fn the_read_only_policies_grant_reads_alone_and_deny_secrets() {
    let (policy, with_keys) = (iam_policy(Capability::ReadOnly), iam_policy(Capability::ReadOnlyWithKeys));
    let crates = sdk_crates();
    let mut secrets = 0;
    for (service, name, access) in judged() {
        if !matches!(service, Service::ApiGateway | Service::ApiGatewayV2) {
            continue;
        }
        let (verb, path) = request_line(&crates[service.crate_name()], name);
        // AWS: IAM leaves out the version; a parameter's name will do for its value.
        let path = path.strip_prefix("/v2").unwrap_or(&path);
        let action = format!("apigateway:{verb}");
        let resource = format!("arn:aws:apigateway:eu-west-1::{path}");
        let granted =
            |policy| names(policy, "Allow", &action, &resource) && !names(policy, "Deny", &action, &resource);
        // IAM can't tell a list of keys from a list of their values.
        let of_keys = service == Service::ApiGateway && matches!(name, "GetApiKeys" | "GetUsage");
        assert_eq!(
            granted(&policy),
            access == Access::Read && !of_keys,
            "{service} {name}: {action} on {resource}"
        );
        assert_eq!(granted(&with_keys), access == Access::Read, "{service} {name}: {action} on {resource}");
        if access == Access::Never(Reason::RevealsSecrets) {
            for policy in [&policy, &with_keys] {
                assert!(
                    names(policy, "Deny", &action, &resource),
                    "{service} {name}: {action} on {resource}"
                );
            }
            secrets += 1;
        }
    }
    assert!(secrets >= 6, "only {secrets} operations that reveal secrets were found");
}

#[test]
fn no_policy_grants_credentials_of_sts() {
    for capability in Capability::ALL {
        for statement in iam_policy(capability)["Statement"].as_array().expect("statements") {
            let action = statement["Action"].as_str().expect("one action");
            assert!(!action.starts_with("sts:") && !action.contains('*'), "{action}");
        }
    }
}
