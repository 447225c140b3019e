//! The configuration as typed values, ready to be handed down.

use std::collections::BTreeMap;
use std::time::Duration;

use super::document::Setting;
use super::error::ConfigError;
use super::layers::Layers;
use super::location::StateDirectory;
use super::origin::{Origin, Sourced};
use super::region::{self, RegionSettings};
use super::value::Value;
use crate::domain::cell::{CellSettings, ConfiguredCell};
use crate::domain::connection::{ConnectionAccess, ConnectionSettings};
use crate::domain::fleet::Thresholds;
use crate::domain::id::CellId;
use crate::domain::lookup::RouterSettings;
use crate::domain::mapping::MappingSettings;
use crate::domain::moves::hook::HookSettings;
use crate::domain::moves::settings::{Fence, MoveSettings, Stamp};
use crate::domain::placement::PlacementSettings;
use crate::domain::production::ProductionTag;
use crate::domain::target::StageReference;
use crate::domain::team::TeamSettings;

/// A lease is renewed three times in its length: a shorter one would end at a slow answer.
const SHORTEST_LEASE: Duration = Duration::from_secs(10);
/// For how long a move expects the router to answer from its cache, where nobody has said.
const ROUTER_CACHE_SECONDS: u32 = 300;

/// Everything that is configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where to connect, the first region first; never empty.
    pub regions: Vec<RegionSettings>,
    pub endpoint_url: Option<Sourced<String>>,
    pub state: StateDirectory,
    pub theme: Sourced<String>,
    pub no_color: bool,
    pub ascii: bool,
    pub mouse: bool,
    /// The keys of actions, by the action's name, as they were written.
    pub keys: BTreeMap<String, Sourced<Vec<String>>>,
    pub thresholds: Thresholds,
    pub refresh: Refresh,
    /// Of the account's request budget, 0 to 1.
    pub control_plane_share: f64,
    pub cells: CellSettings,
    pub mapping: MappingSettings,
    pub router: RouterSettings,
    /// The stage whose cache keeps the router's answers; none where nobody has said.
    pub router_stage: Option<StageReference>,
    pub connections: ConnectionSettings,
    pub connection_access: ConnectionAccess,
    /// What the API key of a customer is called, with `{CustomerId}` in it.
    pub key_name: Option<String>,
    /// US dollars for a million read units.
    pub read_unit_price: Option<f64>,
    pub moves: MoveSettings,
    /// What marks an API as production, beside the regions that are.
    pub production_tag: Option<ProductionTag>,
    /// None where no team shares a table.
    pub team: Option<TeamSettings>,
    layers: Layers,
}

/// How often things are read anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    pub signals: Duration,
    pub inventory: Duration,
    /// After how long without a key only the fleet's signals are.
    pub idle: Duration,
}

impl Settings {
    /// Types what the layers hold. The profile's section has to be laid already.
    ///
    /// # Errors
    /// No home directory for the state, where none is named.
    pub(super) fn from_layers(layers: Layers) -> Result<Self, ConfigError> {
        let state = match layers.text("state-dir") {
            Some(named) => StateDirectory::at(named.value),
            None => StateDirectory::locate()?,
        };
        let keys = layers
            .named("keys")
            .map(|(action, setting)| {
                (action.to_owned(), Sourced { value: setting.texts(), origin: setting.origin.clone() })
            })
            .collect();
        let regions = region::from_layers(&layers);
        Ok(Self {
            cells: cells(&layers, &regions),
            regions,
            endpoint_url: layers.text("endpoint-url"),
            state,
            theme: layers.text("theme").unwrap_or(Sourced { value: String::new(), origin: Origin::BuiltIn }),
            no_color: layers.flag("no-color"),
            ascii: layers.flag("ascii"),
            mouse: layers.flag("mouse"),
            keys,
            thresholds: Thresholds {
                errors_5xx: layers.share("thresholds.errors-5xx"),
                p99_ms: layers.duration("thresholds.p99").as_secs_f64() * 1e3,
                load: layers.share("thresholds.load"),
            },
            refresh: Refresh {
                signals: layers.duration("refresh.signals"),
                inventory: layers.duration("refresh.inventory"),
                idle: layers.duration("refresh.idle"),
            },
            control_plane_share: layers.share("limits.control-plane-share"),
            mapping: MappingSettings {
                table: layers.plain("mapping.table"),
                customer_attribute: layers.plain("mapping.customer-attribute"),
                cell_attribute: layers.plain("mapping.cell-attribute"),
            },
            router: router(&layers),
            router_stage: router_stage(&layers),
            connections: ConnectionSettings {
                table: layers.plain("connections.table"),
                id_attribute: layers.plain("connections.id-attribute"),
                customer_attribute: layers.plain("connections.customer-attribute"),
                cell_attribute: layers.plain("connections.cell-attribute"),
            },
            connection_access: ConnectionAccess {
                endpoint: layers
                    .text("connections.endpoint")
                    .map(|text| text.value)
                    .filter(|text| !text.is_empty()),
                api_attribute: layers.plain("connections.api-attribute"),
                stage_attribute: layers.plain("connections.stage-attribute"),
            },
            key_name: layers.text("customers.key-name").map(|name| name.value),
            read_unit_price: layers.get("prices.million-read-units").and_then(Setting::number),
            moves: moves(&layers),
            production_tag: layers.text("production-tag").and_then(|tag| tag.value.parse().ok()),
            team: layers.text("team.table").map(|table| TeamSettings {
                table: table.value,
                lease: layers.duration("team.lease").max(SHORTEST_LEASE),
            }),
            layers,
        })
    }

