//! Levers of AWS WAF: what they begin at, and what there is to choose from.

use super::plans_and_keys::distinct;
use crate::domain::api::ApiKind;
use crate::domain::change::{Target, WafTarget};
use crate::domain::estate::RegionSlot;
use crate::domain::ip_set::IpSetDocument;
use crate::domain::target::StageTarget;
use crate::domain::web_acl::{Rule, WebAclDocument, name_in_arn};
use crate::tui::action::Action;
use crate::tui::model::{Choice, Chosen, Form, FormState, Listing, Model};
use crate::tui::rows::{RowKey, action as verb};

type Offer = (Action, String, Option<String>);

/// What a lever begins at, with its article; none where it is none of these.
pub(super) fn wants(action: Action) -> Option<&'static str> {
    match action {
        Action::RuleAction | Action::RuleRate => Some("a rule or a web ACL"),
        Action::IpAdd | Action::IpRemove => Some("an IP set"),
        Action::AclAttach | Action::AclDetach => Some("a web ACL or a stage"),
        _ => None,
    }
}

pub(super) fn is_for(action: Action, row: &RowKey) -> bool {
    match row {
        RowKey::WebAcl(..) | RowKey::Rule(..) => {
            matches!(action, Action::RuleAction | Action::RuleRate | Action::AclAttach | Action::AclDetach)
        }
        RowKey::IpSet(..) => matches!(action, Action::IpAdd | Action::IpRemove),
        _ => false,
    }
}

fn web_acl<'model>(model: &'model Model, slot: RegionSlot, arn: &str) -> Option<&'model WebAclDocument> {
    let mut all = model.estate.region(slot)?.web_acls.value().into_iter().flatten();
    all.find(|known| known.acl.arn == arn).map(AsRef::as_ref)
}

fn ip_set<'model>(model: &'model Model, slot: RegionSlot, arn: &str) -> Option<&'model IpSetDocument> {
    let mut all = model.estate.region(slot)?.ip_sets.value().into_iter().flatten();
    all.find(|known| known.set.arn == arn).map(AsRef::as_ref)
}

/// The form of a lever that begins at `row`; none where that is gone, or is none of these.
pub(super) fn form(model: &Model, action: Action, row: &RowKey) -> Option<FormState> {
    let form = Form::of(action).filter(|_| is_for(action, row))?;
    match row {
        RowKey::IpSet(slot, arn) => Some(of_set(form, *slot, ip_set(model, *slot, arn)?)),
        RowKey::WebAcl(slot, arn) => Some(of_acl(model, form, *slot, web_acl(model, *slot, arn)?, None)),
        RowKey::Rule(slot, arn, rule) => {
            let document = web_acl(model, *slot, arn)?;
            Some(of_acl(model, form, *slot, document, document.acl.rule(rule)))
        }
        _ => None,
    }
}

fn of_set(form: &'static Form, slot: RegionSlot, document: &IpSetDocument) -> FormState {
    let set = &document.set;
    let target = Target::IpSet(WafTarget { id: set.id.clone(), name: set.name.clone() });
    let state = FormState::new(form, slot, target, ApiKind::Rest, Vec::new());
    if form.action == Action::IpAdd {
        return state.with_now(vec![format!("{} of {}", set.addresses.len(), set.version)]);
    }
    state.with_choices(vec![set.addresses.iter().map(|address| Choice::text(address, "")).collect()])
}

