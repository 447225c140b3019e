//! A failing call marks its own row: every other row of the inventory is there and whole.

use cellgate::domain::estate::Estate;
use cellgate::domain::failure::{Failure, FailureKind};
use cellgate::domain::inventory::{News, Update};
use cellgate::ops::clock::Clock;
use cellgate::ops::inventory::{self, Place, Request};

use super::{connector, region};
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::settings::inventory_settings;

fn overview(proxy: &FaultProxy) -> Vec<Update> {
    read(proxy, Request::Overview)
}

/// Reads through a proxy, and returns the news in the order of its coming.
fn read(proxy: &FaultProxy, request: Request) -> Vec<Update> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime for the session");
    runtime.block_on(async {
        let session = connector(proxy.endpoint_url()).connect().await.expect("STS is well");
        let (sink, mut news) = tokio::sync::mpsc::unbounded_channel();
        let (settings, clock) = (inventory_settings(), Clock::default());
        let reading = inventory::read(&session, request, Place::default(), &settings, &clock, &sink);
        Box::pin(reading).await;
        drop(sink);
        let mut updates = Vec::new();
        while let Some(update) = news.recv().await {
            updates.push(update);
        }
        updates
    })
}

/// The failures among the news, each with what it is news of.
fn failures(updates: &[Update]) -> Vec<(String, Failure)> {
    let failed =
        |what: &str, failure: Option<&Failure>| failure.map(|failure| (what.to_owned(), failure.clone()));
    updates
        .iter()
        .filter_map(|update| match &update.news {
            News::Connected(outcome) => failed("connection", outcome.as_ref().err()),
            News::ApiPage { .. } | News::WebAcl(_) | News::IpSet(_) => None,
            News::ApisListed { family, outcome, .. } => {
                failed(&format!("{family:?} APIs"), outcome.as_ref().err())
            }
            News::Stages { api, outcome } => failed(&format!("stages of {api}"), outcome.as_ref().err()),
            News::Deployments { api, outcome } => {
                failed(&format!("deployments of {api}"), outcome.as_ref().err())
            }
            News::Operations { api, outcome } => {
                failed(&format!("operations of {api}"), outcome.as_ref().err())
            }
            News::Authorizers { api, outcome } => {
                failed(&format!("authorizers of {api}"), outcome.as_ref().err())
            }
            News::UsagePlans(outcome) => failed("usage plans", outcome.as_ref().err()),
            News::AccountThrottle(outcome) => failed("account throttle", outcome.as_ref().err()),
            News::MappingTable(outcome) => failed("mapping table", outcome.as_ref().err()),
            News::CellCounts(outcome) => failed("cell counts", outcome.as_ref().err()),
            News::MetricCells(outcome) => failed("metric cells", outcome.as_ref().err()),
            News::BlockingCells(outcome) => failed("blocking cells", outcome.as_ref().err()),
            News::ConnectionCounts(outcome) => failed("connection counts", outcome.as_ref().err()),
            News::ApiKeys(listed) => failed("API keys", listed.failures.first()),
            News::UsageOfKey { outcome, .. } | News::UsageOfPlan { outcome, .. } => {
                failed("usage", outcome.as_ref().err())
            }
            News::PlansOfKeys { failure, .. } => failed("plans of keys", failure.as_ref()),
            News::WebAcls(listed) => failed("web ACLs", listed.failures.first()),
            News::IpSets(listed) => failed("IP sets", listed.failures.first()),
            News::Domains(listed) => failed("domains", listed.failures.first()),
            News::VpcLinks(listed) => failed("VPC links", listed.failures.first()),
        })
        .collect()
}

#[test]
fn stages_that_cannot_be_read_mark_their_api_alone() {
    let region = region();
    let held = region.estate();
    let broken = &held.apis[0].id;
    let proxy = FaultProxy::before(&region.endpoint_url());
    proxy.inject(&format!("/restapis/{broken}/stages"), Occurrence::Every, Fault::InternalFailure);

    let updates = overview(&proxy);
    let failed = failures(&updates);
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].0, format!("stages of {broken}"));
    assert_eq!(failed[0].1.kind, FailureKind::Service);
    assert_eq!(failed[0].1.target, *broken);

    let mut estate = Estate::new(1);
    for update in updates {
        estate.apply(update);
    }
    let apis = estate.apis();
    assert_eq!(apis.len(), held.apis.len());
    for (_, entry) in apis {
        let stages = entry.stages.value().map(Vec::len);
        if entry.api.id.as_str() == broken {
            assert_eq!(stages, None);
        } else {
            let held = held.api(entry.api.id.as_str()).expect("an API of the region");
            assert_eq!(stages, Some(held.stages.len()), "stages of {}", entry.api.name);
        }
    }
}

