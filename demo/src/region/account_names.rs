//! What the region's accounts are called, and the access keys that tell them apart.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// The long-term key of an account's operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    pub id: String,
    pub secret: String,
}

/// The accounts and the key pairs that AWS's documentation shows as examples.
const DOCUMENTED: [(&str, &str, &str); 2] = [
    ("123456789012", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("111122223333", "AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"),
];
/// Further accounts of AWS's documentation, which gives no keys for them.
const FURTHER: [&str; 2] = ["444455556666", "777788889999"];

/// AWS: what a key id is made of after its prefix.
const KEY_LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The id of the account at this place, from 0: twelve digits.
pub fn account_id(place: usize) -> String {
    let documented = DOCUMENTED.iter().map(|(id, ..)| *id).chain(FURTHER).nth(place);
    documented.map_or_else(|| format!("2{place:011}"), str::to_owned)
}

/// The key of the account at this place: the documented one, or one that is always the same.
pub fn access_key(place: usize) -> AccessKey {
    if let Some((_, id, secret)) = DOCUMENTED.get(place) {
        return AccessKey { id: (*id).to_owned(), secret: (*secret).to_owned() };
    }
    let mut rng = StdRng::seed_from_u64(u64::try_from(place).unwrap_or(u64::MAX));
    let id = letters(&mut rng, 9);
    let secret = letters(&mut rng, 30);
    AccessKey { id: format!("AKIA{id}EXAMPLE"), secret: format!("{secret}EXAMPLEKEY") }
}

/// So many random letters and digits as key ids have.
pub fn letters(rng: &mut impl Rng, count: usize) -> String {
    (0..count).map(|_| char::from(KEY_LETTERS[rng.random_range(0..KEY_LETTERS.len())])).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_keys_are_well_formed_and_each_its_own() {
        let ids: HashSet<String> = (0..50).map(account_id).collect();
        assert!(ids.len() == 50 && ids.iter().all(|id| id.len() == 12), "{ids:?}");
        let keys: Vec<AccessKey> = (0..50).map(access_key).collect();
        assert_eq!(keys.iter().map(|key| &key.id).collect::<HashSet<_>>().len(), 50);
        assert!(keys.iter().all(|key| key.id.len() == 20 && key.secret.len() == 40));
        assert_eq!(access_key(7), keys[7]);
    }
}