fn of_acl(
    model: &Model,
    form: &'static Form,
    slot: RegionSlot,
    document: &WebAclDocument,
    rule: Option<&Rule>,
) -> FormState {
    let acl = &document.acl;
    let target = Target::WebAcl(WafTarget { id: acl.id.clone(), name: acl.name.clone() });
    let state = |first| FormState::new(form, slot, target, ApiKind::Rest, first);
    let rule_name = || rule.map(|rule| rule.name.clone()).unwrap_or_default();
    match form.action {
        Action::RuleAction => {
            let actions = ["block", "count"].map(|action| Choice::text(action, "")).into();
            let rules = acl.rules.iter().map(rule_choice).collect();
            let overridden = rule.into_iter().flat_map(group_rules).collect();
            let now = vec![String::new(), rule.map(verb).unwrap_or_default()];
            state(vec![rule_name()]).with_choices(vec![rules, actions, overridden]).with_now(now)
        }
        Action::RuleRate => {
            let windows = ["60", "120", "300", "600"].map(|window| Choice::text(window, "")).into();
            let rates: Vec<&Rule> = acl.rules.iter().filter(|rule| rule.rate.is_some()).collect();
            let first = match rates.as_slice() {
                [one] => one.name.clone(),
                _ => rule_name(),
            };
            let now = rates.iter().find(|rate| rate.name == first).and_then(|rule| rule.rate.as_ref());
            let now =
                now.map(|rate| vec![String::new(), rate.limit.to_string(), rate.window_seconds.to_string()]);
            let choices = rates.into_iter().map(rule_choice).collect();
            state(vec![first])
                .with_choices(vec![choices, Vec::new(), windows])
                .with_now(now.unwrap_or_default())
        }
        Action::AclAttach => {
            let stages = stage_choices(model, slot, |present| present != Some(acl.arn.as_str()));
            state(vec![acl.name.clone()]).with_choices(vec![acl_choices(model, slot), stages])
        }
        _ => {
            let stages = stage_choices(model, slot, |present| present == Some(acl.arn.as_str()));
            let first = match stages.as_slice() {
                [one] => vec![one.text.clone()],
                _ => Vec::new(),
            };
            state(first).with_choices(vec![stages])
        }
    }
}

/// The form that attaches a web ACL to a stage, or detaches the one that it has.
pub(super) fn of_stage(
    model: &Model,
    form: &'static Form,
    slot: RegionSlot,
    kind: ApiKind,
    stage: StageTarget,
) -> FormState {
    let stages = stage_choices(model, slot, |_| true);
    let is_it = |choice: &&Choice| choice.chosen == Chosen::Stage(stage.clone());
    let text = stages.iter().find(is_it).map_or_else(|| stage.to_string(), |choice| choice.text.clone());
    let target = Target::stage_of(kind, stage);
    if form.action == Action::AclDetach {
        return FormState::new(form, slot, target, kind, vec![text]).with_choices(vec![stages]);
    }
    let acls = acl_choices(model, slot);
    FormState::new(form, slot, target, kind, vec![String::new(), text]).with_choices(vec![acls, stages])
}

fn rule_choice(rule: &Rule) -> Choice {
    let note = match &rule.rate {
        Some(rate) => format!("{}, over {} in {} s", verb(rule), rate.limit, rate.window_seconds),
        None => format!("{}, {}", verb(rule), rule.statement),
    };
    let chosen = if rule.kind.is_group() { Chosen::GroupRule } else { Chosen::Text };
    Choice { text: rule.name.clone(), note, chosen }
}

/// Those of a group's rules that the web ACL tells of: AWS lists the others to the plan alone.
fn group_rules(rule: &Rule) -> impl Iterator<Item = Choice> {
    let group = rule.group.as_ref();
    let overrides = group.into_iter().flat_map(|group| &group.overrides);
    let overrides = overrides.map(|known| Choice::text(&known.rule, format!("{} here", known.action)));
    let excluded = group.into_iter().flat_map(|group| &group.excluded);
    overrides.chain(excluded.map(|name| Choice::text(name, "count here")))
}

fn acl_choices(model: &Model, slot: RegionSlot) -> Vec<Choice> {
    let all = model.estate.region(slot).and_then(|region| region.web_acls.value());
    let choice = |document: &std::sync::Arc<WebAclDocument>| Choice {
        text: document.acl.name.clone(),
        note: format!("{} rules, {} by default", document.acl.rules.len(), document.acl.default_action),
        chosen: Chosen::WebAcl(document.acl.arn.clone()),
    };
    all.into_iter().flatten().map(choice).collect()
}

/// All stages of REST APIs, with the ARN of the web ACL that each has.
pub(super) fn rest_stages(model: &Model, slot: RegionSlot) -> Vec<(StageTarget, Option<String>)> {
    let entries = model.estate.apis().into_iter();
    let entries = entries.filter(|(of, entry)| *of == slot && entry.api.kind == ApiKind::Rest);
    entries
        .flat_map(|(_, entry)| {
            entry.stages.value().into_iter().flatten().map(|stage| {
                let (api, api_name) = (entry.api.id.clone(), entry.api.name.clone());
                let target = StageTarget { api, api_name, stage: stage.name.clone() };
                (target, stage.web_acl_arn.clone())
            })
        })
        .collect()
}