#[test]
fn each_list_fails_alone() {
    let region = region();
    for (operation, what) in [
        ("GetRestApis", &["V1 APIs"][..]),
        ("GetApis", &["V2 APIs"]),
        ("GetUsagePlans", &["usage plans"]),
        ("GetAccount", &["account throttle"]),
        ("DescribeTable", &["mapping table"]),
        ("Scan", &["cell counts"]),
        // Customers and connections are counted by an index of their tables each.
        ("Query", &["cell counts", "connection counts"]),
        // Once for the cells' own metrics, and once for those of their web ACLs.
        ("ListMetrics", &["blocking cells", "metric cells"]),
    ] {
        let proxy = FaultProxy::before(&region.endpoint_url());
        proxy.inject(operation, Occurrence::Every, Fault::AccessDenied);
        let failed = failures(&overview(&proxy));
        let mut marked: Vec<&str> = failed.iter().map(|(what, _)| what.as_str()).collect();
        marked.sort_unstable();
        assert_eq!(marked, what, "{operation}: {failed:?}");
        assert_eq!(failed[0].1.operation, operation);
    }
}

#[test]
fn a_fault_that_passes_leaves_no_mark() {
    let region = region();
    let proxy = FaultProxy::before(&region.endpoint_url());
    for operation in ["GetRestApis", "GetStages", "v2 GetStages", "DescribeTable", "ListMetrics"] {
        proxy.inject(operation, Occurrence::Nth(1), Fault::DropConnection);
    }
    let failed = failures(&overview(&proxy));
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(proxy.count("GetRestApis"), 2, "the list was read again");
}

#[test]
fn a_web_acl_that_cannot_be_read_is_named_and_the_others_are_there() {
    let region = region();
    let held = region.estate().waf.web_acls.len();
    let proxy = FaultProxy::before(&region.endpoint_url());
    proxy.inject("GetWebACL", Occurrence::Nth(1), Fault::AccessDenied);

    let updates = read(&proxy, Request::WebAcls);
    let Some((Update { news: News::WebAcls(listed), .. }, shown)) = updates.split_last() else {
        panic!("{updates:?}")
    };
    assert_eq!((listed.items.len(), listed.failures.len()), (held - 1, 1));
    assert_eq!(shown.len(), held - 1, "each was shown as it came");
    let failure = &listed.failures[0];
    assert!(region.estate().waf.web_acls.iter().any(|acl| acl.name == failure.target), "{failure:?}");
    assert_eq!((proxy.count("ListWebACLs"), proxy.count("GetWebACL")), (1, held), "a request each");
}

#[test]
fn keys_are_not_asked_one_by_one_where_the_first_were_denied() {
    let region = region();
    let proxy = FaultProxy::before(&region.endpoint_url());
    let updates = read(&proxy, Request::ApiKeys);
    let [Update { news: News::ApiKeys(listed), .. }] = updates.as_slice() else { panic!("{updates:?}") };
    let keys: Vec<_> = listed.items.iter().map(|key| key.id.clone()).collect();
    assert!(keys.len() > 16, "{} keys", keys.len());
    assert_eq!(proxy.count("GetApiKeys"), 1);

    let asked = |updates: &[Update]| {
        let plans = updates.iter().map(|update| match &update.news {
            News::PlansOfKeys { plans, .. } => plans.len(),
            other => panic!("{other:?}"),
        });
        plans.sum::<usize>()
    };
    let whole = read(&proxy, Request::PlansOfKeys(keys.clone()));
    assert_eq!((asked(&whole), whole.len() > 1), (keys.len(), true), "they come a few at a time");
    let before = proxy.count("GetUsagePlans");
    assert_eq!(before, keys.len(), "a request a key");

    proxy.inject("GetUsagePlans", Occurrence::Every, Fault::AccessDenied);
    let denied = read(&proxy, Request::PlansOfKeys(keys));
    assert_eq!((asked(&denied), failures(&denied).len()), (0, 1));
    assert!(proxy.count("GetUsagePlans") - before <= 8, "the rest was not asked");
}
