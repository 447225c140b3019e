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
use cellgate::aws::operations::{Access, Service, judge, judged};
use serde_json::Value;

/// The sources of the SDK crates that cellgate itself depends on, by name.
fn sdk_crates() -> BTreeMap<String, PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--manifest-path"])
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
                    allowed_to_read.insert(name);
                }
                Access::Change => {
                    assert_eq!(read.unwrap_err().cause, Cause::ReadSession, "{service} {name}");
                    assert_eq!(operate, Ok(()), "{service} {name}");
                    allowed_to_change.insert(name);
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
        "DescribeTable",
        "GetAccount",
        "GetApis",
        "GetAuthorizers",
        "GetCallerIdentity",
        "GetDeployments",
        "GetMetricData",
        "GetResources",
        "GetRestApis",
        "GetRoutes",
        "GetStage",
        "GetStages",
        "GetUsagePlans",
        "ListMetrics",
        "Query",
        "Scan",
    ];
    assert_eq!(allowed_to_read, reads.into_iter().map(str::to_owned).collect());
    assert_eq!(allowed_to_change, BTreeSet::from(["FlushStageCache".to_owned()]));
}
