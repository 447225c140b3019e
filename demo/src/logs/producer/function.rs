//! What the router's functions write of each call, and what Lambda writes around it.

use jiff::tz::TimeZone;

use super::context::{Scene, related_id};
use crate::ledger::{Outcome, Request};

/// The log group that Lambda makes for a function, by its ARN.
pub fn group_name(function_arn: &str) -> Option<String> {
    let (_, name) = function_arn.rsplit_once(":function:")?;
    Some(format!("/aws/lambda/{}", name.split(':').next().unwrap_or(name)))
}

/// The stream of the execution environment that took the request: a new one each hour or so.
pub fn stream(name: &str, request: &Request, bits: u128) -> String {
    let day = request.time.to_zoned(TimeZone::UTC).strftime("%Y/%m/%d").to_string();
    let hour = request.time.as_second().div_euclid(3_600);
    let instance = (bits >> 96) % 4;
    let seed = name.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let word = seed
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(hour.unsigned_abs().wrapping_mul(0xbf58_476d_1ce4_e5b9))
        .wrapping_add(u64::try_from(instance).unwrap_or(0).wrapping_mul(0x94d0_49bb_1331_11eb));
    format!("{day}/[$LATEST]{word:016x}{:016x}", word.rotate_left(29))
}

/// Writes the lines of a call of this function, if the request came to it.
pub fn write(scene: &Scene<'_>, name: &str, lines: &mut Vec<String>) {
    let is_mine = scene
        .method
        .and_then(|method| group_name(&method.integration.function_arn))
        .is_some_and(|group| group.strip_prefix("/aws/lambda/") == Some(name));
    let Some(latency) = scene.request.integration_latency_ms.filter(|_| is_mine) else { return };
    let id = related_id(scene, 'b');
    lines.push(format!("START RequestId: {id} Version: $LATEST"));
    let path = &scene.request.path;
    let said = match scene.request.outcome {
        Outcome::CellFull => {
            Some(("WARN", "the cell is at its capacity, the customer shall come again later"))
        }
        Outcome::ServerError => Some(("ERROR", "the lookup failed")),
        Outcome::ClientError => Some(("WARN", "not found")),
        Outcome::TimedOut => None,
        _ => Some(("INFO", "answered")),
    };
    if let Some((level, text)) = said {
        lines.push(format!("[{level}] {id} {path} {} {text}", scene.request.status));
    } else {
        lines.push(format!(
            "{} {id} Task timed out after {:.2} seconds",
            scene.request.time,
            latency / 1_000.0
        ));
    }
    lines.push(format!("END RequestId: {id}"));
    lines.push(format!(
        "REPORT RequestId: {id}\tDuration: {latency:.2} ms\tBilled Duration: {:.0} ms\tMemory Size: 256 MB\tMax Memory Used: 94 MB",
        latency.ceil()
    ));
}
