//! Web ACLs and IP sets against the demo region: what is read, what an update leaves alone, and what is
//! refused before anything leaves.

use cellgate::aws::{AccessKey, ConnectOptions, Connector, LimitSettings, Operate, Session, Timeouts};
use cellgate::domain::failure::{Failure, FailureKind};
use cellgate::domain::web_acl::{
    EditRefused, GroupSource, GuardedStage, RuleAction, SwitchedAction, WebAclDocument,
};
use cellgate::ops::waf;
use cellgate_demo::RegionOptions;
use cellgate_demo::estate::{RuleGroup, WebAcl};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use crate::support::region::Region;

const ACL: &str = "cell-01-waf";
const GROUP_RULE: &str = "SizeRestrictions_BODY";

/// An operator connected to a demo region without quotas, with a proxy between them.
struct Desk {
    region: Region,
    proxy: FaultProxy,
    runtime: Runtime,
    session: Session<Operate>,
}

impl Desk {
    fn new() -> Self {
        let region = Region::start(RegionOptions { control_plane_limits: false, ..RegionOptions::default() });
        let proxy = FaultProxy::before(&region.endpoint_url());
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let connector = Connector::new(ConnectOptions {
            region: Some(REGION.to_owned()),
            endpoint_url: Some(proxy.endpoint_url()),
            access_key: Some(AccessKey {
                id: ACCESS_KEY_ID.to_owned(),
                secret: SECRET_ACCESS_KEY.to_owned(),
            }),
            timeouts: Timeouts::default(),
            limits: LimitSettings { state_dir: None, ..LimitSettings::default() },
            ..ConnectOptions::default()
        });
        let session = runtime.block_on(async {
            let session = connector.connect().await.unwrap();
            let account = session.identity().account.to_string();
            session.arm(&account, None).unwrap()
        });
        Self { region, proxy, runtime, session }
    }

    fn read(&self) -> WebAclDocument {
        self.runtime.block_on(waf::web_acl(&self.session, ACL)).unwrap()
    }

    /// The web ACL as the region holds it.
    fn held(&self) -> WebAcl {
        self.region.estate().waf.web_acls.into_iter().find(|acl| acl.name == ACL).unwrap()
    }

    fn update(&self, body: &Value, lock_token: &str) -> Result<String, Failure> {
        let update = self.session.update_web_acl(body, lock_token);
        self.runtime.block_on(update).map(|update| update.next_lock_token)
    }

    fn sent(&self, operation: &str) -> usize {
        self.proxy.requests().get(operation).copied().unwrap_or_default()
    }
}

/// The same document without one rule's action.
fn without_action(mut document: Value, rule: &str) -> Value {
    let rules = document["Rules"].as_array_mut().unwrap();
    let rule = rules.iter_mut().find(|entry| entry["Name"] == rule).unwrap();
    rule.as_object_mut().unwrap().remove("Action");
    document
}

#[test]
fn every_web_acl_is_read_whole() {
    let desk = Desk::new();
    let found = desk.runtime.block_on(waf::read_web_acls(&desk.session));
    assert_eq!(found.failures, []);
    let mut held = desk.region.estate().waf.web_acls;
    held.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(held.len() > 5, "{}", held.len());
    assert_eq!(found.rows.len(), held.len());
    for (read, held) in found.rows.iter().zip(&held) {
        assert_eq!((&read.body, &read.acl.lock_token), (&held.document, &held.lock_token));
        assert_eq!(read.lost, None, "{}", held.name);
        let priorities: Vec<i64> = read.acl.rules.iter().map(|rule| rule.priority).collect();
        assert!(priorities.is_sorted(), "{priorities:?}");
    }
    let acl = found.rows.iter().find(|row| row.acl.name == ACL).unwrap();
    assert_eq!(acl.acl.default_action, RuleAction::Allow);
    assert_eq!(acl.acl.rule("rate-limit").unwrap().rate.as_ref().unwrap().limit, 60_000);
    assert_eq!(
        acl.acl.rule("blocked-addresses").unwrap().statement,
        "address is in the IP set blocked-addresses"
    );
}

