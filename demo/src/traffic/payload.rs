//! What requests carry: paths with their parameters filled in, bodies and answers.

use crate::estate::RouteKey;
use crate::ledger::Outcome;

/// The share of orders that have many positions: bodies beyond the 8 KB that AWS's managed WAF rules bear.
pub const LARGE_ORDERS: f64 = 0.25;
/// Bytes of a large body.
const LARGE_BODY: std::ops::Range<f64> = 9_000.0..12_000.0;
/// Bytes of any other body.
const BODY: std::ops::Range<f64> = 240.0..1_900.0;

/// The path of a request to a route; `point`, from 0 up to 1, says to which of its things.
pub fn path(key: &RouteKey, customer_id: Option<&str>, point: f64) -> String {
    let Some((_, template)) = key.http() else { return "/".to_owned() };
    let mut path = String::with_capacity(template.len() + 8);
    for part in template.split('/').skip(1) {
        path.push('/');
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            None => path.push_str(part),
            Some(name) => path.push_str(&parameter(name.trim_end_matches('+'), customer_id, point)),
        }
    }
    if path.is_empty() { "/".to_owned() } else { path }
}

fn parameter(name: &str, customer_id: Option<&str>, point: f64) -> String {
    // Few things are asked for by many, most by few.
    let number = super::chance::whole(1.0 + 40_000.0 * point * point * point);
    match (name, customer_id) {
        ("customerId" | "tenantId", Some(id)) => id.to_owned(),
        ("customerId" | "tenantId", None) => format!("customer-{number:05}"),
        ("provider", _) => {
            ["cards", "wallet", "parcels", "courier"][usize::try_from(number % 4).unwrap_or(0)].to_owned()
        }
        ("component", _) => {
            ["checkout", "orders", "search"][usize::try_from(number % 3).unwrap_or(0)].to_owned()
        }
        ("sku", _) => format!("SKU-{number:06}"),
        _ => format!("{}-{number:06}", name.strip_suffix("Id").unwrap_or(name)),
    }
}

/// Whether some of a route's bodies are large.
pub fn has_large_bodies(key: &RouteKey) -> bool {
    key.http() == Some(("POST", "/orders"))
}

/// Bytes of a request's body, of the large ones of a route or of the others.
pub fn body_bytes(key: &RouteKey, large: bool, point: f64) -> u32 {
    let writes = key.http().is_none_or(|(verb, _)| matches!(verb, "POST" | "PUT" | "PATCH"));
    match (writes, large) {
        (false, _) => 0,
        (true, true) => within(&LARGE_BODY, point),
        (true, false) => within(&BODY, point),
    }
}

/// Bytes of an answer.
pub fn answer_bytes(outcome: Outcome, point: f64) -> u32 {
    if outcome.is_served() { within(&(300.0..3_300.0), point) } else { within(&(23.0..60.0), point) }
}

/// Bytes of an average answer.
pub fn average_answer_bytes(outcome: Outcome) -> u64 {
    u64::from(answer_bytes(outcome, 0.5))
}

fn within(range: &std::ops::Range<f64>, point: f64) -> u32 {
    let bytes = range.start + (range.end - range.start) * point.clamp(0.0, 1.0);
    u32::try_from(super::chance::whole(bytes)).unwrap_or(u32::MAX)
}
