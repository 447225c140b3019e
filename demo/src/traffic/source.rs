//! The sources that requests come from: customers known by name, crowds, callers of shared APIs, floods.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, PoisonError, RwLock};

use super::chance::{fraction, whole};
use super::population::{CustomerIndex, Population};
use crate::estate::Tier;
use crate::ledger::{Caller, Ledger, People, Person, Source, SourceId, Verdict, VerdictId};

/// Addresses of customers that are known by name. AWS and others don't route this network (RFC 2544, benchmarks).
const NAMED_NETWORK: (u32, u32) = (0xC612_0000, 17);
/// Addresses of everybody else: what mobile carriers use behind their own (RFC 6598).
const CROWD_NETWORK: (u32, u32) = (0x6440_0000, 22);
/// Where callers sit, and how many in a hundred.
const COUNTRIES: [(&str, u32); 10] = [
    ("DE", 30),
    ("FR", 16),
    ("NL", 12),
    ("GB", 10),
    ("ES", 8),
    ("IT", 8),
    ("AT", 6),
    ("PL", 5),
    ("SE", 3),
    ("US", 2),
];
const APPLICATIONS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    "ShopApp/7.2 (iPhone; iOS 19.1)",
    "ShopApp/7.2 (Android 16)",
    "ShopKiosk/3.4 (Linux)",
];
const INTEGRATION: &str = "shop-sdk-java/4.1";

/// A source as the simulation works with it; its place in [`Sources`] stays the same.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: SourceId,
    pub who: Who,
    /// The API key that its requests bring to methods that want one.
    pub key: Option<Arc<str>>,
    /// How many people are behind it, for what an authorizer remembers.
    pub identities: f64,
    pub addresses: u32,
    pub country: &'static str,
    pub user_agent: &'static str,
    /// The first address of its network, and the length of the prefix.
    pub network: (u32, u8),
}

/// What a source is to the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    Customer(CustomerIndex),
    Crowd {
        cell: u16,
        tier: Tier,
    },
    /// Customers that the router sent to the wrong cell.
    Astray,
    /// All customers of a cell, as the router meets them.
    Clients {
        cell: u16,
    },
    /// Callers of a shared API.
    Callers,
    Flood,
}

/// The place of an entry.
pub type SourceIndex = u32;

/// All sources, and who is behind each. Shared with the ledger, which asks for single people.
#[derive(Clone, Debug)]
pub struct Sources {
    ledger: Arc<Ledger>,
    /// The verdict on requests that no web ACL looked at.
    pub unguarded: VerdictId,
    directory: Arc<Directory>,
    entries: Vec<Entry>,
}

/// Who is behind the ledger's sources.
#[derive(Debug)]
pub struct Directory {
    population: RwLock<Population>,
    sources: RwLock<HashMap<SourceId, Behind>>,
}

/// What is known of the people behind a source.
#[derive(Clone, Copy, Debug)]
struct Behind {
    who: Who,
    /// The first address of their network, and how many of its addresses they use.
    first: u32,
    addresses: u32,
}

impl Sources {
    /// No source yet.
    pub fn new(ledger: Arc<Ledger>, population: Population) -> Self {
        let directory =
            Arc::new(Directory { population: RwLock::new(population), sources: RwLock::default() });
        ledger.introduce(Arc::clone(&directory) as Arc<dyn People>);
        Self { unguarded: ledger.verdict_id(&Verdict::default()), ledger, directory, entries: Vec::new() }
    }

    /// The entry at this place.
    pub fn get(&self, place: SourceIndex) -> &Entry {
        &self.entries[place as usize]
    }

    /// One of the people behind a source.
    pub fn person(&self, source: SourceId, draw: &mut dyn FnMut() -> f64) -> Person {
        self.directory.draw(source, draw)
    }