#[test]
fn an_update_alters_one_rule_and_its_lock_token_is_good_once() {
    let desk = Desk::new();
    let (before, document) = (desk.held(), desk.read());
    let edited = document.switch_rule("rate-limit", SwitchedAction::Block).unwrap();
    let next = desk.update(&edited.body, &document.acl.lock_token).unwrap();

    let after = desk.held();
    assert_eq!(after.lock_token, next);
    assert_ne!(after.lock_token, before.lock_token);
    assert_eq!(
        without_action(after.document.clone(), "rate-limit"),
        without_action(before.document.clone(), "rate-limit")
    );
    assert_eq!(desk.read().acl.rule("rate-limit").unwrap().action, RuleAction::Block);

    // The token is used up: somebody else's change looks the same.
    let conflict = desk.update(&edited.body, &document.acl.lock_token).unwrap_err();
    assert_eq!(conflict.kind, FailureKind::Conflict, "{conflict}");
    assert!(conflict.hint.as_deref().unwrap().contains("read it again"), "{conflict:?}");
    assert_eq!(desk.sent("UpdateWebACL"), 2, "a conflict is not tried again");
    assert_eq!(desk.held(), after);

    let back = desk.read().restore_rule(&edited).unwrap();
    desk.update(&back.body, &next).unwrap();
    assert_eq!(desk.held().document, before.document);
}

#[test]
fn an_update_whose_answer_is_lost_is_sent_once() {
    let desk = Desk::new();
    let document = desk.read();
    let edited = document.set_rate("rate-limit", Some(500), Some(60)).unwrap();
    desk.proxy.inject("UpdateWebACL", Occurrence::Every, Fault::DropConnection);
    let failure = desk.update(&edited.body, &document.acl.lock_token).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
    assert_eq!(desk.sent("UpdateWebACL"), 1);
    desk.proxy.heal();
    desk.update(&edited.body, &document.acl.lock_token).unwrap();
    let rate = desk.read().acl.rule("rate-limit").unwrap().rate.clone().unwrap();
    assert_eq!((rate.limit, rate.window_seconds), (500, 60));
}

#[test]
fn what_this_version_does_not_know_keeps_a_web_acl_from_being_edited() {
    let desk = Desk::new();
    desk.region.alter(|estate| {
        let acl = estate.waf.web_acls.iter_mut().find(|acl| acl.name == ACL).unwrap();
        acl.document["Rules"][0]["Statement"] = json!({ "MoonPhaseStatement": { "Phase": "FULL" } });
    });
    let document = desk.read();
    let path = "Rules[blocked-addresses].Statement.MoonPhaseStatement";
    assert_eq!(document.lost.as_deref(), Some(path));
    assert_eq!(
        document.switch_rule("rate-limit", SwitchedAction::Block),
        Err(EditRefused::Lossy { acl: ACL.to_owned(), path: path.to_owned() })
    );
    // Whoever sends it all the same is refused, too.
    let before = desk.held();
    let refused = desk.update(&document.body, &document.acl.lock_token).unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert!(refused.message.contains(path), "{refused}");
    assert_eq!((desk.sent("UpdateWebACL"), desk.held()), (0, before));
}

#[test]
fn one_rule_of_a_managed_group_is_overridden_by_a_name_that_exists() {
    let desk = Desk::new();
    let document = desk.read();
    let source = document.acl.rule("common-rules").unwrap().group.clone().unwrap().source;
    let contents = desk.runtime.block_on(desk.session.group_rules(&source)).unwrap();
    assert!(contents.rules.iter().any(|rule| rule.name == GROUP_RULE), "{contents:?}");
    let wrong = document.override_group_rule("common-rules", "SizeRestriction_BODY", None, &contents);
    assert!(
        matches!(wrong, Err(EditRefused::UnknownGroupRule { nearest: Some(name), .. }) if name == GROUP_RULE)
    );

    let name = "GenericLFI_URIPATH";
    let count = Some(SwitchedAction::Count);
    let edited = document.override_group_rule("common-rules", name, count, &contents).unwrap();
    desk.update(&edited.body, &document.acl.lock_token).unwrap();
    let group = desk.read().acl.rule("common-rules").unwrap().group.clone().unwrap();
    assert_eq!(group.overrides.len(), 1);
    assert_eq!((group.overrides[0].rule.as_str(), &group.overrides[0].action), (name, &RuleAction::Count));
}