    /// The endpoint to name to AWS's SDK: none where the SDK reads the same variable by itself, so that
    /// variables for single services keep their precedence.
    pub fn explicit_endpoint_url(&self) -> Option<&str> {
        self.endpoint_url.as_ref().and_then(Sourced::unless_aws)
    }

    /// Every value by name, as a file would spell it, with where it comes from.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Value, &Origin)> {
        self.layers
            .in_order()
            .into_iter()
            .map(|setting| (setting.name.as_str(), &setting.value, &setting.origin))
    }
}

fn router(layers: &Layers) -> RouterSettings {
    let cells = layers.get("router.cells").map(Setting::texts).unwrap_or_default();
    RouterSettings {
        cache_ttl: layers.get("router.cache-ttl").map(|_| layers.duration("router.cache-ttl")),
        unmapped: layers.text("router.unmapped").and_then(|text| text.value.parse().ok()),
        hash: layers.text("router.hash").and_then(|text| text.value.parse().ok()),
        cells: cells.iter().map(CellId::new).collect(),
    }
}

fn router_stage(layers: &Layers) -> Option<StageReference> {
    let text = |name: &str| layers.text(name).map(|text| text.value).filter(|text| !text.is_empty());
    Some(StageReference { api: text("router.api")?, stage: text("router.stage")? })
}

fn moves(layers: &Layers) -> MoveSettings {
    let text = |name: &str| layers.text(name).map(|text| text.value).filter(|text| !text.is_empty());
    let stateless = |place: &usize| {
        let own = layers.get(&format!("cells.configured[{place}].stateless"));
        own.is_some_and(|setting| setting.value == Value::Boolean(true))
    };
    let id = |place: usize| {
        layers.get(&format!("cells.configured[{place}].id")).and_then(Setting::text).map(|id| id.value)
    };
    let stateless_cells = (0..layers.entries("cells.configured")).filter(stateless).filter_map(id);
    let number = |name: &str| layers.get(name).and_then(Setting::number).unwrap_or(1.0);
    let seconds = |name: &str| u32::try_from(layers.duration(name).as_secs()).unwrap_or(u32::MAX);
    MoveSettings {
        fence: Fence { version: text("mapping.version-attribute"), epoch: text("mapping.epoch-attribute") },
        stamp: Stamp {
            change: text("mapping.moved-by-change-attribute"),
            at: text("mapping.moved-at-attribute"),
            by: text("mapping.moved-by-attribute"),
        },
        rate: number("moves.rate").max(0.1),
        range: whole(number("moves.range"), 1_000),
        at_once: whole(number("moves.at-once"), 64),
        gate: layers.plain("moves.gate"),
        gate_minutes: seconds("moves.gate-lasting").div_ceil(60).max(1),
        router_cache_seconds: layers
            .get("router.cache-ttl")
            .map_or(ROUTER_CACHE_SECONDS, |_| seconds("router.cache-ttl")),
        stateless: layers.flag("cells.stateless"),
        stateless_cells: stateless_cells.map(CellId::new).collect(),
        key_name: text("customers.key-name"),
        hooks: HookSettings {
            before: layers.get("moves.before-wave").map(Setting::texts).unwrap_or_default(),
            after: layers.get("moves.after-wave").map(Setting::texts).unwrap_or_default(),
            limit: layers.duration("moves.hook-timeout"),
        },
        placement: text("placement.table").map(|table| PlacementSettings {
            table,
            cell_attribute: layers.plain("placement.cell-attribute"),
            closed_attribute: layers.plain("placement.closed-attribute"),
        }),
    }
}

/// From 1 to `most`.
fn whole(number: f64, most: u32) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    let whole = number.clamp(1.0, f64::from(most)) as u32;
    whole
}

fn cells(layers: &Layers, regions: &[RegionSettings]) -> CellSettings {
    let configured = (0..layers.entries("cells.configured"))
        .map(|place| {
            let own = |name: &str| layers.get(&format!("cells.configured[{place}].{name}"));
            ConfiguredCell {
                id: CellId::new(own("id").and_then(Setting::text).map(|id| id.value).unwrap_or_default()),
                capacity: own("capacity").and_then(Setting::number),
                customers: own("customers").and_then(Setting::number).map(count),
                connections: own("connections").and_then(Setting::number).map(count),
                apis: own("apis").map(Setting::texts).unwrap_or_default(),
            }
        })
        .collect();
    CellSettings {
        configured,
        tag: layers.plain("cells.tag"),
        stage_variable: layers.plain("cells.stage-variable"),
        api_name: layers.plain("cells.api-name"),
        id_pattern: layers.plain("cells.id-pattern"),
        web_acl: layers.plain("cells.web-acl"),
        of_regions: regions.iter().map(|region| region.cells.clone()).collect(),
    }
}

/// A number that was read as a whole one above 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "read as a whole number above 0")]
fn count(number: f64) -> u64 {
    number as u64
}