    /// A customer who is known to be behind a source.
    pub fn customer(
        &self,
        source: SourceIndex,
        customer: CustomerIndex,
        draw: &mut dyn FnMut() -> f64,
    ) -> Person {
        let entry = self.get(source);
        if let Who::Customer(_) = entry.who {
            return self.person(entry.id, draw);
        }
        let population = self.directory.population.read().unwrap_or_else(PoisonError::into_inner);
        person(Some(population.id(customer)), address_of(customer))
    }

    /// The customers.
    pub fn population(&self) -> &RwLock<Population> {
        &self.directory.population
    }

    /// A customer that is known by name.
    pub fn add_customer(
        &mut self,
        customer: CustomerIndex,
        id: String,
        key: Option<Arc<str>>,
    ) -> SourceIndex {
        let spread = fraction(17, &id);
        let own_key = key.is_some();
        let first = NAMED_NETWORK.0 + (customer.wrapping_mul(16) & ((1 << NAMED_NETWORK.1) - 1));
        self.add(Who::Customer(customer), Caller::Customer(id), |entry| {
            entry.key = key;
            entry.identities = 40.0;
            entry.addresses = if own_key { 4 } else { 1 };
            entry.country = country(spread);
            entry.user_agent = if own_key { INTEGRATION } else { application(spread) };
            entry.network = (first, 28);
        })
    }

    /// A crowd of customers of one cell and tier.
    pub fn add_crowd(
        &mut self,
        (cell, name): (u16, &str),
        tier: Tier,
        key: Option<Arc<str>>,
        customers: u32,
    ) -> SourceIndex {
        let caller = Caller::Crowd { cell: name.to_owned(), tier: tier.as_str() };
        let spread = fraction(18, &format!("{name} {}", tier.as_str()));
        self.add(Who::Crowd { cell, tier }, caller, |entry| {
            entry.key = key;
            entry.identities = f64::from(customers.max(1));
            entry.addresses = customers.max(1);
            entry.country = country(spread);
            entry.user_agent = APPLICATIONS[tier as usize];
        })
    }

    /// All customers of a cell as one, for the router or for another cell that they were sent to by mistake.
    pub fn add_all_of(&mut self, who: Who, name: &str, key: Option<Arc<str>>, customers: u32) -> SourceIndex {
        let tier = if who == Who::Astray { "misrouted" } else { "any" };
        self.add(who, Caller::Crowd { cell: name.to_owned(), tier }, |entry| {
            entry.key = key;
            entry.identities = f64::from(customers.max(1));
            entry.addresses = customers.max(1);
            entry.user_agent = APPLICATIONS[1];
        })
    }

    /// Callers of a shared API.
    pub fn add_callers(&mut self, name: &str, key: Option<Arc<str>>) -> SourceIndex {
        let first = NAMED_NETWORK.0 + 0x1_0000 + 256 * u32::try_from(self.entries.len() & 0xFF).unwrap_or(0);
        self.add(Who::Callers, Caller::Other(name.to_owned()), |entry| {
            entry.key = key;
            entry.identities = 200.0;
            entry.addresses = 60;
            entry.user_agent = INTEGRATION;
            entry.network = (first, 24);
        })
    }

    /// A flood from a network in CIDR notation; one that cannot be read is the example network of RFC 5737.
    pub fn add_flood(&mut self, flood: &super::disturbance::Flood, key: Option<Arc<str>>) -> SourceIndex {
        let (first, prefix) = network(&flood.network).unwrap_or((0xCB00_7100, 24));
        self.add(Who::Flood, Caller::Flood(flood.name.clone()), |entry| {
            entry.key = key;
            entry.identities = f64::from(flood.addresses.max(1));
            entry.addresses = flood.addresses.max(1);
            entry.country = flood.country;
            entry.user_agent = flood.user_agent;
            entry.network = (first, prefix);
        })
    }