#[test]
fn the_rules_of_a_group_of_the_accounts_own_are_read() {
    let desk = Desk::new();
    let arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/rulegroup/own-rules/1".to_owned();
    desk.region.alter(|estate| {
        estate.waf.rule_groups.push(RuleGroup {
            id: "1".to_owned(),
            name: "own-rules".to_owned(),
            arn: arn.clone(),
            lock_token: "token".to_owned(),
            document: json!({
                "Name": "own-rules", "Id": "1", "ARN": arn, "Capacity": 10,
                "VisibilityConfig": {
                    "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "own",
                },
                "Rules": [{
                    "Name": "no-germans", "Priority": 0, "Action": { "Block": {} },
                    "Statement": { "GeoMatchStatement": { "CountryCodes": ["DE"] } },
                    "VisibilityConfig": {
                        "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "geo",
                    },
                }],
            }),
            tags: std::collections::BTreeMap::default(),
        });
    });
    let listed = desk.runtime.block_on(desk.session.list_rule_groups()).unwrap();
    assert_eq!(listed.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["own-rules"]);
    let source = GroupSource::Own { arn: listed[0].arn.clone() };
    let contents = desk.runtime.block_on(desk.session.group_rules(&source)).unwrap();
    assert_eq!(
        (contents.rules[0].name.as_str(), &contents.rules[0].action),
        ("no-germans", &RuleAction::Block)
    );
}

#[test]
fn an_address_goes_into_an_ip_set_and_out_of_it() {
    let desk = Desk::new();
    let held = |desk: &Desk| desk.region.estate().waf.ip_sets[0].clone();
    let before = held(&desk);
    let set = desk.runtime.block_on(waf::ip_set(&desk.session, "blocked-addresses")).unwrap();
    assert_eq!((&set.set.addresses, set.lost.as_deref()), (&before.addresses, None));
    let added = set.add("198.51.100.7").unwrap();
    let update = desk.session.update_ip_set(&added.body, &set.set.lock_token);
    let next = desk.runtime.block_on(update).unwrap().next_lock_token;
    let after = held(&desk);
    assert_eq!(after.addresses.last().unwrap(), "198.51.100.7/32");
    assert_eq!(
        cellgate_demo::estate::IpSet {
            addresses: before.addresses.clone(),
            lock_token: before.lock_token.clone(),
            ..after
        },
        before,
        "the description and the rest stay"
    );

    let stale = desk.runtime.block_on(desk.session.update_ip_set(&added.body, &set.set.lock_token));
    assert_eq!(stale.unwrap_err().kind, FailureKind::Conflict);
    let set = desk.runtime.block_on(waf::ip_set(&desk.session, &set.set.arn)).unwrap();
    let removed = set.remove("198.51.100.7/32").unwrap();
    desk.runtime.block_on(desk.session.update_ip_set(&removed.body, &next)).unwrap();
    assert_eq!(held(&desk).addresses, before.addresses);
    assert_eq!(desk.sent("UpdateIPSet"), 3);
}

#[test]
fn a_web_acl_is_taken_from_a_stage_and_put_before_it_again() {
    let desk = Desk::new();
    let acl = desk.held();
    let estate = desk.region.estate();
    let api = estate.api_named("cell-01-api").unwrap();
    let stage = GuardedStage { api: api.id.as_str().into(), stage: "prod".into() };
    let of_stage = || desk.runtime.block_on(desk.session.web_acl_of_stage(&stage)).unwrap();
    let stages = || desk.runtime.block_on(desk.session.stages_of_web_acl(&acl.arn)).unwrap();
    assert_eq!(of_stage().unwrap().name, ACL);
    assert_eq!(stages(), std::slice::from_ref(&stage));

    desk.runtime.block_on(desk.session.disassociate_web_acl(&stage)).unwrap();
    assert_eq!(of_stage(), None);
    assert_eq!(stages(), []);
    let again = desk.runtime.block_on(desk.session.disassociate_web_acl(&stage)).unwrap_err();
    assert_eq!(again.kind, FailureKind::NotFound, "{again}");

    desk.runtime.block_on(desk.session.associate_web_acl(&acl.arn, &stage)).unwrap();
    assert_eq!(of_stage().unwrap().arn, acl.arn);
}

#[test]
fn what_is_not_there_is_not_found_with_the_nearest_name() {
    let desk = Desk::new();
    let failure = desk.runtime.block_on(waf::web_acl(&desk.session, "cell-1-waf")).unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.message.contains("did you mean 'cell-01-waf'?"), "{failure}");
    let gone = desk.runtime.block_on(desk.session.get_web_acl(ACL, "no-such-id")).unwrap_err();
    assert_eq!(gone.kind, FailureKind::NotFound, "{gone}");
}
