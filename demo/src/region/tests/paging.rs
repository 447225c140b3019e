//! Pages by AWS's default size hold every row once.

use std::collections::BTreeSet;

use super::caller::{Caller, small};
use crate::RegionOptions;
use crate::estate::ApiKind;

#[tokio::test]
async fn all_rest_apis_come_in_pages_of_25() {
    let caller = Caller::start(RegionOptions { cells: 12, apis: 216, ..small() }).await;
    let expected: BTreeSet<String> =
        caller.region.estate().read().unwrap().apis_of(ApiKind::Rest).map(|api| api.id.clone()).collect();
    assert_eq!(expected.len(), 200);
    let (mut seen, mut pages, mut query) = (Vec::new(), 0, String::new());
    loop {
        let page = caller.get(&format!("/restapis{query}")).await;
        let rows = page["item"].as_array().unwrap();
        assert!(rows.len() <= 25);
        seen.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(position) = page["position"].as_str() else { break };
        query = format!("?position={position}");
    }
    assert_eq!((pages, seen.len()), (8, 200));
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
    let counted =
        caller.region.requests().iter().filter(|request| request.operation == "GetRestApis").count();
    assert_eq!(counted, 8);
}

#[tokio::test]
async fn all_v2_apis_come_in_pages_of_the_size_asked_for() {
    let caller = Caller::start(RegionOptions { cells: 40, apis: 120, ..small() }).await;
    let estate = caller.region.estate();
    let expected = estate.read().unwrap().apis.iter().filter(|api| api.kind != ApiKind::Rest).count();
    let (mut seen, mut token) = (BTreeSet::new(), String::new());
    loop {
        let page = caller.get(&format!("/v2/apis?maxResults=7{token}")).await;
        let rows = page["items"].as_array().unwrap();
        assert!(rows.len() <= 7);
        for row in rows {
            assert!(seen.insert(row["apiId"].as_str().unwrap().to_owned()), "twice: {row}");
        }
        let Some(next) = page["nextToken"].as_str() else { break };
        token = format!("&nextToken={next}");
    }
    assert_eq!(seen.len(), expected);
}