    fn add(&mut self, who: Who, caller: Caller, fill: impl FnOnce(&mut Entry)) -> SourceIndex {
        let mut entry = Entry {
            id: SourceId(0),
            who,
            key: None,
            identities: 1.0,
            addresses: 1,
            country: COUNTRIES[0].0,
            user_agent: INTEGRATION,
            network: (CROWD_NETWORK.0, 10),
        };
        fill(&mut entry);
        let customers = match who {
            Who::Customer(_) => 1,
            Who::Callers | Who::Flood => 0,
            Who::Crowd { .. } | Who::Astray | Who::Clients { .. } => entry.addresses,
        };
        entry.id = self.ledger.add_source(Source {
            caller,
            api_key_id: entry.key.as_deref().map(str::to_owned),
            customers,
            addresses: entry.addresses,
            country: entry.country,
            user_agent: entry.user_agent,
        });
        let mut sources = self.directory.sources.write().unwrap_or_else(PoisonError::into_inner);
        sources.insert(entry.id, Behind { who, first: entry.network.0, addresses: entry.addresses });
        drop(sources);
        self.entries.push(entry);
        u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
    }
}

impl People for Directory {
    fn draw(&self, source: SourceId, draw: &mut dyn FnMut() -> f64) -> Person {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        let known = sources.get(&source).copied();
        drop(sources);
        let Some(Behind { who, first, addresses }) = known else {
            return Person { customer_id: None, client: IpAddr::V4(Ipv4Addr::from(0xCB00_7101)) };
        };
        let population = self.population.read().unwrap_or_else(PoisonError::into_inner);
        let one_of = |addresses: u32, draw: &mut dyn FnMut() -> f64| {
            first.wrapping_add(u32::try_from(whole(draw() * f64::from(addresses))).unwrap_or(0))
        };
        let customer = match who {
            Who::Customer(customer) => {
                let client = one_of(addresses, draw);
                return person(Some(population.id(customer)), client.wrapping_add(1));
            }
            Who::Crowd { cell, tier } => population.draw(cell, tier, draw),
            Who::Clients { cell } => {
                let tiers = Tier::ALL
                    .map(|tier| population.crowd(cell, tier).map_or(0.0, super::population::Crowd::demand));
                let mut point = draw() * tiers.iter().sum::<f64>();
                let tier = tiers.iter().position(|demand| {
                    point -= demand;
                    point < 0.0
                });
                population.draw(cell, Tier::ALL[tier.unwrap_or(0)], draw)
            }
            Who::Astray => {
                let count = super::as_count(population.len());
                (count > 0.0).then(|| u32::try_from(whole(draw() * count)).unwrap_or(0))
            }
            Who::Callers | Who::Flood => {
                let client = one_of(addresses, draw);
                return person(None, client.wrapping_add(1));
            }
        };
        match customer {
            Some(customer) => person(Some(population.id(customer)), address_of(customer)),
            None => person(None, one_of(addresses, draw)),
        }
    }
}

fn person(customer_id: Option<String>, client: u32) -> Person {
    Person { customer_id, client: IpAddr::V4(Ipv4Addr::from(client)) }
}

/// The address of a customer of a crowd: neighbours in number are none in the network.
fn address_of(customer: CustomerIndex) -> u32 {
    // An odd factor makes it one to one within the network.
    CROWD_NETWORK.0 + (customer.wrapping_mul(0x0001_9E35).wrapping_add(77) & ((1 << CROWD_NETWORK.1) - 1))
}

fn country(point: f64) -> &'static str {
    let mut point = whole(point * 100.0);
    for (country, share) in COUNTRIES {
        if point < u64::from(share) {
            return country;
        }
        point -= u64::from(share);
    }
    COUNTRIES[0].0
}

fn application(point: f64) -> &'static str {
    APPLICATIONS[usize::try_from(whole(point * 4.0)).unwrap_or(0).min(3)]
}

/// The first address of a network in CIDR notation, and the length of its prefix.
fn network(cidr: &str) -> Option<(u32, u8)> {
    let (address, prefix) = cidr.split_once('/')?;
    let address: Ipv4Addr = address.parse().ok()?;
    let prefix: u8 = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
    Some((u32::from(address), prefix))
}
