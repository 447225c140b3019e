//! What single customers send, as far as their API keys tell, and who sends most.

use std::collections::HashMap;

use super::selection::at_random;
use crate::domain::api_key::{ApiKey, KeyUsage};
use crate::domain::id::ApiKeyId;
use crate::domain::text::sanitise;

/// Requests of each customer in some time, by their id as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsedByCustomer(HashMap<String, u64>);

impl UsedByCustomer {
    /// Of the usage of keys. A key is that of the customer whose id it bears or, where it bears none, of the one whom
    /// its name holds in the place of `{CustomerId}`.
    pub fn of(keys: &[ApiKey], key_name: Option<&str>, usage: &[KeyUsage]) -> Self {
        let parts = key_name.and_then(|name| name.split_once("{CustomerId}"));
        let mut holders: HashMap<&ApiKeyId, &str> = HashMap::new();
        let mut used: HashMap<String, u64> = HashMap::new();
        for key in keys {
            let named = || {
                let (before, after) = parts?;
                key.name.strip_prefix(before)?.strip_suffix(after).filter(|id| !id.is_empty())
            };
            if let Some(customer) = key.customer_id.as_deref().or_else(named) {
                holders.insert(&key.id, customer);
                // A key that is on a plan and was not used is told of by no figure.
                used.entry(customer.to_owned()).or_default();
            }
        }
        for of_key in usage {
            let holder = of_key.key.as_ref().and_then(|key| holders.get(key));
            if let Some(used) = holder.and_then(|customer| used.get_mut(*customer)) {
                *used = used.saturating_add(u64::try_from(of_key.used()).unwrap_or(0));
            }
        }
        Self(used)
    }

    /// None where no key is this customer's.
    pub fn get(&self, customer: &str) -> Option<u64> {
        self.0.get(&*sanitise(customer)).copied()
    }
}

/// So many customers, those that sent most first. Those of whom nothing is known come last, at random.
pub fn heaviest(customers: Vec<String>, used: &UsedByCustomer, count: usize, seed: u64) -> Vec<String> {
    let mut customers = at_random(customers, usize::MAX, seed);
    customers.sort_by_key(|customer| std::cmp::Reverse(used.get(customer)));
    customers.truncate(count);
    customers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, name: &str, customer: Option<&str>) -> ApiKey {
        ApiKey {
            id: id.into(),
            name: name.to_owned(),
            description: None,
            customer_id: customer.map(str::to_owned),
            enabled: true,
            created: None,
            last_updated: None,
            stages: Vec::new(),
            tags: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn the_usage_of_all_keys_of_a_customer_counts() {
        let keys = [
            key("k1", "premium-01", Some("acme")),
            key("k2", "acme-key", None),
            key("k3", "small-key", None),
            key("k4", "-key", None),
            key("k5", "shop", None),
        ];
        let start = "2026-11-20".parse().unwrap();
        let usage = |key: &str, days: &[i64]| {
            let days: Vec<Vec<i64>> = days.iter().map(|used| vec![*used, 0]).collect();
            KeyUsage::from_days(Some(key.into()), start, &days)
        };
        let used = UsedByCustomer::of(
            &keys,
            Some("{CustomerId}-key"),
            &[usage("k1", &[5, 7]), usage("k2", &[1]), usage("k5", &[1_000])],
        );
        assert_eq!(used.get("acme"), Some(13));
        assert_eq!(used.get("small"), Some(0), "a key, and no usage");
        assert_eq!(used.get("unheard-of"), None);
        let all = ["a", "small", "acme", "b"].map(str::to_owned).to_vec();
        let chosen = heaviest(all.clone(), &used, 4, 7);
        assert_eq!(chosen[..2], ["acme", "small"], "those without a figure are last");
        assert_eq!(heaviest(all, &used, 4, 7), chosen, "the same seed, the same order");
    }
}
