//! Which regions a session holds, and what the operator said of each.

use super::document::Setting;
use super::layers::Layers;
use super::origin::{Origin, Sourced};

/// One AWS region of one account, as the operator names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionSettings {
    pub profile: Option<Sourced<String>>,
    pub region: Option<Sourced<String>>,
    /// What the account is called.
    pub alias: Option<String>,
    /// A role to assume with the profile's credentials.
    pub role_arn: Option<String>,
    /// Where to reach AWS, instead of where all regions are reached.
    pub endpoint_url: Option<String>,
    /// Globs of the cells that it holds.
    pub cells: Vec<String>,
    pub production: bool,
    /// What forbids changes here, where something does.
    pub read_only: Option<Origin>,
}

/// The regions to hold. One that is asked for by flag, environment or the general keys stands
/// alone; what a `[[regions]]` entry says of it still counts.
pub(super) fn from_layers(layers: &Layers) -> Vec<RegionSettings> {
    let listed: Vec<RegionSettings> =
        (0..layers.entries("regions")).map(|place| listed_region(layers, place)).collect();
    let asked = RegionSettings {
        profile: layers.text("profile"),
        region: layers.text("region"),
        alias: layers.text("alias").map(|alias| alias.value),
        role_arn: None,
        endpoint_url: None,
        cells: Vec::new(),
        production: layers.flag("production"),
        read_only: layers.get("read-only").and_then(Setting::when_true),
    };
    if asked.profile.is_none() && asked.region.is_none() && !listed.is_empty() {
        return listed.into_iter().map(|region| region.under(&asked)).collect();
    }
    let entry = listed.into_iter().find(|entry| entry.is_meant_by(&asked));
    vec![entry.map_or_else(|| asked.clone(), |entry| entry.under(&asked))]
}

fn listed_region(layers: &Layers, place: usize) -> RegionSettings {
    let own = |name: &str| format!("regions[{place}].{name}");
    let profile = layers.text(&own("profile"));
    let of_profile =
        |name: &str| profile.as_ref().map(|profile| format!("profiles.{}.{name}", profile.value));
    let own_or_profiles = |name: &str| {
        let own = layers.get(&own(name));
        own.or_else(|| layers.get(&of_profile(name)?))
    };
    // Neither takes a mark of caution off that the other sets.
    let marked_by = |name: &str| {
        let of_profile = of_profile(name).and_then(|name| layers.get(&name));
        [layers.get(&own(name)), of_profile].into_iter().flatten().find_map(Setting::when_true)
    };
    RegionSettings {
        region: own_or_profiles("region").and_then(Setting::text),
        alias: own_or_profiles("alias").and_then(Setting::text).map(|alias| alias.value),
        role_arn: layers.text(&own("role-arn")).map(|arn| arn.value),
        endpoint_url: layers.text(&own("endpoint-url")).map(|url| url.value),
        cells: layers.get(&own("cells")).map(Setting::texts).unwrap_or_default(),
        production: marked_by("production").is_some(),
        read_only: marked_by("read-only"),
        profile,
    }
}

impl RegionSettings {
    /// The profile to name to AWS's SDK: none where the SDK reads the same variable by itself.
    pub fn explicit_profile(&self) -> Option<&str> {
        self.profile.as_ref().and_then(Sourced::unless_aws)
    }

    /// The region to name to AWS's SDK: none where the SDK reads the same variable by itself.
    pub fn explicit_region(&self) -> Option<&str> {
        self.region.as_ref().and_then(Sourced::unless_aws)
    }

    /// What to call it in a line: its alias, else its profile, else its region's code.
    pub fn name(&self) -> &str {
        let written = [self.profile.as_ref(), self.region.as_ref()].into_iter().flatten().next();
        let written = written.map(|text| text.value.as_str());
        self.alias.as_deref().or(written).unwrap_or("the default region")
    }

    /// Whether somebody means it who gives this alias, profile, or region's code.
    pub fn answers_to(&self, name: &str) -> bool {
        let written = [self.profile.as_ref(), self.region.as_ref()].into_iter().flatten();
        self.alias.as_deref() == Some(name) || written.into_iter().any(|text| text.value == name)
    }

    /// Whether an entry of the list is the one that was asked for: what both name is the same.
    fn is_meant_by(&self, asked: &Self) -> bool {
        let agree = |own: &Option<Sourced<String>>, wanted: &Option<Sourced<String>>| match (own, wanted) {
            (Some(own), Some(wanted)) => own.value == wanted.value,
            (None, Some(_)) => false,
            (_, None) => true,
        };
        agree(&self.profile, &asked.profile) && agree(&self.region, &asked.region)
    }

    /// Fills what an entry leaves open from what was asked for in general. A mark of caution is
    /// never taken off that way.
    fn under(self, general: &Self) -> Self {
        Self {
            profile: self.profile.or_else(|| general.profile.clone()),
            region: self.region.or_else(|| general.region.clone()),
            alias: self.alias.or_else(|| general.alias.clone()),
            role_arn: self.role_arn,
            endpoint_url: self.endpoint_url,
            cells: self.cells,
            production: self.production || general.production,
            read_only: general.read_only.clone().or(self.read_only),
        }
    }
}
