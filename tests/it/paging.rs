//! Lists are read to their last page, whatever a page holds.

use std::collections::BTreeSet;

use cellgate_demo::RegionOptions;
use cellgate_demo::estate::ApiKind;

use crate::support::binary::cellgate;
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::Home;
use crate::support::region::Region;

#[test]
fn all_of_200_apis_are_listed_at_awss_default_page_size() {
    let region = Region::start(RegionOptions { cells: 48, apis: 200, ..RegionOptions::default() });
    let held = region.estate();
    let proxy = FaultProxy::before(&region.endpoint_url());
    // cellgate asks for 500 a page; without that, a page holds 25.
    proxy.inject("GetRestApis", Occurrence::Every, Fault::LostPageSize);
    proxy.inject("GetApis", Occurrence::Every, Fault::LostPageSize);
    let home = Home::new();
    let listed =
        cellgate(&home, ["get", "apis", "-o", "json", "--endpoint-url", &proxy.endpoint_url()]).json();
    let listed: Vec<&str> = listed
        .as_array()
        .expect("a list of APIs")
        .iter()
        .map(|api| api["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(listed.len(), 200);
    let ids: BTreeSet<&str> = held.apis.iter().map(|api| api.id.as_str()).collect();
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), ids);

    let rest = held.apis_of(ApiKind::Rest).count();
    assert_eq!(proxy.count("GetRestApis"), rest.div_ceil(25));
    assert_eq!(proxy.count("GetApis"), (200 - rest).div_ceil(25));
    assert!(proxy.count("GetRestApis") > 1 && proxy.count("GetApis") > 1, "nothing was paged");
}
