//! Reading the estate, piece by piece: rows appear as they arrive, and a failing call marks its row.
//!
//! Lists come first, since everything else hangs on them; then what each API has. The limiter
//! below decides the pace and the order: what is on screen goes ahead of what isn't.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use tokio::sync::mpsc::UnboundedSender;

use crate::aws::{Mode, Priority, Session};
use crate::domain::api::{Api, ApiFamily};
use crate::domain::cell::{self, CellSettings};
use crate::domain::connection::ConnectionSettings;
use crate::domain::estate::RegionSlot;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::{ApiId, ApiKeyId, CellId};
use crate::domain::inventory::{Generation, News, Update};
use crate::domain::ip_set::IpSetDocument;
use crate::domain::mapping::{CellCount, MappingSettings, MappingTable};
use crate::domain::usage_plan::UsagePlan;
use crate::domain::web_acl::WebAclDocument;

use super::clock::Clock;
use super::signals::{BLOCKED_METRIC, CELL_NAMESPACE, WAF_NAMESPACE};
use super::{api_keys, private_access, waf};

/// How many APIs are being read at once. The limiter sets the pace; this bounds what waits in it.
const AT_ONCE: usize = 8;

/// Where news goes as it arrives.
pub type Sink = UnboundedSender<Update>;

/// What to read.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Everything that the first screen and its lists need: APIs, their stages, the account's
    /// throttle, usage plans, the mapping table, which cells publish metrics.
    Overview,
    /// What the rows of the fleet are made of: APIs, their stages, the mapping table, which cells
    /// publish metrics.
    Fleet,
    /// The lists of APIs alone.
    Apis,
    /// The lists of APIs, and the stages of each.
    ApisAndStages,
    UsagePlans,
    ApiKeys,
    /// The usage plans of these keys: a request a key.
    PlansOfKeys(Vec<ApiKeyId>),
    /// What a key used of these plans in their running periods: a request a plan.
    UsageOfKey(ApiKeyId, Vec<UsagePlan>),
    /// What the keys with these ids used of these plans in their running periods: a request a plan.
    UsageOfPlans(Vec<UsagePlan>, BTreeSet<ApiKeyId>),
    /// Each with its rules: a request for the list, and one a web ACL.
    WebAcls,
    /// Each with its addresses: a request for the list, and one an IP set.
    IpSets,
    /// Custom domain names, each with its paths: two lists, and a request a domain.
    Domains,
    VpcLinks,
    /// All that hangs on one API: stages, deployments, operations, authorizers.
    Api(Family),
    Stages(Family),
    Deployments(Family),
}

/// An API with the control plane that answers for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    pub api: ApiId,
    pub family: ApiFamily,
}

impl Family {
    pub fn of(api: &Api) -> Self {
        Self { api: api.id.clone(), family: api.kind.family() }
    }
}

/// Whose news it will be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub slot: RegionSlot,
    pub generation: Generation,
}

/// The parts of the configuration that reading needs.
#[derive(Clone, Debug, PartialEq)]
pub struct InventorySettings {
    pub mapping: MappingSettings,
    pub cells: CellSettings,
    pub connections: ConnectionSettings,
}

/// Reads what was asked for. It never fails as a whole: a failure is a piece of news.
pub async fn read<M: Mode>(
    session: &Session<M>,
    request: Request,
    place: Place,
    settings: &InventorySettings,
    clock: &Clock,
    sink: &Sink,
) {
    let reader = Reader { session, place, settings, clock, sink };
    match request {
        Request::Overview => {
            tokio::join!(reader.fleet(), reader.account_throttle(), reader.usage_plans());
        }
        Request::Fleet => Box::pin(reader.fleet()).await,
        Request::Apis => drop(reader.apis().await),
        Request::ApisAndStages => reader.apis_and_stages().await,
        Request::UsagePlans => reader.usage_plans().await,
        Request::ApiKeys => reader.tell(News::ApiKeys(api_keys::read_api_keys(session).await.into())),
        Request::PlansOfKeys(keys) => Box::pin(reader.plans_of_keys(&keys)).await,
        Request::UsageOfKey(key, plans) => {
            let outcome = api_keys::usage_of_key(session, &key, &plans, clock.now()).await;
            reader.tell(News::UsageOfKey { key, outcome });
        }
        Request::UsageOfPlans(plans, known) => Box::pin(reader.usage_of_plans(&plans, &known)).await,
        Request::WebAcls => Box::pin(reader.web_acls()).await,
        Request::IpSets => Box::pin(reader.ip_sets()).await,
        Request::Domains => {
            reader.tell(News::Domains(Box::pin(private_access::read_mapped_domains(session)).await.into()));
        }
        Request::VpcLinks => {
            reader.tell(News::VpcLinks(private_access::read_vpc_links(session).await.into()));
        }
        Request::Api(family) => {
            tokio::join!(
                reader.stages(session, &family),
                reader.deployments(&family),
                reader.operations(&family),
                reader.authorizers(&family),
            );
        }
        Request::Stages(family) => reader.stages(session, &family).await,
        Request::Deployments(family) => reader.deployments(&family).await,
    }
}

