//! Stages of one fleet whose settings differ: each is compared with what most cells have in the same place.
//!
//! Stages do the same where their APIs have the same kind and the same name but for the cell's id, and the stages
//! themselves the same name. What less than half of three cells and more agree on is nobody's standard.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::CellFinding;
use crate::domain::api::{Api, ApiKind};
use crate::domain::cell::{Cell, CellSettings};
use crate::domain::deployment::Deployment;
use crate::domain::estate::{ApiEntry, Estate};
use crate::domain::id::{CellId, StageName};
use crate::domain::method::MethodKey;
use crate::domain::stage::Stage;
use crate::domain::web_acl::name_in_arn;

/// With fewer there is no telling who is the odd one.
const FEWEST: usize = 3;
/// A release reaches the cells one after another; one that is older than the others' by this was left out.
const RELEASE: SignedDuration = SignedDuration::from_hours(24);
const UNSET: &str = "not set";

/// A stage with the cell that it is in.
struct Member<'estate> {
    cell: &'estate CellId,
    entry: &'estate ApiEntry,
    stage: &'estate Stage,
}

/// What makes stages comparable.
type Role<'estate> = (ApiKind, String, &'estate StageName);

pub(super) fn differences(
    estate: &Estate,
    cells: &BTreeMap<CellId, Cell>,
    settings: &CellSettings,
    found: &mut BTreeMap<CellId, Vec<CellFinding>>,
) {
    let mut roles: BTreeMap<Role<'_>, Vec<Member<'_>>> = BTreeMap::new();
    for (cell, known) in cells {
        for entry in known.apis.iter().filter_map(|(slot, api)| estate.api(*slot, api)) {
            // An API whose name doesn't tell its cell is the only one that does what it does.
            let Some(role) = role_of(&entry.api, cell) else { continue };
            for stage in entry.stages.value().into_iter().flatten() {
                let members = roles.entry((entry.api.kind, role.clone(), &stage.name)).or_default();
                members.push(Member { cell, entry, stage });
            }
        }
    }
    for members in roles.into_values().filter(|members| members.len() >= FEWEST) {
        compare(&members, settings, found);
    }
}

fn role_of(api: &Api, cell: &CellId) -> Option<String> {
    api.name.contains(cell.as_str()).then(|| api.name.replace(cell.as_str(), "{CellId}"))
}

fn compare(members: &[Member<'_>], settings: &CellSettings, found: &mut BTreeMap<CellId, Vec<CellFinding>>) {
    // Fleets are alike more often than not: what is the same all over needs no words.
    let first = &members[0];
    if !members.iter().all(|member| is_same(member, first)) {
        let all: Vec<BTreeMap<String, Said>> =
            members.iter().map(|member| fields(member, settings)).collect();
        let mut names: Vec<&String> = all.iter().flat_map(BTreeMap::keys).collect();
        names.sort();
        names.dedup();
        for name in names {
            let said: Vec<Option<&Said>> = all.iter().map(|fields| fields.get(name)).collect();
            let texts = |pick: fn(&Said) -> &str| -> Vec<&str> {
                said.iter().map(|said| said.map_or(UNSET, pick)).collect()
            };
            // What most have word for word needs no cell's id taken out of it.
            let literal = texts(|said| &said.literal);
            let values = if most(&literal).is_some() { literal } else { texts(|said| &said.generic) };
            tell(members, name, &values, found);
        }
    }
    deployments(members, found);
}

/// The odd ones out, where more than half have one value.
fn tell(
    members: &[Member<'_>],
    field: &str,
    values: &[&str],
    found: &mut BTreeMap<CellId, Vec<CellFinding>>,
) {
    let Some((others, agree)) = most(values) else { return };
    for (member, own) in members.iter().zip(values).filter(|(_, own)| **own != others) {
        let finding = differs(member, field, (*own).to_owned(), others.to_owned(), (agree, members.len()));
        found.entry(member.cell.clone()).or_default().push(finding);
    }
}

fn differs(
    member: &Member<'_>,
    field: &str,
    own: String,
    others: String,
    (agree, of): (usize, usize),
) -> CellFinding {
    CellFinding::SettingDiffers {
        api: member.entry.api.name.clone(),
        stage: member.stage.name.to_string(),
        field: field.to_owned(),
        own,
        others,
        agree,
        of,
    }
}

/// What more than half have, and how many those are.
fn most<'value>(values: &[&'value str]) -> Option<(&'value str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let (value, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (count * 2 > values.len()).then_some((value, count))
}

