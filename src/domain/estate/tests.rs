//! What news does to the estate.

use super::*;
use crate::domain::api::{ApiKind, EndpointType};
use crate::domain::failure::FailureKind;

fn api(id: &str) -> Api {
    Api {
        id: id.into(),
        name: format!("{id}-api"),
        kind: ApiKind::Rest,
        description: None,
        created: None,
        endpoint_type: EndpointType::Regional,
        default_endpoint_disabled: false,
        tags: BTreeMap::new(),
    }
}

fn news(news: News) -> Update {
    Update { slot: RegionSlot(0), at: Timestamp::UNIX_EPOCH, news }
}

fn listed(generation: u64, outcome: Result<(), Failure>) -> Update {
    news(News::ApisListed { generation: Generation(generation), family: ApiFamily::V1, outcome })
}

fn page(generation: u64, ids: &[&str]) -> Update {
    let apis = ids.iter().map(|id| api(id)).collect();
    news(News::ApiPage { generation: Generation(generation), apis })
}

#[test]
fn a_whole_list_forgets_what_it_did_not_show() {
    let mut estate = Estate::new(1);
    estate.apply(page(1, &["a", "b"]));
    estate.apply(listed(1, Ok(())));
    estate.apply(page(2, &["b"]));
    assert_eq!(estate.apis().len(), 2, "rows stay while the list is being read");
    estate.apply(listed(2, Ok(())));
    assert_eq!(estate.apis().len(), 1);
}

#[test]
fn a_list_that_broke_off_forgets_nothing() {
    let mut estate = Estate::new(1);
    estate.apply(page(1, &["a", "b"]));
    estate.apply(listed(1, Ok(())));
    estate.apply(page(2, &["b"]));
    estate.apply(listed(2, Err(Failure::new("GetRestApis", "", FailureKind::Service, "internal error"))));
    assert_eq!(estate.apis().len(), 2);
    assert_eq!(estate.region(RegionSlot(0)).unwrap().failures().len(), 1);
}

#[test]
fn an_item_that_could_not_be_read_stays_as_it_was_and_one_that_is_gone_goes() {
    let acl = |name: &str, capacity: u64| {
        let body = serde_json::json!({ "Name": name, "Capacity": capacity });
        Arc::new(WebAclDocument::new(body, "token", None))
    };
    let failed = |target: &str| Failure::new("GetWebACL", target, FailureKind::Timeout, "no answer");
    let mut estate = Estate::new(1);
    let mut take = |items: Vec<Arc<WebAclDocument>>, failures: Vec<Failure>| {
        estate.apply(news(News::WebAcls(Listed { items, failures })));
        let region = estate.region(RegionSlot(0)).unwrap();
        let shown = region.web_acls.value().into_iter().flatten();
        let shown: Vec<_> = shown.map(|item| (item.acl.name.clone(), item.acl.capacity)).collect();
        (shown, region.web_acls.failure().is_some())
    };
    take(vec![acl("a", 1), acl("b", 1), acl("c", 1)], vec![]);
    let (shown, failing) = take(vec![acl("a", 2)], vec![failed("b")]);
    assert_eq!(shown, [("a".to_owned(), Some(2)), ("b".to_owned(), Some(1))]);
    assert!(failing);
    let (shown, failing) = take(vec![], vec![failed("")]);
    assert_eq!((shown.len(), failing), (2, true), "the list could not be read at all");
    assert_eq!(take(vec![], vec![]), (vec![], false));
    for capacity in [1, 2] {
        estate.apply(news(News::WebAcl(acl("a", capacity))));
    }
    let shown = estate.region(RegionSlot(0)).unwrap().web_acls.value().unwrap();
    assert_eq!(shown.iter().map(|item| item.acl.capacity).collect::<Vec<_>>(), [Some(2)], "one by one");
}

#[test]
fn plans_of_keys_add_up_and_go_with_their_keys() {
    let key = |id: &str| {
        Arc::new(ApiKey {
            id: id.into(),
            name: id.to_owned(),
            description: None,
            customer_id: None,
            enabled: true,
            created: None,
            last_updated: None,
            stages: vec![],
            tags: BTreeMap::new(),
        })
    };
    let plans = |id: &str| PlansOfKeys::from([(id.into(), vec!["gold".into()])]);
    let mut estate = Estate::new(1);
    let known = |estate: &Estate| {
        let region = estate.region(RegionSlot(0)).unwrap();
        region.plans_of_keys.value().map_or(0, BTreeMap::len)
    };
    for (id, failure) in
        [("a", None), ("b", Some(Failure::new("GetUsagePlans", "c", FailureKind::Timeout, "")))]
    {
        estate.apply(news(News::PlansOfKeys { plans: plans(id), failure }));
    }
    assert_eq!(known(&estate), 2);
    assert!(estate.region(RegionSlot(0)).unwrap().plans_of_keys.failure().is_some());
    estate.apply(news(News::ApiKeys(Listed { items: vec![key("b")], failures: vec![] })));
    assert_eq!(known(&estate), 1, "a is no key any more");
}

#[test]
fn one_failing_call_marks_its_row_alone() {
    let mut estate = Estate::new(1);
    estate.apply(page(1, &["a", "b"]));
    let failure = Failure::new("GetStages", "a", FailureKind::Timeout, "no answer within 20 s");
    estate.apply(news(News::Stages { api: "a".into(), outcome: Err(failure) }));
    estate.apply(news(News::Stages { api: "b".into(), outcome: Ok(vec![]) }));
    assert!(estate.api(RegionSlot(0), &"a".into()).unwrap().stages.failure().is_some());
    assert!(estate.api(RegionSlot(0), &"b".into()).unwrap().stages.value().is_some());
}
