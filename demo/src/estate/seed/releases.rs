//! The deployments that an API has behind it.

use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use rand::rngs::StdRng;

use super::super::{Authorizer, Deployment, Method, MethodSnapshot, Release, id};

const NOTES: [&str; 12] = [
    "Validate the delivery date",
    "Return 409 for a cart that was checked out",
    "Raise the timeout of the order lookup",
    "Add the courier's position to the order",
    "Drop the deprecated price field",
    "Cache the product pages for five minutes",
    "Accept gift cards",
    "Correct the currency of refunds",
    "Log the correlation id",
    "Move to the new order function",
    "Tighten the request validator",
    "Translate the error messages",
];

/// Two to eight deployments over the last weeks, newest first. The newest serves all methods, the
/// oldest lacks the one or two that were added since.
pub fn history(
    methods: &[Method],
    authorizers: &[Authorizer],
    auto_deploys: bool,
    rng: &mut StdRng,
    now: Timestamp,
) -> Vec<Deployment> {
    let count = rng.random_range(2..=8);
    let first_build = rng.random_range(400..4_000);
    let mut age = SignedDuration::from_secs(rng.random_range(5_400..3 * 86_400));
    (0..count)
        .map(|index| {
            let missing =
                if index + 1 == count { rng.random_range(1..=2) } else { usize::from(index * 2 > count) };
            let kept = methods.len().saturating_sub(missing).max(1);
            let note = NOTES[rng.random_range(0..NOTES.len())];
            let created = now - age;
            age += SignedDuration::from_secs(rng.random_range(43_200..9 * 86_400));
            Deployment {
                id: id::random(rng, id::SHORT),
                description: format!("{note} (build {})", first_build + 7 * (count - index)),
                created,
                auto_deployed: auto_deploys,
                methods: methods[..kept].iter().map(MethodSnapshot::from).collect(),
                authorizers: authorizers.to_vec(),
                release: Release::SOUND,
            }
        })
        .collect()
}