struct Reader<'read, M: Mode> {
    session: &'read Session<M>,
    place: Place,
    settings: &'read InventorySettings,
    clock: &'read Clock,
    sink: &'read Sink,
}

impl<M: Mode> Reader<'_, M> {
    /// A face that has gone away doesn't want the rest; the session's cancellation ends the work.
    fn tell(&self, news: News) {
        let _ = self.sink.send(Update { slot: self.place.slot, at: self.clock.now(), news });
    }

    async fn fleet(&self) {
        tokio::join!(self.apis_and_stages(), self.mapping(), self.metric_cells(), self.blocking_cells());
    }

    async fn apis_and_stages(&self) {
        let families = self.apis().await;
        let background = self.session.with_priority(Priority::Hidden);
        stream::iter(families)
            .for_each_concurrent(AT_ONCE, |family| {
                let background = background.clone();
                async move { self.stages(&background, &family).await }
            })
            .await;
    }

    /// Both lists at once; gives every API that was seen, even where a list broke off.
    async fn apis(&self) -> Vec<Family> {
        let mut rest = Vec::new();
        let mut v2 = Vec::new();
        tokio::join!(
            async {
                let outcome = self.session.rest_apis(|page| self.take_page(page, &mut rest)).await;
                self.listed(ApiFamily::V1, outcome);
            },
            async {
                let outcome = self.session.v2_apis(|page| self.take_page(page, &mut v2)).await;
                self.listed(ApiFamily::V2, outcome);
            },
        );
        rest.append(&mut v2);
        rest
    }

    fn take_page(&self, page: Vec<Api>, seen: &mut Vec<Family>) {
        seen.extend(page.iter().map(Family::of));
        self.tell(News::ApiPage { generation: self.place.generation, apis: page });
    }

    fn listed(&self, family: ApiFamily, outcome: Result<(), Failure>) {
        self.tell(News::ApisListed { generation: self.place.generation, family, outcome });
    }

    async fn stages(&self, session: &Session<M>, of: &Family) {
        let outcome = match of.family {
            ApiFamily::V1 => session.rest_stages(&of.api).await,
            ApiFamily::V2 => session.v2_stages(&of.api).await,
        };
        self.tell(News::Stages { api: of.api.clone(), outcome });
    }

    async fn deployments(&self, of: &Family) {
        let outcome = match of.family {
            ApiFamily::V1 => self.session.rest_deployments(&of.api).await,
            ApiFamily::V2 => self.session.v2_deployments(&of.api).await,
        };
        self.tell(News::Deployments { api: of.api.clone(), outcome });
    }

    async fn operations(&self, of: &Family) {
        let outcome = match of.family {
            ApiFamily::V1 => self.session.rest_operations(&of.api).await,
            ApiFamily::V2 => self.session.v2_operations(&of.api).await,
        };
        self.tell(News::Operations { api: of.api.clone(), outcome });
    }

    async fn authorizers(&self, of: &Family) {
        let outcome = match of.family {
            ApiFamily::V1 => self.session.rest_authorizers(&of.api).await,
            ApiFamily::V2 => self.session.v2_authorizers(&of.api).await,
        };
        self.tell(News::Authorizers { api: of.api.clone(), outcome });
    }

    async fn account_throttle(&self) {
        self.tell(News::AccountThrottle(self.session.account_throttle().await));
    }

    async fn usage_plans(&self) {
        let mut plans = Vec::new();
        let outcome = self.session.usage_plans(|mut page| plans.append(&mut page)).await;
        self.tell(News::UsagePlans(outcome.map(|()| plans)));
    }

    /// A few keys at a time, so that what is known grows on screen. The first failure ends it: what one key
    /// was denied, the others are.
    async fn plans_of_keys(&self, keys: &[ApiKeyId]) {
        let background = self.session.with_priority(Priority::Hidden);
        for some in keys.chunks(AT_ONCE) {
            let (plans, failures) = api_keys::plans_of_keys(&background, some).await;
            let failure = failures.into_iter().next();
            let broken = failure.is_some();
            self.tell(News::PlansOfKeys { plans, failure });
            if broken {
                return;
            }
        }
    }

    /// The first failure ends it: what one plan was denied, the others are.
    async fn usage_of_plans(&self, plans: &[UsagePlan], known: &BTreeSet<ApiKeyId>) {
        let background = self.session.with_priority(Priority::Hidden);
        for plan in plans {
            let outcome = api_keys::usage_of_plan(&background, plan, known, self.clock.now()).await;
            let broken = outcome.is_err();
            self.tell(News::UsageOfPlan { plan: plan.id.clone(), outcome });
            if broken {
                return;
            }
        }
    }

    async fn web_acls(&self) {
        let show = |item: &WebAclDocument| self.tell(News::WebAcl(Arc::new(item.clone())));
        self.tell(News::WebAcls(waf::each_web_acl(self.session, show).await.into()));
    }

    async fn ip_sets(&self) {
        let show = |item: &IpSetDocument| self.tell(News::IpSet(Arc::new(item.clone())));
        self.tell(News::IpSets(waf::each_ip_set(self.session, show).await.into()));
    }

    async fn metric_cells(&self) {
        let metrics = self.session.list_metrics(CELL_NAMESPACE, "RequestCount").await;
        let cells = metrics.map(|metrics| {
            metrics
                .iter()
                .flat_map(|metric| &metric.dimensions)
                .filter(|(name, _)| name == "CellId")
                .map(|(_, cell)| cell.as_str().into())
                .collect()
        });
        self.tell(News::MetricCells(cells));
    }

    /// The cells whose web ACL has blocked something: what never did publishes nothing, and the question what it
    /// blocked would be billed all the same.
    async fn blocking_cells(&self) {
        let metrics = self.session.list_metrics(WAF_NAMESPACE, BLOCKED_METRIC).await;
        let cells = metrics.map(|metrics| {
            let dimensions = metrics.iter().flat_map(|metric| &metric.dimensions);
            let acls = dimensions.filter(|(name, _)| name == "WebACL").map(|(_, acl)| acl.as_str());
            acls.filter_map(|acl| cell::cell_of_web_acl(acl, &self.settings.cells)).collect()
        });
        self.tell(News::BlockingCells(cells));
    }

    /// Open connections of each cell, where the table of connections has an index on it. A scan would cost more
    /// than the figure is worth, and an account without such a table has nothing to count.
    async fn connections(&self, cells: &[CellId]) {
        let settings = &self.settings.connections;
        let background = self.session.with_priority(Priority::Hidden);
        let index = match background.connections_index(settings).await {
            Ok(Some(index)) => index,
            Ok(None) => return,
            Err(failure) => {
                let matters = !matches!(failure.kind, FailureKind::NotFound | FailureKind::AccessDenied);
                if matters {
                    self.tell(News::ConnectionCounts(Err(failure)));
                }
                return;
            }
        };
        let mut counts = Vec::with_capacity(cells.len());
        for cell in cells {
            match background.count_connections(settings, &index.name, cell).await {
                Ok(count) => counts.push(CellCount { cell: cell.clone(), count: Some(count) }),
                // What one cell was denied, the others are.
                Err(failure) => return self.tell(News::ConnectionCounts(Err(failure))),
            }
        }
        self.tell(News::ConnectionCounts(Ok(counts)));
    }

    /// The table's description, then the cells that a sample of it names, with a count of each. The
    /// sample is small, since the router reads the same table; the counts come from the index, whose
    /// capacity is its own.
    async fn mapping(&self) {
        let mapping = &self.settings.mapping;
        let table = self.session.describe_table(mapping).await;
        self.tell(News::MappingTable(table.clone()));
        let Ok(table) = table else { return };
        if let Err(failure) = check_key(mapping, &table) {
            self.tell(News::CellCounts(Err(failure)));
            return;
        }
        match self.session.mapped_cells(mapping).await {
            Ok(cells) => {
                tokio::join!(self.connections(&cells), self.count_customers(&table, cells.clone()));
            }
            Err(failure) => self.tell(News::CellCounts(Err(failure))),
        }
    }

    /// A count that fails leaves its cell uncounted and is told; the others stand.
    async fn count_customers(&self, table: &MappingTable, cells: Vec<CellId>) {
        let background = self.session.with_priority(Priority::Hidden);
        let mut counts = Vec::with_capacity(cells.len());
        let mut failed = None;
        for cell in cells {
            let count = background.count_customers(&self.settings.mapping, table, &cell).await;
            let count = count.unwrap_or_else(|failure| {
                failed = Some(failure);
                None
            });
            counts.push(CellCount { cell, count });
        }
        self.tell(News::CellCounts(Ok(counts)));
        if let Some(failure) = failed {
            self.tell(News::CellCounts(Err(failure)));
        }
    }
}

/// # Errors
/// Where the table's key is not the attribute that the configuration names.
pub fn check_key(mapping: &MappingSettings, table: &MappingTable) -> Result<(), Failure> {
    let wrong = table.partition_key.as_deref().filter(|key| *key != mapping.customer_attribute);
    let Some(key) = wrong else { return Ok(()) };
    let message = format!("its partition key is {key}, not {}", mapping.customer_attribute);
    Err(Failure::new("DescribeTable", &mapping.table, FailureKind::Configuration, &message)
        .with_hint("set mapping.customer-attribute to the table's key"))
}
