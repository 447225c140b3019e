//! What may go wrong in a scenario. Sizes are told in relation to the cell that is hit, so that a scenario is as hard
//! in a small region as in a large one.

use serde::Deserialize;

/// The API of the cast that a step is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The cell's REST API.
    #[default]
    Api,
    /// The cell's HTTP API.
    Http,
    /// The shared API that says which cell serves a customer.
    Router,
}

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Action {
    /// A new deployment goes live on `prod` of the cell's REST API.
    Release {
        #[serde(default = "one")]
        slowness: f64,
        /// The share of requests that its code fails.
        #[serde(default)]
        server_errors: f64,
        /// Methods that it lacks: `POST /orders`. Those that the API doesn't have are no matter.
        #[serde(default)]
        missing: Vec<String>,
        /// Seconds for which the authorizers' decisions are kept, here and in what would be deployed next.
        authorizer_ttl: Option<u32>,
    },
    /// The customer sends so much that it fills this share of its cell's capacity, beside the others.
    Customer { fills: f64 },
    /// All customers of the cell send so much that they fill this share of its capacity together.
    Cell { fills: f64 },
    /// A flood on an open method of the cell's REST API, of this share of the cell's capacity.
    Flood { fills: f64, network: String, addresses: u32, country: Country },
    /// The cell's backend.
    Backend {
        /// The share of what reached it before the onset that it bears now; as much as ever where nothing is said.
        bears: Option<f64>,
        /// Factor on the time that a request takes.
        #[serde(default = "one")]
        slowness: f64,
        /// The share of requests that fail.
        #[serde(default)]
        server_errors: f64,
    },
    /// The function behind the REST API's authorizer bears this share of a call for each of the API's requests.
    Authorizer { bears: f64 },
    /// `UpdateStage`: the throttle of `prod`.
    Throttle {
        #[serde(default)]
        stage: Part,
        rate: f64,
        burst: i64,
    },
    /// `UpdateUsagePlan`: the throttle of the customer's plan.
    PlanThrottle { rate: f64, burst: i64 },
    /// `UpdateStage`: how long `prod` keeps answers; turns the cache on where it is off.
    CacheTtl {
        #[serde(default)]
        stage: Part,
        seconds: u32,
    },
    /// Writes of the mapping table: this share of the cell's customers move to the other cells, evenly.
    MoveCustomers { share: f64 },
    /// `UpdateUsage`: nothing is left of the customer's quota.
    UseUpQuota {},
    /// `UpdateTable`: the mapping table gets a fixed capacity, as a share of what the router would read without its
    /// cache; at least one unit.
    TableUnits { reads: f64 },
    /// The vendor moves the default version of its rule group on. No call of the account does that.
    ManagedRules { group: String, version: String },
    /// A canary is on the cell's `prod`, and a pipeline that wants its deployment live tries to put it there, so often
    /// a second, without end.
    Pipeline { attempts_per_second: f64 },
}

/// Where a flood comes from. AWS WAF knows countries by two letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Country {
    Br,
    Ru,
    Us,
    Vn,
}

impl Country {
    /// Two capital letters.
    pub fn code(self) -> &'static str {
        match self {
            Self::Br => "BR",
            Self::Ru => "RU",
            Self::Us => "US",
            Self::Vn => "VN",
        }
    }
}

fn one() -> f64 {
    1.0
}
