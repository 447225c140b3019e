//! Identifiers as AWS makes them: lower-case letters and digits.

use rand::Rng;

const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// The length of the id of an API or of an API key.
pub const LONG: usize = 10;
/// The length of the id of a resource, a deployment, an authorizer, a route or a plan.
pub const SHORT: usize = 6;

/// An id of this length, beginning with a letter or a digit.
pub fn random(rng: &mut impl Rng, length: usize) -> String {
    (0..length).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

/// The secret value of an API key: forty letters and digits.
pub fn secret(rng: &mut impl Rng) -> String {
    rng.sample_iter(rand::distr::Alphanumeric).take(40).map(char::from).collect()
}