fn stage_choices(model: &Model, slot: RegionSlot, fits: impl Fn(Option<&str>) -> bool) -> Vec<Choice> {
    let mut stages = rest_stages(model, slot);
    stages.retain(|(_, present)| fits(present.as_deref()));
    let mut choices = distinct(&stages.iter().map(|(stage, _)| stage.clone()).collect::<Vec<_>>());
    for (choice, (_, present)) in choices.iter_mut().zip(&stages) {
        choice.note = present.as_deref().map_or_else(|| "no web ACL".to_owned(), name_in_arn);
    }
    choices
}

/// What can be named, with what it is.
pub(super) fn subjects(model: &Model, listing: Listing) -> Vec<(RowKey, String, String)> {
    let mut subjects = Vec::new();
    for (slot, region) in model.estate.regions() {
        match listing {
            Listing::WebAcls => {
                for acl in region.web_acls.value().into_iter().flatten().map(|document| &document.acl) {
                    let rules = format!("{} rules", acl.rules.len());
                    subjects.push((RowKey::WebAcl(slot, acl.arn.clone()), acl.name.clone(), rules));
                }
            }
            Listing::IpSets => {
                for set in region.ip_sets.value().into_iter().flatten().map(|document| &document.set) {
                    let count = format!("{} addresses of {}", set.addresses.len(), set.version);
                    subjects.push((RowKey::IpSet(slot, set.arn.clone()), set.name.clone(), count));
                }
            }
            _ => {}
        }
    }
    subjects
}

/// What the menu of actions offers, and why some of it can't be done.
pub(super) fn offers(model: &Model, row: &RowKey) -> Vec<Offer> {
    match row {
        RowKey::WebAcl(slot, arn) | RowKey::Rule(slot, arn, _) => {
            let Some(document) = web_acl(model, *slot, arn) else { return Vec::new() };
            let rule = match row {
                RowKey::Rule(_, _, rule) => document.acl.rule(rule),
                _ => None,
            };
            offers_of_acl(model, *slot, document, rule)
        }
        RowKey::IpSet(slot, arn) => {
            let Some(document) = ip_set(model, *slot, arn) else { return Vec::new() };
            let name = &document.set.name;
            let lost = document.lost.as_ref().map(|path| format!("an update would lose {path}"));
            let none = document.set.addresses.is_empty().then(|| "it is empty".to_owned());
            vec![
                (Action::IpAdd, format!("add addresses to {name}"), lost.clone()),
                (Action::IpRemove, format!("remove addresses from {name}"), lost.or(none)),
            ]
        }
        _ => Vec::new(),
    }
}

fn offers_of_acl(
    model: &Model,
    slot: RegionSlot,
    document: &WebAclDocument,
    rule: Option<&Rule>,
) -> Vec<Offer> {
    let acl = &document.acl;
    let locked = document.editable().err().map(|why| why.to_string());
    let unless = |possible: bool, why: &str| (!possible).then(|| why.to_owned());
    let switch = match rule {
        Some(rule) if rule.kind.is_group() => format!("switch one rule of the group {}", rule.name),
        Some(rule) => format!("switch {} between block and count", rule.name),
        None => format!("switch a rule of {} between block and count", acl.name),
    };
    let has_rate = acl.rules.iter().any(|rule| rule.rate.is_some());
    let rate = match rule {
        Some(rule) => (
            format!("change the rate limit of {}", rule.name),
            unless(rule.rate.is_some(), "it is no rate rule"),
        ),
        None => (format!("change a rate limit of {}", acl.name), unless(has_rate, "it has no rate rule")),
    };
    let mut offers =
        vec![(Action::RuleAction, switch, locked.clone()), (Action::RuleRate, rate.0, locked.or(rate.1))];
    if rule.is_none() {
        let stands = rest_stages(model, slot).iter().any(|(_, present)| present.as_ref() == Some(&acl.arn));
        offers.extend([
            (Action::AclAttach, format!("attach {} to a stage", acl.name), None),
            (
                Action::AclDetach,
                format!("detach {} from a stage", acl.name),
                unless(stands, "it stands before no stage"),
            ),
        ]);
    }
    offers
}