/// Whether two stages are set alike, but for what bears their cells' ids.
fn is_same(one: &Member<'_>, other: &Member<'_>) -> bool {
    let (here, there) = (one.stage, other.stage);
    let same_text = |own: &str, others: &str| {
        own == others || generic(own, one.cell.as_str()) == generic(others, other.cell.as_str())
    };
    let acl = |stage: &Stage| stage.web_acl_arn.as_deref().map(name_in_arn);
    let same_acl = match (acl(here), acl(there)) {
        (Some(own), Some(others)) => same_text(&own, &others),
        (None, None) => true,
        _ => false,
    };
    let same_cache = here.cache.as_ref().map(|cache| (cache.enabled, &cache.size))
        == there.cache.as_ref().map(|cache| (cache.enabled, &cache.size));
    same_acl
        && same_cache
        && here.tracing == there.tracing
        && here.settings == there.settings
        && here.variables.len() == there.variables.len()
        && here
            .variables
            .iter()
            .all(|(name, own)| there.variables.get(name).is_some_and(|others| same_text(own, others)))
}

/// A text without the cell's id in it, so that those of two cells can be compared.
fn generic<'text>(text: &'text str, cell: &str) -> Cow<'text, str> {
    if text.contains(cell) { Cow::Owned(text.replace(cell, "{CellId}")) } else { Cow::Borrowed(text) }
}

/// A value as it stands, and without the cell's id.
struct Said {
    literal: String,
    generic: String,
}

impl Said {
    fn plain(text: String) -> Self {
        Self { generic: text.clone(), literal: text }
    }

    fn of_cell(text: String, cell: &str) -> Self {
        Self { generic: generic(&text, cell).into_owned(), literal: text }
    }
}

/// Everything of a stage that the cells of a fleet are expected to have in common, in words.
fn fields(member: &Member<'_>, settings: &CellSettings) -> BTreeMap<String, Said> {
    let stage = member.stage;
    let cell = member.cell.as_str();
    let mut fields = BTreeMap::new();
    let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
    if let Some(cache) = &stage.cache {
        let size = cache.size.as_deref().filter(|_| cache.enabled);
        let text = size.map_or_else(|| switch(cache.enabled), |size| format!("{size} GB"));
        fields.insert("cache".to_owned(), Said::plain(text));
    }
    if let Some(tracing) = stage.tracing {
        fields.insert("tracing".to_owned(), Said::plain(switch(tracing)));
    }
    if let Some(arn) = &stage.web_acl_arn {
        fields.insert("web ACL".to_owned(), Said::of_cell(name_in_arn(arn), cell));
    }
    for (name, value) in stage.variables.iter().filter(|(name, _)| **name != settings.stage_variable) {
        fields.insert(format!("variable {name}"), Said::of_cell(format!("\"{value}\""), cell));
    }
    for (method, own) in &stage.settings {
        let place = match method {
            MethodKey::All => String::new(),
            other => format!(" of {other}"),
        };
        let mut put = |field: &str, value: Option<String>| {
            if let Some(value) = value {
                fields.insert(format!("{field}{place}"), Said::plain(value));
            }
        };
        put("throttle rate", own.throttle.rate.map(|rate| format!("{rate}")));
        put("throttle burst", own.throttle.burst.map(|burst| burst.to_string()));
        put("logging level", own.logging_level.clone());
        put("cache TTL", own.cache_ttl_seconds.map(|seconds| format!("{seconds} s")));
        put("caching", Some(switch(own.caching)));
        put("detailed metrics", Some(switch(own.detailed_metrics)));
        put("data trace", Some(switch(own.data_trace)));
    }
    fields
}

/// Deployments, as far as they were read: one that is older than what most cells have was left out of a release.
fn deployments(members: &[Member<'_>], found: &mut BTreeMap<CellId, Vec<CellFinding>>) {
    let known: Vec<(&Member<'_>, &Deployment, Timestamp)> = members
        .iter()
        .filter_map(|member| {
            let id = member.stage.deployment.as_ref()?;
            let deployment = member.entry.deployments.value()?.iter().find(|one| one.id == *id)?;
            Some((member, deployment, deployment.created?))
        })
        .collect();
    if known.len() < FEWEST {
        return;
    }
    let mut times: Vec<Timestamp> = known.iter().map(|(_, _, at)| *at).collect();
    times.sort_unstable();
    let usual = times[times.len() / 2];
    let is_old = |at: Timestamp| usual.duration_since(at) > RELEASE;
    let agree = known.iter().filter(|(_, _, at)| !is_old(*at)).count();
    for (member, deployment, at) in known.iter().filter(|(_, _, at)| is_old(*at)) {
        let said = deployment.description.as_deref().map(|text| format!(" ({text})")).unwrap_or_default();
        let own = format!("of {}{said}", day(*at));
        let others = format!("of about {}", day(usual));
        let finding = differs(member, "deployment", own, others, (agree, known.len()));
        found.entry(member.cell.clone()).or_default().push(finding);
    }
}

fn day(at: Timestamp) -> String {
    at.to_string().split('T').next().unwrap_or_default().to_owned()
}
